"""The door to one account over botocore."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import PaginationError

from sakimori.aws.calls import Caller
from sakimori.aws.classify import refusal_of
from sakimori.aws.clients import Clients
from sakimori.aws.data_files import data_loader
from sakimori.aws.door import Answer
from sakimori.aws.fetching import Fetcher
from sakimori.aws.identity import Identity, find_account, find_identity
from sakimori.aws.open_session import OpenSession
from sakimori.aws.paging import Paging, follow, paging_of
from sakimori.aws.partitions import Partition, partition_of_region
from sakimori.aws.refusal import Refusal
from sakimori.aws.settings import Clock, DoorSettings
from sakimori.aws.statistics import DoorStatistics, Ledger
from sakimori.model.account import Account

if TYPE_CHECKING:
    # boto3 itself is only what a caller may hand in: our own sessions are botocore's.
    import boto3


class BotoDoor:
    """A Door (`sakimori.aws.door`) that calls AWS. Thread-safe.

    `identity` says who calls. `refusals` are those met while opening: with them the
    account id, or its list of Regions, is not AWS's own word.
    """

    def __init__(  # noqa: PLR0913 - each is told by its name
        self, *, account: Account, identity: Identity, refusals: tuple[Refusal, ...], caller: Caller, ledger: Ledger,
        fetcher: Fetcher,
    ) -> None:  # fmt: skip
        self.account = account
        self.identity = identity
        self.refusals = refusals
        self._caller = caller
        self._ledger = ledger
        self._fetcher = fetcher
        self._paging: dict[str, Paging | None] = {}

    @classmethod
    def of_session(
        cls, session: "boto3.Session", *, regions: Sequence[str] = (), settings: DoorSettings | None = None
    ) -> "BotoDoor":
        """A door with a boto3 session of the caller's, in which nothing is changed."""
        return open_account(OpenSession.of_boto3(session), regions=regions, settings=settings)

    def call(self, operation: str, region: str, parameters: Mapping[str, object]) -> Answer:
        """One answer; Refusal once the call has failed for good."""
        return self._caller.call(operation, region, parameters)

    def pages(self, operation: str, region: str, parameters: Mapping[str, object]) -> Iterator[Answer]:
        """All pages in order; Refusal in the midst of them is possible."""
        paging = self._paging_of(operation)
        try:
            yield from follow(paging, parameters, lambda asked: self._caller.call(operation, region, asked))
        except PaginationError as error:
            raise refusal_of(operation, error) from error

    def fetch(self, url: str, most: int) -> bytes:
        """What lies behind an address that AWS gave in an answer, at most so many bytes; Refusal otherwise."""
        return self._fetcher.fetch(url, most)

    def statistics(self) -> DoorStatistics:
        """What was called so far."""
        return self._ledger.snapshot()

    def _paging_of(self, operation: str) -> Paging | None:
        if operation not in self._paging:
            model = self._caller.model(operation)
            self._paging[operation] = paging_of(data_loader(), model) if model is not None else None
        return self._paging[operation]


def open_account(
    session: OpenSession,
    *,
    regions: Sequence[str] = (),
    settings: DoorSettings | None = None,
    clock: Clock | None = None,
) -> BotoDoor:
    """The door of the account that the session's credentials belong to.

    `regions` are the ones to read, all enabled ones if empty. AccessError if AWS cannot be
    reached or does not accept the credentials; UsageError for a Region that is not there.
    """
    way = _Way(session=session, settings=settings or DoorSettings(), clock=clock or Clock(), ledger=Ledger())
    partition = partition_of_region(session.region)
    caller = way.caller(partition)
    identity, unconfirmed = find_identity(caller, session, partition)
    if identity.partition != partition:
        caller = way.caller(identity.partition)
    account, unlisted = find_account(caller, session, identity, regions)
    return BotoDoor(
        account=account, identity=identity, refusals=(*unconfirmed, *unlisted), caller=caller, ledger=way.ledger,
        fetcher=Fetcher(session.transport, way.settings.endpoint_url or os.environ.get("AWS_ENDPOINT_URL", ""),
                        way.clock),
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class _Way:
    """What every caller of one door shares."""

    session: OpenSession
    settings: DoorSettings
    clock: Clock
    ledger: Ledger

    def caller(self, partition: Partition) -> Caller:
        clients = Clients(
            self.session, partition=partition, settings=self.settings, clock=self.clock, ledger=self.ledger
        )
        return Caller(clients, settings=self.settings, clock=self.clock, ledger=self.ledger)
