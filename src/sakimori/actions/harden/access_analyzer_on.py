"""HB15: IAM Access Analyzer looks for what is shared outside, in every enabled Region.

Any analyzer for external access that works is adopted, of the account or of its organisation; one costs nothing. AWS
allows one of the account in a Region: where there is one that does not work, its owner must look at it first; one of
ours that does not is told as a fault.
Source: botocore's model of accessanalyzer; IAM User Guide, "Using AWS IAM Access Analyzer", "IAM Access Analyzer quotas".
"""

from collections.abc import Sequence
from typing import Final

from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State, Step
from sakimori.actions.terraform import Resource, identifier
from sakimori.model.action import Baseline, Call, Change
from sakimori.model.words import Scope

_ID: Final = "HB15"
_LIST: Final = "accessanalyzer:ListAnalyzers"
_CREATE: Final = "accessanalyzer:CreateAnalyzer"
_DELETE: Final = "accessanalyzer:DeleteAnalyzer"
_NAME: Final = "sakimori-external-access"
_OF_ACCOUNT: Final = "ACCOUNT"
_EXTERNAL: Final = frozenset({_OF_ACCOUNT, "ORGANIZATION"})
_WORKING: Final = frozenset({"ACTIVE", "CREATING"})


def _read(site: Site) -> State:
    found = [each for each in site.all_of(_LIST, "analyzers") if each.get("type") in _EXTERNAL]
    others = [each for each in found if each["name"] != _NAME]
    return {
        "ours": any(each["name"] == _NAME for each in found),
        "others": sorted(each["name"] for each in others if each.get("status") in _WORKING),
        "broken": sorted(
            each["name"] for each in found if each["type"] == _OF_ACCOUNT and each.get("status") not in _WORKING
        ),
    }


def _wanted(_site: Site, state: State) -> State:
    return {**state, "ours": state["ours"] or not state["others"]}


def _towards(site: Site, now: State, target: State) -> Sequence[Change]:
    if now["ours"] == target["ours"]:
        return ()
    parameters = {"analyzerName": _NAME, "type": _OF_ACCOUNT, "tags": {"sakimori": _ID}}
    make = Call(operation=_CREATE, region=site.region, parameters=parameters, settled=("ConflictException",))
    drop = Call(
        operation=_DELETE, region=site.region, parameters={"analyzerName": _NAME}, settled=("ResourceNotFoundException",)
    )  # fmt: skip
    there, back = (make, drop) if target["ours"] else (drop, make)
    text = "harden_watch.hb15_made" if target["ours"] else "harden_watch.hb15_dropped"
    return (Change(name="analyzer", call=there, undo=(back,), text=text, values={"name": _NAME}),)


def _cautions(_site: Site, state: State) -> Sequence[Caution]:
    return _broken(state, blocks=True)


def _faults(_site: Site, state: State) -> Sequence[Caution]:
    return _broken(state, blocks=False) if state["ours"] else ()


def _broken(state: State, *, blocks: bool) -> Sequence[Caution]:
    values = {"names": state["broken"]}
    return [Caution(text="harden_watch.hb15_broken", values=values, blocks=blocks)] if state["broken"] else []


def _terraform(site: Site, target: State) -> Sequence[Resource]:
    if not target["ours"]:
        return ()
    arguments = {"analyzer_name": _NAME, "type": _OF_ACCOUNT, "tags": {"sakimori": _ID}}
    name = identifier(site.region)
    return (Resource(type="aws_accessanalyzer_analyzer", name=name, arguments=arguments, region=site.region),)


STEP: Final = Step(
    id=_ID,
    order=150,
    texts="harden_watch.hb15",
    scope=Scope.REGION,
    baseline=Baseline.STARTER,
    rules=("aws.accessanalyzer.analyzer-enabled",),
    reads=(_LIST,),
    writes=(_CREATE, _DELETE),
    permissions=("access-analyzer:TagResource", "iam:CreateServiceLinkedRole"),
    read=_read,
    wanted=_wanted,
    towards=_towards,
    cautions=_cautions,
    faults=_faults,
    residue=("aws_iam_* *AWSServiceRoleForAccessAnalyzer*",),
    terraform=_terraform,
)
