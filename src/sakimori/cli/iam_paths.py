"""`sakimori iam paths`: who can become whom, step by step, and what breaks it.

As JSON (`sakimori.iam_paths/1`): `paths`, each `{"from","to","goal","certainty","edges":[{"from","to","method","actions"}]}`
(`goal` is `admin` or an ARN, `certainty` `proven` or `possible`; a method is a file of the catalogue of ways), `at_goal` (who
needs no path), `maybe_at_goal`, `starts` (from so many was looked), `cut_short` (starts from which a limit ended the search),
`unread` (policies that could not be read) and `notes`.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from sakimori.analysis.iam.account import Identity
from sakimori.analysis.iam.paths.finder import Surroundings, find_paths
from sakimori.analysis.iam.paths.found import Path as Way
from sakimori.analysis.iam.paths.found import PathsFound
from sakimori.analysis.iam.paths.goals import goal_of
from sakimori.analysis.iam.paths.search import Limits
from sakimori.analysis.iam.paths.world import policy_versions
from sakimori.analysis.iam.snapshot_account import passwords_of
from sakimori.app.clock import utc_now
from sakimori.app.iam import IamSource, find_identity
from sakimori.app.iam_keys import KEY, identity_of_key
from sakimori.cli.iam_source import account_options, door_of, print_notes, source_of
from sakimori.cli.lazy import SpokenCommand, option, spoken
from sakimori.cli.outputs import form_by_ending, text_at
from sakimori.cli.prose import tell
from sakimori.outputs.report.iam_graph import cut_lines, graphml, iam_drawing, iam_page, method_title, short, summary
from sakimori.outputs.report.plain_values import escaped_json
from sakimori.texts.language import clean, show_time
from sakimori.texts.sentences import say

_FORMATS = ("terminal", "json", "html", "svg", "graphml")
_SHOWN = 40


@click.command(
    "paths", cls=SpokenCommand, help=say("iam_paths.help", spoken()), short_help=say("iam_paths.short", spoken())
)
@option("--from", "from_", default="any", show_default=True, metavar="PRINCIPAL|KEY|any", help_="iam_paths.option_from")
@option("--to", default="admin", show_default=True, metavar="admin|ARN", help_="iam_paths.option_to")
@option("--action", multiple=True, help_="iam_paths.option_action")
@option("--length", type=click.IntRange(1, 12), default=6, show_default=True, help_="iam_paths.option_length")
@option("--most", type=click.IntRange(1, 100), default=5, show_default=True, help_="iam_paths.option_most")
@account_options
@option("--format", "format_", type=click.Choice(_FORMATS))
@option("--output", type=click.Path(path_type=Path, dir_okay=False), help_="iam_paths.option_output")
@option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
@click.pass_obj
def command(home: Path, **given: Any) -> None:
    """Find the paths."""
    goal = goal_of(given["to"], given["action"])
    form = form_by_ending(given, _FORMATS, "html")
    source = source_of(home, given, with_compute=True)
    start = _start(home, source, given)
    around = Surroundings(
        compute=source.compute, versions=policy_versions(source.records), passwords=passwords_of(source.credentials)
    )
    limits = Limits(length=given["length"], paths=given["most"])
    found = find_paths(source.account, start, goal, around, limits)
    if form == "terminal":
        print_notes(source)
        _print(found)
        return
    _write(_text(form, found, source), given["output"])


def _start(home: Path, source: IamSource, given: dict[str, Any]) -> Identity | None:
    words = given["from_"]
    if words == "any":
        return None
    if not KEY.match(words):
        return find_identity(source.account, words)
    door = None if given["authorization_details"] is not None else door_of(home, given)
    return identity_of_key(home, source.account, words, door, clock=utc_now)


def _text(form: str, found: PathsFound, source: IamSource) -> str:
    if form == "json":
        return _plain(found, source)
    if form == "graphml":
        return graphml(found)
    return {"html": iam_page, "svg": iam_drawing}[form](found, spoken(), tuple(_about(source)))


def _about(source: IamSource) -> Iterator[str]:
    """What a page stands on, for whoever reads it elsewhere."""
    at = show_time(source.as_of or utc_now(), spoken())
    yield say("iam_inventory.as_of", spoken(), account=source.account.account, at=at)
    yield from (say(f"iam.note_{each.name}", spoken(), **each.values) for each in source.notes)


def _write(text: str, output: Path | None) -> None:
    if output is None:
        click.echo(text)
        return
    with text_at(output) as stream:
        stream.write(text)
    tell(say("iam_paths.written", spoken(), path=output), err=True)


def _plain(found: PathsFound, source: IamSource) -> str:
    return escaped_json(
        {
            "schema": "sakimori.iam_paths/1", "goal": found.goal.resource, "paths": [each.as_json() for each in found.paths],
            "at_goal": list(found.at_goal), "maybe_at_goal": list(found.maybe_at_goal), "starts": found.starts,
            "cut_short": list(found.cut_short), "unread": found.unread, "notes": [each.name for each in source.notes],
        }
    )  # fmt: skip


def _print(found: PathsFound) -> None:
    language = spoken()
    for line in summary(found, language):
        tell(line)
    for path in found.paths[:_SHOWN]:
        _print_path(path)
    if len(found.paths) > _SHOWN:
        tell(say("iam_paths.more", language, count=len(found.paths) - _SHOWN))
    if found.paths:
        tell(say("iam_paths.draw", language))


def _print_path(path: Way) -> None:
    language = spoken()
    certainty = say(f"iam_paths.{path.certainty}", language)
    told = say("iam_paths.path", language, source=short(path.source), target=short(path.target), certainty=certainty)
    tell(f"\n{told}", style="bold red" if path.certainty == "proven" else "bold yellow")
    for edge in path.edges:
        title = method_title(edge.method, language)
        values = {"source": short(edge.source), "target": short(edge.target), "method": title}
        tell("  " + say("iam_paths.edge", language, **values, actions=", ".join(edge.actions)))
    for line in cut_lines(path, language):
        tell("  " + clean(line, 1_000))
