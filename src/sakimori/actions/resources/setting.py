"""A plain setting of one resource: read, put, and put back. Most fixes of single resources are no more than this."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from sakimori.actions.resources.named_resource import Kind, is_there, owner, unless_others
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State, Step
from sakimori.model.action import Approval, Baseline, Call, Change, Quantity, Risk
from sakimori.model.words import Scope

_NOTHING = "-"


def _no_caution(_site: Site, _name: str, _state: State) -> Sequence[Caution]:
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What is set of one kind of resource. The state has one key for each thing that one call sets, named as AWS names it.

    `read` gives that state of the resource of this name, None where it is not there any more. `safe` are the values to
    reach, or a function from what is there to all that is to be there. `put` is the call that brings what stands under
    this key of the state to the value in `target`; `settled` codes in it mean that it is so already. `cautions` are asked
    only where something would change. The others are as in `Step`.
    """

    id: str
    order: int
    texts: str
    rules: tuple[str, ...]
    kind: Kind
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    read: Callable[[Site, str], State | None]
    safe: State | Callable[[State], State]
    put: Callable[[Site, str, str, State], Call]
    cautions: Callable[[Site, str, State], Sequence[Caution]] = _no_caution
    costs: Callable[[Site, State], Sequence[Quantity]] | None = None
    risk: Risk = Risk.LOW
    approval: Approval = Approval.SINGLE
    residue: tuple[str, ...] = ()


def setting_step(setting: Setting) -> Step:
    """The step that makes this setting safe for the single resources that somebody names, and puts it back."""

    def wanted(_site: Site, state: State) -> State:
        if not is_there(state):
            return state
        return {**state, **setting.safe} if isinstance(setting.safe, Mapping) else setting.safe(state)

    def towards(site: Site, now: State, target: State) -> Sequence[Change]:
        if not is_there(now) or not is_there(target):
            return ()
        name = setting.kind.name(site)
        return [
            Change(
                name=key,
                call=setting.put(site, name, key, target),
                undo=(setting.put(site, name, key, now),),
                text="fix_network.setting",
                values={"name": name, "setting": key, "before": _shown(now.get(key)), "after": _shown(value)},
            )
            for key, value in target.items()
            if now.get(key) != value
        ]

    def cautions(site: Site, state: State) -> Sequence[Caution]:
        return setting.cautions(site, setting.kind.name(site), state)

    step = Step(
        id=setting.id, order=setting.order, texts=setting.texts, scope=Scope.REGION, baseline=Baseline.STARTER,
        risk=setting.risk, approval=setting.approval, rules=setting.rules, reads=setting.reads, writes=setting.writes,
        read=unless_others(setting.kind, setting.read), wanted=wanted, towards=towards, owner=owner, cautions=cautions, residue=setting.residue,
        of_resources=True,
    )  # fmt: skip
    return step if setting.costs is None else replace(step, costs=setting.costs)


def _shown(value: Any) -> object:
    """A value as a plan shows it: nothing as a dash, a structure by its entries."""
    if value is None or value in ([], {}, ""):
        return _NOTHING
    if isinstance(value, Mapping):
        return [f"{key}: {each}" for key, each in cast("Mapping[str, Any]", value).items()]
    return value
