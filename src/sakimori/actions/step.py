"""What a step is: a state that is read, a state that is wanted, and one way from any state to any other.

Applying a step goes from what is there to what is wanted; undoing it goes from what is there to what was there before.
Both are the same function, so what can be set up can be taken back. A guide is a step that only a person can make.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sakimori.actions.site import Site
from sakimori.actions.terraform import Resource
from sakimori.model.account import Account
from sakimori.model.action import Approval, Baseline, Call, Change, Quantity, Risk
from sakimori.model.words import GLOBAL, Scope

State = Mapping[str, Any]
"""Plain JSON values in normal form: two states of which no person could tell the difference are equal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caution:
    """Something that a person must know before: a catalogue id with values. `blocks` says that the step is not made with it."""

    text: str
    values: Mapping[str, Any] = field(default_factory=dict[str, Any])
    blocks: bool = False


def _nothing(_site: Site, _state: State) -> Sequence[Caution]:
    return ()


def _nobody(_state: State) -> str:
    return ""


def _free(_site: Site, _state: State) -> Sequence[Quantity]:
    return ()


def _lacks_nothing(_site: Site) -> str:
    return ""


def _is_free(_site: Site, _before: State, _now: State) -> None:
    return


def _is_over(_site: Site, _call: Call, _answer: Mapping[str, Any]) -> bool:
    return True


def _loses_nothing(_site: Site, _before: State, _now: State) -> str:
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One measure. Its sentences are `<texts>_title` and `<texts>_why` of the catalogue."""

    id: str
    """HB.. of the baseline; of what mends single resources the name of its module with dashes."""
    order: int
    """Its place in a plan: 10, 20, …"""
    texts: str
    scope: Scope
    baseline: Baseline
    risk: Risk = Risk.NONE
    approval: Approval = Approval.SINGLE
    rules: tuple[str, ...] = ()
    """The posture rules that hold once it is made."""
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    """All operations that it may call."""
    permissions: tuple[str, ...] = ()
    """The IAM actions that these need besides their own, such as `iam:PassRole`."""
    read: Callable[[Site], State]
    """Raises Refusal where the state cannot be known: then nothing is planned."""
    wanted: Callable[[Site, State], State]
    """The state to reach from one that is there; itself where it is as wanted already."""
    towards: Callable[[Site, State, State], Sequence[Change]]
    """The changes from one state to another, in their order, empty where they are the same.

    It looks at the two states, not at the wishes, and may read ids that a state leaves out.
    """
    lacks: Callable[[Site], str] = _lacks_nothing
    """The id of the sentence that says what the owner must say first, "" where nothing is lacking."""
    owner: Callable[[State], str] = _nobody
    """Who manages what is there, "" for the owner of the account: what others manage is adopted and left alone."""
    cautions: Callable[[Site, State], Sequence[Caution]] = _nothing
    """What the changes may break; may read more."""
    faults: Callable[[Site, State], Sequence[Caution]] = _nothing
    """What does not work of what is there and no change of this step mends; told also where nothing is to be changed."""
    costs: Callable[[Site, State], Sequence[Quantity]] = _free
    """The priced things that it adds in a month."""
    loses: Callable[[Site, State, State], str] = _loses_nothing
    """From before and now: what must be typed before an undo throws data away, "" where it throws nothing away; may read more."""
    let_go: Callable[[Site, State, State], None] = _is_free
    """From before and now: raises Refusal where something still needs what an undo takes away. Asked right before the undo
    of this place, when what rests on it is taken back already, and not when the undo is shown."""
    has_ended: Callable[[Site, Call, Mapping[str, Any]], bool] = _is_over
    """From a call and its answer: whether what it began in the background is over. It is asked until it is, as long as a change
    may take; raises Refusal where AWS says that it failed."""
    residue: tuple[str, ...] = ()
    """Patterns `<table> <key>` of rows that stay after an undo, such as service-linked roles."""
    shown_within: float = 31.0
    """So many seconds AWS may take to show a change."""
    terraform: Callable[[Site, State], Sequence[Resource]] | None = None
    """The resources that make the wanted state; None where code cannot say it."""
    of_resources: bool = False
    """It is made for single resources, which somebody names."""

    @property
    def is_free(self) -> bool:
        """Whether it never costs anything."""
        return self.costs is _free

    def regions(self, account: Account) -> tuple[str, ...]:
        """Where it is made, unless it is made for single resources."""
        return account.selected if self.scope is Scope.REGION else (GLOBAL,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Guide:
    """A measure that no API can make. Its sentences are `<texts>_title`, `_why` and `_screens`, a numbered list."""

    id: str
    order: int
    texts: str
    baseline: Baseline
    rules: tuple[str, ...] = ()
    question: str = ""
    """The attestation by which a person vouches for it, "" where AWS's word is enough."""
    reads: tuple[str, ...] = ()
    holds: Callable[[Site], bool | None] = lambda _site: None
    """Asks AWS whether it is done; None where no API says."""
