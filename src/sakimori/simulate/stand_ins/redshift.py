"""Redshift's parameter groups, whose values moto cannot change, and the end of audit logs."""

from collections.abc import Mapping
from typing import Any, Final

from moto.redshift.models import RedshiftBackend, redshift_backends

from sakimori.simulate.call import ServiceError
from sakimori.simulate.stand_ins.form import Desk, StandIn

_OF_AWS: Final = "default."


def modify_parameters(desk: Desk) -> Mapping[str, Any]:
    """Set values of a group of one's own; AWS's default groups refuse it. They hold from the next restart on.

    Source: Redshift Management Guide, "Amazon Redshift parameter groups".
    """
    asked = desk.parameters()
    name = str(asked["ParameterGroupName"])
    _require_group(desk, name)
    if name.startswith(_OF_AWS):
        raise ServiceError("InvalidClusterParameterGroupState", "The default parameter group cannot be modified.", 400)
    known = _backend(desk).default_params
    wanted = {each["ParameterName"]: each["ParameterValue"] for each in asked["Parameters"]}
    if unknown := sorted(wanted.keys() - known.keys()):
        raise ServiceError("InvalidParameterValue", f"Unknown parameter {unknown[0]}.", 400)
    with desk.state.lock:
        desk.state.redshift_parameters.setdefault((desk.call.region, name), {}).update(wanted)
    return {"ParameterGroupName": name, "ParameterGroupStatus": "Your parameter group has been updated."}


def parameters(desk: Desk) -> Mapping[str, Any]:
    """All parameters of a group; `Source` user gives those that were set, engine-default the others."""
    asked = desk.parameters()
    name = str(asked["ParameterGroupName"])
    _require_group(desk, name)
    own = desk.state.redshift_parameters.get((desk.call.region, name), {})
    values = {**_backend(desk).default_params, **own}
    found = [
        {"ParameterName": key, "ParameterValue": value, "Source": "user" if key in own else "engine-default"}
        for key, value in sorted(values.items())
    ]
    wanted = asked.get("Source")
    return {"Parameters": [each for each in found if wanted in (None, each["Source"])]}


def disable_logging(desk: Desk) -> Mapping[str, Any]:
    """Stop the audit logs; moto would go on naming where they went."""
    name = str(desk.parameters()["ClusterIdentifier"])
    cluster = _backend(desk).clusters.get(name)
    if cluster is None:
        raise ServiceError("ClusterNotFound", f"Cluster {name} not found.", 404)
    cluster.logging_details.clear()
    cluster.logging_details["LoggingEnabled"] = "false"
    return {"LoggingEnabled": False}


STAND_INS: Final[Mapping[str, StandIn]] = {
    "redshift:DescribeClusterParameters": parameters,
    "redshift:DisableLogging": disable_logging,
    "redshift:ModifyClusterParameterGroup": modify_parameters,
}


def _backend(desk: Desk) -> RedshiftBackend:
    return redshift_backends[desk.state.account_id][desk.call.region]


def _require_group(desk: Desk, name: str) -> None:
    if name not in _backend(desk).parameter_groups:
        raise ServiceError("ClusterParameterGroupNotFound", "Parameter group not found.", 404)
