"""Who calls, in which account, and which Regions that account has."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from sakimori.aws.access_errors import text_of_credentials
from sakimori.aws.calls import Caller
from sakimori.aws.key_ids import account_of_key
from sakimori.aws.open_session import OpenSession
from sakimori.aws.partitions import Partition, partitions
from sakimori.aws.refusal import Refusal
from sakimori.model.account import Account
from sakimori.model.arn import Arn
from sakimori.model.errors import AccessError, UsageError
from sakimori.model.words import GLOBAL, GapKind

_ENABLED: Final = frozenset({"opt-in-not-required", "opted-in"})
_ACCOUNT: Final = re.compile(r"[0-9]{12}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """The caller: `arn` is "" where AWS did not say and `account_id` was read from the access key id."""

    account_id: str
    partition: Partition
    arn: str = ""

    @property
    def is_confirmed(self) -> bool:
        """Whether AWS itself named the account."""
        return bool(self.arn)


def find_identity(caller: Caller, session: OpenSession, partition: Partition) -> tuple[Identity, tuple[Refusal, ...]]:
    """Who calls. AccessError if AWS cannot be reached or does not accept the credentials.

    Where AWS refuses to say (or a proxy answers for it), the account id is read from the
    access key id, and the refusal comes with it.
    """
    try:
        answer = caller.call("sts:GetCallerIdentity", session.region or GLOBAL, {})
        arn = Arn.parse(str(answer["Arn"]))
        identity = Identity(
            account_id=str(answer["Account"]), partition=partitions().get(arn.partition, partition), arn=str(arn)
        )
    except Refusal as refusal:
        return _unconfirmed(refusal, session, partition), (refusal,)
    except (KeyError, ValueError) as error:
        refusal = Refusal(
            call="sts:GetCallerIdentity", kind=GapKind.MALFORMED, code=type(error).__name__, message="no ARN"
        )
        return _unconfirmed(refusal, session, partition), (refusal,)
    if not _ACCOUNT.fullmatch(identity.account_id):
        raise AccessError("aws.account_unknown", code="Account", message="")
    return identity, ()


def find_account(
    caller: Caller, session: OpenSession, identity: Identity, selected: Sequence[str]
) -> tuple[Account, tuple[Refusal, ...]]:
    """The account with its enabled Regions, and the refusals where its own list could not be read.

    `selected` are the Regions to read (all enabled ones if empty); UsageError for a name
    that the partition does not have or the account has not enabled.
    """
    partition = identity.partition
    refusals: list[Refusal] = []
    regions: tuple[str, ...] = ()
    home = session.region if partition.has(session.region) else partition.global_region
    # A control policy may allow only the organisation's own Regions: ask there first.
    for region in dict.fromkeys((home, partition.global_region)):
        try:
            regions = _enabled(caller.call("ec2:DescribeRegions", region, {"AllRegions": True}).get("Regions", ()))
        except Refusal as refusal:
            refusals.append(refusal)
        if regions:
            refusals.clear()
            break
    known = bool(regions)
    regions = regions or partition.default_regions
    wanted = tuple(sorted(set(selected)))
    _check(wanted, partition, regions if known else ())
    account = Account(
        id=identity.account_id, partition=partition.id, selected=wanted or regions, regions_are_known=known,
        regions=regions if known else tuple(sorted({*regions, *wanted})),
    )  # fmt: skip
    return account, tuple(refusals)


def _unconfirmed(refusal: Refusal, session: OpenSession, partition: Partition) -> Identity:
    values = {"code": refusal.code, "message": refusal.message, "profile": session.profile or "default"}
    if refusal.kind is GapKind.UNREACHABLE:
        raise AccessError("aws.unreachable", **values) from refusal
    if refusal.kind is GapKind.CREDENTIALS:
        raise AccessError(text_of_credentials(refusal.code, refusal.message), **values) from refusal
    credentials = session.credentials()
    account = account_of_key(credentials.get_frozen_credentials().access_key or "") if credentials else ""
    if not account:
        raise AccessError("aws.account_unknown", **values) from refusal
    return Identity(account_id=account, partition=partition)


def _enabled(regions: Iterable[object]) -> tuple[str, ...]:
    return tuple(
        sorted(
            str(region["RegionName"])
            for region in regions
            if isinstance(region, dict) and region.get("OptInStatus") in _ENABLED and "RegionName" in region
        )
    )


def _check(wanted: Sequence[str], partition: Partition, enabled: Sequence[str]) -> None:
    for region in wanted:
        if not partition.has(region):
            raise UsageError("aws.region_unknown", region=region, partition=partition.id)
        if enabled and region not in enabled:
            raise UsageError("aws.region_not_enabled", region=region, enabled=tuple(enabled))
