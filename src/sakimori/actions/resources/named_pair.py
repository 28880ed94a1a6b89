"""A resource and one thing of it, named together: the ARN, a bar, and the thing. A user and a policy, a role and a principal."""

from collections.abc import Sequence
from dataclasses import replace

from sakimori.actions.looking import looked
from sakimori.actions.resources.iam_principal import Holder, cannot_be_edited, not_the_caller
from sakimori.actions.resources.mended import GONE, not_this
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State

BAR = "|"


def first_of(site: Site) -> Site:
    """The same place, of the resource alone."""
    return replace(site, resource=site.resource.partition(BAR)[0])


def second_of(site: Site) -> str:
    """What is named after the bar, "" where nothing is."""
    return site.resource.partition(BAR)[2]


def holder_of(site: Site, *holders: Holder) -> Holder:
    """Which of these kinds the resource is of; Refusal where it is of none."""
    kind = first_of(site).resource.split(":")[-1].partition("/")[0]
    for each in holders:
        if each.kind.prefix == f"{kind}/":
            return each
    raise not_this(site, holders[0].kind.call)


def others_or_gone(site: Site, holder: Holder) -> State | None:
    """The state of what is another account's, or not there; None for what is there and our own."""
    first = first_of(site)
    others = holder.kind.state_of_others(first)
    if others is not None:
        return others
    return None if holder.is_there(site, holder.name(first)) else GONE


def before_holder_loses(site: Site, _state: State) -> Sequence[Caution]:
    """What holds back taking a policy from a holder, it is the one who asks, or nobody may edit it; and that it may have had it before."""
    arn = first_of(site).resource
    return (
        *looked(lambda: not_the_caller(site, arn), lambda: cannot_be_edited(arn)),
        had_before(site, "respond_steps.policy_had_before"),
    )


def had_before(site: Site, text: str) -> Caution:
    """That what a thief gave the holder may have been the holder's own.

    Who has it already is given it again without an error, and the event is the same. Source: IAM API reference,
    AttachUserPolicy and AddUserToGroup (neither has an error for what is there already).
    """
    holder, given = first_of(site).resource.rpartition("/")[2], second_of(site).rpartition("/")[2]
    return Caution(text=text, values={"name": holder, "given": given})
