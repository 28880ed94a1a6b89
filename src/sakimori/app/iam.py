"""The account that IAM is asked about: read from AWS into a snapshot, taken from one, or from a file that AWS's CLI wrote."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sakimori.analysis.iam.account import IamAccount, Identity, Unread, iam_account
from sakimori.analysis.iam.ask import PolicyKind
from sakimori.analysis.iam.compute import compute_of
from sakimori.analysis.iam.openings import NO_OPENINGS, Openings, openings_of
from sakimori.analysis.iam.paths.world import UNKNOWN_COMPUTE, Compute
from sakimori.analysis.iam.read_tables import COMPUTE_TABLES, OPENING_TABLES, OWN_POLICIES, TABLES
from sakimori.analysis.iam.snapshot_account import guarding, read_snapshot
from sakimori.app.collecting import CollectRequest, collect_snapshot
from sakimori.app.given_policies import read_json, read_levels, read_resource_policies
from sakimori.app.organization import collected_organizations
from sakimori.aws.door import Door
from sakimori.collect.engine import Progress
from sakimori.lake.snapshot import Lake
from sakimori.lake.table_rows import Row
from sakimori.model.errors import UsageError

DETAIL_LISTS: Final = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")
"""Of what the answer of `aws iam get-account-authorization-details` is made."""


@dataclass(frozen=True, slots=True)
class Note:
    """Something that an answer stands on: a sentence `iam.note_<name>` with its values."""

    name: str
    values: Mapping[str, object] = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True, kw_only=True)
class IamSource:
    """The account, and what was not told of it. `credentials` None: passwords and keys could not be read, or a file has none."""

    account: IamAccount
    as_of: datetime | None = None
    notes: tuple[Note, ...] = ()
    credentials: tuple[Row, ...] | None = None
    records: tuple[Mapping[str, Any], ...] = ()
    """What IAM told, item by item."""
    compute: Compute = UNKNOWN_COMPUTE
    """What runs in the account with a role, where it was asked for."""
    organization: str = ""
    """`o-…`; "" for none, or where it is not known."""
    openings: Openings = NO_OPENINGS
    """What lets others in beside policies, where it was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guards:
    """What somebody gives besides: SCPs, RCPs, policies of resources, or the word that no SCP applies."""

    scp: Sequence[Path] = ()
    rcp: Sequence[Path] = ()
    resource_policies: Path | None = None
    assume_no_scp: bool = False
    assume_no_resource_policies: bool = False
    """Resources have none but those that are told, and buckets are the account's own."""


def find_identity(account: IamAccount, words: str) -> Identity:
    """The one user or role that is meant; UsageError with the next command where there is none, or more than one."""
    found = account.find(words)
    if len(found) == 1:
        return found[0]
    known = [each.arn for each in found] or [each.name for each in (*account.users, *account.roles)]
    none = "no_such_principal" if account.is_whole else "no_such_principal_partly"
    raise UsageError("iam.principal_ambiguous" if found else f"iam.{none}", name=words, known=known)


# -- from a file ---------------------------------------------------------------------------


def read_file(path: Path, guards: Guards) -> IamSource:
    """The answer of `aws iam get-account-authorization-details`; UsageError where it is none."""
    told = read_json(path)
    if not isinstance(told, dict) or not any(member in told for member in DETAIL_LISTS):
        raise UsageError("iam.no_details", path=path)
    missing = [member for member in DETAIL_LISTS if not isinstance(told.get(member), list)]
    records = [each for member in DETAIL_LISTS if member not in missing for each in told[member]]
    account = iam_account(records)
    notes = [Note("file_only", {"path": path})]
    if missing:
        notes.append(Note("lists_missing", {"path": path, "lists": tuple(missing)}))
    if told.get("IsTruncated"):
        notes.append(Note("truncated", {"path": path}))
    gaps = [*missing, *(["IsTruncated"] if told.get("IsTruncated") else [])]
    account = replace(account, unread=(*account.unread, *(Unread(each, "listing") for each in gaps)))
    known = tuple(each for each in records if isinstance(each, dict))
    return guarded(IamSource(account=account, records=known), guards, notes)


def guarded(source: IamSource, guards: Guards, notes: Iterable[Note] = ()) -> IamSource:
    """The same with the guards that somebody gave."""
    account, said = source.account, [*source.notes, *notes]
    if guards.scp:
        levels, is_full_added = read_levels(guards.scp)
        account = replace(account, scp=levels, unread_kinds=account.unread_kinds - {PolicyKind.SCP})
        if is_full_added:
            said.append(Note("full_access_added"))
    if guards.rcp:
        levels, _ = read_levels(guards.rcp)
        account = replace(account, rcp=levels, unread_kinds=account.unread_kinds - {PolicyKind.RCP})
    if guards.assume_no_scp:
        account = replace(account, unread_kinds=account.unread_kinds - {PolicyKind.SCP, PolicyKind.RCP})
    said = [each for told in said for each in _still_unread(told, account)]
    if guards.assume_no_resource_policies:
        account = replace(account, assumes_no_resource_policies=True)
    if guards.resource_policies is not None:
        told, bad = read_resource_policies(guards.resource_policies)
        kept = {arn: policy for arn, policy in account.resource_policies.items() if arn not in bad}
        account = replace(
            account, resource_policies={**kept, **told}, unread_resources=account.unread_resources | set(bad)
        )
        said.extend(Note("bad_resource_policy", {"resource": each}) for each in bad)
    bad_records = [each.policy for each in account.unread if each.reason == "form"]
    if bad_records:
        said.append(Note("bad_records", {"count": len(bad_records), "first": bad_records[0]}))
    said.extend(Note("unread_policy", {"policy": each.policy}) for each in account.unread if each.reason == "document")
    return replace(source, account=account, notes=tuple(said))


def _still_unread(note: Note, account: IamAccount) -> Iterable[Note]:
    """A note on what the organisation would not tell, as far as nobody gave it since."""
    if note.name != "scp_unread":
        return (note,)
    left = account.unread_kinds & {PolicyKind.SCP, PolicyKind.RCP}
    if len(left) == 1:
        return (Note("rcp_unread" if PolicyKind.RCP in left else "scp_alone_unread"),)
    return (note,) if left else ()


# -- from AWS, through a snapshot ------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveRequest:
    """How the account behind a door is read: now, or from a snapshot that is not older than `max_age`."""

    home: Path
    max_age: timedelta | None = None
    with_compute: bool = False
    """What runs there too, and with which roles."""
    with_openings: bool = False
    """What lets others in beside policies too, and what keeps them out."""


def read_live(
    request: LiveRequest, door: Door, *, clock: Callable[[], datetime], progress: Progress | None = None
) -> IamSource:
    """The account behind a door."""
    compute = COMPUTE_TABLES if request.with_compute else ()
    tables = (*TABLES, *OWN_POLICIES, *compute, *(OPENING_TABLES if request.with_openings else ()))
    wanted = CollectRequest(home=request.home, tables=tables, max_age=request.max_age)
    identifier = collect_snapshot(wanted, [door], clock=clock, progress=progress)
    lake = Lake(request.home)
    try:
        facts = lake.open(identifier)
        found = read_snapshot(facts, door.account.id)
        if found is None:
            raise UsageError("iam.not_readable", account=door.account.id)
        return _with_organization(
            request.home,
            IamSource(
                account=found.account,
                as_of=found.as_of,
                notes=tuple(Note(name) for name in found.missing),
                credentials=found.credentials,
                records=found.records,
                compute=compute_of(facts, found.account) if request.with_compute else UNKNOWN_COMPUTE,
                organization=found.organization,
                openings=openings_of(facts, door.account.id) if request.with_openings else NO_OPENINGS,
            ),
        )
    finally:
        lake.close()


def _with_organization(home: Path, source: IamSource) -> IamSource:
    """The same with the SCPs and RCPs that an earlier snapshot of the management account has, where this one has none."""
    account, kinds = source.account, {PolicyKind.SCP, PolicyKind.RCP}
    told = collected_organizations(home) if account.unread_kinds & kinds else None
    organization = told.holding(account.account) if told else None
    if told is None or organization is None:
        return source
    found = guarding(organization, account.account)
    is_managing = organization.management_account == account.account
    account = replace(
        account,
        scp=found.scp,
        rcp=found.rcp,
        unread_kinds=(account.unread_kinds - kinds) | found.unread,
        is_management_account=is_managing if account.is_management_account is None else account.is_management_account,
    )
    notes = [one for each in source.notes for one in _still_unread(each, account)]
    return replace(source, account=account, notes=(*notes, Note("organization_as_of", {"as_of": told.as_of})))


def known_account(home: Path, words: str) -> IamAccount | None:
    """The account of a user or role (its ARN, or a name) as the newest snapshot has it; None where no snapshot does."""
    if not (home / "lake" / "manifest.db").exists():
        return None
    lake = Lake(home)
    try:
        if not lake.snapshots():
            return None
        facts = lake.open(lake.find_holding(TABLES))
    finally:
        lake.close()
    found = [read_snapshot(facts, each.id) for each in facts.accounts]
    return next((each.account for each in found if each is not None and each.account.find(words)), None)
