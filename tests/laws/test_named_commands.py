"""Every command that a sentence of the program names is there."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from sakimori.cli.main import command as root_command

CATALOGUE = Path(__file__).parents[2] / "src" / "sakimori" / "texts" / "catalogue"
_NAMED = re.compile(r"sakimori((?: [a-z][a-z-]+)+)")


def named() -> Iterator[tuple[str, list[str]]]:
    for path in sorted(CATALOGUE.glob("*.yaml")):
        for name, both in yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader).items():
            for found in _NAMED.finditer(f"{both['en']}\n{both['ja']}"):
                yield f"{path.stem}.{name}", found[1].split()


def strange(words: list[str]) -> str:
    """The word that its group has no command for; "" where all is well, or where it is prose about the program."""
    group: Any = root_command
    context = click.Context(group)
    for word in words:
        if not isinstance(group, click.Group):
            return ""
        inner = group.get_command(context, word)
        if inner is None:
            return "" if group is root_command else word
        group = inner
    return ""


@pytest.mark.slow
def test_every_command_that_a_sentence_names_exists() -> None:
    """Slow: the whole catalogue is read, and every command loaded."""
    found = list(named())
    assert len(found) > 200
    assert [(name, words) for name, words in found if strange(words)] == []


def test_a_wrong_one_is_found() -> None:
    assert strange(["lake", "verify-trail"]) == "verify-trail"
    assert not strange(["lake", "verify"])
