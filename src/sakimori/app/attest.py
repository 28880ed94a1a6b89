"""Attestations as a person meets them: which questions are open for which account, and signing."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from sakimori.findings.attestations import attestations, is_due
from sakimori.lake.snapshot import Lake
from sakimori.model.errors import UsageError
from sakimori.model.framework import Attested
from sakimori.rules.framework import Question
from sakimori.rules.frameworks import Frameworks
from sakimori.state.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One question for one account, the signature that counts (if any), and which frameworks ask."""

    question: Question
    account: str
    attested: Attested | None
    asked_by: tuple[tuple[str, str], ...]

    def is_due(self, on: date, within: timedelta = timedelta()) -> bool:
        """Whether nobody vouches for it on that day, or no longer will so soon after."""
        return is_due(self.attested, on, within)


def lines(store: Store, frameworks: Frameworks, accounts: tuple[str, ...]) -> Iterator[Line]:
    """Every question for each of these accounts, in the order of the questions."""
    signed = attestations(store)
    asked: dict[str, list[tuple[str, str]]] = {}
    for framework in frameworks.by_id.values():
        for requirement in framework.requirements:
            if requirement.question:
                asked.setdefault(requirement.question, []).append((framework.id, requirement.id))
    for question in frameworks.questions.values():
        for account in accounts:
            yield Line(
                question=question, account=account, attested=signed.get((question.id, account)),
                asked_by=tuple(asked.get(question.id, ())),
            )  # fmt: skip


def known_accounts(home: Path, asked: tuple[str, ...]) -> tuple[str, ...]:
    """The accounts asked for, or else those of the newest snapshot; UsageError where neither is there."""
    if asked:
        for account in asked:
            if not (account.isascii() and account.isdigit() and len(account) == 12):  # noqa: PLR2004 - AWS account ids
                raise UsageError("verbs.bad_account", account=account)
    lake = Lake(home)
    try:
        complete = [line for line in lake.snapshots() if line.is_complete]
    finally:
        lake.close()
    if asked:
        known = {account.id for line in complete for account in line.accounts}
        strange = sorted(set(asked) - known)
        if known and strange:
            raise UsageError("verbs.account_never_read", account=strange, known=sorted(known))
        return tuple(dict.fromkeys(asked))
    newest = complete[0] if complete else None
    if newest is None:
        raise UsageError("verbs.no_account")
    return tuple(account.id for account in newest.accounts)
