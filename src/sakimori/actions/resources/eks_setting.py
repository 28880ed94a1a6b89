"""Settings of one cluster of EKS, which changes them by and by: an update that is in progress counts as made.

Source: botocore's model of eks (UpdateClusterConfig, ListUpdates, DescribeUpdate); Amazon EKS User Guide, "Cluster API server
endpoint" and "Send control plane logs to CloudWatch Logs".
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sakimori.actions.resources.named_resource import Kind
from sakimori.actions.site import Site
from sakimori.actions.step import Caution
from sakimori.model.action import Call

DESCRIBE: Final = "eks:DescribeCluster"
LIST_UPDATES: Final = "eks:ListUpdates"
DESCRIBE_UPDATE: Final = "eks:DescribeUpdate"
UPDATE: Final = "eks:UpdateClusterConfig"
READS: Final = (DESCRIBE, LIST_UPDATES, DESCRIBE_UPDATE)
CLUSTER: Final = Kind(service="eks", call=DESCRIBE, prefix="cluster/", pattern=r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")
_ABSENT: Final = ("ResourceNotFoundException",)
_UPDATING: Final = "UPDATING"
_READY: Final = "ACTIVE"


def cluster_of(site: Site, name: str) -> Mapping[str, Any] | None:
    """The cluster as AWS tells of it; None where it is not there any more."""
    return (site.call(DESCRIBE, _ABSENT, name=name) or {}).get("cluster")


def on_its_way(site: Site, name: str, cluster: Mapping[str, Any]) -> Mapping[str, str]:
    """What updates that are in progress set, as EKS names and writes it; nothing where the cluster is not being updated."""
    if cluster.get("status") != _UPDATING:
        return {}
    found: dict[str, str] = {}
    for update_id in site.all_of(LIST_UPDATES, "updateIds", name=name):
        update = (site.call(DESCRIBE_UPDATE, _ABSENT, name=name, updateId=update_id) or {}).get("update") or {}
        if update.get("status") == "InProgress":
            found |= {each["type"]: each["value"] for each in update.get("params") or ()}
    return found


def written(value: str) -> Any:
    """What EKS writes as text in an update; the text itself where it is none of JSON."""
    try:
        return json.loads(value)
    except ValueError:
        return value


def update(site: Site, name: str, values: Mapping[str, Any]) -> Call:
    """The call that gives the cluster these values. It refuses as long as another update is in progress."""
    return Call(
        operation=UPDATE, region=site.region, parameters={"name": name, **values}, settled=("ResourceInUseException",)
    )  # fmt: skip


def busy(name: str, cluster: Mapping[str, Any]) -> Sequence[Caution]:
    """That AWS refuses the change as long as the cluster is not active."""
    status = str(cluster.get("status"))
    return () if status == _READY else (Caution(text="fix_network.busy", values={"name": name, "status": status}),)
