"""One database cluster cannot be deleted before that is allowed: Security Hub RDS.7."""

from typing import Final

from sakimori.actions.resources.rds_setting import (
    CLUSTER,
    DESCRIBE_CLUSTERS,
    MODIFY_CLUSTER,
    busy_cluster,
    cluster_of,
    flag_of,
    put_cluster,
)
from sakimori.actions.resources.setting import Setting, setting_step

STEP: Final = setting_step(
    Setting(
        id="database-cluster-deletion-protected",
        order=1100,
        texts="fix_network.cluster_deletion",
        rules=("aws.rds.cluster-deletion-protected",),
        kind=CLUSTER,
        reads=(DESCRIBE_CLUSTERS,),
        writes=(MODIFY_CLUSTER,),
        read=flag_of(cluster_of, "DeletionProtection"),
        safe={"DeletionProtection": True},
        put=put_cluster,
        cautions=busy_cluster,
    )
)
