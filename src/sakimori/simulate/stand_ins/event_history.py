"""CloudTrail's event history: every management event of the last 90 days, Region by Region, without any trail.

Source: CloudTrail API reference, LookupEvents.
"""

import base64
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, Final

from sakimori.simulate.call import Answer, ServiceError
from sakimori.simulate.stand_ins.form import Desk, StandIn
from sakimori.simulate.trail.event import Happening, user_name_in
from sakimori.simulate.trail.files import deliver, logging_trails

_KEPT_FOR: Final = timedelta(days=90)
_PAGE: Final = 50

Event = Mapping[str, Any]
_NAMED: Final[Mapping[str, str]] = {
    "AWS::S3::Bucket": "bucketName",
    "AWS::IAM::User": "userName",
    "AWS::IAM::Role": "roleName",
    "AWS::IAM::Group": "groupName",
    "AWS::IAM::Policy": "policyArn",
    "AWS::IAM::AccessKey": "accessKeyId",
    "AWS::CloudTrail::Trail": "trailName",
    "AWS::Lambda::Function": "functionName",
    "AWS::KMS::Key": "keyId",
    "AWS::RDS::DBInstance": "dBInstanceIdentifier",
}
_IN_EC2: Final[Mapping[str, str]] = {
    "vpcId": "AWS::EC2::VPC",
    "imageId": "AWS::EC2::Ami",
    "networkInterfaceId": "AWS::EC2::NetworkInterface",
    "instanceId": "AWS::EC2::Instance",
    "keyName": "AWS::EC2::KeyPair",
    "groupId": "AWS::EC2::SecurityGroup",
    "groupName": "AWS::EC2::SecurityGroup",
    "subnetId": "AWS::EC2::Subnet",
    "volumeId": "AWS::EC2::Volume",
    "snapshotId": "AWS::EC2::Snapshot",
}
"""By the member of a request or an answer that names one. Source: recorded answers for RunInstances, which name all of these
but volumes and snapshots, each by its id alone, a group by its name too."""
_ASSUMING: Final = frozenset({"AssumeRole", "AssumeRoleWithSAML", "AssumeRoleWithWebIdentity"})
_ATTRIBUTES: Final[Mapping[str, Callable[[Event], tuple[str, ...]]]] = {
    "EventId": lambda event: (event["eventID"],),
    "EventName": lambda event: (event["eventName"],),
    "EventSource": lambda event: (event["eventSource"],),
    "ReadOnly": lambda event: ("true" if event["readOnly"] else "false",),
    "Username": lambda event: (user_name_in(event),),
    "AccessKeyId": lambda event: (str((event.get("userIdentity") or {}).get("accessKeyId", "")),),
    "ResourceName": lambda event: tuple(each["ResourceName"] for each in _resources(event)),
    "ResourceType": lambda event: tuple(each["ResourceType"] for each in _resources(event)),
}


def lookup_events(desk: Desk) -> Mapping[str, Any]:
    """One page, the latest event first."""
    asked = desk.parameters()
    now = desk.state.clock()
    since = max(_moment(asked.get("StartTime"), now - _KEPT_FOR), (now - _KEPT_FOR).replace(microsecond=0))
    until = _moment(asked.get("EndTime"), now)
    size = asked.get("MaxResults") or _PAGE
    if _moment(asked.get("StartTime"), since) > until:
        raise ServiceError("InvalidTimeRangeException", "The start time must be before the end time.", 400)
    if not 1 <= size <= _PAGE:
        raise ServiceError("InvalidMaxResultsException", f"The maximum number of results is 1 to {_PAGE}.", 400)
    fits = _filter(asked.get("LookupAttributes") or ())
    # The token is good for the same question only.
    question = hashlib.sha256(
        repr([asked.get(name) for name in ("StartTime", "EndTime", "LookupAttributes")]).encode()
    ).hexdigest()[:16]
    before = _before(asked.get("NextToken"), question)
    found = (
        happening
        for happening in desk.state.history.newest_first(desk.call.region, since, until, before)
        if asked.get("EventCategory") != "insight" and fits(happening.event)
    )
    page = list(islice(found, size))
    result: dict[str, Any] = {"Events": [_shown(happening) for happening in page]}
    if next(found, None) is not None:
        result["NextToken"] = _token(question, page[-1])
    return result


def list_objects(desk: Desk) -> Answer:
    """Moto's answer; into a bucket of a trail come first the files of what has happened."""
    bucket = desk.parameters().get("Bucket")
    if any(trail.bucket_name == bucket for trail in logging_trails(desk.state)):
        deliver(desk.state)
    return desk.moto()


STAND_INS: Final[Mapping[str, StandIn]] = {
    "cloudtrail:LookupEvents": lookup_events,
    "s3:ListObjects": list_objects,
    "s3:ListObjectsV2": list_objects,
}


def _moment(asked: Any, otherwise: datetime) -> datetime:
    if asked is None:
        return otherwise
    moment = asked if isinstance(asked, datetime) else datetime.fromtimestamp(float(asked), UTC)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _filter(attributes: Any) -> Callable[[Event], bool]:
    if len(attributes) > 1:
        raise ServiceError("InvalidLookupAttributesException", "You can specify only one lookup attribute.", 400)
    for attribute in attributes:
        of, wanted = _ATTRIBUTES.get(attribute.get("AttributeKey", "")), attribute.get("AttributeValue")
        if of is None:
            raise ServiceError("InvalidLookupAttributesException", "The lookup attribute is not valid.", 400)
        return lambda event: wanted in of(event)
    return lambda _: True


def _token(question: str, last: Happening) -> str:
    return base64.b64encode(json.dumps([question, last.at.isoformat(), last.number]).encode()).decode()


def _before(token: str | None, question: str) -> tuple[datetime, int] | None:
    if not token:
        return None
    try:
        asked, at, number = json.loads(base64.b64decode(token))
        if asked == question:
            return datetime.fromisoformat(at), int(number)
    except (ValueError, TypeError):
        pass
    raise ServiceError("InvalidNextTokenException", "The next token is not valid.", 400)


def _shown(happening: Happening) -> Mapping[str, Any]:
    event = happening.event
    shown: dict[str, Any] = {
        "EventId": event["eventID"],
        "EventName": event["eventName"],
        "ReadOnly": "true" if event["readOnly"] else "false",
        "EventTime": happening.at,
        "EventSource": event["eventSource"],
        "Resources": list(_resources(event)),
        "CloudTrailEvent": json.dumps(event, ensure_ascii=False, separators=(",", ":")),
    }
    told = {"AccessKeyId": _ATTRIBUTES["AccessKeyId"](event)[0], "Username": user_name_in(event)}
    return {**shown, **{name: value for name, value in told.items() if value}}


def _resources(event: Event) -> Iterator[Mapping[str, str]]:
    """What the parameters name, and of EC2 what came of them; AWS derives it likewise, service by service."""
    parameters = _members(event.get("requestParameters"))
    service = str(event["eventSource"]).partition(".")[0]
    if service == "ec2" and not event["readOnly"]:
        told = (*_leaves(parameters), *_leaves(event.get("responseElements")))
        found = dict.fromkeys((kind, value) for name, value in told if (kind := _IN_EC2.get(name)) and value)
        yield from ({"ResourceType": kind, "ResourceName": value} for kind, value in found)
        return
    if event["eventName"] in _ASSUMING and isinstance(parameters.get("roleArn"), str):
        # The role as the request names it, the session, and the key that was given out.
        given = _members(event.get("responseElements"))
        yield {"ResourceType": "AWS::IAM::Role", "ResourceName": parameters["roleArn"]}
        for kind, member, name in (
            ("AWS::STS::AssumedRole", "assumedRoleUser", "arn"),
            ("AWS::IAM::AccessKey", "credentials", "accessKeyId"),
        ):
            if value := _members(given.get(member)).get(name):
                yield {"ResourceType": kind, "ResourceName": str(value)}
    for kind, name in _NAMED.items():
        value = parameters.get(name)
        if kind.split("::")[1].lower() == service and isinstance(value, str) and value:
            yield {"ResourceType": kind, "ResourceName": value}


def _members(told: Any) -> Mapping[str, Any]:
    """Of what a made-up event says: it may be anything."""
    return told if isinstance(told, Mapping) else {}


def _leaves(told: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Every text in what EC2 was asked or answered, with the name of its member."""
    if isinstance(told, str):
        yield name, told
    for member, each in _members(told).items():
        yield from _leaves(each, member)
    for each in told if isinstance(told, list) else ():
        yield from _leaves(each, name)
