"""What was done to hooks, as a person reads it."""

import click

from sakimori.app.git_hooks import HooksDone
from sakimori.cli.lazy import spoken
from sakimori.texts.sentences import say


def print_done(done: HooksDone, *, everywhere: bool) -> None:
    """Each hook with what became of it."""
    for each in done.hooks:
        click.echo(say(f"secrets_hooks.{each.outcome}", spoken(), path=each.path))
    if done.shared and not everywhere:
        click.echo(say("secrets_hooks.shared", spoken()))
