"""`sakimori iam`: who can do what, who can become whom, what is unused, what may be reached from outside."""

from importlib import import_module
from typing import Final

import click

from sakimori.cli.lazy import SpokenGroup, described, option

VERBS: Final = (
    "can", "who-can", "paths", "powers", "external", "inventory", "lint", "backtest", "least-privilege",
)  # fmt: skip
"""In the order in which a person meets them; each lives in `sakimori.cli.iam_<verb>` as `command`."""


class _Verbs(SpokenGroup):
    """Imports a verb when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's form
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's form
        if cmd_name not in VERBS:
            return None
        return import_module(f"sakimori.cli.iam_{cmd_name.replace('-', '_')}").command


@click.group("iam", cls=_Verbs, **described("iam"))
@option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
def command() -> None:
    """Group of the verbs on identities and their permissions."""
