"""Commands that are imported when they run: `sakimori --help` needs neither boto3 nor duckdb, and answers at once."""

import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any, Final

import click

from sakimori.texts.language import LANGUAGES, Language, language_of
from sakimori.texts.sentences import say

COMMANDS: Final = ("assess", "collect", "snapshots", "rules", "tables", "permissions", "doctor", "demo", "simulate")
"""In the order in which a person meets them."""


def language_from(arguments: Sequence[str]) -> Language:
    """The language that `--lang` names, wherever it stands; otherwise the environment's."""
    for place, argument in enumerate(arguments):
        value = argument.partition("=")[2] if argument.startswith("--lang=") else ""
        if argument == "--lang" and place + 1 < len(arguments):
            value = arguments[place + 1]
        for language in LANGUAGES:
            if value == language:
                return language
    return language_of(os.environ)


def spoken() -> Language:
    """The language of this process."""
    return language_from(sys.argv[1:])


class LazyGroup(click.Group):
    """A group whose commands live in `sakimori.cli.<name>` as `command`, and whose help comes from the texts."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's form
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's form
        if cmd_name not in COMMANDS:
            return None
        return import_module(f"sakimori.cli.{cmd_name}").command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        rows = [(name, say(f"cli.{name}_short", spoken())) for name in COMMANDS]
        with formatter.section(say("cli.commands", spoken())):
            formatter.write_dl(rows)


Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def option(*names: str, help_: str = "", **more: Any) -> Decorator:
    """An option whose help is the text `cli.option_<name>`; it has an environment form SAKIMORI_<NAME>."""
    long = next(name for name in names if name.startswith("--")).partition("/")[0]
    key = long.lstrip("-").replace("-", "_")
    identifier = help_ or f"cli.option_{key}"
    return click.option(*names, help=say(identifier, spoken()), envvar=f"SAKIMORI_{key.upper()}", **more)


def described(name: str, **more: Any) -> dict[str, Any]:
    """Arguments of a command: its help, its examples, and its short help."""
    language = spoken()
    examples = say(f"cli.{name}_examples", language)
    body = f"{say(f'cli.{name}_help', language)}\n\n\b\n{say('cli.examples', language)}\n{examples}"
    return {"help": body, "short_help": say(f"cli.{name}_short", language), **more}
