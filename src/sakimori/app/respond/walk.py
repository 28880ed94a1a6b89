"""Walking the rail of a leaked key, from the first minute to contained: what `respond start` does, and what it goes on with."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sakimori.analysis.incident.event_history import cut_back_to
from sakimori.analysis.incident.events import Asked, Events
from sakimori.analysis.incident.form import Event, Looked, newest_told, questions_unasked, regions_looked
from sakimori.analysis.incident.seeds import seed_of_key
from sakimori.analysis.incident.uses import BEFORE, Uses, uses_of
from sakimori.app.respond.at_large import acting_words
from sakimori.app.respond.case import WAYS_IN, StepState, Suspect, Told
from sakimori.app.respond.contain import Containment, seeds_in
from sakimori.app.respond.gather import IamBefore, gather
from sakimori.app.respond.hands import Hands
from sakimori.app.respond.identify import Identified, door_for, identify
from sakimori.app.respond.known_people import Person, vouched
from sakimori.app.respond.measures import permission_set
from sakimori.app.respond.notified import tell_people
from sakimori.app.respond.own_functions import STOPPED, own_functions
from sakimori.app.respond.own_machines import ISOLATED, own_machines
from sakimori.app.respond.plain import plain_looked
from sakimori.app.respond.preflight import preflight
from sakimori.app.respond.radius import Radius, radius_of
from sakimori.app.respond.sources import PATIENCE
from sakimori.app.respond.taken import measures_made
from sakimori.app.respond.ways_in import Way, WayKind, closed_ways, used_again, ways_in
from sakimori.app.settings import Settings
from sakimori.aws.door import Door
from sakimori.aws.local_keys import LocalKeys
from sakimori.aws.settings import Clock
from sakimori.outputs.evidence.store import EvidenceStore

_SHOWN: Final = 5
_FEW: Final = 3
_MOST_WAYS: Final = 500
_MOST_ACTING: Final = 200
_NONE: Final = ("—",)
_MOST_WAIT: Final = 20.0
"""Seconds for which a key stays active until IAM has said what it holds."""
_USES_WITHIN: Final = timedelta(days=14)
"""How far back the use of the key is looked at in the first minutes; `investigate` looks further."""


@dataclass(slots=True, kw_only=True)
class Walk:
    """One walk of one case. `events` gives a source that reads anew; `since` is when it began, where somebody knows."""

    hands: Hands
    doors: Sequence[Door]
    events: Callable[[datetime], Events]
    here: LocalKeys
    home: Path
    settings: Settings
    state: str = ""
    """Where the store is, "" for that of the home."""
    since: datetime | None = None
    times: Clock = field(default_factory=Clock)
    patience: timedelta = PATIENCE
    """For how long each look of `events` asks at most."""
    found: Identified | None = None
    uses: Uses | None = None
    radius: Radius | None = None
    containment: Containment | None = None

    def contain(self) -> bool:
        """The first hour; whether everything that can act is stopped. UsageError where the responder is the suspect."""
        suspect = self.hands.log.case.suspect
        door = door_for(suspect, self.doors)
        self._preflight(door, suspect)
        before = IamBefore(door)
        self._identify(door, suspect)
        # A key of whoever responds is told by its owner alone: stopping it would stop the response.
        preflight(door, self.hands.log.case.suspect, self.here)
        # What R05 looks at must not hold our own denials already; a thief is not left at work for it.
        details = before.taken(self._store, _MOST_WAIT)
        assert self.found is not None  # noqa: S101 - `_identify` made it
        containment = self.containment = Containment(
            hands=self.hands, events=self.events, suspect=self.found.suspect, since=self.since or self._now() - BEFORE,
            has_password=self.found.has_password, devices=self.found.mfa_devices, sleep=self.times.sleep,
            patience=self.patience,
        )  # fmt: skip
        containment.stop_at_once()
        self._gather(door)
        self._measure_radius(details)
        self._look_at_use()
        containment.since = self.since or (self.uses.strange_at if self.uses else None) or containment.since
        if self.uses and self.uses.strange_at and self.found.suspect.kind == "user":
            # Of a user all sessions are followed, the owner's own too; of a key, whose owner gave it away, what it made counts.
            containment.is_known = self.uses.is_established
        containment.close_console()
        is_contained = containment.follow()
        self._rate()
        is_contained = self._verified(is_contained=is_contained)
        self.notify()
        return is_contained

    def contain_again(self) -> bool:
        """R13 and R14 once more after `contain`: what a thief gained while it was being shut out."""
        containment = self.containment
        assert containment is not None  # noqa: S101 - after `contain`
        return self._verified(is_contained=containment.follow())

    def _verified(self, *, is_contained: bool) -> bool:
        """R17, and back to R13 where something acts still; a case that ends otherwise than contained says so in its log."""
        containment = self.containment
        assert containment is not None  # noqa: S101 - after `contain`
        is_quiet = self.verify()
        if (containment.still_acting() or containment.at_large()) and not self._waits():
            is_contained = containment.follow()
            is_quiet = self.verify()
        is_contained = is_contained and is_quiet and self._cut_off()
        if not is_contained:
            self.hands.log.write(Told.NOT_CONTAINED, {"by": self.hands.by})
        return is_contained

    def _waits(self) -> bool:
        """Whether somebody must agree first: to look again now would ask for the same, and find the same."""
        steps = self.hands.log.case.steps
        return any(steps[each].state is StepState.WAITING for each in ("R10", "R11", "R14") if each in steps)

    def _cut_off(self) -> bool:
        """R16 and R13 once more: whether nothing gives the thief new sessions, as far as anybody knows."""
        containment, log = self.containment, self.hands.log
        assert containment is not None  # noqa: S101 - after `contain`
        line = log.case.steps.get("R16")
        if line is not None and line.detail == "respond.by_person" and WAYS_IN not in log.case.answers:
            # Of a version that did not write down what was told until then.
            return True
        closed = closed_ways(log.case)
        isolated = closed | {each.resource for each, _ in measures_made(log) if each.step in {ISOLATED, STOPPED}}
        machines = own_machines(containment.seen, self.hands.doors)
        functions = own_functions(containment.seen, self.hands.doors)
        named = {each.rpartition(":")[2] for each in functions}
        is_known = self.uses.is_established if self.uses and self.uses.established else None
        ways = ways_in(containment.seen, (*containment.denied, containment.suspect.user), named=named, is_known=is_known)  # fmt: skip
        again = used_again(log.case, ways)
        ways = tuple(each for each in ways if each.mark not in closed)
        is_cut = self._tell_computing(
            [each for each in machines if each not in isolated], [each for each in functions if each not in isolated],
            [each for each in ways if each.kind is WayKind.SERVICE],
        )  # fmt: skip
        is_cut = self._tell_ways([each for each in ways if each.kind is not WayKind.SERVICE]) and is_cut
        if again and is_cut:
            # No news of a thief by itself: a build that was found harmless goes on. But the word was about what was there then.
            values = {"ways": [each.words for each in again[:_SHOWN]], "count": len(again), "case": log.case.id}
            self.hands.tell("R13", StepState.DONE, "respond.ways_again", **values)
        return is_cut

    def _tell_computing(self, machines: Sequence[str], functions: Sequence[str], services: Sequence[Way]) -> bool:
        """R16: what runs with a role and is given new sessions; whether there is nothing."""
        left = [*machines, *functions, *(each.mark for each in services)]
        if not left:
            return True
        named = [*machines, *functions]
        text = "machines_held" if machines else "functions_held" if functions else "services_held"
        values = {
            "machines": named[:_SHOWN] or [each.words for each in services[:_SHOWN]], "count": len(left), "first": left[0],
            "case": self.hands.log.case.id, "marks": left, "all": [each.plain for each in services[:_MOST_WAYS]],
        }  # fmt: skip
        self.hands.tell("R16", StepState.FAILED, f"respond.{text}", **values)
        return False

    def _tell_ways(self, ways: Sequence[Way]) -> bool:
        """R13: who opened the sessions with which it began, and may open more; whether there is nobody."""
        if not ways:
            return True
        # Of a role that many use, most have nothing to do with it: those with signs of a thief are what is looked at first.
        first = [each for each in ways if each.has_signs][:_SHOWN] or list(ways[:_FEW])
        values = {
            "ways": [each.words for each in first], "count": len(ways), "rest": len(ways) - len(first),
            "case": self.hands.log.case.id, "marks": [each.mark for each in ways], "all": [each.plain for each in ways[:_MOST_WAYS]],
        }  # fmt: skip
        text = "ways_left_many" if len(ways) > len(first) else "ways_left"
        self.hands.tell("R13", StepState.FAILED, f"respond.{text}", **values)
        return False

    def verify(self) -> bool:
        """R17: whether anything of the closure succeeded after it was stopped, and how far that was looked for."""
        containment = self.containment
        assert containment is not None  # noqa: S101 - after `contain`
        containment.settle("R17")
        acting, at_large = containment.still_acting(), containment.at_large()
        looked = containment.seen.events.looked
        body = {
            "acting": [_plain(each) for each in acting[:_MOST_ACTING]],
            "count": len(acting),
            "looked": [plain_looked(each) for each in looked],
        }
        self.hands.log.write(Told.VERIFIED, body)
        regions, asked = regions_looked(newest_told(looked))
        early = containment.acting().early
        values = {
            **containment.cut(), "early": len(early), "last": max((each.at for each in early), default=self._now()).isoformat(),
            "count": len(acting), "events": acting_words(acting, self.hands.log.case.id),
            "regions": regions, "regions_asked": asked, **at_large.told("left", containment.seen.events, self.hands.log.case.id),
            "unasked": questions_unasked(looked), "case": self.hands.log.case.id, "key": self.hands.log.case.suspect.name, "sources": [each.source for each in looked] or _NONE,
        }  # fmt: skip
        state, text = _judged(containment, looked, is_acting=bool(acting), is_at_large=bool(at_large))
        if early and state is StepState.DONE:
            text = f"{text}_settled"
        self.hands.tell("R17", state, f"respond.{text}", **values)
        return text.startswith("quiet") and text != "quiet_unknown"

    def look_again(self) -> bool:
        """R17 of a case that an earlier walk contained: what it did is taken from the case's own journals."""
        suspect = self.hands.log.case.suspect
        self.containment = Containment(
            hands=self.hands, events=self.events, suspect=suspect, since=self.since or self._begun(),
            taken=measures_made(self.hands.log), sleep=self.times.sleep, patience=self.patience,
            is_known=self._known_before(),
        )  # fmt: skip
        self.containment.take_standing()
        is_quiet = self.verify() and self._cut_off()
        if self.containment.seen.vouched.again:
            # Somebody vouched for the name at other addresses than these.
            self.containment.say_people()
            is_quiet = False
        if not is_quiet:
            self.hands.log.write(Told.NOT_CONTAINED, {"by": self.hands.by})
        return is_quiet

    def _known_before(self) -> Callable[[Event], bool] | None:
        """What the walk that contained took for the owner's places; None where it did not look at them, or they do not count."""
        line, kind = self.hands.log.case.steps.get("R06"), self.hands.log.case.suspect.kind
        told = frozenset(map(str, line.values.get("places") or ())) if line else frozenset[str]()
        return (lambda event: event.ip in told) if kind == "user" and told else None

    def _begun(self) -> datetime:
        """From when on the case counts: what its key did before then is its owner's."""
        told = self.hands.log.case.closure.get("since")
        return datetime.fromisoformat(str(told)) if told else self.hands.log.case.opened_at - BEFORE

    def notify(self) -> bool:
        """R18: whether everybody who is configured was told."""
        hands = self.hands
        if not self.settings.notify.routes:
            hands.tell("R18", StepState.OPEN, "respond.no_route")
            return False
        told = tell_people(self.home, self.settings, hands.log.case, self.state, hands.clock)
        is_done = bool(told.sent) and not told.failed
        if is_done:
            hands.log.write(Told.NOTIFIED, {"sent": told.sent})
        state = StepState.DONE if is_done else StepState.FAILED
        hands.tell("R18", state, "respond.told_people", sent=told.sent, failed=told.failed)
        return is_done

    # -- steps ---------------------------------------------------------------------------------

    def _preflight(self, door: Door, suspect: Suspect) -> None:
        found = preflight(door, suspect, self.here)
        if found.leaked_in:
            places = [each or "AWS_ACCESS_KEY_ID" for each in found.leaked_in]
            self.hands.tell("P1", StepState.DONE, "respond.preflight_leaked_here", caller=found.caller, places=places)
        else:
            self.hands.tell("P1", StepState.DONE, "respond.preflight_done", caller=found.caller or "?")

    def _identify(self, door: Door, suspect: Suspect) -> None:
        decoded = "respond.decoded" if suspect.account else "respond.not_decoded"
        self.hands.tell("R01", StepState.DONE, decoded, account=suspect.account or door.account.id)
        found = self.found = identify(suspect, door, self._used_by)
        accounts = [*self.hands.log.case.accounts, door.account.id, *(each.account.id for each in self.doors)]
        self.hands.log.write(Told.SUSPECT, {**asdict(found.suspect), "accounts": list(dict.fromkeys(accounts))})
        payload = {**found.facts, "unread": {name: each.code for name, each in found.unread.items()}}
        kept = self._store.add(
            "suspect", call="iam:GetUser …", region="global", account=door.account.id, payload=payload,
            rows=len(found.facts), coverage=", ".join(sorted(found.unread)) or "whole",
        )  # fmt: skip
        who = found.suspect.user or found.suspect.role or found.suspect.kind
        unread = {"text": "respond.identified_unread", "values": {"what": sorted(found.unread)}}
        values = {
            "who": who, "keys": len(found.access_keys), "quarantines": found.quarantines or _NONE,
            "unread": unread if found.unread else "", "evidence": kept.id,
        }  # fmt: skip
        is_known = bool(found.suspect.user or found.suspect.role or found.suspect.kind == "root")
        text = "respond.identified" if is_known else "respond.not_identified"
        if found.suspect.kind == "root":
            text, values = (
                "respond.identified_root",
                values | {"has_keys": _has_keys(found), "account": door.account.id},
            )
        elif is_known and not found.suspect.user:
            text = "respond.identified_role"
        self.hands.tell("R02", StepState.DONE if is_known else StepState.FAILED, text, **values)

    def _used_by(self, key_id: str) -> Suspect | None:
        """Who signs with a key, by its newest event."""
        events = self.events(self._now() - _USES_WITHIN)
        newest = max(events.by_keys([key_id]), key=lambda each: each.at, default=None)
        if newest is None:
            # Nobody used it yet: whose it is says the event that gave it out.
            seed = seed_of_key(key_id, events, Asked())
            is_known = bool(seed.user or seed.role)
            return Suspect(kind="key", key_id=key_id, user=seed.user, role=seed.role) if is_known else None
        if newest.identity_type == "Root":
            return Suspect(kind="root", key_id=key_id, account=newest.account)
        issuer = newest.session_issuer or newest.principal
        user = issuer if ":user/" in issuer else ""
        return Suspect(kind="key", key_id=key_id, user=user, role=issuer if ":role/" in issuer else "")

    def _gather(self, door: Door) -> None:
        found = gather(door, self._store, self._now())
        state = StepState.FAILED if found.refused else StepState.DONE
        text = "respond.gathered_in_part" if found.refused else "respond.gathered"
        values = {"count": len(found.kept), "first": found.kept[0], "last": found.kept[-1], "refused": list(found.refused)[:_SHOWN]}  # fmt: skip
        self.hands.tell("R04", state, text, **values)

    def _measure_radius(self, details: Mapping[str, list[Any]] | None) -> None:
        assert self.found is not None  # noqa: S101 - `_identify` made it
        if self.hands.log.case.is_done("R05") and self.hands.log.case.runs:
            # Walked again: by now IAM holds the case's own denials, and what the suspect could do is told already.
            return
        if self.found.suspect.kind == "root":
            self.hands.tell("R05", StepState.DONE, "respond.radius_root")
            return
        if details is None:
            self.hands.tell("R05", StepState.FAILED, "respond.radius_unread")
            return
        radius = self.radius = radius_of(details, self.found.suspect)
        paths = radius.paths.paths if radius.paths else ()
        targets = sorted({path.target.rpartition("/")[2] for path in paths})
        values = {
            "level": radius.level.value, "powers": len(radius.held), "left": len(radius.left_by_quarantine),
            "targets": targets[:_SHOWN], "paths": len(paths),
        }  # fmt: skip
        text = {True: "respond.radius_admin", False: "respond.radius", None: "respond.radius_unsure"}[radius.is_admin]
        if text == "respond.radius_admin" and not paths:
            text = "respond.radius_admin_itself"
        self.hands.tell("R05", StepState.DONE, text, **values)

    def _look_at_use(self) -> None:
        assert self.found is not None  # noqa: S101 - `_identify` made it
        now = self._now()
        events = self.events(now - _USES_WITHIN)
        seeds = seeds_in(events, self.found.suspect, now - _USES_WITHIN)
        ids = [each.id for each in seeds]
        found: Sequence[Event] = tuple(events.by_keys(ids, Asked(since=now - _USES_WITHIN))) if ids else ()
        kept = vouched(self.hands.log.case, self.found.suspect, seeds, events)
        if kept.known:
            counted = {each.id for each in kept.seeds}
            found = tuple(each for each in found if each.key_id in counted)
        uses = self.uses = uses_of([*found, *self._signed_in(events)], self.since)
        values = {
            "established": [f"{each.ip} {each.agent}" for each in uses.established[:_SHOWN]],
            "strange": [f"{each.ip} {each.agent}" for each in uses.strange[:_SHOWN]],
            "recent": [f"{each.ip} {each.agent}" for each in uses.recent[:_SHOWN]], "case": self.hands.log.case.id,
            "strange_count": len(uses.strange), "days": _USES_WITHIN.days,
            "places": sorted({each.ip for each in uses.established}),
        }  # fmt: skip
        text = (
            "respond.uses" if uses.established else "respond.uses_strange_only" if uses.strange else "respond.uses_none"
        )
        state = StepState.DONE
        if not any(each.is_complete for each in events.looked):
            state, text = StepState.FAILED, "respond.uses_in_part"
            if back_to := cut_back_to(newest_told(events.looked)):
                text, values = "respond.uses_too_many", {**values, "reached": back_to.isoformat()}
        elif kept.people:
            text, values = "respond.uses_people", {**values, **_people(kept.people, self.found.suspect.role)}
        elif uses.recent:
            text = "respond.uses_recent"
        self.hands.tell(
            "R06", state, text, **{**values, "since": uses.strange_at.isoformat() if uses.strange_at else "—"}
        )

    def _signed_in(self, events: Events) -> Sequence[Event]:
        """The user's sign-ins at the console, which have no key: the first strange use may be one."""
        assert self.found is not None  # noqa: S101 - `_identify` made it
        user = self.found.suspect.user or self.found.suspect.root
        asked = Asked(since=self._now() - _USES_WITHIN, names=frozenset({"ConsoleLogin"}))
        return [each for each in events.by_users([user], asked) if not each.error] if user else ()

    def _rate(self) -> None:
        """R03, by what is known then: the worst that fits."""
        containment = self.containment
        assert containment is not None  # noqa: S101 - after `contain`
        is_wide = bool(
            containment.seen.made or containment.seen.closure.roles or (self.radius and self.radius.is_admin)
        )
        has_use = bool(self.uses and self.uses.strange)
        # What could not be looked at is no sign that nothing happened.
        is_seen = any(each.is_complete for each in containment.seen.events.looked)
        is_grave = self.hands.log.case.suspect.kind == "root" or (
            is_wide and (has_use or containment.seen.made or not is_seen)
        )
        before = self.hands.log.case.steps.get("R03")
        # What was seen once does not become harmless by being stopped.
        was_grave = before is not None and before.values.get("rating") == "P1"
        rating = "P1" if is_grave or was_grave else "P2"
        self.hands.tell("R03", StepState.DONE, f"respond.rated_{rating.lower()}", rating=rating)

    @property
    def _store(self) -> EvidenceStore:
        return EvidenceStore(self.hands.log.directory, self.hands.clock)

    def _now(self) -> datetime:
        return self.hands.clock()


def _judged(
    containment: Containment, looked: Sequence[Looked], *, is_acting: bool, is_at_large: bool
) -> tuple[StepState, str]:
    """What R17 says. Where nobody knows whose the key is, nothing says what its owner did: it is never called quiet."""
    if is_acting:
        return StepState.FAILED, "still_acting"
    if containment.suspect.kind == "root":
        return StepState.OPEN, "root_may_act"
    if not (containment.suspect.user or containment.suspect.role):
        return StepState.OPEN, "quiet_unknown"
    if is_at_large:
        return StepState.FAILED, "still_at_large"
    if not all(each.is_complete for each in looked):
        cut = containment.cut()
        return StepState.OPEN, "quiet_cut" if questions_unasked(
            looked
        ) else f"quiet_{cut['cut']}" if cut else "quiet_in_part"
    has_data = any(each.has_data_events for each in looked)
    return StepState.DONE, "quiet" if has_data else "quiet_management"


def _has_keys(found: Identified) -> Mapping[str, Any]:
    """Whether the root user has access keys: IAM says no more of them, and perhaps not even that."""
    told = (found.facts.get("account_summary") or {}).get("AccountAccessKeysPresent")
    text = "unknown" if told is None else "some" if told else "none"
    return {"text": f"respond.root_keys_{text}", "values": {}}


def _people(people: Sequence[Person], role: str) -> Mapping[str, Any]:
    """Who used a role of IAM Identity Center, the latest first: whoever is frightened sees the names before anybody is stopped."""
    return {
        "set": permission_set(role), "people": [each.words for each in people[:_SHOWN]], "people_count": len(people),
        "rest": max(0, len(people) - _SHOWN),
    }  # fmt: skip


def _plain(event: Event) -> Mapping[str, str]:
    return {
        "at": event.at.isoformat(),
        "name": event.name,
        "source": event.source,
        "region": event.region,
        "key": event.key_id[-4:],
        "event_id": event.event_id,
        "principal": event.principal,
    }
