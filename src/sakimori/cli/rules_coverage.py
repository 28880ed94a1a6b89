"""`sakimori rules coverage`: what of the lists of others our detections find.

As JSON (`sakimori.coverage/1`): `maps`, each with `id`, `title`, `version`, `source`, `notice`, its `counts`, `groups` and `entries`.
"""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from sakimori.app.detection_rules import open_detections
from sakimori.cli.faults import print_faults
from sakimori.cli.lake_grid import print_grid
from sakimori.cli.lazy import SpokenCommand, option, spoken
from sakimori.model.errors import UsageError
from sakimori.model.exit_codes import COMPLETED, WRONG_USAGE
from sakimori.outputs.report.framework_record import both
from sakimori.texts.nearest import nearest
from sakimori.texts.sentences import say

if TYPE_CHECKING:
    from sakimori.rules.detections.coverage import CoverageMap, Entry

_COLUMNS: Final = ("all", "covered", "with_list", "imported", "not")
_DIRECTORY: Final = click.Path(path_type=Path, file_okay=False)


@click.command("coverage", cls=SpokenCommand, help=say("coverage.help", spoken()))
@click.argument("which", required=False)
@option("--all", "with_entries", is_flag=True, help_="coverage.option_all")
@option("--rules-dir", type=_DIRECTORY)
@option("--format", "format_", type=click.Choice(["table", "json"]), default="table", show_default=True)
@option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
def coverage(which: str | None, with_entries: bool, rules_dir: Path | None, format_: str) -> int:  # noqa: FBT001 - click's form
    """Show what is covered."""
    loaded = open_detections(rules_dir)
    from sakimori.rules.detections.coverage import load_coverage  # noqa: PLC0415 - stands on the extra `detect`

    found = load_coverage(loaded.detections)
    if which and which not in found.maps:
        raise UsageError("coverage.no_such_map", name=which, near=nearest(which, found.maps), known=sorted(found.maps))
    chosen = [found.maps[which]] if which else list(found.maps.values())
    if format_ == "json":
        plain = {"schema": "sakimori.coverage/1", "maps": [_plain(each) for each in chosen]}
        click.echo(json.dumps(plain, ensure_ascii=False, indent=2))
    else:
        for number, each in enumerate(chosen):
            _print(each, Console(), is_first=not number, with_entries=with_entries)
    faults = (*loaded.faults, *found.faults)
    print_faults(faults)
    return WRONG_USAGE if faults else COMPLETED


def _print(found: "CoverageMap", console: Console, *, is_first: bool, with_entries: bool) -> None:
    language = spoken()
    if not is_first:
        console.print()
    console.print(Text(found.title.in_(language), style="bold"))
    console.print(Text(f"{found.id} · {found.version}", style="dim"))
    console.print(Text(found.source, style="cyan"), soft_wrap=True)
    headings = {"group": say(f"coverage.column_group_{found.id}", language)}
    headings |= {name: say(f"coverage.column_{name}", language) for name in _COLUMNS}
    groups = [name for name in found.groups if found.within(name)]
    rows = [{"group": Text(found.groups[name].in_(language)), **_numbers(found, name)} for name in groups]
    rows.append({"group": Text(say("coverage.row_all", language), style="bold"), **_numbers(found, "")})
    print_grid(console, headings, rows, _COLUMNS)
    beyond = sum(each.is_beyond for each in found.entries)
    if beyond:
        console.print(say("coverage.beyond", language, count=beyond))
    if with_entries:
        for each in found.entries:
            console.print(Text(f"\n{each.id} {each.name}".rstrip(), style="bold"))
            console.print(Padding(Text(_answer(each, found)), (0, 0, 0, 2)))
        console.print()
    if found.notice:
        console.print(Text(found.notice.in_(language), style="dim"))


def _numbers(found: "CoverageMap", group: str) -> dict[str, Text]:
    counts = {str(standing): count for standing, count in found.counts(group).items()}
    every = {"all": len(found.within(group)), **counts}
    return {name: Text(str(every[name])) for name in _COLUMNS}


def _answer(entry: "Entry", found: "CoverageMap") -> str:
    language = spoken()
    rules = ", ".join(entry.rules)
    reason = entry.reason.in_(language) if entry.reason else ""
    match entry.standing:
        case "covered":
            return rules
        case "with_list":
            return say("coverage.needs", language, rules=rules, listed=found.lists[entry.listed].in_(language))
        case "imported":
            return say("coverage.imported", language, reason=reason)
        case _:
            return reason


def _plain(found: "CoverageMap") -> dict[str, object]:
    def counts(group: str) -> dict[str, int]:
        return {"all": len(found.within(group)), **{str(name): number for name, number in found.counts(group).items()}}

    return {
        "id": found.id,
        "title": both(found.title),
        "version": found.version,
        "source": found.source,
        "notice": both(found.notice),
        "counts": counts(""),
        "groups": [{"id": name, "title": both(title), "counts": counts(name)} for name, title in found.groups.items()],
        "entries": [_plain_entry(each, found) for each in found.entries],
    }


def _plain_entry(entry: "Entry", found: "CoverageMap") -> dict[str, object]:
    return {
        "id": entry.id,
        "name": entry.name or None,
        "groups": list(entry.groups),
        "standing": str(entry.standing),
        "rules": list(entry.rules),
        "needs": both(found.lists.get(entry.listed)),
        "reason": both(entry.reason),
        "is_beyond": entry.is_beyond,
    }
