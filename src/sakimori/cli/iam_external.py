"""`sakimori iam external`: what may be reached from outside the account, shown by a request, proved closed, or unknown.

As JSON (`sakimori.iam_external/1`): `resources`, each `{"resource","verdict","principals","witness","why"}` (`verdict` is public,
cross_account, closed or unknown; `witness` a request that is allowed, or null), `counts` by verdict, and `notes`.
"""

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any, Final

import click

from sakimori.analysis.iam.external import Around, ExternalAccess, Verdict
from sakimori.analysis.iam.external_account import all_external, count_of
from sakimori.app.clock import utc_now
from sakimori.app.iam import IamSource
from sakimori.cli.iam_source import account_options, print_notes, source_of
from sakimori.cli.lazy import SpokenCommand, option, spoken
from sakimori.cli.progress import counting_on
from sakimori.cli.prose import tell
from sakimori.model.exit_codes import BLIND, COMPLETED, FOUND
from sakimori.outputs.report.plain_values import escaped_json
from sakimori.texts.language import clean
from sakimori.texts.sentences import say

_ORDER: Final = (Verdict.PUBLIC, Verdict.UNKNOWN, Verdict.CROSS_ACCOUNT, Verdict.CLOSED)
_COLOURS: Final = {
    Verdict.PUBLIC: "red",
    Verdict.CROSS_ACCOUNT: "yellow",
    Verdict.UNKNOWN: "magenta",
    Verdict.CLOSED: "green",
}


@click.command("external", cls=SpokenCommand, help=say("iam_external.help", spoken()), short_help=say("iam_external.short", spoken()))  # fmt: skip
@option("--all", "all_", is_flag=True, help_="iam_external.option_all")
@option(
    "--seconds", type=click.FloatRange(0.1, 600), default=2.0, show_default=True, help_="iam_external.option_seconds"
)
@option("--fail-on", type=click.Choice(["public", "cross_account"]), help_="iam_external.option_fail_on")
@account_options
@option("--format", "format_", type=click.Choice(["terminal", "json"]), default="terminal", show_default=True)
@option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
@click.pass_obj
def command(home: Path, **given: Any) -> int:
    """Tell what is open to the outside."""
    source = source_of(home, given, with_openings=True)
    found = _found(source, given["seconds"])
    if given["format_"] == "json":
        click.echo(_plain(found, source))
    else:
        print_notes(source)
        _print(found, is_full=given["all_"], is_whole=not source.notes)
    return _code(found, given["fail_on"])


def _found(source: IamSource, seconds: float) -> list[ExternalAccess]:
    around = Around(now=source.as_of or utc_now(), seconds=seconds, organization=source.organization)
    found = list[ExternalAccess]()
    total = count_of(source.account, source.openings)
    with counting_on(sys.stderr, spoken()) as progress:
        for each in all_external(source.account, around, source.openings):
            found.append(each)
            if progress is not None:
                progress(len(found), total)
    return sorted(found, key=lambda each: (_ORDER.index(each.verdict), each.resource))


def _code(found: list[ExternalAccess], fail_on: str | None) -> int:
    if fail_on is None:
        return COMPLETED
    verdicts = {each.verdict for each in found}
    worse = {Verdict.PUBLIC} if fail_on == "public" else {Verdict.PUBLIC, Verdict.CROSS_ACCOUNT}
    return FOUND if verdicts & worse else BLIND if not found or Verdict.UNKNOWN in verdicts else COMPLETED


def _plain(found: list[ExternalAccess], source: IamSource) -> str:
    counts = Counter(each.verdict.value for each in found)
    return escaped_json(
        {
            "schema": "sakimori.iam_external/1", "resources": [each.as_json(spoken()) for each in found],
            "counts": {verdict.value: counts[verdict.value] for verdict in Verdict},
            "notes": [each.name for each in source.notes],
        }
    )  # fmt: skip


def _print(found: list[ExternalAccess], *, is_full: bool, is_whole: bool) -> None:
    language = spoken()
    shown = [each for each in found if is_full or each.verdict is not Verdict.CLOSED]
    for each in shown:
        word = say(f"iam_external.verdict_{each.verdict.value}", language)
        click.echo(click.style(word, fg=_COLOURS[each.verdict], bold=True) + f"  {clean(each.resource, 300)}")
        for why in each.why:
            tell(f"  {clean(why.in_(language), 1_000)}")
        if each.witness is not None:
            request = json.dumps(each.witness.as_json(), ensure_ascii=False)
            click.echo("  " + say("iam_external.witness", language, request=clean(request, 1_500)))
    counts = Counter(each.verdict for each in found)
    values = {verdict.value: counts[verdict] for verdict in Verdict}
    tell(say("iam_external.counts", language, total=len(found), **values))
    if not found:
        tell(say("iam_external.none_asked", language))
    elif not counts[Verdict.PUBLIC] and (counts[Verdict.UNKNOWN] or not is_whole):
        tell(say("iam_external.none_proved", language, total=len(found), unknown=counts[Verdict.UNKNOWN]))
    if not is_full and counts[Verdict.CLOSED]:
        tell(say("iam_external.show_all", language))
