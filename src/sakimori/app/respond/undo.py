"""Taking back what a case changed: its runs in the reverse order, each by its own journal in the directory of the case."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sakimori.actions.applying import Told as Telling
from sakimori.actions.journal import journal_path
from sakimori.actions.plan import Item, Place, Standing
from sakimori.app.harden import Approver, Hardening
from sakimori.app.respond.case import Case, RunLine, StepState, Told, moment_of
from sakimori.app.respond.case_files import CaseLog
from sakimori.app.respond.measures import CONSOLE_CLOSED, KEY_OFF, ROLE_DENIED, TRUST_NARROWED, USER_DENIED
from sakimori.app.respond.taken import measures_made
from sakimori.aws.door import Door
from sakimori.model.errors import ActionError, UsageError

_MAY_LIVE: Final = "StolenSessionsMayLive"
_STAYS: Final = frozenset({KEY_OFF, ROLE_DENIED, TRUST_NARROWED})
_ENDS_ISSUING: Final = frozenset({KEY_OFF, CONSOLE_CLOSED, USER_DENIED})
_STOPS_OF_USERS: Final = ("R10", "R11")


@dataclass(frozen=True, slots=True)
class Undoing:
    """One run and what taking it back would do now."""

    run: RunLine
    items: tuple[Item, ...]

    def kept_if(self, is_wanted: Callable[[Item], bool]) -> "Undoing":
        """The same run with these places alone."""
        return Undoing(self.run, tuple(filter(is_wanted, self.items)))

    @property
    def changed_since(self) -> tuple[Item, ...]:
        """Places that somebody changed after the run, where that would be undone too: what is gone by now holds nothing up."""
        return tuple(each for each in self.items if each.standing is Standing.BLOCKED and each.changes)

    @property
    def needless(self) -> tuple[Item, ...]:
        """Places where nothing is left to take back."""
        return tuple(each for each in self.items if not each.changes)


@dataclass(frozen=True, slots=True)
class Undo:
    """Takes back runs of one case."""

    log: CaseLog
    doors: Mapping[str, Door]
    clock: Callable[[], datetime]
    told: Telling
    accepted: frozenset[str] = frozenset()
    """Steps of the action catalogue that are taken back although sessions of the thief's may still live."""
    is_recovery: bool = False
    """The measures have done their work: the case stays contained."""

    @property
    def verb(self) -> str:
        """What to type after `sakimori respond` to do this again."""
        return f"recover --case {self.log.case.id}" if self.is_recovery else f"undo {self.log.case.id}"

    def every(self, step: str = "") -> tuple[Undoing, ...]:
        """What there is to take back, the last first; of one step of the rail where it is named."""
        return by_us(self._undoings(step))

    def shown(self, step: str = "") -> tuple[Undoing, ...]:
        """What there is to take back, the last first; of one step of the rail where it is named. UsageError where there is nothing."""
        found = self.every(step)
        if not found:
            lost = journals_lost(self.log, self.log.case)
            if lost:
                raise ActionError(
                    "respond.journals_lost", case=self.log.case.id, steps=lost, path=self.log.directory / "journal"
                )
            raise UsageError("respond.nothing_to_undo", case=self.log.case.id)
        return found

    def revived(self, found: Sequence[Undoing]) -> tuple[str, ...]:
        """The ids of access keys that would work again."""
        items = (item for each in found for item in each.items)
        return tuple(item.resource.rpartition("/")[2] for item in items if item.step == KEY_OFF and item.changes)

    def take_back(self, found: Sequence[Undoing], approver: Approver, typed: Callable[[str], bool]) -> tuple[Item, ...]:
        """Take these back; the places that are not as before although nothing is left to do.

        ActionError where a stolen session may live. An undo stops there; a recovery goes on with what is over, and tells it at the end.
        """
        left: dict[tuple[str, Place], Item] = {}
        kept: ActionError | None = None
        stays: set[tuple[str, Place]] = set()
        for given in found:
            # Beneath what stays, an older run of the same place must not bring back what was before.
            each = given.kept_if(lambda item, run=given.run: (run.account, item.place) not in stays)
            if not each.items:
                continue
            try:
                remained = self._hardening(each.run).undo(each.run.run, each.items, typed, approver)
            except ActionError as error:
                code = str(error.values.get("code", ""))
                if not code.startswith(_MAY_LIVE):
                    raise
                kept = self._may_live(str(error.values["step"]), code)
                if self.is_recovery:
                    stays.update((each.run.account, item.place) for item in each.items)
                    continue
                break
            # What an older run of the case began with counts: at a place of several, that is what there was before.
            taken = {(each.run.account, item.place) for item in each.items}
            left = {place: item for place, item in left.items() if place not in taken}
            left |= {(each.run.account, item.place): item for item in remained}
            self._write(each, len(each.items) - len(remained), approver.name)
        if kept:
            raise kept
        return tuple(left.values())

    def _may_live(self, step: str, code: str) -> ActionError:
        told = code.removeprefix(_MAY_LIVE).removeprefix("Until ")
        return ActionError("respond.sessions_may_live", step=step, until=moment_of(told) or told or "?", verb=self.verb)

    def _write(self, undone: Undoing, count: int, by: str) -> None:
        if self.is_recovery:
            return
        rail = undone.run.step
        self.log.write(Told.TAKEN_BACK, {"step": rail, "account": undone.run.account, "run": undone.run.run, "by": by})
        step = {"step": rail, "state": StepState.OPEN.value, "by": by, "detail": "respond.taken_back", "values": {"by": by, "count": count}}  # fmt: skip
        self.log.write(Told.STEP, step)

    def _undoings(self, step: str) -> Iterator[Undoing]:
        for run in reversed(runs_made(self.log, self.log.case)):
            if step and run.step != step:
                continue
            if run.account not in self.doors:
                raise UsageError("respond.not_entered", account=run.account)
            try:
                items = self._hardening(run).undoing(run.run, ())
            except UsageError as error:
                if error.text != "harden.nothing_to_undo":
                    raise
                continue
            yield Undoing(run, items)

    def _hardening(self, run: RunLine) -> Hardening:
        return Hardening(
            self.log.directory, self.doors[run.account], self.clock, self.told, self.accepted, issuing_ended(self.log)
        )


def by_us(found: Iterable[Undoing]) -> tuple[Undoing, ...]:
    """The same; a place that a later run of the case changed again is nobody else's doing: that run is taken back before it."""
    left_so: dict[tuple[str, str, str, str], object] = {}
    told: list[Undoing] = []
    for each in found:
        items: list[Item] = []
        for item in each.items:
            place = (each.run.account, item.step, item.region, item.resource)
            is_ours = item.standing is Standing.BLOCKED and place in left_so and item.target == left_so[place]
            items.append(replace(item, standing=Standing.TO_MAKE) if is_ours else item)
            if items[-1].standing is not Standing.BLOCKED:
                left_so[place] = item.before
        told.append(Undoing(each.run, tuple(items)))
    return tuple(told)


def is_lifted(case: Case, item: Item) -> bool:
    """Whether a recovery takes this back: what leaked is never made valid again, and what the thief made or opened stays shut."""
    if item.step in _STAYS:
        return False
    return not (item.step == USER_DENIED and item.resource in case.closure.get("users", ()))


def issuing_ended(log: CaseLog) -> str:
    """Since when the suspected user can have given out no session more; "" where a step that sees to that is not done.

    R11 is taken before anybody knows: its own run cannot tell the instant.
    """
    case = log.case
    lines = [line for name in _STOPS_OF_USERS if (line := case.steps.get(name))]
    if not lines or any(line.state not in {StepState.DONE, StepState.SKIPPED} for line in lines):
        return ""
    user = case.suspect.user
    made = [(each, at) for each, at in measures_made(log) if each.step in _ENDS_ISSUING]
    shut = [at for each, at in made if each.resource == user or each.resource.startswith(f"{user}/")]
    return max([*shut, *(line.at for line in lines)]).isoformat()


def journals_lost(log: CaseLog, case: Case) -> tuple[str, ...]:
    """Steps of the rail that were done by runs of which no journal is in the directory: it was not copied whole, say."""
    kept = {each.step for each in runs_made(log, case)}
    done = (each.step for each in case.runs if (line := case.steps.get(each.step)) and line.state is StepState.DONE)
    return tuple(dict.fromkeys(each for each in done if each not in kept))


def runs_made(log: CaseLog, case: Case) -> tuple[RunLine, ...]:
    """The runs that began: one that was killed before its journal was there did nothing."""
    return tuple(each for each in case.runs if journal_path(log.directory, each.account, each.run).exists())
