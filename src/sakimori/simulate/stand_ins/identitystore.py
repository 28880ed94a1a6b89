"""The people of IAM Identity Center's own directory. Source: botocore's model of identitystore."""

from collections.abc import Mapping
from typing import Any, Final

from sakimori.simulate.call import ServiceError
from sakimori.simulate.identity_center import IdentityCenter
from sakimori.simulate.stand_ins.form import Desk, StandIn
from sakimori.simulate.stand_ins.sso_admin import center_for


def user_id(desk: Desk) -> Mapping[str, Any]:
    """By the user name, which knows no case."""
    center = _center(desk)
    asked: Any = (desk.parameters().get("AlternateIdentifier") or {}).get("UniqueAttribute") or {}
    found = center.person(str(asked.get("AttributeValue"))) if asked.get("AttributePath") == "userName" else ""
    if not found:
        raise _unknown()
    return {"UserId": found, "IdentityStoreId": center.store}


def described(desk: Desk) -> Mapping[str, Any]:
    """One person."""
    center, found = _center(desk), str(desk.parameters()["UserId"])
    if found not in center.people:
        raise _unknown()
    return {"UserId": found, "UserName": center.people[found], "IdentityStoreId": center.store}


def listed(desk: Desk) -> Mapping[str, Any]:
    """All of them."""
    center = _center(desk)
    return {
        "Users": [
            {"UserId": each, "UserName": name, "IdentityStoreId": center.store} for each, name in center.people.items()
        ]
    }


def create(desk: Desk) -> Mapping[str, Any]:
    """A new person."""
    center, name = _center(desk), str(desk.parameters()["UserName"])
    if center.person(name):
        raise ServiceError("ConflictException", "Duplicate UserName")
    return {"UserId": center.add_person(name), "IdentityStoreId": center.store}


STAND_INS: Final[Mapping[str, StandIn]] = {
    "identitystore:CreateUser": create,
    "identitystore:DescribeUser": described,
    "identitystore:GetUserId": user_id,
    "identitystore:ListUsers": listed,
}


def _center(desk: Desk) -> IdentityCenter:
    return center_for(desk, lambda each: each.store == desk.parameters()["IdentityStoreId"])


def _unknown() -> ServiceError:
    return ServiceError("ResourceNotFoundException", "USER not found.")
