"""EC2's settings for a whole Region: public images, defaults of instance metadata, and the block at internet gateways."""

from collections.abc import Mapping
from typing import Any, Final

from moto.ec2.models import ec2_backends

from sakimori.simulate.call import Answer, ServiceError
from sakimori.simulate.stand_ins.form import Desk, StandIn
from sakimori.simulate.state import VpcBlock

_BLOCK_NEW: Final = "block-new-sharing"
_UNBLOCKED: Final = "unblocked"
_NO_PREFERENCE: Final = "no-preference"
_METADATA: Final[Mapping[str, tuple[str, ...]]] = {
    "HttpTokens": ("optional", "required"),
    "HttpTokensEnforced": ("disabled", "enabled"),
    "HttpEndpoint": ("disabled", "enabled"),
    "InstanceMetadataTags": ("disabled", "enabled"),
}
_HOPS: Final = range(1, 65)
_BLOCK_MODES: Final = ("off", "block-bidirectional", "block-ingress")


def image_sharing(desk: Desk) -> Mapping[str, Any]:
    """The Region's state of the block of public images."""
    state = _BLOCK_NEW if desk.call.region in desk.state.image_sharing_blocked else _UNBLOCKED
    return {"ImageBlockPublicAccessState": state, "ManagedBy": _manager(desk, "images")}


def block_image_sharing(desk: Desk) -> Mapping[str, Any]:
    """Set the block; images that are public stay so."""
    asked = str(desk.parameters().get("ImageBlockPublicAccessState", ""))
    if asked != _BLOCK_NEW:
        raise _invalid("ImageBlockPublicAccessState", asked)
    desk.state.image_sharing_blocked.add(desk.call.region)
    return {"ImageBlockPublicAccessState": _BLOCK_NEW}


def unblock_image_sharing(desk: Desk) -> Mapping[str, Any]:
    """Lift the block."""
    desk.state.image_sharing_blocked.discard(desk.call.region)
    return {"ImageBlockPublicAccessState": _UNBLOCKED}


def modify_image(desk: Desk) -> Answer:
    """Moto's answer, unless the image would become public in a Region that blocks that.

    Source: the error that AWS gives, as reports about image builders quote it.
    """
    asked = desk.parameters()
    added = (asked.get("LaunchPermission") or {}).get("Add") or ()
    groups = {each.get("Group") for each in added}
    if asked.get("OperationType") == "add":
        groups |= set(asked.get("UserGroups") or ())
    if "all" in groups and desk.call.region in desk.state.image_sharing_blocked:
        message = (
            "You can't publicly share this image because block public access for AMIs is enabled for this account."
        )
        raise ServiceError("OperationNotPermitted", message, 400)
    return desk.moto()


def image_attribute(desk: Desk) -> Answer:
    """Moto's answer, which for an image that is not there is a failure of moto's own.

    Source: Amazon EC2 API reference, "Error codes".
    """
    image = str(desk.parameters().get("ImageId", ""))
    if image not in ec2_backends[desk.state.account_id][desk.call.region].amis:
        raise ServiceError("InvalidAMIID.NotFound", f"The image id '[{image}]' does not exist", 400)
    return desk.moto()


def metadata_defaults(desk: Desk) -> Mapping[str, Any]:
    """The defaults that were set in the Region, and only those."""
    managed = {"ManagedBy": _manager(desk, "metadata")}
    return {"AccountLevel": {**desk.state.metadata_defaults.get(desk.call.region, {}), **managed}}


def modify_metadata_defaults(desk: Desk) -> Mapping[str, Any]:
    """Set defaults, or with `no-preference` (hop limit: -1) forget them."""
    asked = desk.parameters()
    changed: dict[str, str | int | None] = {}
    for name, known in _METADATA.items():
        if name in asked:
            if asked[name] not in (*known, _NO_PREFERENCE):
                raise _invalid(name, asked[name])
            changed[name] = None if asked[name] == _NO_PREFERENCE else asked[name]
    if "HttpPutResponseHopLimit" in asked:
        hops = int(asked["HttpPutResponseHopLimit"])
        if hops not in _HOPS and hops != -1:
            raise _invalid("HttpPutResponseHopLimit", hops)
        changed["HttpPutResponseHopLimit"] = None if hops == -1 else hops
    with desk.state.lock:
        together = {**desk.state.metadata_defaults.get(desk.call.region, {}), **changed}
        kept = {name: value for name, value in together.items() if value is not None}
        desk.state.metadata_defaults[desk.call.region] = kept
    return {"Return": True}


def volume_key(desk: Desk) -> Mapping[str, Any]:
    """The key of the Region's new volumes: AWS's own until another was chosen."""
    chosen = ec2_backends[desk.state.account_id][desk.call.region].default_kms_key_id
    return {"KmsKeyId": chosen or "alias/aws/ebs"}


def vpc_block(desk: Desk) -> Mapping[str, Any]:
    """VPC Block Public Access of the Region; `default-state` where nobody ever set it."""
    block = desk.state.vpc_blocks.get(desk.call.region)
    return {"VpcBlockPublicAccessOptions": _vpc_block(desk, block, "update-complete" if block else "default-state")}


def modify_vpc_block(desk: Desk) -> Mapping[str, Any]:
    """Set the mode; the answer still speaks of an update in progress, as AWS's does."""
    mode = str(desk.parameters().get("InternetGatewayBlockMode", ""))
    if mode not in _BLOCK_MODES:
        raise _invalid("InternetGatewayBlockMode", mode)
    block = VpcBlock(mode=mode, at=desk.state.clock())
    desk.state.vpc_blocks[desk.call.region] = block
    return {"VpcBlockPublicAccessOptions": _vpc_block(desk, block, "update-in-progress")}


STAND_INS: Final[Mapping[str, StandIn]] = {
    "ec2:DescribeImageAttribute": image_attribute,
    "ec2:DescribeVpcBlockPublicAccessOptions": vpc_block,
    "ec2:DisableImageBlockPublicAccess": unblock_image_sharing,
    "ec2:EnableImageBlockPublicAccess": block_image_sharing,
    "ec2:GetEbsDefaultKmsKeyId": volume_key,
    "ec2:GetImageBlockPublicAccessState": image_sharing,
    "ec2:GetInstanceMetadataDefaults": metadata_defaults,
    "ec2:ModifyImageAttribute": modify_image,
    "ec2:ModifyInstanceMetadataDefaults": modify_metadata_defaults,
    "ec2:ModifyVpcBlockPublicAccessOptions": modify_vpc_block,
}


def _manager(desk: Desk, setting: str) -> str:
    return "declarative-policy" if setting in desk.state.services.declared_settings else "account"


def _vpc_block(desk: Desk, block: VpcBlock | None, state: str) -> Mapping[str, Any]:
    told: dict[str, Any] = {
        "AwsAccountId": desk.state.account_id,
        "AwsRegion": desk.call.region,
        "State": state,
        "InternetGatewayBlockMode": block.mode if block else "off",
        "ManagedBy": "account",
        "ExclusionsAllowed": "allowed",
    }
    return {**told, "LastUpdateTimestamp": block.at} if block else told


def _invalid(name: str, value: object) -> ServiceError:
    return ServiceError("InvalidParameterValue", f"Value ({value}) for parameter {name} is invalid.", 400)
