"""What is wrong with a command line, in the person's language; click's own words are English."""

import click

from sakimori.cli.lazy import spoken
from sakimori.texts.sentences import say


def usage_sentence(error: click.ClickException) -> str:
    """The sentence for an error of click's, with where to look."""
    path = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else "sakimori"
    return _fault(error) + say("cli.see_help", spoken(), command=path)


def _fault(error: click.ClickException) -> str:
    language = spoken()
    if isinstance(error, click.NoSuchOption):
        near = list(error.possibilities or ())
        text = "cli.no_such_option_near" if near else "cli.no_such_option"
        return say(text, language, option=error.option_name, near=near)
    if isinstance(error, click.BadOptionUsage):
        return say("cli.option_value", language, option=error.option_name)
    if isinstance(error, click.BadParameter):
        return _bad_parameter(error)
    return say("cli.usage", language, reason=error.format_message())


def _bad_parameter(error: click.BadParameter) -> str:
    language, param = spoken(), error.param
    if isinstance(error, click.MissingParameter):
        is_option = isinstance(param, click.Option)
        return say("cli.missing_parameter", language, name=param.opts[0] if is_option else param.human_readable_name if param else "")  # fmt: skip
    name = param.opts[0] if param else ""
    if param and isinstance(param.type, click.Choice):
        return say("cli.bad_choice", language, name=name, known=list(param.type.choices))
    if param and param.type is click.INT:
        return say("cli.bad_number", language, name=name)
    return say("cli.bad_parameter", language, name=name, reason=error.message)
