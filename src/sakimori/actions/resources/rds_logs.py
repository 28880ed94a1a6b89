"""The main log of one database, sent to CloudWatch Logs: the log in which its engine writes sign-ins and errors.

The state has that one log by its name; what is on its way counts as there. Source: botocore's model of rds
(CloudwatchLogsExportConfiguration: always applied at once; PendingCloudwatchLogsExports).
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sakimori.actions.resources.rds_setting import CLUSTER, Database, all_true, is_custom, is_of_cluster
from sakimori.actions.resources.setting import Setting, setting_step
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State, Step
from sakimori.collect.declaration import Context
from sakimori.collect.rds.logs import main_log
from sakimori.model.action import Call, Quantity

_RESIDUE: Final = ("aws_logs_group *:log-group:/aws/rds/*",)
"""Groups of logs that were made stay with what was written."""
_AUDIT: Final = "audit"


def logs_exported_step(identifier: str, texts: str, order: int, rule: str, database: Database) -> Step:
    """The step that has the main log sent: of clusters, and of instances that send their own."""

    def read(site: Site, name: str) -> State | None:
        found = database.found(site, name)
        if found is None:
            return None
        return _main_log_state(site, found) if database is CLUSTER or _sends_its_own(found) else {}

    def put(site: Site, name: str, key: str, target: State) -> Call:
        kind = "EnableLogTypes" if target[key] else "DisableLogTypes"
        return database.modified(site, name, {"CloudwatchLogsExportConfiguration": {kind: [key]}})

    def cautions(site: Site, name: str, state: State) -> Sequence[Caution]:
        return [*database.busy(site, name, state), *_audit_needs_parameter(name, state)]

    return setting_step(
        Setting(
            id=identifier, order=order, texts=texts, rules=(rule,), kind=database.kind, reads=(database.kind.call,),
            writes=(database.modify,), read=read, safe=all_true, put=put, cautions=cautions, costs=_costs, residue=_RESIDUE,
        )
    )  # fmt: skip


def _sends_its_own(instance: Mapping[str, Any]) -> bool:
    return not is_of_cluster(instance) and not is_custom(instance)


def _main_log_state(site: Site, found: Mapping[str, Any]) -> State:
    """Whether the main log is sent; empty for an engine of which no log is known that could be."""
    context = Context(partition=site.account.partition, account_id=site.account.id, region=site.region)
    name = main_log(dict(found), context)
    if name is None:
        return {}
    pending = (found.get("PendingModifiedValues") or {}).get("PendingCloudwatchLogsExports") or {}
    sent = {*(found.get("EnabledCloudwatchLogsExports") or ()), *(pending.get("LogTypesToEnable") or ())}
    return {name: name in sent - {*(pending.get("LogTypesToDisable") or ())}}


def _audit_needs_parameter(name: str, state: State) -> Sequence[Caution]:
    """That an audit log must be turned on in the engine too, or nothing is sent."""
    return (Caution(text="fix_network.audit_needs_parameter", values={"name": name}),) if _AUDIT in state else ()


def _costs(_site: Site, _state: State) -> Sequence[Quantity]:
    """What is sent is billed by volume, which nobody knows before."""
    return (Quantity("cloudwatch.logs_gb", None),)
