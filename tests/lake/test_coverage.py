from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.ingest.trail import deliver, event

from sakimori.ingest.engine import IngestRequest, ingest
from sakimori.ingest.objects import StoredObject, local_objects
from sakimori.lake.coverage import coverage_of, say_coverage
from sakimori.lake.coverage_days import Coverage, DayRange, DayState, PlaceCoverage
from sakimori.lake.instants import micros_since_epoch
from sakimori.lake.log_proofs import Proof, record
from sakimori.lake.log_reader import LogReader, Where
from sakimori.lake.manifest import Manifest
from sakimori.texts.language import LANGUAGES

TABLE = "aws_cloudtrail_event"
ACCOUNT, OTHER = "111122223333", "444455556666"
TOKYO, IRELAND = "ap-northeast-1", "eu-west-1"
NOW = datetime(2026, 11, 1, 3, tzinfo=UTC)
HOUR = timedelta(hours=1)


def day(number: int) -> date:
    """A day of October."""
    return date(2026, 10, 1) + timedelta(days=number - 1)


def at(number: int, hour: int = 0) -> datetime:
    return datetime(2026, 10, 1, hour, tzinfo=UTC) + timedelta(days=number - 1)


@dataclass
class Lake:
    """A manifest that says what was delivered, without any file."""

    home: Path
    manifest: Manifest

    def holds(self, *days: int, account: str = ACCOUNT, region: str = TOKYO, rows: int = 10, delay: float | None = None) -> None:  # fmt: skip
        with self.manifest.begin() as connection:
            for number in days:
                place = (account, region, day(number).isoformat())
                connection.execute(
                    "insert into log_delivery values (?, ?, ?, ?, 2, ?, ?, 0, 0)", (TABLE, *place, rows, delay)
                )
                if rows:
                    connection.execute(
                        "insert into log_part values (?, ?, ?, ?, ?, ?, 1, 0, 0, 'f', 'now', null)",
                        (f"{account}{region}{number}", TABLE, *place, rows),
                    )
                    connection.execute(
                        "insert into log_part_note values (?, null, 'now', 0, 0)", (f"{account}{region}{number}",)
                    )

    def proves(self, first: datetime, last: datetime, *, account: str = ACCOUNT, region: str = TOKYO, kind: str = "digest") -> None:  # fmt: skip
        record(
            self.manifest,
            Proof(
                table=TABLE, account=account, region=region, kind=kind,
                first_at=micros_since_epoch(first), last_at=micros_since_epoch(last) - 1,
            ),
        )  # fmt: skip

    def refuses(self, number: int | None, *, account: str = ACCOUNT, region: str = TOKYO, pieces: int = 1) -> None:
        """A file of that day with refused pieces; without a day one that could not be opened."""
        location = f"{account}{region}{number}"
        with self.manifest.begin() as connection:
            if number is not None:
                moment = micros_since_epoch(at(number, 5))
                connection.execute(
                    "insert into log_object values ('cloudtrail', ?, 'v', ?, 'partial', 1, 1, 1, ?, ?, ?, ?, '', 'now')",
                    (location, location, account, region, moment, moment),
                )
            for position in range(pieces):
                connection.execute(
                    "insert into log_refused values ('cloudtrail', ?, 'v', ?, 'not_json', '', 3, 'now')",
                    (location, position),
                )

    def coverage(self, now: datetime = NOW, **where: Any) -> Coverage:
        reader = LogReader(self.home)
        try:
            return coverage_of(reader, TABLE, Where(**where), now, ("cloudtrail",))
        finally:
            reader.close()

    def place(self, now: datetime = NOW, **where: Any) -> PlaceCoverage:
        [found] = self.coverage(now, **where).places
        return found


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lake]:
    (tmp_path / "lake").mkdir()
    manifest = Manifest(tmp_path / "lake" / "manifest.db")
    yield Lake(tmp_path, manifest)
    manifest.close()


def states(place: PlaceCoverage, first: int, last: int) -> list[str]:
    return [str(place.state_on(day(number)) or "") for number in range(first, last + 1)]


# -- holes ----------------------------------------------------------------------------


def test_a_day_without_a_file_between_two_deliveries_is_a_hole(lake: Lake) -> None:
    lake.holds(1, 2, 5, delay=90.0)
    place = lake.place()
    assert states(place, 0, 6) == ["", "held", "held", "hole", "hole", "held", ""]
    assert place.holes == (DayRange(first=day(3), last=day(4)),)
    assert (place.hole_count, place.file_count, place.row_count, place.delay_seconds_max) == (2, 6, 30, 90.0)
    assert place.held == DayRange(first=day(1), last=day(5))


def test_a_day_with_a_file_and_no_row_is_held(lake: Lake) -> None:
    lake.holds(1, 3)
    lake.holds(2, rows=0)
    assert lake.place().hole_count == 0


def test_a_region_that_falls_behind_its_account_has_holes(lake: Lake) -> None:
    lake.holds(1, 2, 3, 4)
    lake.holds(1, 2, region=IRELAND)
    lake.holds(9, account=OTHER)
    found = {(each.account, each.region): each.hole_count for each in lake.coverage().places}
    assert found == {(ACCOUNT, TOKYO): 0, (ACCOUNT, IRELAND): 2, (OTHER, TOKYO): 0}


def test_a_log_that_is_still_delivered_is_expected_up_to_yesterday(lake: Lake) -> None:
    lake.holds(27, 28)
    assert states(lake.place(at(31, 12)), 27, 31) == ["held", "held", "hole", "hole", "open"]
    assert lake.place(at(31, 12) + timedelta(days=2)).hole_count == 0


def test_today_is_no_hole(lake: Lake) -> None:
    lake.holds(29, 30)
    assert lake.place(at(31, 1)).hole_count == 0


def test_a_question_that_names_a_beginning_is_about_every_day_until_now(lake: Lake) -> None:
    lake.holds(3, 4)
    place = lake.place(at(8, 12), since=at(1))
    assert states(place, 1, 8) == ["hole", "hole", "held", "held", "hole", "hole", "hole", "open"]


def test_a_question_that_names_both_ends_is_about_the_days_between(lake: Lake) -> None:
    lake.holds(1, 4, 9)
    place = lake.place(since=at(3, 12), until=at(6))
    assert states(place, 1, 9) == ["", "", "hole", "held", "hole", "", "", "", ""]
    assert place.row_count == 10


def test_days_to_come_are_no_holes(lake: Lake) -> None:
    lake.holds(3)
    assert lake.place(at(4, 1), since=at(3), until=at(20)).hole_count == 0


def test_a_row_that_is_dated_years_ahead_is_counted_and_stretches_nothing(lake: Lake) -> None:
    lake.holds(1, 2, 1500)
    place = lake.place(at(4, 1))
    assert (place.span, place.held) == (DayRange(first=day(1), last=day(4)), DayRange(first=day(1), last=day(2)))
    assert (place.hole_count, place.row_count, place.future_row_count) == (1, 30, 10)
    assert "Rows that are dated after today: 10." in say_coverage(lake.coverage(at(4, 1)), "en")


def test_a_place_of_which_all_rows_are_dated_ahead_has_a_day_to_look_at(lake: Lake) -> None:
    lake.holds(1500)
    place = lake.place(at(4, 1))
    assert (place.span, place.held, place.future_row_count) == (DayRange(first=day(4), last=day(4)), None, 10)


def test_a_place_whose_days_were_not_asked_for_is_all_holes(lake: Lake) -> None:
    lake.holds(1)
    place = lake.place(since=at(5), until=at(8))
    assert (place.hole_count, place.row_count, place.held) == (3, 0, None)


def test_a_question_before_everything_names_no_place_of_its_own(lake: Lake) -> None:
    lake.holds(10)
    found = lake.coverage(until=at(5))
    assert found.places == ()
    assert found.is_known
    assert not found.is_complete


# -- proofs ---------------------------------------------------------------------------


def test_a_day_that_is_proven_is_quiet(lake: Lake) -> None:
    lake.holds(1, 4)
    lake.proves(at(2), at(3))
    place = lake.place()
    assert states(place, 1, 4) == ["held", "quiet", "hole", "held"]
    assert place.quiet == (DayRange(first=day(2), last=day(2)),)


@pytest.mark.parametrize(("first", "last"), [(at(2, 1), at(3)), (at(2), at(2, 23)), (at(3), at(4))])
def test_a_day_that_is_proven_in_part_is_a_hole(lake: Lake, first: datetime, last: datetime) -> None:
    lake.holds(1, 3)
    lake.proves(first, last)
    assert lake.place().hole_count == 1


def test_proofs_of_several_kinds_together_prove_a_day(lake: Lake) -> None:
    lake.holds(1, 3)
    lake.proves(at(2), at(2, 13), kind="lookup")
    lake.proves(at(2, 12), at(3), kind="digest")
    assert lake.place().hole_count == 0


def test_proofs_that_end_and_begin_with_one_second_leave_no_gap(lake: Lake) -> None:
    lake.holds(1, 3)
    lake.proves(at(2), at(2, 12) - timedelta(seconds=1) + timedelta(microseconds=1))
    lake.proves(at(2, 12), at(3), kind="lookup")
    assert lake.place().hole_count == 0


def test_a_proof_of_another_place_proves_nothing(lake: Lake) -> None:
    lake.holds(1, 3)
    lake.proves(at(2), at(3), region=IRELAND)
    lake.proves(at(2), at(3), account=OTHER)
    assert lake.coverage(accounts=(ACCOUNT,), regions=(TOKYO,)).hole_count == 1


def test_a_region_of_which_only_quiet_is_known_counts_as_looked_at(lake: Lake) -> None:
    lake.holds(1, 2, 3)
    lake.proves(at(1), at(4), region=IRELAND)
    found = lake.coverage()
    assert found.regions == (TOKYO, IRELAND)
    assert (found.hole_count, found.is_complete) == (0, True)


# -- what was refused ------------------------------------------------------------------


def test_refused_pieces_mark_the_day_of_their_file(lake: Lake) -> None:
    lake.holds(1, 2)
    lake.refuses(2, pieces=3)
    found = lake.coverage()
    assert states(found.places[0], 1, 2) == ["held", "partial"]
    assert (found.refused_count, found.partial_object_count, found.places[0].refused_count) == (3, 1, 3)
    assert not found.is_complete


def test_a_file_that_could_not_be_opened_may_be_of_anybody(lake: Lake) -> None:
    lake.holds(1)
    lake.refuses(None)
    found = lake.coverage(accounts=(ACCOUNT,))
    assert (found.refused_count, found.unplaced_count, found.is_complete) == (0, 1, False)


def test_refused_pieces_of_other_places_and_days_do_not_count(lake: Lake) -> None:
    lake.holds(1, 2, 3)
    lake.refuses(1)
    lake.refuses(2, account=OTHER)
    assert lake.coverage(accounts=(ACCOUNT,), since=at(2), until=at(4)).refused_count == 0


def test_without_the_kinds_of_the_table_what_was_refused_is_unknown(lake: Lake) -> None:
    lake.holds(1)
    reader = LogReader(lake.home)
    assert coverage_of(reader, TABLE, Where(), NOW).refused_count is None
    reader.close()


# -- places ----------------------------------------------------------------------------


def test_accounts_and_regions_that_were_never_ingested_are_named(lake: Lake) -> None:
    lake.holds(1)
    found = lake.coverage(accounts=(ACCOUNT, OTHER), regions=(TOKYO, IRELAND))
    assert (found.unseen_accounts, found.unseen_regions) == ((OTHER,), (IRELAND,))
    assert not found.is_complete


def test_files_that_do_not_say_whose_they_are_make_no_place(lake: Lake) -> None:
    lake.holds(1)
    lake.holds(1, account="unknown", region="unknown", rows=0)
    assert lake.coverage().accounts == (ACCOUNT,)


def test_rows_that_do_not_say_whose_they_are_do(lake: Lake) -> None:
    lake.holds(1, account="unknown", region="unknown")
    assert lake.coverage().accounts == ("unknown",)


def test_what_an_ingest_brings_is_covered(tmp_path: Path) -> None:
    path = deliver(tmp_path / "bucket", "a", [event(number) for number in range(5)])
    delivered = datetime(2026, 10, 1, 0, 15, 4, tzinfo=UTC)
    [found] = local_objects(str(path))
    remote = StoredObject(
        location="s3://amzn-s3-demo-bucket/" + str(path.relative_to(tmp_path / "bucket")), version="e",
        byte_count=found.byte_count, read=path.read_bytes, modified_at=delivered, is_delivered=True,
    )  # fmt: skip
    ingest(IngestRequest(home=tmp_path, kind="cloudtrail", workers=1), [remote], clock=lambda: NOW)
    reader = LogReader(tmp_path)
    [place] = coverage_of(reader, TABLE, Where(), NOW, ("cloudtrail",)).places
    reader.close()
    assert (place.account, place.region, place.file_count, place.row_count) == (ACCOUNT, TOKYO, 1, 5)
    assert place.delay_seconds_max == 900
    assert place.state_on(day(1)) is DayState.HELD


# -- the sentence ------------------------------------------------------------------------


def test_the_sentence_names_what_was_looked_through_and_what_not(lake: Lake) -> None:
    lake.holds(1, 2, 5, rows=6000)
    lake.refuses(1, pieces=2)
    told = say_coverage(lake.coverage(accounts=(ACCOUNT, OTHER)), "en")
    assert told == (
        "Searched aws_cloudtrail_event from 2026-10-01 to 2026-10-05; accounts: 1, Regions: 1, rows: 18,000. "
        "There is no record of 2 account × Region × days, the first 2026-10-03: what happened there is unknown. "
        "Pieces of log that could not be read: 2. "
        "No log of this kind was ever ingested for these accounts: 444455556666."
    )


def test_a_complete_coverage_is_one_sentence(lake: Lake) -> None:
    lake.holds(1, 2)
    assert lake.coverage().is_complete
    assert say_coverage(lake.coverage(), "ja") == (
        "aws_cloudtrail_event の 2026-10-01 から 2026-10-02 まで（アカウント 1、リージョン 1、20 行）を調べました。"
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_log_that_was_never_ingested_says_so_and_how_to_bring_it_in(
    lake: Lake, tmp_path: Path, language: Any
) -> None:
    assert "sakimori ingest cloudtrail" in say_coverage(lake.coverage(), language)
    reader = LogReader(tmp_path / "nowhere")
    found = coverage_of(reader, TABLE, Where(accounts=(ACCOUNT,)), NOW, ("cloudtrail",))
    assert (found.is_known, found.unseen_accounts, found.is_complete) == (False, (ACCOUNT,), False)
    assert "sakimori ingest cloudtrail" in say_coverage(found, language)


def test_a_question_about_what_is_not_there_says_that_other_things_are(lake: Lake) -> None:
    lake.holds(1)
    assert "lake coverage" in say_coverage(lake.coverage(accounts=(OTHER,)), "en")


def test_many_unseen_accounts_are_named_by_the_first(lake: Lake) -> None:
    lake.holds(1)
    asked = (ACCOUNT, *(f"{number:012d}" for number in range(9)))
    told = say_coverage(lake.coverage(accounts=asked), "en")
    assert "000000000000, 000000000001, 000000000002, …" in told
    assert "000000000003" not in told
