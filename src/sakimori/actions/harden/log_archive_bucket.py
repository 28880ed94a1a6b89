"""HB10: one bucket for the logs of the account, hardened, that outlives whoever breaks in.

A bucket that the account's trail or AWS Config fills already is completed instead; how long it keeps what it holds is left
to its owner. ELB, S3 access logs and WAF cannot deliver here and get buckets of their own. Sources: see the modules beside
this one; Amazon S3 User Guide, "Managing the lifecycle of objects".
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sakimori.actions.looking import looked
from sakimori.actions.records import bucket_emptying, bucket_settings
from sakimori.actions.records.bucket_emptying import EMPTYING, TAG, emptied_and_deleted, holds_objects
from sakimori.actions.records.bucket_settings import (
    BORN,
    ENFORCED,
    SSE_S3,
    SWITCHES,
    in_normal_order,
    settings_changes,
)
from sakimori.actions.records.log_archive import (
    CAUTION_READS,
    READS,
    archive_cautions,
    exists_elsewhere,
    filled_buckets,
    log_archive,
    logs_leaving,
    owned_buckets,
)
from sakimori.actions.records.log_archive_policy import completed_policy, refused_services, shut_policy
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State, Step
from sakimori.actions.terraform import Expression, Resource, argument_name
from sakimori.aws.refusal import Refusal
from sakimori.model.action import Baseline, Call, Change, Quantity, Risk
from sakimori.model.words import GapKind, Scope

_CREATE: Final = "s3:CreateBucket"
_RULE: Final = "sakimori-keep"
_NO_CONSTRAINT: Final = "us-east-1"
"""The one Region that a bucket must not name when it is made there."""


def _read(site: Site) -> State:
    archive = log_archive(site)
    place = {"bucket": archive.bucket, "region": archive.region, "manager": archive.manager, "is_ours": archive.is_ours}
    is_readable = archive.is_there and not archive.manager
    return {**place, "settings": _settings(site, place) if is_readable else None}


def _settings(site: Site, place: Mapping[str, Any]) -> Mapping[str, Any]:
    return bucket_settings.bucket_settings(site.at(place["region"]), place["bucket"])


def _wanted(site: Site, state: State) -> State:
    found = state["settings"] or BORN
    settings = {
        **found,
        "public_access": dict.fromkeys(SWITCHES, True),
        # An access list that lets others in must be emptied first: it may be how their logs come in.
        "ownership": found["ownership"] if found["is_shared_by_acl"] else ENFORCED,
        "encryption": found["encryption"] or list(SSE_S3),
        "is_versioned": True,
        "policy": completed_policy(found["policy"], site.account, state["bucket"]),
        "lifecycle": _kept(found["lifecycle"], site.wishes.keep_days) if state["is_ours"] else found["lifecycle"],
    }
    return {**state, "settings": settings}


def _kept(rules: Sequence[Mapping[str, Any]], days: int) -> Sequence[Mapping[str, Any]]:
    """Never for a shorter time than now: that would delete logs."""
    known = [
        each["Expiration"]["Days"] for each in rules if each.get("ID") == _RULE and "Days" in each.get("Expiration", {})
    ]
    rule = {
        "ID": _RULE, "Filter": {"Prefix": ""}, "Status": "Enabled", "Expiration": {"Days": max([days, *known])},
        "NoncurrentVersionExpiration": {"NoncurrentDays": 30}, "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
    }  # fmt: skip
    # Nor does it go on emptying itself where an undo was stopped half-way.
    others = [each for each in rules if each.get("ID") != _RULE and not str(each.get("ID")).startswith(EMPTYING)]
    return in_normal_order([*others, rule])


def _towards(site: Site, now: State, target: State) -> Sequence[Change]:
    if now["bucket"] != target["bucket"]:
        # Another bucket serves by now; the one that the target speaks of is looked at anew.
        is_there = target["bucket"] in owned_buckets(site)
        now = {**target, "settings": _settings(site, target) if is_there else None}
    found, wanted = now["settings"], target["settings"]
    there, bucket = site.at(target["region"]), str(target["bucket"])
    if found is None and wanted is None:
        return ()
    if found is None:
        made = Change(
            name="bucket", call=_create(there, bucket), text="harden_record.hb10_made", values={"bucket": bucket},
            undo=(Call(operation="s3:DeleteBucket", region=there.region, parameters={"Bucket": bucket}),),
        )  # fmt: skip
        return (made, *settings_changes(there.region, bucket, BORN, wanted))
    if wanted is None:
        shut = _shut(site, there.region, bucket)
        return emptied_and_deleted(there, bucket, found["lifecycle"], shut, _create(there, bucket))
    return settings_changes(there.region, bucket, found, wanted)


def _create(there: Site, bucket: str) -> Call:
    configuration: dict[str, Any] = {"Tags": [TAG]}
    if there.region != _NO_CONSTRAINT:
        configuration["LocationConstraint"] = there.region
    parameters = {"Bucket": bucket, "ObjectOwnership": ENFORCED, "CreateBucketConfiguration": configuration}
    return Call(operation=_CREATE, region=there.region, parameters=parameters, settled=("BucketAlreadyOwnedByYou",))


def _shut(site: Site, region: str, bucket: str) -> Call:
    parameters = {"Bucket": bucket, "Policy": json.dumps(shut_policy(site.account, bucket))}
    return Call(operation="s3:PutBucketPolicy", region=region, parameters=parameters)


def _cautions(site: Site, state: State) -> Sequence[Caution]:
    bucket, settings = str(state["bucket"]), state["settings"]
    values = {"bucket": bucket}
    if settings is None:
        is_taken = exists_elsewhere(site, bucket)
        return (Caution(text="harden_record.archive_taken", values=values, blocks=True),) if is_taken else ()
    found = [Caution(text="harden_record.hb10_acl", values=values)] if settings["is_shared_by_acl"] else []
    if not state["is_ours"]:
        found.append(Caution(text="harden_record.hb10_theirs", values=values))
    return (*found, *archive_cautions(site, log_archive(site)))


def _faults(site: Site, state: State) -> Sequence[Caution]:
    found = list(looked(lambda: logs_leaving(site)))
    settings = state["settings"]
    if settings is not None:
        refused = refused_services(settings["policy"], site.account, state["bucket"])
        values = {"bucket": state["bucket"], "services": refused}
        found += [Caution(text="harden_record.hb10_denied", values=values)] if refused else []
    return found


def _owner(state: State) -> str:
    return str(state["manager"])


def _costs(_site: Site, state: State) -> Sequence[Quantity]:
    # How large the files of this account become is known only once there are some.
    return (Quantity("s3.gb_month", None),) if state["settings"] is None else ()


def _let_go(site: Site, before: State, now: State) -> None:
    if before["settings"] is None and now["settings"] is not None and now["bucket"] in filled_buckets(site):
        told = "a trail or AWS Config still delivers to it"
        raise Refusal(call="s3:DeleteBucket", kind=GapKind.REFUSED, code="BucketIsDeliveredTo", message=told)


def _loses(site: Site, before: State, now: State) -> str:
    if before["settings"] is not None or now["settings"] is None or not now["is_ours"]:
        return ""
    return str(now["bucket"]) if holds_objects(site.at(now["region"]), now["bucket"]) else ""


def _terraform(_site: Site, target: State) -> Sequence[Resource]:
    """Nothing for a bucket of somebody else: code that says a part of its settings would take the others away."""
    if not target["is_ours"]:
        return ()
    region, settings, name = str(target["region"]), target["settings"], "sakimori_logs"
    of = {"bucket": Expression(f"aws_s3_bucket.{name}.id")}
    encryption = settings["encryption"][0]
    key = encryption["ApplyServerSideEncryptionByDefault"]
    default = {"sse_algorithm": key["SSEAlgorithm"], "kms_master_key_id": key.get("KMSMasterKeyID")}
    encrypting = {
        "bucket_key_enabled": bool(encryption.get("BucketKeyEnabled")),
        "blocks": [("apply_server_side_encryption_by_default", default)],
    }
    block = {argument_name(switch): value for switch, value in settings["public_access"].items()}
    found = [
        Resource(type="aws_s3_bucket", name=name, region=region,
                 arguments={"bucket": target["bucket"], "tags": {TAG["Key"]: TAG["Value"]}}),
        Resource(type="aws_s3_bucket_public_access_block", name=name, region=region, arguments={**of, **block}),
        Resource(type="aws_s3_bucket_server_side_encryption_configuration", name=name, region=region, arguments=of,
                 blocks=[("rule", encrypting)]),
        Resource(type="aws_s3_bucket_versioning", name=name, region=region, arguments=of,
                 blocks=[("versioning_configuration", {"status": "Enabled"})]),
        Resource(type="aws_s3_bucket_policy", name=name, region=region,
                 arguments={**of, "policy": json.dumps(settings["policy"])}),
    ]  # fmt: skip
    if settings["ownership"]:
        rule = ("rule", {"object_ownership": settings["ownership"]})
        found.append(
            Resource(type="aws_s3_bucket_ownership_controls", name=name, region=region, arguments=of, blocks=[rule])
        )
    # A bucket has one list of rules: where somebody added one, code that names ours alone would drop it.
    if [each.get("ID") for each in settings["lifecycle"]] == [_RULE]:
        inner = [
            ("filter", {"prefix": ""}),
            ("expiration", {"days": settings["lifecycle"][0]["Expiration"]["Days"]}),
            ("noncurrent_version_expiration", {"noncurrent_days": 30}),
            ("abort_incomplete_multipart_upload", {"days_after_initiation": 7}),
        ]
        rule = ("rule", {"id": _RULE, "status": "Enabled", "blocks": inner})
        found.append(
            Resource(
                type="aws_s3_bucket_lifecycle_configuration", name=name, region=region, arguments=of, blocks=[rule]
            )
        )
    return found


STEP: Final = Step(
    id="HB10",
    order=100,
    texts="harden_record.hb10",
    scope=Scope.ACCOUNT,
    baseline=Baseline.STARTER,
    risk=Risk.LOW,
    rules=("aws.s3.log-bucket-hardened",),
    reads=tuple(dict.fromkeys((*READS, *CAUTION_READS, *bucket_settings.READS, *bucket_emptying.READS))),
    writes=tuple(dict.fromkeys((_CREATE, *bucket_settings.WRITES, *bucket_emptying.WRITES))),
    permissions=("s3:TagResource",),
    read=_read,
    wanted=_wanted,
    towards=_towards,
    owner=_owner,
    cautions=_cautions,
    faults=_faults,
    costs=_costs,
    loses=_loses,
    let_go=_let_go,
    terraform=_terraform,
)
