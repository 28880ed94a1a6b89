"""One cluster of Redshift has no public address: Security Hub Redshift.1.

A fixed address (Elastic IP) that it had is given back by an undo. Source: botocore's model of redshift (ModifyCluster,
PubliclyAccessible and ElasticIp).
"""

from collections.abc import Sequence
from typing import Any, Final

from sakimori.actions.looking import looked
from sakimori.actions.resources.redshift_setting import CLUSTER, DESCRIBE, MODIFY, busy, cluster_of, modify
from sakimori.actions.resources.security_group_rules import RULES, outsiders_of
from sakimori.actions.resources.setting import Setting, setting_step
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State
from sakimori.model.action import Call, Risk

_KEY: Final = "PubliclyAccessible"


def _read(site: Site, name: str) -> State | None:
    """Not public, or public with the fixed address that it has, "" for none."""
    found = cluster_of(site, name)
    if found is None:
        return None
    address = str((found.get("ElasticIpStatus") or {}).get("ElasticIp") or "")
    return {_KEY: {"ElasticIp": address} if found.get(_KEY) else None}


def _put(site: Site, name: str, _key: str, target: State) -> Call:
    public: dict[str, Any] | None = target[_KEY]
    if public is None:
        return modify(site, name, {_KEY: False})
    return modify(site, name, {_KEY: True, **{key: value for key, value in public.items() if value}})


def _cautions(site: Site, name: str, _state: State) -> Sequence[Caution]:
    found = cluster_of(site, name) or {}
    groups = [each["VpcSecurityGroupId"] for each in found.get("VpcSecurityGroups") or ()]
    return [*busy(name, found), *looked(lambda: outsiders_of(site, name, groups))]


STEP: Final = setting_step(
    Setting(
        id="redshift-not-public",
        order=1120,
        texts="fix_network.redshift_public",
        rules=("aws.redshift.cluster-not-public",),
        kind=CLUSTER,
        reads=(DESCRIBE, RULES),
        writes=(MODIFY,),
        read=_read,
        safe={_KEY: None},
        put=_put,
        cautions=_cautions,
        risk=Risk.MEDIUM,
    )
)
