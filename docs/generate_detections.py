"""The page of the reference on detections: its facts come from the rules, the fields and the values themselves.

`generate.py` asks for it; the words around the facts stand in `generate_detections.yaml`.
"""

# ruff: noqa: INP001 - a script beside the pages that it writes

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from generate import Lines, cell, code, grid, page, word

from sakimori.analysis.behaviour.dimensions import DIMENSIONS, OF
from sakimori.analysis.facts.catalogue import facts
from sakimori.analysis.log_forms.catalogue import log_forms
from sakimori.analysis.log_forms.form import ROLES
from sakimori.cli.rules_detection import all_of, logs_of
from sakimori.model.detection import Detection
from sakimori.model.verdict import Text
from sakimori.model.words import Confidence, Severity
from sakimori.outputs.report.detection_list import plain_detection
from sakimori.rules.detections.coverage import load_coverage
from sakimori.rules.detections.head_reader import BLOCK_KEYS, MEASURES, PERS
from sakimori.rules.detections.load import LoadedDetections, load_detections
from sakimori.texts.language import Language
from sakimori.texts.sentences import say

_SAMPLE: Final = Detection(
    rule="r", title=Text(en="t", ja="t"), severity=Severity.LOW, confidence=Confidence.LOW, tactics=("t",),
    techniques=("t",), first_at=datetime(2026, 1, 1, tzinfo=UTC), last_at=datetime(2026, 1, 1, tzinfo=UTC), count=1,
    principal="p", origins=("o",), account="a", region="r", message=Text(en="m", ja="m"), source="s", native_id="n",
)  # fmt: skip
_KINDS: Final = {str: "string", int: "integer", bool: "boolean", list: "array", dict: "object"}


def detections(language: Language) -> Lines:
    """Everything that is declared of detections."""
    loaded = load_detections()
    yield from _coverage(loaded, language)
    yield from _section("rules", language)
    yield from _rules(loaded, language)
    yield from _section("fields", language)
    yield from _grid(
        ("field", "meaning"), ((f"`{name}`", _word(f"roles.{name}", language)) for name in ROLES), language
    )
    yield f"{word('detections.logs', language)}\n"
    yield from _grid(("table", "services", "categories"), _logs(language), language)
    yield from _section("facts", language)
    told = ((f"`{n}`", str(fact.type), cell(fact.sentence.in_(language))) for n, fact in facts().items())
    yield from _grid(("fact", "type", "meaning"), told, language)
    yield from _section("block", language)
    keys = ((f"`{key}`", _word(f"keys.{key}", language)) for key in sorted(BLOCK_KEYS))
    yield from _grid(("key", "meaning"), keys, language)
    words = (
        ("first_seen.dimension", DIMENSIONS), ("first_seen.of", OF), ("shape.per", PERS), ("shape.at_least", MEASURES)
    )  # fmt: skip
    yield from _grid(("word", "values"), ((f"`{name}`", code(values)) for name, values in words), language)
    yield from _section("json", language)
    plain = plain_detection(_SAMPLE)
    rows = ((f"`{key}`", _KINDS[type(value)], _word(f"json_keys.{key}", language)) for key, value in plain.items())
    yield from _grid(("key", "type", "meaning"), rows, language)


def _word(key: str, language: Language) -> str:
    return cell(word(f"detections.{key}", language))


def _section(name: str, language: Language) -> Lines:
    yield f"## {word(f'detections.{name}_title', language)}\n"
    yield f"{word(f'detections.{name}', language)}\n"


def _grid(headings: tuple[str, ...], rows: Iterator[tuple[str, ...]], language: Language) -> Lines:
    yield from grid((_word(each, language) for each in headings), rows)


def _coverage(loaded: LoadedDetections, language: Language) -> Lines:
    yield from _section("coverage", language)
    columns = ("all", "covered", "with_list", "imported", "not")
    for found in load_coverage(loaded.detections).maps.values():
        yield f"### {found.title.in_(language)}\n"
        yield f"{found.id} {found.version}: <{found.source}>\n"
        names = [*(name for name in found.groups if found.within(name)), ""]
        headings = (f"coverage.column_group_{found.id}", *(f"coverage.column_{name}" for name in columns))
        rows = (
            (
                cell(found.groups[name].in_(language) if name else say("coverage.row_all", language)),
                str(len(found.within(name))),
                *(str(count) for count in found.counts(name).values()),
            )
            for name in names
        )
        yield from grid((say(each, language) for each in headings), rows)
        beyond = sum(each.is_beyond for each in found.entries)
        if beyond:
            yield f"{say('coverage.beyond', language, count=beyond)}\n"
        if found.notice:
            yield f"{found.notice.in_(language)}\n"


def _rules(loaded: LoadedDetections, language: Language) -> Lines:
    alone = [each for each in all_of(loaded) if each.head.is_alone]
    worst_first = sorted(alone, key=lambda each: (-each.head.severity.rank, each.name))
    rows = (
        (
            say(f"report.severity_{each.head.severity}", language),
            f"`{each.name}`",
            cell(each.head.title.in_(language)),
            ", ".join(
                f"[{log.removeprefix('aws_')}]({page('tables', language)}#{log})" for log in logs_of(each, loaded)
            ),
            ", ".join(each.head.techniques),
        )
        for each in worst_first
    )
    yield from _grid(("severity", "rule", "detects", "log", "technique"), rows, language)


def _logs(language: Language) -> Iterator[tuple[str, ...]]:
    for form in log_forms():
        table = f"[`{form.table.name}`]({page('tables', language)}#{form.table.name})"
        yield table, code(form.services) or "—", code(form.categories) or "—"
