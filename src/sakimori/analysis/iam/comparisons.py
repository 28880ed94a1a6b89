"""What each comparison of conditions makes of all values of a policy together: one question to one value of a request.

Exact values are looked up, limits are one limit, and ranges are grouped by their length: many values cost hardly more than few. Only
patterns are tried one by one; `weight` tells how many. Three-valued: a value that its comparison cannot read leaves the answer open,
for AWS does not say what it makes of one.
"""

import ipaddress
import operator
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeAlias, TypeVar

from sakimori.analysis.iam.patterns import (
    ANY,
    ARN_PARTS,
    Matcher,
    Token,
    any_of,
    arn_matcher,
    arn_parts,
    begins_with,
    plain_text,
    text_matcher,
)
from sakimori.analysis.iam.readings import (
    Network,
    Number,
    as_flag,
    as_moment,
    as_network,
    as_number,
    as_octets,
    loosely_same_case,
    same_case,
)

_Read = TypeVar("_Read", bound=Hashable)
_BITS: Final = {4: 32, 6: 128}
_DEFAULT_LENGTH: Final = 32


@dataclass(frozen=True, slots=True)
class Comparison:
    """`matches` a value of a request; `weight`: how many patterns it may have to try for one."""

    matches: Matcher
    weight: int = 0


Tokens: TypeAlias = Sequence[Sequence[Token]]


def _open_if(*, is_open: bool) -> bool | None:
    """What an answer is where nothing matched."""
    return None if is_open else False


# -- texts and ARNs ----------------------------------------------------------------


def equal_texts(every: Tokens) -> Comparison:
    """The wildcards are characters like others."""
    return Comparison(frozenset(map(plain_text, every)).__contains__)


def equal_but_for_case(every: Tokens) -> Comparison:
    """Of letters beyond ASCII that some take for letters of ASCII, AWS does not say whether they are the same."""
    texts = list(map(plain_text, every))
    exact, loose = frozenset(map(same_case, texts)), frozenset(map(loosely_same_case, texts))
    if exact == loose and all(map(str.isascii, texts)):

        def matches_ascii(text: str) -> bool | None:
            return same_case(text) in exact or (
                False if text.isascii() else _open_if(is_open=loosely_same_case(text) in loose)
            )

        return Comparison(matches_ascii)
    return Comparison(lambda text: same_case(text) in exact or _open_if(is_open=loosely_same_case(text) in loose))


def like_texts(every: Tokens) -> Comparison:
    """The wildcards stand for anything."""
    exact = frozenset(plain_text(each) for each in every if _is_plain(each))
    begun = [each for each in every if not _is_plain(each)]
    heads = [plain_text(each[:-1]) for each in begun if each[-1] is ANY and _is_plain(each[:-1])]
    rest = [text_matcher(each) for each in begun if not (each[-1] is ANY and _is_plain(each[:-1]))]
    lookups = [*([exact.__contains__] if exact else ()), *([begins_with(heads)] if heads else ())]
    return Comparison(any_of([*lookups, *rest]), len(rest))


def like_arns(every: Tokens) -> Comparison:
    """What is no ARN fits no pattern of one."""
    whole = [each for each in every if _is_plain(each) and len(arn_parts(each)) == ARN_PARTS]
    exact = frozenset(map(plain_text, whole))
    rest = [arn_matcher(each) for each in every if not (_is_plain(each) and len(arn_parts(each)) == ARN_PARTS)]
    among = any_of([*([exact.__contains__] if exact else ()), *rest])
    return Comparison(lambda text: among(text) if text.count(":") >= ARN_PARTS - 1 else False, len(rest))


def _is_plain(tokens: Iterable[Token]) -> bool:
    return all(isinstance(token, str) for token in tokens)


# -- values that must be read --------------------------------------------------------


def _equal_values(read: Callable[[str], _Read | None], values: Sequence[str]) -> Comparison:
    wanted = {each for text in values if (each := read(text)) is not None}
    is_open = any(read(text) is None for text in values)

    def matches(text: str) -> bool | None:
        found = read(text)
        return None if found is None else True if found in wanted else _open_if(is_open=is_open)

    return Comparison(matches)


def _limit(
    read: Callable[[str], Number | None],
    compare: Callable[[Number, Number], bool],
    values: Sequence[str],
) -> Comparison:
    """Against several limits it is enough to keep the one that is the easiest to meet."""
    limits = [each for text in values if (each := read(text)) is not None]
    is_open, is_below = len(limits) < len(values), compare(0, 1)
    limit = (max(limits) if is_below else min(limits)) if limits else None

    def matches(text: str) -> bool | None:
        found = read(text)
        if found is None:
            return None
        return True if limit is not None and compare(found, limit) else _open_if(is_open=is_open)

    return Comparison(matches)


def _networks(values: Sequence[str]) -> Comparison:
    """An address of IPv6 without the length of a prefix is itself, and perhaps all of its /32, which AWS documents as the default."""
    read = [each for text in values if (each := as_network(text)) is not None]
    bare = [each for text in values if ":" in text and "/" not in text and (each := as_network(text)) is not None]
    certain, wide = _Ranges(read), _Ranges(each.supernet(new_prefix=_DEFAULT_LENGTH) for each in bare)
    is_open = len(read) < len(values)

    def matches(text: str) -> bool | None:
        found = as_network(text)
        if found is None:
            return None
        return certain.hold(found) or _open_if(is_open=is_open or wide.hold(found))

    return Comparison(matches)


class _Ranges:
    """Networks by version and length, each as the number that its members begin with."""

    def __init__(self, networks: Iterable[Network]) -> None:
        self._by_form = defaultdict[tuple[int, int], set[int]](set)
        for each in networks:
            shift = _BITS[each.version] - each.prefixlen
            self._by_form[each.version, each.prefixlen].add(int(each.network_address) >> shift)

    def hold(self, place: ipaddress.IPv4Network | ipaddress.IPv6Network) -> bool:
        """Whether one of them has the whole of it."""
        version, first, length = place.version, int(place.network_address), place.prefixlen
        return any(
            own_version == version and own_length <= length and first >> (_BITS[version] - own_length) in heads
            for (own_version, own_length), heads in self._by_form.items()
        )


OF_PATTERNS: Final[Mapping[str, Callable[[Tokens], Comparison]]] = {
    "stringequals": equal_texts,
    "stringequalsignorecase": equal_but_for_case,
    "stringlike": like_texts,
    # AWS: ArnEquals and ArnLike behave alike.
    "arnequals": like_arns,
    "arnlike": like_arns,
}
"""Those in whose values variables stand for keys of the request."""
_LIMITS: Final[Mapping[str, Callable[[Number, Number], bool]]] = {
    "lessthan": operator.lt,
    "lessthanequals": operator.le,
    "greaterthan": operator.gt,
    "greaterthanequals": operator.ge,
}
OF_VALUES: Final[Mapping[str, Callable[[Sequence[str]], Comparison]]] = {
    "numericequals": partial(_equal_values, as_number),
    "dateequals": partial(_equal_values, as_moment),
    **{f"numeric{name}": partial(_limit, as_number, compare) for name, compare in _LIMITS.items()},
    **{f"date{name}": partial(_limit, as_moment, compare) for name, compare in _LIMITS.items()},
    "bool": partial(_equal_values, as_flag),
    "binaryequals": partial(_equal_values, as_octets),
    "ipaddress": _networks,
}
