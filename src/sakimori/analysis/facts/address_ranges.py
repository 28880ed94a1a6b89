"""Addresses and ranges of them as numbers, read without raising: what is no address is None."""

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, MutableSequence
from dataclasses import dataclass, field
from functools import lru_cache
from socket import AF_INET, AF_INET6, inet_pton
from typing import Final, NamedTuple

IPV4: Final = 4
IPV6: Final = 6
BITS: Final = {IPV4: 32, IPV6: 128}
_MAPPED: Final = 0xFFFF  # ::ffff:a.b.c.d is the IPv4 address


class Range(NamedTuple):
    """All addresses of one version from `start` to `end`, both included."""

    version: int
    start: int
    end: int

    @property
    def size(self) -> int:
        """How many addresses it holds."""
        return self.end - self.start + 1


def address_in(text: str) -> tuple[int, int] | None:
    """Version and number of an address.

    >>> address_in("10.0.0.1"), address_in("::1"), address_in("::ffff:10.0.0.1"), address_in("10.1")
    ((4, 167772161), (6, 1), (4, 167772161), None)
    """
    try:
        if ":" not in text:
            return IPV4, int.from_bytes(inet_pton(AF_INET, text), "big")
        number = int.from_bytes(inet_pton(AF_INET6, text), "big")
    except (OSError, ValueError):
        return None
    return (IPV4, number & 0xFFFFFFFF) if number >> 32 == _MAPPED else (IPV6, number)


def range_in(text: str) -> Range | None:
    """The range of an address, a CIDR (bits beyond its prefix are ignored) or `first-last`.

    >>> range_in("10.0.0.7/31"), range_in("10.0.0.1-10.0.0.9").size, range_in("10.0.0.0/33")
    (Range(version=4, start=167772166, end=167772167), 9, None)
    """
    first, slash, prefix = text.partition("/")
    if not slash and "-" in text:
        return _between(*text.split("-", 1))
    found = address_in(first.strip())
    if found is None:
        return None
    version, number = found
    if not slash:
        return Range(version, number, number)
    bits = BITS[version]
    prefix = prefix.strip()
    if not (prefix.isascii() and prefix.isdigit() and len(prefix) <= 3 and int(prefix) <= bits):  # noqa: PLR2004
        return None
    hosts = (1 << (bits - int(prefix))) - 1
    return Range(version, number & ~hosts, number | hosts)


def _between(first: str, last: str) -> Range | None:
    start, end = address_in(first.strip()), address_in(last.strip())
    if start is None or end is None or start[0] != end[0] or start[1] > end[1]:
        return None
    return Range(start[0], start[1], end[1])


@dataclass(frozen=True, slots=True)
class RangeSet:
    """Ranges without overlap, in order; a question costs one binary search for its version."""

    _starts: dict[int, MutableSequence[int]] = field(default_factory=dict[int, MutableSequence[int]])
    _ends: dict[int, MutableSequence[int]] = field(default_factory=dict[int, MutableSequence[int]])

    @classmethod
    def of(cls, ranges: Iterable[Range]) -> "RangeSet":
        """The union of ranges that may overlap."""
        made = cls()
        for version, start, end in _merged(sorted(ranges)):
            if version not in made._starts:
                made._starts[version], made._ends[version] = numbers(version), numbers(version)
            made._starts[version].append(start)
            made._ends[version].append(end)
        return made

    def holds(self, version: int, number: int) -> bool:
        """Whether the address is in one of the ranges."""
        starts = self._starts.get(version)
        if not starts:
            return False
        place = bisect_right(starts, number) - 1
        return place >= 0 and number <= self._ends[version][place]

    def covers(self, asked: Range) -> bool:
        """Whether all of the range is within one of the ranges."""
        starts = self._starts.get(asked.version)
        if not starts:
            return False
        place = bisect_right(starts, asked.start) - 1
        return place >= 0 and asked.end <= self._ends[asked.version][place]

    def __iter__(self) -> Iterator[Range]:
        for version, starts in self._starts.items():
            for start, end in zip(starts, self._ends[version], strict=True):
                yield Range(version, start, end)


def numbers(version: int) -> MutableSequence[int]:
    """An empty row of addresses; those of IPv4 take four bytes each."""
    return array("I") if version == IPV4 else []


def _merged(ranges: Iterable[Range]) -> Iterator[Range]:
    held: Range | None = None
    for each in ranges:
        if held is not None and each.version == held.version and each.start <= held.end + 1:
            if each.end > held.end:
                held = Range(held.version, held.start, each.end)
            continue
        if held is not None:
            yield held
        held = each
    if held is not None:
        yield held


@lru_cache(maxsize=1)
def inner_ranges() -> RangeSet:
    """What nobody on the Internet can call from: private, shared (CGNAT), local, documentation and benchmark ranges.

    Source: IANA IPv4 and IPv6 Special-Purpose Address Registries.
    """
    return RangeSet.of(found for text in _INNER if (found := range_in(text)))


_INNER: Final = (
    "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
    "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "198.18.0.0/15", "224.0.0.0/3",
    "fc00::/7", "fe80::/10", "::1/128", "2001:db8::/32", "3fff::/20", "ff00::/8",
)  # fmt: skip


@lru_cache(maxsize=1)
def private_ranges() -> RangeSet:
    """Where a source address within a VPC or a private network comes from; documentation ranges are not among them."""
    return RangeSet.of(found for text in _PRIVATE if (found := range_in(text)))


_PRIVATE: Final = (
    "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
    "fc00::/7", "fe80::/10", "::1/128",
)  # fmt: skip
