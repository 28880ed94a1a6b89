"""Weak signals of one principal added up: several small things of different kinds within days are one large thing.

Each rule counts once a day and principal, in points of its severity and confidence; points lose half their weight in a
day. Where they pass the threshold over enough tactics of ATT&CK, one detection says so for all of them.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import timedelta
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
_FORGET: Final = timedelta(days=7)


def accumulated(detections: Iterable[Detection]) -> Iterator[Detection]:
    """One detection for each time that a principal's signals pass the threshold, after which they begin anew."""
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
    score = 0.0
    kept: list[Detection] = []
    counted: set[tuple[str, object]] = set()
    for signal in signals:
        day = (signal.rule, signal.first_at.date())
        if day in counted:
            continue
        counted.add(day)
        if kept:
            gap = signal.first_at - kept[-1].first_at
            score *= 0.5 ** (gap / HALF_LIFE)
            kept = [each for each in kept if signal.first_at - each.first_at <= _FORGET]
        score += points_of(signal)
        kept.append(signal)
        tactics = {tactic for each in kept for tactic in each.tactics}
        if score >= THRESHOLD and len(tactics) >= TACTICS and len({each.rule for each in kept}) >= RULES:
            yield _of(kept, tactics, score)
            score, kept = 0.0, []


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
        first_at=signals[0].first_at,
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
        evidence={"rules": list(names), "points": round(score, 1), "tactics": sorted(tactics)},
        source=last.source,
    )
