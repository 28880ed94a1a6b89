import pytest
from tests.analysis.incident.incident_events import ACCOUNT, KEY, NOW, SEED, VICTIM, Tale, theft, user

from sakimori.analysis.incident.closure import closure_of
from sakimori.analysis.incident.events import HeldEvents
from sakimori.analysis.incident.form import Made
from sakimori.analysis.incident.made import OTHER, made_by, made_lines, made_of
from sakimori.analysis.incident.reading import event_of_record


def made(tale: Tale) -> dict[str, Made]:
    events = HeldEvents(tale.events)
    return {each.id: each for each in made_by(closure_of(events, [SEED], NOW), events)}


def test_list_a_holds_what_the_closure_made_and_nothing_of_anybody_else() -> None:
    found = made(theft())
    assert set(found) == {"mallory", "AKIA2", "backdoor", "i-1", "i-2"}
    assert found["i-1"].arn == f"arn:aws:ec2:us-west-2:{ACCOUNT}:instance/i-1"
    assert found["i-1"].told["instanceType"] == "p4d.24xlarge"
    assert found["AKIA2"].kind == "AWS::IAM::AccessKey"
    assert found["AKIA2"].arn == user("mallory")
    assert all(each.is_created for each in found.values())


def test_calls_that_aws_refused_made_nothing() -> None:
    tale = Tale()
    tale.tell("CreateUser", request={"userName": "mallory"}, error="AccessDenied")
    assert made(tale) == {}


def test_a_write_that_no_line_of_the_catalogue_knows_is_in_the_list_all_the_same() -> None:
    tale = Tale()
    tale.tell("InventThing", service="newservice", request={"thingName": "x", "size": 3})
    (found,) = made(tale).values()
    assert (found.kind, found.id, found.change) == (OTHER, "x", "InventThing")


def test_the_quarantine_policy_that_aws_attaches_in_the_users_name_is_no_deed_of_his() -> None:
    tale = Tale()
    tale.tell(
        "AttachUserPolicy",
        request={"userName": "victim", "policyArn": "arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3"},
    )
    assert made(tale) == {}
    tale.tell(
        "AttachUserPolicy",
        request={"userName": "victim", "policyArn": f"arn:aws:iam::{ACCOUNT}:policy/AWSCompromisedKeyQuarantineV3"},
    )
    assert set(made(tale)) == {"victim"}


def test_the_same_change_of_the_same_thing_is_one_line_with_all_its_events() -> None:
    tale = Tale()
    for _ in range(3):
        tale.tell("PutBucketPolicy", service="s3", request={"bucketName": "books"})
    (found,) = made(tale).values()
    assert (found.count, len(found.event_ids), found.arn) == (3, 3, "arn:aws:s3:::books")


def test_a_name_that_looks_like_a_place_in_the_catalogue_is_not_filled_in() -> None:
    tale = Tale()
    tale.tell("PutBucketPolicy", service="s3", request={"bucketName": "{account}{id}"})
    (found,) = made(tale).values()
    assert found.arn == "arn:aws:s3:::{account}{id}"


@pytest.mark.parametrize("junk", [None, 7, "x", [], [[{}]], {"items": {"items": 3}}, {"instanceId": {"a": 1}}])
def test_whatever_a_stranger_writes_into_an_event_the_list_stands(junk: object) -> None:
    for service, name in made_lines():
        record = {
            "eventTime": "2026-10-01T00:00:00Z", "eventSource": f"{service}.amazonaws.com", "eventName": name, "eventID": "e", "awsRegion": "us-east-1",
            "userIdentity": {"arn": VICTIM, "accessKeyId": KEY}, "recipientAccountId": ACCOUNT,
            "requestParameters": {"instancesSet": junk, "userName": junk, "name": junk},
            "responseElements": {"instancesSet": junk, "user": junk, "credentials": junk},
        }  # fmt: skip
        event = event_of_record(record)
        assert event is not None
        assert all(isinstance(each.id, str) and isinstance(each.arn, str) for each in made_of(event))
