"""`sakimori iam who-can`: everyone who may do something.

As JSON (`sakimori.iam_who_can/1`): `action`, `resource`, `principals` (those that are allowed or unknown, each with
`principal`, `decision` and `reasons` as in `sakimori.iam_can/1`), `asked` (how many were asked), `is_whole` (false where the listing
lacks users or roles, of whom nothing is known) and `notes`.
"""

import sys
from pathlib import Path
from typing import Any

import click

from sakimori.analysis.iam.account import Identity
from sakimori.analysis.iam.ask import Answer, Decision
from sakimori.analysis.iam.batch import plain_answer
from sakimori.analysis.iam.can import who_can
from sakimori.cli.iam_can import asked_of
from sakimori.cli.iam_source import account_options, print_notes, source_of
from sakimori.cli.lazy import SpokenCommand, option, spoken
from sakimori.cli.prose import tell
from sakimori.cli.query_table import print_rows
from sakimori.outputs.report.plain_values import escaped_json
from sakimori.texts.sentences import say

_COLUMNS = ("principal", "decision", "by")


@click.command("who-can", cls=SpokenCommand, help=say("iam.who_can_help", spoken()), short_help=say("iam.who_can_short", spoken()))  # fmt: skip
@click.argument("action")
@click.argument("resource", default="*")
@option("--context", multiple=True, metavar="KEY=VALUE", help_="iam.option_context")
@option("--closed", is_flag=True, help_="iam.option_closed")
@option("--resource-account", default="", help_="iam.option_resource_account")
@account_options
@option("--format", "format_", type=click.Choice(["terminal", "json"]), default="terminal", show_default=True)
@option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
@click.pass_obj
def command(home: Path, action: str, resource: str, **given: Any) -> None:
    """List everyone who may do it."""
    asked = asked_of(action, resource, given)
    source = source_of(home, given)
    answers = list(who_can(source.account, asked))
    found = [(who, answer) for who, answer in answers if answer.is_allowed is not False]
    if given["format_"] == "json":
        tell(
            escaped_json(
                {
                    "schema": "sakimori.iam_who_can/1", "action": asked.action, "resource": asked.resource,
                    "principals": [{"principal": who.arn, **plain_answer(answer)} for who, answer in found],
                    "asked": len(answers), "is_whole": source.account.is_whole, "notes": [each.name for each in source.notes],
                }
            )
        )  # fmt: skip
        return
    print_notes(source, asked)
    language = spoken()
    if not found:
        key = "iam.nobody_can" if source.account.is_whole else "iam.nobody_can_partly"
        tell(say(key, language, action=asked.action, resource=asked.resource, count=len(answers)))
        return
    headings = [say(f"iam.column_{each}", language) for each in _COLUMNS]
    # Whom only something that nobody read might let in would hide the others.
    shown = [each for each in found if not each[1].hangs_on_others_alone]
    rows = [_row(who, answer) for who, answer in sorted(shown, key=lambda each: each[1].decision is Decision.UNKNOWN)]
    print_rows(headings, [(each, "VARCHAR") for each in _COLUMNS], rows, sys.stdout)
    unknown = sum(answer.decision is Decision.UNKNOWN for _, answer in found)
    tell(
        say("iam.who_can_count", language, allowed=len(found) - unknown, unknown=unknown, asked=len(answers))
    )  # fmt: skip
    if len(shown) < len(found):
        tell(say("iam_reasons.who_can_hidden", language, count=len(found) - len(shown)))
    if not source.account.is_whole:
        tell(say("iam.listing_not_whole", language))


def _row(who: Identity, answer: Answer) -> tuple[str, str, str]:
    language = spoken()
    policies = [each.policy.name for each in answer.reasons if each.policy is not None]
    keys = [key for each in answer.reasons for key in each.keys]
    kinds = [say(f"iam.kind_{each.kind.value}", language) for each in answer.reasons if each.is_unread]
    not_known = [say("iam.by_unread", language, kind=kind) for kind in kinds]
    by = ", ".join(dict.fromkeys([*policies, *(f"{key}?" for key in keys), *not_known]))
    return who.arn, say(f"iam.decision_{answer.decision.value}", language), by
