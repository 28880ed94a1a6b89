"""Settings of one database of RDS, or of Aurora, Neptune and DocumentDB, which answer the same calls.

None of these settings needs `ApplyImmediately`, which would also make other changes that wait for the maintenance window:
RDS carries them out at once whatever it says. Source: botocore's model of rds (ModifyDBInstance, ModifyDBCluster); Amazon
RDS User Guide, "Settings for DB instances".
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from sakimori.actions.resources.named_resource import Kind
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State
from sakimori.model.action import Call

DESCRIBE: Final = "rds:DescribeDBInstances"
MODIFY: Final = "rds:ModifyDBInstance"
DESCRIBE_CLUSTERS: Final = "rds:DescribeDBClusters"
MODIFY_CLUSTER: Final = "rds:ModifyDBCluster"
_IDENTIFIER: Final = r"[A-Za-z][A-Za-z0-9-]{0,62}"
INSTANCE: Final = Kind(service="rds", call=DESCRIBE, prefix="db:", pattern=_IDENTIFIER)
CLUSTER: Final = Kind(service="rds", call=DESCRIBE_CLUSTERS, prefix="cluster:", pattern=_IDENTIFIER)
_READY: Final = "available"
BUSY: Final = ("InvalidDBInstanceState", "InvalidDBClusterStateFault")
"""RDS refuses a call while it still carries out the one before; whether that was the same one, the next reading says."""


def instance_of(site: Site, name: str) -> Mapping[str, Any] | None:
    """The instance as AWS tells of it; None where it is not there any more."""
    answer = site.call(DESCRIBE, ("DBInstanceNotFound",), DBInstanceIdentifier=name)
    return next(iter((answer or {}).get("DBInstances") or ()), None)


def cluster_of(site: Site, name: str) -> Mapping[str, Any] | None:
    """The cluster as AWS tells of it; None where it is not there any more."""
    answer = site.call(DESCRIBE_CLUSTERS, ("DBClusterNotFoundFault",), DBClusterIdentifier=name)
    return next(iter((answer or {}).get("DBClusters") or ()), None)


def flag_of(find: Callable[[Site, str], Mapping[str, Any] | None], key: str) -> Callable[[Site, str], State | None]:
    """Reads the one flag that AWS names so."""

    def read(site: Site, name: str) -> State | None:
        found = find(site, name)
        return None if found is None else {key: bool(found.get(key))}

    return read


def put_instance(site: Site, name: str, key: str, target: State) -> Call:
    """The call that gives an instance this value."""
    parameters = {"DBInstanceIdentifier": name, key: target[key]}
    return Call(operation=MODIFY, region=site.region, parameters=parameters, settled=BUSY)


def put_cluster(site: Site, name: str, key: str, target: State) -> Call:
    """The call that gives a cluster this value."""
    parameters = {"DBClusterIdentifier": name, key: target[key]}
    return Call(operation=MODIFY_CLUSTER, region=site.region, parameters=parameters, settled=BUSY)


def busy(name: str, status: str) -> Sequence[Caution]:
    """That AWS may refuse the change as long as the database is not ready."""
    if status == _READY:
        return ()
    return (Caution(text="fix_network.busy", values={"name": name, "status": status}),)


def busy_instance(site: Site, name: str, _state: State) -> Sequence[Caution]:
    """The same, of an instance."""
    return busy(name, str((instance_of(site, name) or {}).get("DBInstanceStatus")))


def busy_cluster(site: Site, name: str, _state: State) -> Sequence[Caution]:
    """The same, of a cluster."""
    return busy(name, str((cluster_of(site, name) or {}).get("Status")))
