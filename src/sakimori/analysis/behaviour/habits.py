"""Habits: for every principal, account and address what was ever seen of it on which day. Learnt part by part, kept in one file.

The file is derived from the lake: deleted, it is learnt anew. A part that is compacted away and looked at again under
another name changes nothing, for only first and last moments are kept.
"""
# pyright: basic

import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import closing
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

from sakimori.analysis.behaviour.dimensions import coded_dimension, columns_of
from sakimori.analysis.behaviour.roots import ISSUING_COLUMNS, Issued, Roots, issued_in, own_name
from sakimori.analysis.facts.answers import FactAnswers
from sakimori.analysis.facts.fact import Surroundings
from sakimori.analysis.log_forms.cloudtrail import FORM
from sakimori.analysis.log_forms.coding import Coded, different
from sakimori.analysis.log_forms.rows import Rows
from sakimori.lake.engines.log_columns import JoinedGroup, joined_groups
from sakimori.lake.instants import MICROS_A_DAY
from sakimori.lake.log_parts import LogPart
from sakimori.state.write_ahead import write_ahead

_SCHEMA: Final = """
create table if not exists learnt (part text not null, what text not null, primary key (part, what)) without rowid;
create table if not exists habit (key integer not null, day integer not null, first_at integer not null,
  primary key (key, day)) without rowid;
create table if not exists known_since (key integer primary key, first_at integer not null);
create table if not exists issued (key text primary key, principal text not null, issuer_key text not null) without rowid;
create table if not exists told (name text primary key, value text not null) without rowid;
"""
"""A `key` is a digest of 64 bits of what was seen of whom: names would make the file ten times as large."""
_ISSUED: Final = "issued keys"
_PARTS_A_TRANSACTION: Final = 64
_WHO: Final = (
    FORM.table.time,
    "account_id",
    *FORM.principal,
    "user_identity_arn",
    "user_identity_access_key_id",
    "source_ip",
)
_REMEMBERED: Final = 500_000
_ODD: Final = 0x9E3779B97F4A7C15 - (1 << 64)
_OTHER_ODD: Final = 0xC2B2AE3D27D4EB4F - (1 << 64)
Asked = tuple[str, str]
"""A dimension, and of whom it is asked."""


class Habits:
    """The habits of one lake. One connection; use from one thread."""

    def __init__(self, path: Path, surroundings: Surroundings) -> None:
        self._surroundings = surroundings
        self._connection = sqlite3.connect(path, isolation_level=None, timeout=30)
        path.chmod(0o600)
        write_ahead(self._connection)
        self._connection.executescript(_SCHEMA)
        self._digests: dict[str, int] = {}

    def close(self) -> None:
        """Release the file."""
        self._connection.close()

    def learn(
        self,
        root: Path,
        parts: Sequence[LogPart],
        asked: Collection[Asked],
        told: Callable[[LogPart], None] | None = None,
    ) -> int:
        """Learn what is asked from those of CloudTrail's parts that it was not learnt from yet; gives how many they were.

        First whom temporary keys were issued to, in all of them, then what everybody does: a chain may begin in a part
        that comes later.
        """
        self._forget_other_tables()
        learnt = {(part, what) for part, what in self._connection.execute("select part, what from learnt")}
        new = [part for part in parts if (part.name, _ISSUED) not in learnt]
        for some in _portions(new):
            self._learn_issued(root, some)
        fresh = [
            (part, missing) for part in parts if (missing := tuple(each for each in asked if (part.name, _what(each)) not in learnt))
        ]  # fmt: skip
        roots = self.roots()
        for missing, members in _by_second(fresh).items():
            for some in _portions(members):
                self._learn(root, some, missing, roots, told)
        return len(fresh)

    def roots(self) -> Roots:
        """Who stands behind temporary keys, as far as was learnt."""
        rows = self._connection.execute("select key, principal, issuer_key from issued")
        return Roots({key: Issued(principal, issuer) for key, principal, issuer in rows})

    def is_new(self, asked: Asked, place: tuple[str, str], value: str, at: int, days: tuple[int, int]) -> bool:
        """Whether a value is new for an entity at that moment; `place` is account and entity.

        `days` are those looked back on, and those of learning: of whom less is known, nothing is new.
        """
        entity = self._digest("\x1f".join((asked[1], *place)))
        found = self._connection.execute("select first_at from known_since where key = ?", (entity,)).fetchone()
        if found is None or at - found[0] < days[1] * MICROS_A_DAY:
            return False
        # What began less than a day ago is still new.
        query = "select 1 from habit where key = ? and day >= ? and first_at <= ? limit 1"
        key = _mixed(entity, self._digest(_what(asked)), self._digest(value))
        oldest = at // MICROS_A_DAY - days[0]
        return self._connection.execute(query, (key, oldest, at - MICROS_A_DAY)).fetchone() is None

    # -- learning ----------------------------------------------------------

    def _forget_other_tables(self) -> None:
        """Countries and operators are as the tables had them when they were learnt."""
        mark = self._surroundings.networks.mark
        told = self._connection.execute("select value from told where name = 'networks'").fetchone()
        if told is None or told[0] != mark:
            self._connection.execute("begin immediate")
            # What was learnt with other tables stays under keys of other values, and does no harm.
            self._connection.execute("delete from learnt where what like 'country of %' or what like 'asn of %'")
            self._connection.execute("insert or replace into told values ('networks', ?)", (mark,))
            self._connection.execute("commit")

    def _learn_issued(self, root: Path, parts: Sequence[LogPart]) -> None:
        found: list[tuple[str, str, str]] = []
        for group in _groups(root, parts, ISSUING_COLUMNS):
            with closing(Rows(FORM, group, FactAnswers(self._surroundings), own_name)) as rows:
                found += [(key, issued.principal, issued.key) for key, issued in issued_in(rows)]
        self._connection.execute("begin immediate")
        # The account of the role records the same call, but knows neither name nor key of a caller from another account.
        self._connection.executemany(
            "insert into issued values (?, ?, ?) on conflict do update set principal = excluded.principal,"
            " issuer_key = excluded.issuer_key where issuer_key = '' and principal not like 'arn:%'",
            found,
        )
        self._connection.executemany(
            "insert or ignore into learnt values (?, ?)", ((part.name, _ISSUED) for part in parts)
        )
        self._connection.execute("commit")

    def _learn(
        self,
        root: Path,
        parts: Sequence[LogPart],
        asked: Sequence[Asked],
        roots: Roots,
        told: Callable[[LogPart], None] | None,
    ) -> None:
        import numpy as np  # noqa: PLC0415 - heavy

        seen: list[Any] = []
        since: list[Any] = []
        columns = {*_WHO, *(column for dimension, _ in asked for column in columns_of(dimension))}
        for group in _groups(root, parts, columns):
            with closing(Rows(FORM, group, FactAnswers(self._surroundings), roots)) as rows:
                self._look(rows, asked, seen, since)
        if told:
            for part in parts:
                told(part)
        with closing(self._connection.cursor()) as cursor:
            cursor.execute("begin immediate")
            if seen:
                keys, days, first = (np.concatenate(each).tolist() for each in zip(*seen, strict=True))
                cursor.executemany(
                    "insert into habit values (?, ?, ?) on conflict do update set first_at = min(first_at, excluded.first_at)",
                    sorted(zip(keys, days, first, strict=True)),
                )
            if since:
                keys, first = (np.concatenate(each).tolist() for each in zip(*since, strict=True))
                cursor.executemany(
                    "insert into known_since values (?, ?) on conflict do update set first_at = min(first_at, excluded.first_at)",
                    sorted(zip(keys, first, strict=True)),
                )
            cursor.executemany(
                "insert or ignore into learnt values (?, ?)",
                ((part.name, _what(each)) for part in parts for each in asked),
            )
            cursor.execute("commit")

    def _look(self, rows: Rows, asked: Sequence[Asked], seen: list[Any], since: list[Any]) -> None:
        """Add the keys, days and first times of what these rows show, and of whom they show it."""
        import numpy as np  # noqa: PLC0415

        # The first row of each combination is to be its first moment.
        order = np.argsort(rows.times, kind="stable")
        times = rows.times.take(order)
        days = times // MICROS_A_DAY
        begin, width = int(days.min()), int(np.ptp(days)) + 1
        entities: dict[str, tuple[Any, Any]] = {}
        for of in dict.fromkeys(each for _, each in asked):
            codes, first, digests = self._entities(rows, of, order)
            entities[of] = codes, digests
            since.append((digests, times[first]))
        for dimension, of in asked:
            coded = coded_dimension(rows, dimension, self._surroundings)
            (codes, digests), values = entities[of], coded.codes.take(order)
            numbers = (codes * len(coded.values) + values) * width + days - begin
            numbers[(codes < 0) | (values < 0)] = -1
            _, first = different(numbers)
            first = first[numbers[first] >= 0]
            names = self._digests_of(map(str, coded.values))
            if len(first):
                what = np.int64(self._digest(_what((dimension, of))))
                seen.append((_mixed(digests[codes[first]], what, names[values[first]]), days[first], times[first]))

    def _entities(self, rows: Rows, of: str, order: Any) -> tuple[Any, Any, Any]:
        """For each row in that order whom it shows, -1 for nobody; of each of them the first row, and the digest."""
        import numpy as np  # noqa: PLC0415

        accounts, coded = rows.role_codes("account"), entity_codes(rows, of)
        account, entity = accounts.codes.take(order), coded.codes.take(order)
        numbers = account.astype(np.int64) * len(coded.values) + entity
        numbers[entity < 0] = -1
        codes, first = different(numbers)
        is_somebody = numbers[first] >= 0
        first = first[is_somebody]
        # Nobody may stand among them: whoever comes after has a smaller number.
        moved = np.where(is_somebody, np.cumsum(is_somebody) - 1, -1)
        digests = self._digests_of(
            f"{of}\x1f{accounts.values[account[row]]}\x1f{coded.values[entity[row]]}" for row in first.tolist()
        )
        return moved[codes], first, digests

    def _digests_of(self, names: Iterable[str]) -> Any:
        import numpy as np  # noqa: PLC0415

        return np.array([self._digest(name) for name in names], dtype=np.int64)

    def _digest(self, name: str) -> int:
        known = self._digests.get(name)
        if known is None:
            if len(self._digests) > _REMEMBERED:
                self._digests.clear()
            found = blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest()
            known = self._digests[name] = int.from_bytes(found, "little", signed=True)
        return known


def _portions(parts: Sequence[LogPart]) -> Iterator[Sequence[LogPart]]:
    return (parts[start : start + _PARTS_A_TRANSACTION] for start in range(0, len(parts), _PARTS_A_TRANSACTION))


def _by_second(pairs: Iterable[tuple[LogPart, tuple[Asked, ...]]]) -> dict[tuple[Asked, ...], list[LogPart]]:
    found: dict[tuple[Asked, ...], list[LogPart]] = {}
    for part, asked in pairs:
        found.setdefault(asked, []).append(part)
    return found


def _groups(root: Path, parts: Sequence[LogPart], columns: Iterable[str]) -> Iterator[JoinedGroup]:
    """The rows of these parts, those of one form of columns together."""
    by_form: dict[str, list[Path]] = {}
    for part in parts:
        by_form.setdefault(part.form, []).append(root / part.path)
    for paths in by_form.values():
        yield from (group for group, _ in joined_groups(paths, FORM.table, columns))


def _what(asked: Asked) -> str:
    return " of ".join(asked)


def _mixed(entity: Any, what: Any, value: Any) -> Any:
    """One number of 64 bits of three: of integers, or of arrays of them."""
    if isinstance(value, int):
        mask = (1 << 64) - 1
        mixed = ((entity * _ODD) ^ ((value + what) * _OTHER_ODD)) & mask
        return mixed - (1 << 64) if mixed >> 63 else mixed
    import numpy as np  # noqa: PLC0415

    with np.errstate(over="ignore"):
        return (entity * np.int64(_ODD)) ^ ((value + what) * np.int64(_OTHER_ODD))


def entity_codes(rows: Rows, of: str) -> Coded:
    """For whom something may be new, of each row."""
    import numpy as np  # noqa: PLC0415

    if of == "account":
        return Coded(np.zeros(rows.num_rows, dtype=np.int32), [""])
    return rows.role_codes("principal") if of == "principal" else rows.forced("source_ip")
