"""`sakimori explain`."""

import json
from pathlib import Path

import click
from rich.console import Console
from rich.text import Text

from sakimori.app.explain import Explanation, explain
from sakimori.app.fix import mending_of
from sakimori.cli.lazy import SpokenCommand, described, option, spoken
from sakimori.model.verdict import Verdict
from sakimori.outputs.report.framework_record import both
from sakimori.outputs.report.plain_values import as_json, plain
from sakimori.outputs.report.remedy_text import filled_cli, rule_cli
from sakimori.outputs.report.rule_help import help_markdown, sections
from sakimori.outputs.report.words import message
from sakimori.outputs.report.wrapping import wrap
from sakimori.texts.language import clean, show_value
from sakimori.texts.sentences import say

_WHOLE = ("cli", "terraform", "references")
_NARROWEST = 20
_LINE = 2_000


@click.command("explain", cls=SpokenCommand, **described("explain"))
@click.argument("identifier", metavar="RULE|FINDING")
@option("--rules-dir", type=click.Path(path_type=Path, file_okay=False))
@option("--state")
@option("--format", "format_", type=click.Choice(["text", "markdown", "json"]), default="text", show_default=True)
@option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
@click.pass_obj
def command(home: Path, identifier: str, rules_dir: Path | None, state: str | None, format_: str) -> None:
    """Explain a rule or a finding."""
    found = explain(home, identifier, rules_dir=rules_dir, state=state or "")
    if format_ == "json":
        click.echo(json.dumps(_plain(found), ensure_ascii=False, indent=2))
    elif format_ == "markdown":
        click.echo(help_markdown(found.rule, spoken()))
    else:
        _print(found, Console())


def _print(found: Explanation, console: Console) -> None:
    language, rule = spoken(), found.rule
    console.print(Text(rule.title.in_(language), style="bold"))
    severity = say(f"report.severity_{rule.severity}", language)
    console.print(Text(f"{rule.id} · {severity} · {found.judges}", style="dim"))
    if found.finding:
        _print_finding(found.finding, console)
    for name, text in sections(rule, language):
        told = filled_cli(rule.remedy.cli, found.finding) if name == "cli" and found.finding else text
        console.print(Text(f"\n{say(f'story.{name}', language)}", style="bold"))
        for line in told.split("\n"):
            shown = clean(line, _LINE)
            if name in _WHOLE:
                # To be copied: neither cut nor broken at the width of the terminal.
                console.print(Text(f"  {shown}", style="cyan"), soft_wrap=True)
                continue
            for piece in wrap(shown, max(console.width - 2, _NARROWEST)):
                console.print(Text(f"  {piece}"), soft_wrap=True)
    if mending_of(rule.id).steps:
        asked = found.finding.id if found.finding else rule.id
        console.print(Text(f"\n{say('harden.next_fix', language, asked=asked)}", style="cyan"), soft_wrap=True)


def _print_finding(finding: Verdict, console: Console) -> None:
    language = spoken()
    console.print(Text(f"\n{message(finding.message.in_(language))}"))
    console.print(Text(f"{finding.account} · {finding.region} · {clean(finding.resource)}", style="dim"))
    console.print(Text(f"\n{say('verbs.evidence', language)}", style="bold"))
    for name, value in finding.evidence.items():
        console.print(Text(f"  {name}: {clean(show_value(value, language), _LINE)}"))
    if finding.first_seen and finding.last_seen:
        console.print(Text(say("verbs.seen", language, first=finding.first_seen, last=finding.last_seen), style="dim"))


def _plain(found: Explanation) -> dict[str, object]:
    rule, remedy, finding = found.rule, found.rule.remedy, found.finding
    texts = {"title": rule.title, "why": rule.why, "fix": rule.fix, "console": remedy.console, "breaks": remedy.breaks,
             "undo": remedy.undo}  # fmt: skip
    return {
        "schema": "sakimori.explanation/1",
        "rule": rule.id,
        "severity": str(rule.severity),
        "confidence": str(rule.confidence),
        "judges": found.judges,
        "story": str(rule.story) if rule.story else None,
        **{name: both(text) for name, text in texts.items()},
        "cli": filled_cli(remedy.cli, finding) if finding else rule_cli(remedy.cli),
        "terraform": remedy.terraform,
        "minutes": remedy.estimated_minutes,
        "frameworks": [
            {"framework": framework, "requirement": requirement} for framework, requirement in rule.frameworks
        ],
        "references": list(rule.references),
        "finding": json.loads(as_json(_finding(finding))) if finding else None,
    }


def _finding(finding: Verdict) -> dict[str, object]:
    return {
        "id": finding.id,
        "account": finding.account,
        "region": finding.region,
        "resource": finding.resource,
        "resource_type": finding.resource_type,
        "message": both(finding.message),
        "evidence": {name: plain(value) for name, value in finding.evidence.items()},
    }
