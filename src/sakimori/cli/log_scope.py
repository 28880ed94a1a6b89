"""The options by which commands over logs say which times, accounts and Regions they are about."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import reduce
from pathlib import Path
from typing import Any, Final

from sakimori.app.settings import read_settings
from sakimori.app.when import span_of
from sakimori.cli.lazy import option
from sakimori.lake.log_reader import Where

_ALL: Final = "all"


def scoped(*, region_help: str = "query.option_region") -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """What gives a command these options.

    A Region that config.toml names for collecting must not narrow what is searched: hence the names of the parameters.
    """
    options = (
        option("--since", help_="query.option_since"),
        option("--until", help_="query.option_until"),
        option("--account", "of_accounts", multiple=True, help_="query.option_account"),
        option("--region", "of_regions", multiple=True, help_=region_help),
    )
    return lambda command: reduce(lambda decorated, each: each(decorated), reversed(options), command)


def where_of(home: Path, given: Mapping[str, Any], now: datetime, *, since: str = "") -> Where:
    """What the options say; `since` is the beginning where none is given. UsageError for what cannot be understood."""
    begin, end = span_of(given["since"] or since, given["until"], now)
    regions = tuple(given["of_regions"])
    return Where(
        since=begin,
        until=end,
        accounts=_accounts(home, given["of_accounts"]),
        regions=() if _ALL in regions else regions,
    )


def _accounts(home: Path, names: Sequence[str]) -> tuple[str, ...]:
    """The ids of accounts by id, or by their name in config.toml."""
    if _ALL in names:
        return ()
    settings = read_settings(home / "config.toml")
    return tuple(name if name.isdigit() else settings.account(name).id or name for name in names)
