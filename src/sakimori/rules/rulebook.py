"""All rules: the built-in ones of `rulebook/posture`, and a user's own beside them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from importlib.resources import as_file, files
from pathlib import Path
from typing import Protocol

from sakimori.lake.table import Catalogue
from sakimori.model.errors import UsageError
from sakimori.model.words import Severity
from sakimori.rules.checked import CheckedQuery
from sakimori.rules.former_names import ambiguous
from sakimori.rules.kind_of_file import is_detection
from sakimori.rules.rule import Fault, Loaded, Rule
from sakimori.texts.bounded_yaml import MAX_BYTES
from sakimori.texts.nearest import nearest


class Kept(Protocol):
    """What an earlier run has read; `sakimori.rules.kept` has the one that lies on disk."""

    def find(self, path: Path, content: bytes, *, is_own: bool) -> tuple[Rule, CheckedQuery] | None:
        """The rule of a file with this content."""
        ...

    def keep(self, path: Path, content: bytes, rule: Rule, query: CheckedQuery) -> None:
        """Remember a rule that has no fault."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Rulebook:
    """Rules by id with their checked queries, and the faults of the files that hold none."""

    rules: Mapping[str, Rule]
    queries: Mapping[str, CheckedQuery]
    faults: tuple[Fault, ...] = ()

    def choose(
        self, include: Sequence[str] = (), exclude: Sequence[str] = (), severities: Sequence[Severity] = ()
    ) -> tuple[Rule, ...]:
        """Rules by id or glob, in the order of ids; UsageError for a pattern that names none.

        A rule on request must be called by its name: no pattern means it.
        """
        for pattern in (*include, *exclude):
            if not any(_matches(rule, pattern) for rule in self.rules.values()):
                raise UsageError("rules.no_such_rule", name=pattern, near=nearest(pattern, self.rules))
        return tuple(
            rule
            for rule in self.rules.values()
            if (not include or any(_matches(rule, pattern) for pattern in include))
            and (not rule.is_on_request or rule.id in include)
            and not any(_matches(rule, pattern) for pattern in exclude)
            and (not severities or rule.severity in severities)
        )

    def find(self, identifier: str) -> Rule:
        """One rule by id or former id; UsageError with the nearest one if there is none."""
        for rule in self.rules.values():
            if identifier in {rule.id, *rule.aliases}:
                return rule
        raise UsageError("rules.no_such_rule", name=identifier, near=nearest(identifier, self.rules))


def load_rulebook(catalogue: Catalogue, own_directory: Path | None = None, kept: Kept | None = None) -> Rulebook:
    """Built-in rules, and those in a user's directory (searched to the bottom for *.yaml; detections are passed over).

    Rules that `kept` knows come without their examples; it is given those that it does not know.
    """
    found = [_load(path, catalogue, kept, is_own=True) for path in built_in_files()]
    if own_directory is not None:
        if not own_directory.is_dir():
            raise UsageError("rules.no_directory", path=own_directory)
        frameworks = own_directory / "frameworks"
        files_there = (path for path in own_directory.rglob("*.yaml") if path.is_file())
        paths = sorted(path for path in files_there if frameworks not in path.parents and not is_detection(path))
        found.extend(_load(path, catalogue, kept, is_own=False) for path in paths)
    return _assemble(found)


def _load(path: Path, catalogue: Catalogue, kept: Kept | None, *, is_own: bool) -> Loaded:
    told = content(path) if kept else None
    found = kept.find(path, told, is_own=is_own) if kept and told is not None else None
    if found:
        return Loaded(path=path, rule=found[0], query=found[1])
    from sakimori.rules.load import load_rule  # noqa: PLC0415 - the parser is slow to import

    loaded = load_rule(path, catalogue, is_own=is_own)
    if kept and told is not None and loaded.rule and loaded.query:
        kept.keep(path, told, loaded.rule, loaded.query)
    return loaded


def content(path: Path) -> bytes | None:
    """What stands in a file; None for one that is too large or cannot be read, as its loader will tell."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError:
        return None
    return content if len(content) <= MAX_BYTES else None


def built_in_files() -> tuple[Path, ...]:
    """The files of the built-in posture rules, in order."""
    with as_file(files("sakimori") / "rulebook" / "posture") as directory:
        return tuple(sorted(directory.rglob("*.yaml")))


def _assemble(found: Iterable[Loaded]) -> Rulebook:
    rules: dict[str, Rule] = {}
    queries: dict[str, CheckedQuery] = {}
    faults: list[Fault] = []
    for loaded in found:
        faults.extend(loaded.faults)
        rule, query = loaded.rule, loaded.query
        if rule is None or query is None:
            continue
        if rule.id in rules:
            other = rules[rule.id].path
            faults.append(
                Fault(file=str(rule.path), line=1, text="rules.id_twice", values={"id": rule.id, "other": str(other)})
            )
            continue
        rules[rule.id], queries[rule.id] = rule, query
    for identifier, fault in ambiguous({each.id: (each.path, 1, each.aliases) for each in rules.values()}).items():
        faults.append(fault)
        del rules[identifier], queries[identifier]
    return Rulebook(rules=dict(sorted(rules.items())), queries=queries, faults=tuple(faults))


def _matches(rule: Rule, pattern: str) -> bool:
    return any(fnmatchcase(name, pattern) for name in (rule.id, *rule.aliases))
