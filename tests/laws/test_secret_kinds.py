"""Statements about all kinds of secrets: each finds its examples and no near miss, whatever engine looks."""

import re
from functools import cache

import pytest

from sakimori.analysis.secrets.engines import PlainEngine
from sakimori.analysis.secrets.kinds import Kind, check_kind, load_kinds
from sakimori.analysis.secrets.scanner import Scanner
from sakimori.model.words import Confidence

KINDS = load_kinds()


@cache
def scanner() -> Scanner:
    return Scanner(KINDS)


@cache
def plain_scanner() -> Scanner:
    return Scanner(KINDS, engine=PlainEngine(scanner().sought()))


def test_there_are_all_kinds_of_aws_and_sixty_more() -> None:
    assert len([kind for kind in KINDS if kind.group == "aws"]) >= 20
    assert len(KINDS) >= 120


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.id)
def test_a_kind_holds(kind: Kind) -> None:
    check_kind(kind)
    assert re.fullmatch(r"[a-z0-9]+\.[a-z0-9-]+", kind.id)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.id)
def test_a_kind_finds_its_examples_and_no_near_miss(kind: Kind) -> None:
    examples = list(kind.examples())
    assert any(example.secrets for example in examples)
    assert any(not example.secrets for example in examples)
    for example in examples:
        found = scanner().scan(example.text.encode(), "settings.txt")
        mine = [each.secret for each in found if each.kind == kind.id]
        assert set(mine) == set(example.secrets), example.text[:80]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.id)
def test_both_engines_find_the_same(kind: Kind) -> None:
    for example in kind.examples():
        text = example.text.encode()
        assert scanner().scan(text) == plain_scanner().scan(text)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.id)
def test_every_match_of_an_anchor_holds_a_literal(kind: Kind) -> None:
    """The engine without the wheel asks for a pattern only where one of its literals stands."""
    anchor = re.compile(kind.anchor.encode(), re.DOTALL | (0 if kind.exact else re.IGNORECASE))
    for example in kind.examples():
        for match in anchor.finditer(example.text.encode()):
            text = match[0] if kind.exact else match[0].lower()
            literals = [each.encode() if kind.exact else each.lower().encode() for each in kind.literals]
            assert any(literal in text for literal in literals)


def test_no_recipe_holds_a_secret_as_it_stands() -> None:
    """So that no scanner is alarmed by this repository: ours is not, nor would one be that knows the same prefixes."""
    for kind in KINDS:
        for recipe in kind.recipes:
            for text in recipe.values():
                found = [each for each in scanner().scan(str(text).encode()) if not each.kind.startswith("generic.")]
                assert [each for each in found if each.confidence is not Confidence.LOW] == [], text


def test_every_kind_has_a_japanese_name_but_what_is_a_name_in_every_language() -> None:
    assert {kind.id for kind in KINDS if kind.title.en == kind.title.ja} == {"token.jwt"}
