"""What others have lists of, and what of it our detections find: every entry with its rules, or the reason why there is none."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, Final, cast

from sakimori.model.verdict import Text
from sakimori.rules.detections.risk import NAME as RISK
from sakimori.rules.detections.rule import Correlation, DetectionRule, Detections
from sakimori.rules.file_reader import FileReader, is_name, open_document
from sakimori.rules.rule import Fault
from sakimori.texts.nearest import nearest

_KNOWN: Final = frozenset(
    {"id", "title", "version", "source", "notice", "groups", "reasons", "lists", "from_tags", "entries", "beyond"}
)
_NEEDED: Final = ("id", "title", "version", "source", "groups", "reasons", "entries")
_ENTRY: Final = frozenset({"name", "in", "rules", "list", "import", "not_covered"})
_ANSWERS: Final = ("rules", "import", "not_covered")


class Standing(StrEnum):
    """What finds an entry of a list."""

    COVERED = "covered"
    """Rules of ours."""
    WITH_LIST = "with_list"
    """Rules of ours, once a list or table is given to them."""
    IMPORTED = "imported"
    """The service of AWS that has it finds it; its finding is imported."""
    NOT = "not"
    """Nothing here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry. `listed` names what must be given to its rules; `reason` says why no rule finds it.

    What stands `is_beyond` the list is found by our rules all the same.
    """

    id: str
    name: str
    groups: tuple[str, ...]
    standing: Standing
    rules: tuple[str, ...] = ()
    listed: str = ""
    reason: Text | None = None
    is_beyond: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageMap:
    """One list with all its entries in the order of the file; `groups` and `lists` have their titles by name."""

    id: str
    title: Text
    version: str
    source: str
    notice: Text | None
    groups: Mapping[str, Text]
    lists: Mapping[str, Text]
    entries: tuple[Entry, ...]

    def within(self, group: str = "") -> tuple[Entry, ...]:
        """The entries of a group, or all: what stands beyond the list is not counted."""
        return tuple(each for each in self.entries if not each.is_beyond and (not group or group in each.groups))

    def counts(self, group: str = "") -> Mapping[Standing, int]:
        """How many entries of a group, or of all, stand how."""
        found = Counter(each.standing for each in self.within(group))
        return {standing: found[standing] for standing in Standing}


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedCoverage:
    """The maps that hold by name, and the faults of all."""

    maps: Mapping[str, CoverageMap]
    faults: tuple[Fault, ...] = ()


def load_coverage(detections: Detections) -> LoadedCoverage:
    """The built-in maps, told with these detections: a technique is covered by the rules that have it among their tags."""
    maps: dict[str, CoverageMap] = {}
    faults: list[Fault] = []
    for path in coverage_files():
        found, own_faults = load_coverage_map(path, detections)
        faults += own_faults
        if found is not None:
            maps[found.id] = found
    return LoadedCoverage(maps=maps, faults=tuple(faults))


def coverage_files() -> tuple[Path, ...]:
    """The files of the built-in maps, in order."""
    with as_file(files("sakimori") / "rulebook" / "coverage") as directory:
        return tuple(sorted(directory.glob("*.yaml")))


def load_coverage_map(path: Path, detections: Detections) -> tuple[CoverageMap | None, tuple[Fault, ...]]:
    """The map in `path` with its faults; None where it cannot be read as one."""
    document = open_document(path)
    if isinstance(document, Fault):
        return None, (document,)
    loader = _Loader(FileReader(document, path), detections)
    found = loader.load()
    return found, tuple(sorted(loader.reader.faults, key=lambda fault: fault.line))


class _Loader:
    def __init__(self, reader: FileReader, detections: Detections) -> None:
        self.reader = reader
        self._detections = detections
        self._groups: Mapping[str, Text] = {}
        self._reasons: Mapping[str, Text] = {}
        self._lists: Mapping[str, Text] = {}
        self._is_from_tags = False

    def load(self) -> CoverageMap | None:
        data = self.reader.mapping(_KNOWN, _NEEDED)
        if data is None:
            return None
        for key in ("id", "version"):
            if not is_name(data[key]):
                self.reader.fault("rules.bad_name", key, key=key)
        self._groups, self._reasons, self._lists = (self._texts(data, key) for key in ("groups", "reasons", "lists"))
        self._is_from_tags = data.get("from_tags") is True
        entries = (*self._entries(data, "entries"), *self._entries(data, "beyond"))
        self._tell_untold(entries)
        return CoverageMap(
            id=str(data["id"]), title=self.reader.text(data, "title"), version=str(data["version"]),
            source="".join(self.reader.references({"source": [data["source"]]}, "source")),
            notice=self.reader.text(data, "notice") if "notice" in data else None,
            groups=self._groups, lists=self._lists, entries=entries,
        )  # fmt: skip

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset({*self._detections.rules, *self._detections.correlations, RISK})

    @cached_property
    def _tagged(self) -> Mapping[str, tuple[str, ...]]:
        """By technique, the rules that find something by themselves and have it among their tags."""
        found: defaultdict[str, list[str]] = defaultdict(list)
        for each in _alone(self._detections):
            for technique in dict.fromkeys(each.head.techniques):
                found[technique].append(each.name)
        return {technique: tuple(sorted(names)) for technique, names in found.items()}

    def _table(self, data: Mapping[str, Any], key: str) -> dict[str, Any]:
        value = data.get(key)
        if value is not None and not isinstance(value, dict):
            self.reader.fault("rules.not_a_table", key, key=key)
        return cast("dict[str, Any]", value) if isinstance(value, dict) else {}

    def _texts(self, data: Mapping[str, Any], key: str) -> Mapping[str, Text]:
        table = self._table(data, key)
        return {name: self.reader.text(table, name, key) for name in table}

    # -- entries ---------------------------------------------------------------

    def _entries(self, data: Mapping[str, Any], key: str) -> tuple[Entry, ...]:
        found = (self._entry(key, name, given) for name, given in self._table(data, key).items())
        return tuple(each for each in found if each)

    def _entry(self, key: str, name: str, given: object) -> Entry | None:
        where = (key, name)
        data = cast("dict[str, Any]", given) if isinstance(given, dict) else {}
        if not self.reader.has_keys(data, _ENTRY, ("in",), *where):
            return None
        rules = self._rules(name, data, *where)
        reason_key = next((each for each in ("import", "not_covered") if each in data), "")
        if not self._is_from_tags and sum(each in data for each in _ANSWERS) != 1:
            self.reader.fault("coverage.one_answer", *where, id=name)
        if self._is_from_tags and bool(rules) == bool(reason_key):
            self.reader.fault(
                "coverage.stale_reason" if rules else "coverage.no_rule", *where, id=name, rules=rules[:5]
            )
        groups, listed = self.reader.names(data, "in", *where), str(data.get("list", ""))
        for group in groups:
            self._known(group, self._groups, *where, "in")
        if listed:
            self._known(listed, self._lists, *where, "list")
        if reason_key:
            self._known(str(data[reason_key]), self._reasons, *where, reason_key)
        return Entry(
            id=name, name=str(data.get("name", "")), groups=groups, standing=_standing(rules, listed, reason_key),
            rules=rules, listed=listed, reason=self._reasons.get(str(data.get(reason_key))), is_beyond=key == "beyond",
        )  # fmt: skip

    def _rules(self, name: str, data: Mapping[str, Any], *where: object) -> tuple[str, ...]:
        if self._is_from_tags:
            below = (names for technique, names in self._tagged.items() if technique.startswith(f"{name}."))
            return tuple(dict.fromkeys((*self._tagged.get(name, ()), *(each for names in below for each in names))))
        rules = self.reader.names(data, "rules", *where)
        for rule in rules:
            if rule not in self._names:
                self.reader.fault("detect.no_such_rule", *where, "rules", name=rule, near=nearest(rule, self._names))
        return rules

    def _known(self, name: str, known: Iterable[str], *where: object) -> None:
        if name not in known:
            self.reader.fault("coverage.no_such_name", *where, name=name, near=nearest(name, known))

    def _tell_untold(self, entries: Iterable[Entry]) -> None:
        """A technique that built-in rules have among their tags must stand in the file."""
        if not self._is_from_tags:
            return
        told = {each.id for each in entries}
        own = {each.name for each in _alone(self._detections) if each.head.is_own}
        for technique, names in sorted(self._tagged.items()):
            if technique not in told and own & set(names):
                self.reader.fault("coverage.no_such_technique", "entries", id=technique, rules=names[:5])


def _alone(detections: Detections) -> Iterable[DetectionRule | Correlation]:
    """The rules that find something by themselves."""
    both = (*detections.rules.values(), *detections.correlations.values())
    return (each for each in both if each.head.is_alone)


def _standing(rules: tuple[str, ...], listed: str, reason_key: str) -> Standing:
    if rules:
        return Standing.WITH_LIST if listed else Standing.COVERED
    return Standing.IMPORTED if reason_key == "import" else Standing.NOT
