"""R52: a snapshot of a database, or of a cluster, that is shared with no other account any more, nor with everybody.

What another account has copied stays there. Source: botocore's model of rds; Amazon RDS User Guide, "Sharing a DB snapshot".
"""

from collections.abc import Sequence
from typing import Final

from sakimori.actions.resources.mended import changes_if_there, wanted_if_there
from sakimori.actions.resources.named_resource import Kind, owner, unless_others
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State, Step
from sakimori.model.action import Baseline, Call, Change, Risk
from sakimori.model.words import Scope

_ATTRIBUTE: Final = "restore"
_GETS: Final = ("rds:DescribeDBSnapshotAttributes", "rds:DescribeDBClusterSnapshotAttributes")
_MODIFIES: Final = ("rds:ModifyDBSnapshotAttribute", "rds:ModifyDBClusterSnapshotAttribute")
_KIND: Final = Kind(service="rds", call=_GETS[0], pattern=r"(cluster-)?snapshot:[A-Za-z][A-Za-z0-9-]{0,254}")


def _parts(name: str) -> tuple[bool, str, str]:
    """Whether it is of a cluster, the word for it in the calls, and its name."""
    kind, _, identifier = name.partition(":")
    is_of_cluster = kind.startswith("cluster-")
    return is_of_cluster, "DBClusterSnapshot" if is_of_cluster else "DBSnapshot", identifier


def _read(site: Site, name: str) -> State | None:
    is_of_cluster, word, identifier = _parts(name)
    absent = ("DBClusterSnapshotNotFoundFault", "DBSnapshotNotFound")
    answer = site.call(_GETS[is_of_cluster], absent, **{f"{word}Identifier": identifier})
    if answer is None:
        return None
    told = answer[f"{word}AttributesResult"].get(f"{word}Attributes") or ()
    shared = {
        str(who) for each in told if each["AttributeName"] == _ATTRIBUTE for who in each.get("AttributeValues") or ()
    }
    return {"shared": sorted(shared)}


def _wanted(_site: Site, _state: State) -> State:
    return {"shared": []}


def _towards(site: Site, now: State, target: State) -> Sequence[Change]:
    _, _, identifier = _parts(_KIND.name(site))
    gone = [each for each in now["shared"] if each not in target["shared"]]
    come = [each for each in target["shared"] if each not in now["shared"]]
    ways = (("ValuesToRemove", "ValuesToAdd", gone, "respond_steps.unshared"), ("ValuesToAdd", "ValuesToRemove", come, "respond_steps.shared"))  # fmt: skip
    return [
        Change(
            name=there, call=_call(site, there, names), undo=(_call(site, back, names),), text=text,
            values={"name": identifier, "who": names},
        )
        for there, back, names, text in ways if names
    ]  # fmt: skip


def _call(site: Site, way: str, names: Sequence[str]) -> Call:
    is_of_cluster, word, identifier = _parts(_KIND.name(site))
    named = {f"{word}Identifier": identifier, "AttributeName": _ATTRIBUTE, way: list(names)}
    return Call(operation=_MODIFIES[is_of_cluster], region=site.region, parameters=named)


def _cautions(site: Site, state: State) -> Sequence[Caution]:
    values = {"name": _parts(_KIND.name(site))[2], "who": state["shared"]}
    return (Caution(text="respond_steps.snapshot_unshared_copies", values=values),)


STEP: Final = Step(
    id="database-snapshot-unshared",
    order=4110,
    texts="respond_steps.database_snapshot_unshared",
    scope=Scope.REGION,
    baseline=Baseline.STARTER,
    risk=Risk.MEDIUM,
    reads=_GETS,
    writes=_MODIFIES,
    read=unless_others(_KIND, _read),
    wanted=wanted_if_there(_wanted),
    towards=changes_if_there(_towards),
    owner=owner,
    cautions=_cautions,
    of_resources=True,
)
