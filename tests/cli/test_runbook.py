"""`sakimori runbook` as people and machines see it."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from tests.app.test_runbook import KEY, guardduty, home_with

from sakimori.cli.main import main

TYPE = "UnauthorizedAccess:IAMUser/MaliciousIPCaller"
JAPANESE = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")
Run = Callable[..., str]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("COLUMNS", "100")

    def _run(*words: str, code: int = 0, language: str = "en") -> str:
        line = ["--home", str(tmp_path), "runbook", *words, "--lang", language]
        monkeypatch.setattr("sys.argv", ["sakimori", *line])
        with pytest.raises(SystemExit) as left:
            main(line)
        assert left.value.code == code
        told = capsys.readouterr()
        return told.out if code == 0 else told.err

    return _run


def test_a_runbook_says_in_order_what_to_do(run: Run) -> None:
    page = run(TYPE)
    parts = ["within 1 hour", TYPE, "What it means", "How bad it is", "1. Look first", "2. Contain", "3. Is it a false alarm?", "4. Close, and learn"]  # fmt: skip
    places = [page.index(part) for part in parts]
    assert places == sorted(places)
    assert "$ sakimori investigate key KEY-ID" in page
    assert "Words in capitals" in page


@pytest.mark.slow
def test_a_finding_of_the_store_stands_in_the_commands(run: Run, tmp_path: Path) -> None:
    told = guardduty()
    home_with(tmp_path, told)
    page = run(told.id[:8])
    assert f"$ sakimori investigate key {KEY}" in page
    assert f"$ sakimori respond start --finding {told.id[:12]}" in page
    assert f"$ sakimori findings close {told.id[:12]} --as benign" in page


def test_a_command_is_never_broken_into_lines(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    shown = [line.strip() for line in run("ec2-backdoor").splitlines() if line.strip().startswith("$ ")]
    assert "$ aws ec2 modify-instance-attribute --instance-id INSTANCE-ID --groups SECURITY-GROUP-ID --region REGION" in shown  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("asked", ["iam-root-use", "eks-anonymous", "custom-identity"])
def test_japanese_is_spoken_throughout(run: Run, asked: str) -> None:
    for line in run(asked, language="ja").splitlines():
        sentence = re.sub(r"\$ .*|[\w:/!&.-]+", "", line).strip(" ·→")
        assert not sentence or JAPANESE.search(line) or not re.search(r"[A-Za-z]{3}", sentence), line


@pytest.mark.slow
def test_several_that_fit_are_shown_to_choose_from(run: Run) -> None:
    page = run("bitcoin")
    assert "ec2-cryptocurrency" in page
    assert "runtime-cryptocurrency" in page
    assert "1. Look first" not in page


@pytest.mark.slow
def test_without_an_argument_everything_is_listed(run: Run) -> None:
    page = run()
    for expected in ("Attack sequences", "iam-credential-theft", "leaked-root-key"):
        assert expected in page
    only = run("--playbook")
    assert "leaked-root-key" in only
    assert "iam-credential-theft" not in only


@pytest.mark.slow
def test_a_playbook_tells_who_agrees_and_what_is_kept(run: Run) -> None:
    page = run("--playbook", "leaked-root-key")
    assert "Time for all of it: within 1 hour." in page
    assert "within 10 minutes · agreed by two people · cannot be taken back" in page
    assert "Only if it is a member account of an organization." in page
    assert "Keep: " in page


@pytest.mark.slow
def test_json_is_whole_and_names_its_schema(run: Run, tmp_path: Path) -> None:
    told = guardduty()
    home_with(tmp_path, told)
    record = json.loads(run(told.id, "--format", "json"))
    assert record["schema"] == "sakimori.runbook/1"
    assert record["finding"]["type"] == TYPE
    [book] = record["runbooks"]
    assert book["asked_types"] == [TYPE]
    assert {"en", "ja"} == book["look"][0]["text"].keys()
    assert book["look"][2]["commands"][0] == f"sakimori investigate key {KEY}"
    assert book["look"][2]["templates"][0] == "sakimori investigate key {key_id}"
    story = json.loads(run("--playbook", "public-data", "--format", "json"))
    assert story["schema"] == "sakimori.playbook/1"
    assert {"id", "within", "approver", "reversible", "action", "evidence"} <= story["steps"][0].keys()
    everything = json.loads(run("--format", "json"))
    assert everything["schema"] == "sakimori.runbooks/1"
    assert sum(len(each["types"]) for each in everything["runbooks"]) == 239


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("words", [["custom-exposure"], ["--playbook", "instance-attacks-others"]])
def test_markdown_has_one_title_and_its_commands_in_blocks(run: Run, words: list[str], language: str) -> None:
    tokens = MarkdownIt().parse(run(*words, "--format", "markdown", language=language))
    assert [each.tag for each in tokens if each.type == "heading_open"].count("h1") == 1
    blocks = [each.content for each in tokens if each.type == "fence"]
    assert len(blocks) >= 5
    assert all(line.startswith(("sakimori ", "aws ")) for block in blocks for line in block.splitlines())


@pytest.mark.slow
def test_what_means_nothing_ends_with_a_sentence_and_the_code_of_wrong_usage(run: Run) -> None:
    assert "ec2-cryptocurrency" in run("ec2-cryptocurency", code=2)
    assert "leaked-root-key" in run("--playbook", "toaster", code=2)
