"""Detections as `sakimori rules` lists and shows them."""

from collections.abc import Iterable
from typing import Final

from rich.console import Console
from rich.text import Text

from sakimori.cli.columns import print_columns
from sakimori.cli.lazy import spoken
from sakimori.model.words import Confidence, Severity
from sakimori.outputs.report.framework_record import both
from sakimori.rules.detections.load import LoadedDetections
from sakimori.rules.detections.risk import NAME as RISK
from sakimori.rules.detections.risk import REMEMBERED, RULES, TACTICS, THRESHOLD
from sakimori.rules.detections.rule import Correlation, DetectionRule
from sakimori.texts.language import clean
from sakimori.texts.sentences import say, text

_PARTS: Final = ("detection:", "correlation:")


def all_of(loaded: LoadedDetections) -> tuple[DetectionRule | Correlation, ...]:
    """Rules and correlations by name."""
    found = {**loaded.detections.rules, **loaded.detections.correlations}
    return tuple(found[name] for name in sorted(found))


def plain_detection_rule(rule: DetectionRule | Correlation, loaded: LoadedDetections) -> dict[str, object]:
    """One detection as `sakimori.rules/1` has it."""
    head = rule.head
    return {
        "id": head.name,
        "kind": "detection",
        "severity": str(head.severity),
        "confidence": str(head.confidence),
        "title": both(head.title),
        "tactic": head.tactics[0] if head.tactics else None,
        "tactics": list(head.tactics),
        "technique": head.techniques[0] if head.techniques else None,
        "techniques": list(head.techniques),
        "logs": list(logs_of(rule, loaded)),
        "correlation": str(rule.gathering) if isinstance(rule, Correlation) else None,
        "rules": list(rule.rules) if isinstance(rule, Correlation) else [],
        "alone": head.is_alone,
        "respond": head.respond or None,
        "is_own": head.is_own,
        "file": str(head.path),
    }


def logs_of(rule: DetectionRule | Correlation, loaded: LoadedDetections) -> tuple[str, ...]:
    """The tables of the logs that it looks at; a correlation at those of its rules."""
    if isinstance(rule, DetectionRule):
        return tuple(form.table.name for form, _ in rule.conditions)
    known = loaded.detections
    inner = (known.rules.get(name) or known.correlations.get(name) for name in rule.rules)
    return tuple(dict.fromkeys(log for each in inner if each for log in logs_of(each, loaded)))


def print_detections(loaded: LoadedDetections, console: Console) -> None:
    """A line for each that finds something by itself."""
    rules = all_of(loaded)
    shown = [each for each in rules if each.head.is_alone]
    headings = tuple(say(f"cli.column_{name}", spoken()) for name in ("severity", "rule", "detects"))
    rows = [(_severity(each), each.name, clean(each.head.title.in_(spoken()))) for each in shown]
    print_columns(console, rows, headings)
    if len(shown) < len(rules):
        console.print(say("cli.rules_blocks", spoken(), count=len(rules) - len(shown)), soft_wrap=True)


def print_detection(rule: DetectionRule | Correlation, loaded: LoadedDetections, console: Console) -> None:
    """Everything that a person may want to know of one detection before switching it on or acting on it."""
    head, language = rule.head, spoken()
    console.print(Text(clean(head.title.in_(language)), style="bold"))
    sureness = say("cli.rule_confidence", language, confidence=say(f"found.confidence_{head.confidence}", language))
    console.print(Text(f"{head.name} · {_severity(rule)} · {sureness}", style="dim"))
    _part(console, "why", (head.description.in_(language),))
    _part(console, "innocent", (f"- {each.in_(language)}" for each in head.falsepositives))
    _part(console, "attack", (", ".join((*head.tactics, *head.techniques)),))
    _part(console, "logs", (", ".join(logs_of(rule, loaded)),))
    _part(console, "conditions", _beyond_sigma(rule))
    _part(console, "sigma", _sigma_part(rule), style="dim")
    marks = {True: "✓", False: "–"}
    _part(console, "examples", (f"{marks[each.match]} {each.name}" for each in head.examples))
    _part(console, "respond", (head.respond,))
    _part(console, "references", head.references, style="cyan")


def print_risk(console: Console) -> None:
    """What no file says: the detection that others of one principal add up to."""
    language = spoken()
    console.print(Text(text("detect.risk_title").in_(language), style="bold"))
    severity = say(f"report.severity_{Severity.HIGH}", language)
    sureness = say("cli.rule_confidence", language, confidence=say(f"found.confidence_{Confidence.MEDIUM}", language))
    console.print(Text(f"{RISK} · {severity} · {sureness}", style="dim"))
    told = say(
        "cli.rules_risk", language, threshold=round(THRESHOLD), tactics=TACTICS, rules=RULES, days=REMEMBERED.days
    )
    _part(console, "why", (told,))


def _part(console: Console, name: str, lines: Iterable[str], style: str = "") -> None:
    told = [clean(line) for line in lines if line.strip()]
    if told:
        console.print(Text(f"\n{say(f'cli.rule_{name}', spoken())}", style="bold"))
        for line in told:
            console.print(Text(line, style=style), soft_wrap=bool(style))


def _severity(rule: DetectionRule | Correlation) -> str:
    return say(f"report.severity_{rule.head.severity}", spoken())


def _beyond_sigma(rule: DetectionRule | Correlation) -> Iterable[str]:
    """What the `sakimori` block asks besides, in words."""
    if isinstance(rule, Correlation):
        return
    language = spoken()
    if not rule.head.is_alone:
        yield say("cli.rule_block", language)
    if first := rule.first_seen:
        told = {"dimension": first.dimension, "of": first.of, "days": first.days, "learning": first.learning_days}
        yield say("cli.rule_first_seen", language, **told)
    if shape := rule.shape:
        measures = ", ".join(f"{name} ≥ {value:g}" for name, value in shape.at_least.items())
        yield say("cli.rule_shape", language, per=shape.per, minutes=shape.seconds // 60, measures=measures)


def _sigma_part(rule: DetectionRule | Correlation) -> Iterable[str]:
    """The `detection` or `correlation` of the rule as its file has it."""
    lines = rule.head.path.read_text(encoding="utf-8-sig", errors="replace").splitlines()
    is_inside = False
    for line in lines[rule.head.line - 1 :]:
        is_left = line[:1] not in {"", " ", "#", "-"} or line.startswith("---")
        if is_inside and is_left:
            return
        is_inside = is_inside or line.startswith(_PARTS)
        if is_inside:
            yield line
