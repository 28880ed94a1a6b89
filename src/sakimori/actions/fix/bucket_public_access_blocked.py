"""The four switches of one bucket (Security Hub: S3.8; S3.2 and S3.3 hold by it).

What holds it back is the same as for the account's switches (HB16): who reads it openly today, as far as it can be seen.
Source: botocore's model of s3; Amazon S3 User Guide, "Blocking public access to your Amazon S3 storage".
"""

from collections.abc import Sequence
from typing import Final

from sakimori.actions.records.bucket_settings import SWITCHES
from sakimori.actions.resources.bucket import NOT_THERE, USE_READS, BucketUse, bucket_call
from sakimori.actions.resources.mended import changes_if_there, unless_gone, wanted_if_there
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State, Step
from sakimori.model.action import Baseline, Call, Change, Risk
from sakimori.model.words import Scope

_GET: Final = "s3:GetPublicAccessBlock"
_PUT: Final = "s3:PutPublicAccessBlock"
_DELETE: Final = "s3:DeletePublicAccessBlock"
_NONE: Final = "NoSuchPublicAccessBlockConfiguration"


def _read(site: Site) -> State:
    answer = site.call(_GET, (_NONE,), **bucket_call(site, _GET))
    if answer is None:
        return {"switches": None}
    told = answer["PublicAccessBlockConfiguration"]
    return {"switches": {name: bool(told.get(name)) for name in SWITCHES}}


def _wanted(_site: Site, _state: State) -> State:
    return {"switches": dict.fromkeys(SWITCHES, True)}


def _towards(site: Site, now: State, target: State) -> Sequence[Change]:
    values = {"bucket": bucket_call(site, _GET)["Bucket"]}
    text = "fix_data.bucket_public_access_blocked_switches"
    return (Change(name="switches", call=_call(site, target), undo=(_call(site, now),), text=text, values=values),)


def _call(site: Site, state: State) -> Call:
    named = bucket_call(site, _GET)
    if state["switches"] is None:
        return Call(operation=_DELETE, region=site.region, parameters=named, settled=(_NONE,))
    return Call(
        operation=_PUT, region=site.region, parameters={**named, "PublicAccessBlockConfiguration": state["switches"]}
    )


def _cautions(site: Site, _state: State) -> Sequence[Caution]:
    use = BucketUse(site, bucket_call(site, _GET)["Bucket"])
    return [*use.websites(), *use.openings()]


STEP: Final = Step(
    id="bucket-public-access-blocked",
    order=2010,
    texts="fix_data.bucket_public_access_blocked",
    scope=Scope.REGION,
    baseline=Baseline.STARTER,
    risk=Risk.MEDIUM,
    rules=(
        "aws.s3.bucket-public-access-blocked", "aws.s3.bucket-public-read-blocked", "aws.s3.bucket-public-write-blocked",
    ),
    reads=USE_READS,
    writes=(_PUT, _DELETE),
    read=unless_gone(_read, NOT_THERE),
    wanted=wanted_if_there(_wanted),
    towards=changes_if_there(_towards),
    cautions=_cautions,
    of_resources=True,
)  # fmt: skip
