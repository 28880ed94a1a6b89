"""Detection files read and compiled: every fault with its line, and a faulty file loses nothing but itself."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, Final, cast

from sakimori.analysis.log_forms.catalogue import forms_of
from sakimori.analysis.log_forms.form import LogForm
from sakimori.model.errors import RuleError, UsageError
from sakimori.rules.detections.condition import Condition
from sakimori.rules.detections.head_reader import ANY_MESSAGE, NAME, HeadReader
from sakimori.rules.detections.linking import linked
from sakimori.rules.detections.regex import refusal_of
from sakimori.rules.detections.rule import Correlation, DetectionRule, Detections, Head, Shape
from sakimori.rules.detections.sigma import Refusal, condition_of
from sakimori.rules.former_names import ambiguous
from sakimori.rules.kind_of_file import is_detection
from sakimori.rules.rule import Fault
from sakimori.texts.bounded_yaml import Document, read_yaml_documents
from sakimori.texts.language import LANGUAGES
from sakimori.texts.nearest import nearest
from sakimori.texts.template import placeholders

_DEEPEST: Final = 20
_SUFFIXES: Final = (".yml", ".yaml")


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedDetections:
    """The rules that hold, and what is wrong with the files of the others."""

    detections: Detections
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class _Piece:
    """One document with its Sigma object: a rule, a correlation or a filter."""

    reader: HeadReader
    number: int
    sigma: Any


def load_detections(own_directory: Path | None = None, paths: Iterable[Path] = ()) -> LoadedDetections:
    """The built-in rules, those of a user's directory (searched to the bottom), and those in `paths`.

    What a user's directory holds besides (rules of posture, frameworks) is left to its own loaders.
    """
    paths = tuple(paths)
    if own_directory is None and not paths:
        return _built_in_alone()
    found = [(path, True) for path in built_in_detections()]
    if own_directory is not None:
        found += [(path, False) for path in detection_files([own_directory]) if is_detection(path)]
    found += [(path, False) for path in paths]
    return _assembled(found)


@cache
def _built_in_alone() -> LoadedDetections:
    """The program's own files do not change while it runs, and reading them takes more than a second."""
    return _assembled((path, True) for path in built_in_detections())


def load_only(paths: Iterable[Path], *, is_own: bool = False) -> LoadedDetections:
    """Only the rules of these files."""
    return _assembled((path, is_own) for path in paths)


def detection_files(places: Iterable[Path]) -> tuple[Path, ...]:
    """The files of these, folders searched to the bottom; UsageError for one that is not there."""
    found: list[Path] = []
    for place in places:
        if not place.exists():
            raise UsageError("cli.no_such_file", path=place)
        found += sorted(each for each in place.rglob("*") if each.suffix in _SUFFIXES and each.is_file()) if place.is_dir() else [place]  # fmt: skip
    return tuple(found)


@cache
def built_in_detections() -> tuple[Path, ...]:
    """The files of the built-in detections, in order."""
    with as_file(files("sakimori") / "rulebook" / "detections") as directory:
        return tuple(sorted(directory.rglob("*.yml")))


def _assembled(found: Iterable[tuple[Path, bool]]) -> LoadedDetections:
    faults: list[Fault] = []
    pieces: list[_Piece] = []
    built_on: dict[Path, frozenset[str]] = {}
    for path, is_own in found:
        try:
            documents = read_yaml_documents(path)
        except RuleError as error:
            line = cast("int", error.values.get("line", 1))
            faults.append(Fault(file=str(path), line=line, text=error.text, values=error.values))
            continue
        built_on[path] = frozenset[str]().union(*map(_built_on, documents))
        for number, document in enumerate(documents):
            piece = _piece(document, path, number, is_own=is_own)
            if isinstance(piece, _Piece):
                pieces.append(piece)
            else:
                faults += piece
    return _linked(pieces, faults, built_on)


def _piece(document: Document, path: Path, number: int, *, is_own: bool) -> "_Piece | tuple[Fault, ...]":
    found = document.data
    if found is None:
        return ()
    data = cast("dict[str, Any]", found) if isinstance(found, dict) else dict[str, Any]()
    reader = HeadReader(document, path, data=data, is_own=is_own)
    if not any(key in data for key in ("detection", "correlation", "filter")):
        reader.fault("detect.not_a_rule")
        return tuple(reader.faults)
    try:
        return _Piece(reader, number, _sigma(data))
    except Refusal as refusal:
        _refuse(reader, refusal)
        return tuple(reader.faults)


def _sigma(data: Mapping[str, Any]) -> Any:
    """pySigma's object of a document."""
    from sigma.correlations import SigmaCorrelationRule  # noqa: PLC0415 - slow to import
    from sigma.exceptions import SigmaError  # noqa: PLC0415
    from sigma.filters import SigmaFilter  # noqa: PLC0415
    from sigma.rule import SigmaRule  # noqa: PLC0415 # pyright: ignore[reportMissingTypeStubs]

    _refuse_bad_expressions(data.get("detection", data.get("filter")))
    given = dict(data)
    found = given.get("correlation")
    correlation = cast("dict[str, Any]", found) if isinstance(found, dict) else {}
    if isinstance(correlation.get("condition"), str):
        # The specification's own examples write AND; pySigma knows only lower case.
        words = re.sub(r"\b(AND|OR|NOT)\b", lambda word: word[0].lower(), correlation["condition"])
        given["correlation"] = {**correlation, **_spelled(correlation, words)}
    kind = SigmaCorrelationRule if "correlation" in data else SigmaFilter if "filter" in data else SigmaRule
    try:
        return kind.from_dict(given)
    except SigmaError as error:
        raise Refusal("detect.sigma_refused", reason=str(error.args[0] if error.args else error)[:300]) from error
    except (AttributeError, TypeError, ValueError, KeyError, RecursionError) as error:
        # pySigma trusts the kinds of values in some places.
        raise Refusal("detect.sigma_refused", reason=f"{type(error).__name__}: {error}"[:300]) from error


def _refuse_bad_expressions(found: object, depth: int = 0) -> None:
    """Refusal of the first regular expression that RE2 does not take: pySigma would have RE2 complain on standard error."""
    if isinstance(found, list) and depth < _DEEPEST:
        for each in cast("list[object]", found):
            _refuse_bad_expressions(each, depth + 1)
    if not isinstance(found, dict) or depth >= _DEEPEST:
        return
    for key, value in cast("dict[object, object]", found).items():
        field, *modifiers = str(key).split("|")
        if "re" not in modifiers:
            _refuse_bad_expressions(value, depth + 1)
            continue
        for pattern in cast("list[object]", value) if isinstance(value, list) else [value]:
            refusal = refusal_of(pattern) if isinstance(pattern, str) else None
            if refusal is not None:
                raise Refusal("detect.bad_regex", field=field, pattern=str(pattern)[:80], reason=refusal)


def _spelled(correlation: Mapping[str, Any], words: str) -> dict[str, object]:
    """A temporal condition and its rules with _ for the hyphens of names, which pySigma takes for no part of a name."""
    rules = cast("list[object]", correlation.get("rules")) if isinstance(correlation.get("rules"), list) else []
    names = [name for name in rules if isinstance(name, str) and "-" in name and NAME.match(name)]
    for name in sorted(names, key=len, reverse=True):
        words = re.sub(rf"(?<![\w-]){re.escape(name)}(?![\w-])", name.replace("-", "_"), words)
    told = [name.replace("-", "_") if isinstance(name, str) and name in names else name for name in rules]
    return {"condition": words, **({"rules": told} if rules else {})}


def _linked(pieces: list[_Piece], faults: list[Fault], built_on: Mapping[Path, frozenset[str]]) -> LoadedDetections:
    filters = [piece.sigma for piece in pieces if "filter" in piece.reader.data]
    rules: dict[str, DetectionRule] = {}
    correlations: dict[str, tuple[HeadReader, Head, Any]] = {}
    ids: dict[str, str] = {}
    for piece in pieces:
        if "filter" in piece.reader.data:
            continue
        before = len(faults)
        head = piece.reader.head(number=piece.number)
        made = _rule(piece, head, filters) if "detection" in piece.reader.data else None
        taken = rules.get(head.name) or correlations.get(head.name)
        if taken is not None:
            other = taken.head.path if isinstance(taken, DetectionRule) else taken[1].path
            piece.reader.fault("rules.id_twice", "name", id=head.name, other=str(other))
        faults += piece.reader.faults
        if len(faults) > before:
            continue
        if made is not None:
            rules[head.name] = made
        else:
            correlations[head.name] = (piece.reader, head, piece.sigma)
        ids[head.uuid or head.name] = head.name
        ids.setdefault(head.name.replace("-", "_"), head.name)
    heads = {
        **{name: rule.head for name, rule in rules.items()},
        **{name: each[1] for name, each in correlations.items()},
    }
    named = {name: (head.path, head.line, head.aliases) for name, head in heads.items()}
    for name, fault in ambiguous(named).items():
        faults.append(fault)
        rules.pop(name, None)
        correlations.pop(name, None)
        ids = {key: each for key, each in ids.items() if each != name}
    linked_correlations, more = linked(rules, correlations, ids)
    faults += more
    return LoadedDetections(
        detections=_silenced(rules, linked_correlations, built_on),
        faults=tuple(sorted(faults, key=lambda fault: (fault.file, fault.line))),
    )


def _silenced(
    rules: Mapping[str, DetectionRule], correlations: Mapping[str, Correlation], built_on: Mapping[Path, frozenset[str]]
) -> Detections:
    """Rules that only their file's own correlation is about find nothing by themselves, as Sigma has it (`generate`).

    So they do where that correlation is faulty: what was meant to be counted is not to be told one by one.
    """
    shown = {
        name: replace(rule, head=replace(rule.head, is_alone=False))
        if {name, rule.head.uuid} & built_on.get(rule.head.path, frozenset())
        else rule
        for name, rule in rules.items()
    }
    # Correlations stay in the order of their linking: none comes before those that it is about.
    return Detections(rules=dict(sorted(shown.items())), correlations=correlations)


def _built_on(document: Document) -> frozenset[str]:
    """The rules that a document's correlation is about, unless they are to be told too; whatever else is wrong with it."""
    found = document.data
    given = cast("dict[str, Any]", found).get("correlation") if isinstance(found, dict) else None
    correlation = cast("dict[str, Any]", given) if isinstance(given, dict) else dict[str, Any]()
    rules = correlation.get("rules")
    named = cast("list[object]", rules) if isinstance(rules, list) else [rules]
    return (
        frozenset()
        if correlation.get("generate") is True
        else frozenset(name for name in named if isinstance(name, str))
    )


def _rule(piece: _Piece, head: Head, filters: Iterable[Any]) -> DetectionRule | None:
    reader = piece.reader
    source = piece.sigma.logsource
    forms = forms_of(source.product, source.service, source.category)
    if not forms:
        told = {"product": source.product or "-", "service": source.service or "-", "category": source.category or "-"}
        reader.fault("detect.no_such_log", "logsource", line=0, **told)
        return None
    sigma = piece.sigma
    for each in filters:
        sigma = each.apply_on_rule(sigma)
    conditions = tuple(_conditions(reader, sigma, forms))
    if not conditions:
        return None
    quoted = _names(reader, map(str, piece.sigma.fields), conditions)
    shape = reader.shape()
    return DetectionRule(
        head=head,
        conditions=conditions,
        quoted=(*_message_fields(reader, head, conditions, shape), *quoted),
        resources=_names(
            reader, reader.names(reader.block, "resources", "sakimori"), conditions, "sakimori", "resources"
        ),
        subject=_names(reader, reader.names(reader.block, "subject", "sakimori"), conditions, "sakimori", "subject"),
        first_seen=reader.first_seen(),
        shape=shape,
    )


def _conditions(reader: HeadReader, sigma: Any, forms: tuple[LogForm, ...]) -> Iterator[tuple[LogForm, Condition]]:
    """The rule over each log that has all its fields; a fault where none has."""
    refusals: list[Refusal] = []
    found = False
    for form in forms:
        try:
            condition = condition_of(sigma, form)
        except Refusal as refusal:
            refusals.append(refusal)
            continue
        found = True
        yield form, condition
    if not found and refusals:
        _refuse(reader, refusals[0])


def _refuse(reader: HeadReader, refusal: Refusal) -> None:
    reader.fault(refusal.text, *reader.field_line(refusal.field), line=0, **refusal.values)


def _names(
    reader: HeadReader, names: Iterable[str], conditions: tuple[tuple[LogForm, Condition], ...], *where: object
) -> tuple[str, ...]:
    """Those of these fields that some log of the rule has; a fault for one of ours that none has."""
    kept: list[str] = []
    for name in names:
        if any(form.resolve(name) for form, _ in conditions):
            kept.append(name)
        elif where or reader.is_own:
            form = conditions[0][0]
            reader.fault("detect.no_such_field", *(where or ("fields",)), name=name, table=form.table.name, near=nearest(name, form.names))  # fmt: skip
    return tuple(kept)


def _message_fields(
    reader: HeadReader, head: Head, conditions: tuple[tuple[LogForm, Condition], ...], shape: Shape | None
) -> tuple[str, ...]:
    """The fields that the message quotes; what a shape measures is told by the shape."""
    found: set[str] = set()
    for language in LANGUAGES:
        try:
            found |= placeholders(head.message.in_(language), dotted=True)
        except ValueError as error:
            reader.fault("rules.bad_template", "sakimori", "message", language, key=f"message.{language}", piece=str(error))  # fmt: skip
    measures = {"events", "denied", *shape.at_least} if shape else set[str]()
    return _names(reader, sorted(found - ANY_MESSAGE - measures), conditions, "sakimori", "message")
