"""The command line around the commands: help, wrong usage, pipes, interrupts, defects."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from rich.cells import cell_len
from tests.cli.running import Sakimori

from sakimori.cli import main as main_module
from sakimori.cli.lazy import COMMANDS, language_from
from sakimori.model.errors import LakeError
from sakimori.simulate.faults import Fault, Kind
from sakimori.simulate.server import SimulatedAccount

VERBS = [(name,) for name in COMMANDS] + [
    ("rules", verb) for verb in ("list", "show", "check", "test", "new", "coverage")
]
ALL_HELP = f"""
import json, sys
from sakimori.cli.main import main
told = {{}}
for verb in [(), *{VERBS!r}]:
    import io, contextlib
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        try:
            main([*verb, "--help"])
        except SystemExit as left:
            assert not left.code, verb
    told[" ".join(verb)] = out.getvalue()
print(json.dumps(told))
"""
JAPANESE = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def helps() -> dict[str, dict[str, str]]:
    """The help of every command in both languages; texts are fixed when a process starts."""
    found = {}
    for lang in ("en", "ja"):
        env = {**os.environ, "SAKIMORI_LANG": lang, "COLUMNS": "100"}
        done = subprocess.run([sys.executable, "-c", ALL_HELP], env=env, capture_output=True, text=True, check=True)
        found[lang] = json.loads(done.stdout)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("verb", [(), *VERBS], ids=" ".join)
def test_help_speaks_the_persons_language_down_to_the_last_option(
    helps: dict[str, dict[str, str]], verb: tuple[str, ...]
) -> None:
    english, japanese = helps["en"][" ".join(verb)], helps["ja"][" ".join(verb)]
    assert english.startswith("Usage:")
    assert japanese.startswith("使い方:")
    assert not JAPANESE.search(english.replace("防人", ""))
    sentences = [line for line in re.split(r"\n(?=  -)", japanese) if line.startswith("  -")]
    assert len(sentences) == english.count("\n  -")
    assert all(JAPANESE.search(sentence) for sentence in sentences)


def test_every_command_stands_in_the_overview_with_a_sentence(helps: dict[str, dict[str, str]]) -> None:
    for name in COMMANDS:
        assert re.search(rf"^  {name} +\w", helps["en"][""], re.MULTILINE)
        assert re.search(rf"^  {name} +\S", helps["ja"][""], re.MULTILINE)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["asess"], "assess"), (["zzz"], "zzz"), (["rules", "lst"], "list"), (["assess", "--fromat", "x"], "--format"),
        (["assess", "--thresholds", "x"], "cis-5.0"), (["assess", "--severity", "awful"], "critical"),
        (["assess", "--rule"], "--rule"), (["simulate", "--port", "x"], "--port"), (["rules", "show"], "rule"),
        (["rules", "show", "aws.no.such"], "aws.no.such"), (["tables", "aws_s3_buckt"], "aws_s3_bucket"),
        (["tables", "a", "b"], "--help"), (["--lang", "fr", "tables"], "--lang"), (["rules", "check", "no-such-file.yaml"], "no-such-file"),
        (["assess", "--rules-dir", __file__, "--snapshot", "latest"], "--rules-dir"), (["lake", "retain"], "--days"),
    ],
)  # fmt: skip
def test_wrong_usage_is_2_and_a_sentence_that_names_the_cure(
    sakimori: Sakimori, arguments: list[str], words: str
) -> None:
    for lang in ("en", "ja"):
        done = sakimori(*arguments, lang=lang)
        assert (done.code, done.out) == (2, "")
        assert done.err.startswith("sakimori: ")
        assert words in done.err
        assert bool(JAPANESE.search(done.err)) == (lang == "ja")
        assert "Traceback" not in done.err


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [(), ("rules",)])
def test_a_group_without_a_command_shows_its_help(
    sakimori: Sakimori, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    done = sakimori(*arguments) if arguments else None
    if done is None:
        finished = subprocess.run([sys.executable, "-m", "sakimori"], capture_output=True, text=True, check=False)
        assert (finished.returncode, finished.stderr) == (0, "")
        assert finished.stdout.startswith("Usage:")
    else:
        assert (done.code, done.err) == (0, "")
        assert done.out.startswith("Usage:")


def test_the_version_is_told_without_a_home(sakimori: Sakimori) -> None:
    done = sakimori("--version")
    assert done.code == 0
    assert re.search(r"\d+\.\d+\.\d+", done.out)
    assert not sakimori.home.exists()


@pytest.mark.parametrize(
    ("arguments", "environment", "language"),
    [
        (["--lang", "ja", "tables"], "en", "ja"), (["tables", "--lang=ja"], "en", "ja"), (["tables"], "ja_JP.UTF-8", "ja"),
        (["tables"], "C.UTF-8", "en"), (["--lang", "fr"], "ja", "ja"), (["--lang"], "ja", "ja"), (["--lang", "ja", "tables", "--lang", "en"], "ja", "en"),
    ],
)  # fmt: skip
def test_the_language_is_that_of_the_option_or_else_of_the_environment(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], environment: str, language: str
) -> None:
    monkeypatch.delenv("SAKIMORI_LANG")
    for name in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", environment)
    assert language_from(arguments) == language


# -- pipes and colours -----------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments", [("tables",), ("tables", "--format", "json"), ("rules", "list"), ("permissions",), ("--help",)]
)
def test_a_reader_that_goes_away_is_no_failure(sakimori: Sakimori, arguments: tuple[str, ...]) -> None:
    process = sakimori.start(*arguments)
    assert process.stdout is not None
    process.stdout.close()
    _, err = process.communicate(timeout=120) if process.stdout is None else (None, process.stderr.read())  # type: ignore[union-attr]
    assert process.wait(60) == 0
    assert err == ""
    process.stderr.close()  # type: ignore[union-attr]


@pytest.mark.slow
def test_no_colour_reaches_what_is_no_terminal_and_none_where_it_is_not_wanted(sakimori: Sakimori) -> None:
    """Slow: the program runs under a terminal."""
    for env in ({}, {"NO_COLOR": "1", "FORCE_COLOR": "1"}):
        process = sakimori.start("rules", "list", env=env)
        out, _ = process.communicate(timeout=120)
        assert process.returncode == 0
        assert not re.search(r"\x1b\[[0-9;]*3[0-9]", out)


# -- interrupts ------------------------------------------------------------------


@pytest.mark.slow
def test_only_a_command_that_keeps_what_it_read_promises_to_go_on(
    sakimori: Sakimori, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("sakimori.cli.main.command.main", stopped)
    assert "goes on where it stopped" in sakimori("collect", lang="en").err
    done = sakimori("secrets", "scan", ".", lang="en")
    assert (done.code, "goes on" in done.err) == (130, False)


@pytest.mark.slow
def test_an_interrupt_is_a_sentence_and_130_and_the_same_command_goes_on(
    sakimori: Sakimori, as_owner: SimulatedAccount
) -> None:
    """Slow: a run is stopped midway and goes on."""
    asked = ("collect", "--region", "us-east-1")
    as_owner.faults.add(Fault(kind=Kind.DELAY, seconds=0.15))
    process = sakimori.start(*asked)
    deadline = time.monotonic() + 120
    while len(as_owner.calls) < 30 and time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.02)
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=120)
    assert time.monotonic() - began < 60
    assert (process.returncode, out) == (130, "")
    assert "the same command goes on" in err
    assert "Traceback" not in err
    as_owner.faults.clear()
    [unfinished] = json.loads(sakimori("snapshots", "--format", "json").out)["snapshots"]
    assert unfinished["finished_at"] is None
    done = sakimori(*asked)
    assert (done.code, done.out.strip()) == (0, unfinished["id"])


# -- defects ---------------------------------------------------------------------


def test_a_defect_is_a_sentence_with_the_place_of_its_trace(
    sakimori: Sakimori, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(_path: Path) -> None:
        raise ZeroDivisionError("a defect")

    monkeypatch.setattr("sakimori.cli.main._is_missing", break_down)
    for lang in ("en", "ja"):
        done = sakimori("tables", lang=lang)
        assert (done.code, done.out) == (1, "")
        assert "ZeroDivisionError" in done.err
        assert "Traceback" not in done.err
        trace = re.search(r"/\S+?\.log", done.err)
        assert trace
        path = Path(trace[0])
        assert "a defect" in path.read_text(encoding="utf-8")
        assert path.stat().st_mode & 0o077 == 0
        path.unlink()


def test_a_defect_where_no_trace_can_be_kept_shows_it(sakimori: Sakimori, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(*_given: object, **_more: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("sakimori.cli.main._is_missing", break_down)
    monkeypatch.setattr("tempfile.NamedTemporaryFile", break_down)
    done = sakimori("tables")
    assert done.code == 1
    assert "Traceback" in done.err


def test_each_kind_of_failure_leaves_by_its_own_code(sakimori: Sakimori, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_path: Path) -> None:
        raise LakeError("lake.busy")

    monkeypatch.setattr("sakimori.cli.main._is_missing", fail)
    done = sakimori("tables")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("sakimori: Another sakimori")
    assert main_module.main.__doc__


# -- start ---------------------------------------------------------------------------

HEAVY = {
    "boto3",
    "botocore",
    "duckdb",
    "moto",
    "sqlglot",
    "sqlalchemy",
    "rich",
    "jinja2",
    "platformdirs",
    "jmespath",
    "urllib3",
}
IMPORTED = """
import sys
sys.argv = ["sakimori", "--help"]
from sakimori.cli.main import main
try:
    main()
except SystemExit:
    pass
print(sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr)
"""


@pytest.mark.slow
def test_help_imports_nothing_heavy() -> None:
    done = subprocess.run([sys.executable, "-c", IMPORTED], capture_output=True, text=True, check=True)
    assert "click" in done.stderr
    assert not HEAVY & set(re.findall(r"'(\w+)'", done.stderr))


@pytest.mark.slow
@pytest.mark.parametrize("command", [["findings"], ["notify"], ["mail", "parse"]])
def test_japanese_help_is_no_wider_than_the_terminal(command: list[str], sakimori: Sakimori) -> None:
    with sakimori.start(*command, "--help", env={"SAKIMORI_LANG": "ja", "COLUMNS": "80"}) as run:
        lines = run.communicate()[0].splitlines()
    assert 40 < max(map(cell_len, lines)) <= 80


def test_a_policy_that_no_managed_policy_can_hold_is_told_with_the_way_that_can(sakimori: Sakimori) -> None:
    done = sakimori("permissions", "--for", "collect", lang="en")
    assert json.loads(done.out)["Statement"]
    assert "6144" in done.err
    assert "--format cloudformation" in done.err
    assert not sakimori("permissions", lang="en").err


@pytest.mark.parametrize(("lang", "words"), [("en", "needs a value"), ("ja", "値が必要")])
def test_an_option_never_takes_the_next_option_as_its_value(sakimori: Sakimori, lang: str, words: str) -> None:
    done = sakimori("respond", "rotate", "--new-user", "--yes", lang=lang)
    assert done.code == 2
    assert words in done.err
    assert "--new-user" in done.err
