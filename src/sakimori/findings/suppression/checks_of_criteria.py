"""Checks of the criteria: as fine as can be, named one by one, and nothing by exclusion.

Sources: GuardDuty API reference, CreateFilter and Condition (names, values, `Matches`); GuardDuty User Guide, "Filtering
findings in GuardDuty" and "Amazon GuardDuty quotas"; the models of `guardduty` and `securityhub` in botocore.
"""

import re
from typing import Final

from sakimori.findings.suppression.criteria import RULE, Criterion, Operator
from sakimori.findings.suppression.lint import Evidence, Level, Told
from sakimori.findings.suppression.subject import BUCKET_FIELD, IDENTITIES
from sakimori.findings.suppression.suppression import NO_END, Action, Suppression

_S3_TYPE: Final = re.compile(r"[:/]S3")
_LITERAL: Final = 3
"""Characters in a row that a pattern must name to name anything."""
_KINDS: Final = (
    "", "user/", "role/", "group/", "policy/", "instance/", "i-", "instance/i-", "i-0", "instance/i-0", "volume/vol-0",
    "security-group/sg-0", "vpc/vpc-0", "subnet/subnet-0", "network-interface/eni-0", "snapshot/snap-0", "image/ami-0",
    "function:", "db:", "cluster:", "cluster/", "key/", "secret:", "log-group:", "table/", "trail/", "repository/",
    "access-point/", "stack/", "AKIA", "ASIA", "AIDA", "AROA",
)  # fmt: skip
"""What stands before the name in ARNs and ids, and so names nothing."""
_STRANGERS: Final = ("qzqzqzqzqzqzqzqzq", "7j7j7j7j7j7j7j7j7")
"""Names that have nothing in common: what takes both takes everything."""
_ANY_ARN: Final = "arn:aws:iam::111122223333:"
_COLONS: Final = 5
"""Of an ARN, before its resource."""
_UNWILD: Final = str.maketrans({"*": "x", "?": "x"})
ID: Final = re.compile(r"[A-Za-z0-9._-]{3,64}")
"""As GuardDuty takes names of filters."""
MOST_FILTERS: Final = 100
"""In one Region of one account, of GuardDuty's filters and of Security Hub's automation rules alike."""
MOST_PATTERNS: Final = 5
LONGEST_PATTERN: Final = 512
MOST_VALUES: Final = 20
"""Of one field of an automation rule of Security Hub; 100 for accounts and generators."""
_SERVICES: Final = frozenset({"guardduty", "securityhub"})


def fine_grained(suppression: Suppression, _evidence: Evidence) -> Told:
    """SUP004: it names the rule or type, and the resource, principal or key."""
    if not suppression.rules:
        yield "sup004_no_rule", {}
    if not any(_names_one(each) for each in suppression.criteria.entries):
        yield ("sup004_no_identity" if suppression.rules else "sup004_nothing"), {"fields": sorted(IDENTITIES)}


def _names_one(criterion: Criterion) -> bool:
    if criterion.field not in IDENTITIES:
        return False
    if criterion.operator is Operator.EQUALS:
        return True
    return criterion.operator is Operator.MATCHES and all(
        _says_something(criterion.field, each) for each in criterion.values
    )


def _says_something(field: str, pattern: str) -> bool:
    """Whether a pattern names more than a kind: `arn:aws:s3:::*`, `i-0*` and `arn:*` say nothing of which one."""
    name = re.split(r"[:/]", pattern)[-1] or pattern
    if max(map(len, re.split(r"[*?]", name))) < _LITERAL:
        return False
    *before, _ = pattern.split(":", _COLONS)
    heads = (":".join((*before, "")).translate(_UNWILD),) if len(before) == _COLONS else ("", _ANY_ARN)
    asked = Criterion(field, Operator.MATCHES, (pattern,))
    return not any(
        all(asked.takes(f"{each}{kind}{stranger}") for stranger in _STRANGERS) for each in heads for kind in _KINDS
    )


def names_the_bucket(suppression: Suppression, _evidence: Evidence) -> Told:
    """SUP005: types on S3 name the bucket exactly."""
    concerned = [each for each in suppression.rules if _S3_TYPE.search(each)]
    if concerned and not suppression.criteria.equal_to(BUCKET_FIELD):
        yield "sup005", {"rules": concerned[:10], "field": BUCKET_FIELD}


def nothing_open(suppression: Suppression, evidence: Evidence) -> Told:
    """SUP006: no pattern without a reason and a seen set of matches; no exclusion that stands alone."""
    entries = suppression.criteria.entries
    for each in entries:
        if each.operator is Operator.MATCHES and each.field == RULE:
            yield "sup006_rule_pattern", {"values": each.values[:10]}
        elif each.operator is Operator.MATCHES and not (suppression.reason.strip() and evidence.matches):
            yield "sup006_pattern", {"field": each.field, "values": each.values[:10], "count": len(evidence.matches)}
        elif each.operator is Operator.EQUALS and any(sign in value for value in each.values for sign in "*?"):
            yield "sup006_plain_sign", {"field": each.field}, Level.WARNING
    excluding = [each.field for each in entries if each.operator is Operator.NOT_EQUALS]
    named = [each for each in entries if each.operator is not Operator.NOT_EQUALS and each.field != RULE]
    if excluding and not named:
        yield "sup006_exclusion", {"fields": excluding}


def within_quotas(suppression: Suppression, evidence: Evidence) -> Told:
    """SUP013: the name and the sizes are such that the service takes it."""
    if suppression.source != "securityhub" and not ID.fullmatch(suppression.id):
        yield "sup013_id", {"id": suppression.id}
    if suppression.source not in _SERVICES:
        return
    for each in suppression.criteria.entries:
        too_many = each.operator is Operator.MATCHES and len(each.values) > MOST_PATTERNS
        too_long = each.operator is Operator.MATCHES and any(len(value) > LONGEST_PATTERN for value in each.values)
        if suppression.source == "guardduty" and (too_many or too_long):
            yield "sup013_patterns", {"field": each.field, "most": MOST_PATTERNS, "longest": LONGEST_PATTERN}
        if suppression.source == "securityhub" and len(each.values) > MOST_VALUES:
            yield "sup013_values", {"field": each.field, "most": MOST_VALUES}
    beside = sum(each.source == suppression.source for each in evidence.others) + 1
    if beside > MOST_FILTERS:
        yield "sup013_count", {"source": suppression.source, "count": beside, "most": MOST_FILTERS}


def turned_off_knowingly(suppression: Suppression, evidence: Evidence) -> Told:
    """SUP014: a rule is off only as a whole, with evidence that nothing of its kind matters, and looked at each year."""
    if suppression.action is not Action.DISABLE:
        return
    if not suppression.rules or len(suppression.criteria.entries) != 1:
        yield "sup014_only_rule", {}, Level.ERROR
    if not suppression.evidence.strip():
        yield "sup014_evidence", {}, Level.ERROR
    resources = {value for each in evidence.matches for value in each.subject.resources}
    if evidence.matches:
        yield "sup014_hides", {"count": len(evidence.matches), "resources": len(resources)}
    if suppression.expires_on != NO_END:
        yield "sup014_review", {"day": suppression.expires_on}
