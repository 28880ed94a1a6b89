"""What is assigned to the plans of AWS Backup; moto keeps plans without it."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import uuid4

from moto.backup.models import backup_backends

from sakimori.simulate.call import Answer, ServiceError
from sakimori.simulate.stand_ins.form import Desk, StandIn


def create_selection(desk: Desk) -> Mapping[str, Any]:
    """Assign resources to a plan, in the name of a role."""
    asked = desk.parameters()
    plan, selection = str(asked["BackupPlanId"]), asked["BackupSelection"]
    _require_plan(desk, plan)
    entry = {
        "SelectionId": str(uuid4()),
        "SelectionName": selection["SelectionName"],
        "BackupPlanId": plan,
        "CreationDate": desk.state.clock(),
        "IamRoleArn": selection["IamRoleArn"],
    }
    with desk.state.lock:
        own = desk.state.backup_selections.setdefault(plan, [])
        if any(each["SelectionName"] == entry["SelectionName"] for each in own):
            raise ServiceError("AlreadyExistsException", "Backup selection with the same name already exists.", 400)
        own.append(entry)
    return {name: entry[name] for name in ("SelectionId", "BackupPlanId", "CreationDate")}


def selections(desk: Desk) -> Mapping[str, Any]:
    """What is assigned to a plan."""
    plan = str(desk.parameters()["BackupPlanId"])
    _require_plan(desk, plan)
    return {"BackupSelectionsList": list(desk.state.backup_selections.get(plan, ()))}


def delete_selection(desk: Desk) -> Mapping[str, Any]:
    """Take one assignment away."""
    asked = desk.parameters()
    with desk.state.lock:
        own = desk.state.backup_selections.get(str(asked["BackupPlanId"]), [])
        kept = [each for each in own if each["SelectionId"] != asked["SelectionId"]]
        if len(kept) == len(own):
            raise ServiceError("ResourceNotFoundException", "Cannot find the selection.", 400)
        own[:] = kept
    return {}


def delete_plan(desk: Desk) -> Answer:
    """Moto's answer; a plan to which something is assigned is kept.

    Source: Backup API reference, DeleteBackupPlan.
    """
    if desk.state.backup_selections.get(str(desk.parameters()["BackupPlanId"])):
        raise ServiceError("InvalidRequestException", "Related backup plan selections must be deleted first.", 400)
    return desk.moto()


STAND_INS: Final[Mapping[str, StandIn]] = {
    "backup:CreateBackupSelection": create_selection,
    "backup:DeleteBackupPlan": delete_plan,
    "backup:DeleteBackupSelection": delete_selection,
    "backup:ListBackupSelections": selections,
}


def _require_plan(desk: Desk, plan: str) -> None:
    if plan not in backup_backends[desk.state.account_id][desk.call.region].plans:
        raise ServiceError("ResourceNotFoundException", f"Failed reading Backup plan with provided ID {plan}", 400)
