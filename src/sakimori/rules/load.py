"""Reading rule files: every fault of a file is found, each with its line and its cure."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar, cast

from sakimori.lake.table import Catalogue
from sakimori.model.errors import RuleError
from sakimori.model.remedy import Remedy
from sakimori.model.verdict import Text
from sakimori.model.words import Confidence, Severity, Status, Story
from sakimori.rules.check_query import check_query
from sakimori.rules.checked import CheckedQuery
from sakimori.rules.rule import PROFILES, Example, Fault, Loaded, Parameter, Rule, Unread
from sakimori.rules.shape import QueryFault
from sakimori.texts.bounded_yaml import Document, read_yaml
from sakimori.texts.language import LANGUAGES
from sakimori.texts.template import placeholders

_ID: Final = re.compile(r"[a-z0-9]+(\.[a-z0-9][a-z0-9-]*)+\Z")
_REFERENCE: Final = re.compile(r"https://[!-~]{1,500}\Z")
_CONTROL: Final = frozenset({"Cc", "Cf"})
"""Unicode's control and format characters: they move cursors, turn directions and hide."""
_KNOWN: Final = frozenset(
    {"id", "severity", "confidence", "title", "why", "judges", "settles_without", "parameters", "query", "fail", "fix",
     "references", "examples", "aliases", "story"}
)  # fmt: skip
_NEEDED: Final = ("id", "severity", "title", "why", "judges", "query", "fail", "fix", "examples")
_REMEDY_TEXTS: Final = ("console", "breaks", "undo")
_REMEDY_CODE: Final = ("cli", "terraform")
_FIX_KEYS: Final = frozenset({"action", *_REMEDY_TEXTS, *_REMEDY_CODE})
_EXAMPLE_KEYS: Final = frozenset({"name", "given", "expect", "unread", "thresholds"})
_MAX_EXAMPLES: Final = 60
_MAX_LIST: Final = 200


def load_rule(path: Path, catalogue: Catalogue, *, is_own: bool) -> Loaded:
    """The rule in `path`, checked against the catalogue; never raises for what stands in the file."""
    try:
        document = read_yaml(path)
    except RuleError as error:
        line = error.values.get("line", 1)
        return Loaded(
            path=path, faults=(Fault(file=str(path), line=cast("int", line), text=error.text, values=error.values),)
        )
    return _Loader(document, path, catalogue, is_own=is_own).load()


E_ = TypeVar("E_", Severity, Confidence, Status, Story)


@dataclass(slots=True)
class _Loader:
    document: Document
    path: Path
    catalogue: Catalogue
    is_own: bool = field(kw_only=True)
    faults: list[Fault] = field(default_factory=list[Fault])

    def load(self) -> Loaded:
        data = self.document.data
        if not isinstance(data, dict):
            self._fault("rules.not_a_mapping")
            return self._done(None, None)
        data = cast("dict[str, Any]", data)
        for key in data:
            if key not in _KNOWN:
                self._fault("rules.unknown_key", key, key=key, near=_near(str(key), _KNOWN))
        for key in _NEEDED:
            if key not in data:
                self._fault("rules.missing_key", key=key)
        if self.faults:
            return self._done(None, None)
        parameters = self._parameters(data.get("parameters"))
        query = self._query(data, parameters)
        rule = self._rule(data, parameters, query)
        return self._done(rule, query)

    def _done(self, rule: Rule | None, query: CheckedQuery | None) -> Loaded:
        faults = tuple(sorted(self.faults, key=lambda fault: fault.line))
        return Loaded(path=self.path, rule=None if faults else rule, query=None if faults else query, faults=faults)

    def _fault(self, text: str, /, *where: object, line: int = 0, **values: object) -> None:
        at = line or self.document.line_of(*where)
        self.faults.append(Fault(file=str(self.path), line=at, text=text, values=values))

    # -- the parts ---------------------------------------------------------

    def _rule(
        self, data: Mapping[str, Any], parameters: Mapping[str, Mapping[str, Parameter]], query: CheckedQuery | None
    ) -> Rule:
        fix = cast("dict[str, Any]", data["fix"]) if isinstance(data["fix"], dict) else {}
        return Rule(
            id=self._id(data["id"]),
            path=self.path,
            title=self._text(data, "title"),
            why=self._text(data, "why"),
            fail=self._template(data),
            fix=self._text(data, "fix", extra=_FIX_KEYS),
            severity=self._word(Severity, data, "severity", Severity.MEDIUM),
            confidence=self._word(Confidence, data, "confidence", Confidence.HIGH),
            judges=str(data["judges"]),
            query=str(data["query"]),
            query_line=self._query_line(),
            tables=query.tables if query else (),
            settles_without=self._names(data, "settles_without"),
            parameters=parameters,
            action=str(fix.get("action", "")),
            remedy=self._remedy(fix),
            story=self._word(Story, data, "story", Story.EXPOSED_SERVICE) if "story" in data else None,
            references=self._references(data),
            aliases=self._names(data, "aliases"),
            examples=self._examples(data["examples"], query),
            is_own=self.is_own,
        )

    def _id(self, value: object) -> str:
        identifier = str(value)
        if not _ID.match(identifier):
            self._fault("rules.bad_id", "id", id=identifier)
        elif identifier.rpartition(".")[2].replace("-", "_") != self.path.stem:
            self._fault("rules.id_differs", "id", id=identifier, stem=self.path.stem)
        return identifier

    def _remedy(self, fix: Mapping[str, Any]) -> Remedy:
        texts = {key: self._text(fix, key, under=("fix",)) for key in _REMEDY_TEXTS if key in fix}
        code = {key: fix[key] for key in _REMEDY_CODE if key in fix}
        for key, value in code.items():
            if not isinstance(value, str) or any(
                unicodedata.category(character) in _CONTROL for character in value.replace("\n", " ")
            ):
                self._fault("rules.text_has_control", "fix", key, key=f"fix.{key}", language="en")
                return Remedy()
        try:
            placeholders(code.get("cli", ""))
        except ValueError as error:
            self._fault("rules.bad_template", "fix", "cli", key="fix.cli", piece=str(error))
        return Remedy(**texts, **{key: value.strip() for key, value in code.items()})

    def _text(
        self,
        data: Mapping[str, Any],
        key: str,
        *,
        extra: frozenset[str] = frozenset(),
        under: tuple[str, ...] = (),
    ) -> Text:
        value = data[key]
        where = (*under, key)
        told = ".".join(where)
        found = cast("dict[str, Any]", value) if isinstance(value, dict) else {}
        for language in LANGUAGES:
            if not isinstance(found.get(language), str) or not found[language].strip():
                self._fault("rules.missing_language", *where, key=told, language=language)
            elif any(unicodedata.category(character) in _CONTROL for character in found[language].replace("\n", " ")):
                self._fault("rules.text_has_control", *where, language, key=told, language=language)
        for name in found:
            if name not in {*LANGUAGES, *extra}:
                self._fault("rules.unknown_key", *where, name, key=f"{told}.{name}", near=_near(str(name), extra))
        return Text(en=str(found.get("en", "")).strip(), ja=str(found.get("ja", "")).strip())

    def _template(self, data: Mapping[str, Any]) -> Text:
        template = self._text(data, "fail")
        for language in LANGUAGES:
            try:
                placeholders(template.in_(language))
            except ValueError as error:
                self._fault("rules.bad_template", "fail", language, key=f"fail.{language}", piece=str(error))
        return template

    def _word(self, words: type[E_], data: Mapping[str, Any], key: str, default: E_) -> E_:
        if key not in data:
            return default
        try:
            return words(data[key])
        except ValueError:
            self._fault("rules.unknown_word", key, key=key, found=data[key], known=[str(word) for word in words])
            return default

    def _references(self, data: Mapping[str, Any]) -> tuple[str, ...]:
        found = self._names(data, "references")
        for index, reference in enumerate(found):
            if not _REFERENCE.match(reference):
                self._fault("rules.reference_not_https", "references", index, found=reference)
        return found

    def _names(self, data: Mapping[str, Any], key: str) -> tuple[str, ...]:
        value = data.get(key, [])
        if (
            not isinstance(value, list)
            or len(cast("list[object]", value)) > _MAX_LIST
            or not all(isinstance(item, str) for item in cast("list[object]", value))
        ):
            self._fault("rules.not_a_list", key, key=key)
            return ()
        return tuple(cast("list[str]", value))

    # -- parameters and query ----------------------------------------------

    def _parameters(self, value: object) -> dict[str, dict[str, Parameter]]:
        if value is None:
            return {}
        if not isinstance(value, dict):
            self._fault("rules.parameter_profiles", "parameters", name="parameters", profiles=PROFILES)
            return {}
        result: dict[str, dict[str, Parameter]] = {}
        for name, given in cast("dict[str, object]", value).items():
            by_profile = dict(self._profiles(str(name), given))
            if len(by_profile) == len(PROFILES):
                result[str(name)] = by_profile
        return result

    def _profiles(self, name: str, given: object) -> Iterator[tuple[str, Parameter]]:
        """One value for all profiles, or a mapping that names every one."""
        values = cast("dict[str, object]", given) if isinstance(given, dict) else dict.fromkeys(PROFILES, given)
        if set(values) != set(PROFILES):
            self._fault("rules.parameter_profiles", "parameters", name, name=name, profiles=PROFILES)
            return
        for profile, value in values.items():
            parameter = _parameter(value)
            if parameter is None:
                self._fault("rules.parameter_value", "parameters", name, name=name)
                return
            yield profile, parameter

    def _query_line(self) -> int:
        """The line of the file before the query's first one: a block begins on the line after its key."""
        at = self.document.line_of("query")
        source = self.path.read_text(encoding="utf-8-sig", errors="replace").splitlines()
        header = source[at - 1] if at <= len(source) else ""
        return at if header.rstrip().endswith(("|", "|-", "|+", ">", ">-")) else at - 1

    def _query(self, data: Mapping[str, Any], parameters: Mapping[str, Mapping[str, Parameter]]) -> CheckedQuery | None:
        judges = data["judges"]
        if not isinstance(judges, str) or judges not in self.catalogue:
            self._fault(
                "rules.unknown_table", "judges", name=judges, near=_near(str(judges), frozenset(self.catalogue))
            )
            return None
        lists = {name: isinstance(values[PROFILES[0]], tuple) for name, values in parameters.items()}
        settles = self._names(data, "settles_without")
        try:
            return check_query(
                str(data["query"]), self.catalogue, judges=judges, settles_without=settles, parameters=lists
            )
        except QueryFault as fault:
            self._fault(fault.text, line=self._query_line() + fault.line, **fault.values)
            return None

    # -- examples ----------------------------------------------------------

    def _examples(self, value: object, query: CheckedQuery | None) -> tuple[Example, ...]:
        if not isinstance(value, list) or not value or len(cast("list[object]", value)) > _MAX_EXAMPLES:
            self._fault("rules.no_examples", "examples")
            return ()
        found = [self._example(index, item, query) for index, item in enumerate(cast("list[object]", value))]
        examples = tuple(example for example in found if example)
        shown = {status for example in examples for status in example.expect.values()}
        missing = [str(status) for status in Status if status not in shown]
        if missing:
            self._fault("rules.examples_lack", "examples", missing=missing)
        return examples

    def _example(self, index: int, item: object, query: CheckedQuery | None) -> Example | None:
        where = ("examples", index)
        data = cast("dict[str, Any]", item) if isinstance(item, dict) else {}
        if not {"name", "given", "expect"} <= set(data) or set(data) - _EXAMPLE_KEYS:
            self._fault("rules.example_form", *where)
            return None
        given = self._given(data["given"], where, query)
        try:
            expect = {str(resource): Status(status) for resource, status in dict(data["expect"]).items()}
            unread = tuple(Unread(**entry) for entry in data.get("unread", ()))
        except (ValueError, TypeError):
            self._fault("rules.example_form", *where)
            return None
        thresholds = str(data.get("thresholds", PROFILES[0]))
        if thresholds not in PROFILES:
            self._fault("rules.unknown_word", *where, key="thresholds", found=thresholds, known=PROFILES)
            return None
        return Example(
            name=str(data["name"]), line=self.document.line_of(*where), given=given, expect=expect, unread=unread,
            thresholds=thresholds,
        )  # fmt: skip

    def _given(
        self, value: object, where: tuple[object, ...], query: CheckedQuery | None
    ) -> dict[str, tuple[Mapping[str, object], ...]]:
        result: dict[str, tuple[Mapping[str, object], ...]] = {}
        for name, rows in cast("dict[str, object]", value).items() if isinstance(value, dict) else ():
            if name not in self.catalogue:
                self._fault(
                    "rules.unknown_table", *where, "given", name, name=name, near=_near(name, frozenset(self.catalogue))
                )
                continue
            if query is not None and name not in query.tables:
                self._fault("rules.example_unused_table", *where, "given", name, table=name)
            result[name] = self._rows(name, rows, (*where, "given", name))
        return result

    def _rows(self, table: str, rows: object, where: tuple[object, ...]) -> tuple[Mapping[str, object], ...]:
        columns = frozenset(column.name for column in self.catalogue[table].columns)
        found: list[Mapping[str, object]] = []
        for index, row in enumerate(cast("list[object]", rows) if isinstance(rows, list) else [None]):
            if not isinstance(row, dict):
                self._fault("rules.example_form", *where)
                continue
            for name in cast("dict[str, object]", row):
                if name not in columns:
                    self._fault(
                        "rules.unknown_column", *where, index, name, table=table, name=name, near=_near(name, columns)
                    )
            found.append(cast("dict[str, object]", row))
        return tuple(found)


def _parameter(value: object) -> Parameter | None:
    if isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, list):
        items = cast("list[object]", value)
        if items and len(items) <= _MAX_LIST and all(isinstance(item, str | int | float) for item in items):
            return tuple(cast("Sequence[str | int | float]", items))
    return None


def check_templates(rule: Rule, columns: frozenset[str]) -> tuple[Fault, ...]:
    """Faults of the sentences: names that the query does not give."""
    document = read_yaml(rule.path)
    templates = {("fail", language): rule.fail.in_(language) for language in LANGUAGES}
    templates["fix", "cli"] = rule.remedy.cli
    return tuple(
        Fault(
            file=str(rule.path),
            line=document.line_of(*where),
            text="rules.template_column",
            values={"key": ".".join(where), "name": name, "near": _near(name, columns)},
        )
        for where, template in templates.items()
        for name in sorted(placeholders(template) - columns)
    )


def _near(name: str, known: frozenset[str]) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - only when something is wrong

    found = get_close_matches(name, known, n=1)
    return found[0] if found else ""
