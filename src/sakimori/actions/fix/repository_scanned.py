"""A repository whose images are scanned when they are pushed (Security Hub: ECR.1).

The repository's own setting counts only while the registry scans in the basic way; a repository that the registry's
filters cover is scanned already. Source: botocore's model of ecr; Amazon ECR User Guide, "Scan images for software
vulnerabilities".
"""

from collections.abc import Sequence
from typing import Any, Final

from sakimori.actions.resources.named_resource import Kind
from sakimori.actions.resources.setting import Setting, setting_step
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State
from sakimori.aws.refusal import Refusal
from sakimori.model.action import Call, Risk

_GET: Final = "ecr:DescribeRepositories"
_SCANNING: Final = "ecr:BatchGetRepositoryScanningConfiguration"
_REGISTRY: Final = "ecr:GetRegistryScanningConfiguration"
_PUT: Final = "ecr:PutImageScanningConfiguration"
_KEY: Final = "scanOnPush"
_FREQUENCY: Final = "frequency_by_filters"
_SCANNED: Final = ("SCAN_ON_PUSH", "CONTINUOUS_SCAN")


def _read(site: Site, name: str) -> State | None:
    answer = site.call(_GET, ("RepositoryNotFoundException",), repositoryNames=[name])
    if answer is None:
        return None
    (found,) = answer["repositories"]
    listed: Any = (site.call(_SCANNING, repositoryNames=[name]) or {}).get("scanningConfigurations") or ({},)
    own = found.get("imageScanningConfiguration") or {}
    frequency = listed[0].get("scanFrequency")
    # What the repository's own setting gives is not the filters' doing.
    by_filters = frequency in _SCANNED and bool(listed[0].get("appliedScanFilters"))
    return {_KEY: bool(own.get(_KEY)), _FREQUENCY: frequency if by_filters else ""}


def _safe(state: State) -> State:
    return state if state[_FREQUENCY] else {**state, _KEY: True}


def _put(site: Site, name: str, key: str, target: State) -> Call:
    setting = {"imageScanningConfiguration": {key: target[key]}}
    return Call(operation=_PUT, region=site.region, parameters={"repositoryName": name, **setting})


def _cautions(site: Site, name: str, _state: State) -> Sequence[Caution]:
    try:
        answer = site.call(_REGISTRY) or {}
    except Refusal as refusal:
        return (Caution(text="fix_data.repository_scanned_unseen", values={"name": name, "code": refusal.code}),)
    is_basic = (answer.get("scanningConfiguration") or {}).get("scanType", "BASIC") == "BASIC"
    return (
        () if is_basic else (Caution(text="fix_data.repository_scanned_enhanced", values={"name": name}, blocks=True),)
    )


STEP: Final = setting_step(
    Setting(
        id="repository-scanned",
        order=2530,
        texts="fix_data.repository_scanned",
        rules=("aws.ecr.repository-scan-on-push",),
        kind=Kind(service="ecr", call=_GET, prefix="repository/", pattern=r"[a-z0-9][a-z0-9._/-]{1,255}"),
        reads=(_GET, _SCANNING, _REGISTRY),
        writes=(_PUT,),
        read=_read,
        safe=_safe,
        put=_put,
        cautions=_cautions,
        risk=Risk.NONE,
    )
)
