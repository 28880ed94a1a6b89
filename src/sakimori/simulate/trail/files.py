"""Events as the files that a trail delivers into its bucket, and their delivery.

Source: CloudTrail User Guide, "CloudTrail log file examples" (the name of a file) and "Finding your CloudTrail log files".
"""

import gzip
import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from moto.cloudtrail.models import Trail, cloudtrail_backends
from moto.s3.models import s3_backends

from sakimori.analysis.iam.ask import Policies
from sakimori.analysis.iam.context import Context
from sakimori.analysis.iam.principal import principal_of
from sakimori.analysis.iam.request import Request
from sakimori.simulate.judgement import judge, policies_of
from sakimori.simulate.state import AccountState
from sakimori.simulate.trail.event import Happening
from sakimori.simulate.trail.selectors import records

_EVERY: Final = timedelta(minutes=5)
_PRINCIPAL: Final = "cloudtrail.amazonaws.com"
_GLOBAL: Final = frozenset(
    {"iam.amazonaws.com", "sts.amazonaws.com", "cloudfront.amazonaws.com", "route53.amazonaws.com"}
)


def deliver(state: AccountState) -> int:
    """How many files were written: what came since the last time, by every trail that is on and may write.

    What a trail may not write is lost to it, as on AWS after a while.
    """
    files = 0
    with state.lock:
        for trail in logging_trails(state):
            arn = str(trail.arn)
            after = state.delivered.get(arn, 0)
            state.delivered[arn] = state.history.last_number
            if not delivery_error(state, trail):
                files += _write(state, trail, state.history.since_number(after))
    return files


def logging_trails(state: AccountState) -> Iterator[Trail]:
    """Every trail of the account that is on."""
    backends = cloudtrail_backends[state.account_id]
    for region in sorted(backends):
        yield from (trail for trail in backends[region].trails.values() if trail.status.is_logging)


def delivery_error(state: AccountState, trail: Trail) -> str:
    """Why S3 refuses the trail's files as its bucket stands now: gone, or closed to CloudTrail; "" where it takes them."""
    bucket = s3_backends[state.account_id][state.partition].buckets.get(trail.bucket_name)
    if bucket is None:
        return "NoSuchBucket"
    prefix = f"{trail.s3_key_prefix}/" if trail.s3_key_prefix else ""
    key = f"{prefix}AWSLogs/{state.account_id}/CloudTrail/{trail.region_name}/"
    request = Request(
        principal=principal_of(_PRINCIPAL),
        action="s3:PutObject",
        resource=f"arn:{trail.partition}:s3:::{bucket.name}/{key}",
        context=Context({
            "aws:sourcearn": (str(trail.arn),),
            "aws:sourceaccount": (state.account_id,),
            "aws:securetransport": ("true",),
            "aws:requestedregion": (trail.region_name,),
            "s3:x-amz-acl": ("bucket-owner-full-control",),
        }),
    )  # fmt: skip
    found = policies_of((bucket.policy.decode() if bucket.policy else "",), resource=request.resource)
    return "" if judge(request, Policies(resource=next(iter(found), None))) is None else "AccessDenied"


def _write(state: AccountState, trail: Trail, happened: Iterable[Happening]) -> int:
    batches: defaultdict[tuple[str, datetime], list[Mapping[str, Any]]] = defaultdict(list)
    for happening in happened:
        if not _sees(trail, happening.region, str(happening.event["eventSource"])) or not records(
            trail, happening.event
        ):
            continue
        begins = happening.at - timedelta(minutes=happening.at.minute % 5, seconds=happening.at.second)
        batches[happening.region, begins + _EVERY].append(happening.event)
    for (region, at), events in sorted(batches.items(), key=lambda item: item[0]):
        data = gzip.compress(json.dumps({"Records": events}, separators=(",", ":")).encode(), 5, mtime=0)
        key = _key(trail, state.account_id, region, at, hashlib.sha256(data).hexdigest())
        s3_backends[state.account_id][state.partition].put_object(trail.bucket_name, key, data)
    return len(batches)


def _sees(trail: Trail, region: str, source: str) -> bool:
    if trail.is_multi_region or region == trail.region_name:
        return trail.include_global_service_events is not False or source not in _GLOBAL
    return False


def _key(trail: Trail, account_id: str, region: str, at: datetime, digest: str) -> str:
    prefix = f"{trail.s3_key_prefix}/" if trail.s3_key_prefix else ""
    name = f"{account_id}_CloudTrail_{region}_{at:%Y%m%dT%H%MZ}_{digest[:16]}.json.gz"
    return f"{prefix}AWSLogs/{account_id}/CloudTrail/{region}/{at:%Y/%m/%d}/{name}"
