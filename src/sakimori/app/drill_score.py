"""What came of a drill: the time, what was found and spared, what the attacker could still do, and the answer to AWS."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from sakimori.app.drill import Drill
from sakimori.app.respond.case import Case
from sakimori.app.respond.case_files import every_case, find_case
from sakimori.app.respond.facts import facts_of
from sakimori.app.respond.removal import list_a
from sakimori.model.errors import UsageError
from sakimori.outputs.case.reply import write_reply
from sakimori.outputs.case.reply_form import LIMIT, length_of
from sakimori.texts.language import LANGUAGES, Language

if TYPE_CHECKING:
    # moto is an extra, and its import takes a second.
    from sakimori.simulate.drill.record import Attempt


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What came of a drill. `contained_after` is the responder's own time, whatever `--speed`; `harmful` are calls of the attacker's that worked after that.

    `openings` stood open, of which `still_open` do; `meant` are open with reason, of which the responder `shut` some.
    """

    case: str
    within: timedelta
    contained_after: timedelta | None
    planted: int
    found: int
    missing: tuple[str, ...]
    decoys: int
    touched: tuple[str, ...]
    harmful: tuple[str, ...]
    replies: Mapping[str, int] | None
    """By language the length of the answer to AWS that can be sent; a language of which it cannot is missing. None: AWS asked nothing."""
    openings: int = 0
    still_open: tuple[str, ...] = ()
    meant: int = 0
    shut: tuple[str, ...] = ()

    @property
    def is_passed(self) -> bool:
        """Contained in time, all found and closed, nothing legitimate touched, nothing worked afterwards, and the answer is there."""
        is_in_time = self.contained_after is not None and self.contained_after <= self.within
        is_whole = self.found == self.planted and not self.still_open
        is_spared = not self.touched and not self.shut
        return is_in_time and is_whole and is_spared and not self.harmful and not self.unready

    @property
    def unready(self) -> tuple[Language, ...]:
        """The languages in which the answer that AWS asked for cannot be sent."""
        replies = self.replies
        return () if replies is None else tuple(each for each in LANGUAGES if not 0 < replies.get(each, 0) <= LIMIT)


def score(running: Drill, since: datetime) -> Score:
    """How the responder did with the newest case that was opened since then; UsageError where none was."""
    home = running.request.home
    cases = [case for _, case in every_case(home) if case is not None and case.opened_at >= since]
    if not cases:
        raise UsageError("drill.no_case")
    running.look()
    case = cases[-1]
    story, found = running.story, list_a(case)
    listed = {(each.kind, each.id, each.account, each.region) for each in found.made}
    planted = {(each.kind, each.id, each.account, each.region) for each in story.planted}
    decoys = {(each.kind, each.id, each.account, each.region) for each in story.decoys}
    begun, contained = _contained(running, case, since)
    return Score(
        case=case.id,
        within=running.kind.within,
        contained_after=contained - begun if contained else None,
        planted=len(planted),
        found=len(planted & listed),
        missing=_names(planted - listed),
        decoys=len(decoys),
        touched=_names(decoys & listed),
        harmful=_harmful(running.attempts, contained),
        replies=_replies(home, case) if running.kind.has_mail else None,
        openings=len(story.openings) + bool(story.machine),
        still_open=running.still_open(),
        meant=len(story.meant),
        shut=running.shut(),
    )


def _contained(running: Drill, case: Case, since: datetime) -> tuple[datetime, datetime | None]:
    """By the account's clock when the responder's time began and ended: with the case, and where doors stood open, with the drill."""
    opened = running.began_at + (case.opened_at - since)
    contained = running.began_at + (case.contained_at - since) if case.contained_at else None
    if not running.story.openings:
        return opened, contained
    if contained is None or running.closed_at is None:
        return running.began_at, None
    return running.began_at, max(contained, running.closed_at)


def _harmful(attempts: "Sequence[Attempt]", contained: datetime | None) -> tuple[str, ...]:
    """What worked after it was contained; before that, it is the attack going on."""
    if contained is None:
        return ()
    return tuple(sorted({f"{each.call} {each.target}" for each in attempts if each.is_harmful and each.at > contained}))


def _replies(home: Path, case: Case) -> Mapping[str, int]:
    facts = facts_of(find_case(home, case.id), case)
    replies = {language: write_reply(facts, language) for language in LANGUAGES}
    return {language: length_of(each.text) for language, each in replies.items() if each.is_ready}


def _names(things: set[tuple[str, str, str, str]]) -> tuple[str, ...]:
    return tuple(sorted(f"{kind} {identifier} {account} {region}" for kind, identifier, account, region in things))
