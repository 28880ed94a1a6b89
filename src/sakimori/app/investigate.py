"""What happened: from a key, a user, a role, an address, a resource or a session to all that its credentials did.

The lake answers, and with `doors` CloudTrail's event history beside it; where both could have seen an event, both must have.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Final

from sakimori.analysis.incident.closure import closure_events, closure_of
from sakimori.analysis.incident.event_history import Asking, Span
from sakimori.analysis.incident.events import MOST_EVENTS, Asked, Events
from sakimori.analysis.incident.form import Closure, Event, Looked, Made
from sakimori.analysis.incident.investigation import Investigation, Lonely, OtherWrites
from sakimori.analysis.incident.lake_events import LakeEvents, Others, has_data_events
from sakimori.analysis.incident.lookup_events import LookupEvents
from sakimori.analysis.incident.made import made_in
from sakimori.analysis.incident.merged_events import Compared, MergedEvents, compared
from sakimori.analysis.incident.openers import with_openers
from sakimori.analysis.incident.profile import Profile, fingerprint_of, first_unknown, profile_of
from sakimori.analysis.incident.questions import answers
from sakimori.analysis.incident.running_cost import ENDING, Cost, cost_of
from sakimori.analysis.incident.seeds import KEY_ID, Subject, SubjectKind, seeds_of
from sakimori.analysis.incident.timeline import timeline_of
from sakimori.analysis.incident.uses import Uses, uses_of
from sakimori.app.known_tables import kinds_of
from sakimori.aws.door import Door
from sakimori.aws.refusal import Refusal
from sakimori.aws.settings import Clock
from sakimori.ingest.cloudtrail.table import TABLE
from sakimori.lake.engines.duck import Engine
from sakimori.lake.log_reader import LogReader, Where
from sakimori.lake.validations import Validation, validations
from sakimori.model.errors import UsageError
from sakimori.model.words import GLOBAL
from sakimori.texts.language import clean

MOST_OTHERS: Final = 200
_ROLE: Final = "iam:GetRole"
_ABSENT: Final = "NoSuchEntity"


@dataclass(frozen=True, slots=True, kw_only=True)
class InvestigateRequest:
    """What is investigated, and where. `where` bounds all that is read; `since` is when the theft began, None: find out."""

    home: Path
    subject: Subject
    now: datetime
    where: Where = field(default_factory=Where)
    since: datetime | None = None
    doors: tuple[Door, ...] = ()
    times: Clock = field(default_factory=Clock)


def investigate(
    request: InvestigateRequest,
    *,
    told: Callable[[str], None] = lambda _: None,
    asking: Callable[[Asking], None] = lambda _: None,
) -> Investigation:
    """The answer. `told` hears of each stage by the id of a text `investigate.stage_<id>`, `asking` how far the history is asked.

    UsageError where there is neither a lake nor a door, or where nothing is known of the subject.
    """
    _check(request.subject)
    with ExitStack() as opened:
        engine = opened.enter_context(closing(Engine()))
        reader = opened.enter_context(closing(LogReader(request.home)))
        if reader.manifest is None and not request.doors:
            raise UsageError("investigate.no_source")
        lake = LakeEvents(engine, reader, request.now, request.where, kinds_of(TABLE.name))
        if not request.doors and not lake.looked[0].regions:
            raise UsageError("investigate.no_source")
        live = _live(request, asking)
        sources: list[Events] = [lake] if reader.manifest else []
        return _Inquiry(request, lake, live, MergedEvents([*sources, *([live] if live else [])]), told).answer(
            engine, reader
        )


def _check(subject: Subject) -> None:
    """UsageError for what can be none of its kind: of a key that nobody has, nothing would be found, which says nothing."""
    is_key = bool(KEY_ID.match(subject.id))
    if subject.kind is SubjectKind.KEY and not is_key:
        raise UsageError("respond.no_key", key=clean(subject.id[:4]))
    if subject.kind is SubjectKind.SESSION and is_key:
        raise UsageError("investigate.session_is_key", key=subject.id)


def _live(request: InvestigateRequest, asking: Callable[[Asking], None]) -> LookupEvents | None:
    if not request.doors:
        return None
    span = Span(now=request.now, since=request.where.since, until=request.where.until)
    return LookupEvents(request.doors, span, times=request.times, told=asking)


class _Inquiry:
    """One investigation, stage by stage."""

    def __init__(
        self,
        request: InvestigateRequest,
        lake: LakeEvents,
        live: LookupEvents | None,
        events: MergedEvents,
        told: Callable[[str], None],
    ) -> None:
        self._request = request
        self._lake = lake
        self._live = live
        self._events = events
        self._told = told
        self._until = request.where.until or request.now

    def answer(self, engine: Engine, reader: LogReader) -> Investigation:
        self._told("seeds")
        subject = self._request.subject
        known = (each for one in _named(subject, self._request.doors) for each in seeds_of(one, self._events, Asked(until=self._until)))  # fmt: skip
        seeds = tuple({each.id: each for each in known}.values())
        if subject.kind in {SubjectKind.KEY, SubjectKind.SESSION}:
            seeds = with_openers(seeds, self._events)
        if not seeds:
            is_blind = subject.kind is SubjectKind.IP and not self._lake.looked[0].regions
            text = "investigate.address_not_asked" if is_blind else "investigate.nothing_known"
            raise UsageError(text, id=subject.id)
        own = sorted(
            self._events.by_keys(
                [each.id for each in seeds if each.is_key], Asked(until=self._until, with_details=False)
            ),
            key=lambda each: (each.at, each.event_id),
        )
        since, is_guessed = self._begin(own)
        self._told("closure")
        closure = closure_of(self._events, seeds, self._request.now, since=since)
        self._told("events")
        found, is_cut = self._of_closure(closure, since)
        baseline = [each for each in own if since and each.at < since]
        is_usual = self._usual(own, closure, since)
        self._told("made")
        writes = [each for each in found if not each.read_only and not each.is_data]
        made = made_in(writes, is_usual)
        self._told("others")
        others = self._others(closure, since)
        looked = self._looked(engine, reader)
        entries, entries_are_cut = timeline_of(found)
        profile = profile_of(found, baseline)
        return Investigation(
            subject=self._request.subject,
            now=self._request.now,
            since=since,
            since_is_guessed=is_guessed,
            until=self._until,
            closure=closure,
            profile=profile,
            made=tuple(each for each in made if not each.is_from_known_origin),
            maybe=tuple(each for each in made if each.is_from_known_origin),
            others=None if others is None else _by_principal(others),
            others_count=sum(each.write_count for each in others or ()),
            lonely=_lonely(profile, others or ()),
            answers=answers(found, looked, is_cut=is_cut or self._events.is_cut),
            entries=entries,
            entries_are_cut=entries_are_cut,
            cost=self._cost(made, since),
            looked=looked,
            compared=self._compared(closure, since),
            validations=_validations(reader, closure, looked),
            event_count=self._count(closure, since, len(found)) if is_cut else len(found),
            is_cut=is_cut,
        )

    def _usual(self, own: Sequence[Event], closure: Closure, since: datetime | None) -> Callable[[Event], bool]:
        """What tells an event from where the owner works, by network and program.

        Of a user, whose own sessions are all followed, by address alone and of sessions of roles too, as in a response.
        """
        seen = {fingerprint_of(each) for each in own if since and each.at < since}
        uses = uses_of(own, since) if self._request.subject.kind is SubjectKind.USER else Uses(places=())
        return lambda event: (
            (event.key_id in closure.seeds and fingerprint_of(event) in seen) or uses.is_established(event)
        )

    def _begin(self, own: Sequence[Event]) -> tuple[datetime | None, bool]:
        """When the theft began: as the person says, or the first use of a key from where it is not usually used, or of all."""
        if self._request.since:
            return self._request.since, False
        is_long = self._request.subject.kind in {SubjectKind.KEY, SubjectKind.USER}
        odd = first_unknown(own) if is_long else None
        return (odd or (own[0].at if own else None)), True

    def _of_closure(self, closure: Closure, since: datetime | None) -> tuple[list[Event], bool]:
        """All writes with their details, and reads without: what they asked matters less, and there may be very many."""
        within = Asked(since=since, until=self._until)
        writes = list(closure_events(closure, self._events, replace(within, writes=True, with_data=False)))
        data = closure_events(closure, self._events, replace(within, writes=True, with_details=False))
        reads = closure_events(closure, self._events, replace(within, writes=False, with_details=False))
        found = {each.event_id: each for each in writes}
        for each in chain((each for each in data if each.is_data), reads):
            found.setdefault(each.event_id, each)
        return list(found.values()), self._events.is_cut or len(writes) >= MOST_EVENTS

    def _count(self, closure: Closure, since: datetime | None, least: int) -> int:
        return max(self._lake.counted(closure.key_ids, Asked(since=since, until=self._until)), least)

    def _others(self, closure: Closure, since: datetime | None) -> tuple[Others, ...] | None:
        if not self._lake.looked[0].regions:
            return None
        return self._lake.others(closure.key_ids, Asked(since=since, until=self._until))

    def _cost(self, made: Sequence[Made], since: datetime | None) -> Cost:
        endings: Iterable[Event] = ()
        if any(each.kind == "AWS::EC2::Instance" for each in made):
            endings = self._events.by_names(ENDING, Asked(names=ENDING, since=since, until=self._until))
        return cost_of(made, endings, min(self._until, self._request.now))

    def _compared(self, closure: Closure, since: datetime | None) -> Compared | None:
        if self._live is None or not self._lake.looked[0].regions:
            return None
        begin = max(each for each in (since, self._live.looked[0].first_at) if each)
        return compared(self._lake, self._live, closure.key_ids, since=begin, until=self._until)

    def _looked(self, engine: Engine, reader: LogReader) -> tuple[Looked, ...]:
        found = list[Looked]()
        for each in self._events.looked:
            if each.source == "lake" and each.regions:
                found.append(replace(each, has_data_events=has_data_events(engine, reader, self._request.where)))
            else:
                found.append(each)
        return tuple(found)


def _named(subject: Subject, doors: Iterable[Door]) -> Iterator[Subject]:
    """The subject, and of a role's bare name its ARN in each account: the event history knows roles by nothing else."""
    yield subject
    if subject.kind is not SubjectKind.ROLE or subject.id.startswith("arn:"):
        return
    name = subject.id.rpartition("/")[2]
    for door in doors:
        try:
            yield replace(subject, id=str(door.call(_ROLE, GLOBAL, {"RoleName": name})["Role"]["Arn"]))
        except Refusal as refusal:
            if refusal.code != _ABSENT:
                yield replace(subject, id=f"arn:{door.account.partition}:iam::{door.account.id}:role/{name}")


def _by_principal(others: Iterable[Others]) -> tuple[OtherWrites, ...]:
    found: dict[tuple[str, str], list[Others]] = {}
    for each in others:
        if each.write_count:
            found.setdefault((each.account, each.principal), []).append(each)
    lines = [
        OtherWrites(
            account=account,
            principal=principal,
            count=sum(each.write_count for each in those),
            first_at=min(each.first_at for each in those),
            last_at=max(each.last_at for each in those),
            services=tuple(sorted({each.service for each in those})),
        )
        for (account, principal), those in found.items()
    ]
    return tuple(sorted(lines, key=lambda each: (-each.count, each.principal))[:MOST_OTHERS])


def _lonely(profile: Profile, others: Iterable[Others]) -> tuple[Lonely, ...]:
    used = {(each.service, each.region) for each in others}
    if not used:
        return ()
    alone = [cell for cell in profile.matrix if cell.ok and (cell.service, cell.region) not in used]
    return tuple(Lonely(service=cell.service, region=cell.region, count=cell.ok) for cell in alone)


def _validations(reader: LogReader, closure: Closure, looked: Sequence[Looked]) -> tuple[Validation, ...]:
    if reader.manifest is None:
        return ()
    accounts = {each.account for each in closure.credentials} | {name for each in looked for name in each.accounts}
    return tuple(each for each in validations(reader.manifest) if each.account in accounts)
