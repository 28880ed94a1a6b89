"""One resource that is ended or deleted for good. There is no way back: the plan says why, and what it was is evidence before.

An undo changes nothing and says that the place is not as before.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sakimori.actions.resources.mended import GONE
from sakimori.actions.resources.named_resource import Kind, is_there, owner, unless_others
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State, Step
from sakimori.model.action import Approval, Baseline, Call, Change, Risk
from sakimori.model.words import Scope

_LONGEST: Final = 120


def _no_caution(_site: Site, _name: str, _state: State) -> Sequence[Caution]:
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """What ends one kind of resource.

    `read` gives what is there of the resource of this name, None where nothing is left to end. `calls` are those that end
    it, in their order, from what was read; AWS may have ended a part of it already, so each names the codes that say so.
    `verb` is `ended` or `erased`, by which its sentence is chosen; `lasting` the sentence why there is no way back.
    """

    id: str
    order: int
    texts: str
    kind: Kind
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    read: Callable[[Site, str], State | None]
    calls: Callable[[Site, str, State], Sequence[Call]]
    verb: str = "ended"
    lasting: str = ""
    cautions: Callable[[Site, str, State], Sequence[Caution]] = _no_caution
    scope: Scope = Scope.REGION
    risk: Risk = Risk.HIGH
    approval: Approval = Approval.SINGLE
    permissions: tuple[str, ...] = ()
    shown_within: float = 31.0


def ending_step(ending: Ending) -> Step:
    """The step that ends the single resources that somebody names."""

    def wanted(_site: Site, state: State) -> State:
        return GONE if is_there(state) else state

    def towards(site: Site, now: State, target: State) -> Sequence[Change]:
        if not is_there(now) or target != GONE:
            return ()
        name = ending.kind.name(site)
        calls = ending.calls(site, name, now)
        return [_change(ending, name, call, number) for number, call in enumerate(calls)]

    def cautions(site: Site, state: State) -> Sequence[Caution]:
        return ending.cautions(site, ending.kind.name(site), state)

    return Step(
        id=ending.id, order=ending.order, texts=ending.texts, scope=ending.scope, baseline=Baseline.STARTER,
        risk=ending.risk, approval=ending.approval, reads=ending.reads, writes=ending.writes,
        permissions=ending.permissions, read=unless_others(ending.kind, ending.read), wanted=wanted, towards=towards,
        owner=owner, cautions=cautions, shown_within=ending.shown_within, of_resources=True,
    )  # fmt: skip


def _change(ending: Ending, name: str, call: Call, number: int) -> Change:
    operation = call.operation.partition(":")[2]
    values = {"name": name[:_LONGEST], "operation": operation, "what": _named(call.parameters)}
    return Change(
        name=f"{number} {operation}", call=call, text=f"respond_steps.{ending.verb}", values=values,
        lasting=ending.lasting or f"respond_steps.{ending.verb}_lasting",
    )  # fmt: skip


def _named(parameters: Mapping[str, Any]) -> str:
    """What the call names, for a person: its short values."""
    words = [each for value in parameters.values() for each in (value if isinstance(value, list) else [value])]
    return ", ".join(each[:_LONGEST] for each in words if isinstance(each, str))
