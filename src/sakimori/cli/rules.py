"""`sakimori rules`: list, show, check, test, new."""

import json
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sakimori.analysis.catalogue import catalogue
from sakimori.app.clock import utc_now
from sakimori.app.detection_rules import can_open_detections, find_detection, open_detections
from sakimori.app.new_rule import write_new_detection, write_new_rule
from sakimori.app.rules import open_rules
from sakimori.cli.faults import print_faults
from sakimori.cli.lazy import SpokenGroup, described, option, spoken
from sakimori.cli.rules_coverage import coverage
from sakimori.model.errors import UsageError
from sakimori.model.exit_codes import COMPLETED, WRONG_USAGE
from sakimori.model.extras import DETECT, ensure_libraries
from sakimori.rules.check_file import check_file
from sakimori.rules.detections.risk import NAME as RISK
from sakimori.rules.examples import ExampleRunner
from sakimori.rules.kind_of_file import is_detection
from sakimori.rules.rule import Fault, Rule
from sakimori.rules.rulebook import Rulebook, built_in_files, load_rulebook
from sakimori.texts.nearest import nearest
from sakimori.texts.sentences import say

_DIRECTORY = click.Path(path_type=Path, file_okay=False)
_KINDS = ("posture", "detection")
_LANG = option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)


@click.group("rules", cls=SpokenGroup, **described("rules"))
@_LANG
def command() -> None:
    """Group of the verbs on rules."""


command.add_command(coverage)


@command.command("list", help=say("cli.rules_list", spoken()))
@click.option("--kind", type=click.Choice(_KINDS), help=say("cli.option_rule_kind", spoken()))
@option("--rules-dir", type=_DIRECTORY)
@option("--format", "format_", type=click.Choice(["table", "json"]), default="table", show_default=True)
@_LANG
def list_rules(kind: str | None, rules_dir: Path | None, format_: str) -> int:
    """List the rules, those of posture first."""
    book = None if kind == "detection" else open_rules(rules_dir).book
    loaded = None if kind == "posture" or not (kind or can_open_detections()) else open_detections(rules_dir)
    if format_ == "json":
        rules = [_plain(rule) for rule in book.rules.values()] if book else []
        if loaded:
            from sakimori.cli.rules_detection import all_of, plain_detection_rule  # noqa: PLC0415 - needs the extra

            rules += [plain_detection_rule(rule, loaded) for rule in all_of(loaded)]
        click.echo(json.dumps({"schema": "sakimori.rules/1", "rules": rules}, ensure_ascii=False, indent=2))
    else:
        if book:
            _print_list(book, Console())
        if loaded:
            from sakimori.cli.rules_detection import print_detections  # noqa: PLC0415 - needs the extra `detect`

            click.echo("" if not book else "\n", nl=False)
            print_detections(loaded, Console())
        elif kind is None:
            click.echo(say("cli.rules_no_detections", spoken()), err=True)
    faults = (*(book.faults if book else ()), *(loaded.faults if loaded else ()))
    print_faults(faults)
    return WRONG_USAGE if faults else COMPLETED


def _print_list(book: Rulebook, console: Console) -> None:
    grid = Table(box=None, pad_edge=False)
    for heading in ("severity", "rule", "title"):
        grid.add_column(say(f"cli.column_{heading}", spoken()), no_wrap=heading != "title")
    for rule in book.rules.values():
        grid.add_row(say(f"report.severity_{rule.severity}", spoken()), rule.id, Text(rule.title.in_(spoken())))
    console.print(grid)


def _plain(rule: Rule) -> dict[str, object]:
    return {
        "id": rule.id,
        "kind": "posture",
        "severity": str(rule.severity),
        "confidence": str(rule.confidence),
        "title": {"en": rule.title.en, "ja": rule.title.ja},
        "judges": rule.judges,
        "tables": list(rule.tables),
        "parameters": {name: dict(values) for name, values in rule.parameters.items()},
        "is_own": rule.is_own,
        "file": str(rule.path),
    }


@command.command("show", help=say("cli.rules_show", spoken()))
@click.argument("rule_id")
@option("--rules-dir", type=_DIRECTORY)
@_LANG
def show_rule(rule_id: str, rules_dir: Path | None) -> None:
    """Show one rule."""
    book = open_rules(rules_dir).book
    rule = next((each for each in book.rules.values() if rule_id in {each.id, *each.aliases}), None)
    if rule is not None:
        _show_posture(rule)
        return
    if "." in rule_id or not can_open_detections():
        book.find(rule_id)
    from sakimori.cli.rules_detection import print_detection, print_risk  # noqa: PLC0415 - needs the extra `detect`

    if rule_id == RISK:
        print_risk(Console())
        return
    loaded = open_detections(rules_dir)
    if rule_id not in loaded.detections.rules and rule_id not in loaded.detections.correlations:
        names = (*book.rules, *loaded.detections.rules, *loaded.detections.correlations, RISK)
        raise UsageError("rules.no_such_rule", name=rule_id, near=nearest(rule_id, names))
    print_detection(find_detection(loaded, rule_id), loaded, Console())


def _show_posture(rule: Rule) -> None:
    language = spoken()
    console = Console()
    console.print(Text(rule.title.in_(language), style="bold"))
    console.print(Text(f"{rule.id} · ", style="dim").append(say(f"report.severity_{rule.severity}", language)))
    for key, text in (("why", rule.why), ("fix", rule.fix)):
        console.print(
            Text(f"\n{say(f'cli.rule_{key}', language)}\n", style="bold").append(text.in_(language), style="not bold")
        )
    for name, values in rule.parameters.items():
        shown = ", ".join(f"{profile}: {value}" for profile, value in values.items())
        console.print(Text(f"\n{say('cli.rule_parameter', language)} {name}: {shown}"))
    console.print(Text(f"\n{say('cli.rule_query', language)} ({', '.join(rule.tables)})", style="bold"))
    console.print(Text(rule.query.rstrip(), style="dim"))
    for reference in rule.references:
        console.print(Text(reference, style="cyan"), soft_wrap=True)


@command.command("check", help=say("cli.rules_check", spoken()))
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@_LANG
def check_rules(files: tuple[Path, ...]) -> int:
    """Check rule files, examples included."""
    paths = _rule_files(files)
    detections = [path for path in paths if is_detection(path)]
    return _check([path for path in paths if path not in detections], detections, is_own=False)


@command.command("test", help=say("cli.rules_test", spoken()))
@click.argument("rule_id", required=False)
@option("--rules-dir", type=_DIRECTORY)
@_LANG
def test_rules(rule_id: str | None, rules_dir: Path | None) -> int:
    """Run the examples of one rule, or of all."""
    book = load_rulebook(catalogue(), rules_dir)
    if rule_id:
        path = _path_of(rule_id, book, rules_dir)
        return _check([], [path], is_own=True) if is_detection(path) else _check([path], [], is_own=True)
    own = _rule_files((rules_dir,)) if rules_dir else []
    detections = [path for path in own if is_detection(path)]
    posture = [path for path in own if path not in detections]
    return _check([*built_in_files(), *posture], [*_built_in_detections(), *detections], is_own=True)


def _path_of(rule_id: str, book: Rulebook, rules_dir: Path | None) -> Path:
    if rule_id not in book.rules and "." not in rule_id and can_open_detections():
        return find_detection(open_detections(rules_dir), rule_id).head.path
    return book.find(rule_id).path


def _built_in_detections() -> tuple[Path, ...]:
    if not can_open_detections():
        click.echo(say("cli.rules_no_detections", spoken()), err=True)
        return ()
    from sakimori.rules.detections.load import built_in_detections  # noqa: PLC0415 - needs the extra `detect`

    return built_in_detections()


@command.command("new", help=say("cli.rules_new", spoken()))
@click.argument("rule_id")
@click.option("--judges", help=say("cli.option_judges", spoken()))
@click.option("--detection", is_flag=True, help=say("cli.option_detection", spoken()))
@click.option("--directory", type=_DIRECTORY, default=Path(), help=say("cli.option_directory", spoken()))
@_LANG
def new_rule(rule_id: str, judges: str | None, detection: bool, directory: Path) -> None:  # noqa: FBT001 - click's form
    """Write a rule file to begin from."""
    if detection == bool(judges):
        raise UsageError("cli.judges_or_detection")
    if judges:
        path = write_new_rule(rule_id, judges, directory, catalogue())
    else:
        path = write_new_detection(rule_id, directory, utc_now().date())
    click.echo(say("cli.rule_written", spoken(), path=path))


def _rule_files(paths: tuple[Path, ...]) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        if not path.exists():
            raise UsageError("cli.no_such_file", path=path)
        found.extend(sorted(each for each in path.rglob("*.y*ml") if each.is_file()) if path.is_dir() else [path])
    return found


def _check(paths: list[Path], detections: list[Path], *, is_own: bool) -> int:
    faults: list[Fault] = []
    examples = 0
    with ExampleRunner(catalogue()) as runner:
        for path in paths:
            loaded, found = check_file(path, catalogue(), runner, is_own=is_own)
            faults.extend(found)
            examples += len(loaded.rule.examples) if loaded.rule else 0
    rules = len(paths)
    if detections:
        ensure_libraries(*DETECT)
        from sakimori.rules.detections.check import check_detections  # noqa: PLC0415 - needs the extra `detect`

        checked = check_detections(detections)
        faults += checked.faults
        rules, examples = rules + checked.rules, examples + checked.examples
    print_faults(faults)
    text = "cli.rules_faulty" if faults else "cli.rules_well"
    click.echo(say(text, spoken(), rules=rules, examples=examples, faults=len(faults)))
    return WRONG_USAGE if faults else COMPLETED
