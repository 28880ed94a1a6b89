"""What a service of AWS told, in one form for all of them, and the detection that it makes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sakimori.findings.imported.values import account_id, named
from sakimori.model.arn import Arn
from sakimori.model.detection import MAX_ORIGINS, MAX_RESOURCES, Detection
from sakimori.model.verdict import Text
from sakimori.model.words import Confidence, Severity
from sakimori.texts.language import clean
from sakimori.texts.sentences import say

SERVICES: Final[Mapping[str, str]] = {
    "guardduty": "GuardDuty",
    "securityhub": "Security Hub",
    "inspector": "Amazon Inspector",
    "macie": "Amazon Macie",
    "access-analyzer": "IAM Access Analyzer",
    "aws-mail": "AWS (mail)",
}
"""The producers of imported findings, and how AWS calls them."""
MAX_DESCRIPTION: Final = 2_000
_MAX_TITLE: Final = 300
_MAX_QUOTED: Final = 250
"""Of a description within a Japanese sentence."""
_TACTICS: Final = frozenset({
    "reconnaissance", "resource-development", "initial-access", "execution", "persistence", "privilege-escalation",
    "defense-evasion", "credential-access", "discovery", "lateral-movement", "collection", "command-and-control",
    "exfiltration", "impact",
})  # fmt: skip
"""Of MITRE ATT&CK, as detections spell them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """Where a finding was read, for one that does not say itself where it belongs."""

    partition: str = ""
    account: str = ""
    region: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A finding as its service tells it; "" and None where it does not."""

    producer: str
    native_id: str
    kind: str
    title: str = ""
    description: str = ""
    severity: Severity = Severity.MEDIUM
    confidence: Confidence = Confidence.MEDIUM
    first_at: datetime | None = None
    last_at: datetime | None = None
    updated_at: datetime | None = None
    count: int = 1
    account: str = ""
    region: str = ""
    partition: str = ""
    principal: str = ""
    origins: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    tactics: tuple[str, ...] = ()
    techniques: tuple[str, ...] = ()
    evidence: Mapping[str, object] = field(default_factory=dict[str, object])
    is_closed: bool = False


def as_detection(told: Told, where: Where) -> Detection | None:
    """The detection; None where the finding lacks what makes one: an identity, a kind, and a time."""
    times = [each for each in (told.first_at, told.last_at, told.updated_at) if each is not None]
    if not (told.native_id and told.kind and times):
        return None
    first = told.first_at or min(times)
    arn = _arn(told.native_id)
    resources = named(told.resources)
    return Detection(
        rule=told.kind,
        title=_title(told),
        severity=told.severity,
        confidence=told.confidence,
        tactics=tuple(each for each in named(told.tactics) if each in _TACTICS),
        techniques=named(told.techniques),
        first_at=first,
        last_at=max(first, told.last_at or told.updated_at or first),
        count=told.count,
        principal=told.principal,
        origins=named(told.origins)[:MAX_ORIGINS],
        partition=told.partition or (arn.partition if arn else "") or where.partition or "aws",
        account=account_id(told.account, arn.account_id if arn else "", where.account),
        region=told.region or (arn.region if arn else "") or where.region,
        resources=resources[:MAX_RESOURCES],
        message=_message(told, resources),
        evidence=told.evidence,
        producer=told.producer,
        native_id=told.native_id,
        updated_at=told.updated_at,
        is_closed=told.is_closed,
    )


def tactic_of(words: str) -> str:
    """`Defense Evasion` or `DefenseEvasion` as `defense-evasion`; "" for what is no tactic of MITRE ATT&CK.

    >>> tactic_of("Command and Control")
    'command-and-control'
    """
    spaced = "".join(f" {each}" if each.isupper() else each for each in words)
    found = "-".join(spaced.replace("_", " ").replace("-", " ").lower().split())
    return found if found in _TACTICS else ""


def closed_word(*words: str) -> bool:
    """Whether one of these words of a service says that the finding is settled."""
    return any(word.upper() in {"ARCHIVED", "RESOLVED", "SUPPRESSED", "CLOSED", "DELETED", "PASSED"} for word in words)


def severity_of(label: str) -> Severity | None:
    """The severity of a label in whatever case; None for a word that is none."""
    word = label.lower()
    if word in {"fatal", "critical"}:
        return Severity.CRITICAL
    return next((each for each in Severity if each.value == word), None)


def _title(told: Told) -> Text:
    service = SERVICES.get(told.producer, told.producer)
    return Text(
        en=clean(told.title, _MAX_TITLE) or say("imported.title", "en", service=service, kind=told.kind),
        ja=say("imported.title", "ja", service=service, kind=told.kind),
    )


def _message(told: Told, resources: tuple[str, ...]) -> Text:
    """AWS's own words; in Japanese a sentence of ours, and AWS's words, which are English, after it."""
    values = {
        "service": SERVICES.get(told.producer, told.producer),
        "kind": told.kind,
        "resource": resources[0] if resources else "",
        "title": clean(told.description or told.title, _MAX_QUOTED),
    }
    named_place = "imported.message_on" if resources else "imported.message"
    return Text(
        en=clean(told.description or told.title, MAX_DESCRIPTION) or say(named_place, "en", **values),
        ja=say(named_place, "ja", **values),
    )


def _arn(text: str) -> Arn | None:
    try:
        return Arn.parse(text)
    except ValueError:
        return None
