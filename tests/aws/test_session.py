import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sakimori.aws.account import open_account
from sakimori.aws.open_session import OpenSession
from sakimori.aws.refusal import Refusal
from sakimori.aws.session import Role, assume_role, open_session
from sakimori.aws.settings import Clock, DoorSettings
from sakimori.model.errors import AccessError, UsageError
from sakimori.model.words import GapKind

from .conftest import ACCOUNT, Answered, Asked, FakeAws, caller_identity, error_xml, key_id_of, regions

ROLE = "arn:aws:iam::999999999999:role/auditor"
MFA = f"arn:aws:iam::{ACCOUNT}:mfa/me"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
FAR_AHEAD = datetime(2120, 1, 1, tzinfo=UTC)


def assumed(expires_at: datetime = FAR_AHEAD, account: str = "999999999999") -> Answered:
    return Answered(
        "<AssumeRoleResponse><AssumeRoleResult><Credentials>"
        f"<AccessKeyId>{key_id_of(account, 'ASIA')}</AccessKeyId><SecretAccessKey>{'k' * 40}</SecretAccessKey>"
        f"<SessionToken>{'t' * 200}</SessionToken><Expiration>{expires_at.isoformat()}</Expiration></Credentials>"
        f"<AssumedRoleUser><Arn>arn:aws:sts::{account}:assumed-role/auditor/sakimori</Arn>"
        "<AssumedRoleId>R:s</AssumedRoleId></AssumedRoleUser></AssumeRoleResult></AssumeRoleResponse>"
    )


def failure(**arguments: object) -> AccessError:
    with pytest.raises(AccessError) as raised:
        open_session(**arguments)  # type: ignore[arg-type]
    return raised.value


def profile(machine: Path, text: str) -> None:
    (machine / "config").write_text(text, encoding="utf-8")


def static(name: str) -> str:
    return f"[profile {name}]\naws_access_key_id = {key_id_of(ACCOUNT)}\naws_secret_access_key = {'s' * 40}\n"


def asked_to_assume(fake_aws: FakeAws) -> list[Asked]:
    return [one for one in fake_aws.asked if one.operation == "AssumeRole"]


def test_keys_of_the_environment_are_found(keys: None) -> None:
    session = open_session()
    assert session.credentials().access_key == key_id_of(ACCOUNT)
    assert session.region == "us-east-1"


def test_named_region_comes_before_the_configured_ones(keys: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert open_session(region="eu-west-1").region == "eu-west-1"
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    assert open_session(environment={"AWS_REGION": "sa-east-1"}).region == "sa-east-1"
    assert open_session(environment={}).region == ""


def test_keys_and_region_of_a_profile_are_found(machine: Path) -> None:
    profile(machine, static("work") + "region = ap-northeast-3\n")
    session = open_session(profile="work")
    assert (session.profile, session.region) == ("work", "ap-northeast-3")


def test_no_credentials_at_all(machine: Path) -> None:
    assert failure().text == "aws.no_credentials"


def test_unknown_profile_names_the_known_ones(machine: Path) -> None:
    assert failure(profile="werk").text == "aws.no_profiles"
    profile(machine, static("work") + static("play"))
    error = failure(profile="werk")
    assert error.text == "aws.profile_not_found"
    assert error.values == {"profile": "werk", "known": ("play", "work")}


def test_unknown_profile_of_the_environment_is_named(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    profile(machine, static("work"))
    monkeypatch.setenv("AWS_PROFILE", "werk")
    error = failure(environment={"AWS_PROFILE": "werk"})
    assert (error.text, error.values["profile"]) == ("aws.profile_not_found", "werk")


def test_broken_configuration_file(machine: Path) -> None:
    profile(machine, "[profile work\nnonsense")
    assert failure(profile="work").text == "aws.configuration_broken"


def test_half_of_a_key(machine: Path) -> None:
    profile(machine, "[profile work]\naws_access_key_id = something\n")
    assert failure(profile="work").text == "aws.credentials_partial"


def test_expired_sso_sign_in_names_the_profile(machine: Path) -> None:
    profile(
        machine,
        "[profile work]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = auditor\n"
        "[sso-session corp]\nsso_region = us-east-1\nsso_start_url = https://corp.invalid/start\n",
    )
    error = failure(profile="work")
    assert (error.text, error.values["profile"]) == ("aws.sso_expired", "work")


def test_credential_process_that_fails(machine: Path) -> None:
    profile(machine, "[profile work]\ncredential_process = /nonexistent/program\n")
    assert failure(profile="work").text == "aws.credentials_not_retrieved"


def test_missing_certificate_authorities(keys: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_CA_BUNDLE", "/nonexistent/ca.pem")
    error = failure()
    assert (error.text, str(error.values["file"])) == ("aws.ca_bundle_unreadable", "/nonexistent/ca.pem")


def test_role_of_a_profile_asks_for_the_mfa_code(
    machine: Path, fake_aws: FakeAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    profile(
        machine,
        static("base") + f"[profile work]\nsource_profile = base\nrole_arn = {ROLE}\nmfa_serial = {MFA}\n"
        "external_id = outside\nregion = us-east-1\n",
    )
    monkeypatch.setenv("AWS_ENDPOINT_URL", fake_aws.url)
    fake_aws.answer("AssumeRole", assumed())
    asked: list[str] = []

    def ask(serial: str) -> str:
        asked.append(serial)
        return " 123456 "

    session = open_session(profile="work", ask_token=ask)
    assert session.credentials().get_frozen_credentials().token == "t" * 200
    assert asked == [MFA]
    sent = asked_to_assume(fake_aws)[0].parameters
    assert (sent["TokenCode"], sent["SerialNumber"], sent["ExternalId"]) == ("123456", MFA, "outside")


def test_mfa_code_without_anybody_to_ask(machine: Path) -> None:
    profile(machine, static("base") + f"[profile work]\nsource_profile = base\nrole_arn = {ROLE}\nmfa_serial = {MFA}\n")
    error = failure(profile="work")
    assert (error.text, error.values) == ("aws.mfa_needed", {"serial": MFA})


def test_explicit_role_is_taken_with_external_id_and_mfa(fake_aws: FakeAws, session: OpenSession) -> None:
    fake_aws.answer("AssumeRole", assumed())
    settings = DoorSettings(endpoint_url=fake_aws.url)
    role = Role(arn=ROLE, external_id="outside", mfa_serial=MFA)
    taken = assume_role(session, role, settings=settings, ask_token=lambda serial: serial[-2:] + "3456")
    sent = asked_to_assume(fake_aws)[0].parameters
    assert (sent["RoleArn"], sent["RoleSessionName"], sent["ExternalId"]) == (ROLE, "sakimori", "outside")
    assert sent["TokenCode"] == "me3456"

    fake_aws.answer("GetCallerIdentity", Answered(caller_identity(account="999999999999")))
    door = open_account(taken, settings=settings)
    assert door.account.id == "999999999999"
    assert fake_aws.asked[-1].headers["X-Amz-Security-Token"] == "t" * 200
    assert key_id_of("999999999999", "ASIA") in fake_aws.asked[-1].headers["Authorization"]


@pytest.mark.slow
def test_role_is_taken_again_before_its_credentials_end(fake_aws: FakeAws, session: OpenSession) -> None:
    # Nearly over: botocore renews what has less than ten minutes left.
    soon = datetime.fromtimestamp(time.time(), UTC) + timedelta(minutes=5)
    fake_aws.answer("AssumeRole", assumed(soon))
    settings = DoorSettings(endpoint_url=fake_aws.url)
    taken = assume_role(session, Role(arn=ROLE), settings=settings)
    door = open_account(taken, settings=settings)
    before = len(asked_to_assume(fake_aws))
    fake_aws.answer("AssumeRole", assumed())
    door.call("sts:GetCallerIdentity", "us-east-1", {})
    after = len(asked_to_assume(fake_aws))
    assert after > before
    door.call("sts:GetCallerIdentity", "us-east-1", {})
    assert len(asked_to_assume(fake_aws)) == after


def test_role_whose_renewed_credentials_are_over_is_an_access_error(fake_aws: FakeAws, session: OpenSession) -> None:
    fake_aws.answer("AssumeRole", assumed(LONG_AGO))
    with pytest.raises(AccessError) as raised:
        assume_role(session, Role(arn=ROLE), settings=DoorSettings(endpoint_url=fake_aws.url))
    assert raised.value.text == "aws.credentials_expired"


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("AccessDenied", "role_not_assumable"),
        ("ExpiredToken", "credentials_expired"),
        ("InvalidClientTokenId", "credentials_invalid"),
        ("RequestTimeTooSkewed", "clock_skewed"),
    ],
)
def test_role_that_aws_does_not_give(fake_aws: FakeAws, session: OpenSession, code: str, text: str) -> None:
    fake_aws.answer("AssumeRole", Answered(error_xml(code, "not for you"), 403))
    with pytest.raises(AccessError) as raised:
        assume_role(session, Role(arn=ROLE), settings=DoorSettings(endpoint_url=fake_aws.url))
    assert raised.value.text == f"aws.{text}"
    assert raised.value.values["role"] == ROLE
    assert raised.value.values["message"] == "not for you"


@pytest.mark.parametrize("arn", ["auditor", "arn:aws:iam::999999999999:user/x", "arn:mars:iam::999999999999:role/x"])
def test_what_is_no_role_is_a_wrong_usage(session: OpenSession, arn: str) -> None:
    with pytest.raises(UsageError) as raised:
        assume_role(session, Role(arn=arn))
    assert raised.value.text == "aws.not_a_role"


def test_role_of_another_partition_is_asked_for_there(fake_aws: FakeAws, session: OpenSession) -> None:
    fake_aws.answer("AssumeRole", assumed())
    arn = ROLE.replace("arn:aws:", "arn:aws-cn:")
    taken = assume_role(session, Role(arn=arn), settings=DoorSettings(endpoint_url=fake_aws.url))
    assert "/cn-northwest-1/sts/" in asked_to_assume(fake_aws)[0].headers["Authorization"]
    assert taken.region == ""


@pytest.mark.slow
def test_credentials_that_cannot_be_renewed_leave_gaps_and_not_a_crash(fake_aws: FakeAws, session: OpenSession) -> None:
    soon = datetime.fromtimestamp(time.time(), UTC) + timedelta(seconds=30)
    fake_aws.answer("AssumeRole", assumed(soon))
    fake_aws.answer("DescribeRegions", Answered(regions(us_east_1="opted-in")))
    settings = DoorSettings(endpoint_url=fake_aws.url)
    door = open_account(assume_role(session, Role(arn=ROLE), settings=settings), settings=settings, clock=Clock())
    fake_aws.answer("AssumeRole", Answered(error_xml("ExpiredToken"), 403))
    with pytest.raises(Refusal) as raised:
        door.call("sts:GetCallerIdentity", "us-east-1", {})
    assert raised.value.kind is GapKind.CREDENTIALS
