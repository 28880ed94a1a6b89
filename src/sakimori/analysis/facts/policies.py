"""Facts of the policies that a request puts in force."""

import re
from collections.abc import Iterator
from typing import Final

from sakimori.analysis.facts.documents import granting_statements
from sakimori.analysis.facts.event_parts import request, text_in
from sakimori.analysis.facts.fact import Event, Fact, FactType, Surroundings
from sakimori.analysis.facts.reach import EVERYONE, admitted, own_of, public
from sakimori.collect.kleene import some
from sakimori.collect.policy_document import Statement
from sakimori.collect.policy_reach import covers
from sakimori.model.verdict import Text

_EVERYTHING: Final = re.compile(r"\*+(?::\*+)?\Z")
_WHOLE_SERVICE: Final = re.compile(r"[a-z0-9-]+:\*+\Z", re.IGNORECASE)
_ACCOUNT: Final = re.compile(r"[0-9]{12}\Z")
# What leads from a few permissions to more. PassRole and AssumeRole lead anywhere only where no role is named.
# Source: Service Authorization Reference, actions of access level "Permissions management" of IAM and STS, and those
# by which code comes to run under a role that is there already.
_ESCALATING: Final = (
    "iam:AddUserToGroup", "iam:AttachGroupPolicy", "iam:AttachRolePolicy", "iam:AttachUserPolicy",
    "iam:CreateAccessKey", "iam:CreateLoginProfile", "iam:CreatePolicyVersion", "iam:CreateVirtualMFADevice",
    "iam:DeactivateMFADevice", "iam:DeleteRolePermissionsBoundary", "iam:DeleteUserPermissionsBoundary",
    "iam:PutGroupPolicy", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy", "iam:PutUserPermissionsBoundary",
    "iam:PutUserPolicy", "iam:SetDefaultPolicyVersion", "iam:UpdateAssumeRolePolicy", "iam:UpdateLoginProfile",
    "cloudformation:UpdateStack", "codebuild:UpdateProject", "codestar:CreateProject", "datapipeline:PutPipelineDefinition",
    "ec2-instance-connect:SendSSHPublicKey", "ec2:ModifyInstanceAttribute", "glue:UpdateDevEndpoint",
    "glue:UpdateJob", "lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration",
    "sagemaker:CreatePresignedNotebookInstanceUrl", "ssm:SendCommand", "ssm:StartSession",
    "sso:AttachManagedPolicyToPermissionSet", "sso:CreateAccountAssignment", "sso:PutInlinePolicyToPermissionSet",
)  # fmt: skip
_ESCALATING_ON_ANY: Final = ("iam:PassRole", "sts:AssumeRole")
_ANY_ROLE: Final = re.compile(r"\*+\Z|arn:[\w*-]+:iam::[\d*]*:(?:role/)?\*+\Z")
# Source: AWS Managed Policy Reference Guide.
_ADMIN_POLICIES: Final = frozenset({"AdministratorAccess", "IAMFullAccess", "PowerUserAccess"})
_ATTACHING: Final = {
    "AttachUserPolicy": "policyArn",
    "AttachRolePolicy": "policyArn",
    "AttachGroupPolicy": "policyArn",
    "AttachManagedPolicyToPermissionSet": "managedPolicyArn",
}


def _has_everything(patterns: tuple[str, ...]) -> bool:
    return any(_EVERYTHING.match(pattern) for pattern in patterns)


def _has_principal(statement: Statement) -> bool:
    return statement.principals.reaches_anyone or bool(statement.principals.names)


def _on_everything(statement: Statement) -> bool:
    """All resources, or all but a few."""
    return statement.is_not_resource or _has_everything(statement.resources)


def _is_admin(statement: Statement) -> bool:
    """Whether the statement of an identity's policy allows everything, or everything but a few actions, on all."""
    if not statement.is_allow or _has_principal(statement) or not _on_everything(statement):
        return False
    return _leaves_iam(statement) if statement.is_not_action else _has_everything(statement.actions)


def _leaves_iam(statement: Statement) -> bool:
    """A NotAction that leaves IAM in is as good as everything; one that leaves it out is PowerUserAccess."""
    return covers(statement, "iam:PutUserPolicy") or covers(statement, "iam:AttachUserPolicy")


def _escalations(statement: Statement) -> Iterator[str]:
    if not statement.is_allow or _has_principal(statement):
        return
    yield from (action for action in _ESCALATING if covers(statement, action))
    if statement.is_not_resource or any(_ANY_ROLE.match(resource) for resource in statement.resources):
        yield from (action for action in _ESCALATING_ON_ANY if covers(statement, action))


def _denies_all(statement: Statement) -> bool:
    """Whether it takes everything from everyone it speaks of, without condition.

    In the policy of a resource, all actions of its service are everything.
    """
    if statement.is_allow or statement.conditions or statement.is_not_action or not statement.resources:
        return False
    if _has_everything(statement.actions):
        return True
    return statement.principals.is_everyone and any(_WHOLE_SERVICE.match(action) for action in statement.actions)


def _public(event: Event, surroundings: Surroundings) -> bool | None:
    found = granting_statements(event)
    if not found.statements:
        return False if found.is_whole else None
    own = own_of(event, surroundings)
    answer = some(public(statement, own) for statement in found.statements)
    return None if answer is False and not found.is_whole else answer


def _external_accounts(event: Event, surroundings: Surroundings) -> tuple[str, ...] | None:
    found = granting_statements(event)
    if not found.statements:
        return () if found.is_whole else None
    own = own_of(event, surroundings)
    names = {name for statement in found.statements for name in admitted(statement, own)}
    accounts = tuple(
        sorted(name for name in names if name != EVERYONE and _ACCOUNT.match(name) and not own.holds(name))
    )
    return None if not accounts and not found.is_whole else accounts


def _admin(event: Event, _: Surroundings) -> bool | None:
    found = granting_statements(event)
    answer = any(_is_admin(statement) for statement in found.statements)
    return None if not answer and not found.is_whole else answer


def _escalates(event: Event, _: Surroundings) -> tuple[str, ...] | None:
    found = granting_statements(event)
    actions = tuple(sorted({action for statement in found.statements for action in _escalations(statement)}))
    return None if not actions and not found.is_whole else actions


def _locks_out(event: Event, _: Surroundings) -> bool | None:
    found = granting_statements(event)
    answer = any(_denies_all(statement) for statement in found.statements)
    return None if not answer and not found.is_whole else answer


def _attached_admin(event: Event, _: Surroundings) -> bool | None:
    parameter = _ATTACHING.get(text_in(event.get("eventName")))
    if parameter is None:
        return False
    arn = text_in(request(event).get(parameter))
    if not arn:
        return None
    # A customer's own policy may bear any name, so the account part must be AWS's.
    return arn.split(":")[4:5] == ["aws"] and arn.rpartition("/")[2] in _ADMIN_POLICIES


_READS: Final = ("eventName", "eventSource", "requestParameters")
_READS_ACCOUNTS: Final = (*_READS, "recipientAccountId", "userIdentity")

FACTS: Final = (
    Fact(
        name="fact.policy_public",
        type=FactType.BOOLEAN,
        sentence=Text(
            en="A policy is given that lets everyone in; unknown where a condition of another form may keep them out.",
            ja="誰でもアクセスできるポリシーが設定されます。判断できない条件が付いている場合は不明です。",
        ),
        reads=_READS_ACCOUNTS,
        of=_public,
    ),
    Fact(
        name="fact.policy_external_accounts",
        type=FactType.TEXTS,
        sentence=Text(
            en="The accounts of others that a policy lets in.",
            ja="ポリシーがアクセスを許可する、自組織以外のアカウントです。",
        ),
        reads=_READS_ACCOUNTS,
        of=_external_accounts,
    ),
    Fact(
        name="fact.policy_admin",
        type=FactType.BOOLEAN,
        sentence=Text(
            en="A policy for an identity allows all actions on all resources.",
            ja="すべてのリソースに対するすべてのアクションを許可する ID ベースのポリシーが設定されます。",
        ),
        reads=_READS,
        of=_admin,
    ),
    Fact(
        name="fact.policy_escalates",
        type=FactType.TEXTS,
        sentence=Text(
            en="The actions a policy for an identity allows by which its holder can gain more permissions.",
            ja="ID ベースのポリシーが許可する、権限昇格につながるアクションです。",
        ),
        reads=_READS,
        of=_escalates,
    ),
    Fact(
        name="fact.policy_denies_all",
        type=FactType.BOOLEAN,
        sentence=Text(
            en="A policy denies everything without condition: a lock-out or a quarantine.",
            ja="すべてを無条件に拒否するポリシーが設定されます（締め出し、または隔離）。",
        ),
        reads=_READS,
        of=_locks_out,
    ),
    Fact(
        name="fact.attached_admin",
        type=FactType.BOOLEAN,
        sentence=Text(
            en="AdministratorAccess, IAMFullAccess or PowerUserAccess is attached.",
            ja="AdministratorAccess、IAMFullAccess、または PowerUserAccess がアタッチされます。",
        ),
        reads=("eventName", "requestParameters"),
        of=_attached_admin,
    ),
)
