"""Events from rows of the lake and from CloudTrail's own records, alike."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, cast

from sakimori.analysis.incident.form import NOTHING, Event
from sakimori.analysis.incident.json_paths import parsed, parsed_any, text_at, texts_at

COLUMNS: Final = (
    "event_time", "account_id", "region", "event_source", "event_name", "user_identity_access_key_id", "user_identity_arn",
    "session_issuer_arn", "user_identity_type", "source_ip_address", "user_agent", "error_code", "error_message", "event_id",
    "shared_event_id", "read_only", "management_event", "resources", "session_created_at", "session_credential_from_console",
    "user_identity_account_id", "user_identity_user_name", "user_identity_invoked_by", "user_identity_principal_id",
)  # fmt: skip
DETAILS: Final = ("request_parameters", "response_elements", "user_identity")
"""Read where an event may lead on or has changed something: they are most of the bytes."""
_LONGEST: Final = 2_048
_MOST_RESOURCES: Final = 50
_ANONYMOUS: Final = "ANONYMOUS_PRINCIPAL"
_SPELLINGS: Final = ("%b %d, %Y, %I:%M:%S %p", "%b %d, %Y %I:%M:%S %p", "%b %d, %Y, %H:%M:%S", "%Y-%m-%d %H:%M:%S")
"""How `responseElements` write a time; all are UTC. Read in records, and in the examples of the CloudTrail user guide."""
_LATEST: Final = 253_402_300_799


def event_of_row(row: Mapping[str, Any]) -> Event:
    """The event of a row of `aws_cloudtrail_event`; columns that were not read are nothing."""
    response = parsed(row.get("response_elements"))
    identity = parsed(row.get("user_identity"))
    created = row["session_created_at"]
    return Event(
        at=row["event_time"].replace(tzinfo=UTC),
        account=row["account_id"] or "",
        region=row["region"] or "",
        source=_bounded(row["event_source"]),
        name=_bounded(row["event_name"]),
        key_id=_bounded(row["user_identity_access_key_id"]),
        principal=_bounded(row["user_identity_arn"]) or _unnamed(row),
        session_issuer=_bounded(row["session_issuer_arn"]),
        identity_type=_bounded(row["user_identity_type"]),
        ip=_bounded(row["source_ip_address"]),
        agent=_bounded(row["user_agent"]),
        error=_error(row["event_name"], row["error_code"], row["error_message"], response),
        event_id=_bounded(row["event_id"]),
        shared_event_id=_bounded(row["shared_event_id"]),
        read_only=bool(row["read_only"]),
        resources=_arns(parsed_any(row["resources"])),
        request=parsed(row.get("request_parameters")) or NOTHING,
        response=response or NOTHING,
        caller_account=_bounded(row["user_identity_account_id"]),
        caller_name=_bounded(row["user_identity_user_name"]),
        invoked_by=_bounded(row["user_identity_invoked_by"]),
        on_behalf_of=text_at(identity, "onBehalfOf.userId"),
        session_at=created.replace(tzinfo=UTC) if created else None,
        is_console=row["session_credential_from_console"] == "true",
        is_data=row["management_event"] is False,
    )


def event_of_record(record: Mapping[str, Any]) -> Event | None:
    """The event of a record as CloudTrail delivers it; None for what tells no time."""
    at = moment(record.get("eventTime"))
    if at is None:
        return None
    identity = _members(record, "userIdentity")
    response = _members(record, "responseElements")
    return Event(
        at=at,
        account=text_at(record, "recipientAccountId") or text_at(identity, "accountId"),
        region=text_at(record, "awsRegion"),
        source=_bounded(record.get("eventSource")),
        name=_bounded(record.get("eventName")),
        key_id=_bounded(identity.get("accessKeyId")),
        principal=_bounded(identity.get("arn")) or _bounded(identity.get("principalId")),
        session_issuer=text_at(identity, "sessionContext.sessionIssuer.arn")[:_LONGEST],
        identity_type=_bounded(identity.get("type")),
        ip=_bounded(record.get("sourceIPAddress")),
        agent=_bounded(record.get("userAgent")),
        error=_error(record.get("eventName"), record.get("errorCode"), record.get("errorMessage"), response),
        event_id=_bounded(record.get("eventID")),
        shared_event_id=_bounded(record.get("sharedEventID")),
        read_only=record.get("readOnly") is True or record.get("readOnly") == "true",
        resources=_arns(record.get("resources")),
        request=_members(record, "requestParameters"),
        response=response,
        caller_account=_bounded(identity.get("accountId")),
        caller_name=_bounded(identity.get("userName")),
        invoked_by=_bounded(identity.get("invokedBy")),
        on_behalf_of=text_at(identity, "onBehalfOf.userId"),
        session_at=moment(text_at(identity, "sessionContext.attributes.creationDate")),
        is_console=record.get("sessionCredentialFromConsole") == "true",
        is_data=record.get("managementEvent") is False,
    )


def moment(told: object) -> datetime | None:
    """A time as events write it: ISO 8601, English words, or seconds since 1970; None for anything else."""
    if isinstance(told, int | float) and not isinstance(told, bool):
        return _since_1970(float(told))
    if not isinstance(told, str) or not told or len(told) > 40:  # noqa: PLR2004 - no time is longer
        return None
    try:
        found = datetime.fromisoformat(told)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        pass
    for spelling in _SPELLINGS:
        try:
            return datetime.strptime(told.replace("\u202f", " "), spelling).replace(tzinfo=UTC)
        except ValueError:
            continue
    return None


def _since_1970(seconds: float) -> datetime | None:
    if not 0 <= seconds <= _LATEST * 1_000:
        return None
    whole = seconds if seconds <= _LATEST else seconds / 1_000
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=whole) if whole <= _LATEST else None


def _members(record: Mapping[str, Any], name: str) -> Mapping[str, object]:
    told = record.get(name)
    return cast("dict[str, object]", told) if isinstance(told, dict) else NOTHING


def _bounded(told: object) -> str:
    return told[:_LONGEST] if isinstance(told, str) else ""


def _unnamed(row: Mapping[str, Any]) -> str:
    told = _bounded(row["user_identity_principal_id"]) or _bounded(row["user_identity_invoked_by"])
    return told or ("" if row["user_identity_type"] else _ANONYMOUS)


def _error(name: object, code: object, message: object, response: Mapping[str, object]) -> str:
    """What AWS refused with. A sign-in that failed has no code, and is called `Failure`."""
    if code:
        return _bounded(code)
    if name in {"ConsoleLogin", "CheckMfa"} and "Success" not in response.values():
        return "Failure"
    return "Failure" if message and name == "ConsoleLogin" else ""


def _arns(told: object) -> tuple[str, ...]:
    found = texts_at({"resources": told}, "resources[].ARN")
    return tuple(dict.fromkeys(each[:_LONGEST] for each in found[:_MOST_RESOURCES]))
