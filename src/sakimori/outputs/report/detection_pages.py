"""Detections for people: the worst first, and for each what happened, who, when, and what to do.

What one principal did from the same place, with the same outcome, in many Regions is told once, with the Regions: a thief's tool tries them all.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, TextIO

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from sakimori.model.detection import Detection
from sakimori.model.verdict import Text as Both
from sakimori.model.words import Severity
from sakimori.outputs.report.words import counted
from sakimori.texts.language import Language, clean, first_few, show_time
from sakimori.texts.sentences import say

COLOURS: Final = {Severity.CRITICAL: "bold red", Severity.HIGH: "red", Severity.MEDIUM: "yellow"}
SHOWN: Final = 30
_LONGEST: Final = 600
_NAMED: Final = 16
"""Regions and resources of detections that are told together."""
_INDENT: Final = (0, 0, 0, 2)


def write_detections(
    detections: Sequence[Detection],
    innocent: Mapping[str, Sequence[Both]],
    stream: TextIO,
    language: Language,
    *,
    is_recorded: bool,
) -> None:
    """The detections; of more than `SHOWN` the worst. `innocent` are the likely innocent causes by rule.

    `is_recorded`: they are in the store too, so that other commands list all of them.
    """
    console = Console(file=stream)
    alike = _alike(detections)
    told: set[str] = set()
    for each in alike[:SHOWN]:
        rule = each[0].rule
        _print(console, each, () if rule in told else innocent.get(rule, ()), language)
        told.add(rule)
        console.print()
    if left := sum(map(len, alike[SHOWN:])):
        more = "detect.more" if is_recorded else "detect.more_of_input"
        console.print(counted(more, left, language), soft_wrap=True)
    console.print(_summary(detections, language), soft_wrap=True)


def _alike(detections: Iterable[Detection]) -> list[list[Detection]]:
    """What one rule saw of the same deeds in different Regions together, by their time; the worst first."""
    open_: dict[tuple[object, ...], list[Detection]] = {}
    found: list[list[Detection]] = []
    for each in sorted(detections, key=lambda each: each.first_at):
        who = (each.partition, each.account, each.principal, each.subject, each.origins)
        mark = (each.rule, each.severity, *who, str(each.evidence.get("errorCode", "")))
        alike = open_.get(mark)
        # Another one of the same Region is another deed.
        if alike is None or each.region in {other.region for other in alike}:
            alike = open_[mark] = []
            found.append(alike)
        alike.append(each)
    return sorted(found, key=lambda alike: (-alike[0].severity.rank, alike[0].first_at))


def write_detection(found: Detection, stream: TextIO, language: Language) -> None:
    """One detection by itself."""
    _print(Console(file=stream), [found], (), language)


def _print(console: Console, alike: Sequence[Detection], innocent: Iterable[Both], language: Language) -> None:
    """Detections of the same rule, principal and place: the first in full, of the others what differs."""
    found = alike[0]
    severity = say(f"report.severity_{found.severity}", language)
    head = Text()
    head.append(f"{severity}  ", style=COLOURS.get(found.severity, "bold"))
    head.append(clean(found.title.in_(language)), style="bold")
    console.print(head)
    console.print(Padding(Text(clean(found.message.in_(language), _LONGEST)), _INDENT))
    if others := _others(alike, language):
        console.print(Padding(Text(others), _INDENT))
    console.print(Padding(Text(_when(alike, language), style="dim"), _INDENT))
    causes = [clean(each.in_(language)) for each in innocent][:3]
    if causes:
        between = "、" if language == "ja" else "; "
        console.print(
            Padding(Text(say("detect.innocent", language, causes=between.join(causes)), style="dim"), _INDENT)
        )


def _others(alike: Sequence[Detection], language: Language) -> str:
    """Of those after the first, how many they are, and the Regions and resources that are theirs alone."""
    first, *rest = alike
    if not rest:
        return ""
    told = counted("detect.alike", len(rest), language)
    for name, own, others in (
        ("regions", {first.region, ""}, (each.region for each in rest)),
        ("resources", set(first.resources), (resource for each in rest for resource in each.resources)),
    ):
        new = [each for each in dict.fromkeys(others) if each not in own]
        if new:
            told += say(f"detect.alike_{name}", language, names=first_few(new, _NAMED))
    return told + say("detect.alike_end", language)


def _when(alike: Sequence[Detection], language: Language) -> str:
    found = alike[0]
    count = sum(each.count for each in alike)
    first = show_time(found.first_at, language, seconds=True)
    last = show_time(max(each.last_at for each in alike), language, seconds=True)
    text = "detect.when_one" if count == 1 else "detect.when_many"
    regions = dict.fromkeys(each.region for each in alike if each.region)
    where = counted("report.regions", len(regions), language) if len(regions) > 1 else "".join(regions)
    place = " ".join(each for each in (found.account, where) if each)
    return say(text, language, first=first, last=last, count=count, place=place, rule=found.rule, technique=", ".join(found.techniques[:3]) or "-")  # fmt: skip


def _summary(detections: Sequence[Detection], language: Language) -> str:
    if not detections:
        return say("detect.nothing", language)
    counts = Counter(each.severity for each in detections)
    parts = [f"{say(f'report.severity_{severity}', language)} {counts[severity]}" for severity in Severity if counts[severity]]  # fmt: skip
    return counted("detect.summary", len(detections), language, parts=", ".join(parts))
