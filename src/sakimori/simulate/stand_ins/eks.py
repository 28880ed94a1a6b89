"""The versions of Kubernetes that EKS knows, and what a cluster has when nothing was said."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from moto.ec2.models import ec2_backends
from moto.eks.models import eks_backends

from sakimori.simulate.call import Answer, ServiceError
from sakimori.simulate.stand_ins.form import Desk, StandIn

_STANDARD, _EXTENDED, _UNSUPPORTED = "STANDARD_SUPPORT", "EXTENDED_SUPPORT", "UNSUPPORTED"
_DEFAULT: Final = "1.35"
# How matters stood in November 2026, whatever the day: the end of standard and of extended support.
# Source: Amazon EKS User Guide, "Understand the Kubernetes version lifecycle on EKS".
_VERSIONS: Final = (
    ("1.35", _STANDARD, "2027-03-27", "2028-03-27"),
    ("1.34", _STANDARD, "2026-12-02", "2027-12-02"),
    ("1.33", _EXTENDED, "2026-07-29", "2027-07-29"),
    ("1.32", _EXTENDED, "2026-03-23", "2027-03-23"),
    ("1.30", _UNSUPPORTED, "2025-07-23", "2026-07-23"),
    ("1.29", _UNSUPPORTED, "2025-03-23", "2026-03-23"),
)
_SUCCESS: Final = 300
_LOGS: Final = frozenset({"api", "audit", "authenticator", "controllerManager", "scheduler"})


def versions(desk: Desk) -> Mapping[str, Any]:
    """Versions by name, status and default; those without support only with includeAll or by their names."""
    asked = desk.parameters()
    names, status = asked.get("clusterVersions") or (), asked.get("versionStatus")
    listed = [
        _described(*each)
        for each in _VERSIONS
        if (each[0] in names or not names)
        and each[1] == (status or each[1])
        and (each[1] != _UNSUPPORTED or status or names or asked.get("includeAll"))
        and (each[0] == _DEFAULT or not asked.get("defaultOnly"))
    ]
    return {"clusterVersions": listed if asked.get("clusterType") in (None, "eks") else []}


def create(desk: Desk) -> Answer:
    """Moto's cluster, with the default version and a public endpoint where nothing else was asked for."""
    asked = desk.parameters()
    version = asked.get("version") or _DEFAULT
    if version not in {each[0] for each in _VERSIONS if each[1] != _UNSUPPORTED}:
        raise ServiceError("InvalidParameterException", f"unsupported Kubernetes version {version}")
    answer = desk.moto()
    if answer.status < _SUCCESS:
        cluster: Any = eks_backends[desk.state.account_id][desk.call.region].clusters[asked["name"]]
        cluster.version = version
        defaults = {"endpointPublicAccess": True, "endpointPrivateAccess": False, "publicAccessCidrs": ["0.0.0.0/0"]}
        asked_for = cluster.resources_vpc_config
        vpcs = [{"vpcId": each.vpc_id} for each in _subnets(desk, asked_for.get("subnetIds") or ())][:1]
        cluster.resources_vpc_config = {**defaults, **asked_for, **(vpcs[0] if vpcs else {})}
    return answer


def update_config(desk: Desk) -> Mapping[str, Any]:
    """Set the kinds of logs that are named, or the endpoints; what is not named stays, which moto forgets.

    It is there at once, where AWS takes minutes. Source: EKS API reference, UpdateClusterConfig.
    """
    asked = desk.parameters()
    cluster: Any = eks_backends[desk.state.account_id][desk.call.region].clusters.get(asked["name"])
    if cluster is None:
        raise ServiceError("ResourceNotFoundException", f"No cluster found for name: {asked['name']}.", 404)
    named = [key for key in ("logging", "resourcesVpcConfig") if asked.get(key)]
    if len(named) != 1:
        raise ServiceError("InvalidParameterException", "One type of update can be made at a time.")
    before = (_kinds(cluster.logging), dict(cluster.resources_vpc_config))
    if named == ["logging"]:
        on = _kinds(cluster.logging)
        for setup in asked["logging"].get("clusterLogging") or ():
            on = on | set(setup["types"]) if setup.get("enabled") else on - set(setup["types"])
        off = sorted(_LOGS - on)
        setups = [{"types": sorted(on), "enabled": True}, {"types": off, "enabled": False}]
        cluster.logging = {"clusterLogging": [each for each in setups if each["types"]]}
        kind = "LoggingUpdate"
    else:
        config = {**cluster.resources_vpc_config, **asked["resourcesVpcConfig"]}
        if not config["endpointPublicAccess"] and not config["endpointPrivateAccess"]:
            raise ServiceError("InvalidParameterException", "Private and public endpoint access cannot both be off.")
        cluster.resources_vpc_config = config
        kind = "EndpointAccessUpdate"
    if before == (_kinds(cluster.logging), cluster.resources_vpc_config):
        raise ServiceError("InvalidParameterException", "Cluster is already at the desired configuration.")
    return {
        "update": {"id": "00000000-0000-4000-8000-000000000000", "status": "InProgress", "type": kind, "params": []}
    }


STAND_INS: Final[Mapping[str, StandIn]] = {
    "eks:ListUpdates": lambda _desk: {"updateIds": []},
    "eks:UpdateClusterConfig": update_config,
    "eks:CreateCluster": create,
    "eks:DescribeClusterVersions": versions,
}


def _subnets(desk: Desk, names: Collection[str]) -> Sequence[Any]:
    found = ec2_backends[desk.state.account_id][desk.call.region].describe_subnets()
    return [each for each in found if each.id in names]


def _kinds(logging: Mapping[str, Any]) -> set[str]:
    """The kinds of logs that are on."""
    return {kind for each in logging.get("clusterLogging") or () if each.get("enabled") for kind in each["types"]}


def _described(version: str, status: str, standard_until: str, extended_until: str) -> Mapping[str, Any]:
    return {
        "clusterVersion": version,
        "clusterType": "eks",
        "defaultVersion": version == _DEFAULT,
        "endOfStandardSupportDate": datetime.fromisoformat(standard_until).replace(tzinfo=UTC),
        "endOfExtendedSupportDate": datetime.fromisoformat(extended_until).replace(tzinfo=UTC),
        "status": status.lower().replace("_", "-"),
        "versionStatus": status,
    }
