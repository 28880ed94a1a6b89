"""The policy of one resource without the statements that let everybody in. Those for somebody who was chosen stay."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from sakimori.actions.resources.named_resource import Kind, is_there, owner, unless_others
from sakimori.actions.resources.policy_statements import (
    Policy,
    brought,
    chosen,
    policy_in,
    policy_text,
    with_statements,
)
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State, Step
from sakimori.collect.policy_document import Statement, statements_of
from sakimori.collect.policy_reach import is_public
from sakimori.model.action import Approval, Baseline, Call, Change, Risk
from sakimori.model.words import Scope

OWNER_SID: Final = "sakimori-owner"
"""The statement that stands for the owner where what is left of a policy is not enough."""


def _no_statement(_site: Site) -> Policy | None:
    return None


def _nothing_left(_site: Site, kept: Sequence[Statement], _gone: Sequence[Statement]) -> bool:
    return not kept


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyHolder:
    """A kind of resource that has a policy.

    `read` gives the policy's text, "" where there is none, None where there is no such resource. `put` is the call that
    sets a text, or takes the policy away for "". `least` is the statement that stands where those that are kept are not
    enough; its Sid is OWNER_SID. `needs_least` says where that is, from those that are kept and those that go.
    """

    id: str
    order: int
    texts: str
    rules: tuple[str, ...]
    kind: Kind
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    read: Callable[[Site, str], str | None]
    put: Callable[[Site, str, str], Call]
    least: Callable[[Site], Policy | None] = _no_statement
    needs_least: Callable[[Site, Sequence[Statement], Sequence[Statement]], bool] = _nothing_left
    risk: Risk = Risk.MEDIUM
    approval: Approval = Approval.SINGLE


def open_policy_step(holder: PolicyHolder) -> Step:
    """The step that takes out what lets everybody in, and puts it back."""

    def read(site: Site, name: str) -> State | None:
        text = holder.read(site, name)
        return None if text is None else {"policy": policy_in(text, holder.kind.call) if text else None}

    def wanted(site: Site, state: State) -> State:
        if not is_there(state):
            return state
        gone, kept = chosen(state["policy"], _is_open), chosen(state["policy"], _is_open, others=True)
        if not gone:
            return state
        least = holder.least(site)
        if least and holder.needs_least(site, statements_of({"Statement": kept}), statements_of({"Statement": gone})):
            kept.append(least)
        return {"policy": with_statements(state["policy"], kept)}

    def towards(site: Site, now: State, target: State) -> Sequence[Change]:
        if not is_there(now) or not is_there(target):
            return ()
        is_changed, policy = brought(now["policy"], target["policy"], _is_of_the_fix)
        if not is_changed:
            return ()
        name = holder.kind.name(site)
        call, back = (holder.put(site, name, policy_text(each) if each else "") for each in (policy, now["policy"]))
        gone = sorted(_words(each) for each in chosen(now["policy"], _is_open))
        come = sorted(_words(each) for each in chosen(policy, _is_open))
        text, moved = ("fix_data.open_policy_closed", gone) if gone else ("fix_data.open_policy_opened", come)
        return (Change(name="policy", call=call, undo=(back,), text=text, values={"name": name, "actions": moved}),)

    def cautions(site: Site, _state: State) -> Sequence[Caution]:
        return (Caution(text="fix_data.open_policy_callers", values={"name": holder.kind.name(site)}),)

    return Step(
        id=holder.id, order=holder.order, texts=holder.texts, scope=Scope.REGION, baseline=Baseline.STARTER,
        risk=holder.risk, approval=holder.approval, rules=holder.rules, reads=holder.reads, writes=holder.writes,
        read=unless_others(holder.kind, read), wanted=wanted, towards=towards, owner=owner, cautions=cautions, of_resources=True,
    )  # fmt: skip


def _is_open(statement: Statement) -> bool:
    return is_public(statement) is True


def _is_of_the_fix(statement: Statement) -> bool:
    return _is_open(statement) or statement.sid == OWNER_SID


def _words(statement: Policy) -> str:
    """What a statement allows, as a plan shows it."""
    found = statement.get("Action", statement.get("NotAction", ""))
    return ", ".join(map(str, found)) if isinstance(found, list) else str(found)
