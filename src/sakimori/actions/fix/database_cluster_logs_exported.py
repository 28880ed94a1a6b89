"""The main log of one database cluster is sent to CloudWatch Logs: Security Hub RDS.34. Source: see rds_logs."""

from collections.abc import Sequence
from typing import Final

from sakimori.actions.resources.rds_logs import RESIDUE, audit_needs_parameter, costs, export_of, main_log_state
from sakimori.actions.resources.rds_setting import (
    BUSY,
    CLUSTER,
    DESCRIBE_CLUSTERS,
    MODIFY_CLUSTER,
    busy_cluster,
    cluster_of,
)
from sakimori.actions.resources.setting import Setting, setting_step
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State
from sakimori.model.action import Call


def _read(site: Site, name: str) -> State | None:
    found = cluster_of(site, name)
    return None if found is None else main_log_state(site, found)


def _put(site: Site, name: str, key: str, target: State) -> Call:
    parameters = {"DBClusterIdentifier": name, **export_of(key, target)}
    return Call(operation=MODIFY_CLUSTER, region=site.region, parameters=parameters, settled=BUSY)


def _cautions(site: Site, name: str, state: State) -> Sequence[Caution]:
    return [*busy_cluster(site, name, state), *audit_needs_parameter(name, state)]


STEP: Final = setting_step(
    Setting(
        id="database-cluster-logs-exported",
        order=1200,
        texts="fix_network.cluster_logs",
        rules=("aws.rds.cluster-logs-exported",),
        kind=CLUSTER,
        reads=(DESCRIBE_CLUSTERS,),
        writes=(MODIFY_CLUSTER,),
        read=_read,
        safe=lambda state: dict.fromkeys(state, True),
        put=_put,
        cautions=_cautions,
        costs=costs,
        residue=RESIDUE,
    )
)
