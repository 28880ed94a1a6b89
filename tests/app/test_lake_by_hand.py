from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from tests.ingest.test_contested import NOW as REFUSED_AT
from tests.ingest.test_contested import take
from tests.ingest.trail import document, event

from sakimori.app.lake_by_hand import (
    give_up_reading,
    given_up_by_hand,
    has_looked_at,
    read_again,
    refused,
    unlook,
    waiting,
)
from sakimori.cli.lake_by_hand import give_up, looked_at
from sakimori.ingest.engine import IngestRequest, ingest
from sakimori.ingest.objects import local_objects
from sakimori.lake.coverage import coverage_of, doubts_of, say_coverage, say_doubts
from sakimori.lake.coverage_days import Coverage
from sakimori.lake.log_reader import EVERYWHERE, LogReader
from sakimori.lake.log_writer import LogWriter
from sakimori.lake.quarantine import RefusedPieces, refused_pieces
from sakimori.lake.unfinished import begin
from sakimori.model.errors import UsageError
from sakimori.model.exit_codes import WRONG_USAGE

NOW = datetime(2026, 11, 20, tzinfo=UTC)
GROUP = "logs://111122223333/us-east-1/aws/vpc/flow/20261101T000000000Z..20261102T000000000Z"
OTHER = "logs://111122223333/us-east-1/other/20261101T000000000Z..20261102T000000000Z"
FILE = "/logs/old/a.log"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    writer = LogWriter(tmp_path, lambda: NOW)
    begin(writer.manifest, "vpc-flow", [(GROUP, "", 0), (OTHER, "", 0)], NOW, typed="vpc-flow logs:///aws/vpc/flow")
    begin(writer.manifest, "vpc-flow", [(FILE, "1", 5)], NOW)
    writer.close()
    return tmp_path


def said(home: Path) -> tuple[str, tuple[str, ...]]:
    reader = LogReader(home)
    coverage = coverage_of(reader, "aws_vpc_flow_log", EVERYWHERE, NOW, ("vpc-flow",))
    reader.close()
    assert not coverage.is_complete
    return say_coverage(coverage, "en"), say_doubts(doubts_of([coverage]), "en")


@pytest.mark.parametrize(
    "address", ["logs:///aws/vpc/flow", "logs://aws/vpc/flow", "logs://111122223333/us-east-1/aws/vpc/flow"]
)
def test_a_group_that_is_gone_is_ended_with_its_reason_and_nothing_else_is(home: Path, address: str) -> None:
    assert give_up_reading(home, address, "The group was deleted.", clock=lambda: NOW) == (GROUP,)
    assert set(waiting(home)) == {OTHER, FILE}
    told, _ = said(home)
    assert "given up by hand on 2026-11-20" in told
    assert "The group was deleted." in told


def test_once_all_is_given_up_only_the_coverage_tells_of_it(home: Path) -> None:
    assert len(said(home)[1]) == 2
    for address in ("logs://aws/vpc/flow", "logs://other", "/logs/old"):
        assert give_up_reading(home, address, "gone", clock=lambda: NOW)
    told, doubts = said(home)
    assert doubts == ()
    assert "The reading of 3 logs was given up by hand" in told


def test_what_waits_for_nothing_is_not_given_up(home: Path) -> None:
    for address in ("logs://aws/vpc", "/logs/ol", "s3://bucket", ""):
        assert give_up_reading(home, address, "gone", clock=lambda: NOW) == ()
    assert set(waiting(home)) == {GROUP, OTHER, FILE}


def test_the_command_names_what_waits(home: Path) -> None:
    run = CliRunner().invoke(give_up, ["logs://x", "--reason", "y", "--lang", "en"], obj=home, standalone_mode=False)
    assert GROUP in run.stderr
    assert run.return_value == WRONG_USAGE


def test_what_was_given_up_waits_again_exactly_as_before_when_that_is_undone(home: Path) -> None:
    for address in ("logs://aws/vpc/flow", "/logs/old"):
        assert give_up_reading(home, address, "gone", clock=lambda: NOW)
    assert set(given_up_by_hand(home)) == {GROUP, FILE}
    assert read_again(home, "logs://aws/vpc/flow", clock=lambda: NOW) == (GROUP,)
    assert set(waiting(home)) == {GROUP, OTHER}
    assert read_again(home, "/logs/old", clock=lambda: NOW) == (FILE,)
    assert (set(waiting(home)), given_up_by_hand(home)) == ({GROUP, OTHER, FILE}, ())
    told, doubts = said(home)
    assert "given up" not in told.replace("`sakimori lake give-up`", "")
    assert "sakimori ingest vpc-flow logs:///aws/vpc/flow --since" in " ".join(doubts)
    assert read_again(home, "logs://aws/vpc/flow", clock=lambda: NOW) == ()


def spoilt(folder: Path, size: int = 20) -> Path:
    """A folder with a log, and an archive that is not read."""
    folder.mkdir(exist_ok=True)
    (folder / "true.json").write_bytes(document([event(1)]))
    (folder / "old.json.gz").write_bytes(b"7z\xbc\xaf\x27\x1c" + b"x" * size)
    return folder


def refusal(home: Path) -> tuple[Coverage, tuple[RefusedPieces, ...]]:
    reader = LogReader(home)
    assert reader.manifest is not None
    coverage = coverage_of(
        reader, "aws_cloudtrail_event", EVERYWHERE, datetime(2026, 10, 2, tzinfo=UTC), ("cloudtrail",)
    )
    found = refused_pieces(reader.manifest)
    reader.close()
    return coverage, found


def test_a_refused_archive_that_somebody_looked_at_is_shown_as_such_and_counts_no_more(tmp_path: Path) -> None:
    home, folder = tmp_path / "home", spoilt(tmp_path / "logs")
    take(home, folder)
    assert not refusal(home)[0].is_complete
    assert has_looked_at(home, str(folder / "old.json.gz"), "No log in it.", clock=lambda: NOW) == (
        str(folder / "old.json.gz"),
    )
    coverage, [piece] = refusal(home)
    assert (coverage.is_complete, coverage.refused_count, coverage.unplaced_count) == (True, 0, 0)
    assert piece.looked_at is not None
    assert piece.looked_at.reason == "No log in it."
    for language in ("en", "ja"):
        assert "No log in it." in say_coverage(coverage, language)
    assert unlook(home, str(folder), clock=lambda: NOW) == (str(folder / "old.json.gz"),)
    coverage, [piece] = refusal(home)
    assert (coverage.is_complete, coverage.unplaced_count, piece.looked_at) == (False, 1, None)


def test_what_is_refused_after_the_look_needs_another(tmp_path: Path) -> None:
    home, folder = tmp_path / "home", spoilt(tmp_path / "logs")
    take(home, folder)
    has_looked_at(home, str(folder), "No log in it.", clock=lambda: REFUSED_AT)
    assert refusal(home)[0].is_complete
    spoilt(folder, size=30)
    writer_now = REFUSED_AT + timedelta(hours=1)
    ingest(IngestRequest(home=home, kind="cloudtrail", workers=1), local_objects(str(folder)), clock=lambda: writer_now)
    assert not refusal(home)[0].is_complete
    assert refused(home) == (str(folder / "old.json.gz"),)


def test_what_is_gone_for_good_cannot_be_looked_at(home: Path) -> None:
    give_up_reading(home, "logs://aws/vpc/flow", "gone", clock=lambda: NOW)
    assert refused(home) == ()
    assert has_looked_at(home, "logs://aws/vpc/flow", "seen", clock=lambda: NOW) == ()


def test_a_file_may_be_named_from_where_one_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = spoilt(tmp_path / "logs")
    take(tmp_path / "home", folder)
    monkeypatch.chdir(tmp_path)
    assert has_looked_at(tmp_path / "home", "logs/old.json.gz", "seen", clock=lambda: NOW)


@pytest.mark.parametrize("command", [give_up, looked_at])
def test_a_word_without_a_reason_is_none(command: click.Command, home: Path) -> None:
    with pytest.raises(UsageError):
        CliRunner().invoke(command, ["logs://aws/vpc/flow"], obj=home, standalone_mode=False, catch_exceptions=False)
