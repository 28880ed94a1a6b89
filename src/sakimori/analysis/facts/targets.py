"""Facts of what a call acts upon, and of the credentials it gives out."""

import re
from typing import Final

from sakimori.analysis.facts.callers import is_root
from sakimori.analysis.facts.event_parts import mapping_in, members_of, request, text_at, text_in
from sakimori.analysis.facts.fact import Event, Fact, FactType, Surroundings
from sakimori.analysis.facts.refusals import refused_resource
from sakimori.model.verdict import Text

# Operations that act on the caller where no user is named. Source: IAM API Reference, UserName of each operation.
_OWN_BY_DEFAULT: Final = frozenset(
    {
        "ChangePassword", "CreateAccessKey", "CreateLoginProfile", "DeleteAccessKey", "DeleteLoginProfile",
        "DeleteSigningCertificate", "GetLoginProfile", "GetUser", "ListAccessKeys", "ListMFADevices",
        "ListSigningCertificates", "UpdateAccessKey", "UpdateSigningCertificate", "UploadSigningCertificate",
        "CreateServiceSpecificCredential", "DeleteServiceSpecificCredential", "ResetServiceSpecificCredential",
        "UpdateServiceSpecificCredential", "DeactivateMFADevice",
    }
)  # fmt: skip
# What a request names, the most telling first. A policy or a document that is attached comes after what it is
# attached to.
_NAMES: Final = (
    "userName", "roleName", "groupName", "roleArn", "userPoolId", "bucketName", "functionName", "secretId", "keyId",
    "dBSnapshotIdentifier", "dBClusterSnapshotIdentifier", "dBInstanceIdentifier", "dBClusterIdentifier",
    "snapshotId", "imageId", "instanceId", "volumeId", "groupId", "networkAclId", "vpcId", "detectorId",
    "trailName", "name", "repositoryName", "topicArn", "queueUrl", "stackName", "tableName", "clusterName",
    "domainName", "resourceArn", "resourceARN", "instanceProfileName", "policyArn", "policyName", "arn",
)  # fmt: skip
_USER_ARN: Final = re.compile(r"arn:[\w-]+:iam::\d*:user/(?:.*/)?([^/]+)\Z")
_KEY: Final = re.compile(r"[A-Z0-9]{16,128}\Z")
_KEY_PATHS: Final = (
    ("accessKey", "accessKeyId"),
    ("credentials", "accessKeyId"),
    ("serviceSpecificCredential", "serviceSpecificCredentialId"),
)


def _own_name(event: Event) -> tuple[str, str]:
    """What the caller is called: `userName` and a user's name, or `roleName` and a role's."""
    kind = text_at(event, "userIdentity", "type")
    if kind == "IAMUser":
        found = _USER_ARN.match(text_at(event, "userIdentity", "arn"))
        return "userName", text_at(event, "userIdentity", "userName") or (found[1] if found else "")
    if kind == "AssumedRole":
        return "roleName", text_at(event, "userIdentity", "sessionContext", "sessionIssuer", "userName")
    return "", ""


def _on_self(event: Event, _: Surroundings) -> bool | None:
    if event.get("eventSource") != "iam.amazonaws.com":
        return False
    parameter, own = _own_name(event)
    asked = request(event)
    if named := text_in(asked.get(parameter)) if parameter else "":
        return named == own if own else None
    if text_in(event.get("eventName")) not in _OWN_BY_DEFAULT or text_in(asked.get("userName")):
        return False
    if event.get("errorCode") and event.get("requestParameters") is None:
        # A refused call has no parameters, whosever key it was about: only the message may tell.
        resource = refused_resource(event).rpartition("/")[2]
        return resource == own if resource and own else None
    return True if parameter == "userName" or is_root(event) else None


def _target(event: Event, _: Surroundings) -> str | None:
    asked = request(event)
    for name in _NAMES:
        if name in asked and (text := text_in(asked[name])):
            return text
    if text_in(event.get("eventName")) in _OWN_BY_DEFAULT:
        return text_at(event, "userIdentity", "arn") or None
    return _first_resource(event)


def _first_resource(event: Event) -> str | None:
    first = next(iter(members_of(event.get("resources"))), None)
    return text_at(first, "ARN") or text_at(first, "arn") or None


def _issued_keys(event: Event, _: Surroundings) -> tuple[str, ...]:
    answer = mapping_in(event.get("responseElements"))
    if not answer:
        return ()
    found = (text_at(answer, *path) for path in _KEY_PATHS)
    return tuple(key for key in found if _KEY.match(key))


FACTS: Final = (
    Fact(
        name="fact.on_self",
        type=FactType.BOOLEAN,
        sentence=Text(
            en="An operation of IAM on the caller's own user or role.",
            ja="呼び出し元自身のユーザーまたはロールに対する IAM の操作です。",
        ),
        reads=("eventName", "eventSource", "requestParameters", "userIdentity", "errorCode", "errorMessage"),
        of=_on_self,
    ),
    Fact(
        name="fact.target",
        type=FactType.TEXT,
        sentence=Text(
            en="The name, id or ARN of what the call acts upon, as well as the event tells.",
            ja="操作対象の名前、ID、または ARN です（イベントから分かる範囲）。",
        ),
        reads=("eventName", "requestParameters", "resources", "userIdentity"),
        of=_target,
    ),
    Fact(
        name="fact.issued_keys",
        type=FactType.TEXTS,
        sentence=Text(
            en="The ids of the access keys, long-term or temporary, that the call gave out.",
            ja="呼び出しによって発行されたアクセスキー ID です（長期・一時の両方）。",
        ),
        reads=("responseElements",),
        of=_issued_keys,
    ),
)
