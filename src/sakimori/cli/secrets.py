"""`sakimori secrets`: leaked keys, found before thieves find them, and stopped before a commit."""

import click

from sakimori.cli.lazy import LazyVerbs, described, option


class _Verbs(LazyVerbs):
    names = ("scan", "install-hook", "uninstall-hook", "hooks")
    prefix = "secrets_"


@click.group("secrets", cls=_Verbs, **described("secrets"))
@option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
def command() -> None:
    """Group of the verbs on secrets."""
