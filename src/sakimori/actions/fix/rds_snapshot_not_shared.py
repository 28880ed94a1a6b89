"""One database snapshot is not shared with everybody: Security Hub RDS.1. Accounts that it is shared with stay.

Snapshots of instances and of clusters (Aurora, Neptune, DocumentDB) have the same attribute, read and put by calls of
their own. Source: botocore's model of rds; Amazon RDS User Guide, "Sharing a DB snapshot".
"""

from collections.abc import Sequence
from typing import Final

from sakimori.actions.resources.named_resource import Kind
from sakimori.actions.resources.setting import Setting, setting_step
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State
from sakimori.model.action import Approval, Call, Risk

_GET: Final = "rds:DescribeDBSnapshotAttributes"
_GET_OF_CLUSTER: Final = "rds:DescribeDBClusterSnapshotAttributes"
_MODIFY: Final = "rds:ModifyDBSnapshotAttribute"
_MODIFY_OF_CLUSTER: Final = "rds:ModifyDBClusterSnapshotAttribute"
_CLUSTER: Final = "cluster-snapshot"
_ATTRIBUTE: Final = "restore"
_EVERYBODY: Final = ["all"]


def _parts(name: str) -> tuple[bool, str]:
    kind, _, identifier = name.partition(":")
    return kind == _CLUSTER, identifier


def _read(site: Site, name: str) -> State | None:
    is_of_cluster, identifier = _parts(name)
    if is_of_cluster:
        absent = ("DBClusterSnapshotNotFoundFault",)
        answer = site.call(_GET_OF_CLUSTER, absent, DBClusterSnapshotIdentifier=identifier)
        result, listed = "DBClusterSnapshotAttributesResult", "DBClusterSnapshotAttributes"
    else:
        answer = site.call(_GET, ("DBSnapshotNotFound",), DBSnapshotIdentifier=identifier)
        result, listed = "DBSnapshotAttributesResult", "DBSnapshotAttributes"
    if answer is None:
        return None
    told = {each["AttributeName"]: each.get("AttributeValues") or () for each in answer[result][listed]}
    return {_ATTRIBUTE: _EVERYBODY if "all" in told.get(_ATTRIBUTE, ()) else []}


def _put(site: Site, name: str, _key: str, target: State) -> Call:
    is_of_cluster, identifier = _parts(name)
    values = {"ValuesToAdd" if target[_ATTRIBUTE] else "ValuesToRemove": _EVERYBODY}
    named = {"DBClusterSnapshotIdentifier" if is_of_cluster else "DBSnapshotIdentifier": identifier}
    return Call(
        operation=_MODIFY_OF_CLUSTER if is_of_cluster else _MODIFY,
        region=site.region,
        parameters={**named, "AttributeName": _ATTRIBUTE, **values},
    )


def _cautions(_site: Site, name: str, _state: State) -> Sequence[Caution]:
    return (Caution(text="fix_network.was_public", values={"name": name}),)


STEP: Final = setting_step(
    Setting(
        id="rds-snapshot-not-shared",
        order=1070,
        texts="fix_network.rds_snapshot",
        rules=("aws.rds.snapshot-private", "aws.rds.cluster-snapshot-private"),
        kind=Kind(service="rds", call=_GET, pattern=r"(cluster-)?snapshot:[A-Za-z][A-Za-z0-9-]{0,254}"),
        reads=(_GET, _GET_OF_CLUSTER),
        writes=(_MODIFY, _MODIFY_OF_CLUSTER),
        read=_read,
        safe={_ATTRIBUTE: []},
        put=_put,
        cautions=_cautions,
        risk=Risk.MEDIUM,
        approval=Approval.TWO_PERSON,
    )
)
