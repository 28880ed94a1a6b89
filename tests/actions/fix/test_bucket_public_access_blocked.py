import json
from dataclasses import dataclass

import pytest
from tests.actions.staging import HOME, Stage, holds_and_is_taken_back, now

from sakimori.actions.fix.bucket_public_access_blocked import STEP
from sakimori.actions.plan import Item, Plan, Planning, Standing, make_plan
from sakimori.actions.site import Logs, NoLogs, Usage
from sakimori.simulate.faults import Fault, Kind

NAME = "reports-of-2026"
ARN = f"arn:aws:s3:::{NAME}"
HALF = {"BlockPublicAcls": True, "IgnorePublicAcls": False, "BlockPublicPolicy": True, "RestrictPublicBuckets": False}
OPEN_POLICY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"{ARN}/*"}],
}


def make_open_bucket(stage: Stage, region: str = HOME) -> None:
    """A bucket as they were before 2023: nothing blocked."""
    place = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    s3 = stage.client("s3", region)
    s3.create_bucket(Bucket=NAME, **place)
    s3.delete_public_access_block(Bucket=NAME)


def item_of(stage: Stage, resource: str = ARN) -> Item:
    (item,) = stage.plan(STEP, (HOME, resource)).items
    return item


@dataclass(frozen=True)
class Read(NoLogs):
    """Logs that saw so many public reads in so many days."""

    count: int
    days: int

    def public_reads(self, bucket: str) -> Usage:
        return Usage(count=self.count, days=self.days, last_at=now() if bucket == NAME and self.count else None)


def planned(stage: Stage, logs: Logs | None = None, *accepted: str) -> Plan:
    planning = Planning(
        steps=(STEP,), baseline="strict", made_at=now(), resources={STEP.id: [(HOME, ARN)]}, logs=logs or NoLogs(),
        accepted=frozenset(accepted),
    )  # fmt: skip
    return make_plan(stage.door, planning)


@pytest.mark.parametrize("there", ["nothing", "half"])
def test_a_bucket_is_closed_and_is_open_again_after_an_undo(stage: Stage, there: str) -> None:
    make_open_bucket(stage)
    s3 = stage.client("s3")
    if there == "half":
        s3.put_public_access_block(Bucket=NAME, PublicAccessBlockConfiguration=HALF)
    holds_and_is_taken_back(stage, STEP, (HOME, ARN))


def test_a_public_bucket_is_closed_where_somebody_says_that_it_is_meant_and_is_public_after_an_undo(
    stage: Stage,
) -> None:
    make_open_bucket(stage)
    s3 = stage.client("s3")
    s3.put_bucket_policy(Bucket=NAME, Policy=json.dumps(OPEN_POLICY))
    before = stage.rows({"s3"})
    assert not planned(stage).to_make
    stage.apply(planned(stage, None, STEP.id))
    assert item_of(stage).standing is Standing.AS_WANTED
    stage.undo()
    assert stage.rows({"s3"}) == before


@pytest.mark.parametrize(
    ("count", "days", "standing"),
    [(0, 14, Standing.TO_MAKE), (0, 13, Standing.BLOCKED), (3, 90, Standing.BLOCKED)],
)
def test_a_public_bucket_is_closed_unasked_only_where_logs_of_two_weeks_show_no_reader(
    stage: Stage, count: int, days: int, standing: Standing
) -> None:
    make_open_bucket(stage)
    stage.client("s3").put_bucket_policy(Bucket=NAME, Policy=json.dumps(OPEN_POLICY))
    assert [each.standing for each in planned(stage, Read(count, days)).items] == [standing]


def test_a_bucket_of_another_region_is_closed_there(stage: Stage) -> None:
    make_open_bucket(stage, "us-east-1")
    holds_and_is_taken_back(stage, STEP, ("us-east-1", ARN))


def test_a_bucket_that_is_closed_or_gone_is_left_alone(stage: Stage) -> None:
    make_open_bucket(stage)
    closed = dict.fromkeys(HALF, True)
    stage.client("s3").put_public_access_block(Bucket=NAME, PublicAccessBlockConfiguration=closed)
    assert item_of(stage).standing is Standing.AS_WANTED
    assert item_of(stage, "arn:aws:s3:::was-deleted-yesterday").standing is Standing.AS_WANTED


def test_a_bucket_that_is_deleted_between_apply_and_undo_needs_no_undo(stage: Stage) -> None:
    make_open_bucket(stage)
    stage.apply(stage.plan(STEP, (HOME, ARN)))
    stage.client("s3").delete_bucket(Bucket=NAME)
    stage.undo()


@pytest.mark.parametrize(
    "resource", ["", "reports", "arn:aws-cn:s3:::reports", "arn:aws:s3:::reports/key", "arn:aws:sqs:::reports", "arn:aws:s3:::"]
)  # fmt: skip
def test_what_is_no_bucket_of_here_is_not_read(stage: Stage, resource: str) -> None:
    item = item_of(stage, resource)
    assert (item.standing, item.reason) == (Standing.UNREADABLE, "s3:GetPublicAccessBlock: NotThisResource")


def make_website(stage: Stage, ownership: str) -> None:
    make_open_bucket(stage)
    s3 = stage.client("s3")
    s3.put_bucket_website(Bucket=NAME, WebsiteConfiguration={"IndexDocument": {"Suffix": "index.html"}})
    s3.put_bucket_ownership_controls(Bucket=NAME, OwnershipControls={"Rules": [{"ObjectOwnership": ownership}]})


def test_a_website_that_nobody_can_read_is_closed(stage: Stage) -> None:
    make_website(stage, "BucketOwnerEnforced")
    assert item_of(stage).standing is Standing.TO_MAKE


def test_a_website_is_held_back(stage: Stage) -> None:
    make_website(stage, "ObjectWriter")
    item = item_of(stage)
    assert item.standing is Standing.BLOCKED
    assert [each.text for each in item.cautions if each.blocks] == ["fix_data.bucket_is_website"]


@pytest.mark.parametrize(
    ("domain", "identity", "standing"),
    [
        (f"{NAME}.s3.{HOME}.amazonaws.com", "", Standing.BLOCKED),
        (f"{NAME}.s3.{HOME}.amazonaws.com", "origin-access-identity/cloudfront/E1", Standing.TO_MAKE),
        (f"other-{NAME}.s3.{HOME}.amazonaws.com", "", Standing.TO_MAKE),
    ],
)
def test_a_bucket_that_a_distribution_reads_as_everybody_does_is_held_back(
    stage: Stage, domain: str, identity: str, standing: Standing
) -> None:
    make_open_bucket(stage)
    controls = {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
    stage.client("s3").put_bucket_ownership_controls(Bucket=NAME, OwnershipControls=controls)
    stage.client("cloudfront").create_distribution(
        DistributionConfig={
            "CallerReference": "once",
            "Comment": "",
            "Enabled": True,
            "Origins": {
                "Quantity": 1,
                "Items": [{"Id": "files", "DomainName": domain, "S3OriginConfig": {"OriginAccessIdentity": identity}}],
            },
            "DefaultCacheBehavior": {
                "TargetOriginId": "files",
                "ViewerProtocolPolicy": "redirect-to-https",
                "CachePolicyId": "658327ea-f89d-4fab-a63d-7e88639e58f6",
            },
        }
    )
    assert item_of(stage).standing is standing


def test_it_is_said_by_what_a_bucket_is_open_and_whether_its_requests_are_logged(stage: Stage) -> None:
    make_open_bucket(stage)
    s3 = stage.client("s3")
    s3.put_bucket_policy(Bucket=NAME, Policy=json.dumps(OPEN_POLICY))
    s3.put_bucket_ownership_controls(Bucket=NAME, OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]})
    s3.put_bucket_acl(Bucket=NAME, ACL="public-read")
    item = item_of(stage)
    assert item.standing is Standing.BLOCKED
    assert [each.text for each in item.cautions] == [
        "fix_data.bucket_open_by_policy",
        "fix_data.bucket_open_by_acl",
        "fix_data.bucket_objects_have_acls",
        "fix_data.bucket_not_logged",
    ]


def test_what_could_not_be_looked_at_is_said_and_holds_it_back(stage: Stage) -> None:
    make_open_bucket(stage)
    stage.simulated.faults.add(Fault(kind=Kind.DENY, match="s3:GetBucketOwnershipControls"))
    stage.simulated.faults.add(Fault(kind=Kind.DENY, match="s3:GetBucketLogging"))
    stage.simulated.faults.add(Fault(kind=Kind.DENY, match="cloudfront:ListDistributions"))
    item = item_of(stage)
    assert item.standing is Standing.BLOCKED
    missing = [each for each in item.cautions if each.text == "fix_data.bucket_not_looked_at"]
    assert [(each.values["call"], each.blocks) for each in missing] == [
        ("cloudfront:ListDistributions", True), ("s3:GetBucketOwnershipControls", True), ("s3:GetBucketLogging", False),
    ]  # fmt: skip
