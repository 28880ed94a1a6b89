"""The options by which a person says which accounts and Regions, the same on every command that reads AWS."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sakimori.cli.lazy import option, spoken
from sakimori.model.errors import UsageError
from sakimori.texts.sentences import say

if TYPE_CHECKING:
    from sakimori.aws.door import Door

OWN = "."
"""`--account` without a name, where it may stand so."""
_OPTIONS = (
    option("--profile"),
    option("--role-arn"),
    option("--external-id"),
    option("--account", multiple=True),
    option("--region", multiple=True),
    option("--exclude-region", multiple=True),
    option("--endpoint-url"),
)


def access_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add --profile, --role-arn, --external-id, --account, --region, --exclude-region and --endpoint-url."""
    for decorate in reversed(_OPTIONS):
        function = decorate(function)
    return function


def access_options_with_optional_account(function: Callable[..., Any]) -> Callable[..., Any]:
    """The same for a command that may read an account and may not: `--account` alone is the account of the credentials."""
    # No variable of the environment: one that is set for `assess` must not turn a search of files into one of an account.
    own = click.option(
        "--account", multiple=True, is_flag=False, flag_value=OWN, help=say("account_secrets.option_account", spoken())
    )
    for decorate in reversed((*_OPTIONS[:3], own, *_OPTIONS[4:])):
        function = decorate(function)
    return function


def one_door(home: Path, given: Mapping[str, Any], several: str) -> "Door":
    """The way into the one account that the options name; UsageError with the sentence `several` where they name more."""
    from sakimori.app.access import AccessRequest, open_doors  # noqa: PLC0415 - botocore, which not every command with these options needs
    from sakimori.app.settings import read_settings  # noqa: PLC0415

    doors = open_doors(AccessRequest.of(given, read_settings(home / "config.toml")), ask_token=ask_token)
    if len(doors) != 1:
        raise UsageError(several)
    return doors[0]


def ask_token(serial: str) -> str:
    """Ask for the six digits of an MFA device, on the terminal's error stream so that stdout stays the report's."""
    return click.prompt(say("cli.mfa_prompt", spoken(), serial=serial), err=True)
