"""HB29: what is typed in Session Manager's shells is kept, in the log archive.

Preferences that send sessions anywhere are left. Others keep all that they say and get a version of their own, so that the
way back is the version before. Encryption is not demanded: every bucket encrypts, and an instance that may not look at
that would start no session. Source: botocore's model of ssm; Systems Manager User Guide, "Session document schema",
"Logging session data using Amazon S3" and "Update Session Manager preferences (command line)".
"""

import json
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any, Final

from sakimori.actions.looking import could_not_look
from sakimori.actions.records.log_archive import (
    CAUTION_READS,
    READS,
    archive_cautions,
    log_archive,
)
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State, Step
from sakimori.actions.terraform import Resource
from sakimori.aws.refusal import Refusal
from sakimori.model.action import Baseline, Call, Change, Quantity, Risk
from sakimori.model.words import GapKind, Scope

_NAME: Final = "SSM-SessionManagerRunShell"
_VERSION_NAME: Final = "sakimori-session-logging"
_GET: Final = "ssm:GetDocument"
_VERSIONS: Final = "ssm:ListDocumentVersions"
_NODES: Final = "ssm:DescribeInstanceInformation"
_CREATE: Final = "ssm:CreateDocument"
_UPDATE: Final = "ssm:UpdateDocument"
_DEFAULT: Final = "ssm:UpdateDocumentDefaultVersion"
_DELETE: Final = "ssm:DeleteDocument"
_PREFIX: Final = "session-manager"
_MOST_SHOWN: Final = 10
_NEW: Final = {
    "schemaVersion": "1.0", "description": "Document to hold regional settings for Session Manager",
    "sessionType": "Standard_Stream", "inputs": {},
}  # fmt: skip


def _read(site: Site) -> State:
    content = _content(site)
    has_ours = content is not None and any(each.get("VersionName") == _VERSION_NAME for each in _versions(site))
    return {"archive": log_archive(site).bucket, "content": content, "has_ours": has_ours}


def _content(site: Site, **which: str) -> Mapping[str, Any] | None:
    """Of the version that sessions use, or of another one; None where there is no document."""
    answer = site.call(_GET, ("InvalidDocument",), Name=_NAME, DocumentFormat="JSON", **which)
    if answer is None:
        return None
    try:
        found: Any = json.loads(str(answer["Content"]))
    except (ValueError, RecursionError) as error:
        raise _not_understood() from error
    if not isinstance(found, dict) or not isinstance(found.get("inputs", {}), dict):  # pyright: ignore[reportUnknownMemberType]
        raise _not_understood()
    return found  # pyright: ignore[reportUnknownVariableType]


def _not_understood() -> Refusal:
    return Refusal(call=_GET, kind=GapKind.MALFORMED, code="Malformed", message="the preferences are not understood")


def _versions(site: Site) -> Sequence[Mapping[str, Any]]:
    """The latest first."""
    found = site.all_of(_VERSIONS, "DocumentVersions", Name=_NAME)
    return sorted(found, key=lambda each: -int(each["DocumentVersion"]))


def _wanted(_site: Site, state: State) -> State:
    content = state["content"] or _NEW
    inputs = content.get("inputs") or {}
    if inputs.get("s3BucketName") or inputs.get("cloudWatchLogGroupName"):
        return state
    kept = {**inputs, "s3BucketName": state["archive"], "s3KeyPrefix": _PREFIX, "s3EncryptionEnabled": False}
    return {**state, "content": {**content, "inputs": kept}, "has_ours": True}


def _towards(site: Site, now: State, target: State) -> Sequence[Change]:
    if now["content"] is None:
        return () if target["content"] is None else (_creation(site, target),)
    if target["content"] is None:
        return (_deletion(site, now),)
    is_superfluous = now["has_ours"] and not target["has_ours"]
    if now["content"] == target["content"] and not is_superfluous:
        return ()
    versions = _versions(site)
    changes: list[Change] = []
    if now["content"] != target["content"]:
        changes += _switched(site, versions, target)
    return (*changes, _version_gone(site, now)) if is_superfluous else changes


def _switched(site: Site, versions: Sequence[Mapping[str, Any]], target: State) -> Sequence[Change]:
    """Versions cannot be changed: sessions use another one, which is made where none says what is wanted."""
    current = next((str(each["DocumentVersion"]) for each in versions if each.get("IsDefaultVersion")), "$LATEST")
    for each in versions:
        number = str(each["DocumentVersion"])
        if number != current and _content(site, DocumentVersion=number) == target["content"]:
            return (_use(site, number, current),)
    changes: list[Change] = []
    is_ours = bool(target["has_ours"])
    if is_ours and any(each.get("VersionName") == _VERSION_NAME for each in versions):
        changes.append(_version_gone(site, {**target, "content": _content(site, VersionName=_VERSION_NAME)}))
    number = str(int(versions[0]["DocumentVersion"]) + 1)
    made = _update(site, target["content"], named=is_ours)
    dropped = _drop(site, VersionName=_VERSION_NAME) if is_ours else _drop(site, DocumentVersion=number)
    changes.append(Change(name="version", call=made, undo=(dropped,), text="harden_record.hb29_version"))
    return (*changes, _use(site, number, current))


def _use(site: Site, number: str, before: str) -> Change:
    """The number that a new version will have is foreseen; were it another one, the next round finds it by its content."""
    there, back = (
        Call(
            operation=_DEFAULT, region=site.region, parameters={"Name": _NAME, "DocumentVersion": each},
            settled=("InvalidDocumentVersion", "InvalidDocument"),
        )
        for each in (number, before)
    )  # fmt: skip
    return Change(name="default", call=there, undo=(back,), text="harden_record.hb29_used", values={"number": number})


def _creation(site: Site, target: State) -> Change:
    return Change(
        name="document", call=_make(site, target["content"]), undo=(_drop(site),), text="harden_record.hb29_made"
    )


def _deletion(site: Site, now: State) -> Change:
    return Change(
        name="document", call=_drop(site), undo=(_make(site, now["content"]),), text="harden_record.hb29_dropped"
    )


def _version_gone(site: Site, now: State) -> Change:
    back = _update(site, now["content"], named=True)
    dropped = _drop(site, VersionName=_VERSION_NAME)
    return Change(name="our-version", call=dropped, undo=(back,), text="harden_record.hb29_version_dropped")


def _make(site: Site, content: Mapping[str, Any]) -> Call:
    parameters = {
        "Name": _NAME, "Content": json.dumps(content), "DocumentType": "Session", "DocumentFormat": "JSON",
        "VersionName": _VERSION_NAME, "Tags": [{"Key": "sakimori", "Value": "HB29"}],
    }  # fmt: skip
    return Call(operation=_CREATE, region=site.region, parameters=parameters, settled=("DocumentAlreadyExists",))


def _update(site: Site, content: Mapping[str, Any], *, named: bool) -> Call:
    parameters = {
        "Name": _NAME, "Content": json.dumps(content), "DocumentFormat": "JSON", "DocumentVersion": "$LATEST",
        **({"VersionName": _VERSION_NAME} if named else {}),
    }  # fmt: skip
    settled = ("DuplicateDocumentContent", "DuplicateDocumentVersionName")
    return Call(operation=_UPDATE, region=site.region, parameters=parameters, settled=settled)


def _drop(site: Site, **which: str) -> Call:
    return Call(
        operation=_DELETE, region=site.region, parameters={"Name": _NAME, **which}, settled=("InvalidDocument",)
    )


def _cautions(site: Site, _state: State) -> Sequence[Caution]:
    """Instances put the records there with their own role."""
    archive = log_archive(site)
    found = list(archive_cautions(site, archive))
    try:
        pages = site.door.pages(_NODES, site.region, {"MaxResults": 50})
        nodes = (str(each["InstanceId"]) for page in pages for each in page.get("InstanceInformationList") or ())
        shown = list(islice(nodes, _MOST_SHOWN))
    except Refusal as refusal:
        return (*found, could_not_look(refusal))
    if shown:
        values = {"instances": shown, "bucket": archive.bucket, "prefix": _PREFIX}
        found.append(Caution(text="harden_record.hb29_roles", values=values))
    return found


def _costs(_site: Site, _state: State) -> Sequence[Quantity]:
    return (Quantity("s3.gb_month", None),)


def _terraform(site: Site, target: State) -> Sequence[Resource]:
    arguments = {
        "name": _NAME, "document_type": "Session", "document_format": "JSON", "content": json.dumps(target["content"]),
    }  # fmt: skip
    return [Resource(type="aws_ssm_document", name=f"sakimori_{site.region}", region=site.region, arguments=arguments)]


STEP: Final = Step(
    id="HB29",
    order=290,
    texts="harden_record.hb29",
    scope=Scope.REGION,
    baseline=Baseline.STRICT,
    risk=Risk.LOW,
    rules=("aws.ssm.session-logging-enabled",),
    reads=(*READS, *CAUTION_READS, _GET, _VERSIONS, _NODES),
    writes=(_CREATE, _UPDATE, _DEFAULT, _DELETE),
    permissions=("ssm:AddTagsToResource",),
    read=_read,
    wanted=_wanted,
    towards=_towards,
    cautions=_cautions,
    costs=_costs,
    terraform=_terraform,
)
