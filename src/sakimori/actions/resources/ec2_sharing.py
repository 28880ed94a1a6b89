"""One image or snapshot of EC2 is not shared with everybody. Accounts and organisations that it is shared with stay."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sakimori.actions.looking import looked
from sakimori.actions.resources.named_resource import Kind
from sakimori.actions.resources.setting import Setting, setting_step
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State, Step
from sakimori.model.action import Approval, Call, Risk

_EVERYBODY: Final = ["all"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """A kind of resource that is shared by an attribute: `parameter` names one, `listed` is where the answer says with whom.

    `change` are the parameters that let everybody in, or no longer. `block` is the call that says whether the Region keeps
    everybody out, under `block_key`: then a way back is refused.
    """

    id: str
    order: int
    texts: str
    rule: str
    kind: Kind
    modify: str
    parameter: str
    attribute: str
    listed: str
    absent: tuple[str, ...]
    change: Callable[[bool], Mapping[str, Any]]
    block: str
    block_key: str


def not_shared_step(shared: Shared) -> Step:
    """The step that takes the share with everybody back, and gives it again."""

    def read(site: Site, name: str) -> State | None:
        answer = site.call(shared.kind.call, shared.absent, **{shared.parameter: name, "Attribute": shared.attribute})
        if answer is None:
            return None
        groups = {each.get("Group") for each in answer.get(shared.listed) or ()}
        return {shared.attribute: _EVERYBODY if "all" in groups else []}

    def put(site: Site, name: str, key: str, target: State) -> Call:
        parameters = {shared.parameter: name, **shared.change(bool(target[key]))}
        return Call(operation=shared.modify, region=site.region, parameters=parameters)

    def cautions(site: Site, name: str, _state: State) -> Sequence[Caution]:
        def block() -> Sequence[Caution]:
            is_blocked = (site.call(shared.block) or {}).get(shared.block_key) not in (None, "unblocked")
            return (Caution(text="fix_network.sharing_blocked", values={"name": name}),) if is_blocked else ()

        return (Caution(text="fix_network.was_public", values={"name": name}), *looked(block))

    return setting_step(
        Setting(
            id=shared.id, order=shared.order, texts=shared.texts, rules=(shared.rule,), kind=shared.kind,
            reads=(shared.kind.call, shared.block), writes=(shared.modify,), read=read, safe={shared.attribute: []},
            put=put, cautions=cautions, risk=Risk.MEDIUM, approval=Approval.TWO_PERSON,
        )
    )  # fmt: skip
