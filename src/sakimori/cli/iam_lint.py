"""`sakimori iam lint`: the mistakes in policies.

As JSON (`sakimori.iam_lint/1`): `findings`, each `{"policy","line","code","severity","message":{"en","ja"}}` (`severity` error,
warning or info; the codes are listed in `sakimori.analysis.iam.lint.finding` and do not change), and `checked`: `policies` (each
`policy`, `kind`, `is_kind_guessed`, `statements`), `actions_as_of`, and `unread`, the names of policies that were not there.
"""

from pathlib import Path
from typing import Any, Final

import click

from sakimori.analysis.iam.lint.finding import Level
from sakimori.analysis.iam.lint.statement import LintKind
from sakimori.app.iam_lint import Report, lint_path, lint_principal
from sakimori.cli.iam_source import account_options, source_of
from sakimori.cli.lazy import SpokenCommand, option, spoken
from sakimori.cli.prose import tell
from sakimori.model.exit_codes import BLIND, COMPLETED, FOUND
from sakimori.outputs.report.plain_values import escaped_json
from sakimori.texts.sentences import say

_KINDS: Final = tuple(each.value for each in LintKind)
_MANY_POLICIES: Final = 5
"""Up to as many are told by their kind."""


@click.command(
    "lint", cls=SpokenCommand, help=say("iam_lint.help", spoken()), short_help=say("iam_lint.short", spoken())
)
@click.argument("what", metavar="FILE|PRINCIPAL")
@option("--as", "as_", type=click.Choice(_KINDS), help_="iam_lint.option_as")
@option("--own-account", default="", metavar="ACCOUNT", help_="iam_lint.option_own_account")
@account_options
@option("--fail-on", type=click.Choice(["error", "warning"]), help_="iam_lint.option_fail_on")
@option("--format", "format_", type=click.Choice(["terminal", "table", "json"]), default="terminal", show_default=True)
@option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
@click.pass_obj
def command(home: Path, what: str, **given: Any) -> int:
    """Tell the mistakes in policies."""
    report = _report(home, what, given)
    if given["format_"] == "json":
        click.echo(escaped_json(_plain(report)))
    else:
        _print(report)
    return exit_code(report, given["fail_on"])


def exit_code(report: Report, fail_on: str | None) -> int:
    """4 where --fail-on asks and there is a finding of that level or worse; 3 where a policy could not be read, for it may have one.

    AWS's own policies are not checked, whether they were read or not.
    """
    if fail_on is None:
        return COMPLETED
    if any(each.severity.rank >= Level(fail_on).rank for each in report.findings):
        return FOUND
    return BLIND if any(":iam::aws:policy/" not in each for each in report.unread) else COMPLETED


def _report(home: Path, what: str, given: dict[str, Any]) -> Report:
    path = Path(what)
    kind = LintKind(given["as_"]) if given["as_"] else None
    if given["authorization_details"] is None and (path.exists() or path.suffix == ".json"):
        return lint_path(path, kind, given["own_account"])
    return lint_principal(source_of(home, given).account, what)


def _print(report: Report) -> None:
    language = spoken()
    for each in report.findings:
        values = {
            "policy": each.policy,
            "line": str(each.line),
            "severity": say(f"iam_lint.{each.severity}", language),
            "code": each.code,
        }
        # The sentence itself may be longer than a value is let to be.
        tell(say("iam_lint.line", language, message="", **values) + each.message.in_(language))
    if not report.findings:
        tell(say("iam_lint.clean" if report.linted else "iam_lint.nothing_checked", language))
    for each in report.linted if len(report.linted) <= _MANY_POLICIES else ():
        if each.kind is not None:
            key = "iam_lint.kind_guessed" if each.is_kind_guessed else "iam_lint.kind_told"
            tell(say(key, language, policy=each.policy, kind=each.kind), err=True)
    for name in report.unread:
        tell(say("iam_lint.not_read_policy", language, policy=name), err=True)
    tell(_summary(report), err=True)


def _summary(report: Report) -> str:
    counts = {f"{level}s": report.count(level) for level in Level}
    values = {"policies": len(report.linted), "statements": report.statements, "as_of": report.as_of}
    return say("iam_lint.checked", spoken(), **values, **counts)


def _plain(report: Report) -> dict[str, object]:
    policies = [
        {
            "policy": each.policy,
            "kind": str(each.kind) if each.kind else None,
            "is_kind_guessed": each.is_kind_guessed,
            "statements": each.statements,
        }
        for each in report.linted
    ]
    return {
        "schema": "sakimori.iam_lint/1",
        "findings": [each.plain() for each in report.findings],
        "checked": {"policies": policies, "actions_as_of": report.as_of.isoformat(), "unread": list(report.unread)},
    }
