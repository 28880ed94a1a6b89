"""Secrets of an account on a terminal: each beside its resource, whose key it is, and what to do; then what was not seen."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from rich.console import Console
from rich.text import Text

from sakimori.analysis.secrets.kinds import Kind
from sakimori.app.account_secrets import AccountSearched
from sakimori.cli.secrets_pages import counted, size_of
from sakimori.lake.rows import Row
from sakimori.model.words import GapKind, Severity
from sakimori.texts.language import Language, clean
from sakimori.texts.sentences import has_text, say

_STYLES: Final = {
    Severity.CRITICAL: "bold white on red", Severity.HIGH: "bold red", Severity.MEDIUM: "bold yellow",
    Severity.LOW: "bold", Severity.INFORMATIONAL: "dim",
}  # fmt: skip
_GAPS: Final = 20
_OF_ONE: Final = 50
"""Of one resource, the gravest first: whoever fills it with bait must not bury the others."""
_NAME: Final = 500
_SAID: Final = frozenset((GapKind.MALFORMED, GapKind.REFUSED, GapKind.UNSUPPORTED))
"""Of these the words say what within a resource was not read; of others they say again what the code does."""


def print_searched(
    found: AccountSearched, kinds: Mapping[str, Kind], ours: frozenset[str], language: Language, *, show_all: bool
) -> None:
    """Print the secrets by resource, what was looked at only in part, what was refused, and the sum."""
    console = Console()
    shown = [row for row in found.exposed if not row["allowed_because"]] if show_all else found.likely
    for rows in _by_resource(shown):
        _print_resource(rows, kinds, ours, console, language)
    if left := len(found.exposed) - len(shown):
        _line(console, "doubtful", language, "dim", count=left)
    _print_gaps(found, console, language)
    sampled = Counter(str(row["place"]) for row in found.searched if row.get("is_whole") is False)
    if sampled:
        told = [f"{place} {count}" for place, count in sorted(sampled.items())]
        _line(console, "sampled", language, "yellow", places=told)
    read = [row for row in found.searched if row.get("byte_count") is not None]
    values = {
        "secrets": counted("secrets.secrets", len(shown), language),
        "texts": counted("account_secrets.texts", len(read), language),
        "size": size_of(sum(int(str(row["byte_count"])) for row in read)),
    }
    _line(console, "summary_incomplete" if found.gaps else "summary", language, "bold", **values)
    # A call that AWS refused, and not an address that it gave.
    if any(gap.kind is GapKind.DENIED and not gap.call.startswith("https:") for gap in found.gaps):
        _line(console, "what_to_allow", language)


def _by_resource(rows: Sequence[Row]) -> list[list[Row]]:
    groups: dict[object, list[Row]] = {}
    for row in sorted(rows, key=lambda each: (-Severity(str(each["severity"])).rank, str(each["id"]))):
        groups.setdefault(row["resource_arn"], []).append(row)
    return list(groups.values())


def _print_resource(
    rows: Sequence[Row], kinds: Mapping[str, Kind], ours: frozenset[str], console: Console, language: Language
) -> None:
    console.print(Text(clean(str(rows[0]["resource_arn"]), _NAME), style="bold"), soft_wrap=True)
    left, rows = len(rows) - _OF_ONE, rows[:_OF_ONE]
    for at, row in enumerate(rows):
        severity = Severity(str(row["severity"]))
        line = Text(f" {say(f'report.severity_{severity}', language)} ", style=_STYLES[severity])
        kind = kinds[str(row["kind"])].title.in_(language)
        place = clean(f"{row['part']}:{row['line']}", _NAME)
        line.append(f"  {kind}  {row['masked']}  {place}", style="not bold default on default")
        console.print(line, soft_wrap=True)
        key, account = str(row["access_key_id"] or ""), str(row["key_account_id"] or "")
        # A key id and its secret key are two lines and one key: what to do stands below the second.
        if key and key not in {str(later["access_key_id"]) for later in rows[at + 1 :]}:
            whose = "of_unknown" if not account else "of_ours" if account in ours else "of_other"
            _line(console, whose, language, account=account)
            _line(console, "contain", language, "cyan", key=key)
    if left > 0:
        _line(console, "more_of_resource", language, "yellow", count=left)
    console.print()


def _print_gaps(found: AccountSearched, console: Console, language: Language) -> None:
    """The same refusal of many resources of one kind of place is one line, with the first of them."""
    groups: dict[tuple[str, str, str, str], list[str]] = {}
    words: dict[tuple[str, str, str, str], str] = {}
    for gap in found.gaps:
        resource, _, place = gap.parent.rpartition(" ")
        group = (place, gap.call, gap.code, gap.region)
        groups.setdefault(group, []).append(resource)
        words.setdefault(group, gap.message if gap.kind in _SAID else "")
    for group, held in sorted(groups.items(), key=lambda each: -len(each[1]))[:_GAPS]:
        place, call, code, region = group
        _line(console, "gap", language, "yellow", place=place, call=call, code=code, region=region, count=len(held))
        if reason := _reason(code, language):
            _line(console, "gap_why", language, "yellow", reason=reason)
        if held[0]:
            first = " ".join(each for each in (held[0], f"({words[group]})" if words[group] else "") if each)
            _line(console, "gap_first", language, "yellow", resource=clean(first, _NAME))
    if len(groups) > _GAPS:
        _line(console, "more_gaps", language, "yellow", count=len(groups) - _GAPS)


def _reason(code: str, language: Language) -> str:
    """What a code of ours means and the way to look there; "" for AWS's own."""
    identifier = f"account_secrets.reason_{code.lower()}"
    return say(identifier, language) if has_text(identifier) else ""


def _line(console: Console, name: str, language: Language, style: str = "", **values: object) -> None:
    console.print(Text(say(f"account_secrets.{name}", language, **values), style=style), soft_wrap=True)
