"""GuardDuty findings: as it exports them to S3, as EventBridge sends them on, and as GetFindings shows them.

A finding that occurs again is told again with the same id, a new time and a higher count: each telling is a row, and the
newest of an id is how it stands. Source: GuardDuty User Guide, "Exporting generated findings to Amazon S3" and
"GuardDuty finding format".
"""

import re
from collections.abc import Iterator
from functools import partial
from typing import Any, Final

from sakimori.ingest.json_members import Values, finished, inside, plan_of, take, value_of
from sakimori.ingest.json_records import Record, cut, decoded, guarded, records_of, top_keys
from sakimori.ingest.rows import RowBatch
from sakimori.ingest.source import (
    BOOLEAN,
    DOUBLE,
    INTEGER,
    TEXT,
    TIMESTAMP,
    Document,
    Reason,
    Refused,
    Row,
    Rows,
    Source,
    col,
    log_table,
)

TABLE: Final = log_table(
    "aws_guardduty_finding_log",
    "What GuardDuty told of its findings: one row each time that a finding was made or occurred again.",
    key="finding_id",
    time="updated_at",
    identity=("finding_id", "updated_at"),
    distinct=("updated_at",),
    columns=(
        col("updated_at", TIMESTAMP, "When the finding last changed, as of this row."),
        col("finding_id", TEXT, "GuardDuty's identifier of the finding."),
        col("type", TEXT, "The finding's type, such as `Recon:EC2/PortProbeUnprotectedPort`."),
        col("severity", DOUBLE, "From 1 to 10; 7 and more is high, 9 and more critical."),
        col("title", TEXT, "What it is, in a sentence of GuardDuty's."),
        col("description", TEXT, "What happened, in GuardDuty's words."),
        col("created_at", TIMESTAMP, "When the finding was made."),
        col("event_first_seen", TIMESTAMP, "When the activity was first seen."),
        col("event_last_seen", TIMESTAMP, "When the activity was last seen."),
        col("count", INTEGER, "How often it was seen until this row."),
        col("archived", BOOLEAN, "It is archived, by a person or a suppression rule."),
        col("sample", BOOLEAN, "It is a sample that somebody made, and nothing happened."),
        col("resource_type", TEXT, "The kind of resource, such as Instance, AccessKey or S3Bucket."),
        col("resource_role", TEXT, "TARGET where the resource was attacked, ACTOR where it acted."),
        col("instance_id", TEXT, "The EC2 instance; NULL where none is involved."),
        col("bucket_name", TEXT, "The first S3 bucket; NULL where none is involved."),
        col("principal_id", TEXT, "The unique identifier of the principal whose credentials were used."),
        col("user_name", TEXT, "The user or role whose credentials were used."),
        col("user_type", TEXT, "The kind of principal, such as IAMUser, AssumedRole or Root."),
        col("access_key_id", TEXT, "The access key that was used."),
        col("action_type", TEXT, "The kind of activity, such as AWS_API_CALL or NETWORK_CONNECTION."),
        col("api", TEXT, "The operation that was called; NULL where the activity is no call."),
        col("domain", TEXT, "The domain that was asked for or called; NULL where there is none."),
        col("actor_ip", TEXT, "The other side's IP address, the first where it has several."),
        col("actor_country", TEXT, "The country of that address."),
        col("actor_asn", TEXT, "The autonomous system of that address, by its number."),
        col("actor_asn_org", TEXT, "Who runs that autonomous system."),
        col("detector_id", TEXT, "The detector that made the finding."),
        col("arn", TEXT, "The finding's ARN."),
        col("schema_version", TEXT, "The version of the finding's format."),
        col("resource", TEXT, "The resource with all details, as JSON."),
        col("service", TEXT, "The activity with all details, as JSON."),
        col("rest", TEXT, "All other fields, as JSON."),
    ),
)  # fmt: skip

_PLAN: Final = plan_of(
    TABLE,
    {
        "updatedAt": "updated_at",
        "id": "finding_id",
        "type": "type",
        "severity": "severity",
        "title": "title",
        "description": "description",
        "createdAt": "created_at",
        "arn": "arn",
        "schemaVersion": "schema_version",
        "accountId": "account_id",
        "region": "region",
        "partition": "partition",
    },
)
_WHOLE: Final = plan_of(TABLE, {}, {"resource": "resource", "service": "service"})
_INSIDE: Final = {
    "event_first_seen": ("service", "eventFirstSeen"),
    "event_last_seen": ("service", "eventLastSeen"),
    "count": ("service", "count"),
    "archived": ("service", "archived"),
    "resource_type": ("resource", "resourceType"),
    "resource_role": ("service", "resourceRole"),
    "instance_id": ("resource", "instanceDetails", "instanceId"),
    "bucket_name": ("resource", "s3BucketDetails", "name"),
    "principal_id": ("resource", "accessKeyDetails", "principalId"),
    "user_name": ("resource", "accessKeyDetails", "userName"),
    "user_type": ("resource", "accessKeyDetails", "userType"),
    "access_key_id": ("resource", "accessKeyDetails", "accessKeyId"),
    "action_type": ("service", "action", "actionType"),
    "api": ("service", "action", "awsApiCallAction", "api"),
    "domain": ("service", "action", "dnsRequestAction", "domain"),
    "detector_id": ("service", "detectorId"),
}
"""Columns of what stands inside resource and service: both are kept whole besides."""
_COLUMNS: Final = tuple((column, path) for name, path in _INSIDE.items() if (column := TABLE.column(name)))
_REMOTE: Final = {
    "actor_ip": (("ipAddressV4",), ("ipAddressV6",)),
    "actor_country": (("country", "countryName"),),
    "actor_asn": (("organization", "asn"),),
    "actor_asn_org": (("organization", "asnOrg"),),
}
_KINDS: Final = (
    "networkConnectionAction", "awsApiCallAction", "kubernetesApiCallAction", "rdsLoginAttemptAction",
    "kubernetesPermissionCheckedDetails",
)  # fmt: skip
_SHAPE: Final = frozenset({"schemaVersion", "type", "severity", "service", "resource"})
_PATH: Final = re.compile(r"/GuardDuty/[a-z0-9-]+/[0-9]{4}/[0-9]{2}/[0-9]{2}/[^/]+\.jsonl")
_TELLING: Final = "GuardDuty Finding"


def _rows(document: Document) -> Rows:
    for found in records_of(document):
        if isinstance(found, Refused):
            yield found
            continue
        for finding in _findings(found.members):
            yield guarded(_row, Record(found.offset, finding, found.logged_at))


def _findings(members: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The finding itself, the one in an event, or those of an answer of GetFindings, which begins names with capitals."""
    detail, answer = members.get("detail"), members.get("Findings")
    if isinstance(detail, dict) and members.get("detail-type") == _TELLING:
        yield detail
    elif isinstance(answer, list):
        yield from (uncapitalised(finding) for finding in answer if isinstance(finding, dict))
    else:
        yield members


def uncapitalised(finding: dict[str, Any]) -> dict[str, Any]:
    """The same finding with the names that an export gives its members. Not by recursion: it may be nested deep."""
    copied: dict[str, Any] = {}
    waiting: list[tuple[Any, Any]] = [(finding, copied)]
    while waiting:
        source, target = waiting.pop()
        named = source.items() if isinstance(source, dict) else enumerate(source)
        for name, value in named:
            fresh = {} if isinstance(value, dict) else [None] * len(value) if isinstance(value, list) else value
            target[name[:1].lower() + name[1:] if isinstance(name, str) else name] = fresh
            if isinstance(value, dict | list):
                waiting.append((value, fresh))
    return copied


def _row(record: Record) -> Row | Refused:
    row: Values = {}
    rest = dict(record.members)
    take(_PLAN, rest, row)
    if "finding_id" not in row or "type" not in row:
        return Refused(offset=record.offset, reason=Reason.NOT_A_RECORD)
    for column, path in _COLUMNS:
        value = inside(rest, *path)
        row[column.name] = None if value is None else value_of(column, value)
    remote = remote_of(inside(rest, "service"))
    for name, paths in _REMOTE.items():
        found = [value for path in paths if (value := inside(remote, *path))]
        row[name] = str(found[0]) if found and not isinstance(found[0], dict | list) else None
    row["sample"] = is_sample(inside(rest, "service", "additionalInfo"))
    take(_WHOLE, rest, row)
    return finished(record, TABLE, row, rest)


def remote_of(service: object) -> object:
    """What is told of the other side: of a probed port the first prober, of an attack sequence its first endpoint."""
    action = inside(service, "action")
    for kind in _KINDS:
        if found := inside(action, kind, "remoteIpDetails"):
            return found
    if found := inside(action, "portProbeAction", "portProbeDetails", "remoteIpDetails"):
        return found
    endpoint = inside(service, "detection", "sequence", "endpoints")
    return {"ipAddressV4": inside(endpoint, "ip")} if endpoint else None


def is_sample(additional: object) -> bool | None:
    """`additionalInfo` says it itself, or in a JSON text of its own."""
    found = inside(additional, "sample")
    text = inside(additional, "value")
    if found is None and isinstance(text, str):
        try:
            found = inside(decoded(text.encode("utf-8", "replace")), "sample")
        except (ValueError, RecursionError):
            found = None
    if isinstance(found, bool):
        return found
    return False if additional is not None else None


def _recognises(name: str, head: bytes) -> bool:
    keys = top_keys(head)
    if keys >= _SHAPE and not keys & {"eventSource", "Records"}:
        return True
    is_event = "detail" in keys and re.search(rb'"detail-type"\s*:\s*"GuardDuty Finding"', head) is not None
    is_answer = "Findings" in keys and b'"DetectorId"' in head and b'"Severity"' in head
    return is_event or is_answer or (bool(_PATH.search(name)) and not keys)


SOURCE: Final = Source(
    name="guardduty", table=TABLE, batch=partial(RowBatch, TABLE, _rows), recognises=_recognises, cut=cut
)
