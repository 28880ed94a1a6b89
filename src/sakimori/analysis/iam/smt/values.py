"""Values of condition keys as the solver sees them: texts, numbers and moments, addresses, booleans."""

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from typing import Final, TypeAlias

from sakimori.analysis.iam.context import Known
from sakimori.analysis.iam.readings import LAST_MOMENT, Number, as_moment, as_network, as_number, decimal
from sakimori.analysis.iam.smt.text import as_text, ignoring_case, literal
from sakimori.analysis.iam.smt.truth import UNSURE, Term, Truth, both, either, negated, z3

_WORDS: Final = frozenset({"true", "false"})
_BITS: Final = {4: 32, 6: 128}
_DEFAULT_LENGTH: Final = 32
_MAPPED: Final = ipaddress.IPv6Network("::ffff:0:0/96")


@dataclass(frozen=True, slots=True)
class TextValue:
    """Any text. Comparisons of another kind than text are left open, that of booleans apart."""

    term: Term

    def meets(self, comparison: str, wanted: str) -> Truth:
        """Against one value of a policy, for comparisons that know no wildcards."""
        if comparison != "bool":
            return UNSURE
        if wanted.lower() not in _WORDS:
            return UNSURE
        meant = ignoring_case(self.term, [wanted.lower()])
        other = ignoring_case(self.term, ["false" if wanted.lower() == "true" else "true"])
        return Truth(negated(other.must), meant.must)

    def fixed(self, text: str) -> Term:
        """That it is this text."""
        return self.term == literal(text)

    def text(self, model: Term) -> str:
        """What a model gives it."""
        return as_text(model.eval(self.term, model_completion=True))


@dataclass(frozen=True, slots=True)
class NumberValue:
    """A number, or where `valid` is false a text that is none. A moment is its seconds since 1970."""

    valid: Term
    term: Term
    is_moment: bool = False
    in_seconds: bool = False

    def meets(self, comparison: str, wanted: str) -> Truth:
        """Against one value of a policy."""
        limit = (as_moment if comparison.startswith("date") else as_number)(wanted)
        if limit is None:
            return UNSURE
        compared = _compared(self.term, comparison.removeprefix("date").removeprefix("numeric"), limit)
        return _readable(self.valid, compared)

    def fixed(self, text: str) -> Term:
        """That it is this text."""
        number = as_moment(text) if self.is_moment else as_number(text)
        if number is None:
            return negated(self.valid)
        return both([self.valid, self.term == _real(number)])

    def text(self, model: Term) -> str:
        """What a model gives it."""
        if not z3().is_true(model.eval(_term_of(self.valid), model_completion=True)):
            return "none"
        found = model.eval(self.term, model_completion=True)
        number = Fraction(found.as_fraction() if hasattr(found, "as_fraction") else found.as_long())
        if number.denominator != 1:
            return decimal(number)
        if self.is_moment and not self.in_seconds and 0 <= number <= LAST_MOMENT:
            return datetime.fromtimestamp(int(number), UTC).strftime("%Y-%m-%dT%H:%M:%SZ").rjust(20, "0")
        return str(int(number))


@dataclass(frozen=True, slots=True)
class AddressValue:
    """One IP address as bits, or where `valid` is false a text that is none."""

    valid: Term
    is_six: Term
    four: Term
    six: Term

    def meets(self, comparison: str, wanted: str) -> Truth:
        """Against an address or a range of a policy."""
        network = as_network(wanted)
        if network is None or comparison != "ipaddress":
            return UNSURE
        found = _readable(both([self.valid, negated(self.is_in(_MAPPED))]), self.is_in(network))
        if network.version != 6 or "/" in wanted:  # noqa: PLR2004 - the version's own number
            return found
        # Without the length of a prefix it may be all of its /32.
        return Truth(either([found.may, self.is_in(network.supernet(new_prefix=_DEFAULT_LENGTH))]), found.must)

    def is_in(self, network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> Term:
        """That the address lies in the range."""
        bits, prefix = _BITS[network.version], network.prefixlen
        address = self.six if network.version == 6 else self.four  # noqa: PLR2004 - the version's own number
        of_version = self.is_six if address is self.six else negated(self.is_six)
        if not prefix:
            return of_version
        head = z3().Extract(bits - 1, bits - prefix, address)
        return both([of_version, head == z3().BitVecVal(int(network.network_address) >> (bits - prefix), prefix)])

    def fixed(self, text: str) -> Term:
        """That it is this text, which is an address and no range."""
        network = as_network(text)
        if network is None or network.num_addresses != 1:
            return negated(self.valid)
        return both([self.valid, self.is_in(network)])

    def text(self, model: Term) -> str:
        """What a model gives it."""

        def found(term: Term) -> Term:
            return model.eval(_term_of(term), model_completion=True)

        if not z3().is_true(found(self.valid)):
            return "none"
        if z3().is_true(found(self.is_six)):
            return str(ipaddress.IPv6Address(found(self.six).as_long()))
        return str(ipaddress.IPv4Address(found(self.four).as_long()))


@dataclass(frozen=True, slots=True)
class FlagValue:
    """true or false, or where `valid` is false neither."""

    valid: Term
    term: Term

    def meets(self, comparison: str, wanted: str) -> Truth:
        """Against the word of a policy."""
        if comparison != "bool":
            return UNSURE
        word = wanted.lower()
        if word not in _WORDS:
            return UNSURE
        return _readable(self.valid, self.term if word == "true" else negated(self.term))

    def fixed(self, text: str) -> Term:
        """That it is this text."""
        word = text.lower()
        if word not in _WORDS:
            return negated(self.valid)
        return both([self.valid, self.term if word == "true" else negated(self.term)])

    def text(self, model: Term) -> str:
        """What a model gives it."""
        if not z3().is_true(model.eval(_term_of(self.valid), model_completion=True)):
            return "none"
        return "true" if z3().is_true(model.eval(self.term, model_completion=True)) else "false"


Value: TypeAlias = TextValue | NumberValue | AddressValue | FlagValue


@dataclass(frozen=True, slots=True)
class Fixed:
    """A key of which all is known, or nothing."""

    known: Known


@dataclass(frozen=True, slots=True)
class Symbolic:
    """A key that the solver chooses: there if `present`, with each value that is in use; the first always is."""

    present: Term
    values: tuple[tuple[Term, Value], ...]


Key: TypeAlias = Fixed | Symbolic


def _readable(valid: Term, compared: Term) -> Truth:
    """What a comparison says of a value that it can read; of another AWS does not say."""
    return Truth(either([negated(valid), compared]), both([valid, compared]))


def _real(number: Number) -> Term:
    return z3().RealVal(str(Fraction(number)))


def _compared(term: Term, comparison: str, limit: Number) -> Term:
    other = _real(limit)
    if comparison == "equals":
        return term == other
    if comparison == "lessthan":
        return term < other
    if comparison == "lessthanequals":
        return term <= other
    return term > other if comparison == "greaterthan" else term >= other


def _term_of(term: Term) -> Term:
    return z3().BoolVal(term) if isinstance(term, bool) else term
