"""Findings of IAM Access Analyzer: as ListFindings (both versions), GetFinding and EventBridge tell them.

It gives no severity: what everybody can reach is high, what another account can reach medium, what is merely unused low.
Source: the model of the service `accessanalyzer` in botocore; IAM User Guide, "Monitoring IAM Access Analyzer with Amazon
EventBridge".
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from sakimori.findings.imported.told import Told, Where, as_detection, closed_word
from sakimori.findings.imported.values import flag, known, member, moment, text, texts
from sakimori.model.detection import Detection
from sakimori.model.words import Confidence, Severity

_EXTERNAL: Final = "ExternalAccess"
_TITLES: Final = {
    _EXTERNAL: "A resource can be reached from outside",
    "InternalAccess": "A resource can be reached from inside the organization",
    "UnusedIAMRole": "An IAM role is not used",
    "UnusedIAMUserAccessKey": "An access key of an IAM user is not used",
    "UnusedIAMUserPassword": "The password of an IAM user is not used",
    "UnusedPermission": "Permissions are not used",
}
_SEVERITIES: Final = {_EXTERNAL: Severity.MEDIUM}
_MAX_CONDITION: Final = 500


def recognises(found: Mapping[str, Any]) -> bool:
    """Whether these members are a finding of Access Analyzer."""
    return (
        "id" in found
        and "resource" in found
        and "status" in found
        and bool(found.keys() & {"analyzedAt", "findingType"})
    )


def detection(found: Mapping[str, Any], where: Where) -> Detection | None:
    """The detection of a finding; None where it has no identity or time."""
    kind = text(found, "findingType") or _EXTERNAL
    is_public = flag(found, "isPublic")
    resource = text(found, "resource")
    told = Told(
        producer="access-analyzer",
        native_id=text(found, "id"),
        kind=kind,
        title=f"{_TITLES.get(kind, kind)}: {resource}" if resource else _TITLES.get(kind, kind),
        severity=Severity.HIGH if is_public else _SEVERITIES.get(kind, Severity.LOW),
        confidence=Confidence.HIGH,
        first_at=moment(found, "createdAt"),
        last_at=moment(found, "analyzedAt") or moment(found, "updatedAt"),
        updated_at=moment(found, "updatedAt") or moment(found, "analyzedAt"),
        account=text(found, "resourceOwnerAccount") or text(found, "accountId"),
        region=text(found, "region"),
        resources=(resource,),
        evidence=known(
            resource_type=text(found, "resourceType"),
            is_public=is_public,
            external_principal=_as_text(member(found, "principal")),
            actions=texts(found, "action"),
            condition=_as_text(member(found, "condition")),
            error=text(found, "error"),
        ),
        is_closed=closed_word(text(found, "status")) or flag(found, "isDeleted") is True,
    )
    return as_detection(told, where)


def _as_text(value: object) -> str:
    if not isinstance(value, dict) or not value:
        return ""
    try:
        return json.dumps(value, ensure_ascii=False, default=str)[:_MAX_CONDITION]
    except (RecursionError, ValueError):
        return ""
