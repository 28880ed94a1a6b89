"""Stolen sessions of a pod, by a token and by EKS Pod Identity, from the first command to the last, on the simulated account.

Slow, all of them: event histories are asked at AWS's pace.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from tests.cli.running import Done, Sakimori
from tests.simulate.test_given_sessions import ISSUER, SUBJECT, irsa, role, with_token

from sakimori.app.respond.case_files import read_case
from sakimori.simulate.clients import client_of
from sakimori.simulate.identities import Credentials
from sakimori.simulate.server import SimulatedAccount
from sakimori.simulate.workloads import BUILDS, PODS, TASKS, Pod, Workload, given_by_service, given_to_pod

pytestmark = pytest.mark.slow
HERE = "us-east-1"
WHERE = ("--region", HERE, "--yes")


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[SimulatedAccount]:
    with SimulatedAccount() as found:
        for name, value in found.environment().items():
            if name.startswith("AWS_") or name.lower().endswith("_proxy"):
                monkeypatch.setenv(name, value)
        yield found


def may(account: SimulatedAccount, session: Credentials) -> bool:
    """Whether a real client gets through with these."""
    try:
        client_of("ec2", HERE, account.endpoint_url, session).describe_vpcs()
    except Exception as error:  # noqa: BLE001 - whatever is no denial is raised again
        assert "UnauthorizedOperation" in str(error), error  # noqa: PT017
        return False
    return True


def by_token(account: SimulatedAccount) -> Credentials:
    given = with_token(account, irsa(account))["Credentials"]
    return Credentials(access_key_id=given["AccessKeyId"], secret_access_key=given["SecretAccessKey"], session_token=given["SessionToken"])  # fmt: skip


def respond(sakimori: Sakimori, *arguments: str, lang: str = "en") -> Done:
    return sakimori("respond", *arguments, *WHERE, lang=lang)


def policies(account: SimulatedAccount, name: str) -> list[str]:
    return account.client("iam").list_role_policies(RoleName=name)["PolicyNames"]


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_a_session_by_a_token_is_stopped_and_the_provider_is_closed_by_a_person(
    sakimori: Sakimori, account: SimulatedAccount, lang: str
) -> None:
    stolen = by_token(account)
    assert may(account, stolen)
    started = respond(sakimori, "start", "--role", "checkout", "--approve", "contain", lang=lang)
    told = "".join((started.out + started.err).split())
    assert (started.code, f"{SUBJECT}@{ISSUER}" in told) == (1, True), started.err
    assert not may(account, stolen)
    ways = json.loads(sakimori("respond", "status", "--format", "json").out)["ways"]
    assert [(each["step"], each["kind"], each["is_closed"]) for each in ways] == [("R13", "provider", False)]
    assert sakimori("respond", "note", "--step", "R13", "the token was in a log; pod replaced", lang=lang).code == 0
    assert respond(sakimori, "do", "R13", lang=lang).code == 0
    _, case = read_case(sakimori.home, "")
    assert case.contained_at is not None
    accepted = ("--accept", "role-sessions-revoked")
    assert respond(sakimori, "undo", "--step", "R14", *accepted, lang=lang).code == 0
    assert (policies(account, "checkout"), may(account, stolen)) == ([], True)
    assert sakimori("respond", "close", "--lesson", "tokens", "--yes", lang=lang).code == 0


def _pod(account: SimulatedAccount) -> Credentials:
    node: dict[str, Any] = {"type": "AssumedRole", "arn": f"arn:aws:sts::{account.account_id}:assumed-role/node/i-0123456789abcdef0"}  # fmt: skip
    return given_to_pod(account.state, HERE, "worker", Pod(cluster="shop", account="default/worker", node=node))


@pytest.mark.parametrize("service", [PODS, TASKS, BUILDS])
def test_a_session_by_a_service_is_stopped_and_what_runs_there_is_closed_by_a_person(
    sakimori: Sakimori, account: SimulatedAccount, service: str
) -> None:
    role(account, "worker", {"Principal": {"Service": service}, "Action": ["sts:AssumeRole", "sts:TagSession"]})
    runs = Workload(service=service, region=HERE, role="worker", name="0123456789abcdef0123456789abcdef")
    stolen = _pod(account) if service == PODS else given_by_service(account.state, runs)
    assert may(account, stolen)
    started = respond(sakimori, "start", "--key", stolen.access_key_id, "--approve", "contain")
    assert (started.code, service in started.err) == (1, True)
    assert not may(account, stolen)
    assert sakimori("respond", "note", "--step", "R16", "replaced it").code == 0
    assert respond(sakimori, "do", "R13").code == 0
    assert sakimori("respond", "close", "--lesson", "none", "--yes").code == 0


def test_an_event_that_nobody_can_read_is_closed_by_a_person(sakimori: Sakimori, account: SimulatedAccount) -> None:
    iam = account.client("iam")
    iam.create_user(UserName="deploy")
    key = iam.create_access_key(UserName="deploy")["AccessKey"]["AccessKeyId"]
    _spoil(account, key)
    started = respond(sakimori, "start", "--key", key, "--approve", "contain")
    assert (started.code, "lookup-events" in started.err) == (1, True), started.err
    assert sakimori("respond", "note", "--step", "R13", "--by", "sato", "a heartbeat of ours").code == 0
    assert respond(sakimori, "do", "R13").code == 0
    report = sakimori.home / "case.html"
    assert sakimori("respond", "report", "--format", "html", "--output", str(report)).code == 0
    assert "a heartbeat of ours" in report.read_text()


def _spoil(account: SimulatedAccount, key: str) -> None:
    """An event of the key of which CloudTrail gives no time that anybody could read."""
    client_of("sts", HERE, account.endpoint_url, account.credentials("deploy")).get_caller_identity()
    for happening in account.state.history.since_number(0):
        if (happening.event.get("userIdentity") or {}).get("accessKeyId") == key:
            happening.made = {**happening.event, "eventTime": "yesterday"}
