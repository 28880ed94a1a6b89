"""A generated account in the form of iam:GetAccountAuthorizationDetails: seeded, two roles for each user, mixed as accounts are."""

import random
from collections.abc import Iterator
from typing import Any

ACCOUNT = "123456789012"
_SERVICES = (
    "lambda",
    "ec2",
    "ecs-tasks",
    "glue",
    "sagemaker",
    "codebuild",
    "states",
    "cloudformation",
    "events",
    "scheduler",
)
_READS: tuple[str, ...] = (
    "s3:GetObject",
    "s3:ListBucket",
    "dynamodb:GetItem",
    "dynamodb:Query",
    "sqs:SendMessage",
    "logs:PutLogEvents",
    "sns:Publish",
)
Record = dict[str, Any]


def records(identities: int, seed: int = 7) -> list[Record]:
    """Policies, groups, users and roles; `identities` counts users and roles."""
    return list(_Account(identities, random.Random(seed)).records())


class _Account:
    def __init__(self, identities: int, chance: random.Random) -> None:
        self.chance = chance
        self.users = identities // 3
        self.roles = identities - self.users
        self.managed = [f"arn:aws:iam::{ACCOUNT}:policy/team-{number}" for number in range(max(identities // 20, 8))]
        self.boundary = f"arn:aws:iam::{ACCOUNT}:policy/boundary"
        self.groups = [f"group-{number}" for number in range(max(self.users // 25, 3))]

    def records(self) -> Iterator[Record]:
        yield _policy(self.boundary, [_allow(["s3:*", "ec2:*", "lambda:*", "sqs:*", "iam:PassRole", "sts:AssumeRole"])])
        for arn in self.managed:
            yield _policy(arn, [self._work() for _ in range(self.chance.randint(1, 5))])
        for number, name in enumerate(self.groups):
            statements = [_allow(["*"])] if number == 0 else [self._work(), self._work()]
            yield {
                "Arn": f"arn:aws:iam::{ACCOUNT}:group/{name}",
                "GroupName": name,
                "GroupPolicyList": _inline(statements),
                "AttachedManagedPolicies": self._attached(1),
            }
        for number in range(self.users):
            yield self._user(number)
        for number in range(self.roles):
            yield self._role(number)

    def _user(self, number: int) -> Record:
        name = f"user-{number:05}"
        groups = ["group-0"] if number % 150 == 0 else [self.chance.choice(self.groups[1:])]
        statements = [*([self._work()] if self.chance.random() < 0.3 else []), *self._power(0.04)]
        if self.chance.random() < 0.3:
            statements.append(
                _allow(["iam:CreateAccessKey", "iam:ChangePassword"], f"arn:aws:iam::{ACCOUNT}:user/${{aws:username}}")
            )
        return {
            "Arn": f"arn:aws:iam::{ACCOUNT}:user/{name}",
            "UserName": name,
            "UserId": f"AIDAEXAMPLE{number:010}",
            "Path": "/",
            "UserPolicyList": _inline(statements),
            "GroupList": groups,
            "AttachedManagedPolicies": self._attached(1),
            "Tags": [],
            **self._bounded(0.1),
        }

    def _role(self, number: int) -> Record:
        name = f"role-{number:05}"
        statements = [*([self._work()] if self.chance.random() < 0.7 else []), *self._power(0.04)]
        if number % 100 == 0:
            statements.append(_allow(["*"]))
        kind = self.chance.random()
        principal: Record = {"Service": f"{self.chance.choice(_SERVICES)}.amazonaws.com"}
        if kind < 0.2:
            principal = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
        elif kind < 0.35:
            principal = {"AWS": f"arn:aws:iam::{ACCOUNT}:user/user-{self.chance.randrange(max(self.users, 1)):05}"}
        elif kind < 0.45:
            principal = {"AWS": f"arn:aws:iam::{ACCOUNT}:role/role-{self.chance.randrange(self.roles):05}"}
        is_instance = principal.get("Service") == "ec2.amazonaws.com"
        profile = {"Arn": f"arn:aws:iam::{ACCOUNT}:instance-profile/{name}", "InstanceProfileName": name}
        trust = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
        return {
            "Arn": f"arn:aws:iam::{ACCOUNT}:role/{name}",
            "RoleName": name,
            "RoleId": f"AROAEXAMPLE{number:010}",
            "Path": "/",
            "RolePolicyList": _inline(statements),
            "AttachedManagedPolicies": self._attached(2),
            "Tags": [],
            "AssumeRolePolicyDocument": _document([trust]),
            "InstanceProfileList": [profile] if is_instance else [],
            **self._bounded(0.2),
        }

    def _work(self) -> Record:
        """What most statements are: some reading and writing of named things."""
        name = f"app-{self.chance.randrange(400)}"
        actions: list[str] = self.chance.sample(_READS, self.chance.randint(1, 4))
        return _allow(
            actions,
            self.chance.choice(["*", f"arn:aws:s3:::{name}/*", f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/{name}"]),
        )

    def _power(self, share: float) -> list[Record]:
        """With this chance one statement that may lead somewhere."""
        if self.chance.random() >= share:
            return []
        some = f"{self.chance.randrange(10)}"
        return [
            self.chance.choice(
                [
                    _allow(["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"]),
                    _allow(
                        ["iam:PassRole"],
                        f"arn:aws:iam::{ACCOUNT}:role/role-*{some}",
                        {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}},
                    ),
                    _allow(["sts:AssumeRole"]),
                    _allow(["sts:AssumeRole"], f"arn:aws:iam::{ACCOUNT}:role/role-0{some}*"),
                    _allow(["iam:CreatePolicyVersion"], f"arn:aws:iam::{ACCOUNT}:policy/team-{some}*"),
                    _allow(["iam:AddUserToGroup"], f"arn:aws:iam::{ACCOUNT}:group/group-{some}"),
                    _allow(["iam:PutRolePolicy", "iam:AttachRolePolicy"], f"arn:aws:iam::{ACCOUNT}:role/role-*{some}"),
                    _allow(["ssm:SendCommand", "ssm:StartSession"]),
                    _allow(["ec2:*", "iam:PassRole"]),
                    _allow(["cloudformation:*", "iam:PassRole"], "*", {"Bool": {"aws:MultiFactorAuthPresent": "true"}}),
                    _allow(["lambda:*"]),
                    _allow(["iam:CreateAccessKey"], f"arn:aws:iam::{ACCOUNT}:user/user-*{some}"),
                ]
            )
        ]

    def _attached(self, most: int) -> list[Record]:
        chosen = self.chance.sample(self.managed, self.chance.randint(0, most))
        return [{"PolicyName": arn.rpartition("/")[2], "PolicyArn": arn} for arn in chosen]

    def _bounded(self, share: float) -> Record:
        if self.chance.random() >= share:
            return {}
        return {
            "PermissionsBoundary": {
                "PermissionsBoundaryType": "PermissionsBoundaryPolicy",
                "PermissionsBoundaryArn": self.boundary,
            }
        }


def _allow(actions: list[str], resource: str = "*", condition: Record | None = None) -> Record:
    return {
        "Effect": "Allow",
        "Action": actions,
        "Resource": resource,
        **({"Condition": condition} if condition else {}),
    }


def _document(statements: list[Record]) -> Record:
    return {"Version": "2012-10-17", "Statement": statements}


def _inline(statements: list[Record]) -> list[Record]:
    return [{"PolicyName": "inline", "PolicyDocument": _document(statements)}] if statements else []


def _policy(arn: str, statements: list[Record]) -> Record:
    version = {"VersionId": "v1", "IsDefaultVersion": True, "Document": _document(statements)}
    name = arn.rpartition("/")[2]
    return {
        "Arn": arn,
        "PolicyName": name,
        "PolicyId": f"ANPAEXAMPLE{name}",
        "Path": "/",
        "DefaultVersionId": "v1",
        "PolicyVersionList": [version],
    }
