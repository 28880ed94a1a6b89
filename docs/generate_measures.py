"""The page of the reference on measures: its facts come from the steps and guides themselves.

`generate.py` asks for it; the words around the facts stand in `generate_measures.yaml`.
"""

# ruff: noqa: INP001 - a script beside the pages that it writes

from collections.abc import Iterator

from generate import Lines, cell, code, grid, word

from sakimori.actions.catalogue import fixes, guides, steps
from sakimori.actions.prices import prices
from sakimori.actions.step import Guide, Step
from sakimori.model.action import Approval
from sakimori.model.words import Scope
from sakimori.texts.language import Language
from sakimori.texts.sentences import say


def measures(language: Language) -> Lines:
    """Everything that `harden` and `fix` can do, and what only a person can."""
    baseline: list[Step | Guide] = sorted(
        (*steps().values(), *guides().values()), key=lambda each: (each.order, each.id)
    )
    counts = {"steps": len(steps()), "guides": len(guides()), "fixes": len(fixes())}
    yield word("measures.counts", language).format(**counts) + "\n"
    yield f"## {word('measures.baseline_title', language)}\n\n{word('measures.baseline', language)}\n"
    headings = [word(f"measures.{key}", language) for key in ("id", "holds", "level", "where", "risk")]
    yield from grid(headings, (_row(each, language) for each in baseline))
    yield f"## {word('measures.fixes_title', language)}\n\n{word('measures.fixes', language)}\n"
    headings = [word(f"measures.{key}", language) for key in ("id", "holds", "rules", "risk")]
    yield from grid(headings, (_fix(each, language) for each in fixes().values()))
    yield f"## {word('measures.prices_title', language)}\n\n{word('measures.prices', language)}\n"
    headings = [word(f"measures.{key}", language) for key in ("price", "per", "usd", "as_of", "source")]
    yield from grid(headings, _prices(language))


def _row(measure: Step | Guide, language: Language) -> tuple[str, ...]:
    where, risk = (_where(measure, language), _risk(measure, language)) if isinstance(measure, Step) else (
        word("measures.by_hand", language), "—"
    )  # fmt: skip
    return measure.id, cell(say(f"{measure.texts}_title", language)), str(measure.baseline), where, risk


def _fix(step: Step, language: Language) -> tuple[str, ...]:
    return f"`{step.id}`", cell(say(f"{step.texts}_title", language)), code(step.rules), _risk(step, language)


def _where(step: Step, language: Language) -> str:
    return word("measures.each_region" if step.scope is Scope.REGION else "measures.account", language)


def _risk(step: Step, language: Language) -> str:
    words = [str(step.risk)]
    if step.approval is Approval.TWO_PERSON:
        words.append(word("measures.two", language))
    return ", ".join(words)


def _prices(language: Language) -> Iterator[tuple[str, ...]]:
    for price in prices().by_name.values():
        usd = ", ".join(f"{region} {value:g}" for region, value in price.usd.items()) or word(
            "measures.unknown", language
        )
        name = price.ja if language == "ja" else price.en
        yield cell(name), f"{price.per:,}", cell(usd), price.as_of.isoformat(), cell(price.source)
