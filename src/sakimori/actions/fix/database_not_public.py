"""One database instance has no public address: Security Hub RDS.2.

Its name then resolves to a private address from outside too. Source: botocore's model of rds (ModifyDBInstance,
PubliclyAccessible: applied at once whatever ApplyImmediately says).
"""

from collections.abc import Sequence
from typing import Final

from sakimori.actions.looking import looked
from sakimori.actions.resources.rds_setting import INSTANCE
from sakimori.actions.resources.security_group_rules import RULES, outsiders_of
from sakimori.actions.resources.setting import Setting, setting_step
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State
from sakimori.model.action import Risk


def _cautions(site: Site, name: str, state: State) -> Sequence[Caution]:
    listed = (INSTANCE.found(site, name) or {}).get("VpcSecurityGroups") or ()
    groups = [each["VpcSecurityGroupId"] for each in listed]
    return [*INSTANCE.busy(site, name, state), *looked(lambda: outsiders_of(site, name, groups))]


STEP: Final = setting_step(
    Setting(
        id="database-not-public",
        order=1080,
        texts="fix_network.database_public",
        rules=("aws.rds.instance-not-public",),
        kind=INSTANCE.kind,
        reads=(INSTANCE.kind.call, RULES),
        writes=(INSTANCE.modify,),
        read=INSTANCE.flag("PubliclyAccessible"),
        safe={"PubliclyAccessible": False},
        put=INSTANCE.put,
        cautions=_cautions,
        risk=Risk.MEDIUM,
    )
)
