"""`sakimori respond`: the first hour of a leaked key, and all that follows until the case is closed."""

import click

from sakimori.cli.lazy import LazyVerbs, described, option


class _Verbs(LazyVerbs):
    names = (
        "start", "status", "list", "approve", "do", "rotate", "eradicate", "recover", "undo", "cause", "reply", "report", "note", "close",
    )  # fmt: skip
    prefix = "respond_"


@click.group("respond", cls=_Verbs, **described("respond"))
@option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
def command() -> None:
    """Group of the verbs on incidents."""
