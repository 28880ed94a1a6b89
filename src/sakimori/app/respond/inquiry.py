"""R40 and R73: what happened, and what is set up against the next time, kept as evidence and in the case's log."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sakimori.analysis.incident.event_history import Asking
from sakimori.analysis.incident.form import newest_told, regions_looked
from sakimori.analysis.incident.investigation import Investigation
from sakimori.analysis.incident.questions import Answer, Answered
from sakimori.analysis.incident.seeds import Subject, SubjectKind
from sakimori.app.assess import AssessRequest
from sakimori.app.aws_case import prove
from sakimori.app.investigate import InvestigateRequest, investigate
from sakimori.app.respond.case import Case, StepState, Told
from sakimori.app.respond.clocks import began_of
from sakimori.app.respond.hands import Hands
from sakimori.aws.door import Door
from sakimori.aws.settings import Clock
from sakimori.lake.log_reader import Where
from sakimori.model.errors import UsageError
from sakimori.outputs.report.investigation_json import investigation_json
from sakimori.outputs.report.investigation_text import answer_line, coverage_lines
from sakimori.texts.language import LANGUAGES

_REACHES: Final = timedelta(days=90)
_MOST_MOMENTS: Final = 500
_MOST_OTHERS: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquiry:
    """Asks about one case. `since` is when the theft began, None where nobody knows."""

    hands: Hands
    home: Path
    doors: Sequence[Door]
    since: datetime | None = None
    times: Clock = field(default_factory=Clock)
    told: Callable[[str], None] = lambda _: None
    """Hears of each stage, by the id of a text `investigate.stage_<id>`."""
    asking: Callable[[Asking], None] = lambda _: None
    """Hears how far it is with the event history."""

    def look(self) -> bool:
        """R40: look. What events do not answer for certain is named; an investigation that ended so is done all the same."""
        case, now = self.hands.log.case, self.hands.clock()
        found = investigate(
            InvestigateRequest(
                home=self.home, subject=subject_of(case), now=now, where=Where(since=now - _REACHES),
                since=self.since or began_of(case), doors=tuple(self.doors), times=self.times,
            ),
            told=self.told, asking=self.asking,
        )  # fmt: skip
        kept = self.hands.keep(
            "R40", "investigation", call="investigate", account=case.suspect.account,
            payload=investigation_json(found, "en"), rows=found.event_count, coverage=" ".join(coverage_lines(found, "en")),
        )  # fmt: skip
        self.hands.log.write(Told.ANSWER, {"question": "investigation", "answer": {**_plain(found), "evidence": kept}})
        unknown = [
            {"en": each.question.en, "ja": each.question.ja}
            for each in found.answers
            if each.answered is Answered.UNKNOWN
        ]
        values = {
            "events": found.event_count,
            "list_a": sum(not each.is_from_known_origin for each in found.made),
            "unknown": unknown or ["—"],
            "evidence": kept,
        }
        self.hands.tell("R40", StepState.DONE, "respond.investigated", **values)
        return True

    def prevention(self, request: AssessRequest) -> bool:
        """R73: whether what AWS asks for is set up."""
        case = self.hands.log.case
        door = next((each for each in self.doors if each.account.id == case.suspect.account), None)
        if door is None:
            raise UsageError("respond.not_entered", account=case.suspect.account)
        proof = prove(request, door, clock=self.hands.clock)
        watching = [each.requirement for each in proof.watching if each.holds]
        protecting = [each.requirement for each in proof.protecting if each.holds]
        kept = self.hands.keep(
            "R73", "prevention", call="assess aws-key-reply", account=proof.account,
            payload={"watching": watching, "protecting": protecting, "as_of": proof.as_of}, rows=len(watching) + len(protecting),
            coverage="whole" if all(each.holds is not None for each in (*proof.watching, *proof.protecting)) else "in part",
        )  # fmt: skip
        answer = {"watching": watching, "protecting": protecting, "evidence": kept}
        self.hands.log.write(Told.ANSWER, {"question": "prevention", "answer": answer})
        text = "respond.prevention_enough" if proof.is_enough else "respond.prevention_lacks"
        state = StepState.DONE if proof.is_enough else StepState.FAILED
        self.hands.tell("R73", state, text, watching=watching or ["—"], protecting=protecting or ["—"])
        return proof.is_enough


def subject_of(case: Case) -> Subject:
    """What a case's investigation begins with; UsageError where nothing is known of it."""
    suspect = case.suspect
    if suspect.key_id:
        return Subject(kind=SubjectKind.KEY, id=suspect.key_id)
    if suspect.user or suspect.role:
        kind = SubjectKind.USER if suspect.user else SubjectKind.ROLE
        return Subject(kind=kind, id=suspect.user or suspect.role)
    raise UsageError("respond.nothing_to_investigate", case=case.id)


def _plain(found: Investigation) -> Mapping[str, Any]:
    """What a reply and a report say of it; the rest is in the evidence."""
    listed = sum(each.listed_count for each in found.validations)
    verified = sum(each.verified_count for each in found.validations)
    data = [each.has_data_events for each in found.looked]
    regions, enabled = regions_looked(newest_told(found.looked))
    return {
        "since": found.since.isoformat() if found.since else None,
        "until": found.until.isoformat(),
        "regions": regions,
        "regions_enabled": enabled,
        "events": found.event_count,
        "has_data_events": True if True in data else False if False in data else None,
        "digest": "not_run" if not found.validations else "verified" if listed == verified else "partial",
        "digest_files": [verified, listed],
        "is_cut": found.is_cut,
        "agrees": None if found.compared is None else found.compared.agree,
        "unread": list(found.closure.unread),
        "negatives": [_negative(each, found) for each in found.answers if each.answered is not Answered.FOUND],
        "others": [
            {"account": each.account, "principal": each.principal, "count": each.count, "at": each.first_at.isoformat()}
            for each in (found.others or ())[:_MOST_OTHERS]
        ],
        "costs": [
            {
                "kind": each.made.kind, "id": each.made.id, "account": each.made.account, "region": each.made.region,
                "size": each.size, "hourly": each.usd_an_hour, "usd": each.usd,
            }
            for each in found.cost.lines
        ],
        "moments": [
            {
                "at": each.at.isoformat(), "calls": list(each.calls[:5]), "count": each.count, "region": each.region,
                "account": each.account, "actor": each.principal, "error": each.error, "resource": each.resource,
            }
            for each in found.entries[:_MOST_MOMENTS]
        ],
    }  # fmt: skip


def _negative(answer: Answer, found: Investigation) -> Mapping[str, Any]:
    question = answer.question
    coverage = {language: answer_line(answer, found, language) for language in LANGUAGES}
    title = {"en": question.en, "ja": question.ja}
    return {"question": title, "coverage": coverage, "is_complete": answer.answered is Answered.NONE}
