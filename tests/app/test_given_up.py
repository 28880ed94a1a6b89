from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from sakimori.app.given_up import give_up_reading, waiting
from sakimori.cli.lake_give_up import give_up
from sakimori.lake.coverage import coverage_of, doubts_of, say_coverage, say_doubts
from sakimori.lake.log_reader import EVERYWHERE, LogReader
from sakimori.lake.log_writer import LogWriter
from sakimori.lake.unfinished import begin
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
