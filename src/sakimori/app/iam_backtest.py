"""A guardrail tried on what the lake holds, before it is attached: the answer, and how far it can be trusted."""

import json
import re
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final, cast

from sakimori.analysis.iam.backtest import Guard, Trial, Tried, try_policy
from sakimori.analysis.iam.policy import Policy, policy_of
from sakimori.analysis.iam.sql.data_events import unseen
from sakimori.app.given_file import open_regular, text_of
from sakimori.app.known_tables import kinds_of
from sakimori.app.organization import Collected, collected_organizations
from sakimori.app.query import QueryRequest, ask
from sakimori.app.searched import Searched
from sakimori.collect.policy_document import NotUnderstoodError
from sakimori.ingest.cloudtrail.table import TABLE
from sakimori.lake.coverage import coverage_of
from sakimori.lake.engines.duck import Engine
from sakimori.lake.log_reader import EVERYWHERE, LogReader, Where, rows_within
from sakimori.model.errors import UsageError

ALL: Final = "all"
_ACCOUNT: Final = re.compile(r"[0-9]{12}\Z")
# Ids of units and roots, what aws:PrincipalOrgPaths has of them, and paths of names from the root.
# Source: AWS Organizations API Reference, "CreateOrganizationalUnit" and "Root", forms of their ids.
_UNIT: Final = re.compile(
    r"(?:ou-[0-9a-z]{4,32}-[0-9a-z]{8,32}|r-[0-9a-z]{4,32}|o-[0-9a-z]{10,32}/.+|/.*)\Z", re.DOTALL
)
_NAME: Final = re.compile(r"(?:(?:user|role)/)?[\w+=,.@-]{1,128}\Z")
_ARN: Final = re.compile(r"arn:[\w-]+:(?:iam|sts)::(\d{12}):(?:user|role|assumed-role|federated-user)/.+\Z", re.DOTALL)
_LARGEST: Final = 1_000_000
_MOST_NAMED: Final = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestRequest:
    """A policy's file, what it is tried as, and on whom: accounts, organizational units, users and roles; all without any.

    `management_account`: "" to take it from the inventory, where it is there.
    """

    home: Path
    policy_file: Path
    guard: Guard
    targets: tuple[str, ...] = ()
    where: Where = EVERYWHERE
    management_account: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """An organizational unit, or a root, with all accounts in it and below it when the organization was collected."""

    words: str
    accounts: tuple[str, ...]
    as_of: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtested:
    """What came of it, and what it rests on."""

    policy: Policy
    trial: Trial
    tried: Tried
    searched: Searched
    units: tuple[Unit, ...]
    """The organizational units that were meant, with their accounts."""
    unseen_sources: tuple[str, ...]
    """Services on whose data the policy bears, and of which the lake has no data event."""

    @property
    def denied(self) -> int:
        """Requests that AWS let through, and the policy would have refused."""
        return self.tried.count(denied=True, refused=False)

    @property
    def unknown(self) -> int:
        """Requests that AWS let through, and of which it is not known."""
        return self.tried.count(denied=False, refused=False)

    @property
    def is_whole(self) -> bool:
        """There was something to judge, and nothing that was asked about is missing from the lake."""
        return bool(self.tried.judged_count) and all(each.is_complete for each in self.searched.logs)


def backtest(request: BacktestRequest, *, clock: Callable[[], datetime]) -> Backtested:
    """Try the policy. UsageError for a file that is no policy, or a target that is none."""
    policy = read_policy(request.policy_file)
    units = _units(request)
    within = [each for unit in units for each in unit.accounts]
    words = (*(each for each in request.targets if not _UNIT.match(each)), *dict.fromkeys(within))
    accounts, principals, homes = _targets(words)
    managing = request.management_account or _management_account(request.home, clock)
    trial = Trial(
        policy=policy, guard=request.guard, accounts=accounts, principals=principals, management_account=managing
    )
    where = replace(request.where, accounts=homes or request.where.accounts)
    with closing(LogReader(request.home)) as reader, closing(Engine()) as engine:
        tried = try_policy(engine, rows_within(reader, TABLE, where), trial)
        coverage = coverage_of(reader, TABLE.name, where, clock(), kinds_of(TABLE.name))
    return Backtested(
        policy=policy,
        trial=trial,
        tried=tried,
        searched=Searched(logs=(coverage,)),
        units=units,
        unseen_sources=tuple(unseen(policy, tried.data_sources, allows_rest=trial.allows_rest)),
    )


def read_policy(path: Path) -> Policy:
    """The policy in a file, also as `aws organizations describe-policy` prints it; UsageError where it is none."""
    with open_regular(path) as file:
        content = file.read(_LARGEST + 1)
    if len(content) > _LARGEST:
        raise UsageError("iam_backtest.too_large", path=path, most=_LARGEST)
    text = text_of(content, path)
    try:
        return policy_of(path.name, _content(text))
    except NotUnderstoodError as error:
        raise UsageError("iam_backtest.no_policy", path=path, reason=error.told) from error


def _content(text: str) -> str:
    """The document itself, without what Organizations or IAM wrap around it."""
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        return text
    inner = cast("dict[str, Any]", told).get("Policy") if isinstance(told, dict) else None
    content = cast("dict[str, Any]", inner).get("Content") if isinstance(inner, dict) else None
    return content if isinstance(content, str) else text


def _units(request: BacktestRequest) -> tuple[Unit, ...]:
    """The units among the targets; UsageError where the tree was never collected, is not whole, or has no such unit."""
    asked = [each for each in dict.fromkeys(request.targets) if _UNIT.match(each)]
    if not asked or ALL in request.targets:
        return ()
    found = collected_organizations(request.home)
    if found is None:
        raise UsageError("iam_backtest.no_tree", unit=asked[0])
    return tuple(_unit(found, each) for each in asked)


def _unit(found: Collected, words: str) -> Unit:
    meant = [(each, key) for each in found.organizations if (key := each.unit(words)) is not None]
    if len(meant) != 1:
        known = [f"{row['path']} ({key})" for each in found.organizations for key, row in each.units.items()]
        raise UsageError("iam_backtest.unit_unknown", unit=words, known=sorted(known)[:_MOST_NAMED])
    organization, key = meant[0]
    members = organization.members(key)
    if not organization.is_tree_whole:
        raise UsageError("iam_backtest.tree_not_whole", unit=words)
    if not members:
        raise UsageError("iam_backtest.unit_empty", unit=words)
    return Unit(words=words, accounts=members, as_of=found.as_of)


def _targets(words: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Accounts, principals, and the accounts whose records hold all that these did (none: any)."""
    accounts, principals, homes = list[str](), list[str](), list[str]()
    is_anywhere = not words
    for word in words:
        arn = _ARN.match(word)
        if word == ALL:
            return (), (), ()
        if _ACCOUNT.match(word):
            accounts.append(word)
            homes.append(word)
        elif arn:
            principals.append(word)
            homes.append(arn[1])
        elif _NAME.match(word):
            principals.append(word)
            is_anywhere = True
        else:
            raise UsageError("iam_backtest.no_target", target=word)
    return tuple(accounts), tuple(principals), () if is_anywhere else tuple(dict.fromkeys(homes))


def _management_account(home: Path, clock: Callable[[], datetime]) -> str:
    """From the newest inventory that tells it; "" where none does."""
    told = collected_organizations(home)
    if told and len(told.organizations) == 1:
        return told.organizations[0].management_account
    sql = "select min(management_account_id) from aws_organizations_organization"
    try:
        with ask(QueryRequest(home=home, sql=sql), clock=clock) as answer:
            return next((str(row[0]) for row in answer.rows() if row[0]), "")
    except UsageError:
        return ""
