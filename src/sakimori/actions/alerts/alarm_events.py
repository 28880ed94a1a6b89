"""Which events people are told of at once: few rules, each with how grave it is in its sentence.

What belongs to a rule is what the posture rules on alarms ask for (`collect.cloudtrail.watched`), and what a thief does
besides. Refused calls are told too: who tries is there already. Only what changes something comes through; that the root
user reads is not told, because one look at the console would send a hundred mails.
Source: Security Hub user guide, "Controls for CloudWatch"; EventBridge user guide, "AWS service events delivered via AWS
CloudTrail"; CloudTrail user guide, "AWS Management Console sign-in events"; Amazon S3 user guide, "CloudTrail events".
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sakimori.actions.alerts.event_rules import EventRule
from sakimori.collect.cloudtrail.watched import WATCHED, Event

_CALL: Final = "AWS API Call via CloudTrail"
_SIGN_IN: Final = "AWS Console Sign In via CloudTrail"
_PATHS: Final = {
    "account": "$.account", "region": "$.region", "time": "$.time", "event": "$.detail.eventName",
    "service": "$.detail.eventSource", "who": "$.detail.userIdentity.arn", "from": "$.detail.sourceIPAddress",
    "error": "$.detail.errorCode",
}  # fmt: skip
_WATCHED: Final = {each.name: each for each in WATCHED}


@dataclass(frozen=True, slots=True)
class AlarmRule:
    """A rule, and whether its events arrive in the partition's global Region alone."""

    rule: EventRule
    is_global: bool = False


def _names(*watched: str) -> set[str]:
    """The operations that the posture rules on these alarms ask for."""
    return {str(event["eventName"]) for name in watched for event in _WATCHED[name].must_see}


def _rule(name: str, pattern: Mapping[str, Any], samples: Iterable[Event]) -> EventRule:
    told = f"harden_reach.told_{name.removeprefix('sakimori-').replace('-', '_')}"
    return EventRule(
        name=name, pattern=pattern, told=told, facts="harden_reach.told_facts", paths=_PATHS, samples=tuple(samples)
    )  # fmt: skip


def _calls(name: str, services: Iterable[str], operations: Iterable[str]) -> EventRule:
    """Operations of one or more services, by whoever, successful or not."""
    sources, names = [f"{each}.amazonaws.com" for each in services], sorted(operations)
    pattern = {"detail-type": [_CALL], "detail": {"eventSource": sources, "eventName": names}}
    samples = ({**_sample(_CALL, source), "detail.eventName": each} for source in sources for each in names)
    return _rule(name, pattern, samples)


def _sample(kind: str, source: str) -> dict[str, str | bool | None]:
    service = source.removesuffix(".amazonaws.com")
    return {"source": f"aws.{service}", "detail-type": kind, "detail.eventSource": source, "detail.errorCode": None}


_ROOT: Final = _rule(
    "sakimori-root-use",
    {
        "detail-type": [_CALL, _SIGN_IN],
        "detail": {
            "userIdentity": {"type": ["Root"], "invokedBy": [{"exists": False}]},
            "eventType": [{"anything-but": "AwsServiceEvent"}],
        },
    },
    (
        {
            **_sample(kind, source), "detail.eventName": event, "detail.userIdentity.type": "Root",
            "detail.userIdentity.invokedBy": None, "detail.eventType": of,
        }
        for kind, source, event, of in (
            (_CALL, "iam.amazonaws.com", "CreateUser", "AwsApiCall"),
            (_SIGN_IN, "signin.amazonaws.com", "ConsoleLogin", "AwsConsoleSignIn"),
        )
    ),
)  # fmt: skip
_WITHOUT_MFA: Final = _rule(
    "sakimori-sign-in-without-mfa",
    {
        "detail-type": [_SIGN_IN],
        # A federated sign-in never says that it had a second factor, so it would tell of every one.
        "detail": {
            "eventName": ["ConsoleLogin"], "userIdentity": {"type": ["IAMUser"]},
            "additionalEventData": {"MFAUsed": ["No"]}, "responseElements": {"ConsoleLogin": ["Success"]},
        },
    },
    ({
        **_sample(_SIGN_IN, "signin.amazonaws.com"), "detail.eventName": "ConsoleLogin",
        "detail.userIdentity.type": "IAMUser", "detail.additionalEventData.MFAUsed": "No",
        "detail.responseElements.ConsoleLogin": "Success",
    },),
)  # fmt: skip

ALARM_RULES: Final = (
    AlarmRule(_ROOT),
    AlarmRule(_calls("sakimori-trail-changes", ("cloudtrail",), _names("cloudtrail-changes") | {
        "PutEventSelectors", "PutInsightSelectors", "DeleteEventDataStore", "StopEventDataStoreIngestion",
    })),
    AlarmRule(_calls("sakimori-detection-changes", ("config", "guardduty", "securityhub", "access-analyzer"), {
        *_names("config-changes"), "DeleteConfigurationRecorder", "DeleteDetector", "UpdateDetector", "StopMonitoringMembers",
        "DisassociateMembers", "DisassociateFromAdministratorAccount", "DisassociateFromMasterAccount", "CreateFilter",
        "CreateIPSet", "UpdateIPSet", "DeletePublishingDestination", "DisableSecurityHub", "BatchDisableStandards",
        "CreateAutomationRule", "DeleteAnalyzer", "CreateArchiveRule",
    })),
    AlarmRule(_WITHOUT_MFA),
    AlarmRule(_calls("sakimori-iam-changes", ("iam",), _names("iam-policy-changes") | {
        "CreateUser", "DeleteUser", "CreateAccessKey", "UpdateAccessKey", "CreateLoginProfile", "UpdateLoginProfile",
        "AddUserToGroup", "DeactivateMFADevice", "DeleteVirtualMFADevice", "CreateRole", "UpdateAssumeRolePolicy",
        "SetDefaultPolicyVersion", "DeleteUserPermissionsBoundary", "DeleteRolePermissionsBoundary", "CreateSAMLProvider",
        "UpdateSAMLProvider", "CreateOpenIDConnectProvider", "UpdateAccountPasswordPolicy", "DeleteAccountPasswordPolicy",
    }), is_global=True),
    AlarmRule(_calls("sakimori-key-changes", ("kms",), _names("kms-key-deletion") | {"DeleteImportedKeyMaterial"})),
    AlarmRule(_calls("sakimori-organization-changes", ("organizations",), _names("organizations-changes")), is_global=True),
    AlarmRule(_calls("sakimori-bucket-changes", ("s3",), _names("bucket-policy-changes") | {
        "PutBucketPublicAccessBlock", "DeleteBucketPublicAccessBlock", "PutAccountPublicAccessBlock",
        "DeleteAccountPublicAccessBlock",
    })),
    AlarmRule(_calls("sakimori-network-changes", ("ec2",), _names(
        "security-group-changes", "network-acl-changes", "gateway-changes", "route-table-changes", "vpc-changes"
    ) | {"ModifySecurityGroupRules"})),
)  # fmt: skip
"""In the order of how grave they are."""
