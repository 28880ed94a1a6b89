"""Detections for people: the worst first, and for each what happened, who, when, and what to do."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, TextIO

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from sakimori.model.detection import Detection
from sakimori.model.verdict import Text as Both
from sakimori.model.words import Severity
from sakimori.texts.language import Language, clean, show_time
from sakimori.texts.sentences import say

COLOURS: Final = {Severity.CRITICAL: "bold red", Severity.HIGH: "red", Severity.MEDIUM: "yellow"}
SHOWN: Final = 30
_LONGEST: Final = 600


def write_detections(
    detections: Sequence[Detection], innocent: Mapping[str, Sequence[Both]], stream: TextIO, language: Language
) -> None:
    """The detections; of more than `SHOWN` the worst. `innocent` are the likely innocent causes by rule."""
    console = Console(file=stream)
    ordered = sorted(detections, key=lambda each: (-each.severity.rank, each.first_at))
    told: set[str] = set()
    for each in ordered[:SHOWN]:
        _print(console, each, () if each.rule in told else innocent.get(each.rule, ()), language)
        told.add(each.rule)
        console.print()
    if len(ordered) > SHOWN:
        console.print(say("detect.more", language, count=len(ordered) - SHOWN), soft_wrap=True)
    console.print(_summary(ordered, language), soft_wrap=True)


def write_detection(found: Detection, stream: TextIO, language: Language) -> None:
    """One detection by itself."""
    _print(Console(file=stream), found, (), language)


def _print(console: Console, found: Detection, innocent: Iterable[Both], language: Language) -> None:
    severity = say(f"report.severity_{found.severity}", language)
    head = Text()
    head.append(f"{severity}  ", style=COLOURS.get(found.severity, "bold"))
    head.append(clean(found.title.in_(language)), style="bold")
    console.print(head)
    console.print(Padding(Text(clean(found.message.in_(language), _LONGEST)), (0, 0, 0, 2)))
    console.print(Padding(Text(_when(found, language), style="dim"), (0, 0, 0, 2)))
    causes = [clean(each.in_(language)) for each in innocent][:3]
    if causes:
        between = "、" if language == "ja" else "; "
        console.print(Padding(Text(say("detect.innocent", language, causes=between.join(causes)), style="dim"), (0, 0, 0, 2)))  # fmt: skip


def _when(found: Detection, language: Language) -> str:
    first = show_time(found.first_at, language, seconds=True)
    last = show_time(found.last_at, language, seconds=True)
    text = "detect.when_one" if found.count == 1 else "detect.when_many"
    place = " ".join(each for each in (found.account, found.region) if each)
    return say(text, language, first=first, last=last, count=found.count, place=place, rule=found.rule, technique=", ".join(found.techniques[:3]) or "-")  # fmt: skip


def _summary(detections: Sequence[Detection], language: Language) -> str:
    if not detections:
        return say("detect.nothing", language)
    counts = Counter(each.severity for each in detections)
    parts = [f"{say(f'report.severity_{severity}', language)} {counts[severity]}" for severity in Severity if counts[severity]]  # fmt: skip
    return say("detect.summary", language, count=len(detections), parts=", ".join(parts))
