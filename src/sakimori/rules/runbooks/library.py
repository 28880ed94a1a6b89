"""All runbooks and playbooks, and which one somebody means who types a finding type, a part of one, or a word."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from importlib.resources import as_file, files
from pathlib import Path
from typing import Final, TypeVar

from sakimori.model.errors import UsageError
from sakimori.rules.rule import Fault
from sakimori.rules.runbooks.form import FindingType, Playbook, Runbook
from sakimori.rules.runbooks.reading import read_playbook, read_runbook
from sakimori.texts.language import LANGUAGES
from sakimori.texts.nearest import nearest

_MOST_ASKED: Final = 200
"""Characters of a question that are looked at: no type is as long."""
_SHOWN: Final = 12
_Kind = TypeVar("_Kind", Runbook, Playbook)


@dataclass(frozen=True, slots=True, kw_only=True)
class Meant:
    """The runbook, and those of its types that were asked for; none where the whole of it was."""

    runbook: Runbook
    types: tuple[FindingType, ...] = ()
    is_near: bool = False
    """No file names exactly what was asked; this speaks of the same resource."""


@dataclass(frozen=True, kw_only=True)
class Library:
    """What the files hold, by id in the order of the files, and the faults of all."""

    runbooks: Mapping[str, Runbook]
    playbooks: Mapping[str, Playbook]
    faults: tuple[Fault, ...] = ()

    @cached_property
    def _named(self) -> Mapping[str, tuple[Meant, ...]]:
        """By type in small letters, also by the one that a finding of a custom detection rule carries."""
        found: dict[str, tuple[Meant, ...]] = {}
        for book in self.runbooks.values():
            for each in book.types.values():
                for name in {each.name.lower(), each.seen_as.lower()} - {""}:
                    found[name] = (*found.get(name, ()), Meant(runbook=book, types=(each,)))
        return found

    def of_type(self, name: str) -> tuple[Meant, ...]:
        """The runbook of exactly this type, in whatever letters; none where no file names it.

        A finding of custom detection rules carries one type for several rules, and so may have more than one runbook.
        """
        found: dict[str, Meant] = {}
        for each in self._named.get(name.strip().lower(), ()):
            known = found.get(each.runbook.id)
            found[each.runbook.id] = replace(known, types=(*known.types, *each.types)) if known else each
        return tuple(found.values())

    def meant(self, asked: str) -> tuple[Meant, ...]:
        """What somebody means, the surest reading alone: a type, a runbook's id, a beginning, a word. May be several.

        UsageError with the nearest names where nothing is meant.
        """
        words = asked.strip().lower()[:_MOST_ASKED]
        exact = self.of_type(words)
        if exact:
            return exact
        if words in self.runbooks:
            return (Meant(runbook=self.runbooks[words]),)
        # `s3` is the family, not the beginning of a custom rule's name; with a colon it is a type.
        ways = (_begins, _is_a_word, _stands_in) if ":" in words else (_is_a_word, _begins, _stands_in)
        for holds in ways:
            found = self._fitting(words, holds) if words else ()
            if found:
                return found
        if ":" in words and "/" in words:
            return self.near(words)
        known = [*self.runbooks, *(each.name for book in self.runbooks.values() for each in book.types.values())]
        raise UsageError("runbook.nothing_meant", asked=asked[:_MOST_ASKED], near=nearest(asked, known))

    def near(self, name: str) -> tuple[Meant, ...]:
        """For a type that no file names, because AWS made it later: the runbooks that speak of the same resource.

        Those with types of the same purpose alone, where there are such. UsageError where nothing is near.
        """
        purpose, colon, rest = name.strip().lower()[:_MOST_ASKED].partition(":")
        resource = rest.partition("/")[0]
        for beginning in (f"{purpose}:{resource}/", f":{resource}/"):
            found = [
                Meant(runbook=book, is_near=True)
                for book in self.runbooks.values()
                if colon and resource and any(beginning in each.lower() for each in book.types)
            ]
            if found:
                return tuple(found)
        raise UsageError("runbook.nothing_meant", asked=name[:_MOST_ASKED], near="")

    def playbook(self, asked: str) -> Playbook:
        """The playbook of that id, or the only one with that word among its words; UsageError otherwise."""
        words = asked.strip().lower()[:_MOST_ASKED]
        if words in self.playbooks:
            return self.playbooks[words]
        found = [each for each in self.playbooks.values() if words and _tells_of(each, words)]
        if len(found) == 1:
            return found[0]
        known = [each.id for each in found] or list(self.playbooks)
        raise UsageError("runbook.no_such_playbook", asked=asked[:_MOST_ASKED], known=known)

    def _fitting(self, words: str, holds: Callable[[Runbook, str, str], bool]) -> tuple[Meant, ...]:
        found: list[Meant] = []
        for book in self.runbooks.values():
            types = tuple(each for each in book.types.values() if holds(book, each.name.lower(), words))
            if types:
                is_all = len(types) == len(book.types)
                found.append(Meant(runbook=book, types=() if is_all and len(types) > 1 else types[:_SHOWN]))
        return tuple(found)


def load_library() -> Library:
    """The built-in runbooks and playbooks."""
    runbooks, faults = _read("runbooks", read_runbook)
    playbooks, more = _read("playbooks", read_playbook)
    return Library(runbooks=runbooks, playbooks=playbooks, faults=(*faults, *more))


def _read(
    folder: str, read: Callable[[Path], tuple[_Kind | None, tuple[Fault, ...]]]
) -> tuple[dict[str, _Kind], tuple[Fault, ...]]:
    found: dict[str, _Kind] = {}
    faults: list[Fault] = []
    with as_file(files("sakimori") / "rulebook" / folder) as directory:
        for path in sorted(directory.glob("*.yaml")):
            book, own = read(path)
            faults += own
            if book is not None:
                found[book.id] = book
    return found, tuple(faults)


def _begins(_book: Runbook, name: str, words: str) -> bool:
    return name.startswith(words)


def _is_a_word(book: Runbook, name: str, words: str) -> bool:
    """The word is a part of the type's name (`iamuser`, `portscan`), the family, or a word of the runbook."""
    parts = name.replace("!", "/").replace(":", "/").replace(".", "/").split("/")
    return words in parts or words == str(book.family) or words in (each.lower() for each in book.words)


def _stands_in(book: Runbook, name: str, words: str) -> bool:
    titles = (book.title.in_(language).lower() for language in LANGUAGES)
    return words in name or any(words in text for text in (*titles, *(each.lower() for each in book.words)))


def _tells_of(playbook: Playbook, words: str) -> bool:
    texts = (playbook.id, *playbook.words, *(playbook.title.in_(language) for language in LANGUAGES))
    return any(words in text.lower() for text in texts)
