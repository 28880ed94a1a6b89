"""HB16: the account's block is put and taken back, and nobody who reads in public today is cut off unasked."""

import json
from typing import Any

import pytest
from tests.actions.staging import HOME, Stage, holds_and_is_taken_back, now

from sakimori.actions.harden.s3_account_public_access_blocked import STEP
from sakimori.actions.plan import Item, Planning, Standing, make_plan
from sakimori.actions.site import Site
from sakimori.actions.terraform import rendered
from sakimori.simulate.faults import Fault, Kind

_ALL = {"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": True}


def _item(stage: Stage) -> Item:
    (item,) = stage.plan(STEP).items
    return item


def _put(stage: Stage, **switches: bool) -> None:
    stage.client("s3control").put_public_access_block(
        AccountId="606060606060", PublicAccessBlockConfiguration={**dict.fromkeys(_ALL, False), **switches}
    )


def _bucket(
    stage: Stage, name: str, *, is_public: bool = False, has_acls: bool = False, is_website: bool = False
) -> str:
    s3 = stage.client("s3")
    owned = {"ObjectOwnership": "BucketOwnerPreferred"} if has_acls else {}
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": HOME}, **owned)
    if is_public or has_acls:
        s3.delete_public_access_block(Bucket=name)
    if is_public:
        s3.put_bucket_policy(Bucket=name, Policy=_policy(name, Principal="*"))
    if is_website:
        s3.put_bucket_website(Bucket=name, WebsiteConfiguration={"IndexDocument": {"Suffix": "index.html"}})
    return name


def _policy(name: str, **statement: Any) -> str:
    allowed = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{name}/*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [{**allowed, **statement}]})


def _distribution(stage: Stage, domain: str, **origin: Any) -> None:
    config = {
        "CallerReference": domain, "Comment": "", "Enabled": True,
        "DefaultCacheBehavior": {
            "TargetOriginId": "o", "ViewerProtocolPolicy": "redirect-to-https", "MinTTL": 0,
            "ForwardedValues": {"QueryString": False, "Cookies": {"Forward": "none"}},
        },
        "Origins": {"Quantity": 1, "Items": [{"Id": "o", "DomainName": domain, **origin}]},
    }  # fmt: skip
    stage.client("cloudfront").create_distribution(DistributionConfig=config)


def _said(item: Item) -> dict[str, Any]:
    return {each.text.rpartition("_")[2]: each.values.get("names") for each in item.cautions}


@pytest.mark.parametrize("there", ["nothing", "half", "all off"])
def test_all_switches_are_on_and_go_back_to_what_they_were(stage: Stage, there: str) -> None:
    if there != "nothing":
        _put(stage, IgnorePublicAcls=there == "half")
    _bucket(stage, "private-of-test")
    plan = holds_and_is_taken_back(stage, STEP)
    assert plan.items[0].cautions == ()


def test_what_is_on_needs_nothing(stage: Stage) -> None:
    _put(stage, **_ALL)
    assert _item(stage).standing is Standing.AS_WANTED


def test_a_website_that_visitors_read_holds_the_step_back_and_one_that_is_closed_does_not(stage: Stage) -> None:
    _bucket(stage, "site-of-test", is_public=True, is_website=True)
    _bucket(stage, "closed-site-of-test", is_website=True)
    item = _item(stage)
    assert item.standing is Standing.BLOCKED
    assert _said(item) == {"websites": ["site-of-test"]}


def test_a_bucket_that_is_public_by_its_policy_or_acl_holds_the_step_back(stage: Stage) -> None:
    _bucket(stage, "downloads-of-test", is_public=True)
    opened = _bucket(stage, "acl-of-test", has_acls=True)
    stage.client("s3").put_bucket_acl(Bucket=opened, ACL="public-read")
    item = _item(stage)
    assert item.standing is Standing.BLOCKED
    assert _said(item) == {"public": ["acl-of-test", "downloads-of-test"]}


def test_objects_with_acls_of_their_own_are_said_and_hold_nothing_back(stage: Stage) -> None:
    _bucket(stage, "objects-of-test", has_acls=True)
    item = _item(stage)
    assert item.standing is Standing.TO_MAKE
    assert _said(item) == {"objects": ["objects-of-test"]}


def test_what_a_switch_of_the_account_closes_already_is_not_said_again(stage: Stage) -> None:
    _bucket(stage, "downloads-of-test", is_public=True)
    _bucket(stage, "objects-of-test", has_acls=True)
    _put(stage, RestrictPublicBuckets=True)
    assert _said(_item(stage)) == {"objects": ["objects-of-test"]}
    _put(stage, RestrictPublicBuckets=True, IgnorePublicAcls=True)
    assert _said(_item(stage)) == {}


@pytest.mark.parametrize(
    ("domain", "origin"),
    [
        (f"site-of-test.s3-website-{HOME}.amazonaws.com", {"CustomOriginConfig": {"HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": "http-only"}}),
        (f"site-of-test.s3.{HOME}.amazonaws.com", {"S3OriginConfig": {"OriginAccessIdentity": ""}}),
    ],
    ids=["website endpoint", "no identity"],
)  # fmt: skip
def test_a_distribution_that_reads_as_everybody_does_holds_the_step_back(
    stage: Stage, domain: str, origin: dict[str, Any]
) -> None:
    _bucket(stage, "site-of-test", is_public=True, is_website=True)
    _distribution(stage, domain, **origin)
    item = _item(stage)
    assert item.standing is Standing.BLOCKED
    (named,) = _said(item)["distributions"]
    assert named.endswith("(site-of-test)")


def test_a_distribution_that_reads_with_an_identity_goes_on(stage: Stage) -> None:
    name = _bucket(stage, "behind-of-test", has_acls=True)
    policy = _policy(name, Principal={"Service": "cloudfront.amazonaws.com"})
    stage.client("s3").put_bucket_policy(Bucket=name, Policy=policy)
    control = stage.client("cloudfront").create_origin_access_control(
        OriginAccessControlConfig={
            "Name": "oac", "SigningProtocol": "sigv4", "SigningBehavior": "always", "OriginAccessControlOriginType": "s3",
        }
    )["OriginAccessControl"]["Id"]  # fmt: skip
    none = {"OriginAccessIdentity": ""}
    _distribution(stage, f"{name}.s3.{HOME}.amazonaws.com", OriginAccessControlId=control, S3OriginConfig=none)
    old = {"OriginAccessIdentity": "origin-access-identity/cloudfront/E1"}
    _distribution(stage, f"{name}.s3.amazonaws.com", S3OriginConfig=old)
    item = _item(stage)
    assert item.standing is Standing.TO_MAKE
    assert _said(item) == {"objects": [name]}


def test_what_one_bucket_does_not_show_is_said_and_the_others_are_looked_at_all_the_same(stage: Stage) -> None:
    _bucket(stage, "downloads-of-test", is_public=True)
    objects = _bucket(stage, "objects-of-test", has_acls=True)
    stage.simulated.faults.add(Fault(kind=Kind.DENY, match="s3:GetBucketPolicyStatus"))
    stage.simulated.faults.add(Fault(kind=Kind.DENY, match="cloudfront:ListDistributions"))
    item = _item(stage)
    assert item.standing is Standing.BLOCKED
    assert {each.text for each in item.cautions if each.blocks} == {
        "harden_watch.hb16_unseen", "harden.not_looked_at",
    }  # fmt: skip
    cautions = {each.text: each.values for each in item.cautions}
    assert cautions["harden_watch.hb16_objects"] == {"names": [objects]}
    assert cautions["harden_watch.hb16_unseen"] == {
        "call": "s3:GetBucketPolicyStatus", "code": "AccessDenied", "names": ["downloads-of-test", objects],
    }  # fmt: skip
    assert cautions["harden.not_looked_at"]["call"] == "cloudfront:ListDistributions"


@pytest.mark.parametrize(
    "refused",
    ["s3:ListBuckets", "s3:GetBucketOwnershipControls", "s3:GetBucketPolicyStatus", "cloudfront:ListDistributions"],
)
def test_what_could_not_be_looked_at_holds_the_step_back_until_somebody_says_that_it_is_meant(
    stage: Stage, refused: str
) -> None:
    bucket = _bucket(stage, "private-of-test")
    stage.client("s3").delete_public_access_block(Bucket=bucket)
    stage.simulated.faults.add(Fault(kind=Kind.DENY, match=refused))
    assert _item(stage).standing is Standing.BLOCKED
    planning = Planning(
        steps=(STEP,), baseline="strict", made_at=now(), wishes=stage.wishes, accepted=frozenset({STEP.id})
    )
    (item,) = make_plan(stage.door, planning).items
    assert item.standing is Standing.TO_MAKE


def test_code_says_the_same(stage: Stage) -> None:
    assert STEP.terraform is not None
    code = rendered(STEP.terraform(Site(door=stage.door, region="global"), {"switches": _ALL}))
    for name in ("block_public_acls", "ignore_public_acls", "block_public_policy", "restrict_public_buckets"):
        assert f"{name} = true" in code
