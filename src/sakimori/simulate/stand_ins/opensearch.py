"""The VPC of an OpenSearch domain, which AWS finds by the subnets."""

from typing import Any, Final

from moto.ec2.models import ec2_backends
from moto.opensearch.models import opensearch_backends

from sakimori.simulate.call import Answer, ServiceError
from sakimori.simulate.stand_ins.form import Desk, StandIn

_SUCCESS: Final = 300


def create_domain(desk: Desk) -> Answer:
    """Moto's domain, with the VPC of its subnets; subnets that are not there are refused."""
    asked = desk.parameters()
    wanted = (asked.get("VPCOptions") or {}).get("SubnetIds") or ()
    ec2 = ec2_backends[desk.state.account_id][desk.call.region]
    vpcs = {subnet.id: subnet.vpc_id for subnet in ec2.describe_subnets()}
    if missing := [subnet for subnet in wanted if subnet not in vpcs]:
        raise ServiceError("ValidationException", f"The subnet ID {missing[0]} is not valid.", 400)
    answer = desk.moto()
    if wanted and answer.status < _SUCCESS:
        made: Any = opensearch_backends[desk.state.account_id][desk.call.region].domains[asked["DomainName"]]
        made.vpc_options["VPCId"] = vpcs[wanted[0]]
    return answer


STAND_INS: Final[dict[str, StandIn]] = {"opensearch:CreateDomain": create_domain}
