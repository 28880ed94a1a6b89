"""The command line: one group, its global options, and the one place where a failure becomes a sentence and an exit code."""

import gc
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import click

from sakimori.cli.lazy import COMMANDS, LazyGroup, option, speak_by_default, spoken
from sakimori.cli.usage_faults import usage_sentence
from sakimori.model.errors import SakimoriError
from sakimori.model.exit_codes import COMPLETED, FAILED, INTERRUPTED, WRONG_USAGE
from sakimori.model.version import __version__
from sakimori.texts.sentences import say, say_error

_COLLECT_AFTER: Final = 50_000
"""Allocations between two garbage collections. Python's own 700 makes a run look through all that botocore's
service models hold again and again: a tenth of its CPU time, for cycles that a run hardly makes."""
_RESUMABLE: Final = frozenset({"assess", "collect", "ingest"})
"""Commands that keep what they have read as they go."""


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

    ctx.obj = home or default_home()
    if _is_missing(ctx.obj / "config.toml"):
        return
    from sakimori.app.settings import read_settings  # noqa: PLC0415

    defaults = dict(read_settings(ctx.obj / "config.toml").defaults)
    if "lang" in defaults:
        speak_by_default(defaults.pop("lang"))
    ctx.default_map = default_map(defaults)


def _is_missing(path: Path) -> bool:
    """Asked before what reads the file is imported: that takes as long as all else until a command begins."""
    try:
        path.lstat()
    except FileNotFoundError:
        return True
    except OSError:
        return False  # whoever reads it says why it cannot
    return False


def default_map(defaults: Mapping[str, Any]) -> dict[str, Any]:
    """The defaults of config.toml for each command; `format` is a report's, and so that of `assess` alone."""
    common = {key: value for key, value in defaults.items() if key != "format"}
    form = {"format_": defaults["format"]} if "format" in defaults else {}
    return {
        **dict.fromkeys(COMMANDS, common),
        "assess": {**common, **form},
        "rules": dict.fromkeys(("list", "show", "test"), common),
        "frameworks": dict.fromkeys(("list", "show"), common),
        "suppress": dict.fromkeys(("add", "list", "lint", "preview", "expire", "sync"), common),
        "findings": dict.fromkeys(
            ("import", "list", "show", "cases", "assign", "comment", "close", "reopen", "views"), common
        ),
        "mail": dict.fromkeys(("parse",), common),
        "secrets": dict.fromkeys(("scan",), common),
        "harden": {**common, **dict.fromkeys(("plan", "apply", "verify", "undo", "report"), common)},
        "verify": dict.fromkeys(("alerts",), common),
        "notify": dict.fromkeys(("send", "digest", "status", "forget"), common),
        "attest": dict.fromkeys(("list", "due", "sign", "withdraw", "show"), common),
    }


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and leave with the documented exit code."""
    gc.set_threshold(_COLLECT_AFTER, *gc.get_threshold()[1:])
    try:
        code: Any = command.main(args=arguments, prog_name="sakimori", standalone_mode=False)
        sys.stdout.flush()
    except SakimoriError as error:
        _complain(say_error(error, spoken()))
        code = error.exit_code
    except click.ClickException as error:
        _complain(usage_sentence(error))
        code = WRONG_USAGE
    except (KeyboardInterrupt, click.Abort):
        asked = next((word for word in arguments or sys.argv[1:] if word in COMMANDS), "")
        _complain(say("cli.interrupted_resumable" if asked in _RESUMABLE else "cli.interrupted", spoken()))
        code = INTERRUPTED
    except (BrokenPipeError, SystemExit):
        # Not in standalone mode, click leaves so only when the reader of a pipe went away, as rich does.
        code = _forget_output()
    except Exception as error:  # noqa: BLE001 - the one boundary: a defect becomes a sentence, and the trace goes to a file
        code = _told(error)
    sys.exit(code if isinstance(code, int) else COMPLETED)


def _told(error: Exception) -> int:
    """Say what nobody caught: an extra that is not installed, or a defect; the exit code."""
    from sakimori.model.extras import missing_import  # noqa: PLC0415 - only for what nobody caught

    if isinstance(error, ModuleNotFoundError) and (lacking := missing_import(error)):
        _complain(say_error(lacking, spoken()))
        return lacking.exit_code
    _complain(say("cli.defect", spoken(), kind=type(error).__name__, path=_keep_trace()))
    return FAILED


def _forget_output() -> int:
    """The reader of a pipe went away (`| head`): that is no failure of ours, and there is nobody to write to."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.__stdout__.fileno() if sys.__stdout__ else 1)
    return COMPLETED


def _complain(sentence: str) -> None:
    click.echo(f"sakimori: {sentence}", err=True)


def _keep_trace() -> str:
    import tempfile  # noqa: PLC0415 - only for a defect
    import traceback  # noqa: PLC0415

    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="sakimori-", suffix=".log", delete=False, encoding="utf-8"
        ) as file:
            traceback.print_exc(file=file)
    except OSError:
        traceback.print_exc()
        return "stderr"
    return file.name


if __name__ == "__main__":
    main()
