"""Logs that lie in CloudWatch Logs: which kind a group holds, and its messages slice by slice, in the order of time.

Source: CloudWatch Logs API reference, FilterLogEvents; events may be as much as 14 days older than when they were put.
"""

import re
import shlex
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final

from sakimori.aws.door import Door
from sakimori.aws.refusal import Refusal
from sakimori.ingest.asked_marks import AskedMarks
from sakimori.ingest.catalogue import AUTO, source_named, source_of, sources
from sakimori.ingest.flow_groups import DESCRIBE_FLOW_LOGS, GroupFlowLog, flow_log_of
from sakimori.ingest.group_messages import files_of
from sakimori.ingest.group_slices import FILTER, PER_SECOND, SLICE_BYTES, Group, proven_spans
from sakimori.ingest.pace import Paces
from sakimori.ingest.slices import (
    SETTLES_AFTER,
    Line,
    Note,
    Sliced,
    gap_notes,
    microseconds_in,
    settled_at,
)
from sakimori.lake.instants import micros_since_epoch
from sakimori.lake.log_proofs import Span
from sakimori.lake.manifest import Manifest
from sakimori.model.errors import UsageError
from sakimori.model.gap import Gap

SCHEME: Final = "logs://"
OPERATIONS: Final = ("logs:DescribeLogGroups", FILTER, DESCRIBE_FLOW_LOGS)
_DESCRIBE: Final = "logs:DescribeLogGroups"
_URI: Final = re.compile(r"logs://(?P<group>[\w.\-/#]{1,512})(?:\?stream=(?P<stream>[^:*]{1,512}))?\Z", re.ASCII)
_NOT_THERE: Final = "ResourceNotFoundException"
_MAY_BE_OLDER: Final = timedelta(days=14)
_SAMPLE: Final = 50
_KINDS: Final = (
    (re.compile(r"/aws/rds/(?:instance|cluster)/[^/]+/(?:audit|postgresql|general|error)\Z"), "rds-audit"),
    (re.compile(r"aws-waf-logs-"), "waf"),
    (re.compile(r"/?aws[/-]vpc-?flow|/aws/vpc/flow", re.IGNORECASE), "vpc-flow"),
    (re.compile(r"API-Gateway-Access", re.IGNORECASE), "apigateway"),
    (re.compile(r"(?:/?aws[/-])?cloudtrail", re.IGNORECASE), "cloudtrail"),
    (re.compile(r"/aws/(?:ssm|sessionmanager)/?", re.IGNORECASE), "ssm-session"),
    (re.compile(r"/aws/route53/", re.IGNORECASE), "dns"),
    (re.compile(r"/aws/events/guardduty", re.IGNORECASE), "guardduty"),
)
"""How names begin that AWS gives or proposes; of a group with any other name the messages tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogGroups:
    """What to ask for. `kind` is a source's name, or `auto`; `now` is when the run began."""

    kind: str
    now: datetime
    since: datetime | None = None
    until: datetime | None = None
    paces: Paces = field(default_factory=lambda: Paces(per_second=PER_SECOND))
    """Shared by all groups that are read at the same time."""
    slice_bytes: int = SLICE_BYTES


@dataclass(slots=True)
class GroupLines:
    """What is to be asked, for `slices.take_in`, and what is known beforehand not to come."""

    asked: list[tuple[Line, Group]] = field(default_factory=list[tuple[Line, Group]])
    gaps: list[Gap] = field(default_factory=list[Gap])
    notes: list[Note] = field(default_factory=list[Note])
    is_known: bool = True
    """False where a group holds messages of which no source knows what they are."""

    @property
    def lines(self) -> tuple[Line, ...]:
        """The questions alone."""
        return tuple(line for line, _ in self.asked)


def kind_of_group(name: str) -> str:
    """The source that the name of a log group speaks of; "" where it says nothing.

    >>> kind_of_group("/aws/rds/cluster/shop/audit")
    'rds-audit'
    >>> kind_of_group("/aws/lambda/thumbnail")
    ''
    """
    return next((kind for pattern, kind in _KINDS if pattern.match(name) and kind in sources()), "")


def log_group_lines(doors: Sequence[Door], uri: str, asked: LogGroups, manifest: Manifest) -> GroupLines:
    """What is to be asked of the group `logs://GROUP[?stream=PREFIX]` in every Region that has it.

    UsageError for an address that is none, and where no Region has the group.
    """
    found = _URI.match(uri)
    if not found:
        raise UsageError("ingest_aws.not_a_group_address", uri=uri)
    search = _Search(asked=asked, manifest=manifest, found=GroupLines())
    places = [(door, region) for door in doors for region in door.account.selected]
    groups = [
        each for door, region in places for each in search.groups(door, region, found["group"], found["stream"] or "")
    ]
    there = [search.add(group, made_at) for group, made_at in groups]
    if not any(there):
        search.found.gaps += search.unlisted
        if not search.found.gaps:
            regions = sorted({region for _, region in places})
            raise UsageError("ingest_aws.no_such_group", group=found["group"], regions=regions)
    return search.found


@contextmanager
def told_if_cut(found: GroupLines, kind: str, uri: str, now: datetime, manifest: Manifest) -> Generator[None]:
    """Marks of what is to be read of each group, until it is proven; `kind` and `uri` as they were typed."""
    with ExitStack() as told:
        for source in {group.source for _, group in found.asked}:
            own = {group.address: (line, group) for line, group in found.asked if group.source == source}
            marks = AskedMarks(
                manifest=manifest, kind=source, typed=f"{kind} {shlex.quote(uri)}", now=now,
                stretch=lambda address, span, own=own: own[address][1].stretch(span),
                # Another account or Region has groups that this run does not read.
                proven=lambda address, own=own: proven_spans(manifest, own[address][1]) if address in own else None,
            )  # fmt: skip
            told.enter_context(marks.told_if_cut({address: line for address, (line, _) in own.items()}))
        yield


def group_notes(found: Sliced) -> Iterator[Note]:
    """What a person must know of what was read."""
    yield Note(text="ingest_aws.young", values={"minutes": SETTLES_AFTER // timedelta(minutes=1)})
    yield from gap_notes(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Search:
    asked: LogGroups
    manifest: Manifest
    found: GroupLines
    unlisted: list[Gap] = field(default_factory=list[Gap])
    """Regions whose groups could not be listed: told where no group was found."""

    def groups(self, door: Door, region: str, name: str, stream: str) -> Iterator[tuple[Group, int]]:
        """The group of that name in a Region, with the slash that its name may begin with or without, and when it was made (ms)."""
        for each in dict.fromkeys((name, f"/{name.removeprefix('/')}")):
            group = Group(door=door, region=region, name=each, stream=stream, paces=self.asked.paces)
            try:
                made_at = _made_at(group)
            except Refusal as refusal:
                # Whether it is there, its messages tell.
                self.unlisted.append(group.gap(refusal, ""))
                made_at = 0
            if made_at is not None:
                yield group, made_at
                return

    def add(self, group: Group, made_at: int) -> bool:
        """Find out what a group holds, and add the line of questions to it; whether the group is there."""
        first = (
            micros_since_epoch(self.asked.since)
            if self.asked.since
            else max(0, made_at * 1000 - microseconds_in(_MAY_BE_OLDER))
        )
        last = micros_since_epoch(min(self.asked.until, self.asked.now) if self.asked.until else self.asked.now)
        try:
            flow = flow_log_of(group.door, group.region, group.name) if self._may_be_flow(group) else None
            kind = self._kind(group, (first, last), flow)
        except Refusal as refusal:
            if refusal.code != _NOT_THERE:
                self.found.gaps.append(group.gap(refusal, ""))
            return refusal.code != _NOT_THERE
        if kind:
            self._add_line(group, kind, (first, last), flow)
        return True

    def _add_line(self, group: Group, kind: str, span: Span, flow: GroupFlowLog | None) -> None:
        source = source_named(kind)
        settled = settled_at(self.asked.now)
        # Where nothing tells one row from its double, only what can no longer grow is taken.
        last = span[1] if source.table.identity else min(span[1], settled)
        wanted = span[0] - span[0] % 1000, last - last % 1000 + 999
        if wanted[0] > wanted[1]:
            return
        head = flow.head if flow and flow.kind == kind else b""
        known = replace(
            group,
            source=kind,
            table=source.table.name,
            settled=settled,
            head=head,
            slice_bytes=self.asked.slice_bytes,
        )
        line = Line(
            account=group.door.account.id,
            region=group.region,
            name=group.name,
            wanted=wanted,
            ask=known.slices,
            proven=proven_spans(self.manifest, known),
        )
        self.found.asked.append((line, known))

    def _may_be_flow(self, group: Group) -> bool:
        wanted = self.asked.kind if self.asked.kind != AUTO else kind_of_group(group.name) or "vpc-flow"
        return wanted in {"vpc-flow", "tgw-flow"}

    def _kind(self, group: Group, span: Span, flow: GroupFlowLog | None) -> str:
        """The source of a group's messages; "" where it holds none, or none that any source knows, which a note tells."""
        if self.asked.kind != AUTO:
            return self.asked.kind
        if flow and flow.kind in sources():
            return flow.kind
        if kind := kind_of_group(group.name):
            return kind
        events = group.sample(span, _SAMPLE)
        if not events:
            self.found.notes.append(Note(text="ingest_aws.group_is_empty", values=_named(group)))
            return ""
        known = _recognised(group, events)
        if not known:
            self.found.notes.append(Note(text="ingest_aws.group_is_unknown", values=_named(group)))
            self.found.is_known = False
        return known


def _recognised(group: Group, events: Sequence[Mapping[str, Any]]) -> str:
    [(_, data)] = files_of("", events)
    source = source_of(group.address, data)
    return source.name if source else ""


def _named(group: Group) -> Mapping[str, object]:
    return {"group": group.name, "account": group.door.account.id, "region": group.region}


def _made_at(group: Group) -> int | None:
    """Milliseconds since 1970, 0 where AWS does not say; None where there is no such group. Refusal where it does not list."""
    for page in group.door.pages(_DESCRIBE, group.region, {"logGroupNamePrefix": group.name}):
        for each in page.get("logGroups") or ():
            if each["logGroupName"] == group.name:
                return int(each.get("creationTime") or 0)
    return None
