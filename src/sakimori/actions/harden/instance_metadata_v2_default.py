"""HB19: instances that are launched from now on ask for a token at the metadata service.

What runs already is not touched, and a launch or a template that says otherwise wins over this default. Other defaults
of the metadata service stay as they are. What a declarative policy of the organisation manages is left to it.
Source: botocore's model of ec2; Amazon EC2 User Guide, "Configure the Instance Metadata Service options" (account-level
defaults, per Region).
"""

from collections.abc import Sequence
from typing import Final

from sakimori.actions.looking import looked
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State, Step
from sakimori.actions.terraform import Resource, identifier
from sakimori.model.action import Baseline, Call, Change, Risk
from sakimori.model.words import Scope

_GET: Final = "ec2:GetInstanceMetadataDefaults"
_MODIFY: Final = "ec2:ModifyInstanceMetadataDefaults"
_INSTANCES: Final = "ec2:DescribeInstances"
_NONE: Final = "no-preference"
_NO_HOPS: Final = -1
"""What the call takes for no preference of a number of hops."""
_OF_ACCOUNT: Final = "account"
_MOST_NAMED: Final = 10


def _read(site: Site) -> State:
    level = (site.call(_GET) or {}).get("AccountLevel") or {}
    return {
        "tokens": level.get("HttpTokens", _NONE),
        "hops": level.get("HttpPutResponseHopLimit", _NO_HOPS),
        "managed_by": level.get("ManagedBy") or _OF_ACCOUNT,
    }


def _wanted(_site: Site, state: State) -> State:
    if state["tokens"] == "required":
        return state
    # Two hops: a container asks through one more than its machine.
    return {**state, "tokens": "required", "hops": 2 if state["hops"] == _NO_HOPS else state["hops"]}


def _towards(site: Site, now: State, target: State) -> Sequence[Change]:
    if (now["tokens"], now["hops"]) == (target["tokens"], target["hops"]):
        return ()
    values = {"tokens": target["tokens"], "hops": target["hops"]}
    text = "harden_watch.hb19_tokens"
    return (Change(name="defaults", call=_call(site, target), undo=(_call(site, now),), text=text, values=values),)


def _call(site: Site, state: State) -> Call:
    parameters = {"HttpTokens": state["tokens"], "HttpPutResponseHopLimit": state["hops"]}
    return Call(operation=_MODIFY, region=site.region, parameters=parameters)


def _owner(state: State) -> str:
    return "" if state["managed_by"] == _OF_ACCOUNT else str(state["managed_by"])


def _cautions(site: Site, state: State) -> Sequence[Caution]:
    return looked(lambda: _without_tokens(site)) if state["tokens"] != "required" else ()


def _without_tokens(site: Site) -> Sequence[Caution]:
    """Machines that answer without a token today: others made like them will not."""
    alive = [{"Name": "instance-state-name", "Values": ["pending", "running", "stopping", "stopped"]}]
    names = sorted(
        each["InstanceId"]
        for found in site.all_of(_INSTANCES, "Reservations", Filters=alive)
        for each in found.get("Instances") or ()
        if (each.get("MetadataOptions") or {}).get("HttpTokens") == "optional"
    )
    values = {"count": len(names), "names": names[:_MOST_NAMED]}
    return [Caution(text="harden_watch.hb19_optional", values=values)] if names else []


def _terraform(site: Site, target: State) -> Sequence[Resource]:
    arguments = {"http_tokens": target["tokens"], "http_put_response_hop_limit": target["hops"]}
    name = identifier(site.region)
    return (
        Resource(type="aws_ec2_instance_metadata_defaults", name=name, arguments=arguments, region=site.region),
    )  # fmt: skip


STEP: Final = Step(
    id="HB19",
    order=190,
    texts="harden_watch.hb19",
    scope=Scope.REGION,
    baseline=Baseline.STARTER,
    risk=Risk.LOW,
    rules=("aws.ec2.imdsv2-account-default-required",),
    reads=(_GET, _INSTANCES),
    writes=(_MODIFY,),
    read=_read,
    wanted=_wanted,
    towards=_towards,
    owner=_owner,
    cautions=_cautions,
    terraform=_terraform,
)
