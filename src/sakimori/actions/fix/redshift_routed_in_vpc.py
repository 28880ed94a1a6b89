"""What one cluster of Redshift copies in and out goes through its VPC: Security Hub Redshift.7.

The cluster restarts, and COPY and UNLOAD need a way to S3 from then on. Source: botocore's model of redshift (ModifyCluster,
EnhancedVpcRouting); Amazon Redshift Management Guide, "Enhanced VPC routing".
"""

from collections.abc import Sequence
from typing import Final

from sakimori.actions.looking import looked
from sakimori.actions.resources.redshift_setting import CLUSTER, DESCRIBE, MODIFY, busy, cluster_of, modify
from sakimori.actions.resources.setting import Setting, setting_step
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State
from sakimori.model.action import Call, Risk

_KEY: Final = "EnhancedVpcRouting"
_ENDPOINTS: Final = "ec2:DescribeVpcEndpoints"


def _read(site: Site, name: str) -> State | None:
    found = cluster_of(site, name)
    return None if found is None else {_KEY: bool(found.get(_KEY))}


def _put(site: Site, name: str, _key: str, target: State) -> Call:
    return modify(site, name, {_KEY: target[_KEY]})


def _cautions(site: Site, name: str, _state: State) -> Sequence[Caution]:
    found = cluster_of(site, name) or {}
    restart = Caution(text="fix_network.redshift_restarts", values={"name": name})
    return [*busy(name, found), restart, *looked(lambda: _way(site, name, str(found.get("VpcId") or "")))]


def _way(site: Site, name: str, vpc: str) -> Sequence[Caution]:
    """Whether the VPC has an endpoint of S3: without one, a NAT gateway must be the way, and that is billed."""
    filters = [{"Name": "vpc-id", "Values": [vpc]}]
    names = [each.get("ServiceName", "") for each in site.all_of(_ENDPOINTS, "VpcEndpoints", Filters=filters)]
    if any(each.endswith(f".{site.region}.s3") for each in names):
        return ()
    return (Caution(text="fix_network.no_s3_endpoint", values={"name": name, "vpc": vpc or "-"}),)


STEP: Final = setting_step(
    Setting(
        id="redshift-routed-in-vpc",
        order=1130,
        texts="fix_network.redshift_routed",
        rules=("aws.redshift.cluster-enhanced-vpc-routing",),
        kind=CLUSTER,
        reads=(DESCRIBE, _ENDPOINTS),
        writes=(MODIFY,),
        read=_read,
        safe={_KEY: True},
        put=_put,
        cautions=_cautions,
        risk=Risk.MEDIUM,
    )
)
