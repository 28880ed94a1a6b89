"""`sakimori detect`: attacks in the lake, or straight in files.

As JSON (`sakimori.detections/1`): `detections`, each as `sakimori.outputs.report.detection_list` lists it, in the order of time;
`rules` (how many), `events` (looked at), `counts` (events that each rule matched) and `coverage` as in `sakimori.query/1`.
JSON Lines are the detections alone, OCSF one Detection Finding (2004) a line.
"""

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from shlex import quote
from typing import Any, Final

import click
from rich.console import Console
from rich.table import Table

from sakimori.analysis.incident.seeds import subject_of
from sakimori.analysis.log_forms.cloudtrail import FORM as CLOUDTRAIL
from sakimori.app.clock import utc_now
from sakimori.app.detect import Detected, DetectRequest, detect, detect_files
from sakimori.app.detect_setting import surroundings_of
from sakimori.app.stream import Stream
from sakimori.cli.faults import print_faults
from sakimori.cli.ingest_progress import progress_on
from sakimori.cli.lake_progress import Bar, two_bars_on
from sakimori.cli.lazy import SpokenGroup, described, option, spoken
from sakimori.cli.log_scope import scoped, where_of
from sakimori.cli.searched import print_lines, print_searched
from sakimori.cli.telling import notify_option, tell_people
from sakimori.ingest.engine import Tally
from sakimori.ingest.source import Reason
from sakimori.model.detection import Detection
from sakimori.model.exit_codes import BLIND, COMPLETED, FOUND
from sakimori.model.words import Severity
from sakimori.outputs.report.detection_list import plain_detection
from sakimori.outputs.report.detection_ocsf import write_detection_events
from sakimori.outputs.report.detection_pages import write_detection, write_detections
from sakimori.outputs.report.plain_values import escaped_json
from sakimori.outputs.report.words import counted
from sakimori.texts.language import Language, clean, first_few
from sakimori.texts.sentences import say

_NAMED: Final = 3
_LEVELS: Final = [str(each) for each in Severity]
_DIRECTORY: Final = click.Path(path_type=Path, file_okay=False)
_FORMATS: Final = ("terminal", "json", "jsonl", "ocsf")
_SHOWN: Final = 40
_FILE: Final = click.Path(path_type=Path, dir_okay=False)


class _Detect(SpokenGroup):
    """A group that does something by itself."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As click does: without a verb the group itself runs."""
        return click.Group.parse_args(self, ctx, args)


def surrounded(command: Any) -> Any:
    """Give a command the options that say which rules, and what is known beside the logs."""
    for each in (
        option("--networks", multiple=True, type=_FILE, help_="detect.option_networks"),
        option("--address-list", multiple=True, type=_FILE, help_="detect.option_address_list"),
        option("--own-account", multiple=True, help_="detect.option_own_account"),
        option("--rules-dir", type=_DIRECTORY),
        option("--source", multiple=True, help_="detect.option_source"),
    ):
        command = each(command)
    return command


@click.group("detect", cls=_Detect, invoke_without_command=True, **described("detect"))
@option("--input", "inputs", multiple=True, type=click.Path(path_type=Path), help_="detect.option_input")
@option("--stream", is_flag=True, help_="detect.option_stream")
@option("--rules", "of_rules", multiple=True, help_="detect.option_rules")
@surrounded
@scoped()
@option("--severity", type=click.Choice(_LEVELS), help_="detect.option_severity")
@option("--dry-run", is_flag=True, help_="detect.option_dry_run")
@notify_option
@option("--state")
@option("--format", "format_", type=click.Choice(_FORMATS), default="terminal", show_default=True)
@option("--fail-on", type=click.Choice(_LEVELS))
@option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
@click.pass_context
def command(ctx: click.Context, **given: Any) -> int | None:
    """Look for attacks."""
    if ctx.invoked_subcommand is not None:
        return None
    home: Path = ctx.obj
    if given["stream"]:
        return _stream(home, given)
    found = _found(home, given)
    if _is_recorded(given):
        from sakimori.findings.recording import record_found  # noqa: PLC0415
        from sakimori.state.store import open_store  # noqa: PLC0415

        with open_store(given["state"] or home / "state.db") as store, store.begin() as connection:
            recorded = record_found(connection, found.detections, utc_now(), found.renamed)
        counts = {"new": len(recorded.new), "grown": len(recorded.grown), "known": recorded.unchanged_count}
        click.echo(say("detect.recorded", spoken(), **counts), err=True)
        tell_people(home, given["state"], now=given["notify"])
    _write(found, given)
    print_faults(found.faults)
    least = Severity(given["fail_on"]).rank if given["fail_on"] else None
    if least is None:
        return COMPLETED
    if any(each.severity.rank >= least for each in found.detections):
        return FOUND
    is_blind = bool(found.faults) or (found.ingested is not None and not found.ingested.is_whole)
    return BLIND if is_blind else COMPLETED


def _is_recorded(given: Mapping[str, Any]) -> bool:
    """Files that are judged once leave nothing in the store."""
    return not given["inputs"] and not given["dry_run"]


def _stream(home: Path, given: Mapping[str, Any]) -> int:
    """Events of CloudTrail from standard input, each judged as it comes."""
    surroundings = surroundings_of(home, given["own_account"], given["address_list"], given["networks"])
    stream = Stream(rules=given["of_rules"], rules_dir=given["rules_dir"], surroundings=surroundings)
    print_faults(stream.faults)
    language = spoken()
    click.echo(say("detect.stream_begins", language, rules=stream.rule_count, left_out=stream.left_out_count), err=True)
    least = Severity(given["severity"]).rank if given["severity"] else 0
    fails = Severity(given["fail_on"]).rank if given["fail_on"] else None
    worst = -1
    for each in stream.over(sys.stdin.buffer):
        if each.severity.rank < least:
            continue
        worst = max(worst, each.severity.rank)
        if given["format_"] == "terminal":
            write_detection(each, sys.stdout, language)
        elif given["format_"] == "ocsf":
            write_detection_events((each,), sys.stdout, language)
        else:
            click.echo(escaped_json(plain_detection(each)))
        sys.stdout.flush()
    click.echo(say("detect.stream_ends", language, events=stream.event_count), err=True)
    if stream.odd_count:
        click.echo(say("detect.stream_odd", language, count=stream.odd_count, first=stream.odd_lines[0]), err=True)
    return FOUND if fails is not None and worst >= fails else COMPLETED


def request_of(home: Path, given: Mapping[str, Any], rules: tuple[str, ...]) -> DetectRequest:
    """What the options ask for."""
    return DetectRequest(
        home=home,
        where=where_of(home, given, utc_now()),
        sources=given["source"],
        rules=rules,
        rules_dir=given["rules_dir"],
        surroundings=surroundings_of(home, given["own_account"], given["address_list"], given["networks"]),
    )


def _found(home: Path, given: Mapping[str, Any]) -> Detected:
    request = request_of(home, given, given["of_rules"])
    language = spoken()
    if given["inputs"]:
        with progress_on(sys.stderr, language) as watcher:
            return detect_files(request, given["inputs"], clock=utc_now, watcher=watcher)
    with _bars(language) as (learning, scanning):
        return detect(request, clock=utc_now, learning=learning, scanning=scanning)


def _bars(language: Language) -> AbstractContextManager[tuple[Bar, Bar] | tuple[None, None]]:
    """What is learnt, and then what is scanned."""
    return two_bars_on(sys.stderr, say("detect.learning", language), say("detect.scanning", language))


def _write(found: Detected, given: Mapping[str, Any]) -> None:
    language = spoken()
    least = Severity(given["severity"]).rank if given["severity"] else 0
    shown = tuple(each for each in found.detections if each.severity.rank >= least)
    match given["format_"]:
        case "json":
            click.echo(escaped_json(_plain(replace(found, detections=shown))))
        case "jsonl":
            for each in shown:
                click.echo(escaped_json(plain_detection(each)))
        case "ocsf":
            write_detection_events(shown, sys.stdout, language)
        case _:
            if shown or not found.detections:
                write_detections(shown, found.innocent, sys.stdout, language, is_recorded=_is_recorded(given))
            _tell(found, shown, given, language)
    if given["format_"] in {"jsonl", "ocsf"}:
        # These forms have no place for what may be missing, or is contested.
        print_lines(found.searched.doubts(language), to_stderr=True)
    _tell_input(found)


def _tell(found: Detected, shown: Sequence[Detection], given: Mapping[str, Any], language: Language) -> None:
    """What was looked through, what was left out, and what to do next."""
    if left_out := len(found.detections) - len(shown):
        level = say(f"report.severity_{given['severity']}", language)
        click.echo(say("detect.left_out", language, count=left_out, level=level))
    click.echo(counted("detect.scanned", found.rule_count, language, events=found.event_count))
    if not found.event_count:
        click.echo(say("detect.no_events", language))
    print_searched(found.searched, language)
    by_principal = Counter(each.principal for each in shown if each.principal)
    if by_principal:
        often = [f"{clean(name)} ({count})" for name, count in by_principal.most_common(5)]
        click.echo(say("detect.by_principal", language, principals=often))
    if shown:
        worst = max(shown, key=lambda each: each.severity.rank)
        click.echo(f"{say('report.next_command', language)} {_next(worst, found.detections, given['inputs'])}")


def _next(worst: Detection, found: Sequence[Detection], inputs: Sequence[Path]) -> str:
    """The command that asks of who did the worst all that he did since an alert first named him, shown or not."""
    subject = subject_of(worst)
    if subject is None or worst.source != CLOUDTRAIL.table.name or clean(subject.id, len(subject.id)) != subject.id:
        return f"sakimori rules show {worst.rule}"
    least = min(worst.severity.rank, Severity.MEDIUM.rank)
    since = min(each.first_at for each in found if each.severity.rank >= least and subject_of(each) == subject)
    # What stands in a log is put into a shell by whoever copies the line.
    words = ["sakimori", "investigate", str(subject.kind), quote(subject.id), "--since", f"{since:%Y-%m-%dT%H:%M}"]
    return " ".join([*words, *(f"--input {quote(str(each))}" for each in inputs)])


def _tell_input(found: Detected) -> None:
    if found.ingested is None:
        return
    tally = found.ingested.tally
    # A file that could not be opened is told as such.
    if pieces := sum(count for reason, count in tally.refused.items() if reason != Reason.UNREADABLE):
        click.echo(counted("detect.refused_input", pieces, spoken()), err=True)
    for name, locations in tally.unread.items():
        if locations:
            names = first_few(locations, _NAMED)
            click.echo(counted(f"detect.{name}_input", len(locations), spoken(), names=names), err=True)


def _plain(found: Detected) -> dict[str, object]:
    return {
        "schema": "sakimori.detections/1",
        "detections": [plain_detection(each) for each in found.detections],
        "rules": found.rule_count,
        "events": found.event_count,
        "counts": dict(sorted(found.counts.items())),
        "coverage": found.searched.plain(),
        **({"input": _plain_input(found.ingested.tally)} if found.ingested else {}),
    }


def _plain_input(tally: Tally) -> dict[str, object]:
    """What of the files nobody looked at."""
    return {"files": tally.objects, "refused": tally.refused, **tally.unread}


@command.command("replay", help=say("detect.replay_help", spoken()))
@click.argument("rule")
@surrounded
@scoped()
@option("--format", "format_", type=click.Choice(["table", "json"]), default="table", show_default=True)
@option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
@click.pass_obj
def replay(home: Path, rule: str, **given: Any) -> None:
    """Show what a rule would have found."""
    if not given["since"]:
        given["since"] = "90d"
    language = spoken()
    with _bars(language) as (learning, scanning):
        found = detect(request_of(home, given, (rule,)), clock=utc_now, learning=learning, scanning=scanning)
    days = Counter(each.first_at.date().isoformat() for each in found.detections)
    events = Counter[str]()
    principals = Counter[str]()
    for each in found.detections:
        events[each.first_at.date().isoformat()] += each.count
        principals[each.principal] += 1
    if given["format_"] == "json":
        plain = {"schema": "sakimori.replay/1", "rule": rule, "by_day": dict(sorted(days.items())), "by_principal": dict(principals.most_common()), "events": found.event_count, "coverage": found.searched.plain()}  # fmt: skip
        click.echo(escaped_json(plain))
        return
    click.echo(say("detect.replay_head", language, rule=rule, count=len(found.detections), events=sum(events.values())))
    _counted("detect.replay_by_day", ("day", "detections", "events"), [(day, str(count), str(events[day])) for day, count in sorted(days.items())])  # fmt: skip
    _counted("detect.replay_by_principal", ("principal", "detections"), [(clean(name or "-"), str(count)) for name, count in principals.most_common(_SHOWN)])  # fmt: skip
    print_searched(found.searched, language)


def _counted(title: str, columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    if not rows:
        return
    grid = Table(title=say(title, spoken()), title_justify="left", box=None, pad_edge=False)
    for name in columns:
        grid.add_column(say(f"detect.column_{name}", spoken()))
    for row in rows:
        grid.add_row(*row)
    Console().print(grid)
