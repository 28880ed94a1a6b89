"""`sakimori iam can`: whether a principal may do something, and by which statements.

As JSON (`sakimori.iam_can/1`): `principal`, `action`, `resource`, `decision` (`allowed`, `explicit_deny`, `implicit_deny`,
`unknown`), `reasons` and `notes`. A reason has `kind` (`identity`, `resource`, `boundary`, `session`, `scp`, `rcp`), `effect`,
and either `policy`, `statement` (from 0), `sid` and `line`, or `because` (a word of `sakimori.analysis.iam.answer.Because`, such as
`nothing_allows`, `not_read`, `grants_not_read`, `owner_not_known`); one that is not certain has `certain: false` and the `unknown_keys`
on which it hangs, or `because`. A RESOURCE that is left out stands for any: what holds for each resource of the action is answered,
and what holds for some alone is unknown.

With --batch each line of the file is a request (`sakimori.analysis.iam.batch` tells its form) and each line of the output its
answer, in the same order; a line that is not understood has `error` and no decision. What the whole file stands on is told once, on
standard error.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Final

import click
from click.core import ParameterSource

from sakimori.analysis.iam.account import IamAccount
from sakimori.analysis.iam.action_table import action_table
from sakimori.analysis.iam.answer import Answer, Because, Decision, Reason
from sakimori.analysis.iam.batch import LineError, answer_line, plain_answer
from sakimori.analysis.iam.can import Asked, asked_about, can, is_one
from sakimori.analysis.iam.context import Context, ContextError, context_of
from sakimori.app.given_file import open_regular
from sakimori.app.iam import find_identity
from sakimori.cli.iam_source import account_options, print_notes, source_of
from sakimori.cli.lazy import SpokenCommand, option, spoken
from sakimori.cli.prose import tell
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
_OF_ONE_REQUEST: Final = frozenset({"--context", "--closed", "--resource-account"})
_OF_NO_ACCOUNT: Final = frozenset({"--batch", "--format", "--lang"})
_MARK: Final = b"\xef\xbb\xbf"
_LONGEST_LINE: Final = 16 * 1024 * 1024
_QUOTE: Final = "    {"
_LONGEST_QUOTE: Final = 600
_MOST_REASONS: Final = 12


@click.command("can", cls=SpokenCommand, help=say("iam.can_help", spoken()), short_help=say("iam.can_short", spoken()))
@click.argument("principal", required=False)
@click.argument("action", required=False)
@click.argument("resource", required=False)
@option("--context", multiple=True, metavar="KEY=VALUE", help_="iam.option_context")
@option("--closed", is_flag=True, help_="iam.option_closed")
@option("--resource-account", default="", help_="iam.option_resource_account")
@option("--batch", type=click.Path(allow_dash=True), help_="iam.option_batch")
@account_options
@option("--format", "format_", type=click.Choice(["terminal", "json"]), default="terminal", show_default=True)
@option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
@click.pass_obj
def command(home: Path, principal: str, action: str, resource: str, **given: Any) -> int:
    """Say whether the principal may do it."""
    if given["batch"] is not None:
        return _batch(home, principal, given)
    if not action:
        raise UsageError("iam.can_what")
    asked = asked_of(action, resource or "*", given)
    source = source_of(home, given)
    if given["format_"] != "json":
        print_notes(source, asked)
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
    print_answer(answer, who.arn, asked)
    return COMPLETED


def asked_of(action: str, resource: str, given: dict[str, Any]) -> Asked:
    """What the command line asks for; UsageError where it is no action or no context."""
    if not is_one(action) or not is_one(resource):
        name = "action" if not is_one(action) else "resource"
        raise UsageError(f"iam_reasons.wildcard_{name}", action=action, resource=resource)
    if ":" not in action:
        raise UsageError("iam.no_action", action=action)
    if resource != "*" and not resource.startswith("arn:"):
        raise UsageError("iam.no_resource", resource=resource)
    if (table := action_table()).find(action) is None:
        # A newer action is decided like any other: its name is matched, and that is all that a policy does too.
        near = nearest(action, [each.full_name for each in table.matching(f"{action.partition(':')[0]}:*")])
        key = "iam.action_not_in_table_near" if near else "iam.action_not_in_table"
        tell(say(key, spoken(), action=clean(action, 100), as_of=table.as_of, near=near), err=True)
    context = _context(given["context"], is_open=not given["closed"])
    return asked_about(action, resource, context, given["resource_account"])


def _context(pairs: tuple[str, ...], *, is_open: bool) -> Context:
    told = dict[str, list[str]]()
    for pair in pairs:
        key, sign, value = pair.partition("=")
        if not sign or not key:
            raise UsageError("iam.no_context", pair=pair)
        told.setdefault(key, []).append(value)
    if twice := [key for key, values in told.items() if len(values) > 1 and {"", "?"} & set(values)]:
        raise UsageError("iam.context_contradicts", key=twice[0])
    known = {key: None if values == ["?"] else [each for each in values if each] for key, values in told.items()}
    try:
        return context_of(known, is_open=is_open)
    except ContextError as error:
        raise UsageError("iam.context_twice", key=error.key) from None


def print_answer(answer: Answer, who: str, asked: Asked) -> None:
    """The decision, and the statements that made it, quoted."""
    language = spoken()
    sentence = say(
        f"iam.answer_{answer.decision.value}", language, who=clean(who, 300), action=clean(asked.action, 150),
        resource=clean(asked.resource, 300),
    )  # fmt: skip
    tell(sentence, style=f"bold {COLOURS[answer.decision]}")
    for reason in answer.reasons[:_MOST_REASONS]:
        for line in _quoted(reason, asked.resource):
            click.echo(line) if line.startswith(_QUOTE) else tell(line)
    if len(answer.reasons) > _MOST_REASONS:
        tell(say("iam.more_reasons", language, count=len(answer.reasons) - _MOST_REASONS))


def _may(effect: str, reason: Reason) -> str:
    """Which sentence tells it: what applies, or may, for keys that are not known or for something else."""
    if reason.certain:
        return effect
    return f"may_{effect}" if reason.keys else f"may_{effect}_otherwise"


def _quoted(reason: Reason, resource: str) -> Iterator[str]:
    language = spoken()
    kind = say(f"iam.kind_{reason.kind.value}", language)
    because = reason.because or Because.NOTHING_ALLOWS
    why = "  " + say(f"iam_reasons.{because.value}", language, kind=kind, resource=clean(resource, 200))
    if reason.policy is None or reason.statement is None:
        yield why
        return
    effect = "allows" if reason.is_allow else "denies"
    yield "  " + say(
        f"iam.reason_{_may(effect, reason)}", language, kind=kind,
        policy=clean(reason.policy.arn or reason.policy.name, 300), line=reason.policy.line(reason.statement),
        sid=clean(reason.statement.sid, 100) or str(reason.statement.index), keys=list(reason.keys),
    )  # fmt: skip
    text = json.dumps(plain_statement(reason.statement), ensure_ascii=False)
    yield _QUOTE + clean(text[1:], _LONGEST_QUOTE)
    if reason.because is not None:
        yield "  " + why


def _batch(home: Path, principal: str, given: dict[str, Any]) -> int:
    """Answer line by line as they come."""
    if principal:
        raise UsageError("iam.batch_alone")
    told = _told_options()
    if beside := [name for name in told if name in _OF_ONE_REQUEST]:
        raise UsageError("iam.batch_beside", options=beside)
    if given["format_"] == "terminal" and "--format" in told:
        raise UsageError("iam.batch_format")
    # An account is read where somebody names one: lines with policies of their own need none.
    is_named = given["authorization_details"] is not None or any(name not in _OF_NO_ACCOUNT for name in told)
    source = source_of(home, given) if is_named else None
    if source is not None:
        print_notes(source)
    account = source.account if source else None
    if given["batch"] == "-":
        return _answer_lines(sys.stdin.buffer, account)
    with open_regular(given["batch"]) as file:
        return _answer_lines(file, account)


def _told_options() -> tuple[str, ...]:
    """The options that somebody typed, as they are written."""
    at = click.get_current_context()
    return tuple(
        each.opts[0]
        for each in at.command.params
        if isinstance(each, click.Option) and at.get_parameter_source(each.name or "") is ParameterSource.COMMANDLINE
    )


def _answer_lines(file: IO[Any], account: IamAccount | None) -> int:
    code, out = COMPLETED, sys.stdout
    for number, line in enumerate(_lines(file), start=1):
        if line is not None and not line.strip():
            continue
        try:
            told = plain_answer(_answered(line, account))
        except LineError as error:
            code = WRONG_USAGE
            message = say(f"iam.batch_{error.reason}", spoken(), words=clean(error.words, 300), why=error.why)
            told = {"error": message, "line": number}
            click.echo(say("iam.batch_line", spoken(), line=number, message=message), err=True)
        out.write(json.dumps(told) + "\n")
    return code


def _answered(line: bytes | None, account: IamAccount | None) -> Answer:
    if line is None:
        raise LineError("too_long", str(_LONGEST_LINE // 1024 // 1024))
    return answer_line(line, account)


def _lines(file: IO[Any]) -> Iterator[bytes | None]:
    """Line by line, without the mark with which some programs begin UTF-8.

    None for a line that is longer than a request can be, which is read over.
    """
    is_first = True
    while line := file.readline(_LONGEST_LINE):
        if is_first:
            line, is_first = line.removeprefix(_MARK) or b"\n", False
        if len(line) < _LONGEST_LINE or line.endswith(b"\n"):
            yield line
            continue
        while (rest := file.readline(_LONGEST_LINE)) and not rest.endswith(b"\n"):
            pass
        yield None
