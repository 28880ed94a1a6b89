"""Commands that are imported when they run: `sakimori --help` needs neither boto3 nor duckdb, and answers at once."""

import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any, ClassVar, Final

import click

from sakimori.cli.help_form import HelpContext
from sakimori.model.errors import UsageError
from sakimori.texts.language import LANGUAGES, Language, language_of
from sakimori.texts.nearest import nearest
from sakimori.texts.sentences import say

COMMANDS: Final = (
    "assess", "next", "explain", "report", "frameworks", "attest", "collect", "snapshots", "ingest", "lake", "query", "ask",
    "timeline", "investigate", "detect", "watch", "findings", "runbook", "notify", "verify", "suppress", "noise", "mail", "secrets", "respond", "drill", "harden", "fix", "iam", "rules", "tables", "permissions", "doctor",
    "demo", "simulate",
)  # fmt: skip
"""In the order in which a person meets them."""

_ADDED: Final = {"[default: ": "cli.help_default", "[required]": "cli.help_required"}


def language_from(arguments: Sequence[str]) -> Language:
    """The language that `--lang` names, wherever it stands, the last where there are several; otherwise the environment's."""
    found: Language | None = None
    for place, argument in enumerate(arguments):
        value = argument.partition("=")[2] if argument.startswith("--lang=") else ""
        if argument == "--lang" and place + 1 < len(arguments):
            value = arguments[place + 1]
        for language in LANGUAGES:
            found = language if value == language else found
    return found or language_of(os.environ)


def spoken() -> Language:
    """The language of this process."""
    return language_from(sys.argv[1:])


def speak_by_default(language: str) -> None:
    """Take the language of config.toml, unless SAKIMORI_LANG is set; processes that we start speak it too."""
    os.environ.setdefault("SAKIMORI_LANG", language)


class SpokenCommand(click.Command):
    """A command whose help speaks the person's language, headings included."""

    context_class = HelpContext

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """The arguments; UsageError for an option of which the next option was taken as its value: `--user --yes`."""
        rest = super().parse_args(ctx, args)
        names = {name for param in self.get_params(ctx) if isinstance(param, click.Option) for name in param.opts}
        for param in self.get_params(ctx):
            found = ctx.params.get(param.name or "")
            taken = [each for each in (found if isinstance(found, tuple) else (found,)) if isinstance(each, str)]  # pyright: ignore[reportUnknownVariableType]
            if isinstance(param, click.Option) and names.intersection(taken):
                raise UsageError("cli.option_lacks_value", option=param.opts[0], taken=names.intersection(taken).pop())
        return rest

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the usage line."""
        pieces = " ".join(self.collect_usage_pieces(ctx))
        formatter.write_usage(ctx.command_path, pieces, prefix=say("cli.usage_prefix", spoken()))

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, and for a group its commands."""
        records = [record for param in self.get_params(ctx) if (record := param.get_help_record(ctx)) is not None]
        if records:
            with formatter.section(say("cli.options", spoken())):
                formatter.write_dl([(name, _in_our_words(sentence)) for name, sentence in records])
        if isinstance(self, click.Group):
            self.format_commands(ctx, formatter)

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """The option -h, --help."""
        option = super().get_help_option(ctx)
        if option is not None:
            option.help = say("cli.option_help", spoken())
        return option


class SpokenGroup(SpokenCommand, click.Group):
    """A group of verbs on one noun. Without a verb it shows its help."""

    command_class = SpokenCommand

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Show the help where nothing is asked for."""
        if not args and not ctx.resilient_parsing:
            click.echo(ctx.get_help())
            ctx.exit()
        return super().parse_args(ctx, args)

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[Any, Any, list[str]]:
        """The command; UsageError with the nearest one if there is none of that name."""
        known = self.list_commands(ctx)
        if args[0] not in known:
            near = nearest(args[0], known)
            text = "cli.no_such_command_near" if near else "cli.no_such_command"
            raise UsageError(text, name=args[0], near=near, known=known, command=ctx.command_path)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the verbs with their short help."""
        found = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        rows = [(name, each.get_short_help_str(limit=200)) for name, each in found if each is not None]
        with formatter.section(say("cli.commands", spoken())):
            formatter.write_dl(rows)


class LazyVerbs(SpokenGroup):
    """A group whose commands live in `sakimori.cli.<prefix><name>` as `command`, each imported when it is asked for."""

    names: ClassVar[tuple[str, ...]]
    """In the order in which a person meets them."""
    prefix: ClassVar[str] = ""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's form
        """The names in their order."""
        return list(self.names)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's form
        """The command, imported now."""
        if cmd_name not in self.names:
            return None
        return import_module(f"sakimori.cli.{self.prefix}{cmd_name.replace('-', '_')}").command


class LazyGroup(LazyVerbs):
    """The program's own group, whose help comes from the texts."""

    names = COMMANDS

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the commands from the texts alone, importing none."""
        rows = [(name, say(f"cli.{name}_short", spoken())) for name in COMMANDS]
        with formatter.section(say("cli.commands", spoken())):
            formatter.write_dl(rows)


def _in_our_words(sentence: str) -> str:
    """An option's help, with what click adds to it in the person's language."""
    for words, text in _ADDED.items():
        sentence = sentence.replace(words, say(text, spoken()))
    return sentence


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
