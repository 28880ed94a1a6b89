"""HB15: IAM Access Analyzer looks for what is shared outside, in every enabled Region.

An analyzer of the organisation that watches this account is adopted. One for external access costs nothing.
Source: botocore's model of accessanalyzer; IAM User Guide, "Using AWS IAM Access Analyzer".
"""

from collections.abc import Sequence
from typing import Final

from sakimori.actions.site import Site
from sakimori.actions.step import State, Step
from sakimori.model.action import Baseline, Call, Change
from sakimori.model.words import Scope

_LIST: Final = "accessanalyzer:ListAnalyzers"
_CREATE: Final = "accessanalyzer:CreateAnalyzer"
_DELETE: Final = "accessanalyzer:DeleteAnalyzer"
_NAME: Final = "sakimori-external-access"


def _read(site: Site) -> State:
    found = [each for each in site.all_of(_LIST, "analyzers") if each.get("type") in {"ACCOUNT", "ORGANIZATION"}]
    return {
        "ours": any(each["name"] == _NAME for each in found),
        "others": sorted(each["name"] for each in found if each["name"] != _NAME and each.get("status") == "ACTIVE"),
    }


def _wanted(_site: Site, state: State) -> State:
    return {**state, "ours": state["ours"] or not state["others"]}


def _towards(site: Site, now: State, target: State) -> Sequence[Change]:
    if now["ours"] == target["ours"]:
        return ()
    make = Call(
        operation=_CREATE, region=site.region, parameters={"analyzerName": _NAME, "type": "ACCOUNT"}, settled=("ConflictException",)
    )  # fmt: skip
    drop = Call(
        operation=_DELETE, region=site.region, parameters={"analyzerName": _NAME}, settled=("ResourceNotFoundException",)
    )  # fmt: skip
    there, back = (make, drop) if target["ours"] else (drop, make)
    text = "harden.hb15_made" if target["ours"] else "harden.hb15_dropped"
    return (Change(name="analyzer", call=there, undo=(back,), text=text, values={"name": _NAME}),)


STEP: Final = Step(
    id="HB15",
    order=150,
    texts="harden.hb15",
    scope=Scope.REGION,
    baseline=Baseline.STARTER,
    rules=("aws.accessanalyzer.analyzer-enabled",),
    reads=(_LIST,),
    writes=(_CREATE, _DELETE),
    read=_read,
    wanted=_wanted,
    towards=_towards,
)
