"""`sakimori query` and `sakimori ask`, as a person types them."""

import csv
import io
import json
import re
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from rich.cells import cell_len
from tests.app.test_query import NOW, bring
from tests.cli.running import Sakimori

from sakimori.app.known_tables import known_tables
from sakimori.cli import query_shell
from sakimori.cli.query_completion import completions
from sakimori.cli.query_shell import Shell
from sakimori.cli.query_table import print_rows
from sakimori.lake.log_reader import EVERYWHERE
from sakimori.lake.manifest import Manifest
from sakimori.lake.unfinished import begin
from sakimori.rules.questions import load_questions

HOSTILE = "\x1b[31mred\x1b]0;title\x07\x9b2J\u202eevil\r\n"
FORMULA = "=cmd|'/c calc'!A1"
ALL = "select event_name, user_agent, request_parameters from aws_cloudtrail_event order by event_time"


@pytest.fixture
def asked(sakimori: Sakimori) -> Sakimori:
    bring(sakimori.home, {"userAgent": HOSTILE}, {"eventName": "DeleteBucket", "userAgent": FORMULA}, {})
    return sakimori


def pipe(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))


# -- asking --------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_table_has_a_row_a_line(asked: Sakimori) -> None:
    done = asked("query", "select event_name, count(*) as n from aws_cloudtrail_event group by all order by n desc")
    assert (done.code, done.err) == (0, "")
    assert [line.split() for line in done.out.splitlines()] == [
        ["event_name", "n"],
        ["PutBucketPolicy", "2"],
        ["DeleteBucket", "1"],
    ]


@pytest.mark.slow
def test_sql_comes_from_a_pipe_or_a_file(asked: Sakimori, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pipe(monkeypatch, "select 42 as n")
    assert asked("query", "--format", "csv").out == "n\r\n42\r\n"
    file = tmp_path / "q.sql"
    file.write_text("\ufeffselect 43 as n;", encoding="utf-8")
    assert asked("query", "--file", str(file), "--format", "csv").out == "n\r\n43\r\n"
    assert asked("query", "select 1", "--file", str(file)).code == 2
    assert asked("query", "--file", str(tmp_path / "none.sql")).code == 2
    file.write_bytes(b"\xff\xfe")
    assert asked("query", "--file", str(file)).code == 2


@pytest.mark.slow
def test_an_empty_answer_says_what_was_looked_through(asked: Sakimori) -> None:
    done = asked("query", "select * from aws_cloudtrail_event where event_name = 'x'")
    assert (done.code, done.out) == (0, "")
    assert "Nothing was found in what was recorded." in done.err
    assert "aws_cloudtrail_event" in done.err
    japanese = asked("query", "select * from aws_waf_log", lang="ja").err
    assert "記録されている範囲には見つかりませんでした。" in japanese
    assert "sakimori ingest waf" in japanese


@pytest.mark.slow
@pytest.mark.parametrize(
    "words",
    [
        ("query", "select count(*) from aws_cloudtrail_event"),
        ("query", "select event_name from aws_cloudtrail_event", "--format", "csv"),
        ("ask", "who-did", "DeleteBucket", "--since", "2026-10-01"),
        ("timeline", "bucket-1", "--since", "2026-10-01"),
        ("lake", "tables"),
        ("lake", "export", "aws_cloudtrail_event", "--output", "-", "--format", "csv"),
    ],
)
def test_an_answer_that_found_something_tells_of_an_ingest_that_did_not_end(
    asked: Sakimori, words: tuple[str, ...]
) -> None:
    manifest = Manifest(asked.home / "lake" / "manifest.db")
    begin(manifest, "cloudtrail", [("/data/my logs/1.json.gz", "1", 1)], NOW, typed="auto")
    manifest.close()
    done = asked(*words)
    assert done.code == 0
    told = " ".join((done.err + done.out).split())
    assert "Files of it that are not in the lake: 1." in told
    assert "sakimori ingest auto '/data/my logs'" in told


@pytest.mark.slow
@pytest.mark.parametrize("sql", ["select count(*) from {}", "select count(*), max(time) from {}"])
def test_a_count_of_nothing_says_it_too(asked: Sakimori, sql: str) -> None:
    done = asked("query", sql.format("aws_waf_log"))
    assert "0" in done.out
    assert "ever ingested" in done.err
    assert asked("query", "select count(*) from aws_cloudtrail_event").err == ""


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["en", "ja"])
def test_a_fault_of_the_sql_is_wrong_usage(asked: Sakimori, lang: str) -> None:
    for sql, told in (
        ("select evnt_name from aws_cloudtrail_event", "event_name"),
        ("select * from aws_cloudtrail_evnt", "aws_cloudtrail_event"),
        ("select lowr('x')", "lower"),
        ("copy (select 1) to 'x'", "COPY"),
        ("select 1; select 2", ""),
        ("selec 1", "SELEC"),
        ("", ""),
        ("select * from aws_s3_bucket", "sakimori collect"),
    ):
        done = asked("query", sql, lang=lang)
        assert (done.code, done.out) == (2, ""), sql
        assert told in done.err
        assert done.err.count("\n") == 1, done.err


@pytest.mark.slow
def test_the_scope_is_that_of_the_options(asked: Sakimori) -> None:
    count = "select count(*) from aws_cloudtrail_event"
    for options, number in (
        (("--since", "2026-10-01", "--until", "2026-10-01"), "3"),
        (("--since", "2026-10-02"), "0"),
        (("--until", "2026-09-30"), "0"),
        (("--account", "111122223333"), "3"),
        (("--account", "999988887777"), "0"),
        (("--region", "all", "--account", "all"), "3"),
        (("--region", "us-east-1"), "0"),
    ):
        assert asked("query", count, *options, "--format", "csv").out.split()[1] == number, options
    assert asked("query", count, "--since", "yesterday").code == 2


@pytest.mark.slow
def test_an_account_is_named_as_in_the_configuration_and_a_region_of_it_narrows_nothing(asked: Sakimori) -> None:
    asked.configure('region = ["us-east-1"]\n[[account]]\nname = "prod"\nid = "111122223333"\nprofile = "p"\n')
    count = "select count(*) from aws_cloudtrail_event"
    assert asked("query", count, "--account", "prod", "--format", "csv").out.split()[1] == "3"
    assert asked("query", count, "--account", "nobody").code == 2


@pytest.mark.slow
def test_values_for_parameters_come_from_the_command_line(asked: Sakimori) -> None:
    sql = "select count(*) as n from aws_cloudtrail_event where event_name = $name"
    assert asked("query", sql, "--param", "name=DeleteBucket", "--format", "csv").out.split()[1] == "1"
    assert asked("query", sql).code == 2
    assert asked("query", sql, "--param", "name").code == 2


@pytest.mark.slow
def test_a_query_that_takes_too_long_is_stopped(asked: Sakimori) -> None:
    done = asked("query", "select max(hash(range)) from range(100000000000)", "--time-limit", "1s")
    assert done.code == 2
    assert "--time-limit" in done.err


# -- forms of the output -------------------------------------------------------------------


@pytest.mark.slow
def test_json_has_columns_rows_and_what_was_looked_through(asked: Sakimori) -> None:
    done = asked(
        "query",
        "select event_name, event_time, read_only from aws_cloudtrail_event order by 2 limit 1",
        "--format",
        "json",
    )
    told = json.loads(done.out)
    assert told["schema"] == "sakimori.query/1"
    assert told["columns"][1] == {"name": "event_time", "type": "TIMESTAMP"}
    assert told["rows"] == [{"event_name": "PutBucketPolicy", "event_time": "2026-10-01T00:00:01Z", "read_only": False}]
    assert (told["row_count"], told["is_cut"]) == (1, False)
    (log,) = told["coverage"]["logs"]
    assert (log["table"], log["rows"], log["accounts"]) == ("aws_cloudtrail_event", 3, ["111122223333"])


@pytest.mark.slow
def test_an_empty_answer_is_valid_in_every_form(asked: Sakimori, tmp_path: Path) -> None:
    sql = "select event_name, event_time from aws_cloudtrail_event where false"
    assert json.loads(asked("query", sql, "--format", "json").out)["rows"] == []
    assert asked("query", sql, "--format", "jsonl").out == ""
    assert asked("query", sql, "--format", "csv").out == "event_name,event_time\r\n"
    target = tmp_path / "none.parquet"
    assert asked("query", sql, "--output", str(target)).code == 0
    assert pq.read_table(target).schema.names == ["event_name", "event_time"]


@pytest.mark.slow
def test_json_lines_are_rows_alone(asked: Sakimori) -> None:
    rows = [json.loads(line) for line in asked("query", ALL, "--format", "jsonl").out.splitlines()]
    assert [row["event_name"] for row in rows] == ["PutBucketPolicy", "DeleteBucket", "PutBucketPolicy"]
    assert rows[0]["user_agent"] == HOSTILE


@pytest.mark.slow
@pytest.mark.parametrize("form", ["table", "csv", "json", "jsonl"])
def test_nothing_of_a_log_acts_upon_a_terminal(asked: Sakimori, form: str) -> None:
    done = asked("query", ALL, "--format", form)
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202e]", done.out)
    assert "evil" in done.out


@pytest.mark.slow
def test_no_cell_of_a_spreadsheet_is_a_formula(asked: Sakimori, tmp_path: Path) -> None:
    target = tmp_path / "rows.csv"
    assert asked("query", f"{ALL[:-20]} where user_agent like '=%'", "--output", str(target)).code == 0
    content = target.read_bytes().decode()
    assert content.startswith("\ufeff")
    (_, row) = csv.reader(io.StringIO(content.removeprefix("\ufeff")))
    assert row[1] == f"'{FORMULA}"
    numbers = asked("query", "select -5 as a, -1.5 as b, '-5' as c, [1, 2] as d, null as e", "--format", "csv").out
    assert list(csv.reader(io.StringIO(numbers)))[1] == ["-5", "-1.5", "'-5", "[1,2]", ""]
    assert asked("query", 'select 1 as "=1+1"', "--format", "csv").out.startswith("'=1+1")


@pytest.mark.slow
def test_a_file_is_its_owners_alone_and_whole_or_not_there(asked: Sakimori, tmp_path: Path) -> None:
    target = tmp_path / "rows.parquet"
    done = asked("query", ALL, "--output", str(target))
    assert done.out == ""
    assert str(target) in done.err
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert pq.read_table(target).num_rows == 3
    failing = tmp_path / "failing.csv"
    assert asked("query", "select event_name::int from aws_cloudtrail_event", "--output", str(failing)).code == 2
    assert list(tmp_path.glob("*failing*")) == []
    assert asked("query", ALL, "--output", str(tmp_path / "rows.doc")).code == 2


@pytest.mark.slow
def test_no_answer_takes_the_place_of_the_lake(asked: Sakimori, tmp_path: Path) -> None:
    manifest = asked.home / "lake" / "manifest.db"
    before = manifest.stat().st_ino
    (tmp_path / "link.csv").symlink_to(manifest)
    for place in (manifest, asked.home / "new.parquet", tmp_path / "link.csv"):
        done = asked("query", "select 1 as a", "--format", "csv", "--output", str(place))
        assert (done.code, str(place) in done.err) == (2, True)
    assert asked("lake", "export", "aws_cloudtrail_event", "--output", str(manifest.parent)).code == 2
    assert manifest.stat().st_ino == before


@pytest.mark.slow
def test_rows_that_are_left_out_are_told(asked: Sakimori, tmp_path: Path) -> None:
    done = asked("query", ALL, "--limit", "2")
    assert len(done.out.splitlines()) == 3
    assert "--limit" in done.err
    assert asked("query", ALL, "--limit", "3").err == ""
    assert json.loads(asked("query", ALL, "--limit", "2", "--format", "json").out)["is_cut"] is True
    target = tmp_path / "two.parquet"
    assert "--limit" in asked("query", ALL, "--limit", "2", "--output", str(target)).err
    assert pq.read_table(target).num_rows == 2


@pytest.mark.slow
def test_a_column_that_is_given_twice_keeps_both_values(asked: Sakimori) -> None:
    done = asked("query", "select 1 as a, 2 as a", "--format", "jsonl")
    assert json.loads(done.out) == {"a": 1, "a_2": 2}


# -- tables on a terminal ----------------------------------------------------------------------


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown(width: int, monkeypatch: pytest.MonkeyPatch, *rows: tuple[object, ...]) -> list[str]:
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("TERM", "xterm")
    stream = Terminal()
    headings = [f"column{number}" for number in range(len(rows[0]))]
    print_rows(headings, [(name, "VARCHAR") for name in headings], rows, stream)
    return re.sub("\x1b\\[[0-9;]*m", "", stream.getvalue()).splitlines()


@pytest.mark.parametrize("width", [20, 40, 80, 200])
@pytest.mark.parametrize("count", [1, 3, 12])
def test_a_table_fits_the_terminal(monkeypatch: pytest.MonkeyPatch, width: int, count: int) -> None:
    row = (
        tuple(text * 3 for text in ("arn:aws:iam::111122223333:role/", "短い値", "x", "日本語の長い値がここに入ります"))
        * 3
    )
    lines = shown(width, monkeypatch, row[:count], row[:count])
    assert all(cell_len(line) <= max(width, 30) for line in lines)


def test_a_wide_value_keeps_its_beginning_and_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    arn = "arn:aws:iam::111122223333:role/aws-service-role/the-role-that-matters"
    lines = shown(60, monkeypatch, (arn, "x"))
    assert lines[1].startswith("arn:aws:iam::")
    assert "matters" in lines[1]
    assert "…" in lines[1]


def test_rows_that_are_too_wide_become_blocks_that_show_the_whole_value(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = shown(60, monkeypatch, *[tuple(f"value {number} {'x' * 70}" for number in range(5))] * 2)
    assert [line for line in lines if "──" in line] == ["── 1 ──", "── 2 ──"]
    assert "".join(lines).count("x") == 2 * 5 * 70


# -- saved questions --------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(("lang", "heading"), [("en", "on what"), ("ja", "対象")])
def test_a_saved_question_is_asked_by_its_id(asked: Sakimori, lang: str, heading: str) -> None:
    done = asked("query", "--question", "cloudtrail.deletes", lang=lang)
    assert done.code == 0
    assert heading in done.out.splitlines()[0]
    assert "s3:DeleteBucket" in done.out
    names = asked("query", "--question", "cloudtrail.deletes", "--format", "csv").out.splitlines()[0]
    assert names == "at,who,origin,action,target,result"


@pytest.mark.slow
def test_a_saved_question_takes_values(asked: Sakimori) -> None:
    options = ("query", "--question", "cloudtrail.calls-from-address", "--format", "jsonl", "--param")
    assert len(asked(*options, "ip=198.51.100.7").out.splitlines()) == 2
    assert asked(*options, "ip=192.0.2.1").out == ""
    done = asked(*options, "pi=x")
    assert done.code == 2
    assert "ip" in done.err
    assert asked(*options, "top=many").code == 2
    assert "cloudtrail.root-use" in asked("query", "--question", "cloudtrail.root-usee").err


@pytest.mark.slow
@pytest.mark.parametrize(("lang", "title"), [("en", "Use of the root user"), ("ja", "ルートユーザーの使用")])
def test_the_questions_are_listed(asked: Sakimori, lang: str, title: str) -> None:
    assert title in asked("query", "--list-questions", lang=lang).out
    listed = json.loads(asked("query", "--list-questions", "--format", "json").out)["questions"]
    assert len(listed) >= 80
    assert {"id", "title", "description", "tables", "parameters", "query"} <= listed[0].keys()


def test_a_persons_own_question_is_asked_and_its_faults_are_told(asked: Sakimori) -> None:
    own = asked.home / "questions" / "mine" / "count.yaml"
    own.parent.mkdir(parents=True)
    own.write_text(
        "id: mine.count\ntitle: {en: How many, ja: 件数}\ndescription: {en: How many., ja: 件数です。}\n"
        "tables: [aws_cloudtrail_event]\nquery: select count(*) as n from aws_cloudtrail_event\n",
        encoding="utf-8",
    )
    assert asked("query", "--question", "mine.count", "--format", "csv").out.split()[1] == "3"
    (own.parent / "bad.yaml").write_text("id: mine.bad\n", encoding="utf-8")
    done = asked("query", "--list-questions")
    assert "mine.count" in done.out
    assert "bad.yaml:1:" in done.err


# -- the shell ----------------------------------------------------------------------------------


class Typist:
    """Types lines; an exception among them is raised."""

    def __init__(self, *lines: str | type[BaseException]) -> None:
        self._lines: Iterator[str | type[BaseException]] = iter(lines)
        self.prompts: list[str] = []

    def __call__(self, prompt: str) -> str:
        self.prompts.append(prompt)
        line = next(self._lines, EOFError)
        if isinstance(line, str):
            return line
        raise line


def typed(
    sakimori: Sakimori, capsys: pytest.CaptureFixture[str], *lines: str | type[BaseException]
) -> tuple[str, str, list[str]]:
    typist = Typist(*lines)
    capsys.readouterr()
    Shell(sakimori.home, load_questions(), EVERYWHERE, 20.0, read=typist).run()
    out, err = capsys.readouterr()
    return out, err, typist.prompts


@pytest.mark.slow
def test_a_statement_goes_on_until_its_semicolon(asked: Sakimori, capsys: pytest.CaptureFixture[str]) -> None:
    out, _, prompts = typed(
        asked,
        capsys,
        "",
        "select event_name",
        "from aws_cloudtrail_event",
        "where event_name = 'a;",
        "b' or",
        "true limit 1;",
    )
    assert "PutBucketPolicy" in out
    assert [prompt.strip() for prompt in prompts] == [
        "sakimori>",
        "sakimori>",
        "...>",
        "...>",
        "...>",
        "...>",
        "sakimori>",
    ]


@pytest.mark.slow
def test_a_fault_or_a_stop_does_not_end_the_shell(
    asked: Sakimori, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    out, err, _ = typed(
        asked,
        capsys,
        "selec 1;",
        "select 'half",
        KeyboardInterrupt,
        "select 42 as n;",
        ".foo",
        ".schema nothing",
        ".run",
        ".quit",
        "select 43;",
    )
    assert "42" in out
    assert "43" not in out
    assert ".help" in err
    assert err.count("\n") == 5

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(query_shell, "ask", interrupted)
    _, err, prompts = typed(asked, capsys, "select 1;")
    assert "Stopped." in err
    assert len(prompts) == 2


@pytest.mark.slow
@pytest.mark.parametrize(
    ("line", "told"),
    [
        (".tables", "aws_cloudtrail_event"), (".tables s3_bucket", "aws_s3_bucket"), (".schema aws_waf_log", "terminating_rule_id"),
        (".questions vpc-flow", "vpc-flow.rejected"), (".help", ".schema"), (".run cloudtrail.deletes", "DeleteBucket"),
        (".run cloudtrail.calls-from-address ip=198.51.100.7 top=1", "198.51.100.7"),
    ],
)  # fmt: skip
def test_commands_of_the_shell_show_what_there_is(
    asked: Sakimori, capsys: pytest.CaptureFixture[str], line: str, told: str
) -> None:
    assert told in typed(asked, capsys, line)[0]


def test_the_shell_opens_where_nothing_is_asked_at_a_terminal(asked: Sakimori, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal("select 1;"))
    opened: list[Path] = []
    monkeypatch.setattr(Shell, "run", lambda shell: opened.append(shell._home))
    assert asked("query").code == 0
    assert opened == [asked.home]


def test_what_was_typed_is_kept_for_its_owner_alone(tmp_path: Path) -> None:
    pytest.importorskip("readline")
    home = tmp_path / "new"
    history = query_shell._History(home, lambda line, word: [line, word])
    history.save()
    assert stat.S_IMODE((home / query_shell.HISTORY).stat().st_mode) == 0o600
    assert stat.S_IMODE(home.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    ("line", "word", "offered"),
    [
        ("select event_na", "event_na", ["event_name"]),
        ("select * from aws_waf_", "aws_waf_", ["aws_waf_log"]),
        ("select e.event_na", "e.event_na", ["e.event_name"]),
        ("select terminating_rule_i from aws_waf_log", "terminating_rule_i", ["terminating_rule_id"]),
        ("select web_acl from aws_dns_query_log", "web_acl", []),
        ("sel", "sel", ["select"]),
        (".run vpc-flow.re", "vpc-flow.re", ["vpc-flow.rejected"]),
        (".sch", ".sch", [".schema"]),
    ],
)
def test_tab_completes_tables_columns_keywords_and_questions(line: str, word: str, offered: list[str]) -> None:
    others = (".schema", ".run", "vpc-flow.rejected")
    assert completions(line, word, known_tables(), others) == offered


# -- who did ------------------------------------------------------------------------------------


@pytest.fixture
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sakimori.cli.ask.utc_now", lambda: NOW)


@pytest.mark.slow
@pytest.mark.usefixtures("today")
@pytest.mark.parametrize(
    ("lang", "time", "result"),
    [("en", "2026-10-01 00:00:02 UTC", "succeeded"), ("ja", "2026-10-01 09:00:02 JST", "成功")],
)
def test_who_did_is_answered_in_the_readers_time(asked: Sakimori, lang: str, time: str, result: str) -> None:
    done = asked("ask", "who-did", "s3:DeleteBucket", lang=lang)
    assert (done.code, done.err) == (0, "")
    line = done.out.splitlines()[2]
    assert line.startswith(time)
    assert line.endswith(result)
    for part in ("arn:aws:iam::111122223333:role/deploy", "session", "198.51.100.7", "s3:DeleteBucket", "bucket-2"):
        assert part in line


@pytest.mark.usefixtures("today")
@pytest.mark.parametrize(("lang", "said"), [("en", "a similar name was called"), ("ja", "似た名前の操作")])
def test_who_did_of_a_misspelt_operation_names_the_command_that_was_meant(
    asked: Sakimori, lang: str, said: str
) -> None:
    *_, last = asked("ask", "who-did", "DeleteBukcet", lang=lang).out.splitlines()
    assert said in last
    assert last.endswith("sakimori ask who-did DeleteBucket")


@pytest.mark.usefixtures("today")
def test_who_did_for_programs(asked: Sakimori) -> None:
    told = json.loads(asked("ask", "who-did", "bucket-2", "--format", "json").out)
    assert told["schema"] == "sakimori.who_did/1"
    assert (told["read_as"], told["count"], told["has_data_events"]) == ("resource", 1, None)
    (deed,) = told["deeds"]
    assert (deed["at"], deed["part"], deed["error"]) == ("2026-10-01T00:00:02Z", "on", None)
    assert told["coverage"]["logs"][0]["rows"] == 3


@pytest.mark.slow
@pytest.mark.usefixtures("today")
@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", ("Nobody called DeleteTrail in what was recorded.", "There is no record of", "no data events")),
        ("ja", ("誰も DeleteTrail を呼び出していません。", "記録がなく", "データイベントはない")),
    ],
)
def test_nobody_did_it_as_far_as_was_recorded(asked: Sakimori, lang: str, words: tuple[str, ...]) -> None:
    done = asked("ask", "who-did", "DeleteTrail", lang=lang)
    assert done.code == 0
    for word in words:
        assert word in done.out


@pytest.mark.slow
@pytest.mark.usefixtures("today")
@pytest.mark.parametrize(
    ("lang", "first"), [("en", "Who it was is not known"), ("ja", "DeleteTrail については分かりません")]
)
def test_where_no_log_was_looked_through_nobody_is_not_the_answer(asked: Sakimori, lang: str, first: str) -> None:
    done = asked("ask", "who-did", "DeleteTrail", "--since", "2020-01-01", "--until", "2020-01-02", lang=lang)
    assert done.code == 0
    assert done.out.startswith(first)
    assert "Nobody called" not in done.out


@pytest.mark.slow
@pytest.mark.usefixtures("today")
def test_the_last_ninety_days_are_asked_about_where_nothing_is_said(asked: Sakimori) -> None:
    told = json.loads(asked("ask", "who-did", "DeleteTrail", "--format", "json").out)
    assert told["coverage"]["logs"][0]["from"] == "2026-07-05"
    assert asked("ask", "who-did", "x").code == 2
    assert asked("ask").code == 0
