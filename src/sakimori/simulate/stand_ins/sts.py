"""Assuming a role: moto hands out a session for any role's name, AWS asks the role's trust policy."""

import json
from collections.abc import Mapping
from typing import Any, Final

from moto.iam.models import iam_backends

from sakimori.simulate.call import Answer
from sakimori.simulate.refusals import Reason, access_denied
from sakimori.simulate.stand_ins.form import Desk, StandIn


def assume_role(desk: Desk) -> Answer:
    """Moto's session, if the role is there and trusts its own account or everyone, by the right external id."""
    asked = desk.parameters()
    arn = str(asked.get("RoleArn", ""))
    roles = iam_backends[desk.state.account_id][desk.state.partition].roles.values()
    trusted = any(
        _trusts(role.assume_role_policy_document, desk.state.account_id, asked.get("ExternalId"))
        for role in roles
        if role.arn == arn
    )
    if not trusted:
        reason = Reason.IDENTITY_IMPLICIT
        raise access_denied(desk.call, arn=desk.principal, action="sts:AssumeRole", resource=arn, reason=reason)
    return desk.moto()


STAND_INS: Final[Mapping[str, StandIn]] = {"sts:AssumeRole": assume_role}


def _trusts(document: str, account_id: str, external_id: Any) -> bool:
    listed = json.loads(document or "{}").get("Statement", [])
    statements = listed if isinstance(listed, list) else [listed]
    return any(
        statement.get("Effect") == "Allow"
        and "sts:AssumeRole" in _listed(statement.get("Action"))
        and _names(statement.get("Principal"), account_id)
        and _external_id_fits(statement.get("Condition") or {}, external_id)
        for statement in statements
    )


def _external_id_fits(condition: Mapping[str, Any], external_id: Any) -> bool:
    """Whether a trust policy's StringEquals on sts:ExternalId, if it has one, is met."""
    wanted = condition.get("StringEquals", {}).get("sts:ExternalId")
    return wanted is None or external_id in _listed(wanted)


def _names(principal: Any, account_id: str) -> bool:
    named = _listed(principal.get("AWS", ())) if isinstance(principal, dict) else _listed(principal)
    return any(each == "*" or account_id in str(each) for each in named)


def _listed(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, (list, tuple)) else (value,)
