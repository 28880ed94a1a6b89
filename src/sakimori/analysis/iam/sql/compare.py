"""Comparisons of conditions, and patterns of resources, as SQL over one text. None where SQL cannot say it exactly."""

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import Final

from sakimori.analysis.iam.patterns import ANY, Token, template_of
from sakimori.analysis.iam.readings import as_flag, as_network, as_number
from sakimori.analysis.iam.sql.keys import Form
from sakimori.lake.engines.spelling import literal

_ARN_PARTS: Final = 6
_MOST: Final = 200
"""Alternatives that are written out; more are looked up."""
_SIGNS: Final[dict[str, str]] = {
    "numericequals": "=",
    "numericlessthan": "<",
    "numericlessthanequals": "<=",
    "numericgreaterthan": ">",
    "numericgreaterthanequals": ">=",
}
_EXACT: Final = 2**53
_MAPPED: Final = "::ffff:(?:[0-9a-f]{1,4}:[0-9a-f]{1,4}|[0-9.]+)"
_LITERAL: Final = re.compile(r"[A-Za-z0-9_/-]")


def compare(comparison: str, values: Sequence[str], value: str, form: Form, *, has_variables: bool) -> str | None:
    """SQL that holds where one of the values fits `value`, an SQL expression that is not NULL."""
    if len(values) > _MOST or not all(map(_is_tame, values)):
        return None
    if not values:
        return "null::boolean"
    if comparison in _OF_TOKENS:
        tokens = [template_of(each, has_variables=has_variables).tokens() for each in values]
        return " or ".join(dict.fromkeys(_OF_TOKENS[comparison](each, value) for each in tokens))
    return _of_values(comparison, values, value, form)


def _of_values(comparison: str, values: Sequence[str], value: str, form: Form) -> str | None:
    """None also where a value cannot be read, which leaves some answers open."""
    if comparison == "bool":
        flags = {as_flag(each) for each in values}
        words = ", ".join(literal(str(each).lower()) for each in sorted(map(bool, flags)))
        return (
            None
            if None in flags
            else f"case when lower({value}) in ('true', 'false') then lower({value}) in ({words}) end"
        )
    if comparison in _SIGNS and form is Form.NUMBER:
        limits = [_double(each) for each in values]
        if None in limits:
            return None
        return " or ".join(f"{value}::double {_SIGNS[comparison]} {each!r}::double" for each in limits)
    return _addresses(values, value) if comparison == "ipaddress" and form is Form.ADDRESS else None


def resource_among(patterns: Sequence[str], *, has_variables: bool) -> str | None:
    """SQL that holds where `resource` is one that the patterns name; NULL where that is not known.

    A star reaches beyond the part of the ARN that it ends; of one within a part AWS says less, and it is looked up.
    """
    if len(patterns) > _MOST or not all(map(_is_tame, patterns)):
        return None
    found = [template_of(each, has_variables=has_variables).tokens() for each in patterns]
    if any(map(_has_signs_within, found)):
        return None
    return " or ".join(f"({_like(each, 'resource')})" for each in found) or "resource is null and null"


def _has_signs_within(tokens: Sequence[Token]) -> bool:
    """Whether one of the first five parts has a wildcard elsewhere than as a star at its end."""
    first = _parts(tokens)[: _ARN_PARTS - 1]
    return any(
        not isinstance(each, str) for part in first for each in (part[:-1] if part and part[-1] is ANY else part)
    )


def _is_tame(text: str) -> bool:
    """Whether SQL can hold the text as it is."""
    return "\0" not in text and not any("\ud800" <= each <= "\udfff" for each in text)


# -- texts and ARNs --------------------------------------------------------------


def _equals(tokens: Sequence[Token], value: str) -> str:
    return f"{value} = {literal(''.join(_plain(token) for token in tokens))}"


def _like(tokens: Sequence[Token], value: str) -> str:
    if all(isinstance(token, str) for token in tokens):
        return _equals(tokens, value)
    return _full_match(value, _pattern(tokens, "."))


def _arn(tokens: Sequence[Token], value: str) -> str:
    """What is no ARN fits no pattern of one."""
    parts = _parts(tokens)
    if len(parts) < _ARN_PARTS:
        fits = f"{_full_match(value, _pattern(tokens, '.'))} and null"
    elif all(isinstance(token, str) for token in tokens):
        fits = _equals(tokens, value)
    else:
        first = "".join(f"{_pattern(part, '[^:]')}:" for part in parts[:-1])
        fits = _full_match(value, first + _pattern(parts[-1], "."))
    colons = f"length({value}) - length(replace({value}, ':', '')) >= {_ARN_PARTS - 1}"
    return f"({colons} and ({fits}))"


def _parts(tokens: Sequence[Token]) -> list[list[Token]]:
    """The first five parts of an ARN, and all that follows them."""
    parts: list[list[Token]] = [[]]
    for token in tokens:
        texts = token.split(":", _ARN_PARTS - len(parts)) if isinstance(token, str) else [token]
        parts[-1].append(texts[0])
        parts.extend([text] for text in texts[1:])
    return parts


def _pattern(tokens: Sequence[Token], sign: str) -> str:
    return "".join(
        _escaped(token) if isinstance(token, str) else f"{sign}*" if token is ANY else sign for token in tokens
    )


def _escaped(text: str) -> str:
    """The text in a regular expression of RE2, which takes only ASCII behind a backslash."""
    return "".join(each if _LITERAL.match(each) or not each.isascii() else f"\\x{ord(each):02x}" for each in text)


def _full_match(value: str, pattern: str) -> str:
    return f"regexp_full_match({value}, {literal(pattern)}, 's')"


def _plain(token: Token) -> str:
    return token if isinstance(token, str) else "*" if token is ANY else "?"


_OF_TOKENS: Final = {"stringequals": _equals, "stringlike": _like, "arnequals": _arn, "arnlike": _arn}


# -- numbers and addresses --------------------------------------------------------


def _double(text: str) -> float | None:
    """A number that SQL has exactly; None for others."""
    number = as_number(text)
    return float(number) if number is not None and abs(number) < _EXACT and Fraction(float(number)) == number else None


def _addresses(values: Sequence[str], value: str) -> str | None:
    """Networks of IPv4 alone: an address of IPv6 is in none of them, but for one that is written as IPv6 and left open."""
    found = list[str]()
    number = _address_number(value)
    for each in values:
        network = as_network(each)
        if network is None or network.version != 4:  # noqa: PLR2004 - the version of the protocol
            return None
        first, last = int(network.network_address), int(network.broadcast_address)
        found.append(f"{number} between {first} and {last}")
    is_mapped = f"regexp_full_match(lower({value}), {literal(_MAPPED)})"
    return f"case when {is_mapped} then null when {value} like '%:%' then false else {' or '.join(found)} end"


def _address_number(value: str) -> str:
    """An address of IPv4 as a number, NULL for one of IPv6."""
    octets = [f"split_part({value}, '.', {place})::bigint" for place in (1, 2, 3, 4)]
    whole = f"(({octets[0]} * 256 + {octets[1]}) * 256 + {octets[2]}) * 256 + {octets[3]}"
    return f"case when {value} not like '%:%' then {whole} end"
