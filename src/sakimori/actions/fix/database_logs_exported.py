"""The main log of one database instance is sent to CloudWatch Logs: Security Hub RDS.9.

Instances of a cluster send theirs with it, and RDS Custom sends none. Source: see rds_logs.
"""

from collections.abc import Sequence
from typing import Final

from sakimori.actions.resources.rds_logs import RESIDUE, audit_needs_parameter, costs, export_of, main_log_state
from sakimori.actions.resources.rds_setting import BUSY, DESCRIBE, INSTANCE, MODIFY, busy_instance, instance_of
from sakimori.actions.resources.setting import Setting, setting_step
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State
from sakimori.model.action import Call


def _read(site: Site, name: str) -> State | None:
    found = instance_of(site, name)
    if found is None:
        return None
    is_left_out = found.get("DBClusterIdentifier") or str(found.get("Engine")).startswith("custom-")
    return {} if is_left_out else main_log_state(site, found)


def _put(site: Site, name: str, key: str, target: State) -> Call:
    parameters = {"DBInstanceIdentifier": name, **export_of(key, target)}
    return Call(operation=MODIFY, region=site.region, parameters=parameters, settled=BUSY)


def _cautions(site: Site, name: str, state: State) -> Sequence[Caution]:
    return [*busy_instance(site, name, state), *audit_needs_parameter(name, state)]


STEP: Final = setting_step(
    Setting(
        id="database-logs-exported",
        order=1190,
        texts="fix_network.database_logs",
        rules=("aws.rds.instance-logs-exported",),
        kind=INSTANCE,
        reads=(DESCRIBE,),
        writes=(MODIFY,),
        read=_read,
        safe=lambda state: dict.fromkeys(state, True),
        put=_put,
        cautions=_cautions,
        costs=costs,
        residue=RESIDUE,
    )
)
