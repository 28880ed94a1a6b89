"""The company: two accounts of an organisation, few people, a build service whose user has all rights."""

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sakimori.simulate.drill.hand import HOME, VIRGINIA, Bench, Hand
from sakimori.simulate.identities import OWNER, Credentials, credentials_of
from sakimori.simulate.organization import make_organization
from sakimori.simulate.scenarios.form import Seeding

VICTIM: Final = "ci-deploy"
ADMIN: Final = "sato.kenji"
DEVELOPER: Final = "suzuki.hanako"
PRODUCTION, DEVELOPMENT, MANAGEMENT, OUTSIDE = range(4)
_ADMINISTRATOR: Final = "arn:aws:iam::aws:policy/AdministratorAccess"
_POWER: Final = "arn:aws:iam::aws:policy/PowerUserAccess"
_READ: Final = "arn:aws:iam::aws:policy/ReadOnlyAccess"


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """`people` by account and name of the user; buckets by their purpose."""

    bench: Bench
    ids: tuple[str, ...]
    people: Mapping[tuple[int, str], Credentials]
    buckets: Mapping[str, str]

    def owner(self, account: int = PRODUCTION) -> Hand:
        """The owner of the account, for whose deeds no time passes."""
        return Hand(
            bench=self.bench,
            credentials=self.people[account, OWNER],
            address="198.51.100.1",
            agent="-",
            chance=random.Random(0),  # noqa: S311 - a story, no secret
        )


def found(seeding: Seeding) -> Company:
    """Make it, as its owners' deed of which nothing is told later."""
    states = seeding.states
    make_organization(states[MANAGEMENT], [(states[PRODUCTION], "production"), (states[DEVELOPMENT], "development")])
    people = {(number, OWNER): credentials_of(state, OWNER) for number, state in enumerate(states)}
    number = states[PRODUCTION].account_id
    buckets = {purpose: f"awase-{purpose}-{number}" for purpose in ("data", "web", "access-logs", "trail")}
    company = Company(
        bench=Bench(seeding.endpoint_url),
        ids=tuple(state.account_id for state in states),
        people=people,
        buckets=buckets,
    )
    _people(company, people)
    _roles(company)
    _stores(company)
    _watches(company)
    _machines(company)
    return company


def document(*statements: Mapping[str, Any]) -> str:
    """A policy."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def trust_in(**principal: str) -> str:
    """A trust policy: `AWS=…` or `Service=…`."""
    return document({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"})


def _people(company: Company, people: dict[tuple[int, str], Credentials]) -> None:
    for account, name, policy in (
        (PRODUCTION, VICTIM, _ADMINISTRATOR), (PRODUCTION, ADMIN, _ADMINISTRATOR), (PRODUCTION, DEVELOPER, _POWER),
        (PRODUCTION, "backup-batch", _READ), (DEVELOPMENT, ADMIN, _ADMINISTRATOR), (DEVELOPMENT, DEVELOPER, _ADMINISTRATOR),
    ):  # fmt: skip
        owner = company.owner(account)
        owner.does("iam", "create_user", UserName=name)
        owner.does("iam", "attach_user_policy", UserName=name, PolicyArn=policy)
        made = owner.does("iam", "create_access_key", UserName=name)["AccessKey"]
        people[account, name] = Credentials(
            access_key_id=made["AccessKeyId"], secret_access_key=made["SecretAccessKey"]
        )


def _roles(company: Company) -> None:
    production, development = company.ids[PRODUCTION], company.ids[DEVELOPMENT]
    there = f"arn:aws:iam::{development}:role/terraform"
    into_there = document({"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": there})
    for account, name, trust, policy in (
        (PRODUCTION, "terraform", trust_in(AWS=f"arn:aws:iam::{production}:root"), _ADMINISTRATOR),
        (PRODUCTION, "batch-instance", trust_in(Service="ec2.amazonaws.com"), _POWER),
        (PRODUCTION, "order-events-function", trust_in(Service="lambda.amazonaws.com"), _READ),
        (DEVELOPMENT, "terraform", trust_in(AWS=f"arn:aws:iam::{production}:role/terraform"), _ADMINISTRATOR),
        (DEVELOPMENT, "ops-admin", trust_in(AWS=there), _ADMINISTRATOR),
        (DEVELOPMENT, "web-instance", trust_in(Service="ec2.amazonaws.com"), _READ),
    ):
        owner = company.owner(account)
        owner.does("iam", "create_role", RoleName=name, AssumeRolePolicyDocument=trust)
        owner.does("iam", "attach_role_policy", RoleName=name, PolicyArn=policy)
    company.owner().does(
        "iam", "put_role_policy", RoleName="terraform", PolicyName="into-development", PolicyDocument=into_there
    )


def _stores(company: Company) -> None:
    owner = company.owner()
    for bucket in company.buckets.values():
        owner.does("s3", "create_bucket", Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": HOME})
    logs = {
        "Effect": "Allow", "Principal": {"Service": "logging.s3.amazonaws.com"}, "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{company.buckets['access-logs']}/*",
    }  # fmt: skip
    owner.does("s3", "put_bucket_policy", Bucket=company.buckets["access-logs"], Policy=document(logs))
    for name in ("orders/2026-11.csv", "customers.csv", "orders/2026-10.csv"):
        owner.does("s3", "put_object", Bucket=company.buckets["data"], Key=name, Body=b"id,amount\n1,100\n")
    target = {"TargetBucket": company.buckets["access-logs"], "TargetPrefix": "data/"}
    owner.does(
        "s3", "put_bucket_logging", Bucket=company.buckets["data"], BucketLoggingStatus={"LoggingEnabled": target}
    )


def _watches(company: Company) -> None:
    """A trail of all Regions in each account, in production one of Virginia alone beside it, and a guard at home."""
    there = f"awase-trail-{company.ids[DEVELOPMENT]}"
    company.owner(DEVELOPMENT).does(
        "s3", "create_bucket", Bucket=there, CreateBucketConfiguration={"LocationConstraint": HOME}
    )
    here = company.buckets["trail"]
    for account, bucket in ((PRODUCTION, here), (DEVELOPMENT, there)):
        write = {
            "Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "s3:PutObject",
            "Resource": f"arn:aws:s3:::{bucket}/*",
        }  # fmt: skip
        company.owner(account).does("s3", "put_bucket_policy", Bucket=bucket, Policy=document(write))
        _trail(company.owner(account), "company", HOME, S3BucketName=bucket, IsMultiRegionTrail=True)
    _trail(company.owner(), "virginia-only", VIRGINIA, S3BucketName=here, S3KeyPrefix="virginia-only")
    company.owner().does("guardduty", "create_detector", Enable=True)


def _trail(owner: Hand, name: str, region: str, **more: Any) -> None:
    owner.does("cloudtrail", "create_trail", region=region, Name=name, **more)
    owner.does("cloudtrail", "start_logging", region=region, Name=name)


def _machines(company: Company) -> None:
    owner = company.owner()
    owner.does("ec2", "run_instances", ImageId="ami-12345678", InstanceType="t3.medium", MinCount=2, MaxCount=2)
    owner.does("ec2", "create_volume", AvailabilityZone=f"{HOME}a", Size=100)
