"""A recorded event as the request that it records, for `ask`: the twin in Python of what the SQL reads from its columns."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from sakimori.analysis.iam.ask import Policies
from sakimori.analysis.iam.context import Context
from sakimori.analysis.iam.policy import FULL_ACCESS, policy_of
from sakimori.analysis.iam.principal import Principal, PrincipalKind, principal_of
from sakimori.analysis.iam.request import Request
from sakimori.analysis.iam.sql.keys import KEYS, RESOURCE_ACCOUNT
from sakimori.analysis.iam.trial import Guard, Trial
from sakimori.collect.policy_reach import account_in

_ADDRESS_KEYS: Final = ("aws:sourceip", "aws:vpcsourceip")
_TYPES: Final = {
    "IAMUser": "User", "Root": "Account", "AssumedRole": "AssumedRole", "FederatedUser": "FederatedUser",
}  # fmt: skip
_ALWAYS_UNKNOWN: Final = frozenset({*KEYS, RESOURCE_ACCOUNT, "aws:principalisawsservice"})

Event = Mapping[str, object]
"""By the columns of `aws_cloudtrail_event`."""


def request_of_event(event: Event, action: str, resource: str) -> Request:
    """The request for one of the actions behind the event, on one of its resources."""
    values = _context(event)
    if account := account_in(resource):
        values[RESOURCE_ACCOUNT] = (account,)
    return Request(
        principal=_principal(event),
        action=action,
        resource=resource,
        context=Context(values, _ALWAYS_UNKNOWN - values.keys(), is_open=True),
        resource_account=str(event["user_identity_account_id"]),
        is_service_linked=is_service_linked(event),
    )


def is_service_linked(event: Event) -> bool:
    """The role is one that a service made for itself."""
    return ":role/aws-service-role/" in str(event.get("session_issuer_arn") or "")


def _principal(event: Event) -> Principal:
    try:
        found = principal_of(str(event["user_identity_arn"]))
    except ValueError:
        found = None
    account = str(event["user_identity_account_id"])
    return found or Principal(kind=PrincipalKind.SESSION, arn="", account=account, name="", session="")


def _context(event: Event) -> dict[str, tuple[str, ...]]:
    """The keys of which something is known; an empty tuple is a key that the request did not carry."""
    kind = event.get("user_identity_type")
    is_long_term = str(event.get("user_identity_access_key_id") or "").startswith("AKIA")
    endpoint, mfa = event.get("vpc_endpoint_id"), event.get("mfa_authenticated")
    via = event.get("user_identity_invoked_by")
    arn = event.get("session_issuer_arn") if kind == "AssumedRole" else event.get("user_identity_arn")
    told: dict[str, object] = {
        "aws:requestedregion": event.get("aws_region"),
        "aws:principalaccount": event.get("user_identity_account_id"),
        "aws:principalarn": arn,
        "aws:principaltype": _TYPES.get(str(kind)),
        "aws:userid": event.get("user_identity_principal_id"),
        "aws:username": event.get("user_identity_user_name") if kind == "IAMUser" else (),
        "aws:sourceip": () if endpoint is not None else (event.get("source_ip") if via is None else None),
        "aws:vpcsourceip": () if endpoint is None else event.get("source_ip"),
        "aws:sourcevpce": () if endpoint is None else endpoint,
        "aws:sourcevpc": () if endpoint is None else None,
        "aws:useragent": event.get("user_agent") if via is None else None,
        "aws:currenttime": _moment(event.get("event_time")),
        "aws:epochtime": _epoch(event.get("event_time")),
        "aws:securetransport": "true" if event.get("tls_details") is not None else None,
        "aws:multifactorauthpresent": () if is_long_term else (None if mfa is None else str(mfa).lower()),
        "aws:multifactorauthage": () if is_long_term or mfa is False else None,
        "aws:tokenissuetime": () if is_long_term else _moment(event.get("session_created_at")),
        "aws:sourceidentity": () if event.get("source_identity") is None else event.get("source_identity"),
        "aws:federatedprovider": _provider(event.get("federated_provider"), kind),
        "aws:viaawsservice": _via(via),
        "aws:principalisawsservice": "false",
        "aws:principalservicename": (),
        "aws:principalservicenameslist": (),
        **dict.fromkeys(("aws:calledvia", "aws:calledviafirst", "aws:calledvialast"), () if via is None else None),
    }
    return {key: () if value == () else (str(value),) for key, value in told.items() if value is not None}


def _provider(value: object, kind: object) -> object:
    return () if value is None and kind in {"IAMUser", "Root"} else value


def _via(service: object) -> str | None:
    if service is None:
        return "false"
    return "true" if str(service).endswith(".amazonaws.com") else None


def _moment(value: object) -> str | None:
    return value.strftime("%Y-%m-%dT%H:%M:%SZ") if isinstance(value, datetime) else None


def _epoch(value: object) -> str | None:
    if not isinstance(value, datetime):
        return None
    return str(int(value.replace(tzinfo=UTC).timestamp() // 1))


def policies_of(trial: Trial, account: str) -> Policies:
    """All that `ask` weighs where only the tried policy limits: everything else lets the account's own principals in."""
    full = policy_of("full", FULL_ACCESS)
    # Keys and roles let nobody in but by their own policy: here it is one that passes the right on to the account.
    [everything] = FULL_ACCESS["Statement"]
    ours = {**everything, "Principal": {"AWS": f"arn:aws:iam::{account}:root"}}
    resource = policy_of("resource", {**FULL_ACCESS, "Statement": [ours]})
    match trial.guard:
        case Guard.SCP:
            level = (trial.policy, full) if trial.allows_rest else (trial.policy,)
            return Policies(identity=(full,), scp=(level,), resource=resource)
        case Guard.BOUNDARY:
            return Policies(identity=(full,), boundary=(trial.policy,), resource=resource)
        case Guard.IDENTITY:
            return Policies(identity=(trial.policy,), resource=resource)
