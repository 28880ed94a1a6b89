"""The reply to AWS Support, as AWS's mails about a leaked key ask for it, and the request to adjust the bill.

What to answer is told by AWS's own mail and by https://repost.aws/knowledge-center/potential-account-compromise: keys rotated and
deleted, CloudTrail looked through, IAM and resources cleaned, a recurrence prevented. Nothing else is told.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from sakimori.outputs.case.checking import check_reply
from sakimori.outputs.case.facts import CaseFacts, ItemState
from sakimori.outputs.case.reply_form import LIMIT, Attachment, Reply, ReplyFault, Sentence, Weight, length_of
from sakimori.outputs.case.reply_sections import Sections, last_of
from sakimori.outputs.case.reply_tables import Table, cost_table, fitting, money, shown_rows
from sakimori.texts.language import Language, clean
from sakimori.texts.sentences import say

_ACCOUNTS: Final = 5
_COST_FILE: Final = "costs.csv"
_SUBJECT: Final = 900


@dataclass(frozen=True, slots=True)
class _Draft:
    text: str
    sentences: tuple[Sentence, ...]
    faults: tuple[ReplyFault, ...]
    attachments: tuple[Attachment, ...]


def write_reply(facts: CaseFacts, language: Language, *, limit: int = LIMIT) -> Reply:
    """The reply. Tables are cut until it fits, and go along whole; what has no evidence is left out and told in `faults`."""
    rows = len(facts.items)
    draft = _fitted(lambda most: _reply(facts, language, most), rows, limit)
    return _finished(facts, language, draft, check_reply(draft.text, facts, language, limit=limit))


def write_billing_request(facts: CaseFacts, language: Language, *, limit: int = LIMIT) -> Reply:
    """The request for an adjustment, with the table of what the unauthorised use cost."""
    rows = len(facts.costs)
    draft = _fitted(lambda most: _billing(facts, language, most), rows, limit)
    return _finished(facts, language, draft, check_reply(draft.text, facts, language, limit=limit, tells_review=False))


def subject_of(facts: CaseFacts, language: Language) -> str:
    """The subject under which to answer AWS's mail: unchanged, so that AWS finds the case; "" where there was no mail."""
    return say("case_reply.subject", language, subject=clean(facts.subject, _SUBJECT)) if facts.subject else ""


def _finished(facts: CaseFacts, language: Language, draft: _Draft, checked: tuple[ReplyFault, ...]) -> Reply:
    return Reply(
        text=draft.text, language=language, subject=subject_of(facts, language), sentences=draft.sentences,
        attachments=draft.attachments, faults=(*draft.faults, *checked),
    )  # fmt: skip


def _fitted(write: Callable[[int], _Draft], longest: int, limit: int) -> _Draft:
    return write(fitting(lambda most: write(most).text, longest, lambda text: length_of(text) <= limit))


def _reply(facts: CaseFacts, language: Language, most: int) -> _Draft:
    sections = Sections(facts, language, most)
    parts = sections.parts()
    accounts = [clean(each, 40) for each in facts.accounts[:_ACCOUNTS]]
    name = "case_reply.opening" if facts.aws_case else "case_reply.opening_no_case"
    opening = say(name, language, noun=_noun(accounts, language), account=accounts, aws_case=clean(facts.aws_case, 60))
    closing = [say("case_reply.billing", language)] if facts.costs else []
    closing.append(say("case_reply.abuse_closing" if facts.is_abuse else "case_reply.restrictions", language))
    blocks = [opening, *(_numbered(number, part, language) for number, part in enumerate(parts, 1))]
    blocks += ["\n".join(closing), say("case_reply.closing", language)]
    sentences = tuple(each for part in parts for each in part)
    return _Draft("\n\n".join(blocks), sentences, tuple(sections.faults), _attached(sections.tables))


def _numbered(number: int, part: Sequence[Sentence], language: Language) -> str:
    """A numbered paragraph; rows of tables stand on lines of their own."""
    text, joiner = "", "" if language == "ja" else " "
    was_row = False
    for sentence in part:
        is_row = sentence.text.startswith("- ") or (was_row and not sentence.is_claim)
        text += ("\n" if is_row or was_row else joiner if text else "") + sentence.text
        was_row = is_row
    return f"{number}. {text}"


def _billing(facts: CaseFacts, language: Language, most: int) -> _Draft:
    sections = Sections(facts, language, most)
    shown = [each for each in facts.costs if each.evidence]
    faults = list[ReplyFault]()
    if len(shown) < len(facts.costs) or not shown:
        missing = "case_reply.no_evidence" if facts.costs else "case_reply.not_known"
        what = {"what": say("case_reply.what_costs", language)}
        faults.append(ReplyFault(weight=Weight.WARNING if shown else Weight.REFUSED, text=missing, values=what))
    table = cost_table(shown, _COST_FILE, most, language)
    rows = shown_rows(table, language)
    evidence = tuple(dict.fromkeys(one for each in shown for one in each.evidence))
    opening, what = _bill_opening(facts, language, evidence)
    said = [opening]
    if shown:
        total = sum((each.amount for each in shown), start=Decimal(0))
        name = "case_reply.bill_total_estimate" if any(each.is_estimate for each in shown) else "case_reply.bill_total"
        said += [what, *rows, Sentence(text=say(name, language, amount=money(total)), evidence=evidence)]
    said += _bill_closing(facts, language, sections)
    said.append(Sentence(text=say("case_reply.closing", language), is_claim=False))
    text = f"{said[0].text}\n\n" + "\n".join(each.text for each in said[1:])
    return _Draft(text, tuple(said), (*faults, *sections.faults), _attached([table]))


def _bill_opening(facts: CaseFacts, language: Language, evidence: tuple[str, ...]) -> list[Sentence]:
    case = say("case_reply.bill_case", language, aws_case=clean(facts.aws_case, 60)) if facts.aws_case else ""
    accounts = [clean(each, 40) for each in facts.accounts[:_ACCOUNTS]]
    opening = say("case_reply.bill_opening", language, noun=_noun(accounts, language), account=accounts, aws_case=case)
    until = last_of([facts.contained, *(each.state_at for each in facts.items)])
    name = "case_reply.bill_what" if facts.began and until else "case_reply.bill_what_open"
    what = say(name, language, since=facts.began, until=until)
    return [Sentence(text=opening, is_claim=False), Sentence(text=what, evidence=evidence)]


def _bill_closing(facts: CaseFacts, language: Language, sections: Sections) -> list[Sentence]:
    said = list[Sentence]()
    items = facts.resources
    rogue = [each for each in (items.value if items else ()) if each.state is not ItemState.KEPT]
    if items and items.evidence and rogue and all(each.state_at and each.state is not ItemState.OPEN for each in rogue):
        at = last_of(each.state_at for each in rogue)
        said.append(Sentence(text=say("case_reply.bill_stopped", language, at=at), evidence=items.evidence))
    prevention = facts.prevention
    services = [*sections.services(prevention.cost_services), *sections.services(prevention.security_services)]
    if services:
        evidence = (*prevention.cost_services.evidence, *prevention.security_services.evidence)
        said.append(Sentence(text=say("case_reply.bill_prevention", language, services=services), evidence=evidence))
    return [*said, Sentence(text=say("case_reply.bill_ask", language), is_claim=False)]


def _attached(tables: Sequence[Table]) -> tuple[Attachment, ...]:
    return tuple(each.written() for each in tables if len(each.rows) < each.count)


def _noun(accounts: Sequence[str], language: Language) -> str:
    return say("case_reply.accounts" if len(accounts) > 1 else "case_reply.account", language)
