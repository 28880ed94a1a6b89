import shlex
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sakimori.model.verdict import Text, Verdict
from sakimori.model.words import Confidence, Severity, Status
from sakimori.outputs.report.remedy_text import filled_cli, rule_cli
from sakimori.texts.language import clean


def finding(**evidence: object) -> Verdict:
    return Verdict(
        rule="aws.s3.x", status=Status.FAIL, severity=Severity.HIGH, confidence=Confidence.HIGH, partition="aws",
        account="111122223333", region="ap-northeast-1", resource="arn:aws:s3:::customer-data",
        resource_type="AWS::S3::Bucket", message=Text("x", "x"), evidence=evidence,
    )  # fmt: skip


def test_a_finding_fills_its_own_names_in() -> None:
    template = "aws s3api get-bucket-acl --bucket {name} --region {region} # {account_id} {resource} {{kept}}"
    assert filled_cli(template, finding(name="customer-data")) == (
        "aws s3api get-bucket-acl --bucket customer-data --region ap-northeast-1"
        " # 111122223333 arn:aws:s3:::customer-data {kept}"
    )


def test_a_rule_alone_shows_every_column_to_fill_in() -> None:
    assert rule_cli("aws s3 rm s3://{name}/{key} --query '{{a: b}}'") == "aws s3 rm s3://<name>/<key> --query '{a: b}'"


def test_unknown_and_missing_values_are_left_to_the_reader() -> None:
    assert filled_cli("run {a} {b}", finding(a=None)) == "run <a> <b>"


def test_what_has_no_region_leaves_the_region_to_the_reader(build_verdict: Callable[..., Verdict]) -> None:
    made = build_verdict("r", Status.FAIL, Severity.LOW, Text("x", "x"), "r", region="global")
    assert filled_cli("run {region}", made) == "run <region>"


def test_values_of_every_kind_are_words() -> None:
    values = {"yes": True, "port": -1, "at": datetime(2026, 1, 2, 3, 4, tzinfo=UTC), "tags": {"a b": 1}, "no": []}
    line = filled_cli("run {yes} {port} {at} {tags} [{no}] {ports}", finding(**values, ports=[22, "x y"]))
    assert shlex.split(line) == ["run", "true", "-1", "2026-01-02T03:04:00Z", '{"a b":1}', "[<no>]", "22", "x y"]


@pytest.mark.slow
@given(st.text(max_size=60))
def test_any_text_is_one_word_of_the_shell(text: str) -> None:
    line = filled_cli("run --name {name} end", finding(name=text))
    if text.startswith(("-", "file://", "fileb://")):
        assert line == "run --name <name> end"
    else:
        assert shlex.split(line) == ["run", "--name", clean(text, max(len(text), 1)), "end"]
    assert line.isprintable() or set(line) & {"\u3000", "\u00a0", "\u200d"}


@pytest.mark.slow
@given(st.text(max_size=30), st.sampled_from(["'{n}'", '"{n}"', '"$(run {n})"', "`run {n}`", r"\{n}", '"a\\"{n}"']))
def test_inside_quotes_a_text_never_ends_them(text: str, around: str) -> None:
    line = filled_cli(around, finding(n=text))
    known = line.replace("<n>", "")
    plain = around.replace("{n}", "")
    assert known == plain or (text in line and not set(text) & set("'\"\\$`!;&|<>() \n"))


@pytest.mark.parametrize(
    "name",
    [
        "$(rm -rf ~)",
        "`id`",
        "x; id",
        "a\nid",
        "'; id; '",
        '"; id; "',
        "\x1b[201~id\r",
        "!!",
        "a\\",
        "*",
        "~root",
        "=cmd",
    ],
)
def test_hostile_names_run_nothing(name: str) -> None:
    words = shlex.split(filled_cli("run {name} end", finding(name=name)))
    assert words == ["run", clean(name), "end"]


@pytest.mark.parametrize(
    "name", ["--endpoint-url=https://evil.example", "file:///etc/passwd", "fileb://x", "x" * 100_000]
)
def test_what_the_command_would_misread_is_left_to_the_reader(name: str) -> None:
    assert filled_cli("run {name}", finding(name=name)) == "run <name>"


def test_a_word_that_zsh_would_look_up_is_quoted() -> None:
    assert filled_cli("run {name}", finding(name="=ls")) == "run '=ls'"


def test_a_here_document_takes_plain_names_alone() -> None:
    template = "cat <<END\n{name}\nEND"
    assert filled_cli(template, finding(name="plain")) == "cat <<END\nplain\nEND"
    assert filled_cli(template, finding(name="END\nid")) == "cat <<END\n<name>\nEND"


def test_an_apostrophe_in_a_comment_is_no_quote() -> None:
    assert filled_cli("# don't {a}\nrun {b}", finding(a="x y", b="x y")) == "# don't 'x y'\nrun 'x y'"
