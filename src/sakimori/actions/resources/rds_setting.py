"""Settings of one database of RDS, or of Aurora, Neptune and DocumentDB, which answer the same calls.

None of these settings needs `ApplyImmediately`, which would also make other changes that wait for the maintenance window:
RDS carries them out at once whatever it says. Source: botocore's model of rds (ModifyDBInstance, ModifyDBCluster); Amazon
RDS User Guide, "Settings for DB instances".
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sakimori.actions.resources.named_resource import Kind
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State
from sakimori.model.action import Call

_IDENTIFIER: Final = r"[A-Za-z][A-Za-z0-9-]{0,62}"
_READY: Final = "available"
_BUSY: Final = ("InvalidDBInstanceState", "InvalidDBClusterStateFault")
"""RDS refuses a call while it still carries out the one before; whether that was the same one, the next reading says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """Instances or clusters: the operations that read and change one, and how these name it."""

    kind: Kind
    modify: str
    parameter: str
    listed: str
    status: str
    absent: str

    def found(self, site: Site, name: str) -> Mapping[str, Any] | None:
        """It as AWS tells of it; None where it is not there any more."""
        answer = site.call(self.kind.call, (self.absent,), **{self.parameter: name})
        return next(iter((answer or {}).get(self.listed) or ()), None)

    def put(self, site: Site, name: str, key: str, target: State) -> Call:
        """The call that gives it the value that stands under this key."""
        return self.modified(site, name, {key: target[key]})

    def modified(self, site: Site, name: str, values: Mapping[str, Any]) -> Call:
        """The call that changes it so."""
        return Call(
            operation=self.modify, region=site.region, parameters={self.parameter: name, **values}, settled=_BUSY
        )  # fmt: skip

    def flag(
        self, key: str, left_out: Callable[[Mapping[str, Any]], bool] = lambda _: False
    ) -> Callable[[Site, str], State | None]:
        """Reads the one flag that AWS names so; nothing where it is `left_out`, for there it is not to be set."""

        def read(site: Site, name: str) -> State | None:
            found = self.found(site, name)
            if found is None:
                return None
            return {} if left_out(found) else {key: bool(found.get(key))}

        return read

    def busy(self, site: Site, name: str, _state: State) -> Sequence[Caution]:
        """That AWS may refuse the change as long as it is not ready."""
        status = str((self.found(site, name) or {}).get(self.status))
        return () if status == _READY else (Caution(text="fix_network.busy", values={"name": name, "status": status}),)


INSTANCE: Final = Database(
    kind=Kind(service="rds", call="rds:DescribeDBInstances", prefix="db:", pattern=_IDENTIFIER),
    modify="rds:ModifyDBInstance",
    parameter="DBInstanceIdentifier",
    listed="DBInstances",
    status="DBInstanceStatus",
    absent="DBInstanceNotFound",
)
CLUSTER: Final = Database(
    kind=Kind(service="rds", call="rds:DescribeDBClusters", prefix="cluster:", pattern=_IDENTIFIER),
    modify="rds:ModifyDBCluster",
    parameter="DBClusterIdentifier",
    listed="DBClusters",
    status="Status",
    absent="DBClusterNotFoundFault",
)


def is_of_cluster(instance: Mapping[str, Any]) -> bool:
    """Whether the instance belongs to a cluster, with which it is set."""
    return bool(instance.get("DBClusterIdentifier"))


def is_custom(instance: Mapping[str, Any]) -> bool:
    """Whether it is of RDS Custom, where its owner and not RDS sets such things."""
    return str(instance.get("Engine")).startswith("custom-")


def all_true(state: State) -> State:
    """The same flags, all set; none where none is to be set."""
    return dict.fromkeys(state, True)
