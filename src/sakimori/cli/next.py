"""`sakimori next`: where the account is, and the one thing to do now."""

import json
from datetime import datetime
from pathlib import Path

import click
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from sakimori.app.assess import AssessRequest, assess
from sakimori.app.clock import utc_now
from sakimori.app.next_step import BLOCKS, Act, NextView, Step, view
from sakimori.app.settings import read_settings
from sakimori.cli.lazy import SpokenCommand, described, option, spoken
from sakimori.model.assessment import AccountCoverage
from sakimori.model.framework import RequirementStatus
from sakimori.outputs.report.framework_record import both
from sakimori.outputs.report.framework_words import status_word
from sakimori.outputs.report.words import account_label, message, percent
from sakimori.outputs.report.wrapping import wrap
from sakimori.texts.sentences import say, text
from sakimori.texts.template import fill

_NARROWEST = 20


@click.command("next", cls=SpokenCommand, **described("next"))
@option("--snapshot", default="latest", show_default=True)
@option("--rules-dir", type=click.Path(path_type=Path, file_okay=False))
@option("--state")
@option("--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True)
@option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
@click.pass_obj
def command(home: Path, snapshot: str, rules_dir: Path | None, state: str | None, format_: str) -> None:
    """Say what to do next."""
    request = AssessRequest(
        home=home, snapshot=snapshot, rules_dir=rules_dir, state=state or "", frameworks=(BLOCKS,),
        with_all_rules=True, mutes=read_settings(home / "config.toml").mutes,
    )  # fmt: skip
    found = view(assess(request, (), clock=utc_now).assessment)
    if format_ == "json":
        click.echo(json.dumps(_plain(found), ensure_ascii=False, indent=2))
    else:
        _print(found, Console())


def _print(found: NextView, console: Console) -> None:
    language = spoken()
    for covered in found.assessment.accounts:
        console.print(Text(_scope(covered, found.assessment.as_of), style="dim"), soft_wrap=True)
    for act in Act:
        is_here = act is found.act
        console.print(
            Text(f"{'▶' if is_here else ' '} {say(f'verbs.act_{act}', language)}", style="bold" if is_here else "dim")
        )
    grid = Table(box=None, pad_edge=False, show_header=False)
    for block in found.blocks:
        done, whole = block.done, len(block.requirements)
        grid.add_row(
            Text("■" * done + "□" * (whole - done)), f"{done}/{whole}", Text(block.title.in_(language), style="bold")
        )
        for requirement in block.requirements:
            word = status_word(requirement.status, language)
            question = f" [{requirement.question}]" if requirement.status is RequirementStatus.TO_ATTEST else ""
            grid.add_row("", "", Text(f"{word} · {requirement.title.in_(language)}{question}"))
    console.print(Padding(grid, (1, 0, 1, 0)))
    if found.step:
        _print_step(found.step, console)
    elif found.to_attest:
        question = found.to_attest[0].question
        console.print(Text(say("verbs.next_attest", language), style="bold"))
        console.print(Text(f"  $ sakimori attest show {question}", style="cyan"))
    else:
        console.print(Text(say("verbs.next_nothing", language), style="bold"))


def _scope(covered: AccountCoverage, as_of: datetime) -> str:
    account = covered.account
    regions = f"{len(account.selected)}/{len(account.regions)}"
    return say("verbs.next_scope", spoken(), account=account_label(account, spoken()), regions=regions, at=as_of)


def _print_step(step: Step, console: Console) -> None:
    language, rule = spoken(), step.rule
    told = fill(text("verbs.next_do").in_(language), {"finding": message(step.finding.in_(language))}, str)
    for style, sentence in (("bold", told), ("", rule.fix.in_(language))):
        for line in wrap(sentence, max(console.width, _NARROWEST)):
            console.print(Text(line, style=style), soft_wrap=True)
    minutes = rule.remedy.estimated_minutes
    parts = [
        say("verbs.next_open", language, count=rule.failed - rule.muted + rule.unknown),
        say("verbs.next_minutes", language, minutes=minutes) if minutes else "",
        say(f"verbs.next_price_{step.price}", language),
        say("verbs.next_controls", language, before=percent(step.controls[0], language),
            after=percent(step.controls[1], language)),
        say("verbs.next_risk", language, before=percent(step.risk_weighted[0], language),
            after=percent(step.risk_weighted[1], language)),
    ]  # fmt: skip
    console.print(Padding(Text(" · ".join(part for part in parts if part), style="dim"), (0, 0, 0, 2)))
    console.print(Text(f"  $ {step.command}", style="cyan"), soft_wrap=True)


def _plain(found: NextView) -> dict[str, object]:
    step = found.step
    return {
        "schema": "sakimori.next/1",
        "act": str(found.act),
        "blocks": [
            {
                "title": both(block.title),
                "done": block.done,
                "requirements": [
                    {"id": each.id, "status": str(each.status), "attest": each.question} for each in block.requirements
                ],
            }
            for block in found.blocks
        ],
        "step": {
            "rule": step.rule.id,
            "open": step.rule.failed - step.rule.muted,
            "minutes": step.rule.remedy.estimated_minutes,
            "controls": list(step.controls),
            "risk_weighted": list(step.risk_weighted),
            "command": step.command,
            "price": str(step.price),
        }
        if step
        else None,
    }
