"""Misfortune happens as it was ordered, in each protocol's own shape."""

from threading import Thread
from typing import Any

import pytest
from botocore import exceptions
from botocore.parsers import ResponseParserError

from sakimori.model.errors import UsageError
from sakimori.simulate.call import Call, ServiceError
from sakimori.simulate.faults import Fault, Faults, Kind, faults_from_json
from sakimori.simulate.refusals import Reason
from sakimori.simulate.server import SimulatedAccount


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (Reason.IDENTITY_IMPLICIT, "because no identity-based policy allows the ec2:DescribeVpcs action"),
        (Reason.IDENTITY, "with an explicit deny in an identity-based policy"),
        (Reason.SERVICE_CONTROL, "with an explicit deny in a service control policy"),
        (Reason.SERVICE_CONTROL_IMPLICIT, "because no service control policy allows the ec2:DescribeVpcs action"),
        (Reason.RESOURCE_CONTROL, "with an explicit deny in a resource control policy"),
        (Reason.BOUNDARY, "because no permissions boundary allows the ec2:DescribeVpcs action"),
    ],
)
def test_a_denial_names_its_policy(account: SimulatedAccount, refusal_of: Any, reason: Reason, words: str) -> None:
    account.faults.add(Fault(kind=Kind.DENY, match="ec2:Describe*", reason=reason))
    ec2 = account.client("ec2")
    code, message, status = refusal_of(ec2.describe_vpcs)
    assert (code, status, message.endswith(words)) == ("UnauthorizedOperation", 403, True)
    assert ec2.get_ebs_encryption_by_default()["EbsEncryptionByDefault"] is False
    account.faults.clear()
    assert ec2.describe_vpcs()["Vpcs"]


def test_a_fault_may_strike_one_region(account: SimulatedAccount, refusal_of: Any) -> None:
    account.faults.add(Fault(kind=Kind.DENY, regions="eu-*"))
    assert refusal_of(account.client("ec2", region="eu-west-1").describe_vpcs)[0] == "UnauthorizedOperation"
    assert account.client("ec2").describe_vpcs()["Vpcs"]


@pytest.mark.parametrize(
    ("service", "method", "code"),
    [
        ("ec2", "describe_vpcs", "RequestLimitExceeded"),
        ("s3", "list_buckets", "SlowDown"),
        ("iam", "list_users", "Throttling"),
        ("cloudtrail", "describe_trails", "ThrottlingException"),
        ("lambda", "list_functions", "TooManyRequestsException"),
        ("guardduty", "list_detectors", "ThrottlingException"),
    ],
)
def test_more_calls_than_allowed_are_throttled(
    account: SimulatedAccount, refusal_of: Any, service: str, method: str, code: str
) -> None:
    account.faults.add(Fault(kind=Kind.THROTTLE, match=f"{service}:*", calls_per_second=0.001))
    call = getattr(account.client(service), method)
    call()
    assert refusal_of(call)[0] == code
    elsewhere = account.client(service, region="eu-west-1")
    assert getattr(elsewhere, method)()


def _call(name: str = "ec2:DescribeVpcs", region: str = "us-east-1") -> Call:
    service, _, operation = name.partition(":")
    return Call(
        service=service, operation=operation, region=region, access_key_id="", session_token="", environ={}, body=b""
    )


def test_the_rate_is_what_was_ordered() -> None:
    now = [0.0]
    faults = Faults(clock=lambda: now[0])
    faults.add(Fault(kind=Kind.THROTTLE, calls_per_second=5))
    passed = 0
    for _ in range(1000):
        now[0] += 0.01
        try:
            faults.strike(_call(), "arn")
            passed += 1
        except ServiceError:
            continue
    assert 50 <= passed <= 56


def test_delay_holds_a_call_up() -> None:
    slept: list[float] = []
    faults = Faults(sleep=slept.append)
    faults.add(Fault(kind=Kind.DELAY, match="ec2:*", seconds=0.25))
    assert faults.strike(_call(), "arn") is None
    assert faults.strike(_call("s3:ListBuckets"), "arn") is None
    assert slept == [0.25]


def test_a_share_of_denials_is_the_same_for_the_same_seed() -> None:
    def denied(seed: int) -> set[str]:
        faults = Faults()
        faults.add(Fault(kind=Kind.DENY, ratio=0.3, seed=seed))
        struck = set()
        for number in range(300):
            try:
                faults.strike(_call(f"ec2:Operation{number}"), "arn")
            except ServiceError:
                struck.add(f"ec2:Operation{number}")
        return struck

    assert denied(1) == denied(1)
    assert denied(1) != denied(2)
    assert 60 < len(denied(1)) < 120


def test_a_share_of_errors_lets_a_retry_pass() -> None:
    faults = Faults()
    faults.add(Fault(kind=Kind.ERROR, ratio=0.5))
    outcomes = set()
    for _ in range(50):
        try:
            outcomes.add(faults.strike(_call(), "arn"))
        except ServiceError as error:
            outcomes.add(error.status)
    assert outcomes == {None, 500}


@pytest.mark.parametrize(("service", "method"), [("ec2", "describe_vpcs"), ("cloudtrail", "describe_trails")])
def test_errors_garbage_and_cuts_look_as_they_should(
    account: SimulatedAccount, refusal_of: Any, service: str, method: str
) -> None:
    call = getattr(account.client(service), method)
    account.faults.add(Fault(kind=Kind.ERROR))
    assert refusal_of(call)[2] == 500
    account.faults.clear()
    account.faults.add(Fault(kind=Kind.GARBAGE))
    with pytest.raises((ResponseParserError, UnicodeDecodeError, ValueError)):
        call()
    account.faults.clear()
    account.faults.add(Fault(kind=Kind.CUT))
    with pytest.raises((exceptions.ConnectionClosedError, exceptions.HTTPClientError)):
        call()
    assert account.calls[-1].status == 0
    account.faults.clear()
    assert call()


def test_faults_come_from_json() -> None:
    text = '[{"kind": "deny", "match": "s3:*", "reason": "service_control_policy"}, {"kind": "throttle"}]'
    assert faults_from_json(text) == (
        Fault(kind=Kind.DENY, match="s3:*", reason=Reason.SERVICE_CONTROL),
        Fault(kind=Kind.THROTTLE),
    )


@pytest.mark.parametrize("text", ["", "{", "[1]", '[{"kind": "x"}]', '[{"kind": "deny", "what": 1}]', "[{}]"])
def test_unreadable_faults_are_refused(text: str) -> None:
    with pytest.raises(UsageError):
        faults_from_json(text)


@pytest.mark.slow
def test_a_slow_call_does_not_hold_up_another(account: SimulatedAccount) -> None:
    account.faults.add(Fault(kind=Kind.DELAY, match="ec2:*", seconds=2))
    slow = Thread(target=account.client("ec2").describe_vpcs)
    sts = account.client("sts")
    slow.start()
    sts.get_caller_identity()
    assert slow.is_alive()
    slow.join()
