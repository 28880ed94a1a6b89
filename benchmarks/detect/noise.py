"""How much a quiet month makes rules say, and which kinds of rules say it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date
from typing import Final

from judged import Judged
from recall import ALERT

from sakimori.analysis.log_forms.cloudtrail import FORM
from sakimori.analysis.log_forms.form import FieldKind
from sakimori.model.words import Severity
from sakimori.rules.detections.condition import fields_of
from sakimori.rules.detections.rule import DetectionRule, Detections

KINDS: Final = {
    "act": "one event, nothing of who acts",
    "fact": "one event, with facts of it",
    "who": "one event, its identity or principal too",
    "first seen": "first seen",
    "shape": "shape of an hour",
    "correlation": "correlations",
    "risk": "risk that adds up",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """Alerts are detections of medium or above; `worst` is the account and day with most of them."""

    alerts: int
    an_account_day: float
    worst: tuple[str, date, int]
    days_above_one: float
    """The share of account-days with more than one."""
    a_million_events: Mapping[Severity, float]
    noisiest: tuple[tuple[str, Severity, int, float], ...]
    """Rules with the number of their alerts, and these by account-day."""


def noise_of(month: Judged) -> Noise:
    """What the detections of a month come to."""
    detections = month.found.detections
    alerts = [each for each in detections if each.severity.rank >= ALERT]
    by_day = Counter((each.account, each.first_at.astimezone(UTC).date()) for each in alerts)
    worst = max(by_day.items(), key=lambda item: item[1], default=(("", date.min), 0))
    by_rule = Counter((each.rule, each.severity) for each in alerts)
    by_severity = Counter(each.severity for each in detections)
    return Noise(
        alerts=len(alerts),
        an_account_day=len(alerts) / month.account_days,
        worst=(*worst[0], worst[1]),
        days_above_one=sum(1 for count in by_day.values() if count > 1) / month.account_days,
        a_million_events={each: by_severity[each] * 1e6 / month.found.event_count for each in Severity},
        noisiest=tuple(
            (rule, severity, count, count / month.account_days) for (rule, severity), count in by_rule.most_common(10)
        ),
    )


def kinds_of(detections: Detections) -> dict[str, str]:
    """By rule over CloudTrail, or correlation of such: which of `KINDS` it is."""
    found = {
        name: _kind(rule) for name, rule in detections.rules.items() if any(form is FORM for form, _ in rule.conditions)
    }
    for name, correlation in detections.correlations.items():
        if any(each in found for each in correlation.rules):
            found[name] = "correlation"
    return found | {"risk-accumulated": "risk"}


def _kind(rule: DetectionRule) -> str:
    if rule.first_seen or rule.shape:
        return "first seen" if rule.first_seen else "shape"
    fields = [field for _, condition in rule.conditions for field in fields_of(condition)]
    if any(field.name == "principal" or field.name.lower().startswith("useridentity") for field in fields):
        return "who"
    return "fact" if any(field.kind is FieldKind.FACT for field in fields) else "act"
