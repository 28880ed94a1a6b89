"""HB16: nothing in S3 of this account can be public.

Source: botocore's model of s3control; Amazon S3 User Guide, "Blocking public access to your Amazon S3 storage".
"""

from collections.abc import Sequence
from typing import Final

from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State, Step
from sakimori.model.action import Baseline, Call, Change, Risk
from sakimori.model.words import Scope

_SWITCHES: Final = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
_GET: Final = "s3control:GetPublicAccessBlock"
_PUT: Final = "s3control:PutPublicAccessBlock"
_DELETE: Final = "s3control:DeletePublicAccessBlock"


def _read(site: Site) -> State:
    answer = site.call(_GET, ("NoSuchPublicAccessBlockConfiguration",), AccountId=site.account.id)
    if answer is None:
        return {"switches": None}
    told = answer["PublicAccessBlockConfiguration"]
    return {"switches": {name: bool(told.get(name)) for name in _SWITCHES}}


def _wanted(_site: Site, _state: State) -> State:
    return {"switches": dict.fromkeys(_SWITCHES, True)}


def _towards(site: Site, now: State, target: State) -> Sequence[Change]:
    if now == target:
        return ()
    return (Change(name="switches", call=_call(site, target), undo=(_call(site, now),), text="harden.hb16_switches"),)


def _call(site: Site, state: State) -> Call:
    account = {"AccountId": site.account.id}
    if state["switches"] is None:
        return Call(operation=_DELETE, region=site.region, parameters=account)
    return Call(
        operation=_PUT, region=site.region, parameters={**account, "PublicAccessBlockConfiguration": state["switches"]}
    )


def _cautions(site: Site, _state: State) -> Sequence[Caution]:
    """Buckets that are websites: what visitors read directly from S3 is closed to them."""
    sites = [
        bucket["Name"]
        for bucket in site.all_of("s3:ListBuckets", "Buckets")
        if site.call("s3:GetBucketWebsite", ("NoSuchWebsiteConfiguration",), Bucket=bucket["Name"]) is not None
    ]
    return [Caution(text="harden.hb16_websites", values={"buckets": sites}, blocks=True)] if sites else []


STEP: Final = Step(
    id="HB16",
    order=160,
    texts="harden.hb16",
    scope=Scope.ACCOUNT,
    baseline=Baseline.STARTER,
    risk=Risk.MEDIUM,
    rules=("aws.s3.account-public-access-blocked", "aws.s3.bucket-public-access-blocked"),
    reads=(_GET, "s3:ListBuckets", "s3:GetBucketWebsite"),
    writes=(_PUT, _DELETE),
    read=_read,
    wanted=_wanted,
    towards=_towards,
    cautions=_cautions,
)
