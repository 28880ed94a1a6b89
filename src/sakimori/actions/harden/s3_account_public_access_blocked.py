"""HB16: nothing in S3 of this account can be public.

The account's switches stand above those of each bucket. What is public today is looked for first, and holds the step back
unless logs of two weeks show that nobody reads it so; so does a bucket that could not be looked at.
Source: botocore's model of s3control; Amazon S3 User Guide, "Blocking public access to your Amazon S3 storage".
"""

from collections.abc import Sequence
from typing import Final

from sakimori.actions.looking import looked
from sakimori.actions.records.bucket_settings import SWITCHES
from sakimori.actions.resources.public_buckets import READS, public_origins, public_reading
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State, Step
from sakimori.actions.terraform import Resource, argument_name
from sakimori.model.action import Baseline, Call, Change, Risk
from sakimori.model.words import Scope

_GET: Final = "s3control:GetPublicAccessBlock"
_PUT: Final = "s3control:PutPublicAccessBlock"
_DELETE: Final = "s3control:DeletePublicAccessBlock"
_NONE: Final = "NoSuchPublicAccessBlockConfiguration"


def _read(site: Site) -> State:
    answer = site.call(_GET, (_NONE,), AccountId=site.account.id)
    if answer is None:
        return {"switches": None}
    told = answer["PublicAccessBlockConfiguration"]
    return {"switches": {name: bool(told.get(name)) for name in SWITCHES}}


def _wanted(_site: Site, _state: State) -> State:
    return {"switches": dict.fromkeys(SWITCHES, True)}


def _towards(site: Site, now: State, target: State) -> Sequence[Change]:
    if now == target:
        return ()
    on = [name for name in SWITCHES if (target["switches"] or {}).get(name)]
    text, values = "harden_watch.hb16_switches", {"switches": on or "-"}
    return (Change(name="switches", call=_call(site, target), undo=(_call(site, now),), text=text, values=values),)


def _call(site: Site, state: State) -> Call:
    account = {"AccountId": site.account.id}
    if state["switches"] is None:
        return Call(operation=_DELETE, region=site.region, parameters=account, settled=(_NONE,))
    return Call(
        operation=_PUT, region=site.region, parameters={**account, "PublicAccessBlockConfiguration": state["switches"]}
    )


def _cautions(site: Site, state: State) -> Sequence[Caution]:
    switches = state["switches"] or {}
    return looked(lambda: public_reading(site, switches), lambda: public_origins(site, switches), blocks=True)


def _terraform(_site: Site, target: State) -> Sequence[Resource]:
    arguments = {argument_name(name): is_on for name, is_on in target["switches"].items()}
    return (Resource(type="aws_s3_account_public_access_block", name="account", arguments=arguments),)


STEP: Final = Step(
    id="HB16",
    order=160,
    texts="harden_watch.hb16",
    scope=Scope.ACCOUNT,
    baseline=Baseline.STARTER,
    risk=Risk.MEDIUM,
    rules=("aws.s3.account-public-access-blocked", "aws.s3.bucket-public-access-blocked"),
    reads=(_GET, *READS),
    writes=(_PUT, _DELETE),
    read=_read,
    wanted=_wanted,
    towards=_towards,
    cautions=_cautions,
    terraform=_terraform,
)
