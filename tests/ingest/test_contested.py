"""A forged event under the id of a real one, whichever is read first."""

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.ingest.trail import ACCOUNT, deliver, document, event

from sakimori.app.contested import contested_events
from sakimori.app.query import QueryRequest, ask
from sakimori.ingest.engine import IngestRequest, Tally, ingest
from sakimori.ingest.objects import local_objects
from sakimori.lake.coverage import coverage_of, doubts_of, say_coverage, say_doubts
from sakimori.lake.log_reader import EVERYWHERE, LogReader
from sakimori.lake.log_writer import LogWriter

NOW = datetime(2026, 11, 1, tzinfo=UTC)
ID = event(1)["eventID"]


def take(home: Path, *sources: Path) -> Tally:
    objects = [each for source in sources for each in local_objects(str(source))]
    return ingest(IngestRequest(home=home, kind="cloudtrail", workers=1), objects, clock=lambda: NOW)


def written(path: Path, *events: dict[str, Any]) -> Path:
    path.write_bytes(document(events))
    return path


def names(home: Path) -> list[str]:
    request = QueryRequest(home=home, sql="select event_name from aws_cloudtrail_event order by 1")
    with ask(request, clock=lambda: NOW) as answer:
        return [name for (name,) in answer.rows()]


REAL = event(1, eventName="CreateUser", requestParameters={"userName": "eve"})
FORGED = event(1, eventName="DescribeInstances", requestParameters={"userName": "eve"})


@pytest.mark.parametrize("order", [(REAL, FORGED), (FORGED, REAL)])
def test_a_forged_event_does_not_hide_the_real_one(order: tuple[Any, Any], tmp_path: Path) -> None:
    first, second = (written(tmp_path / f"{number}.json", each) for number, each in enumerate(order))
    assert take(tmp_path / "home", first).contested_count == 0
    again = take(tmp_path / "home", second)
    assert (again.rows, again.repeated_events, again.contested_count) == (1, 0, 1)
    assert names(tmp_path / "home") == ["CreateUser", "DescribeInstances"]


@pytest.mark.parametrize(
    "change",
    [
        {"eventTime": "2026-10-01T00:00:02Z"},
        {"errorCode": "AccessDenied"},
        {"sourceIPAddress": "203.0.113.99"},
        {"userIdentity": {**event(1)["userIdentity"], "arn": "arn:aws:sts::111122223333:assumed-role/other/session"}},
        {"userIdentity": {**event(1)["userIdentity"], "accessKeyId": "ASIAIOSFODNN7OTHER00"}},
        {"requestParameters": {"bucketName": "bucket-9", "n": 1.5}},
        {"userAgent": "curl/8.5.0"},
    ],
)
def test_whoever_changes_who_what_when_where_or_the_result_is_told(change: dict[str, Any], tmp_path: Path) -> None:
    others = [event(0), event(9)]
    take(tmp_path / "home", written(tmp_path / "a.json", {**event(1), **change}, *others))
    tally = take(tmp_path / "home", written(tmp_path / "b.json", event(1), *others))
    assert (tally.rows, tally.repeated_events, tally.contested_count) == (1, 2, 1)


def test_a_sign_in_that_pretends_to_have_used_mfa_does_not_hide_the_one_without(tmp_path: Path) -> None:
    told = [event(1, eventName="ConsoleLogin", additionalEventData={"MFAUsed": used}) for used in ("Yes", "No")]
    take(tmp_path / "home", written(tmp_path / "a.json", told[0]))
    assert take(tmp_path / "home", written(tmp_path / "b.json", told[1])).contested_count == 1


def test_two_stories_in_one_ingest_and_in_one_file_are_told(tmp_path: Path) -> None:
    path = written(tmp_path / "both.json", REAL, FORGED, REAL, event(2))
    tally = take(tmp_path / "home", path)
    assert (tally.rows, tally.repeated_events, tally.contested_count) == (3, 1, 1)
    [found] = contested_events(tmp_path / "home", (), 10)
    text = path.read_bytes()
    places = [at for at in range(len(text)) if text.startswith(ID.encode(), at)]
    assert [(each.location, each.offsets) for each in found.files] == [(str(path), tuple(places))]


def test_the_file_and_place_of_both_stories_are_told(tmp_path: Path) -> None:
    real = deliver(tmp_path / "bucket", "a", [event(3), REAL, event(0)])
    forged = written(tmp_path / "forged.json", event(5), FORGED)
    take(tmp_path / "home", real)
    take(tmp_path / "home", forged)
    [found] = contested_events(tmp_path / "home", (), 10)
    assert found.contested.identity == ID
    told = {each.location: each.offsets for each in found.files}
    for path, text in ((real, gzip.decompress(real.read_bytes())), (forged, forged.read_bytes())):
        assert told[str(path)] == (text.index(ID.encode()),)


def test_coverage_and_answers_tell_of_it(tmp_path: Path) -> None:
    take(tmp_path / "home", written(tmp_path / "a.json", REAL))
    take(tmp_path / "home", written(tmp_path / "b.json", FORGED))
    reader = LogReader(tmp_path / "home")
    coverage = coverage_of(reader, "aws_cloudtrail_event", EVERYWHERE, NOW, ("cloudtrail",))
    reader.close()
    assert coverage.contested_count == 1
    assert not coverage.is_complete
    for language in ("en", "ja"):
        assert "sakimori lake contested" in say_coverage(coverage, language)
        assert len(say_doubts(doubts_of([coverage]), language)) == 1
    for sql in ("select event_id from aws_cloudtrail_event", "select event_id from aws_cloudtrail_event where false"):
        with ask(QueryRequest(home=tmp_path / "home", sql=sql), clock=lambda: NOW) as answer:
            assert any("sakimori lake contested" in line for line in answer.doubts("en"))


def exported(found: dict[str, Any]) -> dict[str, Any]:
    """The same event with what an export does to it: other order, nulls, numbers as text, fewer fields."""
    left = {name: value for name, value in reversed(found.items()) if name not in {"userAgent", "eventCategory"}}
    parameters = {name: str(value) for name, value in found["requestParameters"].items()}
    return {**left, "requestParameters": parameters, "errorCode": None, "tlsDetails": {"tlsVersion": "TLSv1.3"}}


@pytest.mark.parametrize(
    "again",
    [
        pytest.param(exported, id="an export"),
        pytest.param(lambda found: {**found, "sessionCredentialFromConsole": "true"}, id="one field more"),
        pytest.param(lambda found: {**found, "requestParameters": None}, id="parameters left out"),
        pytest.param(
            lambda found: {**found, "addendum": {"reason": "DELIVERY_DELAY"}, "requestParameters": None}, id="late"
        ),
    ],
)
def test_no_honest_delivery_is_another_story(again: Any, tmp_path: Path) -> None:
    take(tmp_path / "home", written(tmp_path / "a.json", event(1)))
    assert take(tmp_path / "home", written(tmp_path / "b.json", again(event(1)))).contested_count == 0
    lookup = tmp_path / "lookup.json"
    lookup.write_text(json.dumps({"Events": [{"CloudTrailEvent": json.dumps(event(1))}]}))
    third = take(tmp_path / "home", lookup)
    assert (third.rows, third.contested_count, third.repeated_events) == (0, 0, 1)


def test_a_row_of_athena_that_writes_structures_as_text_is_the_same_event(tmp_path: Path) -> None:
    take(tmp_path / "home", written(tmp_path / "a.json", event(1)))
    identity = event(1)["userIdentity"]
    struct = f"{{type={identity['type']}, principalid={identity['principalId']}, arn={identity['arn']}, accountid={ACCOUNT}}}"
    cells = {
        "eventtime": event(1)["eventTime"], "eventsource": event(1)["eventSource"], "eventname": event(1)["eventName"],
        "awsregion": event(1)["awsRegion"], "useridentity": struct, "eventid": ID, "recipientaccountid": ACCOUNT,
        "requestparameters": json.dumps(event(1)["requestParameters"]).replace('"', '""'),
    }  # fmt: skip
    (tmp_path / "a.csv").write_text(",".join(cells) + "\n" + ",".join(f'"{cell}"' for cell in cells.values()) + "\n")
    again = take(tmp_path / "home", tmp_path / "a.csv")
    assert (again.rows, again.repeated_events, again.contested_count) == (0, 1, 0)


def test_a_kill_before_the_commit_and_a_second_run_tell_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(tmp_path / "home", written(tmp_path / "a.json", REAL, event(2)))
    forged = written(tmp_path / "b.json", FORGED, event(2))

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(LogWriter, "_move", killed)
        with pytest.raises(KeyboardInterrupt):
            take(tmp_path / "home", forged)
    assert contested_events(tmp_path / "home", (), 10) == ()
    again = take(tmp_path / "home", forged)
    assert (again.rows, again.contested_count) == (1, 1)
    assert len(contested_events(tmp_path / "home", (), 10)) == 1


def test_a_third_run_of_either_story_brings_and_tells_nothing_new(tmp_path: Path) -> None:
    take(tmp_path / "home", written(tmp_path / "a.json", REAL), written(tmp_path / "b.json", FORGED))
    again = take(tmp_path / "home", written(tmp_path / "c.json", event(7), FORGED, REAL))
    assert (again.rows, again.repeated_events, again.contested_count) == (1, 2, 0)
    assert len(names(tmp_path / "home")) == 3


def test_an_id_with_hostile_letters_is_only_text(tmp_path: Path) -> None:
    hostile = "'; drop table x; --\x1b[31m" + "z" * 5_000
    take(tmp_path / "home", written(tmp_path / "a.json", {**REAL, "eventID": hostile}, {**FORGED, "eventID": hostile}))
    [found] = contested_events(tmp_path / "home", (), 10)
    assert found.contested.identity == hostile[:200]


def test_a_forged_event_that_calls_itself_an_amendment_is_told_where_it_contradicts(tmp_path: Path) -> None:
    forged = {**REAL, "sourceIPAddress": "203.0.113.99", "addendum": {"reason": "UPDATED_DATA", "updatedFields": "sourceIPAddress"}}  # fmt: skip
    take(tmp_path / "home", written(tmp_path / "a.json", REAL))
    assert take(tmp_path / "home", written(tmp_path / "b.json", forged)).contested_count == 1
