"""Sessions that were given out before an instant and work no longer, as the console's "Revoke active sessions" makes it.

The console writes an inline policy into the role that denies everything where `aws:TokenIssueTime` is before the instant.
What a session was given afterwards works, and long-term keys, whose requests have no such key, work too. A policy of this
name with an earlier instant is replaced, and is what an undo puts back. Source: IAM User Guide, "Revoke IAM role temporary
security credentials" and "AWS global condition context keys" (aws:TokenIssueTime).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, cast

from sakimori.actions.looking import looked
from sakimori.actions.resources import iam_principal
from sakimori.actions.resources.cutoff import cutoff_of, keep_until, lacks_cutoff, parse_instant
from sakimori.actions.resources.iam_principal import CALLER, Holder, parsed
from sakimori.actions.resources.mended import GONE, changes_if_there, wanted_if_there
from sakimori.actions.resources.named_resource import owner, unless_others
from sakimori.actions.resources.policy_statements import all_statements, normal_policy, policy_text
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State, Step
from sakimori.model.action import Baseline, Change, Risk
from sakimori.model.words import Scope

POLICY: Final = "AWSRevokeOlderSessions"
_KEY: Final = "aws:TokenIssueTime"


@dataclass(frozen=True, slots=True, kw_only=True)
class Revoked:
    """The step for users or for roles; `longest` is how long a session lives at most, `besides` are what else it may break."""

    id: str
    order: int
    texts: str
    holder: Holder
    longest: timedelta
    besides: Callable[[Site, str], Sequence[Caution]]
    reads: tuple[str, ...] = ()

    def read(self, site: Site, _name: str) -> State:
        """The policy of this name, word by word."""
        name = self.holder.name(site)
        return {"policy": self.holder.written(site, name, POLICY)} if self.holder.is_there(site, name) else GONE

    def wanted(self, site: Site, state: State) -> State:
        """One that revokes up to the wished instant, or later."""
        cutoff, there = cutoff_of(site), revoked_before(state["policy"])
        if cutoff is None or (there is not None and there >= cutoff):
            return state
        return {"policy": policy_text(revocation(cutoff))}

    def towards(self, site: Site, now: State, target: State) -> Sequence[Change]:
        """The one change of the policy."""
        text = "respond_steps.sessions_revoked" if target["policy"] else "respond_steps.inline_gone"
        return (self.holder.written_change(site, POLICY, (now["policy"], target["policy"]), text),)

    def cautions(self, site: Site, state: State) -> Sequence[Caution]:
        """Who would be locked out, what cannot be edited or has no room, and what stops."""
        name, text = self.holder.name(site), self.wanted(site, state)["policy"]

        def full() -> Sequence[Caution]:
            if self.holder.has_room(site, name, POLICY, text):
                return ()
            return (Caution(text="respond_steps.no_room", values={"name": name}, blocks=True),)

        return looked(
            lambda: iam_principal.not_the_caller(site, site.resource),
            lambda: iam_principal.cannot_be_edited(site.resource),
            full,
            lambda: self.besides(site, name),
        )

    def let_go(self, site: Site, before: State, now: State) -> None:
        """Refusal while a session of before the instant may live."""
        if GONE in (before, now):
            return
        cutoff, earlier = revoked_before(now["policy"]), revoked_before(before["policy"])
        if cutoff is not None and (earlier is None or earlier < cutoff):
            keep_until(site, self.holder.written_calls[1], cutoff, self.longest)


def revocation(cutoff: datetime) -> Mapping[str, Any]:
    """The document, in the words of the console's."""
    condition = {"DateLessThan": {_KEY: f"{cutoff:%Y-%m-%dT%H:%M:%SZ}"}}
    statement = {"Effect": "Deny", "Action": ["*"], "Resource": ["*"], "Condition": condition}
    return {"Version": "2012-10-17", "Statement": [statement]}


def revoked_before(text: str | None) -> datetime | None:
    """The instant before which sessions are denied by this policy; None where it does not deny all of them."""
    document = parsed(text)
    for each in all_statements(normal_policy(document)) if document else ():
        condition = cast("Mapping[str, Any]", each.get("Condition") or {})
        keys = {key.lower(): value for key, value in (condition.get("DateLessThan") or {}).items()}
        moments = keys.get(_KEY.lower()) or [""]
        is_all = (each.get("Effect"), each.get("Action"), each.get("Resource")) == ("Deny", ["*"], ["*"])
        found = parse_instant(str(moments[0]))
        if is_all and found and len(condition) == len(keys) == len(moments) == 1:
            return found
    return None


def revoked_step(revoked: Revoked) -> Step:
    """The step that revokes the sessions of single users or roles by their time, and no longer."""
    holder = revoked.holder
    return Step(
        id=revoked.id, order=revoked.order, texts=revoked.texts, scope=Scope.ACCOUNT, baseline=Baseline.STARTER,
        risk=Risk.HIGH, reads=(*holder.reads, CALLER, *revoked.reads), writes=holder.written_calls,
        read=unless_others(holder.kind, revoked.read), wanted=wanted_if_there(revoked.wanted),
        towards=changes_if_there(revoked.towards), lacks=lacks_cutoff, owner=owner, cautions=revoked.cautions,
        let_go=revoked.let_go, of_resources=True,
    )  # fmt: skip
