import boto3
import pytest
from moto import mock_aws

from sakimori.aws.account import BotoDoor, open_account
from sakimori.aws.identity import account_of_key
from sakimori.aws.open_session import OpenSession
from sakimori.aws.refusal import Refusal
from sakimori.aws.session import open_session
from sakimori.aws.settings import Clock, DoorSettings
from sakimori.model.errors import AccessError, UsageError
from sakimori.model.words import GapKind

from .conftest import ACCOUNT, Answered, FakeAws, caller_identity, error_xml, key_id_of, regions

QUICK = Clock(sleep=lambda _: None)


def open_door(fake_aws: FakeAws, session: OpenSession, *selected: str) -> BotoDoor:
    settings = DoorSettings(endpoint_url=fake_aws.url)
    return open_account(session, regions=selected, settings=settings, clock=QUICK)


def test_account_caller_and_enabled_regions_are_found(fake_aws: FakeAws, session: OpenSession) -> None:
    fake_aws.answer(
        "DescribeRegions",
        Answered(regions(us_east_1="opt-in-not-required", af_south_1="not-opted-in", me_south_1="opted-in")),
    )
    door = open_door(fake_aws, session)
    assert (door.account.id, door.account.partition) == (ACCOUNT, "aws")
    assert door.account.regions == door.account.selected == ("me-south-1", "us-east-1")
    assert door.account.regions_are_known
    assert door.identity.arn == f"arn:aws:iam::{ACCOUNT}:user/auditor"
    assert door.refusals == ()


def test_only_the_named_regions_are_selected(fake_aws: FakeAws, session: OpenSession) -> None:
    door = open_door(fake_aws, session, "us-east-1", "us-east-1")
    assert door.account.selected == ("us-east-1",)
    assert door.account.regions == ("ap-northeast-1", "us-east-1")


@pytest.mark.parametrize(("region", "text"), [("xx-west-1", "region_unknown"), ("eu-west-1", "region_not_enabled")])
def test_region_that_cannot_be_read_is_a_wrong_usage(
    fake_aws: FakeAws, session: OpenSession, region: str, text: str
) -> None:
    with pytest.raises(UsageError) as raised:
        open_door(fake_aws, session, region)
    assert raised.value.text == f"aws.{text}"


def test_refused_list_of_regions_leaves_the_default_ones_and_the_refusal(
    fake_aws: FakeAws, session: OpenSession
) -> None:
    fake_aws.answer("DescribeRegions", Answered(error_xml("UnauthorizedOperation"), 403))
    door = open_door(fake_aws, session)
    assert not door.account.regions_are_known
    assert len(door.account.regions) == 17
    assert [refusal.kind for refusal in door.refusals] == [GapKind.DENIED]


def test_regions_are_asked_at_home_first_and_then_at_the_global_region(fake_aws: FakeAws, keys: None) -> None:
    fake_aws.answer(
        "DescribeRegions",
        lambda asked: (
            Answered(error_xml("UnauthorizedOperation"), 403)
            if "/eu-west-1/" in asked.headers["Authorization"]
            else Answered(regions(eu_west_1="opted-in"))
        ),
    )
    door = open_door(fake_aws, open_session(region="eu-west-1"))
    assert door.account.regions == ("eu-west-1",)
    assert door.refusals == ()


def test_partition_is_the_one_that_aws_names(fake_aws: FakeAws, session: OpenSession) -> None:
    fake_aws.answer("GetCallerIdentity", Answered(caller_identity("aws-cn")))
    fake_aws.answer("DescribeRegions", Answered(error_xml("UnauthorizedOperation"), 403))
    door = open_door(fake_aws, session)
    assert door.account.partition == "aws-cn"
    assert door.account.regions == ("cn-north-1", "cn-northwest-1")


@pytest.mark.parametrize("answer", [Answered(error_xml("AccessDenied"), 403), Answered("<html>hello</html>")])
def test_account_that_aws_does_not_name_is_read_from_the_key(
    fake_aws: FakeAws, session: OpenSession, answer: Answered
) -> None:
    fake_aws.answer("GetCallerIdentity", answer)
    door = open_door(fake_aws, session)
    assert door.account.id == ACCOUNT
    assert not door.identity.is_confirmed
    assert [refusal.call for refusal in door.refusals] == ["sts:GetCallerIdentity"]


@pytest.mark.parametrize(
    ("code", "message", "text"),
    [
        ("ExpiredToken", "The security token included in the request is expired", "credentials_expired"),
        ("InvalidClientTokenId", "The security token included in the request is invalid", "credentials_invalid"),
        ("SignatureDoesNotMatch", "Signature expired: 20260101T0 is now earlier than 20260102T0", "clock_skewed"),
        ("RequestExpired", "Request has expired.", "clock_skewed"),
    ],
)
def test_credentials_that_aws_does_not_accept_end_the_run(
    fake_aws: FakeAws, session: OpenSession, code: str, message: str, text: str
) -> None:
    fake_aws.answer("GetCallerIdentity", Answered(error_xml(code, message), 403))
    with pytest.raises(AccessError) as raised:
        open_door(fake_aws, session)
    assert raised.value.text == f"aws.{text}"


def test_unreachable_aws_ends_the_run(session: OpenSession) -> None:
    with pytest.raises(AccessError) as raised:
        open_account(session, settings=DoorSettings(endpoint_url="http://127.0.0.1:1"), clock=QUICK)
    assert raised.value.text == "aws.unreachable"
    assert raised.value.values["code"] == "EndpointConnectionError"


@pytest.mark.parametrize("account", ["000000000001", "123456789012", "999999999999"])
def test_key_id_tells_its_account(account: str) -> None:
    assert account_of_key(key_id_of(account)) == account
    assert account_of_key(key_id_of(account, "ASIA")) == account


@pytest.mark.parametrize("key", ["", "testing", "AKIA", "AKIA" + "1" * 16, "AKIA" + "I" + "A" * 15, "AROA" + "A" * 16])
def test_key_id_of_another_form_tells_nothing(key: str) -> None:
    assert account_of_key(key) == ""


@pytest.mark.slow
def test_session_of_the_caller_works_within_mock_aws(keys: None) -> None:
    with mock_aws():
        session = boto3.Session(region_name="ap-northeast-1")
        session.client("s3", region_name="us-east-1").create_bucket(Bucket="a-bucket")
        door = BotoDoor.of_session(session, regions=["ap-northeast-1"])
        assert door.account.id == ACCOUNT
        pages = list(door.pages("s3:ListBuckets", "global", {"MaxBuckets": 1000}))
        assert [bucket["Name"] for page in pages for bucket in page["Buckets"]] == ["a-bucket"]


@pytest.mark.slow
def test_operation_that_moto_lacks_is_unsupported_within_mock_aws(keys: None) -> None:
    with mock_aws():
        door = BotoDoor.of_session(boto3.Session(region_name="us-east-1"))
        with pytest.raises(Refusal) as raised:
            door.call("ec2:GetSnapshotBlockPublicAccessState", "us-east-1", {})
    assert raised.value.kind is GapKind.UNSUPPORTED
