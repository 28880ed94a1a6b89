"""Weak signals of one principal added up: several small things of different kinds within days are one large thing.

Each rule counts once a day and principal, in points of its severity and confidence; points lose half their weight in a
day. Where they pass the threshold over enough tactics of ATT&CK, one detection says so for all of them.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final

from sakimori.model.detection import MAX_EVENT_IDS, MAX_ORIGINS, MAX_RESOURCES, Detection
from sakimori.model.words import Confidence, Severity
from sakimori.texts.sentences import say_both, text

NAME: Final = "risk-accumulated"
POINTS: Final = {
    Severity.CRITICAL: 60.0, Severity.HIGH: 30.0, Severity.MEDIUM: 12.0, Severity.LOW: 4.0, Severity.INFORMATIONAL: 1.0,
}  # fmt: skip
SURENESS: Final = {Confidence.HIGH: 1.0, Confidence.MEDIUM: 0.7, Confidence.LOW: 0.4}
HALF_LIFE: Final = timedelta(days=1)
THRESHOLD: Final = 40.0
TACTICS: Final = 3
"""Different tactics that the signals must have between them."""
RULES: Final = 4
"""Different rules that must have spoken."""
REMEMBERED: Final = timedelta(days=7)
"""How long a signal may count."""


def accumulated(detections: Iterable[Detection]) -> Iterator[Detection]:
    """One detection for each time that a principal's signals pass the threshold; it begins where they pass it."""
    by_principal: defaultdict[tuple[str, str], list[Detection]] = defaultdict(list)
    for detection in detections:
        if detection.principal and detection.tactics and detection.rule != NAME:
            by_principal[detection.principal, detection.partition].append(detection)
    for signals in by_principal.values():
        signals.sort(key=lambda signal: (signal.first_at, signal.rule))
        yield from _passing(signals)


def points_of(signal: Detection) -> float:
    """What one signal adds."""
    return POINTS[signal.severity] * SURENESS[signal.confidence]


def _passing(signals: list[Detection]) -> Iterator[Detection]:
    """What has passed passes again only once half of the threshold is left: until then it is the same affair."""
    kept: list[Detection] = []
    counted: set[tuple[str, object]] = set()
    has_passed = False
    for signal in signals:
        day = (signal.rule, signal.first_at.date())
        if day in counted:
            continue
        counted.add(day)
        kept = [each for each in kept if signal.first_at - each.first_at <= REMEMBERED]
        has_passed = has_passed and _score(kept, signal.first_at) >= THRESHOLD / 2
        kept.append(signal)
        score = _score(kept, signal.first_at)
        tactics = {tactic for each in kept for tactic in each.tactics}
        is_enough = score >= THRESHOLD and len(tactics) >= TACTICS and len({each.rule for each in kept}) >= RULES
        if is_enough and not has_passed:
            has_passed = True
            yield _of(kept, tactics, score)


def _score(signals: list[Detection], at: datetime) -> float:
    return sum(points_of(each) * 0.5 ** ((at - each.first_at) / HALF_LIFE) for each in signals)


def _of(signals: list[Detection], tactics: set[str], score: float) -> Detection:
    last = signals[-1]
    names = tuple(dict.fromkeys(signal.rule for signal in signals))
    values = {"principal": last.principal, "count": len(names), "tactics": sorted(tactics), "rules": list(names)[:12]}
    return Detection(
        rule=NAME,
        title=text("detect.risk_title"),
        severity=Severity.HIGH,
        confidence=Confidence.MEDIUM,
        tactics=tuple(sorted(tactics)),
        techniques=tuple(dict.fromkeys(each for signal in signals for each in signal.techniques))[:MAX_RESOURCES],
        first_at=last.first_at,
        last_at=max(signal.last_at for signal in signals),
        count=sum(signal.count for signal in signals),
        principal=last.principal,
        origins=tuple(dict.fromkeys(each for signal in signals for each in signal.origins))[:MAX_ORIGINS],
        partition=last.partition,
        account=last.account,
        region=last.region,
        resources=tuple(dict.fromkeys(each for signal in signals for each in signal.resources))[:MAX_RESOURCES],
        event_ids=tuple(dict.fromkeys(each for signal in signals for each in signal.event_ids[:10]))[:MAX_EVENT_IDS],
        message=say_both("detect.risk_message", **values),
        evidence={
            "rules": list(names),
            "points": round(score, 1),
            "tactics": sorted(tactics),
            "since": signals[0].first_at,
        },
        source=last.source,
    )
