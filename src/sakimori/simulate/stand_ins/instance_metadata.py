"""Options of one instance's metadata service: what a call does not name stays as it is, which moto forgets."""

from collections.abc import Mapping
from typing import Any, Final

from moto.ec2.models import ec2_backends

from sakimori.simulate.call import ServiceError
from sakimori.simulate.stand_ins.form import Desk, StandIn

_HOPS: Final = range(1, 65)
_OPTIONS: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "HttpTokens": ("http_tokens", ("optional", "required")),
    "HttpEndpoint": ("http_endpoint", ("disabled", "enabled")),
    "HttpProtocolIpv6": ("http_protocol_ipv6", ("disabled", "enabled")),
    "InstanceMetadataTags": ("instance_metadata_tags", ("disabled", "enabled")),
}


def modify(desk: Desk) -> Mapping[str, Any]:
    """Set the options that are named. Source: EC2 API reference, ModifyInstanceMetadataOptions."""
    asked = desk.parameters()
    name = str(asked.get("InstanceId", ""))
    backend = ec2_backends[desk.state.account_id][desk.call.region]
    instance = next((each for each in backend.all_instances() if each.id == name), None)
    if instance is None:
        raise ServiceError("InvalidInstanceID.NotFound", f"The instance ID '{name}' does not exist", 400)
    options = instance.metadata_options
    for key, (attribute, known) in _OPTIONS.items():
        if key in asked:
            if asked[key] not in known:
                raise ServiceError(
                    "InvalidParameterValue", f"Value ({asked[key]}) for parameter {key} is invalid.", 400
                )
            setattr(options, attribute, asked[key])
    if "HttpPutResponseHopLimit" in asked:
        hops = int(asked["HttpPutResponseHopLimit"])
        if hops not in _HOPS:
            raise ServiceError("InvalidParameterValue", f"Value ({hops}) for the hop limit is invalid.", 400)
        options.http_put_response_hop_limit = hops
    told: dict[str, Any] = {key: getattr(options, attribute) for key, (attribute, _) in _OPTIONS.items()}
    told |= {"State": "pending", "HttpPutResponseHopLimit": options.http_put_response_hop_limit}
    return {"InstanceId": name, "InstanceMetadataOptions": told}


STAND_INS: Final[Mapping[str, StandIn]] = {"ec2:ModifyInstanceMetadataOptions": modify}
