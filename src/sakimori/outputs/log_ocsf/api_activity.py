"""API Activity (6003) from events of CloudTrail.

Source: OCSF 1.8.0, events/application/api_activity.json and objects/{actor,user,session,api,resource_details}.json;
CloudTrail User Guide, "CloudTrail record contents" and "CloudTrail userIdentity element".
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final, cast

from sakimori.outputs.log_ocsf.event import (
    FAILURE,
    OTHER,
    SUCCESS,
    UNKNOWN,
    UNTOLD,
    EventClass,
    Span,
    aws_account,
    cloud_of,
    finished,
    metadata_of,
    time_of,
)
from sakimori.outputs.log_ocsf.row_values import (
    Left,
    Row,
    address,
    flag,
    known,
    milliseconds,
    moment,
    parsed,
    spelled,
    structure,
    text,
    values_of,
)

CLASS: Final = EventClass(
    uid=6003,
    name="API Activity",
    category_uid=6,
    category_name="Application Activity",
    activities={0: "Unknown", 1: "Create", 2: "Read", 3: "Update", 4: "Delete", OTHER: "Other"},
)
_CREATE, _READ, _UPDATE, _DELETE = 1, 2, 3, 4
_VERBS: Final = {
    **dict.fromkeys(("Allocate", "Clone", "Copy", "Create", "Generate", "Import", "Initiate", "Issue", "Launch",
                     "Provision", "Publish", "Purchase", "Register", "Request", "Restore", "Run", "Upload"), _CREATE),
    **dict.fromkeys(("Batch", "Check", "Describe", "Detect", "Download", "Export", "Filter", "Get", "Head", "List", "Lookup",
                     "Preview", "Query", "Read", "Scan", "Search", "Select", "Simulate", "View"), _READ),
    **dict.fromkeys(("Accept", "Activate", "Add", "Apply", "Assign", "Associate", "Attach", "Authorize", "Cancel", "Change",
                     "Complete", "Deactivate", "Detach", "Disable", "Disassociate", "Enable", "Extend", "Modify", "Move",
                     "Promote", "Put", "Reboot", "Reject", "Remove", "Rename", "Replace", "Reset", "Resume",
                     "Revoke", "Rotate", "Schedule", "Set", "Start", "Stop", "Suspend", "Tag", "Unassign", "Untag",
                     "Update", "Upgrade"), _UPDATE),
    **dict.fromkeys(("Delete", "Deregister", "Destroy", "Purge", "Release", "Terminate"), _DELETE),
    # CloudTrail calls it read-only; who becomes another does more than read.
    "Assume": OTHER,
}  # fmt: skip
_WORD: Final = re.compile(r"[A-Z][a-z]+")
_USER_TYPES: Final = {
    "Root": (2, "Admin"),
    "IAMUser": (1, "User"),
    "IdentityCenterUser": (1, "User"),
    "FederatedUser": (1, "User"),
    "SAMLUser": (1, "User"),
    "WebIdentityUser": (1, "User"),
    "AWSService": (4, "Service"),
}
_ANSWERLESS: Final = frozenset({"Insight"})
"""Categories of events that no call answers."""
_UNSAID: Final = ("null_fields", "principal_root")
"""Of the lake alone: an absent field and a null one are the same in OCSF, and the root is one of the identities below."""


def api_activity(row: Row) -> dict[str, Any]:
    """One event of `aws_cloudtrail_event`."""
    left = values_of(row)
    for name in _UNSAID:
        left.pop(name, None)
    operation, source, at = text(left, "event_name"), text(left, "event_source"), time_of(left, "event_time")
    _drop_repeated(left, "recipient_account_id", "account_id")
    _drop_repeated(left, "aws_region", "region")
    event_id, kind, category = text(left, "event_id"), text(left, "event_type"), text(left, "event_category")
    error, reason = text(left, "error_code"), text(left, "error_message")
    status = UNTOLD if category in _ANSWERLESS else FAILURE if error or reason else SUCCESS
    agent = text(left, "user_agent")
    event: dict[str, Any] = {
        **CLASS.head(_activity(operation or "", left.get("read_only") is True), operation),
        **Span(at=at).attributes(),
        "metadata": metadata_of(
            "CloudTrail",
            feature=category,
            uid=event_id,
            original_event_uid=event_id,
            event_code=kind,
            log_version=text(left, "event_version"),
            correlation_uid=text(left, "shared_event_id"),
        ),
        "cloud": cloud_of(left),
        "actor": _actor(left, source if kind == "AwsServiceEvent" else None),
        "api": _api(left, operation, source, known(error=error, error_message=reason)),
        "src_endpoint": _origin(left),
        "http_request": {"user_agent": agent} if agent else None,
        "resources": list(_resources(left)) or None,
        "status_id": status[0],
        "status": status[1],
        "status_code": error,
        "status_detail": reason,
    }
    return finished(event, left)


@lru_cache(maxsize=20_000)
def _activity(operation: str, is_read: bool) -> int:  # noqa: FBT001 - a key of the cache
    words = _WORD.findall(operation)
    if words[:1] == ["Batch"]:
        words = words[1:]
    found = _VERBS.get(words[0]) if words else None
    return found or (_READ if is_read else OTHER if operation else 0)


def _drop_repeated(left: Left, name: str, of: str) -> None:
    if name in left and left[name] == left.get(of):
        del left[name]


def _actor(left: Left, service: str | None) -> dict[str, Any]:
    """Who called. `service` is the one whose own event it is."""
    arn, kind, account = (text(left, f"user_identity_{name}") for name in ("arn", "type", "account_id"))
    issuer_name = text(left, "session_issuer_user_name")
    type_id, type_name = _USER_TYPES.get(kind or "", (OTHER, kind) if kind else (0, "Unknown"))
    principal = text(left, "user_identity_principal_id")
    user = known(
        uid=arn or principal,
        uid_alt=principal if arn else None,
        name=text(left, "user_identity_user_name") or issuer_name,
        account=aws_account(account) if account else None,
    )
    if issuer_name and user.get("name") != issuer_name:
        left["session_issuer_user_name"] = issuer_name
    if kind and type_id != OTHER:
        left["user_identity_type"] = kind
    created, provider = moment(left, "session_created_at"), text(left, "federated_provider")
    session = known(
        issuer=text(left, "session_issuer_arn"),
        uid_alt=arn if kind == "AssumedRole" else None,
        credential_uid=text(left, "user_identity_access_key_id"),
        created_time=milliseconds(created) if created else None,
        created_time_dt=spelled(created) if created else None,
        is_mfa=flag(left, "mfa_authenticated"),
    )
    app_name = text(left, "user_identity_invoked_by") or service
    if "user_identity" in left and isinstance(whole_identity := left.pop("user_identity"), str):
        left.update(known(user_identity=_beyond(whole_identity)))
    if not (user or session or app_name):
        user = {"name": UNKNOWN}
    return known(
        user={**user, "type_id": type_id, "type": type_name} if user else None,
        session=session or None,
        app_name=app_name,
        idp={"name": provider} if provider else None,
    )


_COLUMNED: Final = frozenset({
    "type", "principalId", "arn", "accountId", "accessKeyId", "userName", "invokedBy", "mfaAuthenticated", "creationDate",
    "sourceIdentity", "identityProvider",
})  # fmt: skip
"""Members of userIdentity and of what is nested in it that columns of their own hold."""


@lru_cache(maxsize=20_000)
def _beyond(identity: str) -> object:
    """What userIdentity has that no column holds; None where there is nothing, the text where it is no object."""
    found = parsed(identity)
    return _without_columns(cast("dict[str, Any]", found)) or None if isinstance(found, dict) else identity


def _without_columns(members: dict[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for name, value in members.items():
        if name in _COLUMNED and isinstance(value, str | bool):
            continue
        inner = _without_columns(cast("dict[str, Any]", value)) if isinstance(value, dict) else value
        if inner not in ({}, None):
            kept[name] = inner
    return kept


def _api(left: Left, operation: str | None, source: str | None, response: dict[str, Any]) -> dict[str, Any]:
    asked, request_id = structure(left, "request_parameters"), text(left, "request_id")
    request = known(data=asked, uid=request_id)
    if request and not request_id:
        # OCSF demands one, and events of the console have none.
        request["uid"] = UNKNOWN
    response.update(known(data=structure(left, "response_elements")))
    return known(
        operation=operation or UNKNOWN,
        service={"name": source} if source else None,
        version=text(left, "api_version"),
        request=request or None,
        response=response or None,
    )


def _origin(left: Left) -> dict[str, Any]:
    """An address, or the name of the service that called."""
    told, ip = text(left, "source_ip_address"), address(left, "source_ip")
    if ip:
        if told and told != ip:
            left["source_ip_address"] = told
        return {"ip": ip}
    return {"svc_name": told} if told else {"name": UNKNOWN}


def _resources(left: Left) -> Iterator[dict[str, Any]]:
    """The resources that the event names by an ARN; one without goes with the rest."""
    listed = structure(left, "resources")
    strange: list[object] = []
    for each in cast("list[object]", listed) if isinstance(listed, list) else [listed] if listed else []:
        members = cast("dict[str, Any]", each) if isinstance(each, dict) else {}
        arn, kind, owner = (_text_of(members.get(name)) for name in ("ARN", "type", "accountId"))
        if not arn or members.keys() - {"ARN", "type", "accountId"}:
            strange.append(each)
        if arn:
            account = {"account": aws_account(owner)} if owner else None
            yield known(uid=arn, type=kind, owner=account, role_id=1, role="Target")
    if strange:
        left["resources"] = strange


def _text_of(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
