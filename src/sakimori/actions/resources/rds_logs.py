"""The main log of one database, sent to CloudWatch Logs: the log in which its engine writes sign-ins and errors.

The state has that one log by its name; what is on its way counts as there. Source: botocore's model of rds
(CloudwatchLogsExportConfiguration: always applied at once; PendingCloudwatchLogsExports).
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State
from sakimori.collect.declaration import Context
from sakimori.collect.rds.logs import main_log
from sakimori.model.action import Quantity

RESIDUE: Final = ("aws_logs_group *:log-group:/aws/rds/*",)
"""Groups of logs that were made stay with what was written."""
_AUDIT: Final = "audit"


def main_log_state(site: Site, found: Mapping[str, Any]) -> State:
    """Whether the main log is sent; empty for an engine of which no log is known that could be."""
    context = Context(partition=site.account.partition, account_id=site.account.id, region=site.region)
    name = main_log(dict(found), context)
    if name is None:
        return {}
    pending = (found.get("PendingModifiedValues") or {}).get("PendingCloudwatchLogsExports") or {}
    sent = {*(found.get("EnabledCloudwatchLogsExports") or ()), *(pending.get("LogTypesToEnable") or ())}
    return {name: name in sent - {*(pending.get("LogTypesToDisable") or ())}}


def export_of(key: str, target: State) -> Mapping[str, Any]:
    """The parameter that turns the log of this name on or off, as the target says."""
    return {"CloudwatchLogsExportConfiguration": {"EnableLogTypes" if target[key] else "DisableLogTypes": [key]}}


def audit_needs_parameter(name: str, state: State) -> Sequence[Caution]:
    """That an audit log must be turned on in the engine too, or nothing is sent."""
    return (Caution(text="fix_network.audit_needs_parameter", values={"name": name}),) if _AUDIT in state else ()


def costs(_site: Site, _state: State) -> Sequence[Quantity]:
    """What is sent is billed by volume, which nobody knows before."""
    return (Quantity("cloudwatch.logs_gb", None),)
