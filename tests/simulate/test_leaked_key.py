"""The story of a leaked key: what happened is real, is told by CloudTrail, and is known as data."""

import gzip
import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError

from sakimori.simulate.clients import client_of
from sakimori.simulate.clock import StoryClock
from sakimori.simulate.drill.attacker import with_leaked_key
from sakimori.simulate.drill.record import Attempt, Trick
from sakimori.simulate.identities import OWNER
from sakimori.simulate.scenarios.leaked.company import ADMIN, DEVELOPMENT, MANAGEMENT, PRODUCTION, VICTIM
from sakimori.simulate.scenarios.leaked.story import CI_ADDRESS, Story
from sakimori.simulate.server import SimulatedAccount

HALF_PAST_SIX = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
DENY_ALL = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]})


def played(seed: int = 1, name: str = "leaked-key") -> SimulatedAccount:
    return SimulatedAccount(name, seed=seed, clock=StoryClock(HALF_PAST_SIX, speed=0))


def story_of(account: SimulatedAccount) -> Story:
    assert isinstance(account.story, Story)
    return account.story


def events_of(account: SimulatedAccount, number: int = PRODUCTION) -> list[dict[str, Any]]:
    """All management events of an account, in all Regions, by time."""
    found: list[dict[str, Any]] = []
    for region in sorted(account.state.enabled_regions):
        client = account.client("cloudtrail", region=region, account=number)
        for page in client.get_paginator("lookup_events").paginate():
            found += [json.loads(each["CloudTrailEvent"]) for each in page["Events"]]
    return sorted(found, key=lambda event: str(event["eventTime"]))


# -- the story, which these tests only read ----------------------------------------------


@pytest.fixture(scope="module")
def told() -> Iterator[tuple[SimulatedAccount, list[dict[str, Any]], list[dict[str, Any]]]]:
    with played() as account:
        yield account, events_of(account), events_of(account, DEVELOPMENT)


Told = tuple[SimulatedAccount, list[dict[str, Any]], list[dict[str, Any]]]


@pytest.mark.slow
def test_the_key_is_published_at_two_fourteen_and_tried_out_eight_minutes_later(told: Told) -> None:
    account, events, _ = told
    story = story_of(account)
    assert story.began_at == datetime(2026, 11, 23, 2, 14, tzinfo=UTC)
    assert account.clock() == HALF_PAST_SIX
    first = next(
        each for each in events
        if each["userIdentity"].get("accessKeyId") == story.leaked_key and each["sourceIPAddress"] != CI_ADDRESS
    )  # fmt: skip
    assert first["eventName"] == "GetCallerIdentity"
    assert datetime.fromisoformat(first["eventTime"]) - story.began_at < timedelta(minutes=9)


def test_every_planted_thing_is_told_of_by_an_event_of_the_key_that_made_it(told: Told) -> None:
    account, *both = told
    story = story_of(account)
    texts = Counter[tuple[str, str]]()
    for event in (each for events in both for each in events):
        key = event["userIdentity"].get("accessKeyId", "")
        if event.get("errorCode") is None:
            texts[key, event["eventName"].rstrip("v0123456789")] += 1
    for planted in story.planted:
        assert texts[planted.by, planted.change], planted
    kinds = Counter(each.kind for each in story.planted)
    assert kinds["AWS::EC2::Instance"] == 24
    assert len({each.region for each in story.planted if each.kind == "AWS::EC2::Instance"}) == 3
    assert set(kinds) >= {
        "AWS::IAM::User", "AWS::IAM::AccessKey", "AWS::IAM::LoginProfile", "AWS::IAM::Role", "AWS::Lambda::Function",
        "AWS::Lambda::Url", "AWS::SES::EmailIdentity", "AWS::EC2::Snapshot", "AWS::CloudTrail::Trail", "AWS::GuardDuty::Filter",
    }  # fmt: skip


def test_the_roles_are_chained_three_deep_over_two_accounts(told: Told) -> None:
    story = story_of(told[0])
    by_id = {each.id: each for each in story.held}
    last = [each for each in story.held if each.kind == "role_session"][-1]
    chain = [last]
    while chain[-1].issued_by:
        chain.append(by_id[chain[-1].issued_by])
    assert [each.kind for each in chain] == ["role_session"] * 3 + ["user_key"]
    assert {each.account for each in chain} == {story.accounts["production"], story.accounts["development"]}
    assert last.expires_at is not None
    assert last.expires_at > HALF_PAST_SIX


def test_each_step_to_the_other_account_is_told_of_in_both(told: Told) -> None:
    account, production, development = told
    outer = {each["sharedEventID"]: each for each in production if "sharedEventID" in each}
    inner = {each["sharedEventID"]: each for each in development if "sharedEventID" in each}
    assert outer
    assert outer.keys() == inner.keys()
    assert all(each["userIdentity"]["type"] == "AWSAccount" for each in inner.values())
    given = {each["responseElements"]["credentials"]["accessKeyId"] for each in inner.values()}
    assert given <= story_of(account).key_ids


@pytest.mark.slow
def test_there_are_forty_decoys_whose_makers_are_others_or_the_owner_before_the_leak(told: Told) -> None:
    story = story_of(told[0])
    assert len(story.decoys) == 40
    assert len({(each.kind, each.id, each.account) for each in story.decoys}) == 40
    planted = {(each.kind, each.id) for each in story.planted}
    assert not planted & {(each.kind, each.id) for each in story.decoys}
    by_victim = [each for each in story.decoys if each.by.endswith(f":user/{VICTIM}")]
    assert by_victim
    assert all(each.at < story.began_at for each in by_victim)
    assert any(story.began_at < each.at < story.ended_at for each in story.decoys)


def test_fifty_six_calls_succeed_with_nothing_in_them(told: Told) -> None:
    account, events, _ = told
    found = [each for each in events if each["eventSource"] == "elasticbeanstalk.amazonaws.com"]
    assert len(found) == story_of(account).empty_calls == 56
    assert not [each for each in found if "errorCode" in each]
    client = account.client("elasticbeanstalk", region="eu-west-1")
    assert client.describe_applications()["Applications"] == []


def test_the_listing_of_the_data_bucket_stands_in_its_access_log_alone(told: Told) -> None:
    account, events, _ = told
    story = story_of(account)
    assert "ListObjects" not in {each["eventName"] for each in events}
    bucket, key = story.access_log
    lines = account.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read().decode().splitlines()
    [line] = [each for each in lines if f" {story.attacker.address} " in each]
    assert f":user/{VICTIM} " in line
    assert " REST.GET.BUCKET " in line


@pytest.mark.slow
def test_what_was_made_has_the_date_of_its_event(told: Told) -> None:
    account, *_ = told
    story = story_of(account)
    user = next(each for each in story.planted if each.kind == "AWS::IAM::User")
    made = account.client("iam").get_user(UserName=user.id)["User"]["CreateDate"]
    assert abs(made - user.at) < timedelta(seconds=2)
    instance = next(each for each in story.planted if each.kind == "AWS::EC2::Instance")
    ec2 = account.client("ec2", region=instance.region)
    [found] = ec2.describe_instances(InstanceIds=[instance.id])["Reservations"][0]["Instances"]
    assert found["InstanceType"] == "p4d.24xlarge"
    assert abs(found["LaunchTime"] - instance.at) < timedelta(seconds=2)


@pytest.mark.slow
def test_the_trails_of_both_accounts_deliver_what_the_attacker_did(told: Told) -> None:
    account, production, development = told
    account.deliver()
    for number, events in ((PRODUCTION, production), (DEVELOPMENT, development)):
        s3 = account.client("s3", account=number)
        name = f"awase-trail-{account.states[number].account_id}"
        delivered: set[str] = set()
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=name):
            for each in page.get("Contents", ()):
                body = s3.get_object(Bucket=name, Key=each["Key"])["Body"].read()
                delivered |= {record["eventID"] for record in json.loads(gzip.decompress(body))["Records"]}
        known = story_of(account).key_ids
        assert {each["eventID"] for each in events if each["userIdentity"].get("accessKeyId") in known} <= delivered


def test_the_snapshot_is_shared_and_the_trail_of_one_region_is_off(told: Told) -> None:
    account, *_ = told
    story = story_of(account)
    snapshot = next(each for each in story.planted if each.kind == "AWS::EC2::Snapshot")
    shared = account.client("ec2", region=snapshot.region).describe_snapshot_attribute(
        SnapshotId=snapshot.id, Attribute="createVolumePermission"
    )
    assert shared["CreateVolumePermissions"] == [{"UserId": story.accounts["outside"]}]
    trail = next(each for each in story.planted if each.kind == "AWS::CloudTrail::Trail")
    assert account.client("cloudtrail").get_trail_status(Name=trail.id)["IsLogging"] is False
    home = account.client("cloudtrail", region="ap-northeast-1")
    assert home.get_trail_status(Name="company")["IsLogging"] is True


def test_no_secret_stands_in_the_truth(told: Told) -> None:
    story = story_of(told[0])
    text = json.dumps(story.told()) + repr(story)
    secrets = [
        secret for each in story.held for secret in (each.credentials.secret_access_key, each.credentials.session_token)
    ]
    assert [secret for secret in secrets if secret and secret in text] == []


# -- the attacker goes on ------------------------------------------------------------------


def harm(attempts: tuple[Attempt, ...]) -> set[tuple[str, str]]:
    return {(each.by, each.call) for each in attempts if each.is_harmful}


class Responder:
    """Does by hand what `respond` does."""

    def __init__(self, account: SimulatedAccount) -> None:
        self.account, self.story = account, story_of(account)

    def stop_users(self) -> None:
        iam = self.account.client("iam")
        for key in [each for each in self.story.held if each.kind == "user_key"]:
            iam.update_access_key(UserName=key.user, AccessKeyId=key.id, Status="Inactive")
            iam.put_user_policy(UserName=key.user, PolicyName="SakimoriQuarantine", PolicyDocument=DENY_ALL)

    def revoke(self, role: str) -> None:
        number = list(self.story.accounts.values()).index(role.split(":")[4])
        name = role.rpartition("/")[2]
        iam = self.account.client("iam", account=number)
        who = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{role.split(':')[4]}:user/{OWNER}"}, "Action": "sts:AssumeRole"}  # fmt: skip
        iam.update_assume_role_policy(
            RoleName=name, PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [who]})
        )
        before = (self.account.clock() + timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
        deny = {"Effect": "Deny", "Action": ["*"], "Resource": ["*"], "Condition": {"DateLessThan": {"aws:TokenIssueTime": before}}}  # fmt: skip
        iam.put_role_policy(
            RoleName=name,
            PolicyName="AWSRevokeOlderSessions",
            PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [deny]}),
        )


@pytest.fixture
def fresh() -> Iterator[SimulatedAccount]:
    with played() as account:
        yield account


@pytest.mark.slow
def test_the_attacker_works_on_until_everything_is_closed_and_then_no_more(fresh: SimulatedAccount) -> None:
    story, responder = story_of(fresh), Responder(fresh)
    user_sessions = {each.id for each in story.held if each.kind in ("session_token", "federation")}
    responder.stop_users()
    still = harm(story.attacker.retry())
    assert not {by for by, _ in still} & user_sessions
    assert {call for _, call in still} >= {"sts:AssumeRole", "iam:PutRolePolicy", "ec2:RunInstances"}
    for role in story.roles:
        responder.revoke(role)
    assert harm(story.attacker.retry()) == set()


@pytest.mark.slow
def test_a_role_that_was_forgotten_keeps_the_attacker_in(fresh: SimulatedAccount) -> None:
    story, responder = story_of(fresh), Responder(fresh)
    responder.stop_users()
    for role in story.roles[:-1]:
        responder.revoke(role)
    working = {by for by, _ in harm(story.attacker.retry())}
    left = {each.id for each in story.attacker.held if each.role == story.roles[-1]}
    assert working
    assert working <= left


@pytest.mark.slow
def test_a_deactivated_key_alone_leaves_the_users_sessions_working(fresh: SimulatedAccount) -> None:
    """Slow: a story of its own is played."""
    story = story_of(fresh)
    fresh.client("iam").update_access_key(UserName=VICTIM, AccessKeyId=story.leaked_key, Status="Inactive")
    attempts = story.attacker.retry()
    assert not [each for each in attempts if each.by == story.leaked_key and each.succeeded]
    session = next(each.id for each in story.held if each.kind == "session_token")
    assert (session, "ec2:RunInstances") in harm(attempts)


@pytest.mark.slow
def test_the_evidence_buckets_policy_is_reached_for(fresh: SimulatedAccount) -> None:
    """Slow: a story of its own is played."""
    s3 = fresh.client("s3")
    s3.create_bucket(Bucket="case-evidence-1")
    statement = {"Effect": "Deny", "Principal": "*", "Action": "s3:DeleteObject*", "Resource": "arn:aws:s3:::case-evidence-1/*"}  # fmt: skip
    s3.put_bucket_policy(
        Bucket="case-evidence-1", Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    )
    attempts = story_of(fresh).attacker.retry()
    assert any(each.call == "s3:DeleteBucketPolicy" and each.succeeded for each in attempts)
    with pytest.raises(ClientError, match="NoSuchBucketPolicy"):
        s3.get_bucket_policy(Bucket="case-evidence-1")


@pytest.mark.slow
def test_an_scp_ends_every_session_of_the_account_at_once(fresh: SimulatedAccount) -> None:
    """Slow: a story of its own is played."""
    story = story_of(fresh)
    organizations = fresh.client("organizations", account=MANAGEMENT)
    policy = organizations.create_policy(Name="q", Description="", Content=DENY_ALL, Type="SERVICE_CONTROL_POLICY")
    for name in ("production", "development"):
        organizations.attach_policy(PolicyId=policy["Policy"]["PolicySummary"]["Id"], TargetId=story.accounts[name])
    assert harm(story.attacker.retry()) == set()


@pytest.mark.slow
def test_the_storys_clock_ends_sessions(fresh: SimulatedAccount) -> None:
    """Slow: a story of its own is played."""
    session = [each for each in story_of(fresh).held if each.kind == "role_session"][-1]
    sts = client_of("sts", "us-east-1", fresh.endpoint_url, session.credentials)
    assert sts.get_caller_identity()["Arn"] == session.arn
    cast("StoryClock", fresh.clock).wait(3600)
    with pytest.raises(ClientError, match="ExpiredToken"):
        sts.get_caller_identity()


@pytest.mark.slow
def test_a_worse_attacker_has_a_second_factor_roles_from_outside_and_new_keys() -> None:
    """Slow: a story of its own is played."""
    with played(name="leaked-key-hard") as account:
        story, responder = story_of(account), Responder(account)
        kinds = {each.kind for each in story.planted}
        assert "AWS::IAM::VirtualMFADevice" in kinds
        outside = [each for each in story.held if each.from_outside]
        assert len(outside) == 2
        keys = len([each for each in story.attacker.held if each.kind == "user_key"])
        responder.stop_users()
        for role in story.roles:
            if role not in {each.role for each in outside}:
                responder.revoke(role)
        attempts = story.attacker.retry()
        assert {each.by for each in attempts if each.is_harmful} >= {each.id for each in outside[:1]}
        assert len([each for each in story.attacker.held if each.kind == "user_key"]) > keys


# -- seeds -----------------------------------------------------------------------------------


def truth(seed: int) -> dict[str, object]:
    with played(seed) as account:
        return story_of(account).told()


@pytest.mark.slow
def test_three_seeds_tell_three_stories_each_the_same_every_time() -> None:
    """Slow: six stories are played."""
    first, again = [truth(seed) for seed in (1, 2, 3)], [truth(seed) for seed in (1, 2, 3)]
    assert first == again
    assert len({json.dumps(each["planted"]) for each in first}) == 3
    for each in first:
        assert len(cast("list[object]", each["decoys"])) == 40


@pytest.mark.slow
def test_an_attacker_can_be_let_loose_on_any_account() -> None:
    with SimulatedAccount() as account:
        iam = account.client("iam")
        iam.create_role(RoleName="fn", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}))  # fmt: skip
        attacker = with_leaked_key(
            account.endpoint_url, account.credentials(), 7, account.clock, tricks=frozenset({Trick.NEW_KEYS})
        )
        attack = attacker.attack()
        assert {each.kind for each in attack.planted} >= {
            "AWS::IAM::User",
            "AWS::EC2::Instance",
            "AWS::Lambda::Function",
        }
        assert ADMIN not in {each.user for each in attack.held}
        assert any(each.is_harmful for each in attacker.retry())
