"""Saved questions: files of data, each a query over the lake with its words in both languages."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, Final, cast

from sakimori.lake.table import Catalogue
from sakimori.lake.user_sql import check_user_sql
from sakimori.model.errors import UsageError
from sakimori.model.verdict import Text
from sakimori.rules.file_reader import FileReader, open_document, parameter_of
from sakimori.rules.rule import Fault, Parameter
from sakimori.texts.nearest import nearest

_ID: Final = re.compile(r"[a-z0-9][a-z0-9-]*\.[a-z0-9][a-z0-9-]*\Z")
_NAME: Final = re.compile(r"[a-z][a-z0-9_]*\Z")
_KNOWN: Final = frozenset({"id", "title", "description", "tables", "parameters", "query"})
_NEEDED: Final = ("id", "title", "description", "tables", "query")
_PARAMETER: Final = frozenset({"default", "text"})
_ANY_DAY: Final = datetime(2026, 11, 1, tzinfo=UTC)
_DIRECTORY: Final = "questions"


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionParameter:
    """A value that a question can be asked with."""

    default: Parameter
    text: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedQuestion:
    """One file. `query` names its parameters as `$name`."""

    id: str
    path: Path
    title: Text
    description: Text
    tables: tuple[str, ...]
    query: str
    parameters: Mapping[str, QuestionParameter] = field(default_factory=dict[str, QuestionParameter])

    def values(self, given: Mapping[str, str]) -> dict[str, Parameter]:
        """The value of each parameter: as given (texts of a command line), or its default. UsageError for one that does not fit."""
        for name in given:
            if name not in self.parameters:
                known = sorted(self.parameters)
                near = nearest(name, known)
                raise UsageError("query.no_such_parameter", name=name, question=self.id, near=near, known=known)
        return {
            name: _typed(self.id, name, parameter.default, given[name]) if name in given else parameter.default
            for name, parameter in self.parameters.items()
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Questions:
    """Questions by id, and the faults of the files that hold none."""

    by_id: Mapping[str, SavedQuestion]
    faults: tuple[Fault, ...] = ()

    def find(self, identifier: str) -> SavedQuestion:
        """The question of that id; UsageError with the nearest one."""
        if identifier not in self.by_id:
            raise UsageError("query.no_such_question", name=identifier, near=nearest(identifier, self.by_id))
        return self.by_id[identifier]


def load_questions(own_directory: Path | None = None) -> Questions:
    """The built-in questions and those in a user's directory (searched to the bottom), without a look at their SQL.

    That is looked at when one is asked, as all SQL is; `check_question` does so before.
    """
    paths = [*built_in_questions()]
    if own_directory is not None and own_directory.is_dir():
        paths += sorted(path for path in own_directory.rglob("*.yaml") if path.is_file())
    by_id: dict[str, SavedQuestion] = {}
    faults: list[Fault] = []
    for path in paths:
        question, found = load_question(path)
        faults += found
        if question is not None and question.id in by_id:
            values = {"id": question.id, "other": str(by_id[question.id].path)}
            faults.append(Fault(file=str(path), line=1, text="rules.id_twice", values=values))
        elif question is not None:
            by_id[question.id] = question
    return Questions(by_id=dict(sorted(by_id.items())), faults=tuple(faults))


def find_question(identifier: str, own_directory: Path | None = None) -> SavedQuestion:
    """The question of that id; UsageError with the nearest one. Of the built-in ones only that one file is read."""
    if _ID.match(identifier):
        folder, _, stem = identifier.replace("-", "_").partition(".")
        with as_file(files("sakimori") / "rulebook" / _DIRECTORY / folder / f"{stem}.yaml") as path:
            question = load_question(path)[0] if path.is_file() else None
        if question is not None:
            return question
    return load_questions(own_directory).find(identifier)


def built_in_questions() -> tuple[Path, ...]:
    """The files of the built-in questions, in order."""
    with as_file(files("sakimori") / "rulebook" / _DIRECTORY) as directory:
        return tuple(sorted(directory.rglob("*.yaml")))


def load_question(path: Path) -> tuple[SavedQuestion | None, tuple[Fault, ...]]:
    """The question in `path`, or the faults that keep it from being one."""
    document = open_document(path)
    if isinstance(document, Fault):
        return None, (document,)
    loader = _Loader(document, path)
    found = loader.load()
    faults = tuple(sorted(loader.faults, key=lambda fault: fault.line))
    return (None if faults else found), faults


def check_question(question: SavedQuestion, tables: Catalogue) -> tuple[Fault, ...]:
    """What is wrong with a question's SQL, at its line in the file."""
    document = open_document(question.path)
    if isinstance(document, Fault):
        return (document,)
    reader = FileReader(document, question.path)
    defaults = {name: parameter.default for name, parameter in question.parameters.items()}
    try:
        checked = check_user_sql(question.query, tables, now=_ANY_DAY, parameters=defaults)
    except UsageError as error:
        values = dict(error.values)
        reader.fault(error.text, line=document.line_of("query") + cast("int", values.pop("line", 1)), **values)
        return tuple(reader.faults)
    if set(checked.tables) != set(question.tables):
        reader.fault("query.question_tables", "tables", declared=sorted(question.tables), read=checked.tables)
    for name in sorted(set(question.parameters) - set(checked.parameters)):
        reader.fault("query.parameter_unused", "parameters", name, name=name)
    return tuple(reader.faults)


@dataclass(slots=True)
class _Loader(FileReader):
    def load(self) -> SavedQuestion | None:
        data = self.mapping(_KNOWN, _NEEDED)
        if data is None:
            return None
        identifier = str(data["id"])
        folder = f"{self.path.parent.name}.{self.path.stem}".replace("_", "-")
        if not _ID.match(identifier) or identifier != folder:
            self.fault("query.question_id", "id", id=identifier, expected=folder)
        if not isinstance(data["query"], str):
            self.fault("query.question_query", "query")
        tables = self.names(data, "tables")
        if not tables:
            self.fault("rules.not_a_list", "tables", key="tables")
        return SavedQuestion(
            id=identifier,
            path=self.path,
            title=self.text(data, "title"),
            description=self.text(data, "description"),
            tables=tables,
            query=str(data["query"]),
            parameters=dict(self._parameters(data.get("parameters"))),
        )

    def _parameters(self, value: object) -> Iterable[tuple[str, QuestionParameter]]:
        if value is None:
            return
        if not isinstance(value, dict):
            self.fault("rules.not_a_table", "parameters", key="parameters")
            return
        for name, entry in cast("dict[str, object]", value).items():
            given = cast("dict[str, Any]", entry) if isinstance(entry, dict) else {}
            where = ("parameters", name)
            if not self.has_keys(given, _PARAMETER, ("default", "text"), *where):
                continue
            default = parameter_of(given["default"])
            if default is None or not _NAME.match(str(name)):
                self.fault("query.question_parameter", *where, name=name)
                continue
            yield str(name), QuestionParameter(default=default, text=self.text(given, "text", *where))


def named_values(texts: Sequence[str]) -> dict[str, str]:
    """`name=value` texts by name; UsageError for one that is none."""
    found: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise UsageError("query.bad_pair", pair=text)
        found[name.lstrip("$")] = value
    return found


def _typed(question: str, name: str, default: Parameter, text: str) -> Parameter:
    """What stands on a command line, as the kind of value that the default is; the items of a list have commas between."""
    if isinstance(default, tuple):
        items = [item.strip() for item in text.split(",") if item.strip()]
        return tuple(cast("str", _typed(question, name, default[0], item)) for item in items)
    if isinstance(default, bool):
        if text.lower() not in {"true", "false"}:
            raise UsageError("query.bad_parameter", name=name, question=question, value=text, example=default)
        return text.lower() == "true"
    if isinstance(default, int | float):
        try:
            return type(default)(text)
        except ValueError as error:
            raise UsageError(
                "query.bad_parameter", name=name, question=question, value=text, example=default
            ) from error
    return text
