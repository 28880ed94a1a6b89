"""No credential in any log, message, error or statistics of ours."""

import logging

import pytest

from sakimori.aws.account import open_account
from sakimori.aws.open_session import OpenSession
from sakimori.aws.refusal import Refusal
from sakimori.aws.session import Role, assume_role
from sakimori.aws.settings import Clock, DoorSettings
from sakimori.model.errors import AccessError
from sakimori.texts.sentences import say_error

from .conftest import ACCOUNT, Answered, Asked, FakeAws, error_xml, key_id_of
from .test_session import ROLE, assumed

SECRETS = ("s" * 40, "k" * 40, "t" * 200, key_id_of(ACCOUNT), key_id_of("999999999999", "ASIA"))


def parrot(asked: Asked) -> Answered:
    """A server that says in its error what it was sent, as SignatureDoesNotMatch does."""
    words = " ".join(f"{name}:{value}" for name, value in asked.headers.items())
    return Answered(error_xml("SignatureDoesNotMatch", f"{words} secret={'k' * 40} {'s' * 40}"), 403)


@pytest.mark.slow
def test_no_credential_in_what_we_log_or_say(
    fake_aws: FakeAws, session: OpenSession, caplog: pytest.LogCaptureFixture
) -> None:
    # botocore's own DEBUG records hold signed headers and answers: the command line never turns them on.
    caplog.set_level(logging.DEBUG, "sakimori")
    fake_aws.answer("AssumeRole", assumed())
    settings = DoorSettings(endpoint_url=fake_aws.url)
    taken = assume_role(session, Role(arn=ROLE), settings=settings)
    door = open_account(taken, settings=settings, clock=Clock(sleep=lambda _: None))
    fake_aws.answer("ListUsers", parrot)
    fake_aws.answer("GetCallerIdentity", parrot)
    fake_aws.answer("AssumeRole", parrot)
    with pytest.raises(Refusal) as refused:
        door.call("iam:ListUsers", "global", {})
    with pytest.raises(AccessError) as not_opened:
        open_account(taken, settings=settings)
    with pytest.raises(AccessError) as not_taken:
        assume_role(session, Role(arn=ROLE), settings=settings)
    said = [
        str(refused.value), refused.value.message, str(door.statistics()), repr(door.account), repr(door.identity),
        str(not_opened.value), say_error(not_opened.value, "en"), say_error(not_taken.value, "ja"), repr(taken),
        *(record.getMessage() + str(record.__dict__) for record in caplog.records if record.name.startswith("sakimori")),
    ]  # fmt: skip
    signature = fake_aws.asked[-1].headers["Authorization"].rpartition("Signature=")[2]
    assert len(signature) == 64
    for secret in (*SECRETS, signature):
        assert not any(secret in text for text in said)
