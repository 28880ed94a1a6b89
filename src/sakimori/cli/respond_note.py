"""`sakimori respond note`: something that a person knows and no log tells."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import click

from sakimori.app.clock import utc_now
from sakimori.app.inbox import who_am_i
from sakimori.app.respond.case import BY_HAND, KNOWN_PEOPLE, UNREADABLE, WAYS_IN, StepState, Told
from sakimori.app.respond.case_files import CaseLog, open_case
from sakimori.app.respond.known_people import Person, people_told, person_told
from sakimori.app.respond.looked_at import with_entry
from sakimori.app.respond.unsaid import UNSAID, take_back_word
from sakimori.cli.lazy import SpokenCommand, option, spoken
from sakimori.cli.respond_pages import echo_next
from sakimori.model.errors import UsageError
from sakimori.texts.language import clean
from sakimori.texts.sentences import say

_LONGEST = 4_000
_NOTHING_SAID: Final = frozenset({"", "TEXT"})
"""The place holder of the command that is printed says of nobody that they were told."""
_TELLING: Final = "R18"
_WAYS: Final = ("R13", "R16")
"""Steps that tell by which ways a thief may get new sessions: a person's word counts for those that were told, not for others."""
_UNREADABLE: Final = "respond.followed_unreadable"
_SWEEP: Final = "R64"
_BY_PERSON: Final = (*_WAYS, _TELLING, _SWEEP, "R80", "R81")
"""Steps that nobody but a person does, outside of this program."""
_PEOPLE: Final = "R12"
"""The step that stops people of IAM Identity Center by name: there somebody may vouch for one."""
_SHOWN: Final = 20


@click.command("note", cls=SpokenCommand, help=say("respond.note_help", spoken()))
@click.argument("text")
@option("--case", default="", help_="respond.option_case")
@option("--step", default="", help_="respond.option_note_step")
@option("--sso-user", default="", help_="respond.option_note_sso_user")
@option("--undo", is_flag=True, help_="respond.option_note_undo")
@option("--by", help_="triage.option_by")
@option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
@click.pass_obj
def command(home: Path, text: str, case: str, step: str, sso_user: str, *, undo: bool, by: str | None) -> None:  # noqa: PLR0913 - its options
    """Write a note."""
    if text.strip() in _NOTHING_SAID:
        raise UsageError("respond.note_empty")
    wanted, name, words = step.upper(), who_am_i(by), clean(text, _LONGEST)
    if bool(sso_user) is not (wanted == _PEOPLE):
        raise UsageError("respond.note_for_person")
    if undo:
        _take_back(home, case, wanted, user=sso_user, by=name, words=words)
        return
    if wanted == _PEOPLE:
        _vouch(home, case, sso_user, by=name, words=words)
        return
    if wanted and wanted not in _BY_PERSON:
        raise UsageError("respond.not_by_note", step=clean(wanted, 40), known=list(_BY_PERSON))
    with open_case(home, case, clock=utc_now) as log:
        if wanted in _WAYS:
            _close_told(log, wanted, name, words)
        is_done = wanted != _SWEEP or _set_right(log, name, words)
        log.write(Told.NOTE, {"text": words, "by": name})
        if wanted and is_done:
            values = {"by": name, "text": words}
            log.write(Told.STEP, {"step": wanted, "state": StepState.DONE.value, "by": name, "detail": "respond.by_person", "values": values, "evidence": []})  # fmt: skip
        if wanted == _TELLING:
            log.write(Told.NOTIFIED, {"by": name})
        click.echo(say("respond.noted", spoken(), case=log.case.id))
        if wanted:
            echo_next(log.case)


def _take_back(home: Path, case: str, step: str, *, user: str, by: str, words: str) -> None:  # noqa: PLR0913 - whose word, and why
    """What a note said of a step holds no more."""
    if step not in UNSAID:
        raise UsageError("respond.not_unsaid", step=clean(step, 40) or "—", known=list(UNSAID))
    with open_case(home, case, clock=utc_now) as log:
        values = take_back_word(log, step, user=user, by=by, words=words)
        said = say("respond.unsaid_person" if step == _PEOPLE else "respond.unsaid", spoken(), **values)
        log.write(Told.NOTE, {"text": said, "by": by})
        click.echo(said)
        echo_next(log.case)


def _vouch(home: Path, case: str, user: str, *, by: str, words: str) -> None:
    """Somebody says that a person's sessions are the person's own; UsageError for a name that no look found.

    What the word covers is said with it: a thief has the same name, and may come by an address that it covers.
    """
    with open_case(home, case, clock=utc_now) as log:
        person = person_told(log.case, user)
        if person is None:
            known = [each.name for each in people_told(log.case)[:_SHOWN]]
            raise UsageError("respond.no_person_told", user=clean(user, 128), known=known or ["—"], case=log.case.id)
        if person.is_cut:
            raise UsageError("respond.person_everywhere", user=clean(user, 128), count=len(person.addresses))
        answer = with_entry(log.case, KNOWN_PEOPLE, person.marks, by=by, words=words, at=utc_now())
        log.write(Told.ANSWER, {"question": KNOWN_PEOPLE, "answer": answer})
        values = {**_covered(person), "by": by, "words": words, "case": log.case.id}
        log.write(Told.NOTE, {"text": say("respond.vouched_note", spoken(), **values), "by": by})
        log.write(Told.STEP, {"step": _PEOPLE, "state": StepState.OPEN.value, "by": by, "detail": "respond.vouched", "values": values, "evidence": []})  # fmt: skip
        click.echo(say("respond.vouched", spoken(), **values))
        echo_next(log.case)


def _covered(person: Person) -> Mapping[str, Any]:
    return {
        "user": person.name, "addresses": list(person.addresses[:_SHOWN]) or ["—"], "count": len(person.addresses),
        "sessions": len(person.sessions),
    }  # fmt: skip


def _close_told(log: CaseLog, step: str, by: str, words: str) -> None:
    """What the step told until now is closed, or in nobody's hands, or was looked at; UsageError where R13 told of nothing of the kind."""
    line = log.case.steps.get(step)
    values = line.values if line else {}
    unread = [str(each) for each in values.get("unreadable_marks") or ()]
    if line and line.detail == _UNREADABLE:
        log.write(
            Told.ANSWER,
            {
                "question": UNREADABLE,
                "answer": with_entry(log.case, UNREADABLE, unread, by=by, words=words, at=utc_now()),
            },
        )
        return
    marks = [str(each) for each in values.get("marks") or ()]
    if step == _WAYS[0] and not marks:
        raise UsageError("respond.no_ways_told", case=log.case.id)
    told = log.case.answers.get(WAYS_IN) or {}
    ways = list(dict.fromkeys((*map(str, told.get("ways") or ()), *marks)))
    since = {**(told.get("since") or {}), **dict.fromkeys(marks, utc_now().isoformat())}
    log.write(Told.ANSWER, {"question": WAYS_IN, "answer": {"ways": ways, "by": by, "since": since}})


def _set_right(log: CaseLog, by: str, words: str) -> bool:
    """What the sweep left to a person is done; whether nothing else is left. UsageError where it left nothing to a person."""
    line = log.case.steps.get(_SWEEP)
    values = line.values if line else {}
    marks = [str(each) for each in values.get("by_hand_marks") or ()]
    if not marks:
        raise UsageError("respond.no_by_hand_told", case=log.case.id)
    answer = with_entry(log.case, BY_HAND, marks, by=by, words=words, at=utc_now())
    log.write(Told.ANSWER, {"question": BY_HAND, "answer": answer})
    swept = log.case.answers.get("sweep") or {}
    log.write(Told.ANSWER, {"question": "sweep", "answer": {**swept, "left": max(0, int(swept["left"]) - len(marks))}})
    if not values.get("left") and not values.get("unread"):
        return True
    told = {"left": values.get("left"), "unread": values.get("unread"), "count": values.get("count")}
    log.write(Told.STEP, {"step": _SWEEP, "state": StepState.FAILED.value, "by": by, "detail": "respond.swept_left", "values": told, "evidence": []})  # fmt: skip
    return False
