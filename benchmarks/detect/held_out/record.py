"""CloudTrail records: who calls, and the pen that writes down what they do."""

import hashlib
import random
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import clock

Record = dict[str, Any]
HOME: Final = "ap-northeast-1"
_BASE32: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_AT_US_EAST_1: Final = frozenset(
    [
        "iam",
        "organizations",
        "route53",
        "route53domains",
        "cloudfront",
        "ce",
        "budgets",
        "health",
        "support",
        "account",
        "sso-directory",
    ]
)
_READING: Final = ("Get", "List", "Describe", "Head", "Lookup", "BatchGet", "Search", "Select", "Query", "Scan", "View",
                   "Simulate", "Estimate", "Check", "Validate", "Filter", "Detect", "Test")  # fmt: skip
_ALSO_READING: Final = frozenset(
    [
        "AssumeRole",
        "AssumeRoleWithWebIdentity",
        "AssumeRoleWithSAML",
        "Decrypt",
        "GenerateDataKey",
        "GenerateDataKeyWithoutPlaintext",
        "InvokeModel",
        "InvokeModelWithResponseStream",
        "Converse",
        "Discover",
        "GenerateCredentialReport",
    ]
)
_YET_WRITING: Final = frozenset(["GetFederationToken", "GetSigninToken"])
_EXCEPTION: Final = frozenset(
    ["organizations", "sso", "identitystore", "ecs", "ebs", "bedrock", "eks", "rolesanywhere", "glue", "athena"]
)
_ACTION_OF: Final = {"monitoring": "cloudwatch"}
_VERSIONED: Final = {"sts": "1.08", "kms": "1.11", "signin": "1.08", "lambda": "1.09", "ssm": "1.08", "rds": "1.09"}
_TLS: Final = {"tlsVersion": "TLSv1.3", "cipherSuite": "TLS_AES_128_GCM_SHA256"}


@cache
def fixed(label: str, length: int = 9) -> str:
    """Letters that stand for a name: the same for the same name."""
    number = int.from_bytes(hashlib.sha256(label.encode()).digest(), "big")
    return "".join(_BASE32[number >> (5 * place) & 31] for place in range(length))


@cache
def hexadecimal(label: str, length: int = 17) -> str:
    """The same in hexadecimal digits, for the ids of resources."""
    return hashlib.sha256(label.encode()).hexdigest()[:length]


def key_id(label: str, prefix: str = "ASIA") -> str:
    """An access key id that nobody takes for a true one."""
    return f"{prefix}{fixed('key ' + label)}EXAMPLE"


def principal_id(account: str, name: str, prefix: str = "AROA") -> str:
    return f"{prefix}{fixed(f'{prefix} {account} {name}', 10)}EXAMPLE"


@dataclass(frozen=True, slots=True)
class Caller:
    """An identity at an address."""

    identity: Record
    account: str
    ip: str
    agent: str
    console: bool = False
    endpoint: str = ""

    @property
    def arn(self) -> str:
        return self.identity.get("arn") or self.identity.get("principalId") or self.identity.get("invokedBy", "")


def user(account: str, name: str, key: str | None = None) -> Record:
    """An IAM user who calls with a long-lived key."""
    return {
        "type": "IAMUser",
        "principalId": principal_id(account, name, "AIDA"),
        "arn": f"arn:aws:iam::{account}:user/{name}",
        "accountId": account,
        "accessKeyId": key or key_id(f"{account} {name}", "AKIA"),
        "userName": name,
    }


def console_user(account: str, name: str, created: float, *, mfa: bool = True) -> Record:
    """An IAM user within the console, or with the token of GetSessionToken."""
    attributes = {"creationDate": clock.text(created), "mfaAuthenticated": "true" if mfa else "false"}
    key = key_id(f"{account} {name} {int(created)}")
    return {**user(account, name, key), "sessionContext": {"attributes": attributes}}


def root(account: str, created: float | None = None, *, mfa: bool = False) -> Record:
    """The root user; within the console where a moment of signing in is given."""
    found = {"type": "Root", "principalId": account, "arn": f"arn:aws:iam::{account}:root", "accountId": account}
    if created is None:
        return found
    attributes = {"creationDate": clock.text(created), "mfaAuthenticated": "true" if mfa else "false"}
    return {
        **found,
        "accessKeyId": key_id(f"root {account} {int(created)}"),
        "sessionContext": {"attributes": attributes},
    }


def session(account: str, role: str, name: str, created: float, **more: Any) -> Record:
    """A role session. `path` of the role, `key`, `mfa`, `web` (the provider), `delivery` of instances, `invoked_by`."""
    path, principal = more.get("path", ""), principal_id(account, role)
    context: Record = {
        "sessionIssuer": {
            "type": "Role",
            "principalId": principal,
            "arn": f"arn:aws:iam::{account}:role/{path}{role}",
            "accountId": account,
            "userName": role,
        },
        "attributes": {
            "creationDate": clock.text(created),
            "mfaAuthenticated": "true" if more.get("mfa") else "false",
        },
    }
    if more.get("web"):
        context["webIdFederationData"] = {"federatedProvider": more["web"], "attributes": {}}
    if more.get("delivery"):
        context["ec2RoleDelivery"] = more["delivery"]
    found: Record = {
        "type": "AssumedRole",
        "principalId": f"{principal}:{name}",
        "arn": f"arn:aws:sts::{account}:assumed-role/{role}/{name}",
        "accountId": account,
        "accessKeyId": more.get("key") or key_id(f"{account} {role} {name} {int(created)}"),
        "sessionContext": context,
    }
    if more.get("invoked_by"):
        found["invokedBy"] = more["invoked_by"]
    return found


def service(name: str, account: str) -> Caller:
    """An AWS service on its own behalf."""
    host = f"{name}.amazonaws.com"
    return Caller({"type": "AWSService", "invokedBy": host}, account, host, host)


def credentials(identity: Record, when: float, seconds: int = 3600) -> Record:
    """What STS answers: the key that `identity` then uses."""
    return {
        "credentials": {
            "accessKeyId": identity["accessKeyId"],
            "sessionToken": "IQoJb3JpZ2luX2VjEXAMPLE" + fixed(identity["accessKeyId"], 40),
            "expiration": clock.long_text(when + seconds),
        },
        "assumedRoleUser": {"assumedRoleId": identity["principalId"], "arn": identity["arn"]},
    }


def resource(account: str, kind: str, arn: str) -> Record:
    return {"accountId": account, "type": kind, "ARN": arn}


class Pen:
    """Writes records. What is random in them comes from one generator."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng

    def uuid(self) -> str:
        digits = f"{self.rng.getrandbits(128):032x}"
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"

    def write(self, caller: Caller, when: float, api: str, **more: Any) -> Record:
        """A call: `request`, `response`, `region`, `resources`, `extra`, `data`, `denied` (why), `error` (code, message)."""
        source, name = api.split(":")
        region = more.get("region") or ("us-east-1" if source in _AT_US_EAST_1 else HOME)
        found: Record = {
            "eventVersion": _VERSIONED.get(source, "1.11"),
            "userIdentity": caller.identity,
            "eventTime": clock.text(when),
            "eventSource": f"{source}.amazonaws.com",
            "eventName": name,
            "awsRegion": region,
            "sourceIPAddress": caller.ip,
            "userAgent": caller.agent,
        }
        failure = more.get("error")
        if more.get("denied"):
            failure = self.denial(caller, api, more["denied"], more.get("on", "*"))
        if failure:
            found["errorCode"], found["errorMessage"] = failure
        hidden = bool(more.get("denied")) and source == "iam"
        found["requestParameters"] = None if hidden else more.get("request")
        found["responseElements"] = None if failure else more.get("response")
        if "extra" in more:
            found["additionalEventData"] = more["extra"]
        found["requestID"] = self.uuid() if source != "s3" else f"{self.rng.getrandbits(64):016X}"
        found["eventID"] = self.uuid()
        found["readOnly"] = more.get("read", _reads(name))
        if more.get("resources"):
            found["resources"] = more["resources"]
        if "details" in more:
            found["serviceEventDetails"] = more["details"]
        self._end(found, caller, source, more)
        return found

    def _end(self, found: Record, caller: Caller, source: str, more: Record) -> None:
        """What stands at the end of every record."""
        data = bool(more.get("data"))
        found["eventType"] = more.get("kind", "AwsApiCall")
        found["managementEvent"] = not data
        found["recipientAccountId"] = more.get("recipient", caller.account)
        if more.get("shared"):
            found["sharedEventID"] = more["shared"]
        found["eventCategory"] = "Data" if data else "Management"
        if caller.endpoint:
            found["vpcEndpointId"] = caller.endpoint
            found["vpcEndpointAccountId"] = caller.account
        if caller.console:
            found["sessionCredentialFromConsole"] = "true"
        elif caller.ip[:1].isdigit() and found["eventType"] == "AwsApiCall":
            found["tlsDetails"] = {
                **_TLS,
                "clientProvidedHostHeader": f"{source}.{found['awsRegion']}.amazonaws.com",
            }

    def denial(self, caller: Caller, api: str, why: str, resource_name: str) -> tuple[str, str]:
        """The error that the service writes for want of permission: by `scp`, by an `explicit` deny, or for no allow."""
        source, name = api.split(":")
        action = f"{_ACTION_OF.get(source, source)}:{name.split('20')[0]}"
        reason = {
            "scp": "with an explicit deny in a service control policy",
            "explicit": "with an explicit deny in an identity-based policy",
            "resource": f"because no resource-based policy allows the {action} action",
        }.get(why, f"because no identity-based policy allows the {action} action")
        sentence = f"User: {caller.arn} is not authorized to perform: {action} on resource: {resource_name} {reason}"
        if source == "ec2":
            encoded = fixed(f"{self.rng.random()}", 48)
            return (
                "Client.UnauthorizedOperation",
                (
                    f"You are not authorized to perform this operation. {sentence}."
                    f" Encoded authorization failure message: {encoded}"
                ),
            )
        return ("AccessDeniedException" if source in _EXCEPTION else "AccessDenied", sentence)


@cache
def _reads(name: str) -> bool:
    return name not in _YET_WRITING and (name.startswith(_READING) or name in _ALSO_READING)
