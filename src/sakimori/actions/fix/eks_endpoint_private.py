"""The API server of one EKS cluster answers inside its VPC alone: Security Hub EKS.1.

The private endpoint needs both DNS settings of the VPC; without them nodes would lose the cluster. Source: botocore's model of
eks (UpdateClusterConfig); Amazon EKS User Guide, "Cluster API server endpoint".
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sakimori.actions.looking import looked
from sakimori.actions.resources.eks_setting import CLUSTER, READS, UPDATE, busy, cluster_of, on_its_way, update, written
from sakimori.actions.resources.setting import Setting, setting_step
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State
from sakimori.model.action import Approval, Call, Risk

_KEY: Final = "resourcesVpcConfig"
_PUBLIC: Final = "endpointPublicAccess"
_PRIVATE: Final = "endpointPrivateAccess"
_RANGES: Final = "publicAccessCidrs"
_COMING: Final = {_PUBLIC: "EndpointPublicAccess", _PRIVATE: "EndpointPrivateAccess", _RANGES: "PublicAccessCidrs"}
_ATTRIBUTE: Final = "ec2:DescribeVpcAttribute"


def _read(site: Site, name: str) -> State | None:
    cluster = cluster_of(site, name)
    if cluster is None:
        return None
    config: dict[str, Any] = dict(cluster.get(_KEY) or {})
    coming = on_its_way(site, name, cluster)
    config |= {key: written(coming[named]) for key, named in _COMING.items() if named in coming}
    told: dict[str, Any] = {_PUBLIC: bool(config.get(_PUBLIC)), _PRIVATE: bool(config.get(_PRIVATE))}
    # Who may come in says nothing where nobody can.
    return {_KEY: {**told, _RANGES: sorted(config.get(_RANGES) or ())} if told[_PUBLIC] else told}


def _safe(state: State) -> State:
    return {_KEY: {_PUBLIC: False, _PRIVATE: True}} if state[_KEY][_PUBLIC] else state


def _put(site: Site, name: str, _key: str, target: State) -> Call:
    return update(site, name, {_KEY: target[_KEY]})


def _cautions(site: Site, name: str, state: State) -> Sequence[Caution]:
    cluster = cluster_of(site, name) or {}
    vpc = str((cluster.get(_KEY) or {}).get("vpcId") or "")
    ranges = state[_KEY].get(_RANGES)
    outside = Caution(text="fix_network.eks_outsiders", values={"name": name, "ranges": ranges or "0.0.0.0/0"})
    return [*busy(name, cluster), outside, *looked(lambda: _names(site, vpc))]


def _names(site: Site, vpc: str) -> Sequence[Caution]:
    """Whether names of the private endpoint can be resolved in the VPC."""
    off = [name for name in ("enableDnsSupport", "enableDnsHostnames") if not _is_on(site, vpc, name)]
    return (Caution(text="fix_network.eks_no_dns", values={"vpc": vpc, "off": off}, blocks=True),) if off else ()


def _is_on(site: Site, vpc: str, attribute: str) -> bool:
    answer: Mapping[str, Any] = site.call(_ATTRIBUTE, VpcId=vpc, Attribute=attribute) or {}
    return bool((answer.get(f"E{attribute[1:]}") or {}).get("Value"))


STEP: Final = setting_step(
    Setting(
        id="eks-endpoint-private",
        order=1170,
        texts="fix_network.eks_endpoint",
        rules=("aws.eks.cluster-endpoint-not-public",),
        kind=CLUSTER,
        reads=(*READS, _ATTRIBUTE),
        writes=(UPDATE,),
        read=_read,
        safe=_safe,
        put=_put,
        cautions=_cautions,
        risk=Risk.MEDIUM,
        approval=Approval.TWO_PERSON,
    )
)
