"""Reading places: listing and details as for a table, then a look at each text, of which only what was seen is kept."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import Event
from typing import Final

from sakimori.aws.door import Door
from sakimori.aws.masking import mask
from sakimori.aws.refusal import Refusal
from sakimori.collect.declaration import Context, Declaration, Record, Refused, Source
from sakimori.collect.memo import CallMemo
from sakimori.collect.reading import NOT_UNDERSTOOD, Reading, Spread
from sakimori.collect.secret_places.place import MOST_BYTES, Fetch, Place, Reach, Text
from sakimori.collect.secret_places.tables import SEARCHED
from sakimori.lake.rows import Row
from sakimori.lake.unit import Unit
from sakimori.model.gap import Gap
from sakimori.model.words import Confidence, GapKind, Severity

_FOUND: Final = "found"
_MOST: Final = 5_000
"""Different secrets in one resource: more of them are no leak, but a list that fills the memory."""
_NAME: Final = 300
_MEMBERS: Final = ("id", "resource_arn", "resource_type", "place", "byte_count", "is_whole", "secret_count", "doubtful_count",
                   "kinds", "worst_severity", _FOUND)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """What a look saw: everything of a secret but the secret."""

    kind: str
    severity: Severity
    confidence: Confidence
    masked: str
    sha256: str
    line: int
    account_id: str = ""
    key_id: str = ""
    """The id of the AWS key that it is, or belongs to: an id is no secret."""
    allowed: str = ""
    inside: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What one look found; `unread` are reasons why something within could not be opened, each with the first such thing."""

    hits: Sequence[Hit] = ()
    unread: Mapping[str, str] = field(default_factory=dict[str, str])


Look = Callable[[bytes, str], Seen]
"""Looks for secrets in bytes of that name. Thread-safe; keeps nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceReading:
    """What one place held in one Region."""

    place: Place
    region: str
    searched: Sequence[Row]
    exposed: Sequence[Row]
    gaps: Sequence[Gap]
    """Their `parent` is the id of a row of `aws_searched_text`, or the place's own where it could not be listed."""


@dataclass(frozen=True, kw_only=True)
class PlaceReader:
    """Reads places of one account. `look` is called from whichever thread reads."""

    door: Door
    look: Look
    as_of: datetime
    most_bytes: int = MOST_BYTES
    fetch: Fetch | None = None
    spread: Spread
    stopped: Event = field(default_factory=Event)
    """Set where the search was given up: the rest of a listing is then left, and nothing of it is kept."""
    memos: dict[tuple[str, str], CallMemo] = field(default_factory=dict[tuple[str, str], CallMemo])

    def read(self, place: Place, region: str) -> PlaceReading:
        """Everything that this place holds there."""
        memo = self.memos.setdefault((place.service, region), CallMemo(self.door))
        reading = Reading(
            declaration=self._declaration(place), door=self.door, memo=memo, region=region, as_of=self.as_of,
            spread=self.spread,
        )  # fmt: skip
        unit, rows = reading.read()
        found = [hit for row in rows for hit in row[_FOUND]]  # type: ignore[union-attr]
        searched = [{name: value for name, value in row.items() if name != _FOUND} for row in rows]
        known = {row["id"] for row in searched}
        gaps, unread = self._placed(place, unit, known)
        return PlaceReading(place=place, region=region, searched=[*searched, *unread], exposed=found, gaps=gaps)

    def _declaration(self, place: Place) -> Declaration:
        """The place as a table's declaration, whose rows carry what was found in them."""

        def expand(record: Record, context: Context) -> Iterable[Record | Refused]:
            return self._looked(place, record, context)

        parent = Source(derive=lambda record, context: f"{place.arn(record, context)} {place.id}")
        return Declaration(
            table=replace(SEARCHED, scope=place.scope), rows=place.rows, each=place.each,
            sources={name: Source(derive=_member(name)) for name in _MEMBERS},
            expand=expand, expand_needs=place.needs, parent_key=parent,
            row_region=Source(derive=place.row_region) if place.row_region else None,
        )  # fmt: skip

    def _looked(self, place: Place, record: Record, context: Context) -> Iterator[Record | Refused]:
        if self.stopped.is_set():
            raise CancelledError
        arn = str(place.arn(record, context))
        own = f"{arn} {place.id}"
        reach = Reach(door=self.door, region=context.region, most_bytes=self.most_bytes, fetch=self.fetch)
        seen: dict[tuple[str, str], Row] = {}
        size, is_whole, is_read, are_all = 0, True, True, True
        try:
            for text in place.texts(record, context, reach):
                if isinstance(text, Refusal):
                    is_whole = are_all = False
                    yield Refused(parent=own, refusal=text)
                    continue
                if not isinstance(text, Text):
                    is_whole = False
                    continue
                size += len(text.data)
                looked = self.look(text.data, text.name)
                if not _keep(looked.hits, seen, lambda hit, text=text: _exposed(hit, text, place, arn, context)):
                    is_whole = are_all = False
                    yield Refused(parent=own, refusal=_unopened(place, "too_many", text.name))
                for reason, what in looked.unread.items():
                    is_whole = are_all = False
                    yield Refused(parent=own, refusal=_unopened(place, reason, what or text.name))
        except Refusal as refusal:
            is_read = False
            yield Refused(parent=own, refusal=refusal)
        except NOT_UNDERSTOOD as error:
            is_read = False
            yield Refused(parent=own, refusal=_malformed(place, error))
        yield _searched(own, arn, place, seen.values()) | {
            "byte_count": size if is_read else None,
            "is_whole": is_whole if is_read else None,
            # What was found counts though something else was not read; that nothing was found does not.
            **({} if (is_read and are_all) or any(map(counts, seen.values())) else {"secret_count": None}),
        }

    def _placed(self, place: Place, unit: Unit, known: set[object]) -> tuple[Sequence[Gap], Sequence[Row]]:
        """The gaps, each under a row; a row for what was listed and not read, and for a place that was not listed."""
        gaps: list[Gap] = []
        rows: dict[str, Row] = {}
        for gap in unit.gaps:
            own = gap.parent or place.id
            gaps.append(Gap(table=SEARCHED.name, account=gap.account, region=gap.region, parent=own, call=gap.call,
                            kind=gap.kind, code=gap.code, message=gap.message))  # fmt: skip
            if own not in known:
                arn = own.removesuffix(f" {place.id}")
                rows[own] = {
                    "account_id": gap.account, "partition": self.door.account.partition, "region": gap.region,
                    "id": own, "resource_arn": arn, "resource_type": place.resource_type, "place": place.id,
                }  # fmt: skip
        return gaps, list(rows.values())


def _member(name: str) -> Callable[[Record, Context], object]:
    return lambda record, _: record.get(name)


def _searched(own: str, arn: str, place: Place, seen: Iterable[Row]) -> Record:
    found = list(seen)
    counted = [each for each in found if counts(each)]
    order = list(Severity)
    worst = min((Severity(str(each["severity"])) for each in counted), key=order.index, default="")
    return {
        "id": own, "resource_arn": arn, "resource_type": place.resource_type, "place": place.id,
        "secret_count": len(counted), "doubtful_count": len(found) - len(counted),
        "kinds": ",".join(sorted({str(each["kind"]) for each in counted})), "worst_severity": str(worst), _FOUND: found,
    }  # fmt: skip


def counts(row: Row) -> bool:
    """Whether a row of `aws_exposed_secret` is held to be a secret that nobody allowed."""
    return not row["allowed_because"] and row["confidence"] != Confidence.LOW


def _exposed(hit: Hit, text: Text, place: Place, arn: str, context: Context) -> Row:
    label = text.labels[hit.line - 1] if 0 < hit.line <= len(text.labels) else ""
    own = f"{arn} {place.id}"
    return {
        "account_id": context.account_id, "partition": context.partition, "region": context.region,
        "id": f"{own} {hit.kind} {hit.sha256[:16]}", "searched_id": own, "resource_arn": arn, "place": place.id,
        "part": ": ".join(each for each in (text.name, label, hit.inside) if each), "line": hit.line,
        "kind": hit.kind, "severity": str(hit.severity), "confidence": str(hit.confidence), "masked": hit.masked,
        "sha256": hit.sha256, "access_key_id": hit.key_id, "key_account_id": hit.account_id, "allowed_because": hit.allowed,
    }  # fmt: skip


def _keep(hits: Sequence[Hit], seen: dict[tuple[str, str], Row], row_of: Callable[[Hit], Row]) -> bool:
    """Keep what is new, as far as one resource may hold it; whether that was all."""
    for hit in hits:
        if (hit.kind, hit.sha256) in seen:
            continue
        if len(seen) >= _MOST:
            return False
        seen[hit.kind, hit.sha256] = row_of(hit)
    return True


def _unopened(place: Place, reason: str, what: str) -> Refusal:
    return Refusal(
        call=place.operations[-1],
        kind=GapKind.MALFORMED,
        code=reason,
        message=f"not looked at whole: {mask(what[:_NAME])}",
    )


def _malformed(place: Place, error: Exception) -> Refusal:
    return Refusal(
        call=place.operations[-1],
        kind=GapKind.MALFORMED,
        code=type(error).__name__,
        message="an answer of another form",
    )
