"""One database instance cannot be deleted before that is allowed: Security Hub RDS.8.

Instances of a cluster are protected with it: for those there is nothing to set. Source: botocore's model of rds
(ModifyDBInstance, DeletionProtection: not for Aurora).
"""

from typing import Final

from sakimori.actions.resources.rds_setting import DESCRIBE, INSTANCE, MODIFY, busy_instance, instance_of, put_instance
from sakimori.actions.resources.setting import Setting, setting_step
from sakimori.actions.site import Site
from sakimori.actions.step import State

_FLAG: Final = "DeletionProtection"


def _read(site: Site, name: str) -> State | None:
    found = instance_of(site, name)
    if found is None:
        return None
    return {} if found.get("DBClusterIdentifier") else {_FLAG: bool(found.get(_FLAG))}


STEP: Final = setting_step(
    Setting(
        id="database-deletion-protected",
        order=1090,
        texts="fix_network.database_deletion",
        rules=("aws.rds.instance-deletion-protected",),
        kind=INSTANCE,
        reads=(DESCRIBE,),
        writes=(MODIFY,),
        read=_read,
        safe=lambda state: dict.fromkeys(state, True),
        put=put_instance,
        cautions=busy_instance,
    )
)
