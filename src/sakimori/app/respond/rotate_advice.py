"""R30: before a key is replaced by a key: what uses it, and whether a role would do, with the trust policy that it takes.

What the agents tell is a hint and is said as one: a program may call itself anything. Sources: AWS SDKs and Tools Reference Guide
(the execution environment stands in the user agent); IAM User Guide, "Create a role for OpenID Connect federation" (GitHub's
provider, its audience and subject) and "The confused deputy problem"; IAM Roles Anywhere User Guide, "Trust model".
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from sakimori.aws.door import Door
from sakimori.aws.refusal import Refusal

_MOST_ADDRESSES: Final = 50
_MOST_SEEN: Final = 5
_LONGEST: Final = 200
_GITHUB: Final = "token.actions.githubusercontent.com"


class Workload(StrEnum):
    """What uses a key; each has its sentence `respond_rotate.advice_<value>`."""

    EC2 = "ec2"
    ECS = "ecs"
    LAMBDA = "lambda"
    GITHUB = "github"
    PERSON = "person"
    OUTSIDE = "outside"
    """A program that runs elsewhere: IAM Roles Anywhere."""
    NOBODY = "nobody"
    """Nothing of the owner's was seen with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """One kind of user of the key, where it was seen (address and agent), and the trust policy of its role; {} where none helps."""

    workload: Workload
    seen: tuple[str, ...]
    trust: Mapping[str, Any]


_SIGNS: Final = (
    (Workload.LAMBDA, re.compile(r"exec-env/AWS_Lambda_", re.IGNORECASE)),
    (Workload.ECS, re.compile(r"exec-env/AWS_ECS_", re.IGNORECASE)),
    (Workload.GITHUB, re.compile(r"github-?actions|configure-aws-credentials|-azure\b", re.IGNORECASE)),
    (Workload.PERSON, re.compile(r"\b(darwin|macos|windows)\b|console\.amazonaws\.com|CloudShell", re.IGNORECASE)),
    (Workload.EC2, re.compile(r"\.amzn\d|-aws\b|exec-env/EC2", re.IGNORECASE)),
)
"""In this order: a container on an instance shows the kernel of the instance too. GitHub's own runners have kernels of Azure."""


def advice_of(
    places: Iterable[tuple[str, str]], inside: Mapping[str, Workload], account: str, partition: str
) -> tuple[Advice, ...]:
    """The kinds of users of these places (address, agent); `inside` are addresses that belong to this account, and to what there."""
    found: dict[Workload, list[str]] = {}
    for ip, agent in places:
        by_agent = next((kind for kind, sign in _SIGNS if sign.search(agent)), None)
        kind = by_agent or inside.get(ip, Workload.OUTSIDE)
        seen = f"{ip} {agent}"[:_LONGEST]
        if seen not in found.setdefault(kind, []):
            found[kind].append(seen)
    if not found:
        return (Advice(workload=Workload.NOBODY, seen=(), trust={}),)
    return tuple(
        Advice(workload=kind, seen=tuple(found[kind][:_MOST_SEEN]), trust=trust_of(kind, account, partition))
        for kind in Workload
        if kind in found
    )


def trust_of(workload: Workload, account: str, partition: str) -> Mapping[str, Any]:
    """The trust policy of the role that takes the key's place; in capitals what only its owner knows. {} where there is none."""
    match workload:
        case Workload.EC2:
            return _document({"Service": "ec2.amazonaws.com"}, ("sts:AssumeRole",))
        case Workload.LAMBDA:
            return _document({"Service": "lambda.amazonaws.com"}, ("sts:AssumeRole",))
        case Workload.ECS:
            only_here = {"StringEquals": {"aws:SourceAccount": account}}
            return _document({"Service": "ecs-tasks.amazonaws.com"}, ("sts:AssumeRole",), only_here)
        case Workload.GITHUB:
            provider = f"arn:{partition}:iam::{account}:oidc-provider/{_GITHUB}"
            named = {f"{_GITHUB}:aud": "sts.amazonaws.com", f"{_GITHUB}:sub": "repo:OWNER/REPOSITORY:ref:refs/heads/BRANCH"}  # fmt: skip
            return _document({"Federated": provider}, ("sts:AssumeRoleWithWebIdentity",), {"StringEquals": named})
        case Workload.OUTSIDE:
            anchor = f"arn:{partition}:rolesanywhere:REGION:{account}:trust-anchor/TRUST-ANCHOR-ID"
            actions = ("sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity")
            return _document(
                {"Service": "rolesanywhere.amazonaws.com"}, actions, {"ArnEquals": {"aws:SourceArn": anchor}}
            )
        case _:
            return {}


def _document(
    principal: Mapping[str, str], actions: Sequence[str], condition: Mapping[str, Any] | None = None
) -> Mapping[str, Any]:
    statement: dict[str, Any] = {"Effect": "Allow", "Principal": principal, "Action": list(actions)}
    if condition:
        statement["Condition"] = condition
    return {"Version": "2012-10-17", "Statement": [statement]}


def inside_of(door: Door, addresses: Iterable[str]) -> tuple[Mapping[str, Workload], tuple[str, ...]]:
    """Which of these addresses are of network interfaces of this account now; and the Regions that could not be looked at.

    What goes out by a NAT gateway is inside too: an instance, a task or a function.
    """
    wanted = sorted({each for each in addresses if re.fullmatch(r"[0-9.]{7,15}", each)})[:_MOST_ADDRESSES]
    found: dict[str, Workload] = {}
    unread: list[str] = []
    for region in door.account.selected if wanted else ():
        try:
            for name in ("association.public-ip", "addresses.private-ip-address"):
                asked = {"Filters": [{"Name": name, "Values": wanted}]}
                for page in door.pages("ec2:DescribeNetworkInterfaces", region, asked):
                    for each in page.get("NetworkInterfaces") or ():
                        found.update((ip, _kind(each)) for ip in _addresses(each) if ip in wanted)
        except Refusal:
            unread.append(region)
    return found, tuple(unread)


def _kind(interface: Mapping[str, Any]) -> Workload:
    if interface.get("InterfaceType") == "lambda":
        return Workload.LAMBDA
    return Workload.ECS if str(interface.get("Description", "")).startswith("arn:aws:ecs:") else Workload.EC2


def _addresses(interface: Mapping[str, Any]) -> Iterable[str]:
    yield str((interface.get("Association") or {}).get("PublicIp") or "")
    for each in interface.get("PrivateIpAddresses") or ():
        yield str(each.get("PrivateIpAddress") or "")
        yield str((each.get("Association") or {}).get("PublicIp") or "")
