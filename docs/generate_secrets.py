"""The reference page of `sakimori secrets`: the kinds, and the JSON that a scan writes."""

# ruff: noqa: INP001 - a script beside the pages that it writes

from collections.abc import Iterator

from generate import cell, grid, word, words

from sakimori.analysis.secrets.kinds import load_kinds
from sakimori.texts.language import Language
from sakimori.texts.sentences import say


def secrets(language: Language) -> Iterator[str]:
    """What each kind is called and how bad it is, and every key of the JSON."""
    yield f"## {word('secrets.json_title', language)}\n\n{word('secrets.json_opening', language)}\n"
    headings = [word(f"secrets.{key}", language) for key in ("key", "meaning")]
    for part in ("document", "finding", "gap"):
        yield f"### {part}\n"
        rows = ((f"`{name}`", cell(both[language])) for name, both in words()["secrets"][part].items())
        yield from grid(headings, rows)
    yield f"## {word('secrets.own_title', language)}\n\n{word('secrets.own', language)}\n"
    yield f"## {word('secrets.kinds_title', language)}\n\n{word('secrets.kinds_opening', language)}\n"
    headings = [word(f"secrets.{key}", language) for key in ("kind", "name", "severity", "confidence")]
    rows = (
        (
            f"`{kind.id}`", cell(kind.title.in_(language)), say(f"report.severity_{kind.severity}", language),
            say(f"secrets.confidence_{kind.confidence}", language),
        )
        for kind in load_kinds()
    )  # fmt: skip
    yield from grid(headings, rows)
