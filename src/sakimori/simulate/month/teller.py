"""A call as the record that CloudTrail makes of it.

Source: CloudTrail User Guide, "CloudTrail record contents" (event version 1.11).
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

import msgspec

from sakimori.simulate.month.calendar import spelled
from sakimori.simulate.month.company import Account, the_company
from sakimori.simulate.month.data_files import data_of
from sakimori.simulate.month.made_up import base32, uuid
from sakimori.simulate.month.scope import Scope
from sakimori.simulate.month.shapes import Shape, shape_of

_encode: Final = msgspec.json.Encoder().encode
_TLS: Final = {"tlsVersion": "TLSv1.3", "cipherSuite": "TLS_AES_128_GCM_SHA256"}


class Event(NamedTuple):
    """A told record: in which account's and region's files it stands, and its bytes."""

    at: int
    account: str
    region: str
    id: str
    name: str
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who calls from where: `identity` is the userIdentity; `arn` is how denials name them.

    `console`: a browser's session; `direct`: the call came over the network and not from inside AWS; `endpoint`: the
    VPC endpoint that it came through.
    """

    identity: Mapping[str, Any]
    account: Account
    address: str
    agent: str
    region: str
    session: str = ""
    console: bool = False
    direct: bool = True
    endpoint: str = ""

    @property
    def arn(self) -> str:
        """The caller's ARN."""
        return str(self.identity.get("arn") or self.identity.get("invokedBy") or "")

    @property
    def key(self) -> str:
        """The id of the access key, "" for a caller without one."""
        return str(self.identity.get("accessKeyId") or "")

    def elsewhere(self, **changed: Any) -> "Caller":
        """The same caller from another place, with another program, or in another region."""
        return replace(self, **changed)


@dataclass(slots=True, kw_only=True)
class Teller:
    """Tells calls; whatever is made up comes from its chance."""

    chance: random.Random

    def scope(self, caller: Caller, at: int, **known: Any) -> Scope:
        """A scope for a call, or for several."""
        return Scope(
            self.chance, caller.account, region=caller.region, at=at, session=caller.session, known=known or None
        )

    def tell(self, caller: Caller, call: str, at: int, *, scope: Scope | None = None, region: str = "") -> Event:
        """The event of a call `service:EventName/variant!ErrorCode`."""
        named, _, error = call.partition("!")
        shape = shape_of(named)
        told_in = the_company().region_of(named, region or caller.region)
        within = scope or self.scope(caller, at)
        within.at, within.region = at, told_in
        event = {**self._beginning(caller, at), **self._call(caller, shape, within, error), **self._end(caller, shape)}
        return self.sealed(event, at, caller.account.id, told_in)

    def sealed(self, event: dict[str, Any], at: int, account: str, region: str) -> Event:
        """A ready record as an event of the files."""
        return Event(at, account, region, event["eventID"], event["eventName"], _encode(event))

    def _beginning(self, caller: Caller, at: int) -> dict[str, Any]:
        return {"eventVersion": "1.11", "userIdentity": caller.identity, "eventTime": spelled(at)}

    def _call(self, caller: Caller, shape: Shape, scope: Scope, error: str) -> dict[str, Any]:
        found: dict[str, Any] = {
            "eventSource": shape.source,
            "eventName": shape.name,
            "awsRegion": scope.region,
            "sourceIPAddress": caller.address,
            "userAgent": caller.agent,
        }
        parameters = shape.parameters(scope)
        if error:
            found |= {"errorCode": error, "errorMessage": _message(error, caller, shape, parameters)}
        if shape.kind == "AwsApiCall":
            found |= {"requestParameters": parameters, "responseElements": None if error else shape.answer(scope)}
        else:
            found |= {"requestParameters": None, "responseElements": None}
        if more := shape.more(scope):
            found["additionalEventData"] = more
        found["requestID"] = uuid(self.chance) if shape.source != "s3.amazonaws.com" else base32(self.chance, 16)
        found |= {"eventID": uuid(self.chance), "readOnly": shape.is_read_only}
        if resources := shape.resources(scope):
            found["resources"] = resources
        if details := shape.details(scope):
            found["serviceEventDetails"] = details
        return found

    def _end(self, caller: Caller, shape: Shape) -> dict[str, Any]:
        found: dict[str, Any] = {
            "eventType": shape.kind,
            "managementEvent": not shape.is_data,
            "recipientAccountId": caller.account.id,
            "eventCategory": "Data" if shape.is_data else "Management",
        }
        if caller.identity.get("type") == "AWSService":
            found["sharedEventID"] = uuid(self.chance)
        if caller.endpoint:
            found |= {"vpcEndpointId": caller.endpoint, "vpcEndpointAccountId": caller.account.id}
        if caller.console:
            found["sessionCredentialFromConsole"] = "true"
        elif caller.direct and shape.kind == "AwsApiCall":
            service = shape.source.partition(".")[0]
            found["tlsDetails"] = {**_TLS, "clientProvidedHostHeader": f"{service}.{caller.region}.amazonaws.com"}
        return found


def _message(error: str, caller: Caller, shape: Shape, parameters: Any) -> str:
    resource = "*"
    if isinstance(parameters, Mapping) and "bucketName" in parameters:
        resource = f"arn:aws:s3:::{parameters['bucketName']}"
    elif isinstance(parameters, Mapping) and isinstance(name := parameters.get("roleName"), str):
        resource = f"arn:aws:iam::{caller.account.id}:role/{name}"
    text = str(data_of("errors").get(error, error))
    return text.replace("{arn}", caller.arn).replace("{action}", shape.action).replace("{resource}", resource)
