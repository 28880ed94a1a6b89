"""How the last validation of a trail's files by their digests ended, kept beside what the lake holds."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from sqlite3 import Connection
from typing import Any, Final

from sakimori.lake.manifest import Manifest

_NAME: Final = "validation:"
"""The beginning of the names under which they stand in the manifest's cursors."""
_PROOFS: Final = "proven-digests:"
"""Likewise of the digests that any of them proved."""
_FAULTS: Final = "faulty-files:"
"""Likewise of the files that any of them found wrong."""
_MOST_FAULTS: Final = 20_000
"""Files that are kept by name; of more, their number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Validation:
    """One trail in one account and Region. `state`: verified, partial or failed; both counts are of log files."""

    account: str
    region: str
    trail: str
    state: str
    verified_count: int
    listed_count: int
    at: datetime
    standing_faults: int = 0
    """Files that an earlier validation found wrong, and that this one did not read again: as long as there are any, it failed."""


@dataclass(frozen=True, slots=True)
class Weight:
    """What says that a file is right, or wrong: a digest with a valid signature, or one without; and the hash that it tells."""

    is_signed: bool
    content_hash: str

    def settles(self, fault: "Weight") -> bool:
        """Whether what says that the file is right now weighs as much as what said that it was wrong."""
        return self.is_signed or (not fault.is_signed and fault.content_hash in {"", self.content_hash})


@dataclass(frozen=True, slots=True, kw_only=True)
class Digests:
    """What a validation found of single digests, by the hash of their content: `log_counts` of all that it saw.

    `proven` are those whose signature and files it checked and found right, `sound` those with nothing wrong. `passed` and
    `faults` are files by their names, found right or wrong.
    """

    log_counts: Mapping[str, int]
    sound: frozenset[str] = frozenset()
    proven: frozenset[str] = frozenset()
    passed: Mapping[str, Weight] = field(default_factory=dict[str, Weight])
    faults: Mapping[str, Weight] = field(default_factory=dict[str, Weight])


def keep(manifest: Manifest, validation: Validation, digests: Digests | None = None) -> Validation:
    """Put it in the place of an earlier one of the same trail, account and Region; gives what stands now.

    Whoever looked without a key, or at a part, proves less, but takes no proof away: of digests that are the same letter by
    letter, and with whose files nothing is wrong, an earlier proof stands, with its time. A fault ends all of them, and
    stands itself until its file is read again and found right by what weighs as much.
    """
    place = f"{validation.account}:{validation.region}:{validation.trail}"
    with manifest.begin() as connection:
        known = _Known()
        if digests is not None:
            failed, faults = _with_faults(connection, _FAULTS + place, validation, digests)
            if validation.state != "failed":
                found = connection.execute("select value from log_cursor where name = ?", (_PROOFS + place,)).fetchone()
                known = _standing(json.loads(found[0]) if found else {}, digests)
            validation, known = _with(known, validation, digests)
            if failed is not None:
                validation = replace(validation, state="failed", at=failed.at, standing_faults=failed.standing_faults)
            _write(connection, _FAULTS + place, faults, validation.at.isoformat())
        value = json.dumps({**asdict(validation), "at": validation.at.isoformat()}, ensure_ascii=False)
        at = validation.at.isoformat()
        connection.executemany(
            "insert or replace into log_cursor values (?, ?, ?)",
            [(_NAME + place, value, at), (_PROOFS + place, json.dumps(known), at)],
        )
    return validation


def _with_faults(
    connection: Connection, name: str, validation: Validation, digests: Digests
) -> tuple[Validation | None, str]:
    """The failure that stands of earlier validations, if any; and all faults that are known now, as they are kept."""
    found = connection.execute("select value from log_cursor where name = ?", (name,)).fetchone()
    earlier: dict[str, Any] = json.loads(found[0]) if found else {"files": {}, "more": 0, "listed": 0}
    standing = {
        file: told
        for file, told in earlier["files"].items()
        if file not in digests.faults
        and not (file in digests.passed and digests.passed[file].settles(Weight(told[0], told[1])))
    }
    now = validation.at.isoformat()
    files = {**standing, **{file: [each.is_signed, each.content_hash, now] for file, each in digests.faults.items()}}
    # Of more than are kept by name, only a look at as much as then says that they are over.
    is_over = not standing and not digests.faults and validation.listed_count >= earlier["listed"]
    more = 0 if is_over else int(earlier["more"])
    kept = dict(list(files.items())[:_MOST_FAULTS])
    listed = max(validation.listed_count, int(earlier["listed"])) if files or more else 0
    text = json.dumps({"files": kept, "more": more + len(files) - len(kept), "listed": listed})
    if validation.state == "failed" or not (standing or more):
        return None, text
    at = min((datetime.fromisoformat(at) for *_, at in standing.values()), default=validation.at)
    return replace(validation, at=at, standing_faults=len(standing) + more), text


def _write(connection: Connection, name: str, value: str, at: str) -> None:
    connection.execute("insert or replace into log_cursor values (?, ?, ?)", (name, value, at))


_Known = dict[str, tuple[int, str]]
"""Log files of digests by the digest's hash, and when it was proven: "" where it never was."""


def _standing(earlier: Mapping[str, Any], digests: Digests) -> _Known:
    """What is known of earlier, and nothing speaks against it."""
    found = {each: (int(count), str(at)) for each, (count, at) in earlier.items()}
    # Whoever looked at a part says nothing of the rest; digests that nobody proved and nobody finds any more are over.
    is_part = any(at and each not in digests.log_counts for each, (_, at) in found.items())
    return {
        each: (count, at)
        for each, (count, at) in found.items()
        if (each in digests.sound if each in digests.log_counts else at or is_part)
    }


def _with(known: _Known, validation: Validation, digests: Digests) -> tuple[Validation, _Known]:
    """The validation with what stands of earlier ones, and all that is known."""
    now = validation.at.isoformat()
    seen = {each: (count, now if each in digests.proven else "") for each, count in digests.log_counts.items()}
    stood = {each: it for each, it in known.items() if it[1] and not seen.get(each, (0, ""))[1]}
    everything = {**known, **seen, **stood}
    if not stood:
        return validation, seen
    unproven = [count for count, at in everything.values() if not at]
    verified = sum(count for count, at in everything.values() if at)
    standing = replace(
        validation,
        state="partial" if unproven else "verified",
        verified_count=verified,
        listed_count=verified + sum(unproven),
        at=min(datetime.fromisoformat(at) for _, at in everything.values() if at),
    )
    return standing, everything


def validations(manifest: Manifest) -> tuple[Validation, ...]:
    """The last one of every trail, account and Region."""
    rows = manifest.query("select value from log_cursor where substr(name, 1, ?) = ? order by name", len(_NAME), _NAME)
    found: list[dict[str, Any]] = [json.loads(value) for (value,) in rows]
    times = [datetime.fromisoformat(each.pop("at")) for each in found]
    return tuple(Validation(**each, at=at) for each, at in zip(found, times, strict=True))
