"""One kind of caller before the solver: who they are, and the terms that keys of a request are made of.

Two modes. To prove that nothing is allowed, whatever the caller does not choose (the tags of the resource, its organisation) may
be anything. For a witness it is unknown, so that no request is shown that only might be allowed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sakimori.analysis.iam.context import Missing
from sakimori.analysis.iam.principal import PrincipalKind
from sakimori.analysis.iam.smt.callers import WITH_IDENTITY, Caller
from sakimori.analysis.iam.smt.names import Names
from sakimori.analysis.iam.smt.solving import MOST_VALUES, Use, symbolic
from sakimori.analysis.iam.smt.text import as_text, literal
from sakimori.analysis.iam.smt.truth import Term, either, z3
from sakimori.analysis.iam.smt.values import Fixed, Key, Symbolic, TextValue

LETTERS_OF_NAMES: Final = "A-Za-z0-9+=,.@_-"
ABSENT: Final = Fixed(Missing.ABSENT)
UNKNOWN: Final = Fixed(Missing.UNKNOWN)
# Source: IAM User Guide, "AWS global condition context keys": those of several values.
_LISTS: Final = frozenset(
    {
        "aws:principalorgpaths",
        "aws:sourceorgpaths",
        "aws:resourceorgpaths",
        "aws:vpceorgpaths",
        "aws:tagkeys",
        "aws:calledvia",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What is known of the resource and of what its policy names."""

    resource: str
    account: str
    names: Names
    uses: Mapping[str, Use]
    organization: str = ""
    owned: frozenset[str] = frozenset()
    """ARNs of buckets that belong to the account."""
    now: datetime | None = None

    @property
    def partition(self) -> str:
        """Such as `aws` or `aws-cn`."""
        return self.resource.split(":")[1] if self.resource.count(":") > 1 else "aws"


@dataclass(slots=True)
class Scene:
    """`ties` are what binds the caller, `wishes` what a witness had best show; `made` the keys that were asked for."""

    setting: Setting
    caller: Caller
    is_stranger: bool
    is_witness: bool
    ties: list[Term] = field(default_factory=list[Term])
    wishes: list[Term] = field(default_factory=list[Term])
    made: dict[str, Key] = field(default_factory=dict[str, Key])
    terms: dict[str, Term] = field(default_factory=dict[str, Term])

    def show(self) -> None:
        """Make the solver choose a principal even where no key tells of it."""
        if self.caller.kind in WITH_IDENTITY:
            self._arn()

    def principal_text(self, model: Term) -> str:
        """The caller in a model."""
        if self.caller.told is not None:
            return self.caller.told.arn
        if self.caller.kind is PrincipalKind.ANONYMOUS:
            return "*"
        return as_text(model.eval(self._arn(), model_completion=True))

    def account(self) -> Term:
        """The caller's, or of a service that of the resource for which it acts."""
        return self._term("account", self._account)

    def _account(self) -> Term:
        candidates = self._candidates()
        if candidates is not None and len(candidates) == 1:
            return literal(candidates[0])
        names, account = self.setting.names, z3().String("account")
        self.wishes.append(account == names.stranger)
        if candidates is not None:
            self.ties.append(either(account == each for each in candidates))
            return account
        self.ties += [z3().InRe(account, z3().Loop(z3().Range("0", "9"), 12, 12)), account != self.setting.account]
        left_out = self._by_name() | (names.accounts if self.is_stranger else frozenset[str]())
        self.ties += [account != each for each in sorted(left_out)]
        return account

    def _by_name(self) -> frozenset[str]:
        """Whom a Principal names is looked at by name."""
        return self.setting.names.principal_accounts if self.caller.kind in WITH_IDENTITY else frozenset[str]()

    def _candidates(self) -> tuple[str, ...] | None:
        """One account for all that nobody named, which no policy tells apart, and those that are; None where one may."""
        names = self.setting.names
        if self.caller.account and self.caller.kind is not PrincipalKind.SERVICE:
            return (self.caller.account,)
        if names.has_parts_of_accounts:
            return None
        named = frozenset[str]() if self.is_stranger else names.accounts - self._by_name() - {self.setting.account}
        return (names.stranger, *sorted(named))

    def _arn(self) -> Term:
        return self._term("arn", self._made_arn)

    def _made_arn(self) -> Term:
        caller, partition, solver = self.caller, self.setting.partition, z3()
        if caller.told is not None:
            return literal(caller.told.identity_arn)
        if caller.kind is PrincipalKind.ROOT:
            return solver.Concat(literal(f"arn:{partition}:iam::"), self.account(), literal(":root"))
        service = "sts" if caller.kind is PrincipalKind.FEDERATED_USER else "iam"
        name = self._term("name", self._name)
        heads = [literal(f"arn:{partition}:{service}::"), self.account(), literal(f":{caller.kind.value}/")]
        return solver.Concat(*heads, self._path(), name) if service == "iam" else solver.Concat(*heads, name)

    def _name(self) -> Term:
        name = z3().String("name")
        self.ties += [z3().InRe(name, letters_of(LETTERS_OF_NAMES))]
        caller = self.caller
        # Who is named by a Principal is looked at by name; within an account no two of a kind bear one name.
        named = {
            each
            for kind, account, each in self.setting.names.members
            if (kind, account) == (caller.kind, caller.account)
        }
        self.ties += [name != literal(each) for each in sorted(named)]
        self.wishes.append(name == "stranger")
        return name

    def _path(self) -> Term:
        def made() -> Term:
            path = z3().String("path")
            inner = z3().Concat(z3().Plus(z3().Union(z3().Range("0", "~"), z3().Range("!", "."))), z3().Re("/"))
            self.ties.append(z3().InRe(path, z3().Star(inner)))
            self.wishes.append(path == "")
            return path

        return self._term("path", made)

    # -- keys of any kind ---------------------------------------------------------------------

    def _not_chosen(self, name: str) -> Key:
        """Unknown for a witness, anything for a proof."""
        return UNKNOWN if self.is_witness else self._listed(name)

    def _is_crowded(self, name: str) -> bool:
        """More values would be needed than are tried."""
        use = self.setting.uses.get(name, Use())
        return (use.is_set or name in _LISTS) and use.times > MOST_VALUES

    def _listed(self, name: str) -> Symbolic:
        use = self.setting.uses.get(name, Use())
        is_list = use.is_set or name in _LISTS
        # One value for each time that the key is asked is enough, whatever the answers are to be.
        key = symbolic(name, use, values=min(MOST_VALUES, max(1, use.times)) if is_list else 1)
        if self.is_witness:
            self.ties += [_printable(value.term) for _, value in key.values if isinstance(value, TextValue)]
        return key

    def _not_named(self, name: str, key: Symbolic) -> None:
        for _, value in key.values:
            if isinstance(value, TextValue):
                self.ties += [value.term != literal(each) for each in sorted(self.setting.names.of(name))]

    def _term(self, name: str, make: Callable[[], Term]) -> Term:
        if name not in self.terms:
            self.terms[name] = make()
        return self.terms[name]


def of_text(term: Term) -> Symbolic:
    """A key that is there, with this text."""
    return Symbolic(present=True, values=((True, TextValue(term)),))


def letters_of(letters: str) -> Term:
    """One letter or more, ranges written as in regular expressions."""
    solver, found, place = z3(), list[Term](), 0
    while place < len(letters):
        if letters[place + 1 : place + 2] == "-" and place + 2 < len(letters):
            found.append(solver.Range(letters[place], letters[place + 2]))
            place += 3
        else:
            found.append(solver.Re(letters[place]))
            place += 1
    return solver.Plus(solver.Union(*found))


def _printable(term: Term) -> Term:
    return z3().InRe(term, z3().Star(z3().Range(" ", "~")))
