"""HB31: what must not be lost is backed up by a plan, and a restore was tried.

Backups by other means are not seen, so a missing plan is not AWS's No; and a plan that nobody ever restored from is only
a hope: either way a person vouches for the restore. Source: AWS Backup Developer Guide, "Managing backups using backup plans".
"""

from typing import Final

from sakimori.actions.site import Site
from sakimori.actions.step import Guide
from sakimori.model.action import Baseline

_PLANS: Final = "backup:ListBackupPlans"
_SELECTIONS: Final = "backup:ListBackupSelections"


def _holds(site: Site) -> bool | None:
    return True if any(_has_plan(site.at(region)) for region in site.account.selected) else None


def _has_plan(site: Site) -> bool:
    """A plan to which something is assigned."""
    plans = site.all_of(_PLANS, "BackupPlansList")
    return any(site.all_of(_SELECTIONS, "BackupSelectionsList", BackupPlanId=each["BackupPlanId"]) for each in plans)


GUIDE: Final = Guide(
    id="HB31",
    order=310,
    texts="harden_guides.hb31",
    baseline=Baseline.STRICT,
    rules=("aws.backup.plan-exists",),
    question="restore-drill-done",
    reads=(_PLANS, _SELECTIONS),
    holds=_holds,
)
