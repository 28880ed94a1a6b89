"""`sakimori iam can`: whether a principal may do something, and by which statements.

As JSON (`sakimori.iam_can/1`): `principal`, `action`, `resource`, `decision` (`allowed`, `explicit_deny`, `implicit_deny`,
`unknown`), `reasons` and `notes`. A reason has `kind` (`identity`, `resource`, `boundary`, `session`, `scp`, `rcp`), `effect`,
and either `policy`, `statement` (from 0), `sid` and `line`, or `because` (`nothing_allows`, `not_read`); one that is not
certain has `certain: false` and the `unknown_keys` on which it hangs.

With --batch each line of the file is a request (`sakimori.analysis.iam.batch` tells its form) and each line of the output its
answer, in the same order; a line that is not understood has `error` and no decision.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Final

import click

from sakimori.analysis.iam.account import IamAccount
from sakimori.analysis.iam.action_table import action_table
from sakimori.analysis.iam.ask import Answer, Decision, Reason, is_gated
from sakimori.analysis.iam.batch import LineError, answer_line, plain_answer
from sakimori.analysis.iam.can import Asked, can
from sakimori.analysis.iam.context import Context, context_of
from sakimori.app.iam import find_identity
from sakimori.cli.iam_source import account_options, print_notes, source_of
from sakimori.cli.lazy import SpokenCommand, option, spoken
from sakimori.collect.policy_document import plain_statement
from sakimori.model.errors import UsageError
from sakimori.model.exit_codes import COMPLETED, WRONG_USAGE
from sakimori.outputs.report.plain_values import escaped_json
from sakimori.texts.language import clean
from sakimori.texts.nearest import nearest
from sakimori.texts.sentences import say

COLOURS: Final = {
    Decision.ALLOWED: "green", Decision.EXPLICIT_DENY: "red", Decision.IMPLICIT_DENY: "red", Decision.UNKNOWN: "yellow",
}  # fmt: skip
_LONGEST_LINE: Final = 16 * 1024 * 1024
_LONGEST_QUOTE: Final = 600
_MOST_REASONS: Final = 12


@click.command("can", cls=SpokenCommand, help=say("iam.can_help", spoken()), short_help=say("iam.can_short", spoken()))
@click.argument("principal", required=False)
@click.argument("action", required=False)
@click.argument("resource", required=False)
@option("--context", multiple=True, metavar="KEY=VALUE", help_="iam.option_context")
@option("--closed", is_flag=True, help_="iam.option_closed")
@option("--resource-account", default="", help_="iam.option_resource_account")
@option("--batch", type=click.Path(allow_dash=True, dir_okay=False), help_="iam.option_batch")
@account_options
@option("--format", "format_", type=click.Choice(["terminal", "json"]), default="terminal", show_default=True)
@option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
@click.pass_obj
def command(home: Path, principal: str, action: str, resource: str, **given: Any) -> int:
    """Say whether the principal may do it."""
    if given["batch"] is not None:
        if principal:
            raise UsageError("iam.batch_alone")
        source = source_of(home, given) if given["authorization_details"] is not None else None
        return _batch(given["batch"], source.account if source else None)
    if not action:
        raise UsageError("iam.can_what")
    asked = asked_of(action, resource or "*", given)
    source = source_of(home, given)
    who = find_identity(source.account, principal)
    answer = can(source.account, who, asked)
    if given["format_"] == "json":
        told = {
            "schema": "sakimori.iam_can/1",
            "principal": who.arn,
            "action": asked.action,
            "resource": asked.resource,
        }
        click.echo(escaped_json({**told, **plain_answer(answer), "notes": [each.name for each in source.notes]}))
        return COMPLETED
    print_notes(source)
    print_answer(answer, who.arn, asked)
    return COMPLETED


def asked_of(action: str, resource: str, given: dict[str, Any]) -> Asked:
    """What the command line asks for; UsageError where it is no action or no context."""
    if ":" not in action or action.strip("*") != action:
        raise UsageError("iam.no_action", action=action)
    if (table := action_table()).find(action) is None:
        # A newer action is decided like any other: its name is matched, and that is all that a policy does too.
        near = nearest(action, [each.full_name for each in table.matching(f"{action.partition(':')[0]}:*")])
        key = "iam.action_not_in_table_near" if near else "iam.action_not_in_table"
        click.echo(say(key, spoken(), action=clean(action, 100), as_of=table.as_of, near=near), err=True)
    return Asked(
        action=action,
        resource=resource,
        context=_context(given["context"], is_open=not given["closed"]),
        resource_account=given["resource_account"],
    )


def _context(pairs: tuple[str, ...], *, is_open: bool) -> Context:
    told: dict[str, Any] = {}
    for pair in pairs:
        key, sign, value = pair.partition("=")
        if not sign or not key:
            raise UsageError("iam.no_context", pair=pair)
        if value == "?":
            told[key] = None
        elif value:
            told.setdefault(key, []).append(value)
        else:
            told[key] = []
    return context_of(told, is_open=is_open)


def print_answer(answer: Answer, who: str, asked: Asked) -> None:
    """The decision, and the statements that made it, quoted."""
    language = spoken()
    sentence = say(
        f"iam.answer_{answer.decision.value}", language, who=clean(who, 300), action=clean(asked.action, 150),
        resource=clean(asked.resource, 300),
    )  # fmt: skip
    click.secho(sentence, fg=COLOURS[answer.decision], bold=True)
    for reason in answer.reasons[:_MOST_REASONS]:
        for line in _quoted(reason):
            click.echo(line)
    if len(answer.reasons) > _MOST_REASONS:
        click.echo(say("iam.more_reasons", language, count=len(answer.reasons) - _MOST_REASONS))
    if answer.decision is Decision.IMPLICIT_DENY and is_gated(asked.action, asked.resource) and "kms:" in asked.action:
        # Grants are no policies, and nobody told them.
        click.echo(say("iam.grants_not_read", language, key=clean(asked.resource, 200)))


def _quoted(reason: Reason) -> Iterator[str]:
    language = spoken()
    kind = say(f"iam.kind_{reason.kind.value}", language)
    if reason.policy is None or reason.statement is None:
        yield "  " + say("iam.reason_unread" if reason.is_unread else "iam.reason_nothing", language, kind=kind)
        return
    effect = "allows" if reason.is_allow else "denies"
    yield "  " + say(
        f"iam.reason_{effect if reason.certain else 'may_' + effect}", language, kind=kind,
        policy=clean(reason.policy.arn or reason.policy.name, 300), line=reason.policy.line(reason.statement),
        sid=clean(reason.statement.sid, 100) or str(reason.statement.index), keys=list(reason.keys),
    )  # fmt: skip
    text = json.dumps(plain_statement(reason.statement), ensure_ascii=False)
    yield "    " + clean(text, _LONGEST_QUOTE)


def _batch(path: str, account: IamAccount | None) -> int:
    """Answer line by line as they come."""
    try:
        with click.open_file(path, "rb") as file:
            return _answer_lines(file, account)
    except OSError as error:
        raise UsageError("iam.file_unreadable", path=path, reason=error.strerror or str(error)) from None


def _answer_lines(file: IO[Any], account: IamAccount | None) -> int:
    code, out = COMPLETED, sys.stdout
    for number, line in enumerate(_lines(file), start=1):
        if line is not None and not line.strip():
            continue
        try:
            told = plain_answer(_answered(line, account))
        except LineError as error:
            code = WRONG_USAGE
            message = say(f"iam.batch_{error.reason}", spoken(), words=clean(error.words, 300))
            told = {"error": message, "line": number}
            click.echo(say("iam.batch_line", spoken(), line=number, message=message), err=True)
        out.write(json.dumps(told) + "\n")
    return code


def _answered(line: bytes | None, account: IamAccount | None) -> Answer:
    if line is None:
        raise LineError("too_long", str(_LONGEST_LINE // 1024 // 1024))
    return answer_line(line, account)


def _lines(file: IO[Any]) -> Iterator[bytes | None]:
    """Line by line; None for one that is longer than a request can be, which is read over."""
    while line := file.readline(_LONGEST_LINE):
        if len(line) < _LONGEST_LINE or line.endswith(b"\n"):
            yield line
            continue
        while (rest := file.readline(_LONGEST_LINE)) and not rest.endswith(b"\n"):
            pass
        yield None
