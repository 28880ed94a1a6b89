"""What an administrator wants to be told of at once: sample events of CloudTrail that a watch must see.

Sources: Security Hub user guide, "Controls for CloudWatch" (CloudWatch.1 to CloudWatch.14), for
which operations belong to which watch; CloudTrail user guide, "CloudTrail record contents" and
"AWS Management Console sign-in events", for the members of an event. Operations of EC2-Classic's
ClassicLink, which AWS has closed, are left out.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from sakimori.collect.kleene import every, opposite

Value = str | bool | None
Event = Mapping[str, Value]
"""What is known of an event by dotted path; None for a member that it lacks. A path that is not there may hold anything."""

Judge = Callable[[Event, bool], bool | None]
"""Whether a pattern matches an event; None where that depends on members that are not known.

The second argument is what a test yields that is not followed: whoever asks with both values learns
whether it matters.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """One thing to be told of. `is_global`: its events are all delivered in the partition's one global Region."""

    name: str
    must_see: tuple[Event, ...]
    is_global: bool = False


def watches(judge: Judge, watched: Watched) -> bool | None:
    """Whether a pattern sees every sample whatever its other members are, and does not see everyday events as well.

    More events than were asked for do no harm; an alarm that goes off all day tells nobody anything.
    """
    sees = _with_both(lambda guess: all(judge(event, guess) is True for event in watched.must_see))
    is_noisy = _with_both(lambda guess: any(judge(event, guess) is True for event in _EVERYDAY))
    return every([sees, opposite(is_noisy)])


def _with_both(ask: Callable[[bool], bool]) -> bool | None:
    answers = {ask(guess) for guess in (False, True)}
    return answers.pop() if len(answers) == 1 else None


# -- events --------------------------------------------------------------------

_BY_ANYONE: Final = ("IAMUser", "AssumedRole", "Root")
_SUCCEEDED: Final[Event] = {"errorCode": None, "errorMessage": None}


def _call(operation: str, who: str, *, reads: bool = False, **more: str | None) -> dict[str, Value]:
    service, _, name = operation.partition(":")
    return {
        "eventSource": f"{service}.amazonaws.com",
        "eventName": name,
        "eventType": "AwsApiCall",
        "eventCategory": "Management",
        "managementEvent": True,
        "readOnly": reads,
        "userIdentity.type": who,
        "userIdentity.invokedBy": None,
        **_SUCCEEDED,
        **more,
    }


def _sign_in(who: str, *, mfa: str, result: str) -> Event:
    return {
        **_call("signin:ConsoleLogin", who),
        "eventType": "AwsConsoleSignIn",
        "errorMessage": "Failed authentication" if result == "Failure" else None,
        "additionalEventData.MFAUsed": mfa,
        "responseElements.ConsoleLogin": result,
    }


def _changes(service: str, names: str) -> tuple[Event, ...]:
    """Each operation by each kind of person, successful."""
    return tuple(_call(f"{service}:{name}", who) for name in names.split() for who in _BY_ANYONE)


def _refused(operation: str, code: str, *, reads: bool) -> Iterable[Event]:
    for who in ("IAMUser", "AssumedRole"):
        yield {**_call(operation, who, reads=reads), "errorCode": code, "sourceIPAddress": "203.0.113.7"}


_EVERYDAY: Final[tuple[Event, ...]] = tuple(
    _call(operation, who, reads=reads)
    for operation, reads in (("ec2:DescribeInstances", True), ("ec2:StartInstances", False))
    for who in ("IAMUser", "AssumedRole")
)

_ROOT_USE: Final[tuple[Event, ...]] = (
    *(_call("iam:CreateUser", "Root", reads=reads) for reads in (False, True)),
    *({**_call("iam:CreateUser", "Root"), "eventType": kind} for kind in ("AwsConsoleAction", "AwsVpceEvent")),
    *(_sign_in("Root", mfa=mfa, result="Success") for mfa in ("Yes", "No")),
)

WATCHED: Final = tuple(
    Watched(name=name, must_see=tuple(events), is_global=name in {"iam-policy-changes", "organizations-changes"})
    for name, events in {
        "root-use": _ROOT_USE,
        "unauthorized-calls": (
            *_refused("ec2:RunInstances", "Client.UnauthorizedOperation", reads=False),
            *_refused("ec2:DescribeInstances", "Client.UnauthorizedOperation", reads=True),
            *_refused("iam:CreateUser", "AccessDenied", reads=False),
            *_refused("iam:ListUsers", "AccessDenied", reads=True),
            *_refused("kms:DisableKey", "AccessDeniedException", reads=False),
            *_refused("secretsmanager:GetSecretValue", "AccessDeniedException", reads=True),
        ),
        "console-sign-in-without-mfa": (_sign_in("IAMUser", mfa="No", result="Success"),),
        "console-sign-in-failures": (
            _sign_in(who, mfa=mfa, result="Failure") for who in ("IAMUser", "Root") for mfa in ("Yes", "No")
        ),
        "iam-policy-changes": _changes(
            "iam",
            "DeleteGroupPolicy DeleteRolePolicy DeleteUserPolicy PutGroupPolicy PutRolePolicy PutUserPolicy "
            "CreatePolicy DeletePolicy CreatePolicyVersion DeletePolicyVersion AttachRolePolicy DetachRolePolicy "
            "AttachUserPolicy DetachUserPolicy AttachGroupPolicy DetachGroupPolicy",
        ),
        "cloudtrail-changes": _changes("cloudtrail", "CreateTrail UpdateTrail DeleteTrail StartLogging StopLogging"),
        "kms-key-deletion": _changes("kms", "DisableKey ScheduleKeyDeletion"),
        "bucket-policy-changes": _changes(
            "s3",
            "PutBucketAcl PutBucketPolicy PutBucketCors PutBucketLifecycle PutBucketReplication "
            "DeleteBucketPolicy DeleteBucketCors DeleteBucketLifecycle DeleteBucketReplication",
        ),
        "config-changes": _changes(
            "config",
            "StopConfigurationRecorder DeleteDeliveryChannel PutDeliveryChannel PutConfigurationRecorder",
        ),
        "security-group-changes": _changes(
            "ec2",
            "AuthorizeSecurityGroupIngress AuthorizeSecurityGroupEgress RevokeSecurityGroupIngress "
            "RevokeSecurityGroupEgress CreateSecurityGroup DeleteSecurityGroup",
        ),
        "network-acl-changes": _changes(
            "ec2",
            "CreateNetworkAcl CreateNetworkAclEntry DeleteNetworkAcl DeleteNetworkAclEntry "
            "ReplaceNetworkAclEntry ReplaceNetworkAclAssociation",
        ),
        "gateway-changes": _changes(
            "ec2",
            "CreateCustomerGateway DeleteCustomerGateway AttachInternetGateway CreateInternetGateway "
            "DeleteInternetGateway DetachInternetGateway",
        ),
        "route-table-changes": _changes(
            "ec2",
            "CreateRoute CreateRouteTable ReplaceRoute ReplaceRouteTableAssociation DeleteRouteTable DeleteRoute "
            "DisassociateRouteTable",
        ),
        "vpc-changes": _changes(
            "ec2",
            "CreateVpc DeleteVpc ModifyVpcAttribute AcceptVpcPeeringConnection CreateVpcPeeringConnection "
            "DeleteVpcPeeringConnection RejectVpcPeeringConnection",
        ),
        "organizations-changes": _changes(
            "organizations",
            "AcceptHandshake AttachPolicy CreateAccount CreateOrganizationalUnit CreatePolicy DeclineHandshake "
            "DeleteOrganization DeleteOrganizationalUnit DeletePolicy DetachPolicy DisablePolicyType EnablePolicyType "
            "InviteAccountToOrganization LeaveOrganization MoveAccount RemoveAccountFromOrganization UpdatePolicy "
            "UpdateOrganizationalUnit",
        ),
    }.items()
)
"""Everything that the rules on alarms ask for, in the order of Security Hub's controls as far as it goes."""
