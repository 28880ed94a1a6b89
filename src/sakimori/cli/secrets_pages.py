"""Leaks on a terminal: each secret once, with its places, whose it is, and what to do."""

from collections.abc import Iterable, Sequence
from typing import Final

from rich.console import Console
from rich.text import Text

from sakimori.analysis.secrets.found import Found
from sakimori.analysis.secrets.places.piece import Located
from sakimori.analysis.secrets.report import Report
from sakimori.model.words import Confidence, Severity
from sakimori.outputs.report.secrets_records import account_of, command_for, gap_sentence, is_ours, key_of, message_of
from sakimori.outputs.report.wrapping import wrap
from sakimori.texts.language import Language, clean
from sakimori.texts.sentences import say

_STYLES: Final = {
    Severity.CRITICAL: "bold white on red", Severity.HIGH: "bold red", Severity.MEDIUM: "bold yellow",
    Severity.LOW: "bold", Severity.INFORMATIONAL: "dim",
}  # fmt: skip
_PLACES: Final = 5
_GAPS: Final = 20
_SECRETS: Final = 1_000
"""Secrets on one page, the worst first: nobody reads more of them, and to lay out a hundred thousand takes minutes."""
_NAME: Final = 500
_SHORT: Final = 10
_NARROWEST: Final = 30
_KILO: Final = 1_000


def print_report(report: Report, language: Language, *, show_secrets: bool, show_all: bool) -> None:
    """Print the secrets, what speaks against the doubtful ones, what was not seen, and the next thing to do."""
    console = Console()
    shown = report.located if show_all else report.likely
    groups = _groups(shown)
    for group in groups[:_SECRETS]:
        _print_secret(group, report, console, language, show_secrets=show_secrets)
    if len(groups) > _SECRETS:
        _wrapped(console, say("secrets.more_secrets", language, count=len(groups) - _SECRETS), "yellow")
    if left := len(report.located) - len(shown):
        _dim(console, say("secrets.doubtful", language, count=left))
    if report.allowed:
        _dim(console, say("secrets.allowed", language, count=len(report.allowed)))
    if report.known:
        _dim(console, say("secrets.known", language, count=len(report.known)))
    for each in report.unread[:_GAPS]:
        console.print(Text(f"! {gap_sentence(each).in_(language)}", style="yellow"), soft_wrap=True)
    if len(report.unread) > _GAPS:
        more = say("secrets.more_gaps", language, count=len(report.unread) - _GAPS)
        console.print(Text(more, style="yellow"), soft_wrap=True)
    if (
        report.repositories
        and not report.history
        and not any(each.provenance.source == "staged" for each in report.located)
    ):
        _dim(console, say("secrets.no_history", language))
    count = len(groups)
    values = {
        "secrets": counted("secrets.secrets", count, language),
        "pieces": counted("secrets.pieces", report.pieces, language),
        "size": size_of(report.bytes_read),
    }
    ending = "secrets.summary" if report.is_whole else "secrets.summary_incomplete"
    _wrapped(console, say(ending, language, **values), "bold")


def _groups(located: Iterable[Located]) -> list[list[Located]]:
    """The places of each secret together, in the order of the first: what two kinds know is one secret, of the first one's name."""
    groups: dict[str, list[Located]] = {}
    for each in located:
        groups.setdefault(each.found.secret, []).append(each)
    return list(groups.values())


def _print_secret(
    group: Sequence[Located], report: Report, console: Console, language: Language, *, show_secrets: bool
) -> None:
    found = group[0].found
    kind = report.kinds[found.kind]
    head = Text(f" {say(f'report.severity_{found.severity}', language)} ", style=_STYLES[found.severity])
    head.append(f"  {kind.title.in_(language)}", style="bold not white on default")
    head.append(f"  {clean(found.secret, _NAME) if show_secrets else found.masked}", style="not bold not white on default cyan")  # fmt: skip
    console.print(head, soft_wrap=True)
    if whose := _whose(found, report, language):
        _told(console, whose)
    if found.pair:
        _line(console, say("secrets.with_pair", language))
    for each in group[:_PLACES]:
        _line(console, _place(each), "dim")
    if len(group) > _PLACES:
        _line(console, say("secrets.more_places", language, count=len(group) - _PLACES), "dim")
    if found.confidence is not Confidence.HIGH:
        reasons = "、".join if language == "ja" else ", ".join
        because = reasons(say(f"secrets.because_{each}", language) for each in found.because)
        level = say(f"secrets.confidence_{found.confidence}", language)
        _line(console, f"{level} ({because})" if because else level, "dim")
    if any(each.found.bare_allow for each in group):
        _told(console, say("secrets.bare_allow", language), "yellow")
    _told(console, message_of(found, report.kinds).in_(language))
    if command := command_for(found):
        _line(console, f"$ {command}", "cyan")
    console.print()


def _whose(found: Found, report: Report, language: Language) -> str:
    """Whose account an AWS key is of; "" for what is no such key."""
    account, ours = account_of(found), is_ours(found, report)
    if not account:
        return say("secrets.of_unknown", language) if key_of(found) else ""
    name = "of_account" if ours is None else "of_ours" if ours else "of_other"
    return say(f"secrets.{name}", language, account=account)


def _place(located: Located) -> str:
    found, where = located.found, located.provenance
    inside = f" › {clean(found.inside, _NAME)}" if found.inside else ""
    commit = f"  @ {where.commit[:_SHORT]}" if where.commit else ""
    blob = f"  blob {where.blob[:_SHORT]}" if where.blob and not where.commit else ""
    return f"{clean(where.file or where.resource, _NAME)}{inside}:{found.line}:{found.column}{commit}{blob}"


def _line(console: Console, text: str, style: str = "") -> None:
    console.print(Text(f"  {text}", style=style), soft_wrap=True)


def _told(console: Console, text: str, style: str = "") -> None:
    for line in wrap(text, max(console.width - 4, _NARROWEST)):
        _line(console, line, style)


def _dim(console: Console, text: str) -> None:
    _wrapped(console, text, "dim")


def _wrapped(console: Console, text: str, style: str) -> None:
    for line in wrap(text, max(console.width, _NARROWEST)):
        console.print(Text(line, style=style), soft_wrap=True)


def counted(text: str, count: int, language: Language) -> str:
    """How many of something, by the texts `<text>_one` and `<text>_many`."""
    return say(f"{text}_one" if count == 1 else f"{text}_many", language, count=count)


def size_of(count: int) -> str:
    """Bytes as a person reads them."""
    size = float(count)
    for unit in ("B", "kB", "MB"):
        if size < _KILO:
            return f"{size:.0f} {unit}"
        size /= _KILO
    return f"{size:.1f} GB"
