import gzip
import io
from types import SimpleNamespace
from typing import Any

import pytest

from sakimori.aws.account import BotoDoor, open_account
from sakimori.aws.bodies import BodyTooLargeError, read_body
from sakimori.aws.open_session import OpenSession
from sakimori.aws.refusal import Refusal
from sakimori.aws.settings import Clock, DoorSettings
from sakimori.model.words import GapKind

from .conftest import Answered, FakeAws
from .test_calls import first

GET = "s3:GetObject"
WANTED = {"Bucket": "kiroku", "Key": "a.gz"}
PATH = "GET /kiroku/a.gz"
HOME = "us-east-1"
CUT = Answered(b"half", headers={"Content-Length": "8", "Connection": "close"})


@pytest.fixture
def door(fake_aws: FakeAws, session: OpenSession) -> BotoDoor:
    settings = DoorSettings(endpoint_url=fake_aws.url, longest_body_bytes=1000)
    return open_account(session, settings=settings, clock=Clock(sleep=lambda _: None))


def test_a_body_that_streams_stands_in_the_answer_as_its_bytes(door: BotoDoor, fake_aws: FakeAws) -> None:
    packed = gzip.compress(b"line\n" * 100)
    fake_aws.answer(PATH, Answered(packed, headers={"Content-Encoding": "gzip", "ETag": '"e"'}))
    answer = door.call(GET, HOME, WANTED)
    assert answer["Body"] == packed
    assert answer["ETag"] == '"e"'


def test_an_empty_body_is_empty(door: BotoDoor, fake_aws: FakeAws) -> None:
    fake_aws.answer(PATH, Answered(b""))
    assert door.call(GET, HOME, WANTED)["Body"] == b""


def test_a_body_that_breaks_off_is_asked_for_again(door: BotoDoor, fake_aws: FakeAws) -> None:
    fake_aws.answer(PATH, first(CUT, CUT, then=Answered(b"complete")))
    assert door.call(GET, HOME, WANTED)["Body"] == b"complete"
    assert fake_aws.count(PATH) == 3
    assert door.statistics().operations[GET].repeated == 2


@pytest.mark.slow
def test_a_body_that_always_breaks_off_is_refused_and_never_taken_for_whole(door: BotoDoor, fake_aws: FakeAws) -> None:
    fake_aws.answer(PATH, CUT)
    with pytest.raises(Refusal) as raised:
        door.call(GET, HOME, WANTED)
    assert raised.value.kind in (GapKind.UNREACHABLE, GapKind.MALFORMED)


def test_a_body_beyond_the_limit_is_refused_once(door: BotoDoor, fake_aws: FakeAws) -> None:
    fake_aws.answer(PATH, Answered(b"x" * 1001))
    with pytest.raises(Refusal) as raised:
        door.call(GET, HOME, WANTED)
    assert (raised.value.kind, raised.value.code) == (GapKind.REFUSED, "BodyTooLargeError")
    assert fake_aws.count(PATH) == 1


def test_a_body_that_does_not_tell_its_size_is_read_no_further_than_the_limit() -> None:
    body = io.BytesIO(b"x" * (5 << 20))
    model: Any = SimpleNamespace(
        output_shape=SimpleNamespace(serialization={"payload": "Body"}), has_streaming_output=True
    )
    parsed = {"Body": body, "ResponseMetadata": {"HTTPStatusCode": 200}}
    with pytest.raises(BodyTooLargeError):
        read_body(parsed, model, limit=1 << 20)
    assert body.closed


@pytest.mark.slow
def test_connections_are_used_again_after_bodies(door: BotoDoor, fake_aws: FakeAws) -> None:
    fake_aws.answer(PATH, Answered(b"complete"))
    for _ in range(5):
        door.call(GET, HOME, WANTED)
    assert len({asked.headers["Peer-Port"] for asked in fake_aws.asked if asked.operation == PATH}) == 1
