"""One database instance takes minor versions of its engine by itself: Security Hub RDS.13.

Instances of RDS Custom and of DocumentDB are left alone, as the rule does. An upgrade that was made stays after an undo:
only the switch goes back. Source: botocore's model of rds (ModifyDBInstance, AutoMinorVersionUpgrade).
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sakimori.actions.resources.rds_setting import INSTANCE, all_true, is_custom
from sakimori.actions.resources.setting import Setting, setting_step
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State
from sakimori.model.action import Risk


def _is_left_out(instance: Mapping[str, Any]) -> bool:
    return is_custom(instance) or instance.get("Engine") == "docdb"


def _cautions(site: Site, name: str, state: State) -> Sequence[Caution]:
    window = str((INSTANCE.found(site, name) or {}).get("PreferredMaintenanceWindow"))
    restart = Caution(text="fix_network.minor_upgrade_restarts", values={"name": name, "window": window})
    return [*INSTANCE.busy(site, name, state), restart]


STEP: Final = setting_step(
    Setting(
        id="minor-upgrades-automatic",
        order=1110,
        texts="fix_network.minor_upgrades",
        rules=("aws.rds.instance-minor-upgrades-automatic",),
        kind=INSTANCE.kind,
        reads=(INSTANCE.kind.call,),
        writes=(INSTANCE.modify,),
        read=INSTANCE.flag("AutoMinorVersionUpgrade", left_out=_is_left_out),
        safe=all_true,
        put=INSTANCE.put,
        cautions=_cautions,
        risk=Risk.MEDIUM,
    )
)
