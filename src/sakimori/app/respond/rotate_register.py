"""Every access key of the accounts of a case, and which of them are new since it began: AWS asks that all are rotated.

A key is rotated when it was made after the case was opened and not by the thief, or is gone. Of a key that is gone the case
knows by what it saw before, or by its own log. The root user's keys are counted by IAM, and shown to nobody.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sakimori.app.respond.case import Case, Told
from sakimori.app.respond.hands import Hands
from sakimori.app.respond.rotate_keys import KeyOrigin, keys_of_user
from sakimori.aws.door import Door
from sakimori.aws.refusal import Refusal
from sakimori.model.words import GLOBAL
from sakimori.outputs.evidence.store import EvidenceStore

QUESTION: Final = "keys"
_SHOWN: Final = 20
_ROOT_KEYS: Final = "AccountAccessKeysPresent"


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredKey:
    """One key. `rotated_at` is when it was made or seen to be gone, None for one that is still to be rotated."""

    account: str
    user: str
    key_id: str
    is_there: bool
    is_active: bool = False
    created_at: str = ""
    last_used_at: str = ""
    origin: str = ""
    rotated_at: str = ""

    @property
    def plain(self) -> dict[str, Any]:
        """For the case and for JSON."""
        names = (
            "account",
            "user",
            "key_id",
            "is_there",
            "is_active",
            "created_at",
            "last_used_at",
            "origin",
            "rotated_at",
        )
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """All keys, and what could not be read of them (account, user, call and code): then there may be more."""

    keys: tuple[RegisteredKey, ...]
    unread: tuple[str, ...] = ()
    root_keys: Mapping[str, int] = field(default_factory=dict[str, int])
    """By account, how many keys the root user has, where it has any."""
    evidence: str = ""

    @property
    def rotated(self) -> int:
        """How many are new or gone."""
        return sum(bool(each.rotated_at) for each in self.keys)

    @property
    def is_all(self) -> bool:
        """Every key of every account is rotated, and every one is known."""
        return self.rotated == len(self.keys) and not self.unread and not self.root_keys


def register(hands: Hands, doors: Sequence[Door]) -> Register:
    """Look, keep what was seen as evidence, and write it down as the answer of the case."""
    case, now = hands.log.case, hands.clock()
    found: dict[str, RegisteredKey] = {}
    unread: list[str] = [f"{each}: -" for each in case.accounts if each not in {door.account.id for door in doors}]
    roots: dict[str, int] = {}
    for door in doors:
        before = len(unread)
        found.update((each.key_id, each) for each in _of_account(door, case, unread))
        _count_root(door, roots, unread)
        if len(unread) == before:
            gone = (each for each in _known(case) if each.account == door.account.id)
            found.update((each.key_id, _gone(each, now)) for each in gone if each.key_id not in found)
    kept = _without_guess(found, case)
    keys = tuple(sorted(kept, key=lambda each: (each.account, each.user, each.created_at, each.key_id)))
    payload = {"keys": [each.plain for each in keys], "unread": unread, "root_keys": roots}
    piece = EvidenceStore(hands.log.directory, hands.clock).add(
        "access-keys", call="iam:ListAccessKeys", region=GLOBAL, account=",".join(each.account.id for each in doors),
        payload=payload, rows=len(keys), coverage=", ".join(unread[:_SHOWN]) or "whole",
    )  # fmt: skip
    answer = {**payload, "evidence": piece.id, "as_of": now.isoformat()}
    hands.log.write(Told.ANSWER, {"question": QUESTION, "answer": answer, "by": hands.by})
    return Register(keys=keys, unread=tuple(unread), root_keys=roots, evidence=piece.id)


def _of_account(door: Door, case: Case, unread: list[str]) -> Iterator[RegisteredKey]:
    account = door.account.id
    try:
        users = [str(each["UserName"]) for page in door.pages("iam:ListUsers", GLOBAL, {}) for each in page.get("Users") or ()]  # fmt: skip
    except Refusal as refusal:
        unread.append(f"{account}: {refusal.call} {refusal.code}")
        return
    for user in users:
        try:
            keys = keys_of_user(door, user, case)
        except Refusal as refusal:
            if refusal.code != "NoSuchEntity":
                unread.append(f"{account} {user}: {refusal.call} {refusal.code}")
            continue
        for each in keys:
            is_new = bool(each.created_at and each.created_at >= case.opened_at) and each.origin is not KeyOrigin.THIEF
            yield RegisteredKey(
                account=account, user=user, key_id=each.key_id, is_there=True, is_active=each.is_active,
                created_at=_iso(each.created_at), last_used_at=_iso(each.last_used_at), origin=each.origin.value,
                rotated_at=_iso(each.created_at) if is_new else "",
            )  # fmt: skip


def _count_root(door: Door, roots: dict[str, int], unread: list[str]) -> None:
    try:
        count = int(door.call("iam:GetAccountSummary", GLOBAL, {}).get("SummaryMap", {}).get(_ROOT_KEYS, 0))
    except Refusal as refusal:
        unread.append(f"{door.account.id} root: {refusal.call} {refusal.code}")
        return
    if count:
        roots[door.account.id] = count


def _known(case: Case) -> Iterator[RegisteredKey]:
    """The keys that an earlier register saw, and those that the case itself is of."""
    told: Mapping[str, Any] = case.answers.get(QUESTION) or {}
    for each in told.get("keys") or ():
        yield RegisteredKey(**{name: each[name] for name in RegisteredKey.__dataclass_fields__ if name in each})
    seen = {str(each.get("key_id")) for each in told.get("keys") or ()}
    own = [(case.suspect.account, case.suspect.user_name, case.suspect.key_id)]
    own += [
        (str(each.get("account", "")), str(each.get("user", "")).rpartition("/")[2], key_id)
        for key_id, each in case.replacements.items()
    ]
    for account, user, key_id in dict.fromkeys(own):
        if key_id.startswith("AKIA") and account and key_id not in seen:
            yield RegisteredKey(account=account, user=user, key_id=key_id, is_there=True)


def _gone(key: RegisteredKey, now: datetime) -> RegisteredKey:
    at = key.rotated_at if not key.is_there and key.rotated_at else now.isoformat()
    return RegisteredKey(
        account=key.account, user=key.user, key_id=key.key_id, is_there=False, created_at=key.created_at,
        last_used_at=key.last_used_at, origin=key.origin, rotated_at=at,
    )  # fmt: skip


def _without_guess(found: Mapping[str, RegisteredKey], case: Case) -> list[RegisteredKey]:
    """Keys of accounts that could not be read whole stay in the register as they were last seen: not rotated unless they were."""
    left = [each for each in _known(case) if each.key_id not in found]
    return [*found.values(), *left]


def _iso(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""
