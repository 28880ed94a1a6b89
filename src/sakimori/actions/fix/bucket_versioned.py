"""One bucket keeps the versions of its objects (Security Hub: S3.14).

S3 cannot make a bucket unversioned again: the way back suspends, and versions that were made meanwhile stay. A bucket
that never had versions and one whose versioning is suspended make none, and are one state here.
Source: botocore's model of s3; Amazon S3 User Guide, "Using versioning in S3 buckets" and "Configuring MFA delete".
"""

from collections.abc import Sequence
from typing import Final

from sakimori.actions.resources.bucket import NOT_THERE, bucket_call
from sakimori.actions.resources.mended import changes_if_there, unless_gone, wanted_if_there
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State, Step
from sakimori.aws.refusal import Refusal
from sakimori.model.action import Baseline, Call, Change, Risk
from sakimori.model.words import Scope

_GET: Final = "s3:GetBucketVersioning"
_PUT: Final = "s3:PutBucketVersioning"
_LIFECYCLE: Final = "s3:GetBucketLifecycleConfiguration"
_ON: Final = "Enabled"


def _read(site: Site) -> State:
    answer = site.call(_GET, **bucket_call(site, _GET)) or {}
    return {"is_on": answer.get("Status") == _ON, "needs_root": answer.get("MFADelete") == _ON}


def _wanted(_site: Site, state: State) -> State:
    return {**state, "is_on": True}


def _towards(site: Site, now: State, target: State) -> Sequence[Change]:
    if now["is_on"] == target["is_on"]:
        return ()
    values = {"bucket": bucket_call(site, _GET)["Bucket"]}
    text = "fix_data.bucket_versioned_on" if target["is_on"] else "fix_data.bucket_versioned_off"
    return (Change(name="versioning", call=_call(site, target), undo=(_call(site, now),), text=text, values=values),)


def _call(site: Site, state: State) -> Call:
    status = {"Status": _ON if state["is_on"] else "Suspended"}
    return Call(
        operation=_PUT, region=site.region, parameters={**bucket_call(site, _GET), "VersioningConfiguration": status}
    )


def _cautions(site: Site, state: State) -> Sequence[Caution]:
    named = bucket_call(site, _GET)
    values = {"bucket": named["Bucket"]}
    found = [Caution(text="fix_data.bucket_versioned_lasting", values=values)]
    if state["needs_root"]:
        found.append(Caution(text="fix_data.bucket_versioned_root", values=values, blocks=True))
    try:
        rules = (site.call(_LIFECYCLE, ("NoSuchLifecycleConfiguration",), **named) or {}).get("Rules") or ()
    except Refusal as refusal:
        values = {**values, "call": refusal.call, "code": refusal.code}
        return [*found, Caution(text="fix_data.bucket_not_looked_at", values=values)]
    if not any("NoncurrentVersionExpiration" in rule and rule.get("Status") == _ON for rule in rules):
        found.append(Caution(text="fix_data.bucket_versioned_cost", values=values))
    return found


STEP: Final = Step(
    id="bucket-versioned",
    order=2030,
    texts="fix_data.bucket_versioned",
    scope=Scope.REGION,
    baseline=Baseline.STARTER,
    risk=Risk.LOW,
    rules=("aws.s3.bucket-versioning-enabled",),
    reads=(_GET, _LIFECYCLE),
    writes=(_PUT,),
    read=unless_gone(_read, NOT_THERE),
    wanted=wanted_if_there(_wanted),
    towards=changes_if_there(_towards),
    cautions=_cautions,
    of_resources=True,
)
