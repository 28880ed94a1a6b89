"""One rule or one finding, explained: why it matters, how to mend it, what that may break, the way back."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sakimori.app.rules import OpenRules, open_rules, summary_of
from sakimori.findings.reading import find_findings
from sakimori.model.assessment import RuleSummary
from sakimori.model.errors import UsageError
from sakimori.model.verdict import Verdict
from sakimori.rules.rule import Rule
from sakimori.state.store import open_store

_FINDING: Final = re.compile(r"[0-9a-f]{6,32}\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """The rule, and the finding where one was asked for."""

    rule: RuleSummary
    judges: str
    finding: Verdict | None = None


def explain(home: Path, identifier: str, *, rules_dir: Path | None = None, state: str = "") -> Explanation:
    """A rule by id, or a finding by its id or the beginning of it; UsageError where there is none or more than one."""
    opened = open_rules(rules_dir)
    if not _FINDING.match(identifier):
        return _of(opened, opened.book.find(identifier), None)
    with open_store(state or home / "state.db") as store:
        found = find_findings(store, identifier)
    if len(found) != 1:
        text = "verbs.no_such_finding" if not found else "verbs.finding_ambiguous"
        raise UsageError(text, id=identifier, known=[verdict.id for verdict in found])
    return _of(opened, opened.book.find(found[0].rule), found[0])


def _of(opened: OpenRules, rule: Rule, finding: Verdict | None) -> Explanation:
    asking = opened.frameworks.asking_for().get(rule.id, ())
    return Explanation(rule=summary_of(rule, asking), judges=rule.judges, finding=finding)
