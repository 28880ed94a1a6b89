"""What the simulated account knows beyond moto's own memory."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from sakimori.simulate.service_state import ServiceState
from sakimori.simulate.sessions import Session
from sakimori.simulate.trail.history import History

# "Regions that are enabled by default", AWS Account Management reference guide.
DEFAULT_REGIONS: Final = (
    "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2",
    "ca-central-1", "eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3", "sa-east-1",
    "us-east-1", "us-east-2", "us-west-1", "us-west-2",
)  # fmt: skip

Clock = Callable[[], datetime]
"""Gives the time in UTC."""


class RootMfa(StrEnum):
    """The second factor of the root user."""

    NONE = "none"
    VIRTUAL = "virtual"
    HARDWARE = "hardware"


class SupportPlan(StrEnum):
    """Plans of AWS Support; the API serves from `business` up."""

    BASIC = "basic"
    DEVELOPER = "developer"
    BUSINESS = "business"
    ENTERPRISE = "enterprise"


@dataclass(frozen=True, slots=True, kw_only=True)
class RootKey:
    """One access key of the root user, as the credential report shows it."""

    created_at: datetime
    last_used_at: datetime | None = None
    active: bool = True


@dataclass(slots=True, kw_only=True)
class RootUser:
    """The root user; moto has none."""

    created_at: datetime
    mfa: RootMfa = RootMfa.HARDWARE
    access_keys: tuple[RootKey, ...] = ()
    password_last_used_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AdvisorSummary:
    """The state of one Trusted Advisor check; `status` is ok, warning, error or not_available."""

    status: str
    flagged: int = 0
    processed: int = 0
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class VpcBlock:
    """VPC Block Public Access of one Region: its mode, and when that was set."""

    mode: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagedNode:
    """What SSM Agent on one EC2 instance last reported; `ping_status` is Online or ConnectionLost."""

    at: datetime
    ping_status: str = "Online"


@dataclass(slots=True, kw_only=True)
class Analyzer:
    """One analyzer of IAM Access Analyzer; `status` is ACTIVE, CREATING, DISABLED or FAILED."""

    name: str
    kind: str
    created_at: datetime
    status: str = "ACTIVE"


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateDays:
    """When a server certificate came to IAM and when it ceases to be valid."""

    uploaded_at: datetime
    expires_at: datetime


@dataclass(slots=True, kw_only=True)
class AccountState:
    """Mutable; scenario code and the stand-ins share it. Compound changes hold `lock`."""

    account_id: str
    clock: Clock
    root: RootUser
    partition: str = "aws"
    enabled_regions: set[str] = field(default_factory=lambda: set(DEFAULT_REGIONS))
    support_plan: SupportPlan = SupportPlan.BASIC
    password_changed_at: dict[str, datetime] = field(default_factory=dict)
    """By name of the user; a user's creation where it is missing."""
    snapshot_sharing: dict[str, str] = field(default_factory=dict)
    """By Region: `block-all-sharing` or `block-new-sharing`; `unblocked` where it is missing."""
    image_sharing_blocked: set[str] = field(default_factory=set)
    """The Regions in which no image may be made public."""
    metadata_defaults: dict[str, dict[str, str | int]] = field(default_factory=dict)
    """By Region: the defaults of instance metadata that were set, as EC2 names them."""
    vpc_blocks: dict[str, VpcBlock] = field(default_factory=dict)
    """By Region: VPC Block Public Access; off where it is missing."""
    managed_nodes: dict[str, ManagedNode] = field(default_factory=dict)
    """By id of the EC2 instance: those whose agent has registered."""
    ssm_settings: dict[tuple[str, str], tuple[str, datetime]] = field(default_factory=dict)
    """By Region and id of the service setting: the value, and when it was set; those alone that were."""
    advisor: dict[str, AdvisorSummary] = field(default_factory=dict)
    """By id of the check."""
    confirmation_tokens: dict[str, str] = field(default_factory=dict)
    """By token, as it stands in the mail: the ARN of the SNS subscription that waits for it."""
    beanstalk_options: dict[str, Mapping[tuple[str, str], str]] = field(default_factory=dict)
    """By ARN of the Elastic Beanstalk environment: its options by namespace and name."""
    services: ServiceState = field(default_factory=ServiceState)
    """The services that watch the account and its money."""
    analyzers: dict[str, dict[str, Analyzer]] = field(default_factory=dict)
    """By Region and name."""
    certificate_days: dict[str, CertificateDays] = field(default_factory=dict)
    """By name of the server certificate in IAM."""
    secret_read_at: dict[str, datetime] = field(default_factory=dict)
    """By ARN of the secret: its last reading; never read where it is missing."""
    backup_selections: dict[str, list[dict[str, object]]] = field(default_factory=dict)
    """By id of the plan of AWS Backup."""
    mfa_delete: dict[str, bool] = field(default_factory=dict)
    """By name of the bucket, where the root user ever set it."""
    redshift_parameters: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)
    """By Region and parameter group: the values that were set; Redshift's defaults where they are missing."""
    sessions: dict[str, Session] = field(default_factory=dict, repr=False)
    """By access key id: the temporary credentials that STS gave out here."""
    accounts: dict[str, "AccountState"] = field(default_factory=dict, repr=False, compare=False)
    """By number: all accounts behind the endpoint, this one among them."""
    layers: dict[tuple[str, str], bytes] = field(default_factory=dict, repr=False)
    """By ARN of ECR's repository and digest: the layers of images."""
    given: dict[str, bytes] = field(default_factory=dict, repr=False)
    """By path: what lies behind the addresses that answers name, as the code of a function."""
    history: History = field(default_factory=History, repr=False)
    """What happened, as CloudTrail tells it."""
    delivered: dict[str, int] = field(default_factory=dict)
    """By ARN of the trail: the number of the last happening that it was asked to deliver."""
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @property
    def root_arn(self) -> str:
        """The ARN of the root user."""
        return f"arn:{self.partition}:iam::{self.account_id}:root"
