"""The command line: one group, its global options, and the one place where a failure becomes a sentence and an exit code."""

import sys
from pathlib import Path
from typing import Any

import click

from sakimori.model.version import __version__
from sakimori.cli.lazy import COMMANDS, LazyGroup, option, spoken
from sakimori.model.errors import SakimoriError
from sakimori.model.exit_codes import FAILED, WRONG_USAGE
from sakimori.texts.sentences import say, say_error


@click.group(
    cls=LazyGroup,
    help=say("cli.help", spoken()),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=say("cli.epilog", spoken()),
)
@click.version_option(__version__, "--version", help=say("cli.option_version", spoken()))
@option("--home", type=click.Path(path_type=Path))
@option("--lang", type=click.Choice(["ja", "en"]))
@click.pass_context
def command(ctx: click.Context, home: Path | None, lang: str | None) -> None:  # noqa: ARG001 - read from the command line before parsing
    """Set what every command needs: the home, and the defaults of its config.toml."""
    from sakimori.app.home import default_home  # noqa: PLC0415 - only when a command runs
    from sakimori.app.settings import read_settings  # noqa: PLC0415

    ctx.obj = home or default_home()
    defaults = {key: value for key, value in read_settings(ctx.obj / "config.toml").defaults.items() if key != "lang"}
    ctx.default_map = dict.fromkeys(COMMANDS, defaults)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and leave with the documented exit code."""
    language = spoken()
    try:
        code: Any = command.main(args=arguments, prog_name="sakimori", standalone_mode=False)
    except SakimoriError as error:
        _complain(say_error(error, language))
        code = error.exit_code
    except click.ClickException as error:
        _complain(_usage_sentence(error))
        code = WRONG_USAGE
    except (KeyboardInterrupt, click.Abort):
        _complain(say("cli.interrupted", language))
        code = 130
    except BrokenPipeError:
        # The reader of a pipe went away (`| head`): that is no failure of ours.
        sys.stderr.close()
        code = 0
    except Exception as error:  # noqa: BLE001 - the one boundary: a defect becomes a sentence, and the trace goes to a file
        _complain(say("cli.defect", language, kind=type(error).__name__, path=_keep_trace()))
        code = FAILED
    sys.exit(code if isinstance(code, int) else 0)


def _complain(sentence: str) -> None:
    click.echo(f"sakimori: {sentence}", err=True)


def _usage_sentence(error: click.ClickException) -> str:
    language = spoken()
    command_path = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else "sakimori"
    hint = say("cli.see_help", language, command=command_path)
    if isinstance(error, click.NoSuchOption):
        return (
            say("cli.no_such_option", language, option=error.option_name, near=list(error.possibilities or ())) + hint
        )
    if isinstance(error, click.MissingParameter):
        name = error.param.human_readable_name if error.param else ""
        return say("cli.missing_parameter", language, name=name) + hint
    if isinstance(error, click.BadParameter):
        name = error.param.opts[0] if error.param else ""
        return say("cli.bad_parameter", language, name=name, reason=error.message) + hint
    return say("cli.usage", language, reason=error.format_message()) + hint


def _keep_trace() -> str:
    import tempfile  # noqa: PLC0415 - only for a defect
    import traceback  # noqa: PLC0415

    with tempfile.NamedTemporaryFile("w", prefix="sakimori-", suffix=".log", delete=False, encoding="utf-8") as file:
        traceback.print_exc(file=file)
    return file.name


if __name__ == "__main__":
    main()
