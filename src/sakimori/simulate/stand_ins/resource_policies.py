"""Policies of vaults (AWS Backup, S3 Glacier), which moto does not keep, and of Glue's catalog where there is none."""

from collections.abc import Mapping
from typing import Any, Final

from moto.backup.models import backup_backends
from moto.glacier.models import glacier_backends
from moto.glue.models import glue_backends

from sakimori.simulate.call import Answer, ServiceError
from sakimori.simulate.stand_ins.form import Desk, StandIn


def _backup_vault(desk: Desk) -> tuple[str, str, str]:
    name = str(desk.parameters()["BackupVaultName"])
    if name not in backup_backends[desk.state.account_id][desk.call.region].vaults:
        raise ServiceError("ResourceNotFoundException", f"Backup Vault {name} cannot be found.", 400)
    return "backup", desk.call.region, name


def _glacier_vault(desk: Desk) -> tuple[str, str, str]:
    name = str(desk.parameters()["vaultName"])
    if name not in glacier_backends[desk.state.account_id][desk.call.region].vaults:
        raise ServiceError("ResourceNotFoundException", f"Vault not found for ARN: {name}", 404)
    return "glacier", desk.call.region, name


def put_backup_policy(desk: Desk) -> Mapping[str, Any]:
    """Who may use the vault."""
    desk.state.services.vault_policies[_backup_vault(desk)] = str(desk.parameters().get("Policy") or "")
    return {}


def backup_policy(desk: Desk) -> Mapping[str, Any]:
    """The policy; a vault without one is answered with an error."""
    place = _backup_vault(desk)
    policy = desk.state.services.vault_policies.get(place)
    if not policy:
        raise ServiceError("ResourceNotFoundException", "The backup vault has no access policy.", 400)
    return {"BackupVaultName": place[2], "Policy": policy}


def delete_backup_policy(desk: Desk) -> Mapping[str, Any]:
    """Nobody but the account itself any more."""
    desk.state.services.vault_policies.pop(_backup_vault(desk), None)
    return {}


def set_glacier_policy(desk: Desk) -> Mapping[str, Any]:
    """Who may use the vault."""
    told = desk.parameters().get("policy") or {}
    desk.state.services.vault_policies[_glacier_vault(desk)] = str(told.get("Policy") or "")
    return {}


def glacier_policy(desk: Desk) -> Mapping[str, Any]:
    """The policy; a vault without one is answered with an error."""
    policy = desk.state.services.vault_policies.get(_glacier_vault(desk))
    if not policy:
        raise ServiceError("ResourceNotFoundException", "No vault access policy is set for the vault.", 404)
    return {"policy": {"Policy": policy}}


def delete_glacier_policy(desk: Desk) -> Mapping[str, Any]:
    """Nobody but the account itself any more."""
    desk.state.services.vault_policies.pop(_glacier_vault(desk), None)
    return {}


def glue_policy(desk: Desk) -> Answer:
    """Moto's policy; it answers with nothing where there is none, which AWS does not."""
    backend: Any = glue_backends[desk.state.account_id][desk.call.region]
    arn = desk.parameters().get("ResourceArn") or backend.default_catalog_arn
    if arn not in backend.resource_policies:
        raise ServiceError("EntityNotFoundException", "Policy not found", 400)
    return desk.moto()


STAND_INS: Final[Mapping[str, StandIn]] = {
    "backup:DeleteBackupVaultAccessPolicy": delete_backup_policy,
    "backup:GetBackupVaultAccessPolicy": backup_policy,
    "backup:PutBackupVaultAccessPolicy": put_backup_policy,
    "glacier:DeleteVaultAccessPolicy": delete_glacier_policy,
    "glacier:GetVaultAccessPolicy": glacier_policy,
    "glacier:SetVaultAccessPolicy": set_glacier_policy,
    "glue:GetResourcePolicy": glue_policy,
}
