"""What a runbook and a playbook are: sentences in both languages, commands to type, screens to open. Data, no AWS.

A runbook answers one family of finding types of Amazon GuardDuty; a playbook is one whole story, as ordered steps with
who agrees, what can be taken back, and what is kept as evidence. Commands hold places as bare names in braces
(`sakimori investigate key {key_id}`), the names of `VARIABLES`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from sakimori.model.verdict import Text
from sakimori.model.words import Severity

VARIABLES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "finding": "FINDING-ID", "type": "FINDING-TYPE", "account": "ACCOUNT-ID", "region": "REGION", "key_id": "KEY-ID",
        "principal": "USER-OR-ROLE", "user": "USER-NAME", "role": "ROLE-NAME", "ip": "IP-ADDRESS", "resource": "RESOURCE",
        "instance": "INSTANCE-ID", "bucket": "BUCKET", "cluster": "CLUSTER", "function": "FUNCTION", "database": "DATABASE",
        "group": "SECURITY-GROUP-ID", "snapshot": "SNAPSHOT-ID", "mail": "MAIL.eml",
    }
)  # fmt: skip
"""The places of commands, and what is typed there as long as nobody knows the value."""


class Family(StrEnum):
    """What a finding is about: the second part of its type, as people look for it."""

    IAM = "iam"
    EC2 = "ec2"
    S3 = "s3"
    EKS = "eks"
    RUNTIME = "runtime"
    MALWARE = "malware"
    RDS = "rds"
    LAMBDA = "lambda"
    SEQUENCE = "sequence"
    AI = "ai"
    CUSTOM = "custom"


class Approver(StrEnum):
    """Who agrees before a step is made."""

    NOBODY = "nobody"
    """It only reads."""
    LEAD = "lead"
    """Who leads the response."""
    OWNER = "owner"
    """Who owns the account."""
    APPLICATION = "application"
    """Who owns what runs there."""
    LEGAL = "legal"
    TWO = "two"
    """Two different people."""


class Reversible(StrEnum):
    """Whether a step can be taken back."""

    READS = "reads"
    """It changes nothing."""
    FULLY = "fully"
    LOSES = "loses"
    """Yes, but something is lost or interrupted on the way."""
    NEVER = "never"


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One thing to do: the sentence, the commands that do it, the screens where there is no command."""

    text: Text
    commands: tuple[str, ...] = ()
    console: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingType:
    """One type: what it tells. `severity` is the one that GuardDuty gives by default; the finding's own wins over it.

    `seen_as` is the type that the finding itself carries where the name here is that of a custom detection rule, "" else.
    `is_retired`: GuardDuty makes no new findings of it; older ones may lie in a store.
    """

    name: str
    severity: Severity
    means: Text
    seen_as: str = ""
    is_retired: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Runbook:
    """One family of types. `within` is how soon somebody should have looked: `15m`, `1h`, `1d`, `7d`."""

    id: str
    family: Family
    title: Text
    words: tuple[str, ...]
    within: str
    means: Text
    danger: Text
    types: Mapping[str, FindingType]
    look: tuple[Move, ...]
    contain: tuple[Move, ...]
    benign: tuple[Text, ...]
    close: tuple[Move, ...]
    playbook: str = ""
    """The story to go on with, "" for `respond`."""
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaybookStep:
    """One step of a story. `action` is the id of a step of the action machine that makes it, "" for none.

    `only_if` says when it is made at all, None for always.
    """

    id: str
    title: Text
    why: Text
    within: str
    approver: Approver
    reversible: Reversible
    evidence: Text
    action: str = ""
    commands: tuple[str, ...] = ()
    console: Text | None = None
    only_if: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Playbook:
    """One story. `clock` is the time for all of it: `1h`, `24h`."""

    id: str
    title: Text
    words: tuple[str, ...]
    clock: str
    means: Text
    steps: tuple[PlaybookStep, ...]
    source: tuple[str, ...]
