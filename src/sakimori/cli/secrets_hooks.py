"""`sakimori secrets hooks`: which repositories stop secrets before a commit.

As JSON (`sakimori.secrets-hooks/1`): `repositories` with `path` and `guard` (sakimori, part, other, none or unreadable),
`count`, `guarded` (sakimori and other) and `coverage`, null where there is no repository.
"""

from pathlib import Path

import click

from sakimori.app.git_hooks import Guard, Guarded, guards
from sakimori.cli.lazy import SpokenCommand, option, spoken
from sakimori.model.errors import UsageError
from sakimori.model.exit_codes import COMPLETED, FOUND
from sakimori.outputs.report.plain_values import escaped_json
from sakimori.texts.language import clean
from sakimori.texts.sentences import say

_NAME = 1_000
_GUARDED = frozenset((Guard.OURS, Guard.OTHER))


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
def command(directories: tuple[Path, ...], *, require: bool, format_: str) -> int:
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
