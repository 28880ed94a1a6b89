"""The userIdentity of whoever there is: users, roles' sessions, services, strangers' accounts.

Source: CloudTrail User Guide, "CloudTrail userIdentity element".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sakimori.simulate.month.company import Account, the_company


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A role; `path` with its slashes but without the first, as in an ARN."""

    account: Account
    name: str
    path: str = ""

    @property
    def arn(self) -> str:
        """Its ARN."""
        return f"arn:aws:iam::{self.account.id}:role/{self.path}{self.name}"

    @property
    def id(self) -> str:
        """Its id in IAM."""
        return the_company().unique_id("AROA", self.account.id, self.name)


def sso_role(account: Account, permission_set: str) -> Role:
    """The role that IAM Identity Center keeps for a permission set."""
    company = the_company()
    suffix = company.unique_id("", account.id, permission_set).lower().encode().hex()[:16]
    return Role(
        account=account,
        name=f"AWSReservedSSO_{permission_set}_{suffix}",
        path=f"aws-reserved/sso.amazonaws.com/{company.home}/",
    )


def service_linked(account: Account, service: str, name: str) -> Role:
    """The service-linked role of a service."""
    return Role(account=account, name=name, path=f"aws-service-role/{service}/")


def of_role(role: Role, session: str, key: str, created: str, **more: Any) -> dict[str, Any]:
    """A session of a role. `more` goes into the session's context."""
    return {
        "type": "AssumedRole",
        "principalId": f"{role.id}:{session}",
        "arn": f"arn:aws:sts::{role.account.id}:assumed-role/{role.name}/{session}",
        "accountId": role.account.id,
        "accessKeyId": key,
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role",
                "principalId": role.id,
                "arn": role.arn,
                "accountId": role.account.id,
                "userName": role.name,
            },
            "attributes": {"creationDate": created, "mfaAuthenticated": "false"},
            **more,
        },
    }


def of_user(account: Account, name: str, key: str = "", *, created: str = "", mfa: bool = False) -> dict[str, Any]:
    """A user of IAM; with `created`, one whose session of the console or of the CLI began then."""
    found: dict[str, Any] = {
        "type": "IAMUser",
        "principalId": the_company().unique_id("AIDA", account.id, name),
        "arn": f"arn:aws:iam::{account.id}:user/{name}",
        "accountId": account.id,
        "accessKeyId": key,
        "userName": name,
    }
    if created:
        found["sessionContext"] = {"attributes": {"creationDate": created, "mfaAuthenticated": str(mfa).lower()}}
    return found


def of_root(account: Account, key: str = "", created: str = "") -> dict[str, Any]:
    """The root user."""
    found: dict[str, Any] = {
        "type": "Root",
        "principalId": account.id,
        "arn": f"arn:aws:iam::{account.id}:root",
        "accountId": account.id,
        "accessKeyId": key,
    }
    if created:
        found["sessionContext"] = {"attributes": {"creationDate": created, "mfaAuthenticated": "true"}}
    return found


def of_service(service: str) -> dict[str, Any]:
    """A service of AWS on its own."""
    return {"type": "AWSService", "invokedBy": service}


def seen_from_outside(identity: Mapping[str, Any], account_id: str) -> dict[str, Any]:
    """What the other account is told of a caller of this one: no ARN and no key."""
    return {"type": "AWSAccount", "principalId": identity["principalId"], "accountId": account_id}
