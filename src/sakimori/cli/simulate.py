"""`sakimori simulate`: an account on loopback that any AWS client may be pointed at."""

import click

from sakimori.app.simulation import simulated_account
from sakimori.cli.lazy import SpokenGroup, described, option, spoken
from sakimori.cli.simulate_month import month
from sakimori.texts.sentences import say


class _Serving(SpokenGroup):
    """Without a verb it serves."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take the options; nothing at all means to serve with what is usual."""
        return click.Group.parse_args(self, ctx, args)


@click.group("simulate", cls=_Serving, invoke_without_command=True, **described("simulate"))
@option("--scenario", default="messy-company", show_default=True)
@option("--port", type=int, default=0)
@option("--seed", type=int, default=1, show_default=True, help_="simulate.option_seed")
@option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
@click.pass_context
def command(ctx: click.Context, scenario: str, port: int, seed: int) -> None:
    """Serve a simulated account until interrupted."""
    if ctx.invoked_subcommand:
        return
    with simulated_account(scenario, port=port, seed=seed) as simulated:
        click.echo(say("cli.simulated", spoken(), url=simulated.endpoint_url, account=simulated.account_id), err=True)
        for name, value in simulated.environment.items():
            click.echo(f"export {name}={value}")
        simulated.wait()


command.add_command(month)
