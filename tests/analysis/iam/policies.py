"""Short ways to write policies, principals and requests."""

from typing import Any

from sakimori.analysis.iam.ask import Answer, Policies, ask
from sakimori.analysis.iam.context import context_of
from sakimori.analysis.iam.policy import Policy, policy_of
from sakimori.analysis.iam.principal import principal_of
from sakimori.analysis.iam.request import Request

ALICE = "arn:aws:iam::111122223333:user/alice"
ROLE = "arn:aws:iam::111122223333:role/deploy"
OBJECT = "arn:aws:s3:::amzn-s3-demo-bucket/key"


def allow(*actions: str, on: str | list[str] = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": on, **more}


def deny(*actions: str, on: str | list[str] = "*", **more: Any) -> dict[str, Any]:
    return {**allow(*actions, on=on, **more), "Effect": "Deny"}


def document(*statements: dict[str, Any], version: str = "2012-10-17") -> dict[str, Any]:
    return {"Version": version, "Statement": list(statements)}


def policy(*statements: dict[str, Any], name: str = "p") -> Policy:
    return policy_of(name, document(*statements))


def asked(
    policies: Policies, action: str = "s3:GetObject", resource: str = OBJECT, who: str = ALICE, **context: Any
) -> Answer:
    given = {key.replace("__", ":"): value for key, value in context.items()}
    request = Request(principal=principal_of(who), action=action, resource=resource, context=context_of(given))
    return ask(request, policies)
