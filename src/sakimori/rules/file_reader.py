"""What the files of the rulebook have in common: texts in both languages, words of closed vocabularies, lists."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from math import isfinite
from pathlib import Path
from typing import Any, Final, TypeVar, cast

from sakimori.model.errors import RuleError
from sakimori.model.verdict import Text
from sakimori.rules.rule import Fault, Parameter
from sakimori.texts.bounded_yaml import Document, read_yaml
from sakimori.texts.language import LANGUAGES
from sakimori.texts.nearest import nearest

_REFERENCE: Final = re.compile(r"https://[!-~]{1,500}\Z")
_CONTROL: Final = frozenset({"Cc", "Cf"})
"""Unicode's control and format characters: they move cursors, turn directions and hide."""
_UNWRITTEN: Final = "…"
"""How a text begins that `sakimori rules new` left for its author to write."""
MAX_LIST: Final = 200
_MAX_NAME: Final = 200
_MAX_NUMBER: Final = 2**63
_Word = TypeVar("_Word", bound=StrEnum)


def has_control(text: str) -> bool:
    """Whether some character other than a line's end moves cursors, turns directions or hides."""
    return any(unicodedata.category(character) in _CONTROL for character in text.replace("\n", " "))


def is_name(value: object) -> bool:
    """Whether it may stand where a name or a number in words stands: short, on one line, and nothing hidden in it."""
    text = str(value)
    return (
        isinstance(value, str | int | float)
        and 0 < len(text) <= _MAX_NAME
        and not has_control(text)
        and "\n" not in text
    )


def parameter_of(value: object) -> Parameter | None:
    """A value that a threshold may have, None for any other."""
    if isinstance(value, list):
        items = cast("list[object]", value)
        if items and len(items) <= MAX_LIST and all(_is_scalar(item) and not isinstance(item, bool) for item in items):
            return tuple(cast("Sequence[str | int | float]", items))
        return None
    return cast("str | int | float | bool", value) if _is_scalar(value) else None


def _is_scalar(value: object) -> bool:
    if isinstance(value, int | float):
        return isfinite(value) and abs(value) < _MAX_NUMBER
    return isinstance(value, str)


def open_document(path: Path) -> Document | Fault:
    """The file's document, or the fault for which it has none."""
    try:
        return read_yaml(path)
    except RuleError as error:
        line = cast("int", error.values.get("line", 1))
        return Fault(file=str(path), line=line, text=error.text, values=error.values)


@dataclass(slots=True)
class FileReader:
    """Takes values out of one document and keeps a fault, with its line, for each that is not as it must be."""

    document: Document
    path: Path
    faults: list[Fault] = field(default_factory=list[Fault], kw_only=True)

    def fault(self, text: str, /, *where: object, line: int = 0, **values: object) -> None:
        """Keep a fault at `line`, or where the value at the path `where` stands."""
        at = line or self.document.line_of(*where)
        self.faults.append(Fault(file=str(self.path), line=at, text=text, values=values))

    def mapping(self, known: frozenset[str], needed: tuple[str, ...]) -> dict[str, Any] | None:
        """The whole document as a mapping with no key but the known ones and all of the needed; None with faults kept."""
        data = self.document.data
        if not isinstance(data, dict):
            self.fault("rules.not_a_mapping")
            return None
        found = cast("dict[str, Any]", data)
        return found if self.has_keys(found, known, needed) else None

    def has_keys(self, data: Mapping[str, Any], known: frozenset[str], needed: tuple[str, ...], *where: object) -> bool:
        """Whether the mapping at `where` has no key but the known ones, and all of the needed."""
        unknown = [key for key in data if key not in known]
        missing = [key for key in needed if key not in data]
        for key in unknown:
            self.fault("rules.unknown_key", *where, key, key=key, near=nearest(str(key), known))
        for key in missing:
            self.fault("rules.missing_key", *where, key=key)
        return not unknown and not missing

    def text(self, data: Mapping[str, Any], key: str, *where: object, extra: frozenset[str] = frozenset()) -> Text:
        """The text under `key` of the mapping at `where`, in both languages; `extra` are keys that may stand beside them."""
        value, place = data[key], (*where, key)
        told = ".".join(str(part) for part in place)
        found = cast("dict[str, Any]", value) if isinstance(value, dict) else {}
        for language in LANGUAGES:
            if not isinstance(found.get(language), str) or not found[language].strip():
                self.fault("rules.missing_language", *place, key=told, language=language)
            elif found[language].startswith(_UNWRITTEN):
                self.fault("rules.text_unwritten", *place, language, key=told, language=language)
            elif has_control(found[language]):
                self.fault("rules.text_has_control", *place, language, key=told)
        for name in found:
            if name not in {*LANGUAGES, *extra}:
                self.fault("rules.unknown_key", *place, name, key=f"{told}.{name}", near=nearest(str(name), extra))
        return Text(en=str(found.get("en", "")).strip(), ja=str(found.get("ja", "")).strip())

    def word(self, words: type[_Word], data: Mapping[str, Any], key: str, default: _Word) -> _Word:
        """One of a closed vocabulary."""
        if key not in data:
            return default
        try:
            return words(data[key])
        except ValueError:
            self.fault("rules.unknown_word", key, key=key, found=data[key], known=[str(word) for word in words])
            return default

    def names(self, data: Mapping[str, Any], key: str, *where: object) -> tuple[str, ...]:
        """A list of texts; none where the key is missing."""
        value = data.get(key, [])
        if not isinstance(value, list) or len(cast("list[object]", value)) > MAX_LIST:
            self.fault("rules.not_a_list", *where, key, key=key)
            return ()
        items = cast("list[object]", value)
        if not all(isinstance(item, str) for item in items):
            self.fault("rules.not_a_list", *where, key, key=key)
            return ()
        return tuple(cast("list[str]", items))

    def references(self, data: Mapping[str, Any], key: str = "references") -> tuple[str, ...]:
        """A list of addresses."""
        found = self.names(data, key)
        for index, reference in enumerate(found):
            if not _REFERENCE.match(reference):
                self.fault("rules.reference_not_https", key, index, found=reference)
        return found
