"""Which step takes away, or puts back, what a thief made or changed, and of which resource it is asked.

The steps' own order is the order of a plan: trails record again, what starts things anew ends, snapshots are dealt with
before instances, policies before roles, and users go last. What stands in no table here is for a person to decide.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from sakimori.actions.catalogue import every_step
from sakimori.actions.resources.security_group_rules import rule_of, rule_text
from sakimori.analysis.incident.form import Made
from sakimori.analysis.incident.made import OWN

ERASING: Final[Mapping[str, str]] = MappingProxyType(
    {
        "AWS::CloudFormation::Stack": "stack-erased",
        "AWS::AutoScaling::AutoScalingGroup": "auto-scaling-erased",
        "AWS::EC2::LaunchTemplate": "launch-template-erased",
        "AWS::EC2::SpotInstanceRequest": "spot-request-cancelled",
        "AWS::EC2::SpotFleet": "spot-fleet-cancelled",
        "AWS::EC2::EC2Fleet": "fleet-deleted",
        "AWS::EC2::Snapshot": "snapshot-erased",
        "AWS::EC2::SecurityGroupIngress": "security-group-rule-erased",
        "AWS::EC2::SecurityGroupEgress": "security-group-rule-erased",
        "AWS::EC2::SecurityGroup": "security-group-erased",
        "AWS::EC2::Instance": "instance-erased",
        "AWS::EC2::KeyPair": "key-pair-erased",
        "AWS::Lambda::Function": "function-erased",
        "AWS::Lambda::Url": "function-url-erased",
        "AWS::ECS::Service": "service-erased",
        "AWS::ECS::Task": "task-stopped",
        "AWS::SageMaker::NotebookInstance": "notebook-stopped",
        "AWS::SageMaker::TrainingJob": "training-stopped",
        "AWS::Lightsail::Instance": "lightsail-instance-stopped",
        "AWS::Glue::Job": "glue-job-stopped",
        "AWS::EMR::Cluster": "emr-cluster-ended",
        "AWS::CodeBuild::Build": "build-stopped",
        "AWS::GameLift::Fleet": "game-fleet-emptied",
        "AWS::Batch::ComputeEnvironment": "batch-environment-disabled",
        "AWS::SES::EmailIdentity": "mail-identity-erased",
        "AWS::GuardDuty::Filter": "guardduty-filter-erased",
        "AWS::IAM::ManagedPolicy": "policy-erased",
        "AWS::IAM::SAMLProvider": "identity-provider-erased",
        "AWS::IAM::OIDCProvider": "identity-provider-erased",
        "AWS::IAM::InstanceProfile": "instance-profile-erased",
        "AWS::IAM::Role": "role-erased",
        "AWS::IAM::VirtualMFADevice": "mfa-device-deactivated",
        "AWS::IAM::LoginProfile": "console-closed",
        "AWS::IAM::AccessKey": "access-key-erased",
        "AWS::IAM::User": "user-erased",
    }
)
"""The step that takes away what was made, by its type name."""

RESTORING: Final[Mapping[str, str]] = MappingProxyType(
    {
        "StopLogging": "trail-started",
        "UpdateAssumeRolePolicy": "role-trust-narrowed",
        "AttachUserPolicy": "policy-detached",
        "AttachRolePolicy": "policy-detached",
        "AttachGroupPolicy": "policy-detached",
        "PutUserPolicy": "inline-policy-erased",
        "PutRolePolicy": "inline-policy-erased",
        "PutGroupPolicy": "inline-policy-erased",
        "AddUserToGroup": "group-left",
        "ModifySnapshotAttribute": "snapshot-unshared",
        "ModifyDBSnapshotAttribute": "database-snapshot-unshared",
        "ModifyDBClusterSnapshotAttribute": "database-snapshot-unshared",
        "EnableMFADevice": "mfa-device-deactivated",
        "UpdateAccessKey": "key-deactivated",
        "UpdateLoginProfile": "console-closed",
        "StartInstances": "instance-isolated",
    }
)
"""The step that puts back what was changed, by the event that changed it."""


_NAMED_BY_HOLDER: Final = frozenset(
    {
        "AWS::IAM::AccessKey",
        "AWS::IAM::LoginProfile",
        "AWS::IAM::SSHPublicKey",
        "AWS::IAM::SigningCertificate",
        "AWS::IAM::ServiceSpecificCredential",
        "AWS::Lambda::Url",
        "AWS::Lambda::Permission",
    }
)
"""What has no ARN of its own in an incident: it carries the one of the user or function that it belongs to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """One step for one thing: of this resource, in this account and Region (`global` for services without Regions)."""

    step: str
    account: str
    region: str
    resource: str


def erasures_of(made: Sequence[Made]) -> tuple[Erasure, ...]:
    """What is to be done about these things, each once, in the order of doing it; things that no step is for are left out.

    A change of something that was made by the same thief needs no putting back: it goes as a whole. Of what is named by its
    holder only the thing itself goes: a key that a thief made for somebody's user takes nothing else of that user with it.
    """
    created = [each for each in made if each.is_created]
    whole = {(each.account, each.arn or each.id) for each in created if each.kind not in _NAMED_BY_HOLDER}
    same = {(each.account, each.kind, each.id) for each in created}
    found: dict[Erasure, None] = {}
    for each in made:
        erasure = erasure_of(each)
        is_gone = (each.account, each.arn or each.id) in whole or (each.account, each.kind, each.id) in same
        if erasure is not None and (each.is_created or not is_gone):
            found[erasure] = None
    return in_order(found)


def in_order(found: Iterable[Erasure]) -> tuple[Erasure, ...]:
    """By the steps' own order, then by place."""
    steps = every_step()
    return tuple(sorted(found, key=lambda each: (steps[each.step].order, each.account, each.region, each.resource)))


def erasure_of(made: Made) -> Erasure | None:
    """What is to be done about one thing; None where no step is for it, or the event does not tell enough to name it."""
    step = ERASING.get(made.kind, "") if made.is_created else RESTORING.get(made.change, "")
    resource = _RESOURCES.get(step, _arn)(made) if step else ""
    if not resource:
        return None
    region = "global" if resource.split(":")[3:4] == [""] and ":iam:" in resource else made.region
    return Erasure(step=step, account=made.account, region=region, resource=resource)


def _arn(made: Made) -> str:
    return made.arn


def _key(made: Made) -> str:
    """A key is named by its user and its id."""
    return f"{made.arn}/{made.id}" if made.arn and made.id.startswith("AKIA") else ""


def _with(name: str) -> Callable[[Made], str]:
    """The thing's ARN and what the event says under this name."""

    def resource(made: Made) -> str:
        told = made.told.get(name)
        return f"{made.arn}|{told}" if made.arn and isinstance(told, str) and told else ""

    return resource


def _member(made: Made) -> str:
    """The user who was put into a group: the event names the group first."""
    user, (head, _, group) = made.told.get("userName"), made.arn.rpartition(":group/")
    return f"{head}:user/{user}|{group.rpartition('/')[2]}" if head and isinstance(user, str) and user else ""


def _group_rule(made: Made) -> str:
    """The rule, with its group and what it says; "" where the event does not name it by an id or not all of what it says."""
    told = {name.removeprefix(OWN).lower(): value for name, value in made.told.items() if name.startswith(OWN)}
    group = str(told.get("groupid", ""))
    try:
        rule = rule_of(
            {
                "IsEgress": made.kind.endswith("Egress"), "IpProtocol": told["ipprotocol"], "FromPort": told.get("fromport"),
                "ToPort": told.get("toport"), "CidrIpv4": told.get("cidripv4"), "CidrIpv6": told.get("cidripv6"),
                "PrefixListId": told.get("prefixlistid"),
                "ReferencedGroupInfo": {
                    "GroupId": str(told.get("referencedgroupinfo.groupid", "")), "UserId": str(told.get("referencedgroupinfo.userid", "")),
                },
            }
        )  # fmt: skip
        text = rule_text(rule)
    except (KeyError, ValueError, TypeError):
        return ""
    is_named = made.id.startswith("sgr-") and group.startswith("sg-") and bool(rule["peer"])
    return f"{made.arn}|{group} {text}" if is_named else ""


def _by_name(prefix: str) -> Callable[[Made], str]:
    """Of services whose ARNs nobody can tell from a name: the ARN with the name in it."""

    def resource(made: Made) -> str:
        service, _, kind = prefix.partition(":")
        return f"arn:{_partition(made)}:{service}:{made.region}:{made.account}:{kind}{made.id}" if made.id else ""

    return resource


def _partition(made: Made) -> str:
    if made.region.startswith("cn-"):
        return "aws-cn"
    return "aws-us-gov" if made.region.startswith("us-gov-") else "aws"


_RESOURCES: Final[Mapping[str, Callable[[Made], str]]] = MappingProxyType(
    {
        "access-key-erased": _key,
        "key-deactivated": _key,
        "policy-detached": _with("policyArn"),
        "inline-policy-erased": _with("policyName"),
        "group-left": _member,
        "security-group-rule-erased": _group_rule,
        "auto-scaling-erased": _by_name("autoscaling:autoScalingGroup::autoScalingGroupName/"),
        "lightsail-instance-stopped": _by_name("lightsail:Instance/"),
        "emr-cluster-ended": _by_name("elasticmapreduce:cluster/"),
    }
)
