"""Settings of one cluster of Redshift, which changes them by and by: what is on its way counts as there.

Source: botocore's model of redshift (ModifyCluster, PendingModifiedValues: requested, and in progress or to come).
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sakimori.actions.resources.named_resource import Kind
from sakimori.actions.site import Site
from sakimori.actions.step import Caution
from sakimori.model.action import Call

DESCRIBE: Final = "redshift:DescribeClusters"
MODIFY: Final = "redshift:ModifyCluster"
NOT_THERE: Final = "ClusterNotFound"
CLUSTER: Final = Kind(service="redshift", call=DESCRIBE, prefix="cluster:", pattern=r"[a-z][a-z0-9-]{0,62}")
_READY: Final = "available"


def cluster_of(site: Site, name: str) -> Mapping[str, Any] | None:
    """The cluster as it will be when what is on its way has come; None where it is not there any more."""
    answer = site.call(DESCRIBE, (NOT_THERE,), ClusterIdentifier=name)
    found: Mapping[str, Any] | None = next(iter((answer or {}).get("Clusters") or ()), None)
    return None if found is None else {**found, **(found.get("PendingModifiedValues") or {})}


def modify(site: Site, name: str, values: Mapping[str, Any]) -> Call:
    """The call that gives the cluster these values.

    It refuses as long as it carries out another; whether that was the same one, the next reading says.
    """
    parameters = {"ClusterIdentifier": name, **values}
    return Call(operation=MODIFY, region=site.region, parameters=parameters, settled=("InvalidClusterState",))


def busy(name: str, cluster: Mapping[str, Any]) -> Sequence[Caution]:
    """That AWS refuses the change as long as the cluster is not available."""
    status = str(cluster.get("ClusterStatus"))
    return () if status == _READY else (Caution(text="fix_network.busy", values={"name": name, "status": status}),)
