import json
import re
import sqlite3
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from tests.app.test_lake_upkeep import on, take
from tests.cli.running import Done, Sakimori
from tests.ingest.signed_trail import Trail, write_keys
from tests.ingest.trail import deliver, document

from sakimori.cli import lake, lake_keeping, lake_verify
from sakimori.cli.lake_coverage import delay, fold, scale_for
from sakimori.ingest.catalogue import AUTO, log_tables, sources
from sakimori.ingest.source import Reason
from sakimori.lake.coverage_days import DayCount, DayRange, DayState, PlaceCoverage
from sakimori.model.exit_codes import BLIND
from sakimori.texts.language import LANGUAGES, Language
from sakimori.texts.sentences import say
from sakimori.texts.table_sentences import japanese_of

NOW = datetime(2026, 10, 5, 12, tzinfo=UTC)
ACCOUNT = "111122223333"


@pytest.fixture(autouse=True)
def _noon(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (lake, lake_keeping, lake_verify):
        monkeypatch.setattr(module, "utc_now", lambda: NOW)


@pytest.fixture
def filled(sakimori: Sakimori, tmp_path: Path) -> Sakimori:
    """A lake with two parts a day, a Region that fell silent, and a day that is missing everywhere."""
    for file in range(2):
        events = [on(day, number) for day in (1, 2, 4) for number in range(file, 10, 2)]
        take(sakimori.home, deliver(tmp_path / "bucket", f"{file}", events))
    abroad = [on(2, number + 500, awsRegion="us-east-1") for number in range(4)]
    take(sakimori.home, deliver(tmp_path / "bucket", "abroad", abroad, region="us-east-1"))
    return sakimori


Wide = Callable[[int], None]


@pytest.fixture
def wide(monkeypatch: pytest.MonkeyPatch) -> Wide:
    return lambda width: monkeypatch.setenv("COLUMNS", str(width))


def lines(done: Done) -> list[str]:
    return done.out.splitlines()


# -- tables and describe ---------------------------------------------------------------


@pytest.mark.slow
def test_the_tables_are_listed_with_what_they_hold(filled: Sakimori, wide: Wide) -> None:
    wide(140)
    done = filled("lake", "tables")
    assert done.code == 0
    assert lines(done)[0].split() == ["table", "rows", "files", "size", "from", "to", "accounts", "no", "record"]
    row = lines(done)[1].split()
    assert [row[0], row[1], row[2], *row[5:]] == [
        "aws_cloudtrail_event",
        "34",
        "3",
        "2026-10-01",
        "2026-10-04",
        "1",
        "3",
    ]
    assert "sakimori lake coverage" in lines(done)[-1]
    [line] = json.loads(filled("lake", "tables", "--format", "json").out)["tables"]
    assert (line["rows"], line["files"], line["parts"], line["holes"]) == (34, 3, 7, 3)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("verb", ["tables", "coverage", "refused", "compact"])
def test_an_empty_lake_is_no_fault(sakimori: Sakimori, verb: str, lang: str) -> None:
    done = sakimori("lake", verb, lang=lang)
    assert (done.code, done.err) == (0, "")
    assert done.out


@pytest.mark.slow
def test_a_table_is_described_in_the_language_of_the_person(filled: Sakimori, wide: Wide) -> None:
    wide(200)
    english, japanese = filled("lake", "describe", "aws_cloudtrail_event"), filled("lake", "describe", "aws_cloudtrail_event", lang="ja")  # fmt: skip
    table = log_tables()["aws_cloudtrail_event"]
    sentences = japanese_of(table.name)
    for column in table.columns:
        assert column.sentence in english.out
        assert sentences.columns[column.name] in japanese.out
    assert "rows: 34, files: 3" in english.out
    assert "sakimori ingest cloudtrail" in english.out
    described = json.loads(filled("lake", "describe", "aws_cloudtrail_event", "--format", "json").out)
    assert described["sentence"] == {"en": table.sentence, "ja": sentences.sentence}
    assert len(described["columns"]) == len(table.columns)


def test_what_is_no_log_is_told_with_where_to_look(sakimori: Sakimori) -> None:
    assert "sakimori tables aws_s3_bucket" in sakimori("lake", "describe", "aws_s3_bucket").err
    done = sakimori("lake", "describe", "aws_cloudtrail_evnt")
    assert done.code == 2
    assert "aws_cloudtrail_event" in done.err


# -- coverage ------------------------------------------------------------------------------


@pytest.mark.slow
def test_coverage_shows_a_character_a_day_and_holes_without_colour(filled: Sakimori, wide: Wide) -> None:
    wide(120)
    done = filled("lake", "coverage")
    assert done.code == 0
    [tokyo] = [line for line in lines(done) if "ap-northeast-1" in line]
    [virginia] = [line for line in lines(done) if "us-east-1" in line]
    assert tokyo.split()[:3] == [ACCOUNT, "ap-northeast-1", "##X#_"]
    assert virginia.split()[:3] == [ACCOUNT, "us-east-1", "#XX_"]
    assert tokyo.split()[-2:] == ["not", "run"]
    assert "X no record" in lines(done)
    assert "\x1b" not in done.out
    assert "There is no record of 3 account × Region × days" in " ".join(done.out.split())
    assert "sakimori lake verify" in lines(done)[-1]


@pytest.mark.slow
@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("width", [60, 80, 100])
@pytest.mark.parametrize("since", ["30d", "300d", "3000d"])
def test_coverage_fits_the_terminal_and_cuts_no_word(filled: Sakimori, wide: Wide, lang: str, width: int, since: str) -> None:  # fmt: skip
    wide(width)
    done = filled("lake", "coverage", "--since", since, lang=lang)
    assert "…" not in done.out
    rows = [line for line in lines(done) if line.startswith(ACCOUNT)]
    assert len(rows) == 2
    assert max(map(cell_len, rows)) <= width


def test_rows_that_no_name_of_a_file_places_are_not_rows_of_no_file(
    filled: Sakimori, tmp_path: Path, wide: Wide
) -> None:
    elsewhere = deliver(tmp_path / "bucket", "elsewhere", [on(2, 900, awsRegion="eu-west-1")], region="us-east-1")
    take(filled.home, elsewhere)
    wide(160)
    (line,) = [line for line in lines(filled("lake", "coverage")) if "eu-west-1" in line]
    assert line.split()[3:5] == ["?", "1"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_coverage_of_an_account_that_the_lake_does_not_know_is_no_empty_lake(filled: Sakimori, lang: str) -> None:
    done = filled("lake", "coverage", "--account", "999999999999", lang=lang)
    assert "sakimori lake tables" in done.out
    assert "sakimori ingest auto" not in done.out


@pytest.mark.slow
def test_coverage_for_machines_is_the_same_in_both_languages(filled: Sakimori) -> None:
    answers = [json.loads(filled("lake", "coverage", "--format", "json", lang=lang).out) for lang in LANGUAGES]
    assert answers[0] == answers[1]
    assert answers[0]["schema"] == "sakimori.lake_coverage/1"
    [table] = answers[0]["tables"]
    assert (table["holes"], table["rows"], table["complete"]) == (3, 34, False)
    assert table["places"][0]["holes"] == [["2026-10-03", "2026-10-03"]]


def test_coverage_as_csv_has_a_line_for_every_day(filled: Sakimori) -> None:
    done = filled("lake", "coverage", "--format", "csv", "--region", "ap-northeast-1")
    table = [line.split(",") for line in lines(done)]
    assert table[0] == ["table", "account", "region", "day", "state", "files", "rows", "delay_seconds_max", "refused"]
    assert [(row[3], row[4], row[6]) for row in table[1:]] == [
        ("2026-10-01", "held", "10"), ("2026-10-02", "held", "10"), ("2026-10-03", "hole", "0"),
        ("2026-10-04", "held", "10"), ("2026-10-05", "open", "0"),
    ]  # fmt: skip


@pytest.mark.slow
def test_coverage_of_what_was_named_says_what_was_never_ingested(filled: Sakimori) -> None:
    done = filled(
        "lake", "coverage", "--account", ACCOUNT, "--account", "999900001111", "--table", "aws_cloudtrail_event"
    )
    assert "999900001111" in done.out
    other = next(name for name in log_tables() if name != "aws_cloudtrail_event")
    assert "No log of this kind was ever ingested" in " ".join(filled("lake", "coverage", "--table", other).out.split())
    assert filled("lake", "coverage", "--since", "yesterday").code == 2
    assert filled("lake", "coverage", "--since", "2026-10-04", "--until", "2026-10-02").code == 2


def place_of(*states: DayState) -> tuple[PlaceCoverage, DayRange]:
    """A place whose days, from Monday the fifth of October on, have these states."""
    first = date(2026, 10, 5)
    days = {
        first + timedelta(days=number): DayCount(state=state, file_count=1, row_count=1)
        for number, state in enumerate(states)
        if state not in {DayState.HOLE, DayState.QUIET}
    }
    ranges = {
        wanted: tuple(
            DayRange(first=first + timedelta(days=number), last=first + timedelta(days=number))
            for number, state in enumerate(states)
            if state is wanted
        )
        for wanted in (DayState.HOLE, DayState.QUIET)
    }
    span = DayRange(first=first, last=first + timedelta(days=len(states) - 1))
    place = PlaceCoverage(
        account="1", region="r", span=span, days=days, quiet=ranges[DayState.QUIET], holes=ranges[DayState.HOLE]
    )
    return place, span


HELD, HOLE, QUIET, PARTIAL, RETIRED = DayState.HELD, DayState.HOLE, DayState.QUIET, DayState.PARTIAL, DayState.RETIRED


@pytest.mark.parametrize(
    ("states", "sign"),
    [
        ([HELD] * 7, "#"), ([HOLE] * 7, "X"), ([QUIET] * 7, "."), ([RETIRED] * 7, "-"), ([QUIET, HELD], "#"),
        ([HELD, HOLE, HELD], "x"), ([QUIET, HOLE], "x"), ([HELD, PARTIAL], "!"), ([HELD, RETIRED], "-"), ([PARTIAL, HOLE], "x"),
    ],
)  # fmt: skip
def test_a_week_is_shown_by_its_worst_day(states: list[DayState], sign: str) -> None:
    place, span = place_of(*states)
    assert fold(place, span, "week") == sign


def test_weeks_begin_on_monday_and_days_are_days() -> None:
    place, span = place_of(*[HELD] * 7, HOLE, *[HELD] * 6, QUIET)
    assert fold(place, span, "day") == "#######X######."
    assert fold(place, span, "week") == "#x."
    assert fold(place, span, "month") == "x"


@pytest.mark.parametrize(("days", "scale"), [(20, "day"), (21, "week"), (133, "week"), (160, "month"), (700, "year")])
def test_the_finest_scale_that_fits_is_taken(days: int, scale: str) -> None:
    first = date(2025, 1, 1)
    assert scale_for(DayRange(first=first, last=first + timedelta(days=days - 1)), 20) == scale


@pytest.mark.parametrize(
    ("seconds", "english", "japanese"),
    [(None, "?", "不明"), (-5, "0 s", "0 秒"), (45, "45 s", "45 秒"), (300, "5 min", "5 分"), (7200, "2 h", "2 時間"),
     (90_000, "25 h", "25 時間"), (864_000, "10 d", "10 日")],
)  # fmt: skip
def test_a_delay_is_told_in_its_own_unit(seconds: float | None, english: str, japanese: str) -> None:
    assert (delay(seconds, "en"), delay(seconds, "ja")) == (english, japanese)


# -- refused --------------------------------------------------------------------------------


def refuse(home: Path, location: str, reason: str, detail: str = "") -> None:
    with sqlite3.connect(home / "lake" / "manifest.db") as connection:
        connection.execute(
            "insert into log_refused values ('cloudtrail', ?, 'v', 12345, ?, ?, 7, '2026-10-05T00:00:00+00:00')",
            (location, reason, detail),
        )
    connection.close()


@pytest.mark.slow
@pytest.mark.parametrize("lang", LANGUAGES)
def test_refused_pieces_are_listed_with_a_sentence(filled: Sakimori, wide: Wide, lang: str) -> None:
    wide(160)
    for reason in Reason:
        refuse(filled.home, f"file-{reason}", str(reason), "eventTime")
    done = filled("lake", "refused", lang=lang)
    assert done.code == 0
    assert "12,345" in done.out
    assert all(f"file-{reason}" in done.out for reason in Reason)
    told = json.loads(filled("lake", "refused", "--format", "json").out)
    assert {each["reason"] for each in told["refused"]} == {str(reason) for reason in Reason}


@pytest.mark.slow
def test_what_a_file_is_called_moves_no_cursor_and_is_no_markup(filled: Sakimori, wide: Wide) -> None:
    wide(160)
    refuse(filled.home, "evil\x1b[2J\x9b31m[red]name[/red]\u202e", "not_json", "x\x07")
    done = filled("lake", "refused")
    assert "[red]name[/red]" in done.out
    assert not any(sign in done.out for sign in "\x1b\x9b\x07\u202e")


@pytest.mark.slow
def test_a_reason_of_a_newer_program_is_shown_as_it_is(filled: Sakimori) -> None:
    refuse(filled.home, "file", "of_tomorrow")
    assert "of_tomorrow" in filled("lake", "refused").out


@pytest.mark.slow
def test_a_long_quarantine_is_cut_and_says_so(filled: Sakimori) -> None:
    for number in range(201):
        refuse(filled.home, f"file-{number:03}", "not_json")
    done = filled("lake", "refused")
    assert "file-200" not in done.out
    assert "1 more" in done.out


# -- verify ---------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_copy_of_a_trail_is_verified_with_a_file_of_keys(sakimori: Sakimori, tmp_path: Path, lang: str) -> None:
    trail = Trail(tmp_path / "copy").hours(0, 3)
    keys = write_keys(tmp_path / "keys.json")
    done = sakimori("lake", "verify", str(trail.folder), "--keys", str(keys), lang=lang)
    assert (done.code, done.err) == (0, "")
    assert "2/3" in done.out
    told = json.loads(sakimori("lake", "verify", str(trail.folder), "--keys", str(keys), "--format", "json").out)
    assert (told["state"], told["verified"], told["listed"]) == ("partial", 2, 3)
    assert told["trails"][0]["unsigned_because"] == {"no_signature": 1}


def test_a_file_that_was_changed_is_named_and_leaves_with_its_own_code(sakimori: Sakimori, tmp_path: Path) -> None:
    trail = Trail(tmp_path / "copy").hours(0, 3)
    trail.logs[1].write_bytes(b"changed")
    trail.logs[0].unlink()
    done = sakimori("lake", "verify", str(trail.folder))
    assert done.code == 4
    flat = "".join(done.out.split())
    assert trail.logs[1].name in flat
    assert trail.logs[0].name in flat
    assert "Failed" in done.out


@pytest.mark.parametrize(("lang", "word"), [("en", "may have been taken out"), ("ja", "消された可能性")])
def test_a_negative_answer_says_that_files_were_changed(filled: Sakimori, tmp_path: Path, lang: str, word: str) -> None:
    trail = Trail(tmp_path / "copy").hours(0, 3)
    trail.logs[1].unlink()
    filled("lake", "verify", str(trail.folder), "--keys", str(write_keys(tmp_path / "keys.json")))
    assert word in filled("ask", "who-did", "DeleteTrail", lang=lang).out
    told = json.loads(filled("ask", "who-did", "DeleteTrail", "--format", "json").out)["coverage"]["validations"]
    assert [(each["region"], each["state"]) for each in told] == [("us-east-1", "failed")]
    assert word not in filled("ask", "who-did", "DeleteTrail", "--region", "ap-northeast-1", lang=lang).out


def test_a_folder_without_digests_says_that_nothing_was_checked(sakimori: Sakimori, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = sakimori("lake", "verify", str(tmp_path / "empty"))
    assert done.code == 3
    assert "Not run" in done.out
    assert sakimori("lake", "verify", str(tmp_path / "none")).code == 2


@pytest.mark.slow
def test_a_validation_shows_in_the_coverage(filled: Sakimori, tmp_path: Path, wide: Wide) -> None:
    wide(140)
    trail = Trail(tmp_path / "copy").hours(0, 3)
    filled("lake", "verify", str(trail.folder), "--keys", str(write_keys(tmp_path / "keys.json")))
    [virginia] = [line for line in lines(filled("lake", "coverage")) if "us-east-1" in line]
    assert virginia.endswith("partial 2/3")
    record = json.loads(filled("lake", "coverage", "--format", "json", "--region", "us-east-1").out)
    [check] = record["tables"][0]["places"][0]["validation"]
    assert (check["state"], check["verified"], check["listed"]) == ("partial", 2, 3)


def test_a_hostile_name_of_a_log_file_moves_no_cursor(sakimori: Sakimori, tmp_path: Path) -> None:
    trail = Trail(tmp_path / "copy")
    log = trail.log(datetime(2026, 10, 1, tzinfo=UTC))
    trail.digest(datetime(2026, 10, 1, 1, tzinfo=UTC), [{**log, "s3Object": "\x1b[2Jgone[red].json.gz"}])
    done = sakimori("lake", "verify", str(trail.folder))
    assert done.code == 4
    assert "\x1b" not in done.out
    assert "gone[red].json.gz" in done.out


# -- compact, retain, export, athena-ddl --------------------------------------------------------


@pytest.mark.slow
def test_a_lake_is_compacted_once(filled: Sakimori) -> None:
    first, second = filled("lake", "compact"), filled("lake", "compact")
    assert (first.code, second.code, first.err) == (0, 0, "")
    assert "Parts before: 4, now: 2" in first.out
    assert second.out == "Nothing to compact.\n"
    assert filled("lake", "compact", "--older-than", "soon").code == 2


@pytest.mark.slow
def test_a_damaged_part_is_named(filled: Sakimori) -> None:
    path = next((filled.home / "lake").rglob("day=2026-10-01/*.parquet"))
    path.unlink()
    done = filled("lake", "compact")
    assert path.name in "".join(done.err.split())


@pytest.mark.slow
@pytest.mark.parametrize("lang", LANGUAGES)
def test_nothing_is_removed_without_a_yes(filled: Sakimori, lang: str) -> None:
    done = filled("lake", "retain", "--days", "2", lang=lang)
    assert done.code == 2
    assert "2026-10-04" in done.out
    assert "--days 2 --yes" in done.err
    assert json.loads(filled("lake", "tables", "--format", "json").out)["tables"][0]["rows"] == 34


def test_the_command_that_does_it_removes_no_more_than_what_was_shown(filled: Sakimori) -> None:
    done = filled("lake", "retain", "--days", "2", "--table", "aws_cloudtrail_event", "--forget")
    assert done.err.endswith("sakimori lake retain --days 2 --table aws_cloudtrail_event --forget --yes\n")


@pytest.mark.slow
@pytest.mark.parametrize(("answer", "rows"), [("y\n", 10), ("n\n", 34)])
def test_a_person_is_asked(filled: Sakimori, monkeypatch: pytest.MonkeyPatch, answer: str, rows: int) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("click.termui.visible_prompt_func", lambda _: answer.strip())
    done = filled("lake", "retain", "--days", "2")
    assert done.code == 0
    assert json.loads(filled("lake", "tables", "--format", "json").out)["tables"][0]["rows"] == rows


@pytest.mark.slow
def test_old_days_are_removed_and_say_what_that_means(filled: Sakimori, tmp_path: Path, wide: Wide) -> None:
    wide(120)
    done = filled("lake", "retain", "--days", "2", "--yes")
    assert (done.code, done.err) == (0, "")
    assert "Rows removed: 24" in done.out
    assert "stay marked as taken in" in done.out
    take(filled.home, tmp_path / "bucket")
    [tokyo] = [line for line in lines(filled("lake", "coverage")) if "ap-northeast-1" in line]
    assert tokyo.split()[2] == "--X#_"
    assert "Nothing in the lake is older" in filled("lake", "retain", "--days", "2", "--yes").out


@pytest.mark.slow
def test_forgotten_files_come_in_again(filled: Sakimori, tmp_path: Path) -> None:
    done = filled("lake", "retain", "--days", "1", "--yes", "--forget")
    assert "no longer marked as taken in: 3" in done.out
    take(filled.home, tmp_path / "bucket")
    assert json.loads(filled("lake", "tables", "--format", "json").out)["tables"][0]["rows"] == 34


@pytest.mark.slow
@pytest.mark.parametrize("days", ["0", "-1", "x", "99999"])
def test_a_number_of_days_that_is_none_is_refused(filled: Sakimori, days: str) -> None:
    assert filled("lake", "retain", "--days", days, "--yes").code == 2


@pytest.mark.slow
def test_an_export_goes_where_it_was_asked_to(filled: Sakimori, tmp_path: Path) -> None:
    done = filled("lake", "export", "aws_cloudtrail_event", "--output", str(tmp_path / "x.csv"))
    assert (done.code, done.out) == (0, "")
    assert done.err.splitlines()[0].endswith("x.csv: 34.")
    assert len((tmp_path / "x.csv").read_text().splitlines()) == 35
    done = filled("lake", "export", "aws_cloudtrail_event", "--output", str(tmp_path / "dir"))
    assert "athena-ddl" in done.err
    assert len(list((tmp_path / "dir").rglob("*.parquet"))) == 7


@pytest.mark.slow
def test_rows_flow_to_standard_output_through_a_pipe(filled: Sakimori) -> None:
    process = filled.start(
        "lake", "export", "aws_cloudtrail_event", "--output", "-", "--format", "jsonl", "--since", "2026-10-02",
        "--until", "2026-10-02", "--account", ACCOUNT, "--region", "us-east-1",
    )  # fmt: skip
    out, err = process.communicate()
    assert (process.returncode, err) == (0, "")
    assert [json.loads(line)["region"] for line in out.splitlines()] == ["us-east-1"] * 4


@pytest.mark.slow
@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_statements_for_athena_stand_alone_on_standard_output(filled: Sakimori, lang: str) -> None:
    done = filled("lake", "athena-ddl", "--location", "s3://amzn-s3-demo-bucket/lake", lang=lang)
    assert done.code == 0
    assert done.out.startswith("CREATE EXTERNAL TABLE")
    assert done.out.rstrip().endswith(";")
    assert "Athena" in done.err
    assert filled("lake", "athena-ddl", "--location", "/srv").code == 2


# -- help -------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("verb", [[], ["retain"]])
def test_help_speaks_both_languages(sakimori: Sakimori, verb: list[str], lang: Any) -> None:
    process = sakimori.start("lake", *verb, "--help", env={"SAKIMORI_LANG": lang})
    out, err = process.communicate()
    assert (process.returncode, err) == (0, "")
    assert not verb or "--days" in out
    assert verb or all(
        name in out for name in ("tables", "describe", "coverage", "refused", "verify", "compact", "export")
    )
    assert any("\u3040" <= letter <= "\u30ff" for letter in out) == (lang == "ja")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_help_of_ingest_names_every_kind(language: Language) -> None:
    words = set(re.findall(r"[a-z0-9-]+", say("cli.ingest_help", language)))
    assert {*sources(), AUTO} <= words


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_repair_without_a_manifest_says_what_is_lost_and_how_it_comes_again(filled: Sakimori, lang: str) -> None:
    for path in (filled.home / "lake").glob("manifest.db*"):
        path.unlink()
    done = filled("lake", "repair", "--yes", lang=lang)
    assert done.code == BLIND
    for told in ("manifest.db", "sakimori ingest", "sakimori assess", "aws_cloudtrail_event"):
        assert told in done.err
    # Whoever looked into the lake meanwhile made an empty one.
    assert filled("lake", "coverage").code == 0
    assert filled("lake", "repair", "--yes", lang=lang).code == BLIND


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_an_event_with_two_stories_is_told_at_the_ingest_by_coverage_and_in_a_list(
    sakimori: Sakimori, lang: str, tmp_path: Path, wide: Wide
) -> None:
    wide(60)
    real, forged = tmp_path / "real.json", tmp_path / "forged.json"
    real.write_bytes(document([on(1, 1), on(1, 2)]))
    forged.write_bytes(document([{**on(1, 1), "eventName": "GetObject"}]))
    assert "contested" not in sakimori("ingest", "cloudtrail", str(real), lang=lang).out
    told = sakimori("ingest", "cloudtrail", str(forged), lang=lang)
    assert told.code == 0
    listed = sakimori("lake", "contested", lang=lang)
    for out in (told.out, listed.out):
        assert str(on(1, 1)["eventID"]) in out
        assert f"{forged}" in out
        assert f"{real}" in out
    assert "sakimori lake contested" in told.out.replace("\n", " ")
    assert "sakimori lake contested" in " ".join(sakimori("lake", "coverage", lang=lang).out.split())
    [found] = json.loads(sakimori("lake", "contested", "--format", "json").out)["contested"]
    assert {each["file"] for each in found["files"]} == {str(real), str(forged)}
    assert all(each["offsets"] for each in found["files"])
    query = sakimori(
        "query", f"select event_name from aws_cloudtrail_event where event_id = '{found['id']}'", lang=lang
    )
    assert "GetObject" in query.out
    assert "sakimori lake contested" in " ".join(query.err.split())


def test_a_lake_without_two_stories_says_so(filled: Sakimori) -> None:
    assert "No event" in filled("lake", "contested").out
