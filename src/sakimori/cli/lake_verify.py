"""`sakimori lake verify`."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import click
from rich.console import Console
from rich.text import Text

from sakimori.app.access import AccessRequest, open_doors
from sakimori.app.clock import utc_now
from sakimori.app.settings import read_settings
from sakimori.app.verify_trail import Verified, VerifyRequest, verify_trail
from sakimori.app.when import span_of
from sakimori.cli.access_options import access_options, ask_token
from sakimori.cli.lake_progress import bar_on
from sakimori.cli.lazy import SpokenCommand, option, spoken
from sakimori.ingest.cloudtrail.digest_chain import ChainResult, State
from sakimori.ingest.s3_objects import SCHEME
from sakimori.model.exit_codes import BLIND, COMPLETED, FOUND
from sakimori.outputs.report.wrapping import wrap
from sakimori.texts.language import clean
from sakimori.texts.sentences import say

_SHOWN: Final = 50
"""Files of one trail that a terminal gets."""
_STYLES: Final = {State.VERIFIED: "green", State.PARTIAL: "yellow", State.FAILED: "bold red", State.NOT_RUN: "yellow"}
_CODES: Final = {State.VERIFIED: COMPLETED, State.PARTIAL: COMPLETED, State.FAILED: FOUND, State.NOT_RUN: BLIND}


@click.command("verify", cls=SpokenCommand, help=say("lake_verbs.verify", spoken()))
@click.argument("source")
@option("--keys", type=click.Path(path_type=Path, dir_okay=False), help_="lake_verbs.option_keys")
@option("--fetch-keys", is_flag=True, help_="lake_verbs.option_fetch_keys")
@option("--since", help_="lake_verbs.option_since")
@option("--until", help_="lake_verbs.option_until")
@access_options
@option("--format", "format_", type=click.Choice(["table", "json"]), default="table", show_default=True, help_="lake_verbs.option_format")  # fmt: skip
@option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
@click.pass_obj
def verify(home: Path, source: str, **given: Any) -> int:
    """Check whether log files are those that CloudTrail delivered."""
    since, until = span_of(given["since"], given["until"], utc_now())
    request = VerifyRequest(home=home, source=source, keys=given["keys"], since=since, until=until)
    door = None
    if source.startswith(SCHEME) or given["fetch_keys"]:
        [door, *_] = open_doors(AccessRequest.of(given, read_settings(home / "config.toml")), ask_token=ask_token)
    with bar_on(sys.stderr, say("lake_verbs.verifying", spoken()), is_bytes=False) as progress:
        found = verify_trail(request, door, clock=utc_now, progress=progress)
    if given["format_"] == "json":
        click.echo(json.dumps(_plain(found), ensure_ascii=False, indent=2))
    else:
        _print(found, source)
    return _CODES[found.state]


def _print(found: Verified, source: str) -> None:
    console = Console()
    for chain in found.chains:
        _print_text(console, _heading(chain), _STYLES[chain.state])
        for line in (*_remarks(chain), *_faults(chain)):
            _print_text(console, line, "", indent="  ")
    if found.keys_refused:
        _print_text(console, say("lake_verbs.keys_refused", spoken(), reason=found.keys_refused), "yellow")
    if found.unlisted:
        told = say("lake_verbs.unlisted", spoken(), count=len(found.unlisted), first=found.unlisted[0])
        _print_text(console, told, "yellow")
    for each in found.standing:
        values = {"account": each.account, "region": each.region, "trail": each.trail, "at": each.at}
        counts = {"verified": each.verified_count, "listed": each.listed_count}
        if each.standing_faults:
            told = say("lake_verbs.verify_fault_standing", spoken(), **values, count=each.standing_faults)
            _print_text(console, told, _STYLES[State.FAILED])
            continue
        _print_text(console, say("lake_verbs.verify_standing", spoken(), **values, **counts), "")
    _print_text(console, _end(found, source), _STYLES[found.state])
    if found.state is not State.NOT_RUN:
        click.echo(say("lake_verbs.next_coverage", spoken()))


def _print_text(console: Console, text: str, style: str, indent: str = "") -> None:
    for line in wrap(text, max(20, console.width - len(indent))):
        console.print(Text(indent + line, style=style), soft_wrap=True)


def _heading(chain: ChainResult) -> str:
    trail = chain.chain.trail
    return say(
        "lake_verbs.verify_chain",
        spoken(),
        account=chain.chain.account,
        region=chain.chain.region,
        trail=say("lake_verbs.backfilled", spoken(), trail=trail) if chain.chain.is_backfill else trail,
        verified=chain.verified_count,
        logs=chain.log_count,
        signed=chain.signed_count,
        digests=chain.digest_count,
        first=chain.first_at,
        last=chain.last_at,
    )


def _remarks(chain: ChainResult) -> Iterator[str]:
    for reason, count in chain.reasons.items():
        yield say(f"lake_verbs.because_{reason}", spoken(), count=count)
    if chain.matched_count != chain.verified_count:
        yield say("lake_verbs.verify_matched", spoken(), count=chain.matched_count, logs=chain.log_count)
    if chain.unchecked_count:
        yield say("lake_verbs.verify_unchecked", spoken(), count=chain.unchecked_count)
    for begin, end in chain.gaps:
        yield say("lake_verbs.verify_gap", spoken(), begin=begin, end=end)


def _faults(chain: ChainResult) -> Iterator[str]:
    for each in chain.findings[:_SHOWN]:
        fault = say(f"lake_verbs.fault_{each.fault}", spoken())
        yield say("lake_verbs.fault_line", spoken(), fault=fault, location=each.location)
    if len(chain.findings) > _SHOWN:
        yield say("lake_verbs.more_faults", spoken(), count=len(chain.findings) - _SHOWN)


def _end(found: Verified, source: str) -> str:
    match found.state:
        case State.VERIFIED:
            return say("lake_verbs.verified_all", spoken(), logs=found.log_count)
        case State.PARTIAL:
            return say("lake_verbs.verified_partly", spoken(), verified=found.verified_count, logs=found.log_count)
        case State.FAILED:
            return say("lake_verbs.verified_not", spoken(), count=sum(len(each.findings) for each in found.chains))
        case State.NOT_RUN:
            return say("lake_verbs.verify_not_run", spoken(), source=clean(source))


def _plain(found: Verified) -> dict[str, object]:
    return {
        "schema": "sakimori.lake_verify/1",
        "state": str(found.state),
        "verified": found.verified_count,
        "listed": found.log_count,
        "keys_refused": found.keys_refused,
        "unlisted": list(found.unlisted),
        "standing": [
            {
                "account": each.account,
                "region": each.region,
                "trail": each.trail,
                "state": each.state,
                "verified": each.verified_count,
                "listed": each.listed_count,
                "at": each.at.isoformat(),
                "standing_faults": each.standing_faults,
            }
            for each in found.standing
        ],
        "trails": [_plain_chain(each) for each in found.chains],
    }


def _plain_chain(each: ChainResult) -> dict[str, object]:
    return {
        "account": each.chain.account,
        "region": each.chain.region,
        "trail": each.chain.trail,
        "backfill": each.chain.is_backfill,
        "state": str(each.state),
        "first_at": each.first_at.isoformat() if each.first_at else None,
        "last_at": each.last_at.isoformat() if each.last_at else None,
        "digests": each.digest_count,
        "signed_digests": each.signed_count,
        "unsigned_because": {str(reason): count for reason, count in each.reasons.items()},
        "listed": each.log_count,
        "matched": each.matched_count,
        "verified": each.verified_count,
        "unchecked": each.unchecked_count,
        "gaps": [[begin.isoformat(), end.isoformat()] for begin, end in each.gaps],
        "faults": [{"fault": str(finding.fault), "file": finding.location} for finding in each.findings],
    }
