"""The inbox as people work with it: looking, taking, deciding; and how they call what they mean.

What is done about a finding is done about its case too: whoever takes one finding of a case has seen the case.
"""

import getpass
import json
import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Connection, select, update

from sakimori.findings.cases import case_of_posture, reopen_cases, settle
from sakimori.findings.cursors import write_cursor
from sakimori.findings.inbox import MUTE, InboxFinding, Quiet, Told, findings_of_case, inbox_by_id
from sakimori.findings.inbox_tables import CASE
from sakimori.findings.mutes import MuteEntry, Mutes
from sakimori.findings.renames import renamed_rules
from sakimori.findings.severities import rank_of
from sakimori.findings.suppression.subject import subject_of_detection, subject_of_verdict
from sakimori.findings.suppression.suppressions import active_suppressions
from sakimori.findings.tables import CURSOR
from sakimori.findings.triage import Decision, Doing, assign, bounded_name, comment, decide, reopen
from sakimori.model.errors import UsageError
from sakimori.model.triage import Disposition, Standing
from sakimori.model.verdict import Text, Verdict
from sakimori.outputs.notify.case_view import NOTHING, case_view
from sakimori.state.store import Store, reading

CASE_ID: Final = re.compile(r"SKM-\d{8}-\d{2,6}\Z", re.IGNORECASE)
_VIEW: Final = "view/"
_VIEW_NAME: Final = re.compile(r"[\w-]{1,60}\Z")


def who_am_i(given: str | None) -> str:
    """The name under which this person acts: given, SAKIMORI_USER, or the account on this machine."""
    if given or os.environ.get("SAKIMORI_USER"):
        return bounded_name(given or os.environ["SAKIMORI_USER"])
    try:
        return bounded_name(getpass.getuser())
    except (OSError, KeyError) as error:
        raise UsageError("triage.without_name") from error


def quiet_of(place: Store | Connection, mutes: Sequence[MuteEntry], on: date) -> Quiet:
    """What is kept quiet on that day, by suppressions of the store and by mutes of the configuration.

    A mute by tag holds only while tags are known, in a run of `assess`; here it does not.
    """
    renamed = renamed_rules(place)
    suppressions = active_suppressions(place, on, renamed)
    muted = Mutes((each for each in mutes if not each.tag_key), on, renamed=renamed)

    def of(told: Told) -> str:
        if isinstance(told, Verdict):
            entry = muted.entry_for(told)
            if entry is not None:
                return f"{MUTE} {entry.number}"
            found = suppressions.of(subject_of_verdict(told))
        else:
            found = suppressions.of(subject_of_detection(told))
        return found.id if found is not None else ""

    digests = {each.id for each in suppressions.entries if each.action.is_in_digest}
    counted = {each.id for each in suppressions.entries if each.action.is_in_case}

    grave = {each.id for each in suppressions.entries if each.is_for_critical}

    def may_hide_critical(suppression: str) -> bool:
        return suppression in grave or suppression.startswith(MUTE)

    def may_concern(rule: str) -> bool:
        return suppressions.may_concern(rule) or (bool(mutes) and rule.startswith("aws."))

    return Quiet(of, may_concern, digests.__contains__, counted.__contains__, may_hide_critical, on)


@dataclass(frozen=True, slots=True)
class Meant:
    """What a word stood for: the findings, and of a case its id."""

    findings: tuple[InboxFinding, ...]
    case: str = ""


def meant_by(place: Store | Connection, word: str, quiet: Quiet) -> Meant:
    """The finding whose id begins so, or all findings of a case (`SKM-20261123-01`); UsageError for none or several."""
    if CASE_ID.match(word):
        identifier = word.upper()
        with reading(place) as connection:
            found = findings_of_case(connection, identifier, quiet)
        if not found:
            raise UsageError("found.unknown_case", given=word)
        return Meant(found, identifier)
    found = inbox_by_id(place, word.lower(), quiet)
    if len(found) > 1:
        raise UsageError("found.ambiguous_id", given=word, known=[each.id[:16] for each in found])
    if not found:
        raise UsageError("found.unknown_id", given=word)
    with reading(place) as connection:
        return Meant(tuple(_with_case(connection, each) for each in found))


def _with_case(connection: Connection, found: InboxFinding) -> InboxFinding:
    """Of posture, the case is not written with the finding: account and rule name it."""
    told = found.told
    if not isinstance(told, Verdict):
        return found
    return replace(found, case=case_of_posture(connection, told.partition, told.account, told.rule))


@dataclass(frozen=True, slots=True)
class Desk:
    """Where one person works: a store, what is quiet in it, and who they are, now."""

    store: Store
    mutes: Sequence[MuteEntry]
    doing: Doing

    def give(self, words: Iterable[str], owner: str, *, due_on: date | None = None, reason: str = "") -> int:
        """Name who looks after it; with a day, it is true and will be put right by then. How many findings."""

        def act(connection: Connection, finding: InboxFinding) -> None:
            if due_on is None:
                assign(connection, finding.id, owner, self.doing)
                return
            decision = Decision(disposition=Disposition.TRUE, reason=reason, owner=owner, due_on=due_on)
            decide(connection, finding.id, decision, self.doing)
            if finding.triage.is_closed:
                reopen_cases(connection, (finding.case,), self.doing.at)

        return self._each(words, act)

    def say(self, words: Iterable[str], text: str) -> int:
        """Write a remark on each."""
        return self._each(words, lambda connection, finding: comment(connection, finding.id, text, self.doing))

    def close(self, words: Iterable[str], disposition: Disposition, reason: str) -> int:
        """Decide what each was. Posture that fails is not closed by a word: UsageError with the three ways out."""

        def act(connection: Connection, finding: InboxFinding) -> None:
            if finding.is_posture and finding.standing in {Standing.OPEN, Standing.SUPPRESSED}:
                raise UsageError("triage.posture_stays", id=finding.id[:8], rule=finding.told.rule)
            decide(connection, finding.id, Decision(disposition=disposition, reason=reason), self.doing)

        return self._each(words, act, settled=True)

    def reopen(self, words: Iterable[str], reason: str) -> int:
        """Back into the inbox, undecided."""

        def act(connection: Connection, finding: InboxFinding) -> None:
            if not finding.triage.is_closed:
                is_open = finding.standing is Standing.OPEN
                raise UsageError("triage.is_open" if is_open else "triage.not_ours_to_reopen", id=finding.id[:8])
            reopen(connection, finding.id, reason, self.doing)
            reopen_cases(connection, (finding.case,), self.doing.at)

        return self._each(words, act)

    def _each(
        self, words: Iterable[str], act: Callable[[Connection, InboxFinding], None], *, settled: bool = False
    ) -> int:  # fmt: skip
        """In one transaction: all of it or nothing."""
        with self.store.begin() as connection:
            quiet = quiet_of(connection, self.mutes, self.doing.at.date())
            found: dict[str, InboxFinding] = {}
            cases: set[str] = set()
            for word in words:
                meant = meant_by(connection, word, quiet)
                found.update((each.id, each) for each in meant.findings)
                cases.add(meant.case)
            for finding in found.values():
                act(connection, finding)
            cases |= {each.case for each in found.values()}
            self._taken(connection, cases - {""})
            if settled:
                settle(connection, cases, self.doing.at)
        return len(found)

    def _taken(self, connection: Connection, cases: set[str]) -> None:
        those = (CASE.c.id.in_(sorted(cases)), CASE.c.taken_by == "")
        connection.execute(update(CASE).where(*those).values(taken_by=self.doing.by))


def save_view(store: Store, name: str, given: Mapping[str, Any]) -> None:
    """Keep filters under a name, as they were typed."""
    if not _VIEW_NAME.match(name):
        raise UsageError("found.bad_view_name", name=name)
    value = json.dumps({key: each for key, each in given.items() if each not in (None, (), False)}, default=str)
    write_cursor(store, _VIEW + name, value)


def forget_view(store: Store, name: str) -> bool:
    """Whether there was a view of that name to forget."""
    with store.begin() as connection:
        return connection.execute(CURSOR.delete().where(CURSOR.c.name == _VIEW + name)).rowcount > 0


def saved_views(store: Store) -> Mapping[str, Mapping[str, Any]]:
    """By name; the filters as they were typed."""
    query = select(CURSOR).where(CURSOR.c.name.startswith(_VIEW)).order_by(CURSOR.c.name)
    with store.read() as connection:
        rows = connection.execute(query).mappings().all()
    return {row["name"].removeprefix(_VIEW): json.loads(row["value"]) for row in rows}


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseLine:
    """One case in a list."""

    id: str
    kind: str
    severity: str
    is_open: bool
    account: str
    subject: str
    title: Text
    """Of the gravest that is in it."""
    taken_by: str
    first_at: datetime
    last_at: datetime


def list_cases(store: Store, quiet: Quiet, *, with_closed: bool, limit: int) -> tuple[CaseLine, ...]:
    """The latest first; of those of one moment the gravest, as an assessment opens many at once."""
    query = select(CASE).order_by(CASE.c.last_at.desc(), rank_of(CASE.c.severity).desc(), CASE.c.id.desc()).limit(limit)
    if not with_closed:
        query = query.where(CASE.c.state == "open")
    with store.read() as connection:
        rows = connection.execute(query).mappings().all()
        titles = [view.title if (view := case_view(connection, row["id"], quiet)) else NOTHING for row in rows]
    same = ("id", "kind", "severity", "account", "subject", "taken_by", "first_at", "last_at")
    return tuple(
        CaseLine(is_open=row["state"] == "open", title=title, **{name: row[name] for name in same})
        for row, title in zip(rows, titles, strict=True)
    )
