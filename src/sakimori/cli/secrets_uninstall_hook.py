"""`sakimori secrets uninstall-hook`: the hooks are taken away, and what was there before comes back."""

from pathlib import Path

import click

from sakimori.app.git_hooks import uninstall, uninstall_everywhere
from sakimori.cli.lazy import SpokenCommand, option, spoken
from sakimori.cli.secrets_hook_pages import print_done
from sakimori.model.exit_codes import COMPLETED
from sakimori.texts.sentences import say


@click.command("uninstall-hook", cls=SpokenCommand, help=say("secrets_hooks.uninstall_help", spoken()))
@click.argument("directory", type=click.Path(path_type=Path), default=Path())
@option("--global", "everywhere", is_flag=True, help_="secrets_hooks.option_global")
@option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
@click.pass_obj
def command(home: Path, directory: Path, *, everywhere: bool) -> int:
    """Take the hooks away."""
    done = uninstall_everywhere(home.absolute()) if everywhere else uninstall(directory)
    print_done(done, everywhere=everywhere)
    if everywhere:
        click.echo(say("secrets_hooks.global_off", spoken()))
    return COMPLETED
