"""A policy from what a user or role was recorded doing, beside what its policies allow today."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sakimori.analysis.iam.account import IamAccount, Identity
from sakimori.analysis.iam.least_privilege import LeastPrivilege, least_privilege
from sakimori.analysis.iam.principal import PrincipalKind, principal_of
from sakimori.analysis.iam.recorded_use import recorded_use
from sakimori.app.iam import find_identity
from sakimori.app.known_tables import kinds_of
from sakimori.app.searched import Searched
from sakimori.ingest.cloudtrail.table import TABLE
from sakimori.lake.coverage import coverage_of
from sakimori.lake.engines.duck import Engine
from sakimori.lake.log_reader import EVERYWHERE, LogReader, Where, rows_within
from sakimori.model.errors import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class LeastPrivilegeRequest:
    """Whose use is asked for (an ARN, or with `account` also a name), and over which time. `account`: what is allowed today."""

    home: Path
    principal: str
    where: Where = EVERYWHERE
    account: IamAccount | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LeastPrivilegeFound:
    """The proposal for this user or role, and what it rests on. `identity` None: the policies of today are not known."""

    principal: str
    found: LeastPrivilege
    searched: Searched
    identity: Identity | None = None

    @property
    def is_whole(self) -> bool:
        """Nothing that was asked about is missing from the lake."""
        return all(each.is_complete for each in self.searched.logs)


def propose(request: LeastPrivilegeRequest, *, clock: Callable[[], datetime]) -> LeastPrivilegeFound:
    """Make it. UsageError where the principal is no user and no role, or is not in the account."""
    identity = find_identity(request.account, request.principal) if request.account else None
    arn, account = (identity.arn, identity.principal.account) if identity else _told(request.principal)
    where = Where(
        since=request.where.since, until=request.where.until, accounts=(account,), regions=request.where.regions
    )
    with closing(LogReader(request.home)) as reader, closing(Engine()) as engine:
        use = recorded_use(engine, rows_within(reader, TABLE, where), arn)
        coverage = coverage_of(reader, TABLE.name, where, clock(), kinds_of(TABLE.name))
    found = least_privilege(use, request.account, identity)
    return LeastPrivilegeFound(principal=arn, found=found, searched=Searched(logs=(coverage,)), identity=identity)


def _told(words: str) -> tuple[str, str]:
    """The ARN and the account of a user or role that nothing else is known of."""
    try:
        principal = principal_of(words)
    except ValueError as error:
        raise UsageError("iam_backtest.no_user_or_role", principal=words) from error
    if principal.kind not in {PrincipalKind.USER, PrincipalKind.ROLE, PrincipalKind.SESSION}:
        raise UsageError("iam_backtest.no_user_or_role", principal=words)
    return words, principal.account
