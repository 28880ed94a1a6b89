"""`sakimori secrets install-hook`, `uninstall-hook` and `hooks`: secrets are stopped before a commit.

As JSON (`sakimori.secrets-hooks/1`): `repositories` with `path` and `guard` (sakimori, part, other, none or unreadable),
`count`, `guarded` (sakimori and other) and `coverage`, null where there is no repository.
"""

from pathlib import Path

import click

from sakimori.app.git_hooks import (
    Guard,
    Guarded,
    HooksDone,
    guards,
    install,
    install_everywhere,
    uninstall,
    uninstall_everywhere,
)
from sakimori.cli.lazy import SpokenCommand, option, spoken
from sakimori.model.errors import UsageError
from sakimori.model.exit_codes import COMPLETED, FOUND
from sakimori.outputs.report.plain_values import escaped_json
from sakimori.texts.language import clean
from sakimori.texts.sentences import say

_NAME = 1_000
_GUARDED = frozenset((Guard.OURS, Guard.OTHER))


@click.command("install-hook", cls=SpokenCommand, help=say("secrets_hooks.install_help", spoken()))
@click.argument("directory", type=click.Path(path_type=Path), default=Path())
@option("--global", "everywhere", is_flag=True, help_="secrets_hooks.option_global")
@option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
@click.pass_obj
def install_hook(home: Path, directory: Path, *, everywhere: bool) -> int:
    """Put the hooks in."""
    done = install_everywhere(home.absolute(), spoken()) if everywhere else install(directory, spoken())
    _print(done, everywhere=everywhere)
    if everywhere:
        click.echo(say("secrets_hooks.global_on", spoken()))
    return COMPLETED


@click.command("uninstall-hook", cls=SpokenCommand, help=say("secrets_hooks.uninstall_help", spoken()))
@click.argument("directory", type=click.Path(path_type=Path), default=Path())
@option("--global", "everywhere", is_flag=True, help_="secrets_hooks.option_global")
@option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
@click.pass_obj
def uninstall_hook(home: Path, directory: Path, *, everywhere: bool) -> int:
    """Take the hooks away."""
    done = uninstall_everywhere(home.absolute()) if everywhere else uninstall(directory)
    _print(done, everywhere=everywhere)
    if everywhere:
        click.echo(say("secrets_hooks.global_off", spoken()))
    return COMPLETED


@click.command("hooks", cls=SpokenCommand, help=say("secrets_hooks.hooks_help", spoken()))
@click.argument("directories", type=click.Path(path_type=Path), nargs=-1)
@option("--require", is_flag=True, help_="secrets_hooks.option_require")
@option(
    "--format",
    "format_",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
    help_="secrets_hooks.option_format",
)
@option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
def hooks(directories: tuple[Path, ...], *, require: bool, format_: str) -> int:
    """List repositories and their hooks."""
    roots = directories or (Path(),)
    found = list(guards(roots))
    guarded = sum(each.guard in _GUARDED for each in found)
    if format_ == "json":
        click.echo(escaped_json(_plain(found, guarded)))
    elif not found:
        raise UsageError("secrets_hooks.no_repositories", paths=[str(each) for each in roots])
    else:
        _print_guards(found, guarded)
    return FOUND if require and guarded < len(found) else COMPLETED


def _plain(found: list[Guarded], guarded: int) -> dict[str, object]:
    return {
        "schema": "sakimori.secrets-hooks/1",
        "repositories": [{"path": str(each.path.absolute()), "guard": str(each.guard)} for each in found],
        "count": len(found),
        "guarded": guarded,
        "coverage": guarded / len(found) if found else None,
    }


def _print_guards(found: list[Guarded], guarded: int) -> None:
    language = spoken()
    for each in sorted(found, key=lambda one: (one.guard in _GUARDED, str(one.path))):
        click.echo(f"{say(f'secrets_hooks.guard_{each.guard}', language):16}  {clean(str(each.path), _NAME)}")
    percent = 100 * guarded // len(found)
    click.echo(say("secrets_hooks.coverage", language, guarded=guarded, count=len(found), percent=percent))


def _print(done: HooksDone, *, everywhere: bool) -> None:
    for each in done.hooks:
        click.echo(say(f"secrets_hooks.{each.outcome}", spoken(), path=each.path))
    if done.shared and not everywhere:
        click.echo(say("secrets_hooks.shared", spoken()))
