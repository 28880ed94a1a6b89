"""Parameters and results as CloudTrail shows them: its spelling of names, EC2's sets, and nothing that is secret.

Sources: CloudTrail User Guide, "CloudTrail record contents", and the sample events of the services' own guides.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

HIDDEN: Final = "HIDDEN_DUE_TO_SECURITY_REASONS"
_REMOVED: Final = "<sensitiveDataRemoved>"
_SHOWN_AS_IT_IS: Final = ""
_INSTEAD: Final = {
    "userdata": _REMOVED,
    "masteruserpassword": "****",
    "accesstoken": HIDDEN,
    "cleartextkey": HIDDEN,
    "secretaccesskey": None,
    "privatekey": None,
    "keymaterial": _REMOVED,
    "secretstring": None,
    "secretbinary": None,
    "plaintext": None,
    "ciphertextblob": None,
    "zipfile": None,
    "messagebody": HIDDEN,
    "authenticationcode1": None,
    "authenticationcode2": None,
    "base32stringseed": None,
    "qrcodepng": None,
    "sessiontoken": _SHOWN_AS_IT_IS,
}
"""What stands in the place of a value; None for what CloudTrail leaves out altogether. By the lower-case name.

The token of a session is shown: without the secret key it opens nothing.
"""
_SECRET_WORDS: Final = ("password", "secretkey", "clientsecret", "authtoken")
_NO_SECRETS: Final = frozenset(
    {"passwordresetrequired", "passwordpolicy", "hasrequiredpassword", "managemasteruserpassword"}
)
_MAX_TEXT: Final = 100_000
_EC2_LISTS: Final = {
    "InstanceIds": ("instancesSet", "instanceId"),
    "ImageIds": ("imagesSet", "imageId"),
    "GroupIds": ("securityGroupIdSet", "groupId"),
    "SecurityGroupIds": ("groupSet", "groupId"),
    "GroupNames": ("securityGroupSet", "groupName"),
    "VpcIds": ("vpcSet", "vpcId"),
    "SubnetIds": ("subnetSet", "subnetId"),
    "VolumeIds": ("volumeSet", "volumeId"),
    "SnapshotIds": ("snapshotSet", "snapshotId"),
    "KeyNames": ("keySet", "keyName"),
    "RegionNames": ("regionSet", "regionName"),
    "NetworkInterfaceIds": ("networkInterfaceIdSet", "networkInterfaceId"),
}
_EC2_SETS: Final = {
    "Filters": "filterSet",
    "Values": "valueSet",
    "TagSpecifications": "tagSpecificationSet",
    "BlockDeviceMappings": "blockDeviceMapping",
}
_EC2_SCALARS: Final = {"Values": "value"}


def shown(value: object, *, service: str, name: str = "") -> Any:
    """A value as a CloudTrail event has it; `name` is the member that it belongs to."""
    hidden = _hidden(name, value)
    if hidden is not _SHOWN:
        return hidden
    if isinstance(value, Mapping):
        return _members(value, service)
    if isinstance(value, (list, tuple)):
        return _list(name, list(value), service)
    return _scalar(value)


def concealed(value: Any, shape: Any) -> Any:
    """The value without what the service's model calls sensitive; what has a form of its own in an event is left to `shown`."""
    if isinstance(value, Mapping) and shape is not None and shape.type_name == "structure":
        return {name: _concealed_member(name, each, shape.members.get(name)) for name, each in value.items()}
    if isinstance(value, (list, tuple)) and shape is not None and shape.type_name == "list":
        return [concealed(each, shape.member) for each in value]
    return value


def shown_in_s3(parameters: Mapping[str, Any], query: Mapping[str, Any], region: str) -> dict[str, Any]:
    """Parameters of S3: the bucket and key by their own names, the sub-resource, and bodies as the XML spelled them."""
    found: dict[str, Any] = {}
    for name, value in parameters.items():
        if name == "Policy":
            found["bucketPolicy"] = _parsed(value)
        elif name in {"Bucket", "Key"}:
            found["bucketName" if name == "Bucket" else "key"] = value
        elif isinstance(value, Mapping):
            found[name] = _as_spelled(value)
        elif isinstance(value, (str, int, bool)) and name not in {"ContentMD5", "ChecksumAlgorithm", "Body"}:
            found[_lowered(name)] = value
    bucket = parameters.get("Bucket")
    found["Host"] = f"{bucket}.s3.{region}.amazonaws.com" if bucket else f"s3.{region}.amazonaws.com"
    found.update({name: value for name, value in query.items() if not value})
    return found


_SHOWN: Final = object()


def _concealed_member(name: str, value: Any, shape: Any) -> Any:
    is_secret = shape is not None and shape.metadata.get("sensitive") and isinstance(value, (str, bytes))
    return HIDDEN if is_secret and name.lower() not in _INSTEAD else concealed(value, shape)


def _hidden(name: str, value: object) -> object:
    """What stands in the place of a secret; `_SHOWN` for what is none."""
    plain = name.lower()
    if plain in _INSTEAD and value is not None:
        return _SHOWN if _INSTEAD[plain] == _SHOWN_AS_IT_IS else _INSTEAD[plain]
    if plain == "environment" and isinstance(value, Mapping) and "Variables" in value:
        return {}
    if any(word in plain for word in _SECRET_WORDS) and plain not in _NO_SECRETS and isinstance(value, str):
        return HIDDEN
    return _SHOWN


def _members(value: Mapping[str, Any], service: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, each in value.items():
        if _hidden(str(name), each) is None:
            continue
        spelled = _EC2_LISTS.get(name, ("", ""))[0] or _EC2_SETS.get(name, "") if service == "ec2" else ""
        found[spelled or _lowered(str(name))] = shown(each, service=service, name=str(name))
    return found


def _list(name: str, values: list[Any], service: str) -> Any:
    if service != "ec2":
        return [shown(each, service=service) for each in values]
    scalar = _EC2_LISTS.get(name, ("", ""))[1] or _EC2_SCALARS.get(name, "")
    if scalar:
        return {"items": [{scalar: each} for each in values]} if values else {}
    if all(isinstance(each, Mapping) for each in values) and name != "Tags":
        return {"items": [shown(each, service=service) for each in values]} if values else {}
    return [shown(each, service=service) for each in values]


def _scalar(value: object) -> Any:
    if isinstance(value, datetime):
        return value.strftime("%b %-d, %Y %-I:%M:%S %p")
    if isinstance(value, (bytes, bytearray)):
        return HIDDEN
    if isinstance(value, str):
        return value[:_MAX_TEXT]
    return value if value is None or isinstance(value, (bool, int, float)) else str(value)


def _as_spelled(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _as_spelled(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_as_spelled(each) for each in value]
    return str(value) if isinstance(value, (datetime, bytes)) else value


def _parsed(document: Any) -> Any:
    try:
        return json.loads(document)
    except (TypeError, ValueError):
        return str(document)[:_MAX_TEXT]


def _lowered(name: str) -> str:
    """CloudTrail lowers the first letter and no other: `dBInstanceIdentifier`."""
    return name[:1].lower() + name[1:]
