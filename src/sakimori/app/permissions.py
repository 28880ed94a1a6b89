"""The exact read-only IAM policy, derived from the declarations of the tables that a verb reads."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sakimori.analysis.derived import needs_of
from sakimori.app import account_secrets, canary, discover, import_findings, key_check, suppression_sync, verify_trail
from sakimori.app.alert_rules import ALERT_RULES
from sakimori.app.rules import open_rules
from sakimori.aws.actions import action_of
from sakimori.aws.read_policy import OPENING, policy_document
from sakimori.collect.catalogue import declarations
from sakimori.ingest import log_groups, lookup, notifications, s3_objects


def tables_of_rules() -> tuple[str, ...]:
    """The collected tables that the built-in rules stand on: what `assess` needs."""
    rules = open_rules().book.choose()
    return tuple(sorted(needs_of(name for rule in rules for name in rule.tables)))


def actions_for(tables: Iterable[str]) -> tuple[str, ...]:
    """The IAM actions that reading these tables needs, sorted."""
    operations = {operation for name in needs_of(tables) for operation in declarations()[name].operations}
    return tuple(sorted({action_of(operation) for operation in (*operations, *OPENING)}))


def actions_of_ingest() -> tuple[str, ...]:
    """The IAM actions that bringing logs in needs, wherever they lie and however they are found; sorted.

    `kms:Decrypt` is for logs that a key of KMS encrypts: no call names it.
    """
    operations = (
        *s3_objects.OPERATIONS,
        *lookup.OPERATIONS,
        *log_groups.OPERATIONS,
        *discover.OPERATIONS,
        *verify_trail.OPERATIONS,
    )
    return tuple(
        sorted({*(action_of(operation) for operation in operations), *actions_for(discover.TABLES), "kms:Decrypt"})
    )


def actions_of_findings_import() -> tuple[str, ...]:
    """The IAM actions that bringing in findings of AWS's own services needs; sorted."""
    return tuple(sorted({action_of(operation) for operation in (*import_findings.OPERATIONS, *OPENING)}))


def actions_of_suppress_sync() -> tuple[str, ...]:
    """The IAM actions that comparing suppressions with AWS's own filters needs; sorted."""
    return tuple(sorted({action_of(operation) for operation in (*suppression_sync.OPERATIONS, *OPENING)}))


def actions_of_verify_alerts() -> tuple[str, ...]:
    """The IAM actions that a real canary and the look at the account's own alarms need; sorted."""
    rules = open_rules().book.rules
    tables = {name for rule in ALERT_RULES for name in rules[rule].tables} | {"aws_cloudtrail_trail"}
    operations = (canary.OPERATION, *s3_objects.OPERATIONS)
    return tuple(sorted({*(action_of(each) for each in operations), *actions_for(tables), "kms:Decrypt"}))


def actions_of_notify() -> tuple[str, ...]:
    """The IAM actions that a route through Amazon SNS needs; sorted. It publishes, and changes nothing."""
    return tuple(sorted({action_of(operation) for operation in ("sns:Publish", *OPENING)}))


def actions_of_secrets() -> tuple[str, ...]:
    """The IAM actions that looking for secrets in an account's resources needs, and asking whose a key is; sorted.

    `kms:Decrypt` is for disks and objects that a key of KMS encrypts: no call names it.
    """
    operations = (*account_secrets.operations(), *key_check.OPERATIONS, *OPENING)
    return tuple(sorted({*(action_of(each) for each in operations), "kms:Decrypt"}))


def actions_of_watch() -> tuple[str, ...]:
    """The IAM actions that watching a bucket needs, by listing it or through a queue that tells of new objects; sorted."""
    operations = (notifications.RECEIVE, notifications.ACKNOWLEDGE, *s3_objects.OPERATIONS, *OPENING)
    return tuple(sorted({*(action_of(operation) for operation in operations), "kms:Decrypt"}))


def _substituted(document: dict[str, Any]) -> dict[str, Any]:
    """The document as a template writes it: the partition is known only where it is deployed."""
    for statement in document["Statement"]:
        if statement["Resource"] != "*":
            statement["Resource"] = [{"Fn::Sub": resource} for resource in statement["Resource"]]
    return document


@dataclass(frozen=True, slots=True)
class RoleForm:
    """What the role of a template is called, and what it says of itself."""

    name: str
    description: str
    policy: str
    sid: str


READER: Final = RoleForm(
    "sakimori-auditor",
    "The read-only role that sakimori takes to assess this account.",
    "sakimori-read",
    "SakimoriRead",
)
HARDENER: Final = RoleForm(
    "sakimori-hardener", "The role that sakimori takes to CHANGE this account. Delete it when that is done.",
    "sakimori-harden", "SakimoriHarden",
)  # fmt: skip

RESPONDER: Final = RoleForm(
    "sakimori-emergency", "The role that sakimori takes to stop a leaked key, which CHANGES this account. Watch who takes it.",
    "sakimori-respond", "SakimoriRespond",
)  # fmt: skip


def cloudformation(actions: Sequence[str], form: RoleForm = READER) -> str:
    """A CloudFormation template (JSON) of a role that another account may take with an external id."""
    template = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": form.description,
        "Parameters": {
            "TrustedAccountId": {
                "Type": "String",
                "AllowedPattern": "[0-9]{12}",
                "Description": "The account that sakimori runs from.",
            },
            "ExternalId": {
                "Type": "String",
                "MinLength": 12,
                "NoEcho": True,
                "Description": "A long random text that only you and the one who runs sakimori know.",
            },
            "RoleName": {"Type": "String", "Default": form.name},
        },
        "Resources": {
            "Auditor": {
                "Type": "AWS::IAM::Role",
                "Properties": {
                    "RoleName": {"Ref": "RoleName"},
                    "MaxSessionDuration": 3600,
                    "AssumeRolePolicyDocument": {
                        "Version": "2012-10-17",
                        "Statement": [
                            {
                                "Effect": "Allow",
                                "Principal": {
                                    "AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${TrustedAccountId}:root"}
                                },
                                "Action": "sts:AssumeRole",
                                "Condition": {"StringEquals": {"sts:ExternalId": {"Ref": "ExternalId"}}},
                            }
                        ],
                    },
                    "Policies": [
                        {
                            "PolicyName": form.policy,
                            "PolicyDocument": _substituted(policy_document(actions, "${AWS::Partition}", form.sid)),
                        }
                    ],
                },
            }
        },
        "Outputs": {"RoleArn": {"Value": {"Fn::GetAtt": ["Auditor", "Arn"]}}},
    }
    return json.dumps(template, indent=2)
