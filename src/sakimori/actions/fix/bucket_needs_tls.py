"""One statement in a bucket's policy that refuses requests without TLS (Security Hub: S3.5).

The rest of the policy stays as it is, also where it was changed before the undo. A policy that asks for TLS in other
words, or in words that nobody can be sure of, is left alone. Source: botocore's model of s3; Amazon S3 User Guide, "Security best practices" and "The meaning of public".
"""

from collections.abc import Iterator, Sequence
from itertools import count
from typing import Final

from sakimori.actions.resources.bucket import NOT_THERE, WEBSITE_READS, BucketUse, bucket_call
from sakimori.actions.resources.mended import changes_if_there, unless_gone, wanted_if_there
from sakimori.actions.resources.policy_statements import (
    Policy,
    all_statements,
    brought,
    policy_in,
    policy_text,
    tls_only,
    with_statements,
)
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State, Step
from sakimori.aws.refusal import Refusal
from sakimori.collect.declaration import Context
from sakimori.collect.policy_document import Statement
from sakimori.collect.s3.policy_claims import requires_tls
from sakimori.model.action import Baseline, Call, Change, Risk
from sakimori.model.words import GLOBAL, Scope

_GET: Final = "s3:GetBucketPolicy"
_PUT: Final = "s3:PutBucketPolicy"
_DELETE: Final = "s3:DeleteBucketPolicy"
_STATUS: Final = "s3:GetBucketPolicyStatus"
_BLOCK: Final = "s3:GetPublicAccessBlock"
_ACCOUNT_BLOCK: Final = "s3control:GetPublicAccessBlock"
_NO_POLICY: Final = "NoSuchBucketPolicy"
_NO_BLOCK: Final = "NoSuchPublicAccessBlockConfiguration"
_SID: Final = "SakimoriDenyWithoutTLS"
_MOST_BYTES: Final = 20 * 1024
"""The longest policy that S3 takes."""


def _read(site: Site) -> State:
    answer = site.call(_GET, (_NO_POLICY,), **bucket_call(site, _GET))
    if answer is None:
        return {"policy": None}
    return {"policy": policy_in(answer["Policy"], _GET)}


def _has_tls(site: Site, policy: Policy | None) -> bool | None:
    record = {"Name": bucket_call(site, _GET)["Bucket"], **({} if policy is None else {"Policy": policy_text(policy)})}
    account = site.account
    return requires_tls(record, Context(account_id=account.id, partition=account.partition, region=site.region))


def _wanted(site: Site, state: State) -> State:
    if _has_tls(site, state["policy"]) is not False:
        return state
    there = all_statements(state["policy"])
    taken = {each.get("Sid") for each in there}
    sid = next(name for number in count(1) if (name := f"{_SID}{number if number > 1 else ''}") not in taken)
    return {"policy": with_statements(state["policy"], [*there, tls_only(sid, site.resource)])}


def _is_ours(statement: Statement) -> bool:
    return statement.sid.startswith(_SID)


def _towards(site: Site, now: State, target: State) -> Sequence[Change]:
    is_changed, policy = brought(now["policy"], target["policy"], _is_ours)
    if not is_changed:
        return ()
    values = {"bucket": bucket_call(site, _GET)["Bucket"]}
    text = "fix_data.bucket_needs_tls_policy"
    undo = (_call(site, now["policy"]),)
    return (Change(name="policy", call=_call(site, policy), undo=undo, text=text, values=values),)


def _call(site: Site, policy: Policy | None) -> Call:
    named = bucket_call(site, _GET)
    if policy is None:
        return Call(operation=_DELETE, region=site.region, parameters=named, settled=(_NO_POLICY,))
    return Call(operation=_PUT, region=site.region, parameters={**named, "Policy": policy_text(policy)})


def _cautions(site: Site, state: State) -> Sequence[Caution]:
    use = BucketUse(site, bucket_call(site, _GET)["Bucket"])
    found = [*use.websites(), Caution(text="fix_data.bucket_needs_tls_plain", values={"bucket": use.bucket})]
    if len(policy_text(_wanted(site, state)["policy"]).encode()) > _MOST_BYTES:
        found.append(Caution(text="fix_data.bucket_needs_tls_long", values={"bucket": use.bucket}, blocks=True))
    return [*found, *_unchangeable(site, state)]


def _unchangeable(site: Site, state: State) -> Iterator[Caution]:
    """A public policy where new public ones are blocked: S3 refuses every change of it, the way back too."""
    named = bucket_call(site, _GET)
    if state["policy"] is None:
        return
    try:
        status = site.call(_STATUS, (_NO_POLICY,), **named) or {}
        if not (status.get("PolicyStatus") or {}).get("IsPublic"):
            return
        of_bucket = site.call(_BLOCK, (_NO_BLOCK,), **named) or {}
        of_account = site.at(GLOBAL).call(_ACCOUNT_BLOCK, (_NO_BLOCK,), AccountId=site.account.id) or {}
    except Refusal as refusal:
        values = {"bucket": named["Bucket"], "call": refusal.call, "code": refusal.code}
        yield Caution(text="fix_data.bucket_not_looked_at", values=values)
        return
    blocks = (each.get("PublicAccessBlockConfiguration") or {} for each in (of_bucket, of_account))
    if any(each.get("BlockPublicPolicy") for each in blocks):
        yield Caution(text="fix_data.bucket_needs_tls_public", values={"bucket": named["Bucket"]}, blocks=True)


STEP: Final = Step(
    id="bucket-needs-tls",
    order=2020,
    texts="fix_data.bucket_needs_tls",
    scope=Scope.REGION,
    baseline=Baseline.STARTER,
    risk=Risk.LOW,
    rules=("aws.s3.bucket-tls-required",),
    reads=(_GET, _ACCOUNT_BLOCK, *WEBSITE_READS),
    writes=(_PUT, _DELETE),
    read=unless_gone(_read, NOT_THERE),
    wanted=wanted_if_there(_wanted),
    towards=changes_if_there(_towards),
    cautions=_cautions,
    of_resources=True,
)
