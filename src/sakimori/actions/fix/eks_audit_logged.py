"""Every request to the API server of one EKS cluster is written to its audit log: Security Hub EKS.8.

Source: botocore's model of eks (UpdateClusterConfig: kinds that are not named stay); Amazon EKS User Guide, "Send control plane
logs to CloudWatch Logs".
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sakimori.actions.resources.eks_setting import CLUSTER, READS, UPDATE, busy, cluster_of, on_its_way, update, written
from sakimori.actions.resources.setting import Setting, setting_step
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State
from sakimori.model.action import Call, Quantity

_AUDIT: Final = "audit"
_KEY: Final = "clusterLogging"


def _read(site: Site, name: str) -> State | None:
    cluster = cluster_of(site, name)
    if cluster is None:
        return None
    coming = on_its_way(site, name, cluster).get("ClusterLogging")
    setups = [cluster.get("logging") or {}, *([written(coming)] if coming else [])]
    logged = False
    for each in (each for setup in setups if isinstance(setup, Mapping) for each in setup.get(_KEY) or ()):
        if _AUDIT in (each.get("types") or ()):
            logged = bool(each.get("enabled"))
    return {_AUDIT: logged}


def _put(site: Site, name: str, _key: str, target: State) -> Call:
    kinds: Mapping[str, Any] = {"types": [_AUDIT], "enabled": target[_AUDIT]}
    return update(site, name, {"logging": {_KEY: [kinds]}})


def _cautions(site: Site, name: str, _state: State) -> Sequence[Caution]:
    return busy(name, cluster_of(site, name) or {})


def _costs(_site: Site, _state: State) -> Sequence[Quantity]:
    return (Quantity("cloudwatch.logs_gb", None),)


STEP: Final = setting_step(
    Setting(
        id="eks-audit-logged",
        order=1160,
        texts="fix_network.eks_audit",
        rules=("aws.eks.cluster-audit-logs-enabled",),
        kind=CLUSTER,
        reads=READS,
        writes=(UPDATE,),
        read=_read,
        safe={_AUDIT: True},
        put=_put,
        cautions=_cautions,
        costs=_costs,
    )
)
