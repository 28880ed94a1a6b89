"""The options by which a person says which accounts and Regions, the same on every command that reads AWS."""

from collections.abc import Callable
from typing import Any

import click

from sakimori.cli.lazy import option, spoken
from sakimori.texts.sentences import say

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


def ask_token(serial: str) -> str:
    """Ask for the six digits of an MFA device, on the terminal's error stream so that stdout stays the report's."""
    return click.prompt(say("cli.mfa_prompt", spoken(), serial=serial), err=True)
