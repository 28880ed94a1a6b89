"""Lists of addresses and domains that a person keeps: one a line, `#` begins a comment, the first column of a CSV counts."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from sakimori.analysis.facts.address_ranges import Range, RangeSet, address_in, range_in
from sakimori.model.errors import UsageError

_DOMAIN: Final = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])\Z")
_SEPARATOR: Final = re.compile(r"[,;\t]")
_LONGEST_LINE: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressList:
    """A list by its name. A domain in it stands for all that is under it."""

    name: str
    ranges: RangeSet = field(default_factory=RangeSet)
    domains: frozenset[str] = frozenset()

    def holds(self, address: str) -> bool:
        """Whether the address is in the list; a text that is no address is in none."""
        found = address_in(address)
        return found is not None and self.ranges.holds(*found)

    def holds_domain(self, domain: str) -> bool:
        """Whether the domain, or one that it is part of, is in the list."""
        name = domain.lower().rstrip(".")
        while name:
            if name in self.domains:
                return True
            name = name.partition(".")[2]
        return False


def read_address_list(path: Path, name: str = "") -> AddressList:
    """The list in a file, named after it unless a name is given; UsageError (file and line) where it cannot be read."""
    try:
        with path.open(encoding="utf-8-sig") as file:
            return address_list(name or path.stem, file, source=str(path))
    except OSError as error:
        raise UsageError(
            "address_lists.unreadable", file=path, reason=error.strerror or type(error).__name__
        ) from error
    except UnicodeDecodeError as error:
        raise UsageError("address_lists.not_text", file=path) from error


def address_list(name: str, lines: Iterable[str], *, source: str) -> AddressList:
    """The list in the lines of a file; UsageError names `source` and the line that holds neither address nor domain."""
    ranges: list[Range] = []
    domains: set[str] = set()
    is_first = True
    for line, entry in _entries(lines):
        if (found := range_in(entry)) is not None:
            ranges.append(found)
        elif (domain := _domain_in(entry)) is not None:
            domains.add(domain)
        elif not (is_first and _is_heading(entry)):
            raise UsageError("address_lists.not_an_address", file=source, line=line, entry=entry[:100])
        is_first = False
    return AddressList(name=name, ranges=RangeSet.of(ranges), domains=frozenset(domains))


def _entries(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    for line, text in enumerate(lines, 1):
        entry = text[:_LONGEST_LINE]
        if "#" in entry:
            entry = entry.partition("#")[0]
        if "," in entry or "\t" in entry or ";" in entry:
            entry = _SEPARATOR.split(entry, 1)[0]
        entry = entry.strip().strip('"')
        if entry:
            yield line, entry


def _domain_in(entry: str) -> str | None:
    name = entry.lower().removeprefix("*.").strip(".")
    if not name.isascii():
        try:
            name = name.encode("idna").decode("ascii")
        except UnicodeError:
            return None
    return name if _DOMAIN.match(name) else None


def _is_heading(entry: str) -> bool:
    """The first line of a CSV may name its columns: `ip`, `network`, `indicator`."""
    return entry.replace("_", "").replace(" ", "").isalpha()
