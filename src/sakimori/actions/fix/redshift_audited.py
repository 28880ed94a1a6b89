"""One cluster of Redshift sends its audit logs to CloudWatch Logs: Security Hub Redshift.4.

A cluster that writes them to S3 is left alone. The log of user activity also needs `enable_user_activity_logging` in the
parameter group. Source: botocore's model of redshift (EnableLogging, DisableLogging, DescribeLoggingStatus).
"""

from collections.abc import Sequence
from typing import Final

from sakimori.actions.resources.redshift_setting import CLUSTER, DESCRIBE, NOT_THERE, busy, cluster_of
from sakimori.actions.resources.setting import Setting, setting_step
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State
from sakimori.model.action import Call, Quantity

_STATUS: Final = "redshift:DescribeLoggingStatus"
_ENABLE: Final = "redshift:EnableLogging"
_DISABLE: Final = "redshift:DisableLogging"
_KEY: Final = "LoggingEnabled"
_KINDS: Final = ["connectionlog", "useractivitylog", "userlog"]


def _read(site: Site, name: str) -> State | None:
    answer = site.call(_STATUS, (NOT_THERE,), ClusterIdentifier=name)
    return None if answer is None else {_KEY: bool(answer.get(_KEY))}


def _put(site: Site, name: str, _key: str, target: State) -> Call:
    named = {"ClusterIdentifier": name}
    if not target[_KEY]:
        return Call(operation=_DISABLE, region=site.region, parameters=named)
    where = {"LogDestinationType": "cloudwatch", "LogExports": _KINDS}
    return Call(operation=_ENABLE, region=site.region, parameters={**named, **where})


def _cautions(site: Site, name: str, _state: State) -> Sequence[Caution]:
    note = Caution(text="fix_network.redshift_activity", values={"name": name})
    return [*busy(name, cluster_of(site, name) or {}), note]


def _costs(_site: Site, _state: State) -> Sequence[Quantity]:
    return (Quantity("cloudwatch.logs_gb", None),)


STEP: Final = setting_step(
    Setting(
        id="redshift-audited",
        order=1210,
        texts="fix_network.redshift_audit",
        rules=("aws.redshift.cluster-audit-logging",),
        kind=CLUSTER,
        reads=(_STATUS, DESCRIBE),
        writes=(_ENABLE, _DISABLE),
        read=_read,
        safe={_KEY: True},
        put=_put,
        cautions=_cautions,
        costs=_costs,
        residue=("aws_logs_group *:log-group:/aws/redshift/*",),
    )
)
