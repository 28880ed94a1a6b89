"""Requests through an access point of S3: the access point and the bucket behind it must both let them through.

Source: S3 User Guide, "Configuring IAM policies for using access points": what an access point's policy allows works only where the
bucket allows it too, by the same permissions or by handing the decision to its access points; s3:DataAccessPointArn and
s3:DataAccessPointAccount tell the bucket by which way a request comes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from sakimori.analysis.iam.answer import Answer, Because, Decision, PolicyKind, Reason
from sakimori.analysis.iam.context import Context
from sakimori.analysis.iam.policy_carriers import is_access_point, types_of
from sakimori.lake.rows import Row

_OBJECT: Final = "/object/"
_DENIED: Final = frozenset({Decision.EXPLICIT_DENY, Decision.IMPLICIT_DENY})
_OF_THE_BUCKET: Final = frozenset({PolicyKind.RESOURCE, PolicyKind.RCP})


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessPoint:
    """The bucket behind it, and whose that is; "" where AWS did not tell. `is_from_internet` None: not known."""

    bucket: str
    bucket_account: str
    is_from_internet: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """The access point's ARN, what of its bucket is asked for, and the access point itself."""

    arn: str
    resource: str
    point: AccessPoint


def access_points_of(rows: Iterable[Row]) -> Mapping[str, AccessPoint]:
    """By ARN, from rows of the table of access points."""
    return {
        str(row["arn"]): AccessPoint(
            bucket=f"arn:{row['partition']}:s3:::{row['bucket_name']}",
            bucket_account=str(row["bucket_account_id"] or ""),
            is_from_internet=None if row["is_internet_reachable"] is None else bool(row["is_internet_reachable"]),
        )
        for row in rows
    }


def behind(points: Mapping[str, AccessPoint], action: str, resource: str) -> Behind | None:
    """What of a bucket is asked for through an access point; None where nothing is, or it is not known which bucket that is.

    What is done to the access point itself (s3:PutAccessPointPolicy) reaches no bucket: `concerns_itself`.
    """
    arn = point_of(resource)
    point = points.get(arn)
    if point is None or concerns_itself(action):
        return None
    key = resource[len(arn) + len(_OBJECT) :]
    return Behind(arn=arn, resource=f"{point.bucket}/{key}" if key else point.bucket, point=point)


def point_of(resource: str) -> str:
    """The ARN of an access point, of which the resource is one or something behind one."""
    return resource.split(_OBJECT, 1)[0] if is_access_point(resource) else resource


def concerns_itself(action: str) -> bool:
    """Whether an action on an access point is about the access point alone."""
    types = types_of(action.lower())
    return bool(types) and all(is_access_point(each) for each in types or ())


def through(context: Context, way: Behind) -> Context:
    """The context of a request that comes by this way, whatever was told of it."""
    account = way.arn.split(":")[4]
    told = {
        "s3:dataaccesspointarn": (way.arn,),
        "s3:dataaccesspointaccount": (account,),
        "s3:accesspointnetworkorigin": _origin(way.point),
    }
    known = {key: value for key, value in told.items() if value}
    unknown = (context.unknown - known.keys()) | (told.keys() - known.keys())
    return replace(context, values={**context.values, **known}, unknown=unknown)


def _origin(point: AccessPoint) -> tuple[str, ...]:
    """Source: S3 User Guide, "Condition keys": s3:AccessPointNetworkOrigin is Internet or VPC."""
    return () if point.is_from_internet is None else ("Internet" if point.is_from_internet else "VPC",)


def both(at_point: Answer, at_bucket: Answer, way: Behind) -> Answer:
    """The answer of the two together.

    Where the access point lets somebody in by the policies of his own, AWS does not say whether these must name the bucket too, nor
    whether a denial of his own that names the bucket stops him.
    """
    if at_point.decision in _DENIED:
        return at_point
    kinds = {each.kind for each in at_bucket.reasons}
    if at_bucket.decision is Decision.EXPLICIT_DENY and kinds & _OF_THE_BUCKET:
        return at_bucket
    reasons = _together(at_point, at_bucket)
    if Decision.UNKNOWN in {at_point.decision, at_bucket.decision}:
        return Answer(decision=Decision.UNKNOWN, reasons=tuple(sorted(reasons, key=lambda each: each.certain)))
    if at_bucket.decision is Decision.ALLOWED:
        is_open = way.point.is_from_internet
        return (
            Answer(decision=Decision.ALLOWED, reasons=reasons)
            if is_open
            else _unknown(Because.FROM_ONE_NETWORK, at_point)
        )
    is_by_own = any(each.kind is PolicyKind.IDENTITY for each in at_point.reasons)
    is_settled = at_bucket.decision is Decision.IMPLICIT_DENY and not is_by_own
    return at_bucket if is_settled else _unknown(Because.BUCKET_BEHIND, at_point)


def _together(*answers: Answer) -> tuple[Reason, ...]:
    """The reasons of all, each once: a statement of the principal's own may speak of the access point and of the bucket."""
    found = {
        (each.kind, each.is_allow, each.certain, id(each.policy), id(each.statement), each.because): each
        for answer in answers
        for each in answer.reasons
    }
    return tuple(found.values())


def _unknown(because: Because, at_point: Answer) -> Answer:
    reason = Reason(kind=PolicyKind.RESOURCE, is_allow=False, certain=False, because=because)
    return Answer(decision=Decision.UNKNOWN, reasons=(reason, *at_point.reasons))
