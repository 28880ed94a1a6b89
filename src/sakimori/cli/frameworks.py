"""`sakimori frameworks`: list, show."""

import json
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sakimori.app.rules import open_rules
from sakimori.cli.faults import print_faults
from sakimori.cli.lazy import SpokenGroup, described, option, spoken
from sakimori.model.exit_codes import COMPLETED, WRONG_USAGE
from sakimori.model.framework import Served
from sakimori.outputs.report.framework_record import both
from sakimori.rules.framework import Framework, Requirement
from sakimori.texts.sentences import say

_DIRECTORY = click.Path(path_type=Path, file_okay=False)
_LANG = option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
_ID = 24
"""Cells for the id of a requirement; a longer one is folded."""
_FORMAT = option("--format", "format_", type=click.Choice(["table", "json"]), default="table", show_default=True)


@click.group("frameworks", cls=SpokenGroup, **described("frameworks"))
@_LANG
def command() -> None:
    """Group of the verbs on frameworks."""


@command.command("list", help=say("verbs.frameworks_list", spoken()))
@option("--rules-dir", type=_DIRECTORY)
@_FORMAT
@_LANG
def list_frameworks(rules_dir: Path | None, format_: str) -> int:
    """List the frameworks with what serves their requirements."""
    found = open_rules(rules_dir).frameworks
    if format_ == "json":
        listed = [_plain(framework) for framework in found.by_id.values()]
        click.echo(json.dumps({"schema": "sakimori.frameworks/1", "frameworks": listed}, ensure_ascii=False, indent=2))
    else:
        Console().print(_overview(tuple(found.by_id.values())))
    print_faults(found.faults)
    return WRONG_USAGE if found.faults else COMPLETED


@command.command("show", help=say("verbs.frameworks_show", spoken()))
@click.argument("framework")
@option("--rules-dir", type=_DIRECTORY)
@_FORMAT
@_LANG
def show_framework(framework: str, rules_dir: Path | None, format_: str) -> None:
    """Show each requirement and what serves it."""
    chosen = open_rules(rules_dir).frameworks.find(framework)
    if format_ == "json":
        requirements = [_plain_requirement(each) for each in chosen.requirements]
        document = {"schema": "sakimori.framework/1", **_plain(chosen), "requirements": requirements}
        click.echo(json.dumps(document, ensure_ascii=False, indent=2))
        return
    console = Console()
    console.print(Text(chosen.title.in_(spoken()), style="bold"))
    console.print(Text(f"{chosen.id} · {chosen.version} · {chosen.published_on}", style="dim"))
    console.print(Text(chosen.source, style="cyan"), soft_wrap=True)
    console.print(_overview((chosen,)))
    console.print(_requirements(chosen))


def _overview(frameworks: tuple[Framework, ...]) -> Table:
    grid = Table(box=None, pad_edge=False)
    for name in ("framework", "title", "requirements", "automated", "attested", "not_assessable", "coverage"):
        is_number = name not in {"framework", "title"}
        grid.add_column(
            say(f"verbs.column_{name}", spoken()), justify="right" if is_number else "left", no_wrap=name == "framework"
        )
    for framework in frameworks:
        automated = framework.count(Served.RULES) + framework.count(Served.RULES_AND_ATTESTATION)
        coverage = framework.coverage
        grid.add_row(
            Text(framework.id),
            Text(framework.title.in_(spoken())),
            str(len(framework.requirements)),
            str(automated),
            str(framework.count(Served.ATTESTATION)),
            str(framework.count(Served.NOTHING)),
            "—" if coverage is None else f"{int(coverage * 100)}%",
        )
    return grid


def _requirements(framework: Framework) -> Table:
    grid = Table(box=None, pad_edge=False)
    for name in ("requirement", "title", "served_by"):
        grid.add_column(
            say(f"verbs.column_{name}", spoken()), overflow="fold", max_width=_ID if name == "requirement" else None,
            ratio=None if name == "requirement" else 1,
        )  # fmt: skip
    section = None
    for requirement in framework.requirements:
        if requirement.section != section:
            section = requirement.section
            grid.add_row("", Text(section.in_(spoken()) if section else "", style="bold"), "")
        grid.add_row(Text(requirement.id), Text(requirement.title.in_(spoken())), Text(_served_by(requirement)))
    return grid


def _served_by(requirement: Requirement) -> str:
    lines = [_use(use.rule, use.parameters) for use in requirement.uses]
    if requirement.question:
        lines.append(say("verbs.served_attest", spoken(), question=requirement.question))
    if requirement.reason:
        lines.append(requirement.reason.in_(spoken()))
    return "\n".join(lines)


def _use(rule: str, parameters: object) -> str:
    given = dict(parameters) if isinstance(parameters, dict) else {}
    shown = ", ".join(f"{name} {value}" for name, value in given.items() if not isinstance(value, tuple))
    return f"{rule} ({shown})" if shown else rule


def _plain(framework: Framework) -> dict[str, object]:
    return {
        "id": framework.id,
        "title": both(framework.title),
        "version": framework.version,
        "published_on": framework.published_on.isoformat(),
        "source": framework.source,
        "counts": {str(served): framework.count(served) for served in Served},
        "coverage": framework.coverage,
    }


def _plain_requirement(requirement: Requirement) -> dict[str, object]:
    return {
        "id": requirement.id,
        "title": both(requirement.title),
        "served_by": str(requirement.served_by),
        "rules": [{"rule": use.rule, "with": dict(use.parameters)} for use in requirement.uses],
        "attest": requirement.question,
        "reason": both(requirement.reason),
        "retired": requirement.is_retired,
        "successors": list(requirement.successors),
        "level": requirement.level,
    }
