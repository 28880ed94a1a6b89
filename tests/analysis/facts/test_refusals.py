"""What a refused call tells of itself, and who it came from."""

import pytest

from sakimori.analysis.facts.catalogue import facts
from sakimori.analysis.facts.fact import Surroundings

HOME = Surroundings(own_accounts=frozenset({"123456789012"}))
ALICE = {
    "type": "IAMUser",
    "arn": "arn:aws:iam::123456789012:user/alice",
    "userName": "alice",
    "accountId": "123456789012",
}


def told(name: str, event: dict[str, object]) -> object:
    return facts()[f"fact.{name}"].of(event, HOME)


def refused(resource: str) -> dict[str, object]:
    return {
        "eventSource": "iam.amazonaws.com",
        "eventName": "CreateAccessKey",
        "userIdentity": ALICE,
        "errorCode": "AccessDenied",
        "requestParameters": None,
        "errorMessage": f"User: {ALICE['arn']} is not authorized to perform: iam:CreateAccessKey on resource: {resource} "
        "because no identity-based policy allows the iam:CreateAccessKey action",
    }


def test_a_refusal_tells_what_was_tried_and_on_what() -> None:
    assert told("refused_action", refused("user bob")) == "iam:CreateAccessKey"
    assert told("refused_resource", refused("user bob")) == "bob"
    arn = "arn:aws:iam::123456789012:user/ops/bob"
    assert told("refused_resource", refused(arn)) == arn
    assert told("refused_action", {"errorMessage": "no more than 2 keys"}) == ""


@pytest.mark.parametrize(("resource", "is_own"), [("user bob", False), ("user alice", True), (str(ALICE["arn"]), True)])
def test_a_refused_call_without_parameters_is_on_oneself_only_if_its_message_says_so(
    resource: str, is_own: bool
) -> None:
    assert told("on_self", refused(resource)) is is_own


def test_a_refused_call_of_which_nothing_tells_whom_it_was_about_is_unknown() -> None:
    assert told("on_self", {**refused(""), "errorMessage": "denied"}) is None


def test_a_caller_of_another_account_is_outside_and_one_of_ours_is_not() -> None:
    other = {"userIdentity": {"accountId": "999988887777"}, "recipientAccountId": "123456789012"}
    assert told("caller_outside", other) is True
    assert told("caller_outside", {"userIdentity": ALICE}) is False
    assert told("caller_outside", {"userIdentity": {"invokedBy": "ec2.amazonaws.com"}}) is None


def test_the_session_of_an_instance_is_known_by_its_name() -> None:
    assert told("instance_session", {"userIdentity": {"principalId": "AROAEXAMPLE:i-0123456789abcdef0"}}) is True
    assert told("instance_session", {"userIdentity": {"principalId": "AROAEXAMPLE:i-am-alice"}}) is False
