"""One Systems Manager document that not every AWS account may read and run (Security Hub: SSM.4).

Shared with everybody, a document is shared with nobody by id: those who need it are let in by id afterwards. The version
that was shared comes back with the undo. Source: botocore's model of ssm; Systems Manager User Guide, "Sharing SSM
documents"; API reference, ModifyDocumentPermission.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from sakimori.actions.resources.named_resource import Kind
from sakimori.actions.resources.setting import Setting, setting_step
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State
from sakimori.aws.refusal import Refusal
from sakimori.collect.ssm.region import PUBLIC_SHARING
from sakimori.model.action import Approval, Call, Risk

_GET: Final = "ssm:DescribeDocumentPermission"
_MODIFY: Final = "ssm:ModifyDocumentPermission"
_SETTING: Final = "ssm:GetServiceSetting"
_EVERYBODY: Final = "all"
_KEY: Final = "everybody"
_NO_VERSION: Final = ""
_PAGE: Final = 200


def _read(site: Site, name: str) -> State | None:
    """The version that everybody has, "" where AWS names none; None under the key where the document is not public."""
    versions: dict[str, str] = {}
    for page in _pages(site, name):
        if page is None:
            return None
        versions |= {str(each).lower(): _NO_VERSION for each in page.get("AccountIds") or ()}
        told = page.get("AccountSharingInfoList") or ()
        versions |= {str(each["AccountId"]).lower(): each.get("SharedDocumentVersion", _NO_VERSION) for each in told}
    return {_KEY: versions.get(_EVERYBODY)}


def _pages(site: Site, name: str) -> Iterator[Mapping[str, Any] | None]:
    named: dict[str, Any] = {"Name": name, "PermissionType": "Share", "MaxResults": _PAGE}
    token: str | None = ""
    while token is not None:
        page = site.call(_GET, ("InvalidDocument",), **named, **({"NextToken": token} if token else {}))
        yield page
        token = (page or {}).get("NextToken") or None


def _put(site: Site, name: str, key: str, target: State) -> Call:
    named = {"Name": name, "PermissionType": "Share"}
    version = target[key]
    if version is None:
        return Call(operation=_MODIFY, region=site.region, parameters={**named, "AccountIdsToRemove": [_EVERYBODY]})
    of_version = {"SharedDocumentVersion": version} if version else {}
    return Call(
        operation=_MODIFY, region=site.region, parameters={**named, "AccountIdsToAdd": [_EVERYBODY], **of_version}
    )


def _cautions(site: Site, name: str, _state: State) -> Sequence[Caution]:
    values = {"name": name}
    found = [Caution(text="fix_data.document_not_shared_others", values=values)]
    try:
        answer = site.call(_SETTING, SettingId=PUBLIC_SHARING) or {}
    except Refusal as refusal:
        return [*found, Caution(text="fix_data.document_not_shared_unseen", values={**values, "code": refusal.code})]
    if answer.get("ServiceSetting", {}).get("SettingValue") == "Disable":
        found.append(Caution(text="fix_data.document_not_shared_lasting", values=values))
    return found


STEP: Final = setting_step(
    Setting(
        id="document-not-shared",
        order=2310,
        texts="fix_data.document_not_shared",
        rules=("aws.ssm.document-private",),
        kind=Kind(service="ssm", call=_GET, prefix="document/", pattern=r"[A-Za-z0-9_.-]{3,128}"),
        reads=(_GET, _SETTING),
        writes=(_MODIFY,),
        read=_read,
        safe={_KEY: None},
        put=_put,
        cautions=_cautions,
        risk=Risk.MEDIUM,
        approval=Approval.TWO_PERSON,
    )
)
