"""Who opened a session is told by the event that gave its key out."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.analysis.incident.incident_events import ACCOUNT, Tale

from sakimori.analysis.incident.events import ALL, HeldEvents
from sakimori.analysis.incident.openers import OpenerKind, opener, with_openers
from sakimori.analysis.incident.seeds import Subject, SubjectKind, seeds_of

ROLE = f"arn:aws:iam::{ACCOUNT}:role/checkout"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/checkout/pod-1"
PROVIDER = f"arn:aws:iam::{ACCOUNT}:oidc-provider/oidc.eks.us-east-1.amazonaws.com/id/EXAMPLE"
SUBJECT = "system:serviceaccount:shop:checkout"
KEY = "ASIA" + "0" * 15 + "7"


def world(name: str = "AssumeRoleWithWebIdentity", **who: Any) -> HeldEvents:
    tale = Tale()
    given = {
        "credentials": {"accessKeyId": KEY, "expiration": "Oct 01, 2026, 3:00:00 AM"},
        "assumedRoleUser": {"arn": SESSION},
    }
    told = tale.tell(name, service="sts", request={"roleArn": ROLE}, response=given, principal="", key="")
    tale.at += timedelta(minutes=1)
    used = tale.tell("CreateUser", service="iam", key=KEY, principal=SESSION)
    opened = replace(told, key_id="", **who)
    return HeldEvents([opened, replace(used, session_issuer=ROLE)])


WEB = {
    "identity_type": "WebIdentityUser", "caller_name": SUBJECT,
    "principal": f"{PROVIDER}:sts.amazonaws.com:{SUBJECT}",
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "who", "kind", "words"),
    [
        ("AssumeRoleWithWebIdentity", WEB, OpenerKind.PROVIDER, f"{SUBJECT} @ oidc.eks.us-east-1.amazonaws.com/id/EXAMPLE"),
        ("AssumeRoleWithSAML", {"identity_type": "SAMLUser", "caller_name": "bob", "principal": "q:bob"}, OpenerKind.PROVIDER, "q:bob"),
        ("AssumeRole", {"identity_type": "AWSService", "invoked_by": "pods.eks.amazonaws.com"}, OpenerKind.SERVICE, "pods.eks.amazonaws.com"),
        ("AssumeRole", {"identity_type": "AWSAccount", "caller_account": "999988887777"}, OpenerKind.PRINCIPAL, "999988887777"),
        ("AssumeRole", {"identity_type": "IAMUser", "principal": f"arn:aws:iam::{ACCOUNT}:user/ann"}, OpenerKind.PRINCIPAL, f"arn:aws:iam::{ACCOUNT}:user/ann"),
    ],
)  # fmt: skip
def test_a_session_is_told_with_who_opened_it_and_when_it_ends(
    name: str, who: Any, kind: OpenerKind, words: str
) -> None:
    events = world(name, **who)
    assert opener(events.events[0]) == (kind, words)
    (seed,) = with_openers(seeds_of(Subject(kind=SubjectKind.SESSION, id="pod-1"), events, ALL), events)
    assert (seed.opened_by, seed.expiry_is_told) == (words, True)
    assert seed.expires_at is not None


@pytest.mark.parametrize(
    ("identifier", "is_found"),
    [
        ("pod-1", True),
        ("checkout/pod-1", True),
        (SESSION, True),
        ("other/pod-1", False),
        ("pod-2", False),
        ("/", False),
    ],
)
def test_a_session_is_found_by_its_name_alone_or_with_its_role(identifier: str, is_found: bool) -> None:
    found = seeds_of(Subject(kind=SubjectKind.SESSION, id=identifier), world(**WEB), ALL)
    assert [each.id for each in found] == ([KEY] if is_found else [])


def test_a_federated_user_is_found_by_the_name_and_told_with_whose_rights() -> None:
    tale, owner = Tale(), f"arn:aws:iam::{ACCOUNT}:user/ann"
    told = tale.tell("CreateKeyPair", service="ec2", key=KEY, principal=f"arn:aws:sts::{ACCOUNT}:federated-user/guest")
    events = HeldEvents([replace(told, identity_type="FederatedUser", session_issuer=owner)])
    (seed,) = with_openers(seeds_of(Subject(kind=SubjectKind.SESSION, id="guest"), events, ALL), events)
    assert (seed.opened_by, seed.user) == (owner, owner)


@pytest.mark.parametrize(
    ("who", "hours"),
    [
        ({"principal": SESSION, "identity_type": "AssumedRole"}, 12),
        ({"principal": f"arn:aws:iam::{ACCOUNT}:user/ann", "identity_type": "IAMUser"}, 36),
        ({"principal": f"arn:aws:sts::{ACCOUNT}:federated-user/ann", "identity_type": "FederatedUser"}, 36),
        ({"principal": f"arn:aws:iam::{ACCOUNT}:user/ann", "identity_type": "IAMUser", "is_console": True}, 12),
        ({"principal": f"arn:aws:iam::{ACCOUNT}:root", "identity_type": "Root"}, 12),
    ],
)
@pytest.mark.parametrize("kind", [SubjectKind.KEY, SubjectKind.SESSION])
def test_a_seed_ends_at_the_latest_when_aws_lets_it_and_not_at_all_where_nobody_knows_since_when(
    who: Any, hours: int, kind: SubjectKind
) -> None:
    tale = Tale()
    begun = tale.at
    tale.tell("ListBuckets", service="s3", key=KEY, session_at=begun, **who)
    (seed,) = seeds_of(Subject(kind=kind, id=KEY), HeldEvents(tale.events), ALL)
    assert (seed.issued_at, seed.expires_at, seed.expiry_is_told) == (begun, begun + timedelta(hours=hours), False)
    undated = HeldEvents([replace(tale.events[0], session_at=None)])
    (seed,) = seeds_of(Subject(kind=kind, id=KEY), undated, ALL)
    assert seed.expires_at is None


def test_a_sign_in_is_when_its_session_was_issued_and_a_key_of_a_user_never_ends() -> None:
    tale, ann = Tale(), f"arn:aws:iam::{ACCOUNT}:user/ann"
    tale.tell("ConsoleLogin", service="signin", key="", principal=ann)
    signed = tale.at
    tale.tell("ListBuckets", service="s3", key="AKIA" + "0" * 16, principal=ann)
    found = seeds_of(Subject(kind=SubjectKind.USER, id=ann), HeldEvents(tale.events), ALL)
    assert [each.expires_at for each in found] == [signed + timedelta(hours=12), None]


def test_where_no_event_tells_nothing_is_made_up() -> None:
    events = HeldEvents(world(**WEB).events[1:])
    (seed,) = with_openers(seeds_of(Subject(kind=SubjectKind.SESSION, id="pod-1"), events, ALL), events)
    assert (seed.opened_by, seed.expires_at) == ("", None)


def test_a_session_that_nobody_used_yet_is_known_by_the_event_that_gave_it_out() -> None:
    events = HeldEvents(world(**WEB).events[:1])
    (seed,) = seeds_of(Subject(kind=SubjectKind.KEY, id=KEY), events, ALL)
    assert (seed.role, seed.principal, seed.issued_by) == (ROLE, SESSION, "")
    assert seed.expires_at is not None
