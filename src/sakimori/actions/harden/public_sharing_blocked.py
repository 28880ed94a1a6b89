"""HB18: no EBS snapshot, machine image or Systems Manager document can be shared with everybody, in every enabled Region.

The block of snapshots closes also those that are public already, so those, or not to have been able to look, hold it
back; it leaves their permissions as they are, so without it
they are public again. Images and documents that are public stay so. What a declarative policy of the organisation
manages is left to it. AWS may need ten minutes until it shows the block of images, for which a run waits.
Source: botocore's models of ec2 and ssm; Amazon EBS User Guide, "Block public access for EBS snapshots"; Amazon EC2 User
Guide, "Block public access to your AMIs"; Systems Manager User Guide, "Blocking public sharing of documents".
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sakimori.actions.looking import looked
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State, Step
from sakimori.actions.terraform import Resource, identifier
from sakimori.collect.ssm.region import PUBLIC_SHARING
from sakimori.model.action import Baseline, Call, Change, Risk
from sakimori.model.words import Scope

_SNAPSHOTS: Final = "ec2:GetSnapshotBlockPublicAccessState"
_IMAGES: Final = "ec2:GetImageBlockPublicAccessState"
_DOCUMENTS: Final = "ssm:GetServiceSetting"
_BLOCK_SNAPSHOTS: Final = "ec2:EnableSnapshotBlockPublicAccess"
_UNBLOCK_SNAPSHOTS: Final = "ec2:DisableSnapshotBlockPublicAccess"
_BLOCK_IMAGES: Final = "ec2:EnableImageBlockPublicAccess"
_UNBLOCK_IMAGES: Final = "ec2:DisableImageBlockPublicAccess"
_SET_DOCUMENTS: Final = "ssm:UpdateServiceSetting"
_RESET_DOCUMENTS: Final = "ssm:ResetServiceSetting"
_OWN_SNAPSHOTS: Final = "ec2:DescribeSnapshots"
_OWN_IMAGES: Final = "ec2:DescribeImages"
_OWN_DOCUMENTS: Final = "ssm:ListDocuments"
_PERMISSION: Final = "ssm:DescribeDocumentPermission"

_OFF: Final = "unblocked"
_ALL: Final = "block-all-sharing"
_NEW: Final = "block-new-sharing"
_REFUSED: Final = "Disable"
_OF_ACCOUNT: Final = "account"
_EVERYONE: Final = "all"


def _read(site: Site) -> State:
    snapshots, images = site.call(_SNAPSHOTS) or {}, site.call(_IMAGES) or {}
    documents = (site.call(_DOCUMENTS, ("ServiceSettingNotFound",), SettingId=PUBLIC_SHARING) or {}).get(
        "ServiceSetting"
    )
    return {
        "snapshots": {"state": snapshots.get("State", _OFF), "managed_by": snapshots.get("ManagedBy", _OF_ACCOUNT)},
        "images": {
            "state": images.get("ImageBlockPublicAccessState", _OFF),
            "managed_by": images.get("ManagedBy", _OF_ACCOUNT),
        },
        "documents": documents
        and {"sharing": documents["SettingValue"], "is_set": documents.get("Status") != "Default"},
    }


def _wanted(_site: Site, state: State) -> State:
    documents = state["documents"]
    is_open = documents and documents["sharing"] != _REFUSED
    return {
        "snapshots": _blocked(state["snapshots"], _ALL),
        "images": _blocked(state["images"], _NEW),
        "documents": {"sharing": _REFUSED, "is_set": True} if is_open else documents,
    }


def _blocked(part: Mapping[str, str], state: str) -> Mapping[str, str]:
    return {**part, "state": state} if part["managed_by"] == _OF_ACCOUNT else part


def _towards(site: Site, now: State, target: State) -> Sequence[Change]:
    parts = (
        ("snapshots", "harden_watch.hb18_snapshots", _snapshots, "state"),
        ("images", "harden_watch.hb18_images", _images, "state"),
        ("documents", "harden_watch.hb18_documents", _documents, "sharing"),
    )
    return [
        Change(
            name=name, call=call(site, target[name]), undo=(call(site, now[name]),), text=text,
            values={"state": target[name][shown]},
        )
        for name, text, call, shown in parts
        if now[name] and target[name] and _set(now[name]) != _set(target[name])
    ]  # fmt: skip


def _set(part: Mapping[str, Any]) -> Mapping[str, Any]:
    """Without who manages it: that is no setting of ours."""
    return {name: value for name, value in part.items() if name != "managed_by"}


def _snapshots(site: Site, part: Mapping[str, Any]) -> Call:
    if part["state"] == _OFF:
        return Call(operation=_UNBLOCK_SNAPSHOTS, region=site.region)
    return Call(operation=_BLOCK_SNAPSHOTS, region=site.region, parameters={"State": part["state"]})


def _images(site: Site, part: Mapping[str, Any]) -> Call:
    if part["state"] == _OFF:
        return Call(operation=_UNBLOCK_IMAGES, region=site.region)
    return Call(
        operation=_BLOCK_IMAGES, region=site.region, parameters={"ImageBlockPublicAccessState": part["state"]}
    )  # fmt: skip


def _documents(site: Site, part: Mapping[str, Any]) -> Call:
    if not part["is_set"]:
        return Call(operation=_RESET_DOCUMENTS, region=site.region, parameters={"SettingId": PUBLIC_SHARING})
    parameters = {"SettingId": PUBLIC_SHARING, "SettingValue": part["sharing"]}
    return Call(operation=_SET_DOCUMENTS, region=site.region, parameters=parameters)


def _owner(state: State) -> str:
    """A policy's word where it manages a part, and the account has nothing left to do itself."""
    parts = (("snapshots", _ALL), ("images", _NEW))
    managers = {state[name]["managed_by"] for name, _ in parts} - {_OF_ACCOUNT}
    is_done = all(state[name]["managed_by"] != _OF_ACCOUNT or state[name]["state"] == wanted for name, wanted in parts)
    documents = state["documents"]
    is_refused = documents is None or documents["sharing"] == _REFUSED
    return next(iter(managers)) if managers and is_done and is_refused else ""


def _cautions(site: Site, state: State) -> Sequence[Caution]:
    target = _wanted(site, state)
    looks = {
        "snapshots": lambda: _public_snapshots(site),
        "images": lambda: _public_images(site),
        "documents": lambda: _public_documents(site),
    }
    return [
        caution
        for name, look in looks.items()
        if state[name] and _set(state[name]) != _set(target[name])
        for caution in looked(look, blocks=name == "snapshots")
    ]


def _public_snapshots(site: Site) -> Sequence[Caution]:
    found = site.all_of(_OWN_SNAPSHOTS, "Snapshots", OwnerIds=["self"], RestorableByUserIds=[_EVERYONE])
    names = sorted(each["SnapshotId"] for each in found)
    return [Caution(text="harden_watch.hb18_snapshots_close", values={"names": names}, blocks=True)] if names else []


def _public_images(site: Site) -> Sequence[Caution]:
    found = site.all_of(
        _OWN_IMAGES, "Images", Owners=["self"], Filters=[{"Name": "is-public", "Values": ["true"]}]
    )  # fmt: skip
    names = sorted(each["ImageId"] for each in found)
    stay = [Caution(text="harden_watch.hb18_images_stay", values={"names": names})] if names else []
    return [*stay, Caution(text="harden_watch.hb18_slow")]


def _public_documents(site: Site) -> Sequence[Caution]:
    owned = site.all_of(_OWN_DOCUMENTS, "DocumentIdentifiers", Filters=[{"Key": "Owner", "Values": ["Self"]}])
    names = sorted(each["Name"] for each in owned if _is_public(site, each["Name"]))
    return [Caution(text="harden_watch.hb18_documents_stay", values={"names": names})] if names else []


def _is_public(site: Site, name: str) -> bool:
    shared = site.all_of(_PERMISSION, "AccountIds", Name=name, PermissionType="Share")
    return any(str(each).lower() == _EVERYONE for each in shared)


def _terraform(site: Site, target: State) -> Sequence[Resource]:
    name = identifier(site.region)
    documents = target["documents"]
    found = [
        Resource(type=kind, name=name, arguments={"state": target[part]["state"]}, region=site.region)
        for part, kind in (
            ("snapshots", "aws_ebs_snapshot_block_public_access"),
            ("images", "aws_ec2_image_block_public_access"),
        )
    ]
    if documents is None:
        return found
    arguments = {"setting_id": PUBLIC_SHARING, "setting_value": documents["sharing"]}
    return [*found, Resource(type="aws_ssm_service_setting", name=name, arguments=arguments, region=site.region)]


STEP: Final = Step(
    id="HB18",
    order=180,
    texts="harden_watch.hb18",
    scope=Scope.REGION,
    baseline=Baseline.STARTER,
    risk=Risk.LOW,
    rules=(
        "aws.ec2.snapshot-public-access-blocked", "aws.ec2.snapshot-private", "aws.ec2.image-public-access-blocked",
        "aws.ssm.document-public-sharing-blocked",
    ),
    reads=(_SNAPSHOTS, _IMAGES, _DOCUMENTS, _OWN_SNAPSHOTS, _OWN_IMAGES, _OWN_DOCUMENTS, _PERMISSION),
    writes=(
        _BLOCK_SNAPSHOTS, _UNBLOCK_SNAPSHOTS, _BLOCK_IMAGES, _UNBLOCK_IMAGES, _SET_DOCUMENTS, _RESET_DOCUMENTS,
    ),
    read=_read,
    wanted=_wanted,
    towards=_towards,
    owner=_owner,
    cautions=_cautions,
    shown_within=900.0,
    terraform=_terraform,
)  # fmt: skip
