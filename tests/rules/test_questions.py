import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from sakimori.app.known_tables import known_tables
from sakimori.cli.query_notes import heading
from sakimori.ingest.catalogue import log_tables
from sakimori.lake.engines.guarded import GuardedEngine
from sakimori.model.errors import UsageError
from sakimori.rules.questions import (
    SavedQuestion,
    check_question,
    find_question,
    load_question,
    load_questions,
    named_values,
)
from sakimori.texts.sentences import text

BUILT_IN = load_questions()
JAPANESE = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")
every_question = pytest.mark.parametrize("question", BUILT_IN.by_id.values(), ids=BUILT_IN.by_id)

GOOD = """\
id: cloudtrail.mine
title: {en: Mine, ja: 私の質問}
description: {en: What I ask., ja: 私が聞くことです。}
tables: [aws_cloudtrail_event]
parameters:
  name:
    default: x
    text: {en: A name., ja: 名前。}
query: |
  select event_name
  from aws_cloudtrail_event
  where event_name = $name
"""


@pytest.fixture(scope="module")
def empty_lake() -> Iterator[GuardedEngine]:
    """Every table, without a row."""
    engine = GuardedEngine()
    for table in known_tables().values():
        engine.create(table)
    engine.lock()
    yield engine
    engine.close()


def write(folder: Path, content: str, name: str = "cloudtrail/mine.yaml") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    return path


def faults(folder: Path, content: str) -> list[tuple[str, int]]:
    path = write(folder, content)
    question, found = load_question(path)
    if question:
        found = check_question(question, known_tables())
    return [(fault.text, fault.line) for fault in found]


# -- the built-in ones -------------------------------------------------------------------


def test_there_are_questions_about_every_log() -> None:
    assert BUILT_IN.faults == ()
    assert len(BUILT_IN.by_id) >= 80
    asked = {table for question in BUILT_IN.by_id.values() for table in question.tables}
    assert set(log_tables()) <= asked


@every_question
def test_a_question_can_be_asked(question: SavedQuestion, empty_lake: GuardedEngine) -> None:
    assert check_question(question, known_tables()) == ()
    with empty_lake.answer(question.query.rstrip("; \n"), question.values({})) as answer:
        assert answer.columns
        list(answer.rows())


@every_question
def test_a_question_speaks_both_languages(question: SavedQuestion, empty_lake: GuardedEngine) -> None:
    texts = [question.title, question.description, *(parameter.text for parameter in question.parameters.values())]
    for each in texts:
        assert JAPANESE.search(each.ja), each
        assert not JAPANESE.search(each.en), each
    assert question.description.ja.endswith("。")
    assert question.description.en.endswith(".")
    with empty_lake.answer(question.query, question.values({})) as answer:
        for name, _ in answer.columns:
            assert text(f"query.column_{name}").en


def test_the_columns_of_a_question_have_headings(monkeypatch: pytest.MonkeyPatch) -> None:
    assert heading("origin") == "from"
    assert heading("no_such_column") == "no_such_column"


def test_the_rows_of_who_did_what_are_the_five_that_people_ask_for(empty_lake: GuardedEngine) -> None:
    question = BUILT_IN.find("cloudtrail.who-did-what")
    with empty_lake.answer(question.query) as answer:
        assert {"at", "who", "action", "target", "result"} <= {name for name, _ in answer.columns}


# -- finding and asking ----------------------------------------------------------------------


@pytest.mark.slow
def test_a_question_is_found_by_its_id_and_a_wrong_one_with_the_nearest(tmp_path: Path) -> None:
    assert find_question("vpc-flow.top-talkers").tables == ("aws_vpc_flow_log",)
    with pytest.raises(UsageError) as raised:
        find_question("cloudtrail.root-usage")
    assert raised.value.values["near"] == "cloudtrail.root-use"
    for hostile in ("../../etc/passwd", "..%2f.x", "a.b.c", ""):
        with pytest.raises(UsageError):
            find_question(hostile, tmp_path)


def test_a_person_has_questions_of_their_own(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    assert find_question("cloudtrail.mine", tmp_path).values({"name": "y"}) == {"name": "y"}
    assert "cloudtrail.mine" in load_questions(tmp_path).by_id
    write(tmp_path, GOOD, "other/cloudtrail/mine.yaml")
    assert [fault.text for fault in load_questions(tmp_path).faults] == ["rules.id_twice"]


def test_a_value_takes_the_kind_of_the_default() -> None:
    question = BUILT_IN.find("vpc-flow.large-outbound")
    assert question.values({"megabytes": "7"}) == {"megabytes": 7}
    with pytest.raises(UsageError, match="bad_parameter"):
        question.values({"megabytes": "much"})
    with pytest.raises(UsageError) as raised:
        question.values({"megabyte": "7"})
    assert raised.value.values["near"] == "megabytes"


@pytest.mark.parametrize(
    ("default", "given", "value"),
    [("[1, 2]", "3,4", (3, 4)), ("1.5", "2", 2.0), ("x", "1", "1"), ("[a]", "b, c", ("b", "c"))],
)
def test_values_of_a_command_line_are_typed(tmp_path: Path, default: str, given: str, value: object) -> None:
    question, found = load_question(write(tmp_path, GOOD.replace("default: x", f"default: {default}")))
    assert found == ()
    assert question
    assert question.values({"name": given}) == {"name": value}


def test_pairs_are_read_and_what_is_none_is_refused() -> None:
    assert named_values(["a=1", "$b=x=y"]) == {"a": "1", "b": "x=y"}
    with pytest.raises(UsageError, match="bad_pair"):
        named_values(["a"])


# -- faults -----------------------------------------------------------------------------------


def test_a_good_file_has_no_fault(tmp_path: Path) -> None:
    assert faults(tmp_path, GOOD) == []


@pytest.mark.parametrize(
    ("old", "new", "text", "line"),
    [
        ("id: cloudtrail.mine", "id: cloudtrail.other", "query.question_id", 1),
        ("id: cloudtrail.mine", "id: ../x", "query.question_id", 1),
        ("ja: 私の質問", "jp: x", "rules.missing_language", 2),
        ("tables: [aws_cloudtrail_event]", "tables: []", "rules.not_a_list", 4),
        ("tables: [aws_cloudtrail_event]", "tables: [aws_waf_log]", "query.question_tables", 4),
        ("tables: [aws_cloudtrail_event]", "table: aws_waf_log", "rules.unknown_key", 4),
        ("default: x", "default: null", "query.question_parameter", 6),
        ("    default: x\n", "", "rules.missing_key", 6),
        ("  name:", "  Name:", "query.question_parameter", 6),
        ("= $name", "= 'x'", "query.parameter_unused", 6),
        ("= $name", "= $nam", "query.no_value", 12),
        ("from aws_cloudtrail_event", "from aws_cloudtrail_evnt", "query.unknown_table", 11),
        ("where event_name = $name", "where lowr($name) = 'x'", "query.refused", 12),
        ("title: {en: Mine, ja: 私の質問}", "title: [", "yaml.syntax", 4),
        ("title: {en: Mine", 'title: {en: "Mi\\u202ene"', "rules.text_has_control", 2),
    ],
)  # fmt: skip
def test_a_fault_names_its_line(tmp_path: Path, old: str, new: str, text: str, line: int) -> None:
    assert old in GOOD
    assert (text, line) in faults(tmp_path, GOOD.replace(old, new, 1))


def test_what_is_no_question_is_refused(tmp_path: Path) -> None:
    assert faults(tmp_path, "[]") == [("rules.not_a_mapping", 1)]
    assert faults(tmp_path, "query: [1]")[0][0] == "rules.missing_key"
    assert load_question(tmp_path / "nothing.yaml")[1][0].text == "yaml.unreadable"
