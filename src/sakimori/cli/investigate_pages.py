"""An investigation on a terminal."""

from collections.abc import Iterable, Sequence
from typing import Final

from rich.console import Console
from rich.text import Text

from sakimori.analysis.incident.investigation import Investigation
from sakimori.cli.lazy import spoken
from sakimori.outputs.report.investigation_text import (
    answer_line,
    banner,
    cost_line,
    coverage_lines,
    first_credentials,
    head_lines,
    lonely_line,
    made_line,
    title_of,
)
from sakimori.outputs.report.wrapping import wrap
from sakimori.texts.language import show_time
from sakimori.texts.sentences import say

_SHOWN: Final = 40
_FEW: Final = 15
_NARROWEST: Final = 20
_INDENT: Final = "  "


def print_investigation(found: Investigation, console: Console, again: str = "") -> None:
    """The answer in the order in which a responder needs it: what not to trust, who, what, and how far it was looked.

    `again` are the options by which the same is looked through another time.
    """
    language = spoken()
    _line(console, title_of(found, language), style="bold")
    if warning := banner(found, language):
        _line(console, warning, style="bold red")
    _lines(console, head_lines(found, language))
    live = len(found.closure.live(found.now))
    credentials = found.closure.credentials
    _head(console, say("investigate.head_credentials", language, count=len(credentials), live=live))
    lines, untold = first_credentials(credentials, _SHOWN, language)
    _bounded(console, lines, len(lines) + untold)
    _head(console, say("investigate.head_made", language, count=len(found.made)))
    _bounded(console, [made_line(each, language) for each in found.made[:_SHOWN]], len(found.made))
    if found.maybe:
        _head(console, say("investigate.head_maybe", language, count=len(found.maybe)))
        _bounded(console, [made_line(each, language) for each in found.maybe[:_FEW]], len(found.maybe))
    _others(found, console)
    _head(console, say("investigate.head_questions", language))
    for each in found.answers:
        asked = each.question.ja if language == "ja" else each.question.en
        _line(console, f"{each.question.id} {asked}", lead=_INDENT)
        _line(console, answer_line(each, found, language), lead=_INDENT * 3, style="dim")
    _profile(found, console)
    _head(console, say("investigate.head_coverage", language))
    _lines(console, coverage_lines(found, language), lead=_INDENT)
    console.print()
    # What is to be copied goes whole, however narrow the screen.
    told = say("investigate.next", language, kind=str(found.subject.kind), id=found.subject.id, again=again)
    console.print(Text(told), soft_wrap=True)


def _others(found: Investigation, console: Console) -> None:
    language = spoken()
    if found.others is None:
        _head(console, say("investigate.others_unknown", language))
        return
    _head(console, say("investigate.head_others", language, count=found.others_count))
    lines = [
        say(
            "investigate.other_line", language, principal=each.principal or None, account=each.account, count=each.count,
            services=each.services[:8],
        )
        for each in found.others[:_FEW]
    ]  # fmt: skip
    _bounded(console, lines, len(found.others))


def _profile(found: Investigation, console: Console) -> None:
    language, profile = spoken(), found.profile
    _head(console, say("investigate.head_origins", language))
    origins = [
        say(
            "investigate.origin_line", language, network=each.network or None, program=each.program or None, count=each.count,
            first=show_time(each.first_at, language), last=show_time(each.last_at, language),
        )
        + (say("investigate.origin_known", language) if each.is_known else "")
        for each in profile.fingerprints[:_FEW]
    ]  # fmt: skip
    _bounded(console, origins, len(profile.fingerprints))
    _head(console, say("investigate.head_matrix", language))
    cells = sorted(profile.matrix, key=lambda cell: (-(cell.ok + cell.denied), cell.service, cell.region))
    told = [
        say("investigate.cell_line", language, service=each.service, region=each.region, ok=each.ok, denied=each.denied)
        for each in cells[:_FEW]
    ]
    _bounded(console, told, len(cells))
    if lonely := lonely_line(found, language):
        _line(console, lonely, lead=_INDENT)
    if found.cost.lines:
        _head(console, say("investigate.head_cost", language))
        _line(console, cost_line(found, language), lead=_INDENT)


def _head(console: Console, text: str) -> None:
    console.print()
    _line(console, text, style="bold")


def _bounded(console: Console, lines: Sequence[str], count: int) -> None:
    _lines(console, lines, lead=_INDENT)
    if count > len(lines):
        _line(console, say("investigate.and_more", spoken(), count=count - len(lines)), lead=_INDENT)


def _lines(console: Console, lines: Iterable[str], *, lead: str = "") -> None:
    for each in lines:
        _line(console, each, lead=lead)


def _line(console: Console, line: str, *, lead: str = "", style: str = "") -> None:
    first, *more = wrap(line, max(console.width - len(lead) - len(_INDENT), _NARROWEST)) or [""]
    console.print(Text(lead + first, style=style), soft_wrap=True)
    for rest in more:
        console.print(Text(lead + _INDENT + rest, style=style), soft_wrap=True)
