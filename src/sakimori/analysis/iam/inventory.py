"""Everything in an account's IAM with its last use, age, power and owner, and what may be deleted in which order.

What could not be read is unknown, not unused: a file of GetAccountAuthorizationDetails knows no passwords, keys and MFA.
Sources: IAM API Reference, "RoleLastUsed" (activity of the trailing 400 days), "DeleteUser", "DeleteRole", "DeleteGroup" and
"DeletePolicy" (what must be gone before); IAM User Guide, "Getting credential reports" (made at most every four hours, and
without a use of keys before 22 April 2015) and "Create a service-linked role" (its service deletes it).
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final, cast

from sakimori.analysis.iam.account import Group, IamAccount, Identity
from sakimori.analysis.iam.powers import Level, PrincipalPowers

TRACKED: Final = timedelta(days=400)
"""How far back IAM knows that a role was used."""
OWNER_TAGS: Final = (
    "owner", "ownedby", "owneremail", "responsible", "contact", "maintainer", "team", "createdby", "担当", "担当者", "所有者", "管理者", "責任者",
    "オーナー",
)  # fmt: skip
"""Names of tags that say whose something is, without spaces, - and _, in the order of their weight."""
_SSO_PATH: Final = "/aws-reserved/"
_EMERGENCY: Final = re.compile(r"break.?glass|emergency|firecall|緊急|非常", re.IGNORECASE)
"""Who is meant to be unused: that nobody used it is how it should be."""


class Kind(StrEnum):
    """What a row is about. Groups and policies have no last use: they are attached or not."""

    ROOT = "root"
    USER = "user"
    PASSWORD = "password"  # noqa: S105 - a word of the table
    ACCESS_KEY = "access_key"
    ROLE = "role"
    GROUP = "group"
    POLICY = "policy"


class Use(StrEnum):
    """Whether it is used."""

    USED = "used"
    UNUSED = "unused"
    """Not within the days that were asked for."""
    NEVER = "never"
    """Never, or of a role not within what IAM tracks; and it is older than the days that were asked for."""
    NEW = "new"
    """Never yet, but it is younger than the days that were asked for."""
    INACTIVE = "inactive"
    """A key that was deactivated."""
    UNKNOWN = "unknown"


class Advice(StrEnum):
    """What to do with it."""

    KEEP = "keep"
    LOOK = "look"
    """It is not known whether it is used: find out."""
    DEACTIVATE = "deactivate"
    DELETE = "delete"
    LEAVE_TO_AWS = "leave_to_aws"
    """A service, or IAM Identity Center, looks after it."""


STALE: Final = frozenset({Use.UNUSED, Use.NEVER})


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One row. `last_used_at` None: never, or not known (see `use`). `has_mfa` None: not known, or no matter of this kind.

    `arn` of a password or key its user's. `count` of a group its users, of a policy those that have it. `because` names a sentence `iam_inventory.because_<name>`.
    """

    kind: Kind
    name: str
    arn: str
    use: Use
    advice: Advice
    because: str = ""
    owner: str = ""
    owner_tag: str = ""
    created_at: datetime | None = None
    last_used_at: datetime | None = None
    has_mfa: bool | None = None
    is_active: bool | None = None
    level: Level | None = None
    at_most: Level | None = None
    count: int | None = None

    def age_days(self, now: datetime) -> int | None:
        """Since it was made, or last changed; None where that is not known."""
        return (now - self.created_at).days if self.created_at else None

    def idle_days(self, now: datetime) -> int | None:
        """Since its last use."""
        return (now - self.last_used_at).days if self.last_used_at else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What an inventory is made from. `credentials`: rows of the table aws_iam_credential; None where there are none to read.

    `seen_at`: the last event of a principal in the lake, by ARN of the user or role.
    """

    account: IamAccount
    powers: Sequence[PrincipalPowers]
    now: datetime
    unused_days: int
    credentials: Sequence[Mapping[str, Any]] | None = None
    seen_at: Mapping[str, datetime] | None = None


def inventory_of(asking: Asking) -> tuple[Item, ...]:
    """Root, users each with password and keys, roles, groups, policies."""
    return tuple(_Inventory(asking).items())


@dataclass(frozen=True, slots=True)
class _Times:
    made: datetime | None
    last: datetime | None


class _Inventory:
    def __init__(self, asking: Asking) -> None:
        self.asking, self.account, self.now = asking, asking.account, asking.now
        self.idle = timedelta(days=asking.unused_days)
        self.powers = {each.who.arn: each for each in asking.powers}
        self.rows = defaultdict[str, list[Mapping[str, Any]]](list)
        for row in asking.credentials or ():
            self.rows[str(row.get("user_arn"))].append(row)

    def items(self) -> Iterator[Item]:
        for arn in sorted(self.rows):
            if any(row.get("is_root") for row in self.rows[arn]):
                yield self._root(arn)
                yield from self._credentials(arn, "root", Kind.ROOT)
        for user in self.account.users:
            yield self._user(user)
            yield from self._credentials(user.arn, user.name, Kind.USER)
        yield from (self._role(each) for each in self.account.roles)
        yield from (self._group(self.account.groups[name]) for name in sorted(self.account.groups))
        yield from self._policies()

    # -- root and users ---------------------------------------------------------------------------------

    def _root(self, arn: str) -> Item:
        rows = self.rows[arn]
        last, made = _latest(_time(row.get("last_used_at")) for row in rows), _time(rows[0].get("created_at"))
        use = self._use(last, made)
        if use is not Use.USED and any(row.get("was_used") is None for row in rows):
            use = Use.UNKNOWN
        return Item(
            kind=Kind.ROOT, name="root", arn=arn, use=use, advice=Advice.KEEP, because="root", created_at=made,
            last_used_at=last, has_mfa=rows[0].get("has_mfa"), level=Level.STRONG, at_most=Level.STRONG,
        )  # fmt: skip

    def _credentials(self, arn: str, name: str, owner: Kind) -> Iterator[Item]:
        for row in sorted(self.rows.get(arn, ()), key=lambda each: str(each.get("kind"))):
            kind = Kind.PASSWORD if row.get("kind") == "password" else Kind.ACCESS_KEY
            is_there = bool(row.get("is_active")) or row.get("rotated_at") is not None
            if row.get("is_active") is not None and not is_there:
                continue
            number = "" if kind is Kind.PASSWORD else f"/{str(row.get('kind'))[-1]}"
            use = self._use_of(row)
            advice, because = self._advice_on(use, kind, owner)
            yield Item(
                kind=kind, name=f"{name}{number}", arn=arn, use=use, advice=advice, because=because,
                created_at=_time(row.get("rotated_at")), last_used_at=_time(row.get("last_used_at")),
                has_mfa=row.get("has_mfa") if kind is Kind.PASSWORD else None, is_active=row.get("is_active"),
            )  # fmt: skip

    def _use_of(self, row: Mapping[str, Any]) -> Use:
        if row.get("is_active") is False:
            return Use.INACTIVE
        if row.get("was_used") is None or (row.get("is_active") is None and not row.get("is_root")):
            return Use.UNKNOWN
        made = _time(row.get("rotated_at")) or _time(row.get("created_at"))
        return self._use(_time(row.get("last_used_at")), made)

    def _advice_on(self, use: Use, kind: Kind, owner: Kind) -> tuple[Advice, str]:
        if owner is Kind.ROOT:
            is_key = kind is Kind.ACCESS_KEY
            return (Advice.DELETE, "root_key") if is_key else (Advice.KEEP, "root")
        if use is Use.INACTIVE:
            # A deactivated key is still there, and comes back with one call.
            return (Advice.DELETE, "inactive") if kind is Kind.ACCESS_KEY else (Advice.KEEP, "")
        if use in STALE:
            return Advice.DEACTIVATE, "stale"
        return (Advice.LOOK, "unreadable") if use is Use.UNKNOWN else (Advice.KEEP, "")

    def _user(self, user: Identity) -> Item:
        rows = self.rows.get(user.arn, ())
        made = _time(user.created_at) or next((_time(row.get("created_at")) for row in rows), None)
        times = [found for row in rows if (found := _time(row.get("last_used_at")))]
        seen = (self.asking.seen_at or {}).get(user.arn)
        last = _latest([*times, seen])
        use = self._use(last, made)
        is_unread = not rows or any(row.get("was_used") is None for row in rows)
        if is_unread and use is not Use.USED:
            use = Use.UNKNOWN
        advice, because = Advice.KEEP, ""
        if use in STALE:
            advice, because = Advice.DELETE, "stale"
        elif use is Use.UNKNOWN:
            advice, because = Advice.LOOK, "no_report" if not rows else "unreadable"
        return self._of_identity(user, _Times(made, last), use, (advice, because))

    # -- roles ---------------------------------------------------------------------------------

    def _role(self, role: Identity) -> Item:
        made, told = _time(role.created_at), role.raw.get("RoleLastUsed")
        known = cast("Mapping[str, object]", told if isinstance(told, Mapping) else {})
        last = _latest([_time(known.get("LastUsedDate")), (self.asking.seen_at or {}).get(role.arn)])
        use = self._use(last, made)
        because = "stale"
        if use is not Use.USED and not isinstance(told, Mapping):
            use, because = Use.UNKNOWN, "no_last_use"
        elif last is None and self.idle > TRACKED and made and self.now - made >= self.idle:
            use, because = Use.UNKNOWN, "beyond_tracking"
        if role.is_service_linked or role.path.startswith(_SSO_PATH):
            because = "service_linked" if role.is_service_linked else "sso"
            return self._of_identity(role, _Times(made, last), use, (Advice.LEAVE_TO_AWS, because))
        advice = Advice.DELETE if use in STALE else Advice.LOOK if use is Use.UNKNOWN else Advice.KEEP
        given = (advice, "" if advice is Advice.KEEP else because)
        return self._of_identity(role, _Times(made, last), use, given)

    def _of_identity(self, who: Identity, times: _Times, use: Use, given: tuple[Advice, str]) -> Item:
        if given[0] is Advice.DELETE and _EMERGENCY.search(" ".join((who.name, *who.tags, *who.tags.values()))):
            given = (Advice.LOOK, "emergency")
        power = self.powers.get(who.arn)
        owner, tag = owner_of(who.tags)
        mfa = None if who.is_role else next((row.get("has_mfa") for row in self.rows.get(who.arn, ())), None)
        return Item(
            kind=Kind.ROLE if who.is_role else Kind.USER, name=who.name, arn=who.arn, use=use, advice=given[0],
            because=given[1], owner=owner, owner_tag=tag, created_at=times.made, last_used_at=times.last, has_mfa=mfa,
            level=power.level if power else None, at_most=power.at_most if power else None,
        )  # fmt: skip

    def _use(self, last: datetime | None, made: datetime | None) -> Use:
        if last is not None:
            return Use.USED if self.now - last < self.idle else Use.UNUSED
        if made is None:
            return Use.UNKNOWN
        return Use.NEW if self.now - made < self.idle else Use.NEVER

    # -- groups and policies -------------------------------------------------------------------

    def _group(self, group: Group) -> Item:
        members = sum(group.name in user.groups for user in self.account.users)
        # Who could not be read may be in it.
        is_whole = self.account.is_whole
        use = Use.USED if members else Use.UNUSED if is_whole else Use.UNKNOWN
        advice, because = (Advice.DELETE, "empty_group") if is_whole else (Advice.LOOK, "unreadable")
        if members:
            advice, because = Advice.KEEP, ""
        return Item(
            kind=Kind.GROUP, name=group.name, arn=group.arn, use=use, advice=advice, because=because, count=members
        )

    def _policies(self) -> Iterator[Item]:
        holders = _holders(self.account)
        # Who could not be read may have any of them.
        is_whole = self.account.is_whole
        unread = {each.policy for each in self.account.unread if ":policy/" in each.policy}
        for arn in sorted({*self.account.managed, *unread}):
            if ":iam::aws:" in arn:
                continue
            count = holders.get(arn, 0)
            use = Use.USED if count else Use.UNUSED if is_whole else Use.UNKNOWN
            advice = Advice.KEEP if count else Advice.DELETE if is_whole else Advice.LOOK
            because = "" if count else "attached_to_none" if is_whole else "unreadable"
            name = arn.rpartition("/")[2]
            yield Item(kind=Kind.POLICY, name=name, arn=arn, use=use, advice=advice, because=because, count=count)


def _holders(account: IamAccount) -> Mapping[str, int]:
    """By ARN of a managed policy, how many users, roles and groups have it, as boundary too."""
    found = defaultdict[str, int](int)
    for who in account.identities.values():
        bounded: Mapping[str, Any] = who.raw.get("PermissionsBoundary") or {}
        attached: Iterable[Mapping[str, Any]] = who.raw.get("AttachedManagedPolicies") or ()
        for arn in {str(bounded.get("PermissionsBoundaryArn")), *(str(each.get("PolicyArn")) for each in attached)}:
            found[arn] += 1
    for group in account.groups.values():
        for arn in {*(each.arn for each in group.policies), *(each.policy for each in group.unread)}:
            found[arn] += 1
    return found


def newest_in(account: IamAccount) -> datetime | None:
    """The newest time among those when its users and roles were made or roles used: the listing is not older."""
    told = (each.raw.get("RoleLastUsed") for each in account.roles)
    used = [cast("Mapping[str, object]", each).get("LastUsedDate") for each in told if isinstance(each, Mapping)]
    return _latest(_time(each) for each in (*used, *(who.created_at for who in account.identities.values())))


def owner_of(tags: Mapping[str, str]) -> tuple[str, str]:
    """The owner that the tags name, and the tag that does; ("", "") where none does."""
    known = {key.casefold().replace("-", "").replace("_", "").replace(" ", "").replace(":", ""): key for key in tags}
    for wanted in OWNER_TAGS:
        if wanted in known and tags[known[wanted]].strip():
            return tags[known[wanted]].strip(), known[wanted]
    return "", ""


def _latest(times: Iterable[datetime | None]) -> datetime | None:
    known = [each for each in times if each is not None]
    return max(known) if known else None


def _time(value: object) -> datetime | None:
    """A time of a row or of the listing; a naive one is UTC."""
    if isinstance(value, str) and value:
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if not isinstance(value, datetime):
        return None
    return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
