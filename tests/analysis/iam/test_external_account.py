"""What lets others in beside policies: sharing, grants, ACLs, access points; and what could not be read of them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from sakimori.analysis.iam.access_points import AccessPoint
from sakimori.analysis.iam.account import IamAccount, iam_account
from sakimori.analysis.iam.external import Around, ExternalAccess, Verdict, external_access
from sakimori.analysis.iam.external_account import all_external, count_of, share_access
from sakimori.analysis.iam.key_grants import GrantNotUnderstoodError, statements_of_grant
from sakimori.analysis.iam.openings import Acl, Openings, Share
from sakimori.analysis.iam.policy import Policy, policy_of

pytest.importorskip("z3")

_OWN = "111122223333"
_BUCKET = "arn:aws:s3:::reports"
_POINT = f"arn:aws:s3:us-east-1:{_OWN}:accesspoint/in"
_SNAPSHOT = "arn:aws:ec2:us-east-1::snapshot/snap-1"
_EVERYONE = "http://acs.amazonaws.com/groups/global/AllUsers"
_PARTNER = "444455556666"


def _policy(resource: object, **more: Any) -> Policy:
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": resource, **more}
    return policy_of("policy", {"Version": "2012-10-17", "Statement": [statement]})


def _account(**policies: Policy) -> IamAccount:
    names = {"bucket": _BUCKET, "point": _POINT}
    told = {names[name]: policy for name, policy in policies.items()}
    account = replace(iam_account([]), account=_OWN, partition="aws", resource_policies=told)
    return replace(account, read_places=frozenset({"s3/", "s3/us-east-1", "kms/us-east-1"}))


def _found(account: IamAccount, openings: Openings, resource: str) -> ExternalAccess:
    found = {each.resource: each for each in all_external(account, openings=openings)}
    assert len(found) == count_of(account, openings)
    return found[resource]


@pytest.mark.parametrize(
    ("grantees", "verdict"),
    [((), Verdict.CLOSED), ((_PARTNER,), Verdict.CROSS_ACCOUNT), (("*", _PARTNER), Verdict.PUBLIC), (None, Verdict.UNKNOWN)],
)  # fmt: skip
def test_a_snapshot_is_as_open_as_its_list_says(grantees: tuple[str, ...] | None, verdict: Verdict) -> None:
    found = share_access(Share(resource=_SNAPSHOT, action="ec2:CreateVolume", grantees=grantees))
    assert found.verdict is verdict
    assert (found.witness is not None) == bool(grantees)
    if found.witness is not None:
        assert found.witness.action == "ec2:CreateVolume"


def test_what_aws_ram_shares_is_told_with_its_share_and_without_a_request() -> None:
    subnet = "arn:aws:ec2:us-east-1:111122223333:subnet/subnet-1"
    found = share_access(Share(resource=subnet, action="", grantees=(_PARTNER,), names=("network",)))
    assert (found.verdict, found.principals, found.witness) == (Verdict.CROSS_ACCOUNT, (_PARTNER,), None)
    assert "network" in found.why[0].en


def test_a_resource_with_a_policy_that_aws_ram_shares_too_is_told_once() -> None:
    own = _policy(f"{_BUCKET}/*", Principal={"AWS": f"arn:aws:iam::{_OWN}:root"})
    shared = Share(resource=_BUCKET, action="", grantees=(_PARTNER,), names=("buckets",))
    found = _found(_account(bucket=own), Openings(shares=(shared,)), _BUCKET)
    assert (found.verdict, found.principals) == (Verdict.CROSS_ACCOUNT, (_PARTNER,))


def _acl(*grants: tuple[str, str], **more: Any) -> Openings:
    told = {"is_disabled": False, "ignores_public": False, **more}
    return Openings(acls=(Acl(bucket=_BUCKET, grants=grants, **told),))


def test_an_acl_without_effect_is_closed_and_one_in_effect_leaves_its_objects_unknown() -> None:
    assert _found(_account(), _acl((_EVERYONE, "READ"), is_disabled=True), _BUCKET).verdict is Verdict.CLOSED
    assert _found(_account(), _acl(), _BUCKET).verdict is Verdict.UNKNOWN
    assert _found(_account(), _acl((_EVERYONE, "READ"), is_disabled=None), _BUCKET).verdict is Verdict.UNKNOWN


def test_an_acl_for_everyone_is_public_unless_public_acls_are_ignored_or_the_policy_denies() -> None:
    found = _found(_account(), _acl((_EVERYONE, "READ")), _BUCKET)
    assert found.verdict is Verdict.PUBLIC
    assert found.witness is not None
    assert (found.witness.action, found.witness.resource) == ("s3:ListBucket", _BUCKET)
    assert _found(_account(), _acl((_EVERYONE, "READ"), ignores_public=True), _BUCKET).verdict is Verdict.UNKNOWN
    denying = _account(bucket=_policy([_BUCKET, f"{_BUCKET}/*"], Effect="Deny", Action="s3:*"))
    assert _found(denying, _acl((_EVERYONE, "READ")), _BUCKET).verdict is Verdict.UNKNOWN


def test_an_acl_for_another_canonical_user_is_told_by_that_id() -> None:
    found = _found(_account(), _acl(("79a59df9", "WRITE"), ignores_public=True), _BUCKET)
    assert (found.verdict, found.principals) == (Verdict.CROSS_ACCOUNT, ("79a59df9",))


_DELEGATES = _policy(
    [_BUCKET, f"{_BUCKET}/*"], Action="s3:*", Condition={"StringEquals": {"s3:DataAccessPointAccount": _OWN}}
)
_OPEN_POINT = _policy(f"{_POINT}/object/*", Principal={"AWS": _PARTNER})


@pytest.mark.parametrize(
    ("bucket", "more", "verdict"),
    [
        (_DELEGATES, {}, Verdict.CROSS_ACCOUNT),
        (None, {}, Verdict.CLOSED),
        (_policy(_BUCKET, Principal={"AWS": _PARTNER}, Action="s3:ListBucket"), {}, Verdict.UNKNOWN),
        (_DELEGATES, {"bucket_account": _PARTNER}, Verdict.UNKNOWN),
        (_DELEGATES, {"is_from_internet": False}, Verdict.UNKNOWN),
    ],
)
def test_what_an_access_point_lets_in_its_bucket_must_let_in_too(
    bucket: Policy | None, more: Mapping[str, Any], verdict: Verdict
) -> None:
    told: dict[str, Any] = {"bucket": _BUCKET, "bucket_account": _OWN, "is_from_internet": True, **more}
    account = _account(point=_OPEN_POINT, **({"bucket": bucket} if bucket else {}))
    assert _found(account, Openings(access_points={_POINT: AccessPoint(**told)}), _POINT).verdict is verdict


def test_what_could_not_be_read_is_told_by_service() -> None:
    unread = Openings(unread={"sqs": ("eu-west-1", "us-east-1")})
    found = _found(_account(), unread, f"arn:aws:sqs:*:{_OWN}:*")
    assert found.verdict is Verdict.UNKNOWN
    assert "eu-west-1, us-east-1" in found.why[0].en


def _grant(**more: object) -> dict[str, object]:
    return {"grant_id": "g", "grantee_principal": f"arn:aws:iam::{_PARTNER}:role/r", "retiring_principal": "",
            "operations": "Decrypt, DescribeKey", "constraints": "", **more}  # fmt: skip


def test_a_grant_is_a_statement_that_is_bound_to_an_encryption_context_for_data_alone() -> None:
    bound = '{"EncryptionContextSubset": {"team": "red"}}'
    free, tied, retire = statements_of_grant(_grant(constraints=bound, retiring_principal="ec2.amazonaws.com"))
    assert (free["Action"], tied["Action"], retire["Action"]) == (
        ["kms:DescribeKey"],
        ["kms:Decrypt"],
        ["kms:RetireGrant"],
    )
    assert tied["Condition"] == {"StringEquals": {"kms:EncryptionContext:team": "red"}}
    assert "Condition" not in free
    assert retire["Principal"] == {"Service": "ec2.amazonaws.com"}


@pytest.mark.parametrize(
    "more",
    [{"constraints": '{"Other": {}}'}, {"constraints": "{"}, {"grantee_principal": None}, {"grantee_principal": "*"},
     {"grantee_principal": "AWS Internal"}, {"operations": "De*"}],
)  # fmt: skip
def test_a_grant_that_is_not_understood_is_refused(more: Mapping[str, object]) -> None:
    with pytest.raises(GrantNotUnderstoodError):
        list(statements_of_grant(_grant(**more)))


def test_a_grant_to_another_account_opens_a_key_that_its_policy_keeps_closed() -> None:
    key = f"arn:aws:kms:us-east-1:{_OWN}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    own = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{_OWN}:root"}, "Action": "kms:*", "Resource": "*"}
    policy = policy_of(key, {"Version": "2012-10-17", "Statement": [own, *statements_of_grant(_grant())]})
    account = replace(_account(), resource_policies={key: policy}, keys_with_grants=frozenset({key}))
    found = _found(account, Openings(), key)
    assert (found.verdict, found.principals) == (Verdict.CROSS_ACCOUNT, (f"arn:aws:iam::{_PARTNER}:role/r",))
    unread = replace(
        account, resource_policies={key: policy_of(key, {"Statement": [own]})}, keys_with_grants=frozenset()
    )
    assert _found(unread, Openings(), key).verdict is Verdict.UNKNOWN


def test_a_federated_user_of_another_account_is_no_doubt_beside_who_is_shown() -> None:
    topic = f"arn:aws:sns:us-east-1:{_OWN}:news"
    policy = _policy("*", Action="sns:Publish", Condition={"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}})
    found = external_access(policy, topic, _OWN, Around())
    assert found.verdict is Verdict.CROSS_ACCOUNT
    assert not any("not confirmed" in each.en for each in found.why)
