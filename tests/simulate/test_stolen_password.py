"""The story of a stolen password: what was revoked is refused, and what was forgotten still works."""

import json
from collections.abc import Iterator

import pytest

from sakimori.simulate.clock import StoryClock
from sakimori.simulate.console import SignIn, SignInRefused, sign_in
from sakimori.simulate.drill.record import Attempt
from sakimori.simulate.scenarios.leaked.company import ADMIN, DEVELOPER
from sakimori.simulate.scenarios.leaked.story import OFFICE_ADDRESS, Story
from sakimori.simulate.server import SimulatedAccount

DENY_ALL = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]})


@pytest.fixture(scope="module")
def account() -> Iterator[SimulatedAccount]:
    with SimulatedAccount("stolen-password", clock=StoryClock(speed=0)) as found:
        yield found


@pytest.fixture
def changed() -> Iterator[SimulatedAccount]:
    """An account of its own for a test that changes it."""
    with SimulatedAccount("stolen-password", clock=StoryClock(speed=0)) as found:
        yield found


def story_of(account: SimulatedAccount) -> Story:
    assert isinstance(account.story, Story)
    return account.story


def harmed_as(attempts: tuple[Attempt, ...], story: Story) -> set[str]:
    """The users and roles with whose credentials something worked."""
    owner = {each.id: each.role or each.user for each in story.attacker.held}
    return {owner[each.by].rpartition("/")[2] for each in attempts if each.is_harmful}


def events_of(account: SimulatedAccount, name: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    pages = account.client("cloudtrail").get_paginator("lookup_events")
    asked = [{"AttributeKey": "EventName", "AttributeValue": name}]
    for page in pages.paginate(LookupAttributes=asked):
        found += [json.loads(each["CloudTrailEvent"]) for each in page["Events"]]
    return found


@pytest.mark.slow
def test_the_sign_ins_are_told_of_and_the_truth_has_no_password(account: SimulatedAccount) -> None:
    """Slow: a story of its own is played, for all tests of this file."""
    story = story_of(account)
    abroad = [each for each in events_of(account, "ConsoleLogin") if each["sourceIPAddress"] != OFFICE_ADDRESS]
    answers = [each["responseElements"] for each in abroad]
    assert answers.count({"ConsoleLogin": "Failure"}) == 3
    assert answers.count({"ConsoleLogin": "Success"}) == 3
    assert {each["additionalEventData"]["MFAUsed"] for each in abroad} == {"No"}  # type: ignore[index]
    assert "Rogue-" not in json.dumps(story.told()) + repr(story)


@pytest.mark.slow
def test_one_session_of_the_console_has_several_keys_and_one_beginning(account: SimulatedAccount) -> None:
    """Slow: it needs the story."""
    story = story_of(account)
    keys = [each.id for each in story.held if each.kind == "console" and each.user == ADMIN]
    made = [each for each in events_of(account, "GetCallerIdentity") if each["userIdentity"].get("accessKeyId") in keys]  # type: ignore[attr-defined]
    assert len({each["userIdentity"]["accessKeyId"] for each in made}) == len(keys) == 2  # type: ignore[index]
    assert len({each["userIdentity"]["sessionContext"]["attributes"]["creationDate"] for each in made}) == 1  # type: ignore[index]
    assert {each["sessionCredentialFromConsole"] for each in made} == {"true"}


@pytest.mark.slow
def test_what_was_forgotten_still_works_until_it_is_revoked_too(changed: SimulatedAccount) -> None:
    """Slow: a story of its own, and several rounds of the thief's."""
    account = changed
    story, iam = story_of(account), account.client("iam")
    rogue = next(each.id for each in story.planted if each.kind == "AWS::IAM::User")
    key = next(each for each in story.held if each.kind == "user_key")
    # Password and key alone: the sessions at the console live on.
    iam.delete_login_profile(UserName=ADMIN)
    iam.update_access_key(UserName=ADMIN, AccessKeyId=key.id, Status="Inactive")
    attempts = [each for each in story.attacker.retry() if each.call == "sts:GetCallerIdentity"]
    assert {each.succeeded for each in attempts if each.by == key.id} == {False}
    assert {ADMIN, rogue, DEVELOPER} <= harmed_as(story.attacker.retry(), story)
    with pytest.raises(SignInRefused):
        sign_in(account.state, SignIn(user=ADMIN, password="x", address="192.0.2.1", agent="-"))  # noqa: S106 - wrong on purpose
    # Both users denied: the other person's password still lets the thief in.
    for user in (ADMIN, rogue):
        iam.put_user_policy(UserName=user, PolicyName="SakimoriQuarantine", PolicyDocument=DENY_ALL)
    working = harmed_as(story.attacker.retry(), story)
    assert not {ADMIN, rogue} & working
    assert DEVELOPER in working
