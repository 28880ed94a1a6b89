import json
import socket
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import pytest
import urllib3
from botocore import exceptions

from sakimori.aws.account import BotoDoor, open_account
from sakimori.aws.calls import Caller
from sakimori.aws.open_session import OpenSession
from sakimori.aws.refusal import NOT_OFFERED, Refusal
from sakimori.aws.settings import Clock, DoorSettings
from sakimori.aws.statistics import Ledger
from sakimori.model.words import GapKind

from .conftest import Answered, Asked, FakeAws, error_json, error_xml

FUNCTIONS = "GET /2015-03-31/functions"
LIST = "lambda:ListFunctions"
HOME = "us-east-1"


class Naps:
    """Sleeps no real time and keeps what was asked for; the clock moves with it."""

    def __init__(self) -> None:
        self.now = 0.0
        self.naps: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.now += seconds

    def clock(self) -> Clock:
        return Clock(monotonic=lambda: self.now, sleep=self.sleep, chance=lambda: 0.5)


@pytest.fixture
def naps() -> Naps:
    return Naps()


@pytest.fixture
def door(fake_aws: FakeAws, session: OpenSession, naps: Naps) -> BotoDoor:
    return open_account(session, settings=DoorSettings(endpoint_url=fake_aws.url), clock=naps.clock())


def first(*answers: Answered, then: Answered) -> Callable[[Asked], Answered]:
    rest: Iterator[Answered] = iter(answers)
    return lambda _: next(rest, then)


def refusal_of_call(door: BotoDoor, operation: str = LIST, **parameters: object) -> Refusal:
    with pytest.raises(Refusal) as raised:
        list(door.pages(operation, HOME, parameters))
    return raised.value


@pytest.mark.slow
def test_throttled_call_is_not_lost(door: BotoDoor, fake_aws: FakeAws) -> None:
    throttled = Answered(error_json("TooManyRequestsException"), 429)
    fake_aws.answer(FUNCTIONS, first(*[throttled] * 12, then=Answered('{"Functions": []}')))
    assert door.call(LIST, HOME, {}) == {"Functions": []}
    counted = door.statistics().operations[LIST]
    assert (counted.requests, counted.throttled, counted.refused) == (13, 12, 0)


@pytest.mark.slow
def test_call_throttled_until_its_time_is_used_up_is_refused(
    fake_aws: FakeAws, session: OpenSession, naps: Naps
) -> None:
    settings = DoorSettings(endpoint_url=fake_aws.url, throttle_budget_seconds=30)
    door = open_account(session, settings=settings, clock=naps.clock())
    fake_aws.answer(FUNCTIONS, Answered(error_json("TooManyRequestsException", "slow down"), 429))
    refusal = refusal_of_call(door)
    assert (refusal.kind, refusal.code, refusal.message) == (
        GapKind.THROTTLED, "TooManyRequestsException", "slow down",
    )  # fmt: skip
    assert 30 <= naps.now < 33


def test_server_error_is_tried_again_with_growing_pauses(door: BotoDoor, fake_aws: FakeAws, naps: Naps) -> None:
    fake_aws.answer(FUNCTIONS, first(*[Answered("", 503)] * 4, then=Answered('{"Functions": []}')))
    assert door.call(LIST, HOME, {}) == {"Functions": []}
    assert naps.naps == [0.5, 1.0, 2.0, 4.0]


@pytest.mark.slow
def test_server_error_that_stays_is_refused_after_five_tries(door: BotoDoor, fake_aws: FakeAws) -> None:
    fake_aws.answer(FUNCTIONS, Answered(error_json("ServiceException", "sorry"), 500))
    assert refusal_of_call(door).kind is GapKind.SERVICE_ERROR
    assert fake_aws.count(FUNCTIONS) == 5


def test_denied_call_is_tried_once(door: BotoDoor, fake_aws: FakeAws) -> None:
    fake_aws.answer(FUNCTIONS, Answered(error_json("AccessDeniedException", "not authorized"), 403))
    refusal = refusal_of_call(door)
    assert (refusal.call, refusal.kind, refusal.message) == (LIST, GapKind.DENIED, "not authorized")
    assert fake_aws.count(FUNCTIONS) == 1


def test_broken_connection_is_tried_again(door: BotoDoor, fake_aws: FakeAws) -> None:
    fake_aws.answer(FUNCTIONS, first(*[Answered(hang_up=True)] * 2, then=Answered('{"Functions": []}')))
    assert door.call(LIST, HOME, {}) == {"Functions": []}
    assert door.statistics().operations[LIST].repeated == 2


def test_endpoint_that_never_answers_costs_later_calls_one_try(door: BotoDoor, fake_aws: FakeAws) -> None:
    fake_aws.answer(FUNCTIONS, Answered(hang_up=True))
    assert refusal_of_call(door).kind is GapKind.UNREACHABLE
    assert fake_aws.count(FUNCTIONS) == 5
    assert refusal_of_call(door).kind is GapKind.UNREACHABLE
    assert fake_aws.count(FUNCTIONS) == 6
    fake_aws.answer(FUNCTIONS, Answered('{"Functions": []}'))
    assert door.call(LIST, HOME, {}) == {"Functions": []}


def test_credentials_that_expire_during_a_run_refuse_the_call(door: BotoDoor, fake_aws: FakeAws) -> None:
    fake_aws.answer(FUNCTIONS, Answered(error_json("ExpiredTokenException", "expired"), 403))
    assert refusal_of_call(door).kind is GapKind.CREDENTIALS


@pytest.mark.slow
@pytest.mark.parametrize(
    "body",
    [
        "<!DOCTYPE html><html><body>Sign in to the hotel network</body></html>",
        '{"Functions": [{"FunctionName": "a"},',
        "[]",
        '"text"',
        '{"error": "proxy"}',
        '{"Functions": 5}',
        '{"Functions": [[]]}',
        "\x00\xff",
        "[" * 100_000,
        "<!-- -->" * 100 + "<p>",
    ],
)
def test_json_that_is_no_answer_never_reads_as_none_found(door: BotoDoor, fake_aws: FakeAws, body: str) -> None:
    fake_aws.answer(FUNCTIONS, Answered(body))
    assert refusal_of_call(door).kind is GapKind.MALFORMED


@pytest.mark.slow
@pytest.mark.parametrize("body", ["<html><p>hello</p></html>", "<a/>", "<DescribeRegionsResponse", "garbage", "{}"])
def test_xml_that_is_no_answer_never_reads_as_none_found(door: BotoDoor, fake_aws: FakeAws, body: str) -> None:
    for action in ("DescribeVpcs", "ListUsers"):
        fake_aws.answer(action, Answered(body))
    assert refusal_of_call(door, "ec2:DescribeVpcs").kind is GapKind.MALFORMED
    assert refusal_of_call(door, "iam:ListUsers").kind is GapKind.MALFORMED


@pytest.mark.slow
@pytest.mark.parametrize("body", ["<a/>", "<Error><Code>x</Code></Error>", "<ListBucketResult/>", "garbage"])
def test_foreign_xml_of_s3_never_reads_as_none_found(door: BotoDoor, fake_aws: FakeAws, body: str) -> None:
    fake_aws.answer("GET /", Answered(body))
    fake_aws.answer("GET /bucket", Answered(body))
    for operation, parameters in (
        ("s3:ListBuckets", {}),
        ("s3:GetBucketVersioning", {"Bucket": "bucket"}),
        ("s3:GetPublicAccessBlock", {"Bucket": "bucket"}),
        ("s3:GetBucketAcl", {"Bucket": "bucket"}),
    ):
        kind = refusal_of_call(door, operation, **parameters).kind
        assert kind in {GapKind.MALFORMED, GapKind.SERVICE_ERROR, GapKind.REFUSED}, operation


@pytest.mark.slow
def test_html_page_is_no_list_of_buckets(door: BotoDoor, fake_aws: FakeAws) -> None:
    fake_aws.answer("GET /", Answered("<html><p>hello</p></html>"))
    assert refusal_of_call(door, "s3:ListBuckets").kind is GapKind.MALFORMED


def test_body_shorter_than_announced_is_no_answer(door: BotoDoor, fake_aws: FakeAws) -> None:
    fake_aws.answer(FUNCTIONS, Answered('{"Functions": []}', headers={"Content-Length": "400", "Connection": "close"}))
    refusal = refusal_of_call(door)
    assert refusal.kind in {GapKind.UNREACHABLE, GapKind.MALFORMED}


@pytest.mark.slow
def test_empty_answers_of_aws_are_answers(door: BotoDoor, fake_aws: FakeAws) -> None:
    fake_aws.answer(FUNCTIONS, Answered("{}"))
    fake_aws.answer("DescribeVpcs", Answered('<?xml version="1.0"?>\n<DescribeVpcsResponse xmlns="x"/>'))
    fake_aws.answer("GET /bucket", Answered('<VersioningConfiguration xmlns="x"/>'))
    assert door.call(LIST, HOME, {}) == {}
    assert door.call("ec2:DescribeVpcs", HOME, {}) == {}
    assert door.call("s3:GetBucketVersioning", HOME, {"Bucket": "bucket"}) == {}


@pytest.mark.slow
def test_all_pages_are_read_and_a_throttled_page_is_repeated(door: BotoDoor, fake_aws: FakeAws) -> None:
    pages = [
        Answered(json.dumps({"Functions": [{"FunctionName": "a"}], "NextMarker": "2"})),
        Answered(error_json("TooManyRequestsException"), 429),
        Answered(json.dumps({"Functions": [{"FunctionName": "b"}]})),
    ]
    fake_aws.answer(FUNCTIONS, first(*pages, then=Answered("", 404)))
    names = [one["FunctionName"] for page in door.pages(LIST, HOME, {}) for one in page["Functions"]]
    assert names == ["a", "b"]


@pytest.mark.slow
def test_listing_that_repeats_its_token_is_malformed(door: BotoDoor, fake_aws: FakeAws) -> None:
    fake_aws.answer(FUNCTIONS, Answered(json.dumps({"Functions": [], "NextMarker": "again"})))
    assert refusal_of_call(door).kind is GapKind.MALFORMED
    assert fake_aws.count(FUNCTIONS) == 2


def test_operation_that_does_not_page_gives_one_page(door: BotoDoor, fake_aws: FakeAws) -> None:
    fake_aws.answer("DescribeTrails", Answered('{"trailList": []}'))
    assert list(door.pages("cloudtrail:DescribeTrails", HOME, {"includeShadowTrails": False})) == [{"trailList": []}]


@pytest.mark.slow
@pytest.mark.parametrize("operation", ["lambda:ListDreams", "dreams:ListDreams"])
def test_operation_that_boto3_does_not_know_is_unsupported(door: BotoDoor, operation: str) -> None:
    assert refusal_of_call(door, operation).kind is GapKind.UNSUPPORTED


def test_parameter_that_does_not_fit_is_refused_before_it_is_sent(door: BotoDoor, fake_aws: FakeAws) -> None:
    before = len(fake_aws.asked)
    assert refusal_of_call(door, "s3:GetBucketPolicy", Bucket="bad name\r\n").kind is GapKind.REFUSED
    assert refusal_of_call(door, LIST, Nothing=1).kind is GapKind.REFUSED
    assert len(fake_aws.asked) == before


def test_bucket_with_a_dot_or_a_capital_is_asked_at_the_regions_own_host(door: BotoDoor, fake_aws: FakeAws) -> None:
    fake_aws.answer("GET /My.Bucket", Answered("<PolicyStatus><IsPublic>true</IsPublic></PolicyStatus>"))
    answer = door.call("s3:GetBucketPolicyStatus", "ap-northeast-1", {"Bucket": "My.Bucket"})
    assert answer == {"PolicyStatus": {"IsPublic": True}}
    assert "/ap-northeast-1/s3/" in fake_aws.asked[-1].headers["Authorization"]


def test_global_calls_are_signed_for_the_partitions_own_region(door: BotoDoor, fake_aws: FakeAws) -> None:
    fake_aws.answer("ListUsers", Answered(error_xml("AccessDenied"), 403))
    with pytest.raises(Refusal):
        door.call("iam:ListUsers", "global", {})
    assert "/us-east-1/iam/" in fake_aws.asked[-1].headers["Authorization"]


def test_account_id_is_not_put_before_an_address(door: BotoDoor, fake_aws: FakeAws) -> None:
    path = "GET /v20180820/configuration/publicAccessBlock"
    block = "<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls></PublicAccessBlockConfiguration>"
    fake_aws.answer(path, Answered(block))
    answer = door.call("s3control:GetPublicAccessBlock", "global", {"AccountId": door.account.id})
    assert answer["PublicAccessBlockConfiguration"]["BlockPublicAcls"] is True
    assert fake_aws.asked[-1].headers["Host"] == fake_aws.url.removeprefix("http://")


@pytest.mark.slow
def test_client_of_a_service_is_made_once_for_all_regions(door: BotoDoor, fake_aws: FakeAws) -> None:
    fake_aws.answer("ListTables", Answered('{"TableNames": []}'))
    before = door.statistics().clients
    for region in (HOME, HOME, "ap-northeast-1"):
        door.call("dynamodb:ListTables", region, {})
    assert door.statistics().clients == before + 1


# -- a service that a Region does not have ---------------------------------------------


def nowhere(number: int, *, is_left_out: bool) -> Caller:
    """A caller whose every host name is answered by the resolver with this error number."""

    def unresolved(**_: object) -> None:
        unnamed = urllib3.exceptions.NameResolutionError("a.host", None, reason)  # type: ignore[arg-type]
        unnamed.__cause__ = reason
        raise exceptions.EndpointConnectionError(endpoint_url="https://a.host", error=unnamed) from unnamed

    reason = socket.gaierror(number, "not known")
    model = SimpleNamespace(operation_names=["ListDomains"])
    client = SimpleNamespace(meta=SimpleNamespace(service_model=model), list_domains=unresolved)
    clients: Any = SimpleNamespace(
        region_of=lambda _service, region: region, of=lambda *_: client, within=lambda _: nullcontext(),
        is_left_out=lambda *_: is_left_out, direct=lambda *_: None,
    )  # fmt: skip
    return Caller(clients, settings=DoorSettings(), clock=Naps().clock(), ledger=Ledger())


@pytest.mark.parametrize(
    ("number", "is_left_out", "code"),
    [
        (socket.EAI_NONAME, True, NOT_OFFERED),
        (socket.EAI_NONAME, False, "EndpointConnectionError"),
        (socket.EAI_AGAIN, True, "EndpointConnectionError"),
    ],
)
def test_a_service_is_not_offered_only_where_its_name_is_nobodys_and_botocore_knows_it_from_elsewhere(
    number: int, is_left_out: bool, code: str
) -> None:
    with pytest.raises(Refusal) as refused:
        nowhere(number, is_left_out=is_left_out).call("codeartifact:ListDomains", "ap-northeast-3", {})
    assert (refused.value.kind, refused.value.code) == (GapKind.UNREACHABLE, code)
