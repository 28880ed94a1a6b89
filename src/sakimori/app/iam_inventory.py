"""The inventory of an account's IAM: from what the account told, the lake where there is one, and a list of leavers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from sakimori.analysis.iam.cleanup import Step, cleanup_of
from sakimori.analysis.iam.inventory import Asking, Item, inventory_of, newest_in
from sakimori.analysis.iam.leavers import MOST_BYTES, Leavers, match_leavers, read_leavers, weighed
from sakimori.analysis.iam.powers import PrincipalPowers, powers_of
from sakimori.app.given_file import open_regular
from sakimori.app.iam import IamSource
from sakimori.app.query import QueryRequest, ask
from sakimori.lake.log_reader import Where
from sakimori.model.errors import LakeError, RuleError, SakimoriError, UsageError

_SPAN: Final = timedelta(days=400)
# Of a session, the role that issued it: the ARN in `session_issuer_arn` has its path, as IAM's own has.
_SEEN: Final = """
select coalesce(session_issuer_arn, user_identity_arn) as principal, max(event_time) as seen_at
from aws_cloudtrail_event
where coalesce(session_issuer_arn, user_identity_arn) is not null
group by 1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """`has_credentials`: passwords, keys and MFA could be read. `has_lake`: events in the lake were looked through.

    `lake_fault`: why those that are there could not be.
    """

    items: tuple[Item, ...]
    steps: tuple[Step, ...]
    powers: tuple[PrincipalPowers, ...]
    now: datetime
    unused_days: int
    has_credentials: bool
    has_lake: bool
    lake_fault: SakimoriError | None = None
    leavers: Leavers | None = None
    newest_at: datetime | None = None
    """The newest time that a file tells, where nobody says of when it is: what was used later is not in it."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The last event of each principal in the lake, by ARN; None where it holds none of the account, or could not be read (`fault`)."""

    at: Mapping[str, datetime] | None = None
    fault: SakimoriError | None = None


def take_inventory(
    source: IamSource,
    now: datetime,
    *,
    unused_days: int = 90,
    seen: Seen = Seen(),
    leavers: Path | None = None,
) -> Inventory:
    """Everything at once, from what is known of the account alone; UsageError for a list of leavers that cannot be read."""
    account = source.account
    powers = powers_of(account)
    asking = Asking(
        account=account,
        powers=powers,
        now=now,
        unused_days=unused_days,
        credentials=source.credentials,
        seen_at=seen.at,
    )
    items = inventory_of(asking)
    left = _leavers(source, leavers) if leavers else None
    if left is not None:
        items = weighed(items, left)
    return Inventory(
        items=items,
        steps=cleanup_of(account, items),
        powers=powers,
        now=now,
        unused_days=unused_days,
        has_credentials=source.credentials is not None,
        has_lake=seen.at is not None,
        lake_fault=seen.fault,
        leavers=left,
        newest_at=newest_in(account) if source.as_of is None else None,
    )


def _leavers(source: IamSource, path: Path) -> Leavers:
    with open_regular(path) as file:
        content = file.read(MOST_BYTES + 1)
    lines, heading = read_leavers(content, path.name)
    return match_leavers(source.account, lines, heading)


def seen_in_lake(home: Path, account: str, *, clock: Callable[[], datetime]) -> Seen:
    """The last event of each principal of the account within 400 days."""
    if not account or not (home / "lake").is_dir():
        return Seen()
    where = Where(since=clock() - _SPAN, accounts=(account,))
    try:
        with ask(QueryRequest(home=home, sql=_SEEN, where=where), clock=clock) as answer:
            rows = list(answer.rows())
    except (UsageError, LakeError, RuleError) as fault:
        return Seen(fault=fault)
    return Seen({str(arn): at if at.tzinfo else at.replace(tzinfo=UTC) for arn, at in rows} or None)
