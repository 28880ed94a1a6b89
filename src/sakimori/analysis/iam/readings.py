"""What the values of conditions are to the operators that compare them: numbers, moments, networks, octets.

One reading for the evaluation, its back ends and the lint. None is what AWS does not document to be a value of that kind.
Sources: IAM User Guide, "Grammar of the IAM JSON policy language" (numbers are those of RFC 7159, with or without quotation marks),
"IAM JSON policy elements: Condition operators" (dates in the forms of the W3C's NOTE-datetime or in UNIX time; addresses in CIDR form).
"""

import base64
import binascii
import ipaddress
import re
from datetime import UTC, datetime
from fractions import Fraction
from functools import lru_cache
from typing import Final, TypeAlias

Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network
Number: TypeAlias = int | Fraction
"""Exact: beyond 2^53 neighbours are told apart, and a tenth is a tenth."""

_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,99})(?:\.[0-9]{1,100})?(?:[eE][+-]?[0-9]{1,3})?\Z")
_LARGEST_EXPONENT: Final = 300
_EPOCH: Final = re.compile(r"(?:[0-9]{1,3}|[0-9]{5,12})\Z")
"""Four digits are as well a year; thirteen are milliseconds to many, of which AWS says nothing."""
LAST_MOMENT: Final = 253402300799
"""The last second of the year 9999, with which dates end."""
_DATE: Final = re.compile(
    r"([0-9]{4}-[0-9]{2})(-[0-9]{2})?(?:T([0-9]{2}:[0-9]{2})(?::([0-9]{2})(\.[0-9]{1,40})?)?(Z|[+-][0-9]{2}:[0-9]{2}))?\Z"
)
_LONGEST_DATE: Final = 80
_LONGEST_NETWORK: Final = 64
_NETWORK: Final = re.compile(r"[0-9a-fA-F:.]{2,45}(?:/(?:0|[1-9][0-9]{0,2}))?\Z")
_MAPPED: Final = ipaddress.IPv6Network("::ffff:0:0/96")


def as_number(text: str) -> Number | None:
    """A number of JSON; None for what is none, and for one that no float could come near."""
    if text.isdigit() and text.isascii() and len(text) < 100 and (text[0] != "0" or text == "0"):  # noqa: PLR2004 - as _NUMBER
        return int(text)
    if not _NUMBER.match(text):
        return None
    exponent = text.lower().partition("e")[2]
    return None if exponent and abs(int(exponent)) > _LARGEST_EXPONENT else Fraction(text)


def as_moment(text: str) -> Number | None:
    """Seconds since 1970. A date without a time is its first moment in UTC; a time needs its zone."""
    return _moment(text) if len(text) <= _LONGEST_DATE else None


@lru_cache(maxsize=1024)
def _moment(text: str) -> Number | None:
    if _EPOCH.match(text):
        return int(text) if int(text) <= LAST_MOMENT else None
    match = _DATE.match(text)
    if match is None:
        return None
    month, day, time, second, fraction, zone = match.groups()
    try:
        moment = datetime.fromisoformat(f"{month}{day or '-01'}T{time or '00:00'}:{second or '00'}{zone or 'Z'}")
        found = moment - datetime(1970, 1, 1, tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
    if time and not day:
        return None
    return found.days * 86400 + found.seconds + (Fraction(f"0{fraction}") if fraction else 0)


def as_network(text: str) -> Network | None:
    """An address, or a range with the length of its prefix; bits beyond the prefix mean nothing.

    None also for an IPv4 address that is written as one of IPv6 (::ffff:…): AWS does not say which of the two it is to a policy.
    """
    return _network(text) if len(text) <= _LONGEST_NETWORK else None


@lru_cache(maxsize=4096)
def _network(text: str) -> Network | None:
    if not _NETWORK.match(text):
        return None
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
    return None if isinstance(network, ipaddress.IPv6Network) and network.subnet_of(_MAPPED) else network


def as_flag(text: str) -> bool | None:
    """True or false, in letters of any case."""
    word = text.lower()
    return word == "true" if word in {"true", "false"} else None


def as_octets(text: str) -> bytes | None:
    """What a text in base 64 stands for."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


# Letters beyond ASCII that become a letter of ASCII where case is ignored. AWS does not say that they do.
_CROSSING: Final = str.maketrans({"\u017f": "s", "\u212a": "k", "\u0131": "i", "\u0130": "i"})


def same_case(text: str) -> str:
    """The text without the difference of upper and lower case, letter by letter: one letter never becomes two."""
    return text.lower() if text.isascii() else "".join(map(_same_case, text))


def _same_case(letter: str) -> str:
    if letter.isascii():
        return letter.lower()
    upper = letter.upper()
    upper = upper if len(upper) == 1 and not upper.isascii() else letter
    lower = upper.lower()
    return lower if len(lower) == 1 and not lower.isascii() else upper


def loosely_same_case(text: str) -> str:
    """As `same_case`, with letters beyond ASCII that some take for one of ASCII as that letter."""
    return same_case(text if text.isascii() else text.translate(_CROSSING))


def decimal(number: Number | float) -> str:
    """A number written as `as_number` reads it, to forty places."""
    whole = Fraction(number)
    if whole.denominator == 1:
        return str(whole.numerator)
    scaled = round(abs(whole) * 10**40)
    written = f"{scaled // 10**40}.{scaled % 10**40:040d}".rstrip("0").rstrip(".")
    return f"-{written}" if whole < 0 else written
