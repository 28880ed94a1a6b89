"""Reading rule files: every fault of a file is found, each with its line and its cure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, cast

from sakimori.lake.table import Catalogue
from sakimori.model.remedy import Remedy
from sakimori.model.verdict import Text
from sakimori.model.words import Confidence, Severity, Status, Story
from sakimori.rules.check_query import check_query
from sakimori.rules.checked import CheckedQuery
from sakimori.rules.file_reader import FileReader, has_control, open_document, parameter_of
from sakimori.rules.rule import PROFILES, Example, Fault, Loaded, Parameter, Rule, Unread
from sakimori.rules.shape import QueryFault
from sakimori.texts.bounded_yaml import read_yaml
from sakimori.texts.language import LANGUAGES
from sakimori.texts.nearest import nearest
from sakimori.texts.template import placeholders

_ID: Final = re.compile(r"[a-z0-9]+(\.[a-z0-9][a-z0-9-]*)+\Z")
_KNOWN: Final = frozenset(
    {"id", "severity", "confidence", "title", "why", "judges", "settles_without", "parameters", "query", "fail", "fix",
     "references", "examples", "aliases", "story"}
)  # fmt: skip
_NEEDED: Final = ("id", "severity", "title", "why", "judges", "query", "fail", "fix", "examples")
_REMEDY_TEXTS: Final = ("console", "breaks", "undo")
_REMEDY_CODE: Final = ("cli", "terraform")
_FIX_KEYS: Final = frozenset({"action", "minutes", *_REMEDY_TEXTS, *_REMEDY_CODE})
_EXAMPLE_KEYS: Final = frozenset({"name", "given", "expect", "unread", "thresholds"})
_MAX_MINUTES: Final = 10_000
_MAX_EXAMPLES: Final = 60


def load_rule(path: Path, catalogue: Catalogue, *, is_own: bool) -> Loaded:
    """The rule in `path`, checked against the catalogue; never raises for what stands in the file."""
    document = open_document(path)
    if isinstance(document, Fault):
        return Loaded(path=path, faults=(document,))
    return _Loader(document, path, catalogue, is_own=is_own).load()


@dataclass(slots=True)
class _Loader(FileReader):
    catalogue: Catalogue
    is_own: bool = field(kw_only=True)

    def load(self) -> Loaded:
        data = self.mapping(_KNOWN, _NEEDED)
        if data is None:
            return self._done(None, None)
        parameters = self._parameters(data.get("parameters"))
        query = self._query(data, parameters)
        rule = self._rule(data, parameters, query)
        return self._done(rule, query)

    def _done(self, rule: Rule | None, query: CheckedQuery | None) -> Loaded:
        faults = tuple(sorted(self.faults, key=lambda fault: fault.line))
        return Loaded(path=self.path, rule=None if faults else rule, query=None if faults else query, faults=faults)

    # -- the parts ---------------------------------------------------------

    def _rule(
        self, data: Mapping[str, Any], parameters: Mapping[str, Mapping[str, Parameter]], query: CheckedQuery | None
    ) -> Rule:
        fix = cast("dict[str, Any]", data["fix"]) if isinstance(data["fix"], dict) else {}
        return Rule(
            id=self._id(data["id"]),
            path=self.path,
            title=self.text(data, "title"),
            why=self.text(data, "why"),
            fail=self._template(data),
            fix=self.text(data, "fix", extra=_FIX_KEYS),
            severity=self.word(Severity, data, "severity", Severity.MEDIUM),
            confidence=self.word(Confidence, data, "confidence", Confidence.HIGH),
            judges=str(data["judges"]),
            query=str(data["query"]),
            query_line=self._query_line(),
            tables=query.tables if query else (),
            settles_without=self.names(data, "settles_without"),
            parameters=parameters,
            action=str(fix.get("action", "")),
            remedy=self._remedy(fix),
            story=self.word(Story, data, "story", Story.EXPOSED_SERVICE) if "story" in data else None,
            references=self.references(data),
            aliases=self.names(data, "aliases"),
            examples=self._examples(data["examples"], query),
            is_own=self.is_own,
            is_on_request=any(self.catalogue[name].is_on_request for name in (query.tables if query else ())),
        )

    def _id(self, value: object) -> str:
        identifier = str(value)
        if not _ID.match(identifier):
            self.fault("rules.bad_id", "id", id=identifier)
        elif identifier.rpartition(".")[2].replace("-", "_") != self.path.stem:
            self.fault("rules.id_differs", "id", id=identifier, stem=self.path.stem)
        return identifier

    def _remedy(self, fix: Mapping[str, Any]) -> Remedy:
        texts = {key: self.text(fix, key, "fix") for key in _REMEDY_TEXTS if key in fix}
        for key, text in texts.items():
            for language in LANGUAGES:
                if "{{" in text.in_(language):
                    # Only `cli` is a template: here the braces would be shown as they stand.
                    self.fault("rules.bad_template", "fix", key, language, key=f"fix.{key}.{language}", piece="{{")
        code = {key: fix[key] for key in _REMEDY_CODE if key in fix}
        for key, value in code.items():
            if not isinstance(value, str) or has_control(value):
                self.fault("rules.text_has_control", "fix", key, key=f"fix.{key}")
                return Remedy()
        try:
            placeholders(code.get("cli", ""))
        except ValueError as error:
            self.fault("rules.bad_template", "fix", "cli", key="fix.cli", piece=str(error))
        minutes = fix.get("minutes")
        if minutes is not None and (not isinstance(minutes, int) or not 1 <= minutes <= _MAX_MINUTES):
            self.fault("rules.bad_minutes", "fix", "minutes", most=_MAX_MINUTES)
            minutes = None
        return Remedy(minutes=minutes, **texts, **{key: value.strip() for key, value in code.items()})

    def _template(self, data: Mapping[str, Any]) -> Text:
        template = self.text(data, "fail")
        for language in LANGUAGES:
            try:
                placeholders(template.in_(language))
            except ValueError as error:
                self.fault("rules.bad_template", "fail", language, key=f"fail.{language}", piece=str(error))
        return template

    # -- parameters and query ----------------------------------------------

    def _parameters(self, value: object) -> dict[str, dict[str, Parameter]]:
        if value is None:
            return {}
        if not isinstance(value, dict):
            self.fault("rules.parameter_profiles", "parameters", name="parameters", profiles=PROFILES)
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
            self.fault("rules.parameter_profiles", "parameters", name, name=name, profiles=PROFILES)
            return
        for profile, value in values.items():
            parameter = parameter_of(value)
            if parameter is None:
                self.fault("rules.parameter_value", "parameters", name, name=name)
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
            self.fault(
                "rules.unknown_table", "judges", name=judges, near=nearest(str(judges), frozenset(self.catalogue))
            )
            return None
        lists = {name: isinstance(values[PROFILES[0]], tuple) for name, values in parameters.items()}
        settles = self.names(data, "settles_without")
        try:
            return check_query(
                str(data["query"]), self.catalogue, judges=judges, settles_without=settles, parameters=lists
            )
        except QueryFault as fault:
            self.fault(fault.text, line=self._query_line() + fault.line, **fault.values)
            return None

    # -- examples ----------------------------------------------------------

    def _examples(self, value: object, query: CheckedQuery | None) -> tuple[Example, ...]:
        if not isinstance(value, list) or not value or len(cast("list[object]", value)) > _MAX_EXAMPLES:
            self.fault("rules.no_examples", "examples")
            return ()
        found = [self._example(index, item, query) for index, item in enumerate(cast("list[object]", value))]
        examples = tuple(example for example in found if example)
        shown = {status for example in examples for status in example.expect.values()}
        missing = [str(status) for status in Status if status not in shown]
        if missing:
            self.fault("rules.examples_lack", "examples", missing=missing)
        return examples

    def _example(self, index: int, item: object, query: CheckedQuery | None) -> Example | None:
        where = ("examples", index)
        data = cast("dict[str, Any]", item) if isinstance(item, dict) else {}
        if not {"name", "given", "expect"} <= set(data) or set(data) - _EXAMPLE_KEYS:
            self.fault("rules.example_form", *where)
            return None
        given = self._given(data["given"], where, query)
        try:
            expect = {str(resource): Status(status) for resource, status in dict(data["expect"]).items()}
            unread = tuple(Unread(**entry) for entry in data.get("unread", ()))
        except (ValueError, TypeError):
            self.fault("rules.example_form", *where)
            return None
        thresholds = str(data.get("thresholds", PROFILES[0]))
        if thresholds not in PROFILES:
            self.fault("rules.unknown_word", *where, key="thresholds", found=thresholds, known=PROFILES)
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
                self.fault(
                    "rules.unknown_table",
                    *where,
                    "given",
                    name,
                    name=name,
                    near=nearest(name, frozenset(self.catalogue)),
                )
                continue
            if query is not None and name not in query.tables:
                self.fault("rules.example_unused_table", *where, "given", name, table=name)
            result[name] = self._rows(name, rows, (*where, "given", name))
        return result

    def _rows(self, table: str, rows: object, where: tuple[object, ...]) -> tuple[Mapping[str, object], ...]:
        columns = frozenset(column.name for column in self.catalogue[table].columns)
        found: list[Mapping[str, object]] = []
        for index, row in enumerate(cast("list[object]", rows) if isinstance(rows, list) else [None]):
            if not isinstance(row, dict):
                self.fault("rules.example_form", *where)
                continue
            for name in cast("dict[str, object]", row):
                if name not in columns:
                    self.fault(
                        "rules.unknown_column", *where, index, name, table=table, name=name, near=nearest(name, columns)
                    )
            found.append(cast("dict[str, object]", row))
        return tuple(found)


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
            values={"key": ".".join(where), "name": name, "near": nearest(name, columns)},
        )
        for where, template in templates.items()
        for name in sorted(placeholders(template) - columns)
    )
