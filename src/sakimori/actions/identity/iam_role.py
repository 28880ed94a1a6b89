"""A role that is ours by its name: how it is, how it is wanted, and the calls from any state of it to any other.

A role of CloudFormation is left alone, and so is a trust that asks for MFA or an external id, whomever it names.
Source: botocore's model of iam; IAM User Guide, "Configure MFA-protected API access" and "How to use an external ID".
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, cast

from sakimori.actions.resources.policy_statements import Policy, normal_policy
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State
from sakimori.actions.terraform import Expression, Resource, identifier
from sakimori.aws.refusal import Refusal
from sakimori.model.action import Call, Change
from sakimori.model.words import GapKind

_PROFILES: Final = "iam:ListInstanceProfilesForRole"
READS: Final = (
    "iam:GetRole", "iam:ListAttachedRolePolicies", "iam:ListRolePolicies", "iam:GetRolePolicy", _PROFILES,
)  # fmt: skip
WRITES: Final = (
    "iam:CreateRole", "iam:DeleteRole", "iam:UpdateAssumeRolePolicy", "iam:UpdateRole", "iam:AttachRolePolicy",
    "iam:DetachRolePolicy", "iam:PutRolePolicy", "iam:DeleteRolePolicy",
)  # fmt: skip
_THERE: Final = ("EntityAlreadyExists",)
_GONE: Final = ("NoSuchEntity",)
_STACK: Final = "aws:cloudformation:stack-name"
_HOUR: Final = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleWish:
    """A role as a step wants it. `policies` are AWS's own, without the beginning of their ARN; `written` policies stand in the role itself."""

    name: str
    step: str
    policies: tuple[str, ...] = ()
    written: Mapping[str, Mapping[str, Any]] = field(default_factory=dict[str, Mapping[str, Any]])


def aws_policy(site: Site, name: str) -> str:
    """The ARN of one of AWS's own policies, its path before its name."""
    return f"arn:{site.account.partition}:iam::aws:policy/{name}"


def read_role(site: Site, name: str) -> State | None:
    """The role in normal form; None where there is none of this name."""
    found = site.call("iam:GetRole", _GONE, RoleName=name)
    if found is None:
        return None
    role = found["Role"]
    tags = {tag["Key"]: tag["Value"] for tag in role.get("Tags") or ()}
    attached = site.all_of("iam:ListAttachedRolePolicies", "AttachedPolicies", RoleName=name)
    written = site.all_of("iam:ListRolePolicies", "PolicyNames", RoleName=name)
    return {
        "stack": tags.get(_STACK, ""),
        "trust": _text(role["AssumeRolePolicyDocument"]),
        "seconds": role.get("MaxSessionDuration", _HOUR),
        "attached": sorted(each["PolicyArn"] for each in attached),
        "written": {each: _written(site, name, each) for each in sorted(written)},
    }


def role_wanted(site: Site, wish: RoleWish, now: State | None) -> State:
    """What is missing is added; a trust that asks for nothing is replaced, and its sessions are shortened; all else stays."""
    attached = {aws_policy(site, each) for each in wish.policies}
    written = {name: _text(document) for name, document in wish.written.items()}
    trust = _text(_trust(site))
    if now is None:
        return {"stack": "", "trust": trust, "seconds": _HOUR, "attached": sorted(attached), "written": written}
    if now["stack"]:
        return now
    is_open = _lets_anyone_in(json.loads(now["trust"]))
    return {
        "stack": "",
        "trust": trust if is_open else now["trust"],
        "seconds": min(now["seconds"], _HOUR) if is_open else now["seconds"],
        "attached": sorted(attached | set(now["attached"])),
        "written": dict(sorted({**now["written"], **written}.items())),
    }


def role_changes(site: Site, wish: RoleWish, now: State | None, target: State | None) -> Sequence[Change]:
    """The calls from one state of the role to another.

    Refusal where the role would be deleted and is in an instance profile: AWS refuses only once its policies are off.
    """
    if now == target:
        return ()
    if now is None or target is None:
        whole = target if now is None else now
        assert whole is not None  # noqa: S101 - they differ, so one of them is a role
        create, delete = _create(site, wish, whole), _role_call(site, "iam:DeleteRole", wish.name, _GONE)
        if now is None:
            made = Change(name=wish.name, call=create, undo=(delete,), text="harden_people.role_made", values={"role": wish.name})  # fmt: skip
            return (made, *_policies(site, wish, None, whole))
        _must_be_in_no_instance_profile(site, wish.name)
        gone = Change(name=wish.name, call=delete, undo=(create,), text="harden_people.role_gone", values={"role": wish.name})  # fmt: skip
        return (*_policies(site, wish, whole, None), gone)
    return (*_settings(site, wish.name, now, target), *_policies(site, wish, now, target))


def _must_be_in_no_instance_profile(site: Site, role: str) -> None:
    found = (site.call(_PROFILES, _GONE, RoleName=role) or {}).get("InstanceProfiles") or ()
    if found:
        raise Refusal(
            call="iam:DeleteRole", kind=GapKind.REFUSED, code="DeleteConflict",
            message=f"in the instance profile {found[0]['InstanceProfileName']}",
        )  # fmt: skip


def trust_replaced(site: Site, wish: RoleWish, now: State | None) -> Sequence[Caution]:
    """That whoever takes the role without MFA today is refused from then on, and when somebody last took it."""
    if now is None or now["stack"] or not _lets_anyone_in(json.loads(now["trust"])):
        return ()
    told = (site.call("iam:GetRole", RoleName=wish.name) or {})["Role"].get("RoleLastUsed") or {}
    used = told.get("LastUsedDate")
    day = used.date().isoformat() if isinstance(used, datetime) else "-"
    return (Caution(text="harden_people.role_trust_replaced", values={"role": wish.name, "day": day}),)


def trusted_others(site: Site, wish: RoleWish, now: State | None) -> Sequence[Caution]:
    """That a role of this name lets in somebody besides people of this account, who would get what the step gives it."""
    if now is None or now["stack"] or role_wanted(site, wish, now) == now or _lets_anyone_in(json.loads(now["trust"])):
        return ()
    told = json.loads(now["trust"]).get("Statement") or ()
    statements = cast("Sequence[Mapping[str, Any]]", told if isinstance(told, list) else [told])
    own = f"arn:{site.account.partition}:iam::{site.account.id}:"
    who = sorted(
        {
            each
            for statement in statements
            for each in _principals(statement)
            if not each.startswith((own, site.account.id))
        }
    )
    return (
        [Caution(text="harden_people.role_of_others", values={"role": wish.name, "who": who}, blocks=True)]
        if who
        else []
    )


def _principals(statement: Mapping[str, Any]) -> Iterator[str]:
    principal = statement.get("Principal")
    if not isinstance(principal, dict):
        yield "*"
        return
    for value in cast("Mapping[str, Any]", principal).values():
        yield from map(str, value if isinstance(value, list) else [value])


def role_resources(wish: RoleWish, target: State | None) -> Sequence[Resource]:
    """The role as Terraform makes it; nothing where it is not ours."""
    if target is None or target["stack"]:
        return ()
    name = identifier(wish.name)
    role = Expression(f"aws_iam_role.{name}.name")
    head = {
        "name": wish.name, "assume_role_policy": target["trust"], "max_session_duration": target["seconds"],
        "tags": {"sakimori": wish.step},
    }  # fmt: skip
    attached = [
        Resource(type="aws_iam_role_policy_attachment", name=f"{wish.name}-{arn.rpartition('/')[2]}", arguments={"role": role, "policy_arn": arn})
        for arn in target["attached"]
    ]  # fmt: skip
    written = [
        Resource(type="aws_iam_role_policy", name=f"{wish.name}-{each}", arguments={"role": role, "name": each, "policy": text})
        for each, text in target["written"].items()
    ]  # fmt: skip
    return (Resource(type="aws_iam_role", name=wish.name, arguments=head), *attached, *written)


def _text(document: Policy) -> str:
    """A policy document of which two of the same meaning are the same text."""
    return json.dumps(normal_policy(document), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _written(site: Site, role: str, policy: str) -> str:
    answer = site.call("iam:GetRolePolicy", RoleName=role, PolicyName=policy) or {}
    return _text(answer["PolicyDocument"])


def _trust(site: Site) -> Mapping[str, Any]:
    """Whoever of this account may take roles, and has shown a second factor."""
    account = f"arn:{site.account.partition}:iam::{site.account.id}:root"
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": account},
                "Action": "sts:AssumeRole",
                "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
            }
        ],
    }


def _lets_anyone_in(document: Mapping[str, Any]) -> bool:
    """Some principal of AWS gets in without MFA and without an external id."""
    told = document.get("Statement") or ()
    statements = cast("Sequence[Mapping[str, Any]]", told if isinstance(told, list) else [told])
    return any(each.get("Effect") == "Allow" and _names_anyone(each) and not _is_guarded(each) for each in statements)


def _names_anyone(statement: Mapping[str, Any]) -> bool:
    principal = statement.get("Principal")
    return principal == "*" or (isinstance(principal, dict) and "AWS" in principal) or "NotPrincipal" in statement


def _is_guarded(statement: Mapping[str, Any]) -> bool:
    condition: Mapping[str, Mapping[str, Any]] = statement.get("Condition") or {}
    found = {(operator, key.lower()): value for operator, pairs in condition.items() for key, value in pairs.items()}
    # Not BoolIfExists: it lets in whoever does not say, such as a long-term key.
    shown = found.get(("Bool", "aws:multifactorauthpresent"), ())
    is_shown = [str(each).lower() for each in (shown if isinstance(shown, list | tuple) else [shown])] == ["true"]
    ages = (("NumericLessThan", "aws:multifactorauthage"), ("NumericLessThanEquals", "aws:multifactorauthage"))
    return is_shown or any(each in found for each in (*ages, ("StringEquals", "sts:externalid")))


def _role_call(site: Site, operation: str, role: str, settled: tuple[str, ...] = (), **parameters: object) -> Call:
    return Call(
        operation=operation, region=site.region, parameters={"RoleName": role, **parameters}, settled=settled
    )  # fmt: skip


def _create(site: Site, wish: RoleWish, state: State) -> Call:
    return _role_call(
        site, "iam:CreateRole", wish.name, _THERE, AssumeRolePolicyDocument=state["trust"],
        MaxSessionDuration=state["seconds"], Tags=[{"Key": "sakimori", "Value": wish.step}],
    )  # fmt: skip


def _settings(site: Site, role: str, now: State, target: State) -> Iterator[Change]:
    if now["trust"] != target["trust"]:
        there, back = (
            _role_call(site, "iam:UpdateAssumeRolePolicy", role, PolicyDocument=each["trust"]) for each in (target, now)
        )
        yield Change(name=f"{role} trust", call=there, undo=(back,), text="harden_people.role_trust", values={"role": role})  # fmt: skip
    if now["seconds"] != target["seconds"]:
        there, back = (
            _role_call(site, "iam:UpdateRole", role, MaxSessionDuration=each["seconds"]) for each in (target, now)
        )
        values = {"role": role, "seconds": target["seconds"]}
        yield Change(name=f"{role} session", call=there, undo=(back,), text="harden_people.role_session", values=values)


def _policies(site: Site, wish: RoleWish, now: State | None, target: State | None) -> Iterator[Change]:
    """First what is added, then what is taken away. Of a role that stays, what others gave it meanwhile stays too."""
    role, is_whole = wish.name, now is None or target is None
    ours = {aws_policy(site, each) for each in wish.policies}
    held, wanted = (set(each["attached"]) if each else set[str]() for each in (now, target))
    for arn in (*sorted(wanted - held), *sorted(held - wanted)):
        if not is_whole and arn not in ours:
            continue
        attach = _role_call(site, "iam:AttachRolePolicy", role, PolicyArn=arn)
        detach = _role_call(site, "iam:DetachRolePolicy", role, _GONE, PolicyArn=arn)
        there, back = (attach, detach) if arn in wanted else (detach, attach)
        text = "harden_people.role_allowed" if arn in wanted else "harden_people.role_not_allowed"
        values = {"role": role, "policy": arn.rpartition("/")[2]}
        yield Change(name=f"{role} {arn}", call=there, undo=(back,), text=text, values=values)
    before, after = (each["written"] if each else {} for each in (now, target))
    for name in sorted({*before, *after} if is_whole else wish.written):
        if before.get(name) == after.get(name):
            continue
        there, back = (_write(site, role, name, each.get(name)) for each in (after, before))
        text = "harden_people.role_written" if name in after else "harden_people.role_not_written"
        yield Change(name=f"{role} {name}", call=there, undo=(back,), text=text, values={"role": role, "policy": name})


def _write(site: Site, role: str, policy: str, text: str | None) -> Call:
    if text is None:
        return _role_call(site, "iam:DeleteRolePolicy", role, _GONE, PolicyName=policy)
    return _role_call(site, "iam:PutRolePolicy", role, PolicyName=policy, PolicyDocument=text)
