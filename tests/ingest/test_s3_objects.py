from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from moto.s3.models import s3_backends
from tests.ingest.doors import HOME, TOKYO, Guarded, denied, door_of

from sakimori.aws.account import BotoDoor
from sakimori.ingest.date_folders import Days, date_of
from sakimori.ingest.objects import StoredObject
from sakimori.ingest.s3_objects import s3_objects
from sakimori.model.errors import UsageError
from sakimori.simulate.faults import Fault, Kind
from sakimori.simulate.server import SimulatedAccount

BUCKET = "kiroku-111122223333"
TRAIL = "AWSLogs/111122223333/CloudTrail"
LIST, GET = "s3:ListObjectsV2", "s3:GetObject"
FIRST = datetime(2020, 11, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def account() -> Iterator[SimulatedAccount]:
    with SimulatedAccount() as simulated:
        s3 = simulated.client("s3", region=TOKYO)
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": TOKYO})
        for region in (HOME, TOKYO):
            for day in range(1, 29):
                key = (
                    f"{TRAIL}/{region}/2020/11/{day:02}/111122223333_CloudTrail_{region}_202011{day:02}T0005Z_x.json.gz"
                )
                s3.put_object(Bucket=BUCKET, Key=key, Body=f"{region}-{day}".encode())
        s3.put_object(Bucket=BUCKET, Key=f"{TRAIL}/{HOME}/2019/11/05/old.json.gz", Body=b"old")
        s3.put_object(Bucket=BUCKET, Key=f"{TRAIL}/", Body=b"")
        s3.put_object(Bucket=BUCKET, Key="cold/a", Body=b"cold", StorageClass="GLACIER")
        s3.put_object(Bucket=BUCKET, Key="odd/2018/notes/ログ +&%?.log", Body=b"odd")
        yield simulated


@pytest.fixture(scope="module")
def opened(account: SimulatedAccount) -> BotoDoor:
    return door_of(account)


@pytest.fixture
def door(account: SimulatedAccount, opened: BotoDoor) -> Iterator[Guarded]:
    yield Guarded(opened)
    account.faults.clear()


def named(found: list[StoredObject]) -> list[str]:
    return [each.location.removeprefix(f"s3://{BUCKET}/") for each in found]


def read(each: StoredObject) -> bytes:
    assert each.read is not None
    return each.read()


def test_every_object_under_a_prefix_comes_with_its_version_size_and_time(door: Guarded) -> None:
    found = list(s3_objects(door, f"s3://{BUCKET}/{TRAIL}/{TOKYO}/"))
    assert len(found) == 28
    first = found[0]
    assert first.location.startswith(f"s3://{BUCKET}/{TRAIL}/{TOKYO}/2020/11/01/")
    assert (first.byte_count, first.is_delivered, len(first.version)) == (16, True, 32)
    assert first.modified_at is not None
    assert abs(first.modified_at - datetime.fromtimestamp(0, UTC)) > timedelta(days=365)
    assert read(first) == b"ap-northeast-1-1"


def test_the_buckets_own_region_is_asked(door: Guarded) -> None:
    read(next(iter(s3_objects(door, f"s3://{BUCKET}"))))
    assert {region for operation, region, _ in door.asked if operation in (LIST, GET)} == {TOKYO}


def test_a_whole_bucket_is_listed_by_its_name_alone_and_what_holds_no_bytes_is_left_out(door: Guarded) -> None:
    assert len(list(s3_objects(door, f"s3://{BUCKET}"))) == 59
    assert door.count(LIST) == 1


@pytest.mark.slow
def test_more_objects_than_one_page_holds_all_come(account: SimulatedAccount, door: Guarded) -> None:
    s3 = account.client("s3")
    s3.create_bucket(Bucket="many-111122223333")
    for number in range(1005):
        s3_backends[account.account_id]["aws"].put_object("many-111122223333", f"p/{number:05}", b"x")
    found = list(s3_objects(door, "s3://many-111122223333/p/"))
    assert len({each.location for each in found}) == 1005


def test_only_the_folders_of_the_days_asked_for_are_listed(door: Guarded) -> None:
    moment = datetime(2020, 11, 10, 12, tzinfo=UTC)
    found = list(s3_objects(door, f"s3://{BUCKET}/AWSLogs/", since=moment, until=moment))  # everything was stored later
    days = {name.split("/")[6] for name in named(found)}
    assert days == {"09", "10", "11"}
    prefixes = {str(parameters["Prefix"]) for operation, _, parameters in door.asked if operation == LIST}
    assert not any("/2019/" in prefix or "/2020/11/20" in prefix for prefix in prefixes)


def test_an_open_end_takes_everything_after_or_before(door: Guarded) -> None:
    late = list(s3_objects(door, f"s3://{BUCKET}/AWSLogs/", since=datetime(2020, 11, 27, 12, tzinfo=UTC)))
    assert {name.split("/")[6] for name in named(late)} == {"26", "27", "28"}
    early = list(s3_objects(door, f"s3://{BUCKET}/AWSLogs/", until=datetime(2020, 11, 1, 12, tzinfo=UTC)))
    assert len(early) == 1 + 2 * 2


def test_what_was_stored_before_the_time_asked_for_cannot_hold_it(door: Guarded) -> None:
    tomorrow = datetime(2200, 1, 1, tzinfo=UTC)
    assert list(s3_objects(door, f"s3://{BUCKET}/cold/", since=tomorrow)) == []


def test_a_folder_that_is_no_date_is_looked_into(door: Guarded) -> None:
    found = list(s3_objects(door, f"s3://{BUCKET}/odd/", since=FIRST))
    assert [read(each) for each in found] == [b"odd"]
    assert named(found) == ["odd/2018/notes/ログ +&%?.log"]


@pytest.mark.slow
def test_a_listing_that_is_denied_is_told_by_an_object_that_cannot_be_read(
    account: SimulatedAccount, door: Guarded
) -> None:
    account.faults.add(Fault(kind=Kind.DENY, match="s3:*"))
    [told] = s3_objects(door, f"s3://{BUCKET}/{TRAIL}/")
    assert told.location == f"s3://{BUCKET}/{TRAIL}/"
    with pytest.raises(OSError, match="ListObjectsV2 AccessDenied") as raised:
        read(told)
    assert raised.value.strerror == "s3:ListObjectsV2 AccessDenied"


@pytest.mark.slow
def test_a_folder_that_cannot_be_listed_loses_no_other(door: Guarded) -> None:
    closed = f"{TRAIL}/{HOME}/2020/11/10/"
    door.refusing = lambda operation, _, parameters: denied(operation) if parameters.get("Prefix") == closed else None
    found = list(s3_objects(door, f"s3://{BUCKET}/AWSLogs/", since=FIRST))
    told = [each for each in found if not each.version]
    assert named(told) == [closed]
    assert len(found) == 56


def test_an_object_that_is_denied_is_told_and_the_key_of_kms_named(door: Guarded) -> None:
    words = "User: x is not authorized to perform: kms:Decrypt on this resource"
    door.refusing = lambda operation, *_: denied(operation, words) if operation == GET else None
    [each] = s3_objects(door, f"s3://{BUCKET}/odd/")
    with pytest.raises(OSError, match="GetObject") as raised:
        read(each)
    assert raised.value.strerror == "s3:GetObject AccessDenied kms:Decrypt"


def test_an_object_in_the_archive_is_told(door: Guarded) -> None:
    [each] = s3_objects(door, f"s3://{BUCKET}/cold/")
    with pytest.raises(OSError, match="InvalidObjectState"):
        read(each)


def test_an_object_that_was_replaced_since_is_not_taken_for_what_was_listed(
    account: SimulatedAccount, door: Guarded
) -> None:
    s3 = account.client("s3", region=TOKYO)
    s3.put_object(Bucket=BUCKET, Key="new/a", Body=b"one")
    [each] = s3_objects(door, f"s3://{BUCKET}/new/")
    s3.put_object(Bucket=BUCKET, Key="new/a", Body=b"two")
    with pytest.raises(OSError, match="PreconditionFailed"):
        read(each)
    s3.delete_object(Bucket=BUCKET, Key="new/a")


@pytest.mark.parametrize("uri", ["s3://", "s3:///x", "s3://a/", "s3://Bad_/", "http://x", "s3://a b/c", str(Path("x"))])
def test_an_address_that_is_none_is_refused(door: Guarded, uri: str) -> None:
    with pytest.raises(UsageError) as raised:
        s3_objects(door, uri)
    assert raised.value.text == "ingest_aws.not_an_s3_address"


def test_a_bucket_that_is_not_there_is_an_error_of_usage(door: Guarded) -> None:
    with pytest.raises(UsageError) as raised:
        list(s3_objects(door, "s3://not-there-111122223333/x"))
    assert raised.value.text == "ingest_aws.no_such_bucket"


@pytest.mark.parametrize(
    ("folder", "may"),
    [
        ("AWSLogs/1/Config/us-east-1/2026/11/", True),
        ("AWSLogs/1/Config/us-east-1/2026/1/", False),
        ("AWSLogs/1/Config/us-east-1/2026/11/5/", False),
        ("AWSLogs/1/Config/us-east-1/2026/11/9/ConfigHistory/", True),
        ("AWSLogs/2024/", False),
        ("2024/AWSLogs/111122223333/CloudTrail/", True),
        ("backup/2024/", True),
        ("backup/2024/01/", True),
        ("backup/2024/01/02/", False),
        ("x/year=2024/", False),
        ("aws-account-id=1/year=2026/month=11/day=10/hour=05/", True),
        ("AWSLogs/1/WAFLogs/us-east-1/2026-acl/", True),
    ],
)
def test_a_folder_is_left_out_only_by_a_date_that_it_says(folder: str, may: Any) -> None:
    days = Days.around(datetime(2026, 11, 10, tzinfo=UTC), datetime(2026, 11, 10, tzinfo=UTC))
    assert days.may_be_in(folder) is may


def test_a_date_is_read_where_it_stands_last() -> None:
    assert date_of("AWSLogs/1/vpcflowlogs/us-east-1/2026/11/10/05/") == ((2026, 11, 10), True)
    assert date_of("2020/01/01/AWSLogs/1/") == ((2020, 1, 1), False)
