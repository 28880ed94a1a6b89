"""What is too much to read whole: log groups, objects of public buckets. A part of each is looked at, and that is said."""

from collections.abc import Iterator
from typing import Final

from sakimori.aws.refusal import Refusal
from sakimori.collect.declaration import Context, Record, call
from sakimori.collect.s3.bucket import LIST as BUCKETS
from sakimori.collect.s3.bucket import arn as bucket_arn
from sakimori.collect.s3.bucket import region as bucket_region
from sakimori.collect.secret_places.place import Place, Reach, Sampled, Text
from sakimori.model.words import GapKind, Scope

_OBJECTS: Final = 200
_LARGEST_OBJECT: Final = 4 << 20
_EVERYONE: Final = (
    "http://acs.amazonaws.com/groups/global/AllUsers",
    "http://acs.amazonaws.com/groups/global/AuthenticatedUsers",
)
_STREAMS: Final = "logs:DescribeLogStreams"
_EVENTS: Final = "logs:GetLogEvents"
_LAST_STREAMS: Final = 3
_GET: Final = "s3:GetObject"
_LIST: Final = "s3:ListObjectsV2"


def _group_arn(record: Record, context: Context) -> str:
    return f"arn:{context.partition}:logs:{context.region}:{context.account_id}:log-group:{record['logGroupName']}"


def _events(record: Record, _context: Context, reach: Reach) -> Iterator[Text | Sampled]:
    """The end of the streams that were written last: one page of each."""
    if record.get("logGroupClass") == "DELIVERY":
        return
    name = record["logGroupName"]
    answer = reach.call(_STREAMS, logGroupName=name, orderBy="LastEventTime", descending=True, limit=_LAST_STREAMS)
    for stream in answer.get("logStreams") or ():
        told = reach.call(_EVENTS, logGroupName=name, logStreamName=stream["logStreamName"], startFromHead=False)
        messages = [str(event.get("message", "")) for event in told.get("events") or ()]
        if messages:
            yield Text(name=stream["logStreamName"], data="\n".join(messages).encode("utf-8", "surrogatepass"))
            yield Sampled()


def _is_public(record: Record) -> bool:
    """Whether its policy or its ACL lets strangers read, as far as the bucket's own settings tell."""
    block = record.get("PublicAccessBlockConfiguration") or {}
    by_policy = bool((record.get("PolicyStatus") or {}).get("IsPublic")) and not block.get("RestrictPublicBuckets")
    by_acl = not block.get("IgnorePublicAcls") and any(
        (grant.get("Grantee") or {}).get("URI") in _EVERYONE for grant in record.get("Grants") or ()
    )
    return by_policy or by_acl


def _objects(record: Record, _context: Context, reach: Reach) -> Iterator[Text | Sampled]:
    """The newest objects of its first page, within the bound; one alone is read as far as its beginning."""
    if not _is_public(record):
        return
    page = reach.call(_LIST, Bucket=record["Name"], MaxKeys=1000)
    listed = sorted(page.get("Contents") or (), key=lambda each: str(each.get("LastModified")), reverse=True)
    left = reach.most_bytes
    is_whole, is_as_listed = not page.get("IsTruncated") and len(listed) <= _OBJECTS, True
    for each in listed[:_OBJECTS]:
        size = int(each.get("Size") or 0)
        wanted = min(size, _LARGEST_OBJECT, left)
        is_whole = is_whole and wanted == size
        if wanted:
            answer = reach.call(_GET, Bucket=record["Name"], Key=each["Key"], Range=f"bytes=0-{wanted - 1}")
            content = bytes(answer["Body"])
            yield Text(name=str(each["Key"]), data=content)
            is_as_listed = is_as_listed and len(content) == wanted
            left -= wanted
    if not is_whole:
        yield Sampled()
    if not is_as_listed:
        raise Refusal(call=_GET, kind=GapKind.MALFORMED, code="OtherLength", message="an object of another length")


PLACES = (
    Place(id="cloudwatch-logs", resource_type="AWS::Logs::LogGroup", rows=(call("logs:DescribeLogGroups", "logGroups"),),
          arn=_group_arn, texts=_events, asks=(_STREAMS, _EVENTS)),
    Place(
        id="s3-public-object", resource_type="AWS::S3::Bucket", scope=Scope.RESOURCE_REGION, rows=(BUCKETS,),
        row_region=bucket_region, arn=bucket_arn, texts=_objects, asks=(_LIST, _GET),
        needs=("PublicAccessBlockConfiguration", "PolicyStatus", "Grants"),
        each=(
            call("s3:GetPublicAccessBlock", "PublicAccessBlockConfiguration", with_={"Bucket": "Name"},
                 absent=("NoSuchPublicAccessBlockConfiguration",)),
            call("s3:GetBucketPolicyStatus", "PolicyStatus", with_={"Bucket": "Name"}, absent=("NoSuchBucketPolicy",)),
            call("s3:GetBucketAcl", "Grants", with_={"Bucket": "Name"}),
        ),
    ),
)  # fmt: skip
