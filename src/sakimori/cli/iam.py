"""`sakimori iam`: who can do what, who can become whom, what is unused, what may be reached from outside."""

import click

from sakimori.cli.lazy import LazyVerbs, described, option


class _Verbs(LazyVerbs):
    names = ("can", "who-can", "paths", "powers", "external", "inventory", "lint", "backtest", "least-privilege")
    prefix = "iam_"


@click.group("iam", cls=_Verbs, **described("iam"))
@option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
def command() -> None:
    """Group of the verbs on identities and their permissions."""
