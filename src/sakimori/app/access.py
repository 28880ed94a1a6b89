"""Opening the accounts of a run; one that cannot be entered is kept as a closed door, shown as unknown."""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

from sakimori.app.settings import AccountEntry, Settings
from sakimori.aws.account import open_account
from sakimori.aws.closed import ClosedDoor
from sakimori.aws.door import Door
from sakimori.aws.local_keys import local_keys
from sakimori.aws.open_session import OpenSession
from sakimori.aws.partitions import partitions
from sakimori.aws.session import Role, assume_role, open_session
from sakimori.aws.settings import DoorSettings
from sakimori.model.account import Account
from sakimori.model.arn import Arn
from sakimori.model.errors import AccessError, UsageError
from sakimori.model.words import GapKind

AskToken = Callable[[str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessRequest:
    """Which accounts and Regions. Without accounts or a role: the one that the credentials belong to."""

    profile: str = ""
    role_arn: str = ""
    external_id: str = ""
    accounts: tuple[AccountEntry, ...] = ()
    regions: tuple[str, ...] = ()
    exclude_regions: tuple[str, ...] = ()
    endpoint_url: str = ""

    @classmethod
    def of(cls, given: Mapping[str, Any], settings: Settings) -> Self:
        """The request that these options of the command line make; UsageError for an account that is not configured."""
        names: Sequence[str] = given["account"]
        if "all" in names and not settings.accounts:
            raise UsageError("app.no_accounts")
        regions = tuple(given["region"])
        return cls(
            profile=given["profile"] or "",
            role_arn=given["role_arn"] or "",
            external_id=given["external_id"] or "",
            accounts=settings.accounts if "all" in names else tuple(settings.account(name) for name in names),
            regions=() if "all" in regions else regions,
            exclude_regions=tuple(given["exclude_region"]),
            endpoint_url=given["endpoint_url"] or "",
        )

    @property
    def entries(self) -> tuple[AccountEntry, ...]:
        """What is to be entered: the configured accounts that were named, or the one of these options."""
        own = AccountEntry(name="", profile=self.profile, role_arn=self.role_arn, external_id=self.external_id)
        return self.accounts or (own,)


def open_doors(request: AccessRequest, *, ask_token: AskToken | None = None) -> tuple[Door, ...]:
    """A door for each account of the request.

    With one account, not getting in is an AccessError. With several, those that cannot be
    entered are closed doors: the run goes on, and they are shown as unknown.
    """
    opener = _Opener(request, ask_token)
    if len(request.entries) == 1:
        return (opener.open(request.entries[0]),)
    return tuple(opener.open_or_close(entry) for entry in request.entries)


def signing_keys(request: AccessRequest, *, ask_token: AskToken | None = None) -> frozenset[str]:
    """The ids of the access keys with which this request signs, those too with which its roles are taken. AccessError as `open_doors`."""
    opener = _Opener(request, ask_token)
    known = local_keys()
    found = set[str]()
    for entry in request.entries:
        profile = entry.profile or request.profile
        found.update(opener.keys_of(profile), known.behind(profile or os.environ.get("AWS_PROFILE", "default")))
    return frozenset(found)


class _Opener:
    """Opens one account after the other, each base session once."""

    def __init__(self, request: AccessRequest, ask_token: AskToken | None) -> None:
        self._request = request
        self._ask_token = ask_token
        self._settings = DoorSettings(endpoint_url=request.endpoint_url)
        self._sessions: dict[str, OpenSession] = {}

    def open(self, entry: AccountEntry) -> Door:
        session = self._session(entry.profile or self._request.profile)
        if entry.role_arn:
            role = Role(arn=entry.role_arn, external_id=entry.external_id)
            session = assume_role(session, role, settings=self._settings, ask_token=self._ask_token)
        door = open_account(session, regions=self._request.regions, settings=self._settings)
        if entry.id and door.account.id != entry.id:
            raise UsageError("app.other_account", name=entry.name, wanted=entry.id, found=door.account.id)
        if self._request.exclude_regions:
            kept = self._kept(door.account.selected)
            if not kept:
                raise UsageError("app.no_region_left", account=door.account.id)
            door.account = replace(door.account, selected=kept)
        return door

    def open_or_close(self, entry: AccountEntry) -> Door:
        try:
            return self.open(entry)
        except AccessError as error:
            return self._closed(entry, error)

    def keys_of(self, profile: str) -> frozenset[str]:
        """The key with which this profile signs by now."""
        credentials = self._session(profile).credentials()
        return frozenset({credentials.get_frozen_credentials().access_key} if credentials else ())

    def _kept(self, regions: Iterable[str]) -> tuple[str, ...]:
        return tuple(each for each in regions if each not in self._request.exclude_regions)

    def _session(self, profile: str) -> OpenSession:
        if profile not in self._sessions:
            self._sessions[profile] = open_session(profile=profile, settings=self._settings, ask_token=self._ask_token)
        return self._sessions[profile]

    def _closed(self, entry: AccountEntry, error: AccessError) -> ClosedDoor:
        """The closed door of an account that did not let us in; without Regions of the request it has the usual ones."""
        arn = Arn.parse(entry.role_arn) if entry.role_arn else None
        known = partitions()
        partition = known.get(arn.partition if arn else "", known["aws"])
        account = Account(
            id=entry.id or (arn.account_id if arn else "") or entry.name,
            partition=partition.id,
            alias=entry.name,
            regions=tuple(sorted({*partition.default_regions, *self._request.regions})),
            selected=self._kept(self._request.regions or partition.default_regions),
            regions_are_known=False,
        )
        values = error.values
        return ClosedDoor(
            account=account,
            code=str(values.get("code", error.text)),
            message=str(values.get("message", "")),
            kind=GapKind(str(values.get("kind", GapKind.CREDENTIALS))),
        )
