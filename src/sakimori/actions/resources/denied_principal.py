"""A user or a role that may do nothing any more: a policy that denies everything, for a long-term key and for every session.

It is written into the user or role itself. Where the characters of inline policies do not suffice, which a thief may see
to, AWS's own AWSDenyAll is attached. A denial is kept while a stolen session may live, or, of a user, until sessions of
before are denied by their time. Source: IAM User Guide, "Disabling permissions for temporary security credentials" (what
a user's policies deny is denied to the sessions that the user gave out).
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from sakimori.actions.identity.iam_role import aws_policy
from sakimori.actions.looking import looked
from sakimori.actions.resources import iam_principal
from sakimori.actions.resources.cutoff import cutoff_of, keep_until
from sakimori.actions.resources.iam_principal import CALLER, Holder, parsed
from sakimori.actions.resources.mended import GONE, changes_if_there, wanted_if_there
from sakimori.actions.resources.named_resource import owner, unless_others
from sakimori.actions.resources.policy_statements import normal_policy, policy_text
from sakimori.actions.resources.revoked_sessions import POLICY as REVOKED
from sakimori.actions.resources.revoked_sessions import revoked_before
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State, Step
from sakimori.aws.refusal import Refusal
from sakimori.model.action import Approval, Baseline, Change, Risk
from sakimori.model.words import Scope

SID: Final = "SakimoriDenyAll"
DENIAL: Final[dict[str, Any]] = {
    "Version": "2012-10-17",
    "Statement": [{"Sid": SID, "Effect": "Deny", "Action": "*", "Resource": "*"}],
}
_TEXT: Final = policy_text(DENIAL)
_MANAGED: Final = "AWSDenyAll"
_CASE: Final = re.compile(r"[A-Za-z0-9-]{1,60}\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Denied:
    """The step for users or for roles; `besides` are what else it may break.

    One that is not `written` only attaches AWSDenyAll: that is what a responder may do who can give nobody any right.
    """

    id: str
    order: int
    texts: str
    holder: Holder
    longest: timedelta
    besides: Callable[[Site, str], Sequence[Caution]]
    reads: tuple[str, ...] = ()
    is_written: bool = True
    approval: Approval = Approval.SINGLE

    def read(self, site: Site, _name: str) -> State:
        """Our policy, word by word, and whether AWS's is attached."""
        name = self.holder.name(site)
        if not self.holder.is_there(site, name):
            return GONE
        is_named = self.is_written and not lacks_case(site)
        written = self.holder.written(site, name, policy_name(site)) if is_named else None
        return {"written": written, "attached": aws_policy(site, _MANAGED) in self.holder.attached(site, name)}

    def wanted(self, site: Site, state: State) -> State:
        """Ours where it fits, else AWS's."""
        if is_denied(state):
            return state
        if self.is_written and (_fits(site, self.holder) or not self.holder.may_attach(site, self.holder.name(site))):
            return {**state, "written": _TEXT}
        return {**state, "attached": True}

    def towards(self, site: Site, now: State, target: State) -> Sequence[Change]:
        """One change for each of the two that differs."""
        found: list[Change] = []
        if now["written"] != target["written"]:
            text = "respond_steps.inline_put" if target["written"] else "respond_steps.inline_gone"
            states = (now["written"], target["written"])
            found.append(self.holder.written_change(site, policy_name(site), states, text))
        if now["attached"] != target["attached"]:
            text = "respond_steps.policy_attached" if target["attached"] else "respond_steps.policy_detached"
            arn = aws_policy(site, _MANAGED)
            found.append(self.holder.attached_change(site, arn, text, is_attached=target["attached"]))
        return found

    def cautions(self, site: Site, state: State) -> Sequence[Caution]:
        """Who would be locked out, what cannot be edited or has no room, and what stops."""
        return looked(
            lambda: iam_principal.not_the_caller(site, site.resource),
            lambda: iam_principal.cannot_be_edited(site.resource),
            lambda: _full(site, state, self),
            lambda: self.besides(site, self.holder.name(site)),
        )

    def let_go(self, site: Site, before: State, now: State) -> None:
        """Refusal while a stolen session may live that nothing else denies."""
        if GONE in (before, now) or is_denied(before) or not is_denied(now):
            return
        name, cutoff = self.holder.name(site), cutoff_of(site)
        swapped = revoked_before(self.holder.written(site, name, REVOKED))
        if cutoff is None or swapped is None or swapped < cutoff:
            keep_until(site, self.holder.written_calls[1], cutoff, self.longest)


def policy_name(site: Site) -> str:
    """The name of what an incident writes into users and roles."""
    return f"SakimoriQuarantine-{site.wishes.case}"


def lacks_case(site: Site) -> str:
    """For `Step.lacks`: the incident must have a name, for it stands in the policy's."""
    return "" if _CASE.match(site.wishes.case) else "respond_steps.no_case"


def is_denied(state: State) -> bool:
    """Whether nothing is allowed any more by this state."""
    return bool(state["attached"]) or normal_policy(parsed(state["written"])) == normal_policy(DENIAL)


def denied_step(denied: Denied) -> Step:
    """The step that denies everything to single users or roles, and no longer."""
    holder = denied.holder
    return Step(
        id=denied.id, order=denied.order, texts=denied.texts, scope=Scope.ACCOUNT, baseline=Baseline.STARTER,
        risk=Risk.HIGH, approval=denied.approval, reads=(*holder.reads, CALLER, *denied.reads),
        writes=(*(holder.written_calls if denied.is_written else ()), *holder.attached_calls),
        lacks=lacks_case if denied.is_written else _lacks_nothing, read=unless_others(holder.kind, denied.read),
        wanted=wanted_if_there(denied.wanted), towards=changes_if_there(denied.towards), owner=owner,
        cautions=denied.cautions, let_go=denied.let_go, of_resources=True,
    )  # fmt: skip


def _lacks_nothing(_site: Site) -> str:
    return ""


def _fits(site: Site, holder: Holder) -> bool:
    """Whether the inline policy fits; where nobody may look it is tried, for AWS says so if it does not."""
    try:
        return holder.has_room(site, holder.name(site), policy_name(site), _TEXT)
    except Refusal:
        return True


def _full(site: Site, state: State, denied: Denied) -> Sequence[Caution]:
    """That neither an inline policy fits nor another can be attached: something must be taken off first."""
    name = denied.holder.name(site)
    has_room = denied.is_written and denied.holder.has_room(site, name, policy_name(site), _TEXT)
    if is_denied(state) or has_room or denied.holder.may_attach(site, name):
        return ()
    return (Caution(text="respond_steps.no_room", values={"name": name}, blocks=True),)


def not_frozen(site: Site, holder: Holder) -> Sequence[Caution]:
    """That a user or role is not denied everything yet: who may still act while it is taken apart could undo it."""
    name = holder.name(site)
    written = None if lacks_case(site) else holder.written(site, name, policy_name(site))
    attached = aws_policy(site, _MANAGED) in holder.attached(site, name)
    if is_denied({"written": written, "attached": attached}):
        return ()
    return (Caution(text="respond_steps.not_frozen", values={"name": name}, blocks=True),)
