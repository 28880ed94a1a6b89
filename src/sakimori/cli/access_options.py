"""The options by which a person says which accounts and Regions, the same on every command that reads AWS."""

from collections.abc import Callable
from typing import Any

from sakimori.cli.lazy import option

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
