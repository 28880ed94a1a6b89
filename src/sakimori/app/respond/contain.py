"""R10 to R17: stop the suspect, follow every credential that came of it, stop those, and look again until nothing new appears.

A thief goes on meanwhile: what it makes while it is being shut out is found by the next look. Denying an order of things
matters (IAM is consistent only after a while): first whoever gives out sessions, then the trusts that let them be taken, then
the sessions themselves with a cutoff that lies after both are seen to hold.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final

from sakimori.actions.plan import Standing
from sakimori.analysis.incident.closure import closure_of
from sakimori.analysis.incident.event_history import cut_back_to
from sakimori.analysis.incident.events import Asked, Events
from sakimori.analysis.incident.form import (
    Closure,
    Credential,
    Event,
    Made,
    newest_told,
    questions_unasked,
    regions_looked,
)
from sakimori.analysis.incident.made import made_by
from sakimori.analysis.incident.openers import with_openers
from sakimori.analysis.incident.seeds import Subject, SubjectKind, seeds_of
from sakimori.app.respond import measures
from sakimori.app.respond.at_large import AtLarge, Door, few
from sakimori.app.respond.case import PEOPLE, UNREADABLE, StepState, Suspect, Told
from sakimori.app.respond.denied_people import sso_denials, sso_left, sso_places_denied
from sakimori.app.respond.hands import Hands, Measure
from sakimori.app.respond.known_people import NOBODY, Vouched, is_of_people, plain_people, vouched
from sakimori.app.respond.looked_at import looked_at
from sakimori.app.respond.plain import plain_closure, plain_made
from sakimori.app.respond.sources import PATIENCE
from sakimori.app.respond.unreadable import but_for, unreadable
from sakimori.aws.settings import Clock

_MOST_ROUNDS: Final = 8
_SHOWN: Final = 5
_MOST_SPARED: Final = 20
_NOTHING: Final = timedelta(0)
_SESSION: Final = timedelta(hours=12)
"""The longest that a session of a role lives. Source: STS API reference, AssumeRole, DurationSeconds."""
_A_MOMENT: Final = timedelta(seconds=1)
_MINUTE: Final = timedelta(minutes=1)
SETTLES_WITHIN: Final = timedelta(minutes=3)
"""So long a call may still succeed by what is stopped already: AWS speaks of "a few minutes" until a policy holds.

Source: IAM User Guide, "Disabling permissions for temporary security credentials". That it is three is our choice.
"""
_REVOKING: Final = frozenset({measures.ROLE_REVOKED, measures.USER_REVOKED})
_FREE: Final = frozenset({("sts.amazonaws.com", "GetCallerIdentity")})
"""What works whatever is denied. Source: STS API reference, GetCallerIdentity."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One look: the closure, list A, and the events that both rest on."""

    closure: Closure
    made: tuple[Made, ...]
    events: Events
    vouched: Vouched = NOBODY
    """Of a role of IAM Identity Center, who used it, and for whom somebody vouched."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acting:
    """Calls that succeeded after what should have stopped them. `late`: when that should long have held, or nothing stops them."""

    late: tuple[Event, ...] = ()
    early: tuple[Event, ...] = ()
    """While IAM may not yet have told everybody."""
    until: datetime | None = None
    """When that has passed for all of `early`."""


@dataclass(slots=True, kw_only=True)
class Containment:
    """The state of one walk through the containing steps. `events` is made anew for each look: what was read is not news."""

    hands: Hands
    events: Callable[[datetime], Events]
    suspect: Suspect
    since: datetime
    has_password: bool | None = None
    devices: Sequence[Mapping[str, Any]] = ()
    """The MFA devices of the suspect, as IAM lists them."""
    is_known: Callable[[Event], bool] | None = None
    """Whether an event comes from where the owner works: what was made from there stays out of what is proposed for removal."""
    taken: list[tuple[Measure, datetime]] = field(default_factory=list[tuple[Measure, datetime]])
    sleep: Callable[[float], None] = field(default=Clock().sleep)
    patience: timedelta = PATIENCE
    """For how long each look asks at most."""
    _seen: Seen | None = None

    @property
    def seen(self) -> Seen:
        """The last look."""
        return self._seen or self._look()

    def stop_at_once(self) -> None:
        """R10 and R11."""
        wanted = measures.at_once(self.suspect)
        for rail in ("R10", "R11"):
            found = [each for step, each in wanted if step == rail]
            if not found:
                self.hands.tell(rail, StepState.SKIPPED, f"respond.{rail.lower()}_not_for_{self.suspect.kind}")
            else:
                self._carry_out(rail, found)

    def close_console(self) -> None:
        """R12."""
        devices = measures.devices_since(self.devices, self.since)
        if not self.suspect.user:
            self._say_console()
            return
        wanted = measures.console_closed(self.suspect, has_password=self.has_password, devices=devices)
        if wanted:
            self._carry_out("R12", wanted)
        else:
            self.hands.tell("R12", StepState.SKIPPED, "respond.no_password")

    def _say_console(self) -> None:
        """R12 of what is no user: a person of IAM Identity Center is stopped there, by name."""
        if not measures.permission_set(self.suspect.role):
            self.hands.tell("R12", StepState.SKIPPED, f"respond.r12_not_for_{self.suspect.kind}")
        elif not sso_denials(self.hands.log.case):
            case = self.hands.log.case.id
            self.hands.tell("R12", StepState.OPEN, "respond.r12_identity_center", case=case)

    def say_people(self) -> None:
        """R12 by name, once sessions were followed: people of IAM Identity Center who can still act, and who is known."""
        left = measures.uncovered(self.seen.closure, self._stops, self.hands.clock())
        people, found = measures.people_of(left), self.seen.vouched
        values: dict[str, Any] = {
            "users": few(people, self.hands.log.case.id), "count": len(people), "first": people[0] if len(people) == 1 else "NAME",
            "case": self.hands.log.case.id, "known": list(found.known),
        }  # fmt: skip
        if found.again:
            told = [{"text": "respond.person_again", "values": {"user": name, "addresses": list(at[:_SHOWN])}} for name, at in found.again.items()]  # fmt: skip
            first = next(iter(found.again)) if len(found.again) == 1 else "NAME"
            self.hands.tell("R12", StepState.FAILED, "respond.r12_again", **{**values, "again": told, "first": first})
        elif people and is_of_people(self.suspect):
            seen = [each.words for each in found.people if each.name in people]
            values |= {"people": seen[:_SHOWN], "rest": max(0, len(people) - _SHOWN)}
            self.hands.tell("R12", StepState.OPEN, "respond.r12_people_of_role", **values)
        elif people:
            self.hands.tell("R12", StepState.OPEN, "respond.r12_people", **values)
        elif found.known:
            self.hands.tell("R12", StepState.DONE, "respond.r12_known", **values)

    def follow(self) -> bool:
        """R13 and R14, again and again until nothing new appears; whether everything that can act is stopped.

        Where IAM may not hold everywhere yet, once more when it should.
        """
        undone, newest = self._rounds()
        if not undone and not newest and self.settle("R13"):
            undone, newest = self._rounds()
        self._keep()
        self._say_contested()
        self._say_outlived()
        self.say_people()
        if self.seen.closure.spared:
            self.hands.tell("R13", StepState.OPEN, "respond.spared", spared=list(self.seen.closure.spared[:_MOST_SPARED]), count=len(self.seen.closure.spared))  # fmt: skip
        return self._is_contained(undone, newest)

    def _say_contested(self) -> None:
        """A forged copy of an event may name somebody who did nothing: whoever agrees to a change is to know that there are such."""
        if count := sum(each.contested for each in self.seen.events.looked):
            self.hands.tell("R13", StepState.OPEN, "respond.contested", count=count)

    def _say_outlived(self) -> None:
        """A session that acts after its end is not to be: the log, or what is known of it, is wrong, and somebody is to know."""
        found = [each for each in self.seen.closure.credentials if each.is_outlived]
        if found:
            outlived = AtLarge(credentials=tuple(found)).told("outlived", self.seen.events, self.hands.log.case.id)
            self.hands.tell("R13", StepState.OPEN, "respond.outlived", outlived=outlived["outlived"], count=len(found))

    def settle(self, rail: str) -> bool:
        """Wait, once and for a time that is said, until IAM should hold everywhere, and look anew; whether there was need."""
        acting = self.acting()
        now = self.hands.clock()
        if acting.late or acting.until is None or acting.until <= now:
            return False
        self.hands.tell(
            rail, StepState.OPEN, "respond.settling", count=len(acting.early), until=acting.until.isoformat()
        )
        self.sleep((acting.until - now).total_seconds() + _A_MOMENT.total_seconds())
        self._look()
        return True

    def _rounds(self) -> tuple[tuple[Measure, ...], AtLarge]:
        """What does not hold at the end, and what the last look found new."""
        undone: tuple[Measure, ...] = ()
        newest = AtLarge()
        for number in range(1, _MOST_ROUNDS + 1):
            self._look()
            before = len(self.taken)
            issuing = self._new(measures.issuing_stopped(self.seen.closure, self.seen.made, self.suspect))
            if issuing:
                self._carry_out("R14", issuing)
            sessions = self._to_revoke()
            if sessions:
                self._revoke(sessions)
            if issuing or sessions:
                self._tell_round(number)
            if len(self.taken) > before:
                continue
            # A thief who can undo what was done is as free as before: what AWS says now counts, not what was done.
            undone = self._undone()
            if not undone or not self._make_again(undone):
                break
        else:
            # Each look so far found more: only one that finds nothing says that it is over.
            self._look()
            newest = self._fresh()
            undone = self._undone()
        return undone, newest

    def still_acting(self) -> tuple[Event, ...]:
        """Events of the closure by which it cannot be called quiet: all late ones, and early ones as long as it is early."""
        acting = self.acting()
        is_early = acting.until is not None and self.hands.clock() < acting.until
        return (*acting.late, *acting.early) if is_early else acting.late

    def acting(self) -> Acting:
        """Events of the closure that succeeded after what should have stopped them; GetCallerIdentity always succeeds."""
        opened = self.hands.log.case.opened_at
        since = min((at for _, at in self.taken), default=opened)
        found = self.seen.events.by_keys(self.seen.closure.key_ids, Asked(since=since))
        stopped = {each.id: measures.stopped_at(each, self._stops) for each in self.seen.closure.credentials}
        after = [
            each
            for each in found
            if not each.error and (each.source, each.name) not in _FREE and _is_after(each, stopped, opened)
        ]
        settles = {key: at + SETTLES_WITHIN for key, at in stopped.items() if at}
        early = tuple(each for each in after if each.key_id in settles and each.at <= settles[each.key_id])
        late = tuple(each for each in after if each not in early)
        return Acting(late=late, early=early, until=max((settles[each.key_id] for each in early), default=None))

    def at_large(self) -> AtLarge:
        """What the last look found and no measure covers."""
        left = measures.uncovered(self.seen.closure, self._stops, self.hands.clock())
        held = self._held()
        own = [_door(each) for _, each in measures.at_once(self.suspect) if _door(each) not in held]
        sets = [(measures.SSO_DENIED, each) for each in sso_left(self.hands.log.case)]
        wanted = measures.issuing_stopped(self.seen.closure, self.seen.made, self.suspect)
        open_doors = map(_door, measures.untaken(wanted, held))
        return AtLarge(credentials=left, doors=tuple(dict.fromkeys((*own, *sets, *open_doors))))

    @property
    def denied(self) -> frozenset[str]:
        """The users and roles that may do nothing, by these measures."""
        return frozenset(each.resource for each, _ in self.taken if each.step in measures.DENYING)

    def take_standing(self) -> None:
        """Count what holds already although no run of the case made it: a key that somebody had made inactive by hand."""
        wanted = (*(each for _, each in measures.at_once(self.suspect)), *measures.issuing_stopped(self.seen.closure, self.seen.made, self.suspect))  # fmt: skip
        fresh = self._new(wanted)
        places = {(item.step, item.resource) for item in self.hands.looked_at(fresh) if item.standing is Standing.AS_WANTED}  # fmt: skip
        self.taken += [(each, self.hands.clock()) for each in fresh if (each.step, each.resource) in places]

    def look(self) -> Seen:
        """Look once more."""
        return self._look()

    @property
    def _stops(self) -> tuple[tuple[Measure, datetime], ...]:
        """What was taken, and what holds elsewhere."""
        return (*self.taken, *sso_denials(self.hands.log.case))

    # -- one look ---------------------------------------------------------------------------------

    def _look(self) -> Seen:
        # A session of a role is told by its AssumeRole alone, and acts for hours after it.
        before = _SESSION if self.suspect.role else _NOTHING
        since = self.since - before
        # And who opened the first of these sessions is told by an event before it.
        events = self.events(since - before)
        now = self.hands.clock()
        seeds = with_openers(seeds_in(events, self.suspect, since), events)
        found = vouched(self.hands.log.case, self.suspect, seeds, events)
        closure = closure_of(events, found.seeds, now, since=self.since, is_known=self.is_known)
        seen = self._seen = Seen(
            closure=closure, events=events, vouched=found,
            made=made_by(closure, events, asked=Asked(since=self.since), is_known=self.is_known),
        )  # fmt: skip
        self.hands.log.write(Told.CLOSURE, {"since": self.since.isoformat(), **plain_closure(closure, events, now)})
        self.hands.log.write(Told.MADE, {"made": [plain_made(each) for each in seen.made]})
        if is_of_people(self.suspect):
            self.hands.log.write(Told.ANSWER, {"question": PEOPLE, "answer": plain_people(found.people)})
        return seen

    def _to_revoke(self) -> list[Measure]:
        now = self.hands.clock()
        left = measures.uncovered(self.seen.closure, self._stops, now)
        wanted = measures.sessions_revoked(self.seen.closure, self.suspect, now)
        roles, users = {each.role for each in left}, {each.user for each in left}
        is_first = not any(each.step == measures.ROLE_REVOKED for each, _ in self.taken)
        return [
            each
            for each in wanted
            if each.resource in roles | users or (is_first and each.resource == self.suspect.role)
        ]

    def _revoke(self, sessions: Sequence[Measure]) -> None:
        cutoff = self.hands.clock().replace(microsecond=0) + _A_MOMENT
        self._carry_out("R14", sessions, cutoff)

    def _new(self, wanted: Sequence[Measure]) -> list[Measure]:
        known = {each for each, _ in self.taken}
        return [each for each in wanted if each not in known]

    # -- doing ------------------------------------------------------------------------------------

    def _carry_out(self, rail: str, wanted: Sequence[Measure], cutoff: datetime | None = None) -> None:
        told = _instant(cutoff) if cutoff else ""
        before = sum(self._rail_of(each) == rail for each, _ in self.taken)
        outcome = self.hands.carry_out(rail, wanted, revoked_before=told)
        at = cutoff or self.hands.clock()
        done = {(each.step, each.resource) for each in (*outcome.made, *outcome.already)}
        self.taken += [(each, at) for each in wanted if (each.step, each.resource) in done]
        self.hands.tell_outcome(rail, outcome, len(wanted), before)

    def _rail_of(self, measure: Measure) -> str:
        own = {each: rail for rail, each in measures.at_once(self.suspect)}
        return own.get(measure, "R14")

    def _keep(self) -> None:
        """What was followed, and what it rests on, as evidence."""
        now = self.hands.clock()
        looked = self.seen.events.looked
        coverage = ", ".join(f"{each.source} {len(each.regions)}/{each.regions_asked}" for each in looked)
        pieces = {
            "closure": (plain_closure(self.seen.closure, self.seen.events, now), len(self.seen.closure.credentials)),
            "list-a": ([plain_made(each) for each in self.seen.made], len(self.seen.made)),
        }
        for name, (payload, rows) in pieces.items():
            self.hands.keep(
                "R13", name, call="cloudtrail:LookupEvents …", account=self.suspect.account, payload=payload,
                rows=rows, coverage=coverage,
            )  # fmt: skip

    def _tell_round(self, number: int) -> None:
        self.hands.tell(
            "R13", StepState.OPEN, "respond.round", number=number, credentials=len(self.seen.closure.credentials),
            roles=len(self.seen.closure.roles), users=len(self.seen.closure.users),
        )  # fmt: skip

    def _undone(self) -> tuple[Measure, ...]:
        """The measures that were taken and do not hold now, or of which that could not be read."""
        by_cutoff: dict[str, list[Measure]] = {}
        for each, at in self.taken:
            by_cutoff.setdefault(_instant(at) if each.step in _REVOKING else "", []).append(each)
        holds = {
            (item.step, item.resource)
            for cutoff, found in by_cutoff.items()
            for item in self.hands.looked_at(found, revoked_before=cutoff)
            if item.standing is Standing.AS_WANTED
        }
        taken = [each for each, _ in self.taken]
        in_center = [each for each in sso_places_denied(self.hands.log.case) if each not in taken]
        holds |= {(each.step, each.resource) for each in self.hands.looked_at(in_center) if each.standing is Standing.AS_WANTED}  # fmt: skip
        return tuple(each for each in (*taken, *in_center) if (each.step, each.resource) not in holds)

    def _make_again(self, undone: Sequence[Measure]) -> bool:
        """Whether any of them holds again."""
        self.taken = [(each, at) for each, at in self.taken if each not in undone]
        before = len(self.taken)
        by_rail: dict[str, list[Measure]] = {}
        for each in undone:
            if each.step not in _REVOKING:
                by_rail.setdefault(self._rail_of(each), []).append(each)
        for rail, found in sorted(by_rail.items()):
            self._carry_out(rail, found)
        if sessions := [each for each in undone if each.step in _REVOKING]:
            self._revoke(sessions)
        return len(self.taken) > before

    def _is_contained(self, undone: Sequence[Measure], newest: AtLarge) -> bool:
        """Whether all is stopped, as far as events told; what could not be read may hide more, and is never taken for nothing."""
        seen = self.seen
        left = self.at_large().and_doors(map(_door, undone))
        looked = newest_told(seen.events.looked)
        case = self.hands.log.case
        closed, marks = looked_at(case, UNREADABLE), unreadable(looked, case)
        is_whole = any(but_for(each, closed).is_complete for each in looked) and not seen.closure.unread
        is_only_unreadable = any(but_for(each, (*closed, *marks)).is_complete for each in looked) and not seen.closure.unread  # fmt: skip
        is_known = bool(self.suspect.user or self.suspect.role or seen.closure.credentials or self.taken)
        acting, cut = self.still_acting(), self.cut()
        regions, asked = regions_looked(looked)
        values = {
            "credentials": len(seen.closure.credentials), "rounds": _MOST_ROUNDS,
            **cut, **newest.told("newest", seen.events, case.id), **left.told("left", seen.events, case.id),
            "acting": len(acting), "regions": regions, "regions_asked": asked, "unasked": questions_unasked(looked),
            "minutes": round(self.patience.total_seconds() / 60), "case": case.id, "unreadable": list(marks[:_SHOWN]),
            "unreadable_count": len(marks), "unreadable_marks": list(marks), "known": list(seen.vouched.known),
        }  # fmt: skip
        text = (
            "followed_root" if self.suspect.kind == "root"
            else "still_making" if newest
            else "left" if left
            else "followed_again" if seen.vouched.again
            else "followed_nobody" if not is_known
            else "followed_acting" if acting
            else "followed_cut" if questions_unasked(looked)
            else f"followed_{cut['cut']}" if cut
            else "followed_unreadable" if is_only_unreadable and not is_whole
            else "followed_in_part" if not is_whole
            else "followed_but_known" if seen.vouched.known
            else "followed" if seen.closure.credentials
            else "followed_none"
        )  # fmt: skip
        is_contained = text in {"followed", "followed_but_known", "followed_none"}
        self.hands.tell("R13", StepState.DONE if is_contained else StepState.FAILED, f"respond.{text}", **values)
        if is_contained:
            self._tell_settled()
            self.hands.log.write(Told.CONTAINED, {"credentials": len(seen.closure.credentials)})
        return is_contained

    def cut(self) -> Mapping[str, Any]:
        """Where there was too much to read, and that alone: how far it was read, and from when on it would be whole; else {}."""
        back_to = cut_back_to(newest_told(self.seen.events.looked))
        if back_to is None:
            return {}
        # A role's sessions and their openers are looked for before the moment that somebody gives.
        later = back_to + 2 * (_SESSION if self.suspect.role else _NOTHING) + 2 * _MINUTE
        told = {"reached": back_to.isoformat(), "since": f"--since {later:%Y-%m-%dT%H:%MZ}"}
        return {"cut": "too_many" if later < self.hands.clock() else "too_busy", **told}

    def _tell_settled(self) -> None:
        """What R14 could not do in an earlier walk holds by now, or nobody needs it any more."""
        line = self.hands.log.case.steps.get("R14")
        if line is not None and line.state in {StepState.FAILED, StepState.WAITING}:
            self.hands.tell("R14", StepState.DONE, "respond.r14_settled")

    def _fresh(self) -> AtLarge:
        """What the last look found and no look before it had."""
        issuing = self._new(measures.issuing_stopped(self.seen.closure, self.seen.made, self.suspect))
        return self.at_large().and_doors(map(_door, issuing))

    def _held(self) -> frozenset[Door]:
        return frozenset(_door(each) for each, _ in self.taken)


def seeds_in(events: Events, suspect: Suspect, since: datetime) -> tuple[Credential, ...]:
    """The credentials with which the closure begins, with the owner that IAM told."""
    kind, identifier = SubjectKind.KEY, suspect.key_id
    if not identifier:
        user = suspect.user or suspect.root
        kind, identifier = (SubjectKind.USER, user) if user else (SubjectKind.ROLE, suspect.role)
    if not identifier:
        return ()
    found = seeds_of(Subject(kind=kind, id=identifier), events, Asked(since=since))
    return tuple(
        replace(
            each,
            user=suspect.user or each.user,
            role=suspect.role or each.role,
            account=suspect.account or each.account,
        )
        for each in found
    )


def _instant(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def _is_after(event: Event, stopped: dict[str, datetime | None], opened: datetime) -> bool:
    """Of what nothing stopped, whatever it did since the case was opened."""
    at = stopped.get(event.key_id) or opened
    return event.at > at + _A_MOMENT


def _door(measure: Measure) -> Door:
    return measure.step, measure.resource
