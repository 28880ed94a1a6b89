"""`sakimori secrets install-hook`: secrets are stopped before a commit."""

from pathlib import Path

import click

from sakimori.app.git_hooks import install, install_everywhere
from sakimori.cli.lazy import SpokenCommand, option, spoken
from sakimori.cli.secrets_hook_pages import print_done
from sakimori.model.exit_codes import COMPLETED
from sakimori.texts.sentences import say


@click.command("install-hook", cls=SpokenCommand, help=say("secrets_hooks.install_help", spoken()))
@click.argument("directory", type=click.Path(path_type=Path), default=Path())
@option("--global", "everywhere", is_flag=True, help_="secrets_hooks.option_global")
@option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
@click.pass_obj
def command(home: Path, directory: Path, *, everywhere: bool) -> int:
    """Put the hooks in."""
    done = install_everywhere(home.absolute(), spoken()) if everywhere else install(directory, spoken())
    print_done(done, everywhere=everywhere)
    if everywhere:
        click.echo(say("secrets_hooks.global_on", spoken()))
    return COMPLETED
