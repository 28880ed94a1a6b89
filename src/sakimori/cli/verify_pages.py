"""What `sakimori verify alerts` shows: the hops as they are reached, and the account's own alarms."""

import sys
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from typing import Final

import click
from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.status import Status
from rich.text import Text

from sakimori.app.alert_rules import ALERT_RULES
from sakimori.app.assess import AssessResult
from sakimori.app.canary_ways import Way
from sakimori.app.verify_alerts import Heard, Hop, Outcome, Passage
from sakimori.cli.lazy import spoken
from sakimori.model.assessment import RuleSummary
from sakimori.model.verdict import Verdict
from sakimori.model.words import Status as Verdicts
from sakimori.outputs.report.plain_values import utc
from sakimori.outputs.report.wrapping import wrap
from sakimori.texts.language import Language, clean, show_time
from sakimori.texts.sentences import say

_STYLES: Final = {
    Outcome.REACHED: "green",
    Outcome.LOST: "bold red",
    Outcome.UNCHECKED: "yellow",
    Outcome.UNREACHED: "dim",
}
_STANDINGS: Final = ("fail", "unknown", "pass")
_SHOWN: Final = 3
_LONGEST: Final = 400


class Lines:
    """One line a hop on standard output, as it is reached; what is waited for on a terminal's standard error."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._console = Console(highlight=False)
        self._status: Status | None = None

    @contextmanager
    def shown(self, way: Way) -> Generator[None]:
        """From the first hop to the last."""
        if not self._quiet:
            self._console.print(
                Text(say(f"verify.title_{way.mode}", spoken(), marker=way.marker), style="bold"), soft_wrap=True
            )
        if not sys.stderr.isatty():
            yield
            return
        with Console(file=sys.stderr).status(say("verify.waiting", spoken(), hop=_hop(Hop.PLANTED))) as self._status:
            yield
        self._status = None

    def waiting(self, hop: Hop) -> None:
        """Say what is waited for."""
        if self._status is not None:
            self._status.update(say("verify.waiting", spoken(), hop=_hop(hop)))

    def passed(self, passage: Passage) -> None:
        """Say how it ended."""
        if self._quiet:
            return
        language = spoken()
        outcome = _padded(f"verify.outcome_{passage.outcome}", (f"verify.outcome_{each}" for each in Outcome))
        hop = _padded(f"verify.hop_{passage.hop}", (f"verify.hop_{each}" for each in Hop))
        line = Text("  ")
        line.append(outcome, style=_STYLES[passage.outcome])
        line.append(f"  {hop}  {_when(passage, language)}")
        if place := passage.route or passage.place:
            line.append(f"  {clean(place)}", style="dim")
        self._console.print(line, soft_wrap=True)
        if passage.note is not None:
            _indented(self._console, passage.note.said(language))
        if passage.command:
            _indented(self._console, say("verify.look", language, command=clean(passage.command, _LONGEST)))


def print_end(heard: Heard) -> None:
    """Whether it got through, and in how long."""
    language, console = spoken(), Console(highlight=False)
    if heard.is_whole:
        text, style = "verify.end_heard", "bold green"
    elif heard.is_lost:
        text, style = "verify.end_lost", "bold red"
    else:
        text, style = "verify.end_unchecked", "yellow"
    lost = [_hop(each.hop) for each in heard.passages if each.outcome is Outcome.LOST]
    where = "、".join(dict.fromkeys(lost)) if language == "ja" else ", ".join(dict.fromkeys(lost))
    _wrapped(console, say(text, language, seconds=_seconds(heard.seconds or 0.0), hops=where), style)
    if not heard.is_lost and heard.mode != "account":
        click.echo(say(f"verify.untried_{heard.mode}", language))


def print_alarms(result: AssessResult | None, refused: str, *, is_skipped: bool) -> None:
    """Rule by rule in the order in which an alarm travels: what fails and what is unknown, in sentences."""
    language, console = spoken(), Console(highlight=False)
    if is_skipped:
        return
    click.echo()
    console.print(Text(say("verify.alarms_title", language), style="bold"))
    if result is None:
        _indented(console, say("verify.alarms_unchecked", language, reason=refused))
        return
    nothing = 0
    for rule, verdicts in _by_rule(result):
        word, style = _standing(rule)
        if not word:
            nothing += 1
            continue
        line = Text("  ")
        line.append(_padded(f"verify.alarm_{word}", (f"verify.alarm_{each}" for each in _STANDINGS)), style=style)
        line.append(f"  {clean(rule.title.in_(language))}")
        line.append(f"  {rule.id}", style="dim")
        console.print(line, soft_wrap=True)
        _print_verdicts(console, rule, verdicts)
    if nothing:
        _indented(console, say("verify.alarms_nothing", language, count=nothing), 2)


def _print_verdicts(console: Console, rule: RuleSummary, verdicts: Sequence[Verdict]) -> None:
    for verdict in verdicts[:_SHOWN]:
        _indented(console, verdict.message.in_(spoken()))
    if len(verdicts) > _SHOWN:
        command = f"sakimori explain {rule.id}"
        _indented(console, say("verify.alarms_more", spoken(), count=len(verdicts) - _SHOWN, command=command))


def plain_heard(heard: Heard, language: Language) -> Mapping[str, object]:
    """As JSON has it; `reason` is a sentence in the language of the run."""
    canary = heard.canary
    return {
        "canary": {
            "marker": heard.marker, "mode": heard.mode,
            "account_id": canary.account if canary else None, "region": canary.region if canary else None,
            "planted_at": utc(canary.planted_at) if canary else None,
        },
        "is_heard": heard.is_whole,
        "seconds": heard.seconds,
        "hops": [
            {
                "hop": str(each.hop), "outcome": str(each.outcome), "at": utc(each.at), "seconds": each.seconds,
                "route": each.route or None, "place": each.place or None,
                "reason": each.note.said(language) if each.note else None, "command": each.command or None,
            }
            for each in heard.passages
        ],
    }  # fmt: skip


def plain_alarms(result: AssessResult | None, reason: str) -> Mapping[str, object]:
    """As JSON has them; `is_checked` false with the reason where nobody could look."""
    if result is None:
        return {"is_checked": False, "reason": reason, "rules": []}
    return {
        "is_checked": True,
        "reason": None,
        "rules": [
            {
                "rule": rule.id, "severity": str(rule.severity), "passed": rule.passed, "failed": rule.failed,
                "unknown": rule.unknown, "muted": rule.muted, "verdicts": [_plain_verdict(each) for each in verdicts],
            }
            for rule, verdicts in _by_rule(result)
        ],
    }  # fmt: skip


def _plain_verdict(verdict: Verdict) -> Mapping[str, object]:
    return {
        "status": str(verdict.status), "account_id": verdict.account, "region": verdict.region, "resource": verdict.resource,
        "message": {"en": verdict.message.en, "ja": verdict.message.ja}, "is_muted": verdict.mute is not None,
    }  # fmt: skip


def _by_rule(result: AssessResult) -> Iterable[tuple[RuleSummary, list[Verdict]]]:
    """The rules in their order, each with what fails and what is unknown."""
    known = {each.id: each for each in result.assessment.rules}
    found: dict[str, list[Verdict]] = {}
    for each in result.assessment.verdicts:
        if each.status is not Verdicts.PASS:
            found.setdefault(each.rule, []).append(each)
    return [(known[name], found.get(name, [])) for name in ALERT_RULES if name in known]


def _standing(rule: RuleSummary) -> tuple[str, str]:
    """The word and how it looks; "" where the account has nothing that the rule is about."""
    if rule.failed > rule.muted:
        return "fail", "bold red"
    if rule.unknown:
        return "unknown", "yellow"
    return ("pass", "green") if rule.passed or rule.failed else ("", "")


def _when(passage: Passage, language: Language) -> str:
    """The clock, and how long it took since the hop before."""
    if passage.at is None:
        return "—"
    at = show_time(passage.at, language, seconds=True)
    return at if passage.seconds is None else f"{at}  (+{_seconds(passage.seconds)})"


def _seconds(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return say("verify.minutes", spoken(), minutes=minutes, seconds=rest) if minutes else say("verify.seconds", spoken(), seconds=f"{seconds:.1f}")  # fmt: skip


def _hop(hop: Hop) -> str:
    return say(f"verify.hop_{hop}", spoken())


def _padded(text: str, among: Iterable[str]) -> str:
    return set_cell_size(say(text, spoken()), max(cell_len(say(each, spoken())) for each in among))


def _indented(console: Console, sentence: str, cells: int = 6) -> None:
    for line in wrap(clean(sentence, 2 * _LONGEST), max(20, console.width - cells)):
        console.print(Text(" " * cells + line), soft_wrap=True)


def _wrapped(console: Console, sentence: str, style: str) -> None:
    for line in wrap(sentence, max(20, console.width)):
        console.print(Text(line, style=style), soft_wrap=True)
