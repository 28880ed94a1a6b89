"""What an event of CloudTrail tells of the condition keys of the request that it records.

Sources: IAM User Guide, "AWS global condition context keys" (what each key holds, and when a request carries it);
CloudTrail User Guide, "CloudTrail userIdentity element" and "CloudTrail record contents".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Form(StrEnum):
    """What the values of a key look like in an event, whatever a policy compares them with."""

    TEXT = "text"
    ADDRESS = "address"
    """An IPv4 or IPv6 address in its usual spelling."""
    NUMBER = "number"
    """Digits."""
    MOMENT = "moment"
    """`2026-10-01T00:00:00Z`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventKey:
    """A condition key as SQL over the columns of `aws_cloudtrail_event`.

    `value` is NULL where the event does not tell it; there `absent` says whether the request did not carry it.
    """

    value: str
    absent: str = "false"
    form: Form = Form.TEXT
    columns: tuple[str, ...]


_TYPE: Final = "user_identity_type"
_IS_USER: Final = f"coalesce({_TYPE} = 'IAMUser', false)"
_IS_ROOT_OR_USER: Final = f"coalesce({_TYPE} in ('IAMUser', 'Root'), false)"
_KEY: Final = "user_identity_access_key_id"
# A key of AKIA… is a user's or root's own; sessions have keys of ASIA….
# Source: IAM User Guide, "IAM identifiers", prefixes of unique ids.
_IS_LONG_TERM: Final = f"coalesce({_KEY} like 'AKIA%', false)"
_IS_DIRECT: Final = "user_identity_invoked_by is null"
_THROUGH_ENDPOINT: Final = "vpc_endpoint_id is not null"

KEYS: Final[Mapping[str, EventKey]] = {
    "aws:requestedregion": EventKey(value="aws_region", columns=("aws_region",)),
    "aws:principalaccount": EventKey(value="user_identity_account_id", columns=("user_identity_account_id",)),
    # Of a session AWS compares the role's ARN, with its path; a session's own ARN has none.
    "aws:principalarn": EventKey(
        value=f"case {_TYPE} when 'AssumedRole' then session_issuer_arn else user_identity_arn end",
        columns=(_TYPE, "session_issuer_arn", "user_identity_arn"),
    ),
    "aws:principaltype": EventKey(
        value=f"case {_TYPE} when 'IAMUser' then 'User' when 'Root' then 'Account' "
        "when 'AssumedRole' then 'AssumedRole' when 'FederatedUser' then 'FederatedUser' end",
        columns=(_TYPE,),
    ),
    "aws:userid": EventKey(value="user_identity_principal_id", columns=("user_identity_principal_id",)),
    "aws:username": EventKey(
        value=f"case when {_IS_USER} then user_identity_user_name end",
        absent=f"not {_IS_USER}",
        columns=(_TYPE, "user_identity_user_name"),
    ),
    # Through a VPC endpoint the address is that within the VPC, and the key is aws:VpcSourceIp. Where a service called
    # for somebody, the event names the service instead of an address: what AWS compared is not known.
    "aws:sourceip": EventKey(
        value=f"case when vpc_endpoint_id is null and {_IS_DIRECT} then source_ip end",
        absent=_THROUGH_ENDPOINT,
        form=Form.ADDRESS,
        columns=("vpc_endpoint_id", "source_ip", "user_identity_invoked_by"),
    ),
    "aws:vpcsourceip": EventKey(
        value=f"case when {_THROUGH_ENDPOINT} then source_ip end",
        absent=f"not ({_THROUGH_ENDPOINT})",
        form=Form.ADDRESS,
        columns=("vpc_endpoint_id", "source_ip"),
    ),
    "aws:sourcevpce": EventKey(
        value="vpc_endpoint_id", absent="vpc_endpoint_id is null", columns=("vpc_endpoint_id",)
    ),
    # CloudTrail names the endpoint, not its VPC.
    "aws:sourcevpc": EventKey(
        value="null::varchar", absent="vpc_endpoint_id is null", columns=("vpc_endpoint_id",)
    ),
    "aws:useragent": EventKey(
        value=f"case when {_IS_DIRECT} then user_agent end", columns=("user_agent", "user_identity_invoked_by")
    ),
    "aws:currenttime": EventKey(
        value="strftime(event_time, '%Y-%m-%dT%H:%M:%SZ')", form=Form.MOMENT, columns=("event_time",)
    ),
    "aws:epochtime": EventKey(
        value="(epoch_us(event_time) // 1000000)::varchar", form=Form.NUMBER, columns=("event_time",)
    ),
    "aws:securetransport": EventKey(
        value="case when tls_details is not null then 'true' end", columns=("tls_details",)
    ),
    "aws:multifactorauthpresent": EventKey(
        value=f"case when not {_IS_LONG_TERM} then mfa_authenticated::varchar end",
        absent=_IS_LONG_TERM,
        columns=(_KEY, "mfa_authenticated"),
    ),
    "aws:multifactorauthage": EventKey(
        value="null::varchar",
        absent=f"{_IS_LONG_TERM} or coalesce(not mfa_authenticated, false)",
        columns=(_KEY, "mfa_authenticated"),
    ),
    "aws:tokenissuetime": EventKey(
        value=f"case when not {_IS_LONG_TERM} then strftime(session_created_at, '%Y-%m-%dT%H:%M:%SZ') end",
        absent=_IS_LONG_TERM,
        form=Form.MOMENT,
        columns=(_KEY, "session_created_at"),
    ),
    "aws:sourceidentity": EventKey(
        value="source_identity", absent="source_identity is null", columns=("source_identity",)
    ),
    "aws:federatedprovider": EventKey(
        value="federated_provider",
        absent=f"{_IS_ROOT_OR_USER} and federated_provider is null",
        columns=("federated_provider", _TYPE),
    ),
    "aws:viaawsservice": EventKey(
        value=f"case when {_IS_DIRECT} then 'false' when user_identity_invoked_by like '%.amazonaws.com' then 'true' end",
        columns=("user_identity_invoked_by",),
    ),
    # Which services a call went through, and in which order, is not recorded: only that it came straight.
    **{
        name: EventKey(value="null::varchar", absent=_IS_DIRECT, columns=("user_identity_invoked_by",))
        for name in ("aws:calledvia", "aws:calledviafirst", "aws:calledvialast")
    },
    # Only users, roles and root are judged, and none of them is a service.
    "aws:principalisawsservice": EventKey(value="'false'", columns=()),
    **{
        name: EventKey(value="null::varchar", absent="true", columns=())
        for name in ("aws:principalservicename", "aws:principalservicenameslist")
    },
}  # fmt: skip
"""By key in lower case. What is not here no event tells: it is unknown."""

RESOURCE_ACCOUNT: Final = "aws:resourceaccount"
"""Told by the resource's ARN where that has an account, and by nothing else."""

UNTOLD: Final = EventKey(value="null::varchar", columns=())
