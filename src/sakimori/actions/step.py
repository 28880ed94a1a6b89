"""What a step is: a state that is read, a state that is wanted, and one way from any state to any other.

Applying a step goes from what is there to what is wanted; undoing it goes from what is there to what was there before.
Both are the same function, so what can be set up can be taken back.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sakimori.aws.door import Answer, Door
from sakimori.aws.refusal import Refusal
from sakimori.model.account import Account
from sakimori.model.action import Approval, Baseline, Change, Cost, Risk
from sakimori.model.words import GLOBAL, Scope

State = Mapping[str, Any]
"""Plain JSON values in normal form: two states of which no person could tell the difference are equal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where a step is read and made: one Region (or `global`) of one account."""

    door: Door
    region: str

    @property
    def account(self) -> Account:
        """The account."""
        return self.door.account

    def call(self, operation: str, absent: Iterable[str] = (), **parameters: object) -> Answer | None:
        """The answer; None where AWS says by one of the codes `absent` that it is not there. Refusal for any other refusal."""
        try:
            return self.door.call(operation, self.region, parameters)
        except Refusal as refusal:
            if refusal.code in tuple(absent):
                return None
            raise

    def all_of(self, operation: str, key: str, **parameters: object) -> list[Any]:
        """The items under `key` of all pages."""
        return [each for page in self.door.pages(operation, self.region, parameters) for each in page.get(key) or ()]


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


def _free(_state: State) -> Cost:
    return Cost()


def _loses_nothing(_before: State, _now: State) -> str:
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One measure. Its sentences are `harden.<id in lower case>_title`, `_why`, `_wanted`, `_undo`.

    `order` is its place in a plan (10, 20, …). `rules` are the posture rules that hold once it is made. `reads` and `writes`
    are all operations that it may call. `read` raises Refusal where the state cannot be known: then nothing is planned.
    `wanted` gives the state to reach from one that is there (itself where it is as wanted already). `towards` gives the
    changes from one state to another, in their order, empty where they are the same. `owner` names who manages what is
    there, "" for the owner of the account: what others manage is adopted and left alone. `cautions` may read more.
    `loses` names what must be typed before an undo throws data away, "" where it throws nothing away.
    """

    id: str
    order: int
    scope: Scope
    baseline: Baseline
    risk: Risk = Risk.NONE
    approval: Approval = Approval.SINGLE
    rules: tuple[str, ...] = ()
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    read: Callable[[Site], State]
    wanted: Callable[[Site, State], State]
    towards: Callable[[Site, State, State], Sequence[Change]]
    owner: Callable[[State], str] = _nobody
    cautions: Callable[[Site, State], Sequence[Caution]] = _nothing
    cost: Callable[[State], Cost] = _free
    loses: Callable[[State, State], str] = _loses_nothing

    def regions(self, account: Account) -> tuple[str, ...]:
        """Where it is made."""
        return account.selected if self.scope is Scope.REGION else (GLOBAL,)
