"""`sakimori simulate`: an account on loopback that any AWS client may be pointed at."""

from pathlib import Path

import click

from sakimori.app.simulation import simulated_account
from sakimori.cli.lazy import SpokenCommand, described, option, spoken
from sakimori.texts.sentences import say


@click.command("simulate", cls=SpokenCommand, **described("simulate"))
@option("--scenario", default="messy-company", show_default=True)
@option("--port", type=int, default=0)
@option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
@click.pass_obj
def command(_home: Path, scenario: str, port: int) -> None:
    """Serve a simulated account until interrupted."""
    with simulated_account(scenario, port=port) as simulated:
        click.echo(say("cli.simulated", spoken(), url=simulated.endpoint_url, account=simulated.account_id), err=True)
        for name, value in simulated.environment.items():
            click.echo(f"export {name}={value}")
        simulated.wait()
