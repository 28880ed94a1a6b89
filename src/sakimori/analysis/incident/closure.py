"""The closure of credentials: every one that events prove to come from those that were stolen.

A join on access key ids is not enough, so seven ways are followed until nothing new appears: credentials that a call answers
with; both events of a call from one account into another (`sharedEventID`); users that were made, with all their keys;
passwords that were set, with the sign-ins after them; roles that were made, or opened to another account, with who assumes
them; machines and functions that were started with a role; sign-ins at the console from a federated session.
What is followed depends on no order of events. Rounds and credentials are bounded, and a closure that was cut says so.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from sakimori.analysis.incident.events import ALL, Asked, Events, Sighting, session_name, user_key
from sakimori.analysis.incident.form import Closure, Credential, CredentialKind, Event, console_id
from sakimori.analysis.incident.gifts import GIVING, Gift, GiftKind, gifts
from sakimori.analysis.incident.issued import CONSOLE_LASTS, HANDING_OUT, issued, latest_end
from sakimori.analysis.incident.owners_own import OwnersOwn

MOST_ROUNDS: Final = 40
MOST_CREDENTIALS: Final = 20_000
FOLLOWED: Final = HANDING_OUT | GIVING
"""Operations that lead on; of a million other events of a key none is read for the closure."""
_SKEW: Final = timedelta(minutes=5)
_NEAR: Final = timedelta(minutes=2)
"""Between a sign-in and the creation of its session."""
_TEMPORARY: Final = timedelta(hours=36) + timedelta(minutes=30)
_SETTING: Final = frozenset({"CreateLoginProfile", "UpdateLoginProfile", "DeleteLoginProfile", "ChangePassword"})
_SSO_ROLE: Final = ":assumed-role/AWSReservedSSO_"
Owner = tuple[str, str]


def closure_of(
    events: Events,
    seeds: Sequence[Credential],
    now: datetime,
    *,
    since: datetime | None = None,
    is_known: Callable[[Event], bool] | None = None,
) -> Closure:
    """All credentials that come from the seeds by what happened from `since` to `now`.

    `is_known` tells events from the owner's places: what was made there and used nowhere else is `spared`, and not followed. A seed needs no more than its id. What a source could not read is in `unread`, with `events.looked`.
    """
    search = _Search(events, now, since, OwnersOwn(events, is_known))
    for seed in seeds:
        search.take(seed)
    rounds = 0
    while search.has_more and rounds < MOST_ROUNDS:
        search.step()
        rounds += 1
    if search.has_more:
        search.unread.add("rounds")
    if events.is_cut:
        search.unread.add("events")
    return search.closure([seed.id for seed in seeds], rounds)


def closure_events(closure: Closure, events: Events, asked: Asked = ALL) -> Iterable[Event]:
    """The events of the closure: those that its keys signed, and the sign-ins at the console that have no key."""
    yield from events.by_keys(closure.key_ids, asked)
    sessions = {each.principal for each in closure.credentials if not each.is_key}
    if sessions and not asked.names and asked.writes is not False:
        moments = {each.id for each in closure.credentials if not each.is_key}
        for event in events.by_users(sorted(sessions), replace(asked, names=frozenset({"ConsoleLogin"}))):
            if not event.key_id and console_id(event.principal, event.at) in moments:
                yield event


@dataclass(frozen=True, slots=True)
class _Password:
    """A password that the thief set, the sign-ins of its user after that, and who set it anew."""

    gift: Gift
    issuer: str
    seen: tuple[Sighting, ...]
    resets: tuple[Event, ...]


@dataclass(slots=True)
class _Search:
    events: Events
    now: datetime
    since: datetime | None
    own: OwnersOwn
    unread: set[str] = field(default_factory=set[str])
    _found: dict[str, Credential] = field(default_factory=dict[str, Credential])
    _seeds: set[str] = field(default_factory=set[str])
    _keys: list[Credential] = field(default_factory=list[Credential])
    _gifts: list[tuple[Gift, str]] = field(default_factory=list[tuple[Gift, str]])
    _shared: dict[str, str] = field(default_factory=dict[str, str])
    _opened: set[tuple[GiftKind, str, str]] = field(default_factory=set[tuple[GiftKind, str, str]])
    _asked_shared: set[str] = field(default_factory=set[str])
    _users: dict[Owner, str] = field(default_factory=dict[Owner, str])
    _people: set[str] = field(default_factory=set[str])
    _made_roles: dict[Owner, str] = field(default_factory=dict[Owner, str])
    _suspects: set[str] = field(default_factory=set[str])
    _given: set[str] = field(default_factory=set[str])
    _sighted: set[str] = field(default_factory=set[str])
    _passwords: list[_Password] = field(default_factory=list["_Password"])
    _recorded_in: set[str] = field(default_factory=set[str])

    @property
    def has_more(self) -> bool:
        return bool(self._keys or self._gifts or self._shared)

    def take(self, seed: Credential) -> None:
        self._seeds.add(seed.id)
        self._add(seed)

    def step(self) -> None:
        """One round: what the new keys handed out and opened, and who came in by what was opened."""
        keys, self._keys = self._keys, []
        opened, self._gifts = self._gifts, []
        shared, self._shared = self._shared, {}
        for event in self._signed(keys):
            self._follow(event, event.key_id)
        for event in self.events.by_shared(sorted(shared), Asked(since=self.since)) if shared else ():
            self._recorded_in.add(event.account)
            for each in issued(event, shared[event.shared_event_id]):
                self._add(each)
        for kind, open_up in self._ways().items():
            if given := [each for each in opened if each[0].kind is kind]:
                open_up(given)
        self._use_passwords()

    def _signed(self, keys: Iterable[Credential]) -> Iterable[Event]:
        ids = {each.id: self._found[each.id] for each in keys}
        if not ids:
            return ()
        # What was issued later has no events before, and what is temporary none long after: both spare the reading of days.
        begins = [each.issued_at for each in ids.values()]
        ends = [each.expires_at for each in ids.values()]
        since, until = self.since, None
        if all(begins):
            least = min(each for each in begins if each) - _SKEW
            since = max(least, since) if since else least
        if all(ends) and not self._seeds & ids.keys():
            until = max(each for each in ends if each) + _TEMPORARY
        return self.events.by_keys(sorted(ids), Asked(names=FOLLOWED, since=since, until=until))

    def _follow(self, event: Event, issuer: str) -> None:
        if event.error:
            return
        self._recorded_in.add(event.account)
        if event.shared_event_id and event.shared_event_id not in self._asked_shared:
            self._asked_shared.add(event.shared_event_id)
            self._shared[event.shared_event_id] = issuer
        for each in issued(event, issuer):
            if self.own.has_key(each, event, self.since):
                continue
            self._add(each)
            if each.kind in {CredentialKind.USER_KEY, CredentialKind.ROOT} and not each.expires_at:
                self._given.add(each.principal)
        for gift in gifts(event):
            mark = (gift.kind, gift.what, gift.event.event_id)
            if mark not in self._opened:
                self._opened.add(mark)
                if not self.own.has(gift):
                    self._gifts.append((gift, issuer))

    def _add(self, credential: Credential, *, is_sighted: bool = False) -> None:
        known = self._found.get(credential.id)
        if known is not None:
            self._found[credential.id] = self._better(known, credential, is_sighted=is_sighted)
            return
        if len(self._found) >= MOST_CREDENTIALS:
            self.unread.add("credentials")
            return
        self._found[credential.id] = credential
        if is_sighted:
            self._sighted.add(credential.id)
        if credential.is_key:
            self._keys.append(credential)

    def _better(self, known: Credential, other: Credential, *, is_sighted: bool) -> Credential:
        """Where two events tell of one credential, always the same is kept: the one that handed it out. A seed stays a seed."""
        if known.id in self._seeds:
            told = {"principal": other.principal, "user": other.user, "role": other.role, "account": other.account}
            return known if known.principal else replace(known, **told)
        was_sighted = known.id in self._sighted
        if (is_sighted, *_rank(other)) >= (was_sighted, *_rank(known)):
            return known
        if not is_sighted:
            self._sighted.discard(known.id)
        if other.is_key:
            # What it did before it seemed to be there has not been read.
            self._keys.append(other)
        return other

    # -- what was opened ---------------------------------------------------------

    def _ways(self) -> dict[GiftKind, Callable[[Sequence[tuple[Gift, str]]], None]]:
        return {
            GiftKind.USER: self._open_users,
            GiftKind.PASSWORD: self._open_passwords,
            GiftKind.ROLE: self._open_roles,
            GiftKind.TRUST: self._open_trusts,
            GiftKind.MACHINE: self._open_machines,
            GiftKind.PORTAL: self._open_portals,
            GiftKind.PERSON: self._open_people,
        }

    def _seen(self, gift: Gift, among: Collection[str]) -> Iterable[Sighting]:
        return self.events.seen_users(among, Asked(since=gift.event.at - _SKEW))

    def _open_users(self, given: Sequence[tuple[Gift, str]]) -> None:
        by_owner = {user_key(gift.what): (gift, issuer) for gift, issuer in given}
        self._users.update({owner: gift.what for owner, (gift, _) in by_owner.items()})
        first = min(by_owner.values(), key=lambda each: each[0].event.at)[0]
        for seen in self._seen(first, [gift.what for gift, _ in by_owner.values()]):
            own = by_owner.get(user_key(seen.principal)) or by_owner.get(user_key(seen.session_issuer))
            if own and seen.at >= own[0].event.at - _SKEW:
                self._add_seen(seen, *own)

    def _open_passwords(self, given: Sequence[tuple[Gift, str]]) -> None:
        for gift, issuer in given:
            self._given.add(gift.what)
            seen = tuple(each for each in self._seen(gift, [gift.what]) if each.is_console)
            asked = Asked(names=_SETTING, since=gift.event.at)
            resets = [each for each in self.events.by_names(_SETTING, asked) if _sets(each, gift)]
            self._passwords.append(_Password(gift, issuer, seen, tuple(sorted(resets, key=lambda each: each.at))))

    def _use_passwords(self) -> None:
        """Sign-ins up to when somebody else set the password anew. Who that is may show only later: so it is asked each round."""
        for each in self._passwords:
            other = (reset.at for reset in each.resets if reset.key_id not in self._found and not reset.error)
            end = next(other, self.now + CONSOLE_LASTS)
            for seen in each.seen:
                if each.gift.event.at <= (seen.session_at or seen.at) < end:
                    self._add_seen(seen, each.gift, each.issuer)

    def _open_portals(self, given: Sequence[tuple[Gift, str]]) -> None:
        for gift, issuer in given:
            at = gift.event.at
            for seen in self._seen(gift, [gift.what]):
                begun = seen.session_at or seen.at
                if seen.principal == gift.what and seen.is_console and at - _SKEW <= begun <= at + CONSOLE_LASTS:
                    self._add_seen(seen, gift, issuer)

    def _open_machines(self, given: Sequence[tuple[Gift, str]]) -> None:
        by_name = {gift.what: (gift, issuer) for gift, issuer in given}
        since = min(gift.event.at for gift, _ in given) - _SKEW
        for seen in self.events.seen_sessions(sorted(by_name), Asked(since=since)):
            gift, issuer = by_name[session_name(seen.principal)]
            is_role = not gift.name or user_key(gift.name) == user_key(seen.principal)
            if is_role and seen.account == gift.event.account and seen.at >= gift.event.at - _SKEW:
                self._add_seen(seen, gift, issuer)

    def _open_people(self, given: Sequence[tuple[Gift, str]]) -> None:
        for gift, issuer in given:
            self._people.add(f"arn:aws:identitystore:::user/{gift.what}")
            if not gift.name:
                self.unread.add("person")
                continue
            for seen in self.events.seen_sessions([gift.name], Asked(since=gift.event.at - _SKEW)):
                if _SSO_ROLE in seen.principal:
                    self._add_seen(seen, gift, issuer)

    def _open_roles(self, given: Sequence[tuple[Gift, str]]) -> None:
        by_owner = {user_key(gift.what): (gift, issuer) for gift, issuer in given}
        self._made_roles.update({owner: gift.what for owner, (gift, _) in by_owner.items()})
        self._assumed(by_owner, lambda _event, _gift: True)

    def _open_trusts(self, given: Sequence[tuple[Gift, str]]) -> None:
        for gift, issuer in given:
            self._given.add(gift.what)
            self._assumed({user_key(gift.what): (gift, issuer)}, _comes_from_there)

    def _assumed(self, by_owner: dict[Owner, tuple[Gift, str]], is_his: Callable[[Event, Gift], bool]) -> None:
        since = min(gift.event.at for gift, _ in by_owner.values())
        roles = [gift.what for gift, _ in by_owner.values()]
        for event in self.events.by_roles(roles, Asked(since=since)):
            for each in issued(event, ""):
                own = by_owner.get(user_key(each.role)) or by_owner.get(user_key(each.principal))
                if own and event.at >= own[0].event.at and is_his(event, own[0]):
                    self._recorded_in.add(event.account)
                    self._add(replace(each, issued_by=own[1]))

    def _add_seen(self, seen: Sighting, gift: Gift, issuer: str) -> None:
        """A key, and for a session of the console the session: each service has a key of its own in it."""
        account = seen.account or gift.event.account
        user = (
            seen.principal
            if ":user/" in seen.principal
            else seen.session_issuer
            if ":user/" in seen.session_issuer
            else ""
        )
        begun = seen.session_at or seen.at
        found = Credential(
            id=seen.key_id,
            kind=_kind_of(seen),
            account=account,
            principal=seen.principal,
            role=seen.session_issuer if ":role/" in seen.session_issuer else "",
            user=user,
            issued_at=begun,
            expires_at=latest_end(_kind_of(seen), seen.key_id, begun),
            issued_by=issuer,
            event_id=gift.event.event_id,
            expiry_is_told=seen.key_id.startswith("AKIA"),
        )
        if seen.is_console:
            session = console_id(seen.principal, begun)
            self._add(replace(found, id=session, kind=CredentialKind.CONSOLE), is_sighted=True)
            found = replace(found, issued_by=session)
        if seen.key_id:
            self._add(found, is_sighted=True)

    # -- the answer -----------------------------------------------------------------

    def closure(self, seeds: Sequence[str], rounds: int) -> Closure:
        ours = self._recorded_in | {each for looked in self.events.looked for each in looked.accounts}
        told = [
            replace(each, account_is_ours=True if each.account in ours else each.account_is_ours)
            for each in self._with_outlived(self._without_twins())
        ]
        roles = {user_key(each.role): each.role for each in sorted(told, key=lambda each: each.role) if each.role}
        return Closure(
            seeds=tuple(seeds),
            credentials=tuple(sorted(told, key=lambda each: _order(each, self._seeds))),
            users=tuple(sorted({*self._users.values(), *self._people})),
            roles=tuple(sorted(roles.values())),
            made_roles=tuple(sorted(self._made_roles.values())),
            suspects=tuple(sorted(self._suspected())),
            external_accounts=tuple(
                sorted({each.account for each in told if each.account and not each.account_is_ours})
            ),
            unread=tuple(sorted(self.unread)),
            rounds=rounds,
            spared=tuple(sorted(self.own.spared)),
        )

    def _with_outlived(self, found: Sequence[Credential]) -> Iterable[Credential]:
        """What was used after its end has none that is known: what somebody saw counts, and not what ought to be."""
        ended = {each.id: each.expires_at for each in found if each.is_key and each.expires_at and each.expires_at <= self.now}  # fmt: skip
        asked = Asked(since=min(ended.values(), default=None), with_details=False)
        # What AWS still does in its name is no use of the key.
        outlived = {
            each.key_id
            for each in (self.events.by_keys(sorted(ended), asked) if ended else ())
            if not each.error and each.has_place and each.at > ended[each.key_id] + _SKEW
        }
        for each in found:
            is_outlived = each.id in outlived
            yield replace(each, expires_at=None, expiry_is_told=False, is_outlived=True) if is_outlived else each

    def _suspected(self) -> Iterable[str]:
        """Those who were given something, without those whom the closure made anyway."""
        return {
            each for each in self._given if user_key(each) not in self._users and user_key(each) not in self._made_roles
        }

    def _without_twins(self) -> list[Credential]:
        """Credentials without sign-ins whose session is there under the moment of its creation."""
        created: dict[str, list[datetime]] = {}
        by_session = {each.issued_by for each in self._found.values()}
        for each in self._found.values():
            if not each.is_key and each.id in by_session and each.issued_at:
                created.setdefault(each.principal, []).append(each.issued_at)
        return [
            each
            for each in self._found.values()
            if each.is_key
            or each.id in by_session
            or not each.issued_at
            or not any(abs(each.issued_at - other) <= _NEAR for other in created.get(each.principal, ()))
        ]


def _sets(event: Event, gift: Gift) -> bool:
    """Whether the event sets, or takes away, the password of the user of the gift."""
    told = event.request.get("userName")
    who = (event.account, told) if isinstance(told, str) and told else user_key(event.principal)
    return event.event_id != gift.event.event_id and who == user_key(gift.what)


def _kind_of(seen: Sighting) -> CredentialKind:
    if seen.key_id.startswith("AKIA"):
        return CredentialKind.ROOT if seen.identity_type == "Root" else CredentialKind.USER_KEY
    if seen.is_console:
        return CredentialKind.CONSOLE
    if ":assumed-role/" in seen.principal:
        return CredentialKind.ROLE_SESSION
    return CredentialKind.FEDERATION if seen.identity_type == "FederatedUser" else CredentialKind.SESSION_TOKEN


def _comes_from_there(event: Event, gift: Gift) -> bool:
    caller = event.caller_account or event.account
    return caller in gift.accounts or ("*" in gift.accounts and caller != event.account)


def _rank(credential: Credential) -> tuple[bool, str, str, str, str]:
    """The least is kept: one whose event tells its end, the earliest, and of these always the same."""
    at = credential.issued_at.isoformat() if credential.issued_at else ""
    return not credential.expiry_is_told, at, credential.event_id, credential.issued_by, credential.principal


def _order(credential: Credential, seeds: Collection[str]) -> tuple[bool, str, str]:
    at = credential.issued_at.isoformat() if credential.issued_at else ""
    return credential.id not in seeds, "" if credential.id in seeds else at, credential.id
