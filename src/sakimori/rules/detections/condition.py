"""The condition of a rule: tests of fields under and, or, not; and what it says of the few-valued columns beforehand."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from sakimori.analysis.log_forms.form import Field, FieldKind
from sakimori.rules.detections.matching import Matcher, OneOf, SameAs, Special


@dataclass(frozen=True, slots=True)
class Test:
    """Some value of the field is as the matcher says."""

    field: Field
    matcher: Matcher | Special


@dataclass(frozen=True, slots=True)
class Anywhere:
    """Some text in the whole event is as the matcher says (a Sigma keyword)."""

    matcher: Matcher


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Either:
    """Some part holds."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold: so where its field is missing, too."""

    part: "Condition"


Condition = Test | Anywhere | All | Either | Not


def all_of(parts: Iterable[Condition]) -> Condition:
    """All of them, those that are `All` themselves dissolved."""
    flat = tuple(piece for part in parts for piece in (part.parts if isinstance(part, All) else (part,)))
    return flat[0] if len(flat) == 1 else All(flat)


def either_of(parts: Iterable[Condition]) -> Condition:
    """Any of them; equalities of one field become one set."""
    flat = [piece for part in parts for piece in (part.parts if isinstance(part, Either) else (part,))]
    sets: dict[tuple[Field, bool], set[str]] = {}
    rest: list[Condition] = []
    for part in flat:
        if isinstance(part, Test) and isinstance(part.matcher, OneOf):
            sets.setdefault((part.field, part.matcher.is_cased), set()).update(part.matcher.texts)
        else:
            rest.append(part)
    merged: list[Condition] = [Test(field, OneOf(frozenset(texts), cased)) for (field, cased), texts in sets.items()]
    merged += rest
    return merged[0] if len(merged) == 1 else Either(tuple(merged))


def fields_of(condition: Condition) -> Iterator[Field]:
    """Every field that the condition names."""
    match condition:
        case Test(field, matcher):
            yield field
            if isinstance(matcher, SameAs):
                yield matcher.field
        case Anywhere():
            return
        case Not(part):
            yield from fields_of(part)
        case All(parts) | Either(parts):
            for part in parts:
                yield from fields_of(part)


def anchor_of(condition: Condition, column: str) -> frozenset[str] | None:
    """The values (lower case) of a column outside which the condition cannot hold; None where any value may do."""
    match condition:
        case Test(field, OneOf(texts, is_cased)) if field.column == column and field.kind is FieldKind.COLUMN:
            return frozenset(text.lower() for text in texts) if is_cased else texts
        case All(parts):
            found = [anchor for part in parts if (anchor := anchor_of(part, column)) is not None]
            return min(found, key=len) if found else None
        case Either(parts):
            anchors = [anchor_of(part, column) for part in parts]
            known = [anchor for anchor in anchors if anchor is not None]
            return frozenset[str]().union(*known) if len(known) == len(anchors) else None
        case _:
            return None


def without_anchor(condition: Condition, column: str) -> Condition:
    """What is left to ask of events whose value of this column is one of `anchor_of`: a test that only says so is left out."""
    anchor = anchor_of(condition, column)
    if anchor is None:
        return condition
    parts = condition.parts if isinstance(condition, All) else (condition,)
    left = tuple(part for part in parts if not _only_says(part, column, anchor))
    return condition if len(left) == len(parts) else All(left)


def parted(condition: Condition, is_light: Callable[[Condition], bool]) -> tuple[Condition | None, Condition | None]:
    """What can be asked at little cost, and what is left to ask where that holds; together they are the condition."""
    parts = condition.parts if isinstance(condition, All) else (condition,)
    light = [part for part in parts if is_light(part)]
    heavy = [part for part in parts if not is_light(part)]
    return all_of(light) if light else None, all_of(heavy) if heavy else None


def _only_says(part: Condition, column: str, anchor: frozenset[str]) -> bool:
    match part:
        case Test(field, OneOf(texts, False)):
            return field.kind is FieldKind.COLUMN and field.column == column and texts == anchor
        case _:
            return False
