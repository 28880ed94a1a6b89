"""Events of which only what matters is said, and the value of a fact over one."""

import json
from collections.abc import Mapping
from typing import Any

from sakimori.analysis.facts.catalogue import facts
from sakimori.analysis.facts.fact import Surroundings, Value

OWN = "111122223333"
SIBLING = "222233334444"
STRANGER = "999988887777"
SURROUNDINGS = Surroundings(own_accounts=frozenset({OWN, SIBLING}), own_organizations=frozenset({"o-ours12345"}))


def told(name: str, event: Mapping[str, Any], surroundings: Surroundings = SURROUNDINGS) -> Value:
    """What the fact `fact.<name>` says of the event."""
    return facts()[f"fact.{name}"].of(event, surroundings)


def call(name: str, request: Any = None, **fields: Any) -> dict[str, Any]:
    """An event of our account."""
    return {"eventName": name, "requestParameters": request, "recipientAccountId": OWN, **fields}


def by(kind: str, **identity: Any) -> dict[str, Any]:
    """A `userIdentity`."""
    return {"type": kind, "accountId": OWN, **identity}


def by_role(name: str = "deploy", path: str = "", **identity: Any) -> dict[str, Any]:
    """The `userIdentity` of a role's session."""
    arn = f"arn:aws:sts::{OWN}:assumed-role/{name}/session"
    issuer = {"type": "Role", "arn": f"arn:aws:iam::{OWN}:role/{path}{name}", "userName": name}
    return by("AssumedRole", arn=arn, **{"sessionContext": {"sessionIssuer": issuer}, **identity})


def policy(*statements: Mapping[str, Any]) -> str:
    """A policy document as text, each statement allowing unless it says otherwise."""
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **each} for each in statements]})
