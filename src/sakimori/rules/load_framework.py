"""Reading framework files and the questions of attestations, each fault with its line."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final, cast

from sakimori.model.verdict import Text
from sakimori.rules.file_reader import FileReader, is_name, open_document, parameter_of
from sakimori.rules.framework import Condition, Framework, Question, Requirement, RuleUse
from sakimori.rules.rule import PROFILES, Fault, Parameter, Rule
from sakimori.texts.nearest import nearest

_KNOWN: Final = frozenset(
    {"id", "title", "version", "published_on", "source", "thresholds", "sections", "requirements", "conditions",
     "not_covered"}
)  # fmt: skip
_NEEDED: Final = ("id", "title", "version", "published_on", "source", "requirements")
_REQUIREMENT: Final = frozenset(
    {"id", "title", "section", "level", "rules", "attest", "not_assessable", "retired", "successors"}
)
_QUESTION: Final = frozenset({"text", "how", "valid_days", "verified_by"})
_MAX_DAYS: Final = 1100


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What a framework may name: rules (by id), and ids of questions."""

    rules: Mapping[str, Rule]
    questions: frozenset[str]


def load_framework(path: Path, ground: Ground) -> tuple[Framework | None, tuple[Fault, ...]]:
    """The framework in `path`, or the faults that keep it from being one."""
    document = open_document(path)
    if isinstance(document, Fault):
        return None, (document,)
    loader = _Loader(document, path, ground)
    found = loader.load()
    faults = tuple(sorted(loader.faults, key=lambda fault: fault.line))
    return (None if faults else found), faults


def load_questions(path: Path, rules: Mapping[str, Rule]) -> tuple[Mapping[str, Question], tuple[Fault, ...]]:
    """The questions in `path` by id, in the order of the file, and its faults."""
    document = open_document(path)
    if isinstance(document, Fault):
        return {}, (document,)
    reader = FileReader(document, path)
    raw: object = document.data
    data = cast("dict[str, object]", raw) if isinstance(raw, dict) else dict[str, object]()
    found = {name: question for name, entry in data.items() if (question := _question(reader, name, entry, rules))}
    return found, tuple(reader.faults)


def _question(reader: FileReader, name: str, entry: object, rules: Mapping[str, Rule]) -> Question | None:
    given = cast("dict[str, Any]", entry) if isinstance(entry, dict) else {}
    if not reader.has_keys(given, _QUESTION, ("text", "how", "valid_days"), name):
        return None
    days, verified_by = given["valid_days"], reader.names(given, "verified_by", name)
    if not isinstance(days, int) or isinstance(days, bool) or not 1 <= days <= _MAX_DAYS:
        reader.fault("rules.bad_days", name, "valid_days", most=_MAX_DAYS)
        return None
    for rule in verified_by:
        if rule not in rules:
            reader.fault("rules.no_such_rule", name, "verified_by", name=rule, near=nearest(rule, rules))
    return Question(
        id=name, text=reader.text(given, "text", name), how=reader.text(given, "how", name), valid_days=days,
        verified_by=verified_by,
    )  # fmt: skip


@dataclass(slots=True)
class _Loader(FileReader):
    ground: Ground
    _sections: dict[str, Text] = field(default_factory=dict[str, Text])

    def load(self) -> Framework | None:
        data = self.mapping(_KNOWN, _NEEDED)
        if data is None:
            return None
        thresholds = str(data.get("thresholds", PROFILES[0]))
        if thresholds not in PROFILES:
            self.fault("rules.unknown_word", "thresholds", key="thresholds", found=thresholds, known=PROFILES)
            return None
        if data["id"] != self.path.stem:
            self.fault("rules.framework_id", "id", id=data["id"], stem=self.path.stem)
        if not isinstance(data["published_on"], date) or isinstance(data["published_on"], datetime):
            self.fault("rules.bad_date", "published_on", key="published_on")
        for key in ("id", "version"):
            if not is_name(data[key]):
                self.fault("rules.bad_name", key, key=key)
        sections = self._table(data, "sections")
        self._sections = {name: self.text(sections, name, "sections") for name in sections}
        requirements = (*self._requirements(data["requirements"], thresholds), *self._not_covered(data))
        self._check_twice(requirements)
        return Framework(
            id=str(data["id"]), title=self.text(data, "title"), version=str(data["version"]),
            published_on=data["published_on"], source=self._source(data), thresholds=thresholds,
            requirements=requirements, conditions=tuple(self._conditions(data, requirements)),
        )  # fmt: skip

    def _table(self, data: Mapping[str, Any], key: str, *where: object) -> dict[str, Any]:
        """The mapping under `key`, an empty one where there is none."""
        value = data.get(key)
        if value is not None and not isinstance(value, dict):
            self.fault("rules.not_a_table", *where, key, key=key)
        return cast("dict[str, Any]", value) if isinstance(value, dict) else {}

    def _list(self, data: Mapping[str, Any], key: str, *where: object) -> list[object]:
        """The list under `key`, an empty one where there is none."""
        value = data.get(key)
        if value is not None and not isinstance(value, list):
            self.fault("rules.not_a_list", *where, key, key=key)
        return cast("list[object]", value) if isinstance(value, list) else []

    def _source(self, data: Mapping[str, Any]) -> str:
        found = self.references({"source": [data["source"]]}, "source")
        return found[0] if found else ""

    # -- requirements --------------------------------------------------------

    def _requirements(self, value: object, thresholds: str) -> tuple[Requirement, ...]:
        listed = cast("list[object]", value) if isinstance(value, list) else []
        if not listed:
            self.fault("rules.not_a_list", "requirements", key="requirements")
        found = (self._requirement(index, item, thresholds) for index, item in enumerate(listed))
        return tuple(requirement for requirement in found if requirement)

    def _requirement(self, index: int, item: object, thresholds: str) -> Requirement | None:
        where = ("requirements", index)
        data = cast("dict[str, Any]", item) if isinstance(item, dict) else {}
        if not self.has_keys(data, _REQUIREMENT, ("id",), *where):
            return None
        if not is_name(data["id"]):
            self.fault("rules.bad_name", *where, "id", key="id")
        if "level" in data and (not isinstance(data["level"], int) or isinstance(data["level"], bool)):
            self.fault("rules.bad_level", *where, "level")
        uses = tuple(self._uses(data, where, thresholds))
        question = str(data.get("attest", ""))
        if question and question not in self.ground.questions:
            self.fault("rules.no_such_question", *where, "attest", name=question,
                       near=nearest(question, self.ground.questions))  # fmt: skip
        reason_key = next((key for key in ("retired", "not_assessable") if key in data), "")
        if not uses and not question and not reason_key:
            self.fault("rules.requirement_unanswered", *where, id=data["id"])
        identifier = str(data["id"])
        return Requirement(
            id=identifier,
            title=self.text(data, "title", *where) if "title" in data else self._title(identifier, uses),
            section=self._section(data, where),
            level=data.get("level") if isinstance(data.get("level"), int) else None,
            uses=uses,
            question=question,
            reason=self.text(data, reason_key, *where) if reason_key else None,
            is_retired=reason_key == "retired",
            successors=self.names(data, "successors", *where),
        )

    def _title(self, identifier: str, uses: Sequence[RuleUse]) -> Text:
        """Where a requirement has no words of its own: those of its one rule, or its id."""
        return self.ground.rules[uses[0].rule].title if len(uses) == 1 else Text(identifier, identifier)

    def _section(self, data: Mapping[str, Any], where: tuple[object, ...]) -> Text | None:
        name = data.get("section")
        if name is None:
            return None
        if str(name) not in self._sections:
            self.fault("rules.no_such_section", *where, "section", name=name)
        return self._sections.get(str(name))

    def _uses(self, given: Mapping[str, Any], where: tuple[object, ...], thresholds: str) -> Iterator[RuleUse]:
        for index, item in enumerate(self._list(given, "rules", *where)):
            data = cast("dict[str, Any]", item) if isinstance(item, dict) else {"rule": item}
            place = (*where, "rules", index)
            if not self.has_keys(data, frozenset({"rule", "with"}), ("rule",), *place):
                continue
            rule = self.ground.rules.get(str(data["rule"]))
            if rule is None:
                name = str(data["rule"])
                self.fault("rules.no_such_rule", *place, name=name, near=nearest(name, self.ground.rules))
                continue
            pinned = self._pinned(rule, self._table(data, "with", *place), place)
            yield RuleUse(rule=rule.id, parameters={**rule.parameters_of(thresholds), **pinned})

    def _pinned(self, rule: Rule, given: Mapping[str, Any], place: tuple[object, ...]) -> dict[str, Parameter]:
        found: dict[str, Parameter] = {}
        for name, value in given.items():
            pinned = parameter_of(value)
            if name not in rule.parameters:
                self.fault("rules.unknown_parameter", *place, "with", name, name=name)
            elif pinned is None or _kind(pinned) != _kind(rule.parameters[name][PROFILES[0]]):
                self.fault("rules.pinned_value", *place, "with", name, name=name, rule=rule.id)
            else:
                found[name] = pinned
        return found

    def _not_covered(self, data: Mapping[str, Any]) -> Iterator[Requirement]:
        """Ids of a large source for which there is no rule yet, with one reason for all."""
        given = data.get("not_covered")
        if given is None:
            return
        entry = cast("dict[str, Any]", given) if isinstance(given, dict) else {}
        if self.has_keys(entry, frozenset({"reason", "ids"}), ("reason", "ids"), "not_covered"):
            reason = self.text(entry, "reason", "not_covered")
            for index, name in enumerate(map(str, self._list(entry, "ids", "not_covered"))):
                if not is_name(name):
                    self.fault("rules.bad_name", "not_covered", "ids", index, key="ids")
                yield Requirement(id=name, title=Text(name, name), reason=reason, is_uncovered=True)

    def _check_twice(self, requirements: tuple[Requirement, ...]) -> None:
        seen: set[str] = set()
        for index, requirement in enumerate(requirements):
            if requirement.id in seen:
                self.fault("rules.requirement_twice", "requirements", index, id=requirement.id)
            seen.add(requirement.id)

    # -- conditions ----------------------------------------------------------

    def _conditions(self, given: Mapping[str, Any], requirements: tuple[Requirement, ...]) -> Iterator[Condition]:
        known = {requirement.id for requirement in requirements}
        for index, item in enumerate(self._list(given, "conditions")):
            where = ("conditions", index)
            data = cast("dict[str, Any]", item) if isinstance(item, dict) else {}
            if not self.has_keys(data, frozenset({"title", "at_least", "of"}), ("title", "at_least", "of"), *where):
                continue
            of = self.names(data, "of", *where)
            for place, name in enumerate(of):
                if name in of[:place]:
                    self.fault("rules.requirement_twice", *where, "of", place, id=name)
                if name not in known:
                    self.fault("rules.no_such_requirement", *where, "of", name=name)
            if not isinstance(data["at_least"], int) or not 1 <= data["at_least"] <= len(of):
                self.fault("rules.bad_at_least", *where, "at_least", most=len(of))
                continue
            yield Condition(title=self.text(data, "title", *where), at_least=data["at_least"], requirements=of)


def _kind(value: Parameter) -> str:
    """Of what kind a threshold is: a value of another would never match, or always."""
    if isinstance(value, bool):
        return "bool"
    return "list" if isinstance(value, tuple) else "text" if isinstance(value, str) else "number"
