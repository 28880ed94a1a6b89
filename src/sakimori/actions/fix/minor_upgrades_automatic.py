"""One database instance takes minor versions of its engine by itself: Security Hub RDS.13.

Instances of RDS Custom and of DocumentDB are left alone, as the rule does. An upgrade that was made stays after an undo:
only the switch goes back. Source: botocore's model of rds (ModifyDBInstance, AutoMinorVersionUpgrade).
"""

from collections.abc import Sequence
from typing import Final

from sakimori.actions.resources.rds_setting import DESCRIBE, INSTANCE, MODIFY, busy_instance, instance_of, put_instance
from sakimori.actions.resources.setting import Setting, setting_step
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State
from sakimori.model.action import Risk

_FLAG: Final = "AutoMinorVersionUpgrade"


def _read(site: Site, name: str) -> State | None:
    found = instance_of(site, name)
    if found is None:
        return None
    engine = str(found.get("Engine"))
    return {} if engine.startswith("custom-") or engine == "docdb" else {_FLAG: bool(found.get(_FLAG))}


def _cautions(site: Site, name: str, state: State) -> Sequence[Caution]:
    window = str((instance_of(site, name) or {}).get("PreferredMaintenanceWindow"))
    restart = Caution(text="fix_network.minor_upgrade_restarts", values={"name": name, "window": window})
    return [*busy_instance(site, name, state), restart]


STEP: Final = setting_step(
    Setting(
        id="minor-upgrades-automatic",
        order=1110,
        texts="fix_network.minor_upgrades",
        rules=("aws.rds.instance-minor-upgrades-automatic",),
        kind=INSTANCE,
        reads=(DESCRIBE,),
        writes=(MODIFY,),
        read=_read,
        safe=lambda state: dict.fromkeys(state, True),
        put=put_instance,
        cautions=_cautions,
        risk=Risk.MEDIUM,
    )
)
