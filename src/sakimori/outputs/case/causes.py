"""How a key gets out: the questionnaire by which a person finds the cause (`rulebook/incident/causes.yaml`)."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, Final, cast

from sakimori.model.errors import RuleError, UsageError
from sakimori.model.verdict import Text
from sakimori.texts.bounded_yaml import Document, read_yaml
from sakimori.texts.nearest import nearest

_GROUP: Final = {"id", "title", "causes"}
_CAUSE: Final = {"id", "title", "phrase", "ask", "look", "fix"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """One way. `phrase` says it within a sentence of a reply; `ask` is what to ask people, `look` where to look, `fix` what to do."""

    id: str
    title: Text
    phrase: Text
    ask: Text
    look: Text
    fix: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class CauseGroup:
    """Ways of one kind, in the order in which to ask."""

    id: str
    title: Text
    causes: tuple[Cause, ...]


@cache
def load_causes() -> tuple[CauseGroup, ...]:
    """The groups, the likeliest first."""
    with as_file(files("sakimori") / "rulebook" / "incident" / "causes.yaml") as path:
        return read_causes(path)


def is_cause(identifier: str) -> bool:
    """Whether there is a cause of that id."""
    return identifier in _by_id()


def find_cause(identifier: str) -> Cause:
    """The cause of that id; UsageError with the nearest one."""
    known = _by_id()
    if identifier not in known:
        raise UsageError("case_report.no_such_cause", name=identifier, near=nearest(identifier, known))
    return known[identifier]


def _by_id() -> dict[str, Cause]:
    return {cause.id: cause for group in load_causes() for cause in group.causes}


def read_causes(path: Path) -> tuple[CauseGroup, ...]:
    """The groups of a file; RuleError with the line of what is wrong."""
    document = read_yaml(path)
    groups = tuple(_group(document, each, (number,)) for number, each in enumerate(_list(document, ())))
    ids = [cause.id for group in groups for cause in group.causes]
    if len(set(ids)) != len(ids):
        raise _fault(document, (), "id")
    return groups


def _group(document: Document, value: Any, at: tuple[object, ...]) -> CauseGroup:
    data = _mapping(document, value, at, _GROUP)
    causes = _list(document, (*at, "causes"))
    return CauseGroup(
        id=str(data["id"]),
        title=_text(document, data["title"], (*at, "title")),
        causes=tuple(_cause(document, each, (*at, "causes", number)) for number, each in enumerate(causes)),
    )


def _cause(document: Document, value: Any, at: tuple[object, ...]) -> Cause:
    data = _mapping(document, value, at, _CAUSE)
    texts = {name: _text(document, data[name], (*at, name)) for name in _CAUSE - {"id"}}
    return Cause(id=str(data["id"]), **texts)


def _mapping(document: Document, value: Any, at: tuple[object, ...], names: set[str]) -> dict[str, Any]:
    if not isinstance(value, dict) or set(value) != names:
        raise _fault(document, at, ", ".join(sorted(names)))
    return cast("dict[str, Any]", value)


def _list(document: Document, at: tuple[object, ...]) -> list[Any]:
    value: Any = document.data
    for step in at:
        value = value[step]
    if not isinstance(value, list) or not value:
        raise _fault(document, at, "[]")
    return value


def _text(document: Document, value: Any, at: tuple[object, ...]) -> Text:
    both = _mapping(document, value, at, {"en", "ja"})
    if not all(isinstance(each, str) and each for each in both.values()):
        raise _fault(document, at, "en, ja")
    return Text(en=both["en"], ja=both["ja"])


def _fault(document: Document, at: tuple[object, ...], wanted: str) -> RuleError:
    return RuleError("case_report.bad_causes", file=document.source, line=document.line_of(*at), wanted=wanted)
