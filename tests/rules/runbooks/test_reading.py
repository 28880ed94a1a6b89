"""A file becomes a runbook or playbook whole, or not at all with every fault at its line."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sakimori.rules.runbooks.form import Approver, Family, Reversible
from sakimori.rules.runbooks.reading import read_playbook, read_runbook

RUNBOOK = """\
id: some-runbook
family: ec2
title: {en: A title, ja: 題名}
words: [mining]
within: 15m
means: {en: It happened., ja: 起きました。}
danger: {en: It is bad., ja: 危険です。}
source: https://docs.aws.amazon.com/guardduty/latest/ug/x.html
types:
  "Some:EC2/Thing": {severity: high, en: A thing., ja: ものです。}
look:
  - {en: Look., ja: 見ます。, run: ["sakimori findings show {finding}"]}
contain:
  - {en: Stop., ja: 止めます。}
benign:
  - {en: A test., ja: テスト。}
close:
  - {en: Close., ja: 閉じます。}
"""
PLAYBOOK = """\
id: some-story
title: {en: A title, ja: 題名}
words: []
clock: 24h
means: {en: It happened., ja: 起きました。}
source: [https://docs.aws.amazon.com/x.html]
steps:
  - id: A10
    title: {en: Look, ja: 見る}
    why: {en: Because., ja: 理由。}
    within: 5m
    approver: nobody
    reversible: reads
    evidence: {en: A note., ja: メモ。}
    run: ["aws ec2 describe-instances --region {region}"]
"""


def runbook_file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "some_runbook.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def playbook_file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "some_story.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_runbook_is_read_with_all_its_parts(tmp_path: Path) -> None:
    book, faults = read_runbook(runbook_file(tmp_path, RUNBOOK))
    assert faults == ()
    assert book is not None
    assert (book.id, book.family, book.within, book.words) == ("some-runbook", Family.EC2, "15m", ("mining",))
    assert book.types["Some:EC2/Thing"].means.ja == "ものです。"
    assert book.look[0].commands == ("sakimori findings show {finding}",)
    assert book.contain[0].commands == ()


def test_a_playbook_is_read_with_its_steps(tmp_path: Path) -> None:
    book, faults = read_playbook(playbook_file(tmp_path, PLAYBOOK))
    assert faults == ()
    assert book is not None
    [step] = book.steps
    assert (step.approver, step.reversible, step.action) == (Approver.NOBODY, Reversible.READS, "")
    assert step.only_if is None


@pytest.mark.parametrize(
    ("good", "bad", "fault"),
    [
        ("within: 15m", "within: soon", "runbook.bad_time"),
        ("family: ec2", "family: toaster", "rules.unknown_word"),
        ("id: some-runbook", "id: another", "runbook.bad_id"),
        ("severity: high", "severity: dire", "rules.unknown_word"),
        ("sakimori findings show {finding}", "rm -rf {finding}", "runbook.bad_command"),
        ("sakimori findings show {finding}", "sakimori findings show {nobody}", "runbook.bad_command"),
        ("sakimori findings show {finding}", "sakimori findings show {0.x}", "runbook.bad_command"),
        ("ja: 見ます。", "ja: ''", "rules.missing_language"),
        ("  - {en: Stop., ja: 止めます。}", "  []", "rules.not_a_list"),
        ("words: [mining]", "words: [mining]\nsword: x", "rules.unknown_key"),
        ("en: It is bad.", 'en: "It is \\u202e bad."', "rules.text_has_control"),
    ],
)
def test_what_is_wrong_in_a_runbook_is_told_and_none_is_made(tmp_path: Path, good: str, bad: str, fault: str) -> None:
    assert good in RUNBOOK
    book, faults = read_runbook(runbook_file(tmp_path, RUNBOOK.replace(good, bad)))
    assert book is None
    assert fault in {each.text for each in faults}


@pytest.mark.parametrize(
    ("good", "bad", "fault"),
    [
        ("id: A10", "id: first", "runbook.bad_id"),
        ("approver: nobody", "approver: the cat", "rules.unknown_word"),
        ("reversible: reads", "reversible: perhaps", "rules.unknown_word"),
        ("    within: 5m\n", "", "rules.missing_key"),
        ("clock: 24h", "clock: 0h", "runbook.bad_time"),
    ],
)
def test_what_is_wrong_in_a_playbook_is_told_and_none_is_made(tmp_path: Path, good: str, bad: str, fault: str) -> None:
    book, faults = read_playbook(playbook_file(tmp_path, PLAYBOOK.replace(good, bad)))
    assert book is None
    assert fault in {each.text for each in faults}


def test_a_step_that_stands_twice_is_told(tmp_path: Path) -> None:
    twice = PLAYBOOK + PLAYBOOK.split("steps:\n")[1]
    book, faults = read_playbook(playbook_file(tmp_path, twice))
    assert book is None
    assert [each.text for each in faults] == ["runbook.step_twice"]


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(
    data=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text("ab:-{}é\n", max_size=8),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", max_size=3), inner, max_size=3),
        max_leaves=12,
    ),
    key=st.sampled_from(["types", "look", "contain", "benign", "close", "words", "title", "within", "source"]),
)
def test_no_value_in_a_file_makes_the_reader_fail_otherwise_than_by_a_fault(
    tmp_path_factory: pytest.TempPathFactory, data: object, key: str
) -> None:
    import yaml  # noqa: PLC0415

    document = yaml.safe_load(RUNBOOK)
    document[key] = data
    path = runbook_file(tmp_path_factory.mktemp("any"), yaml.safe_dump(document, allow_unicode=True))
    book, faults = read_runbook(path)
    assert (book is None) == bool(faults)
