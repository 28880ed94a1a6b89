"""One database cluster cannot be deleted before that is allowed: Security Hub RDS.7."""

from typing import Final

from sakimori.actions.resources.rds_setting import CLUSTER, all_true
from sakimori.actions.resources.setting import Setting, setting_step

STEP: Final = setting_step(
    Setting(
        id="database-cluster-deletion-protected",
        order=1100,
        texts="fix_network.cluster_deletion",
        rules=("aws.rds.cluster-deletion-protected",),
        kind=CLUSTER.kind,
        reads=(CLUSTER.kind.call,),
        writes=(CLUSTER.modify,),
        read=CLUSTER.flag("DeletionProtection"),
        safe=all_true,
        put=CLUSTER.put,
        cautions=CLUSTER.busy,
    )
)
