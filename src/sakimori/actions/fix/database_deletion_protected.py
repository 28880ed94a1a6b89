"""One database instance cannot be deleted before that is allowed: Security Hub RDS.8.

Instances of a cluster are protected with it: for those there is nothing to set. Source: botocore's model of rds
(ModifyDBInstance, DeletionProtection: not for Aurora).
"""

from typing import Final

from sakimori.actions.resources.rds_setting import INSTANCE, all_true, is_of_cluster
from sakimori.actions.resources.setting import Setting, setting_step

STEP: Final = setting_step(
    Setting(
        id="database-deletion-protected",
        order=1090,
        texts="fix_network.database_deletion",
        rules=("aws.rds.instance-deletion-protected",),
        kind=INSTANCE.kind,
        reads=(INSTANCE.kind.call,),
        writes=(INSTANCE.modify,),
        read=INSTANCE.flag("DeletionProtection", left_out=is_of_cluster),
        safe=all_true,
        put=INSTANCE.put,
        cautions=INSTANCE.busy,
    )
)
