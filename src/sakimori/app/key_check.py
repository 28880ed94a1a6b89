"""Whose a leaked AWS key is, and whether it still works.

First AWS is asked with our own credentials which account the id belongs to: nobody else hears of that. Only where a person
asks again is the leaked pair itself used, for one harmless question, and only where it is of an account of ours and no bait:
a stranger's key is not ours to try, and bait tells its owner.
Source: AWS STS API reference, GetAccessKeyInfo ("returns the account identifier for the specified access key ID").
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from sakimori.analysis.secrets.found import Found
from sakimori.aws.door import Door
from sakimori.aws.key_ids import account_of_key
from sakimori.aws.leaked_pair import LeakedPair, who_is
from sakimori.aws.refusal import Refusal
from sakimori.aws.settings import DoorSettings
from sakimori.model.words import GLOBAL
from sakimori.texts.bounded_yaml import read_yaml

OPERATIONS: Final = ("sts:GetAccessKeyInfo",)
_LONG_TERM: Final = "AKIA"
_ROOT: Final = ":root"

Ask = Callable[[LeakedPair], str | None]
"""Who works with a pair: an ARN, or None where AWS does not accept it. Raises Refusal."""


class Tried(StrEnum):
    """What came of trying the leaked pair."""

    NOT_ASKED = "not_asked"
    WORKS = "works"
    ROOT = "root"
    """It works, and is of the root user: it can do everything."""
    DEAD = "dead"
    UNKNOWN = "unknown"
    """AWS did not say."""
    NO_SECRET = "no_secret"  # noqa: S105 - no password
    TEMPORARY = "temporary"
    """Of a session: it does not work without the session's token."""
    CANARY = "canary"
    NOT_OURS = "not_ours"
    ACCOUNT_UNKNOWN = "account_unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyChecked:
    """One key id. `account_id` is AWS's word, or else what the id itself says; `why_not` is why AWS did not say."""

    key_id: str
    account_id: str
    is_told_by_aws: bool
    is_ours: bool | None
    canary: str = ""
    """Whose bait it is; "" where it is none that is known."""
    tried: Tried = Tried.NOT_ASKED
    arn: str = ""
    why_not: str = ""

    def plain(self) -> Mapping[str, object]:
        """As machines read it; null for what is not known."""
        return {
            "key_id": self.key_id, "account_id": self.account_id or None, "is_told_by_aws": self.is_told_by_aws,
            "is_ours": self.is_ours, "canary": self.canary or None, "tried": str(self.tried), "arn": self.arn or None,
            "why_not": self.why_not or None, "command": f"sakimori respond start --key {self.key_id}",
        }  # fmt: skip


@cache
def canary_accounts() -> Mapping[str, str]:
    """Accounts whose keys are bait, with whose bait it is."""
    path = Path(str(files("sakimori"))) / "rulebook" / "canary_accounts.yaml"
    data: Any = read_yaml(path).data
    return {account: str(entry["mark"]) for entry in data["accounts"] for account in entry["ids"]}


def pairs_in(found: Iterable[Found]) -> Mapping[str, str]:
    """Key ids, each with its secret where the two lay together; "" otherwise."""
    pairs: dict[str, str] = {}
    for each in found:
        halves = [half for half in (each, each.pair) if half is not None]
        key = next((half.secret for half in halves if half.kind == "aws.access-key-id"), "")
        secret = next((half.secret for half in halves if half.kind == "aws.secret-access-key"), "")
        if key:
            pairs[key] = pairs.get(key) or secret
    return pairs


def check_keys(
    pairs: Mapping[str, str], door: Door, ours: frozenset[str], ask: Ask | None = None
) -> tuple[KeyChecked, ...]:
    """Each key with its account; with `ask` those of our own accounts are tried too."""
    return tuple(_checked(key, secret, door, ours, ask) for key, secret in sorted(pairs.items()))


def asking(settings: DoorSettings) -> Ask:
    """AWS's own word on a pair."""
    return lambda pair: who_is(pair, settings=settings)


def _checked(key: str, secret: str, door: Door, ours: frozenset[str], ask: Ask | None) -> KeyChecked:
    account, why_not, is_told = account_of_key(key), "", False
    canary = canary_accounts().get(account, "")
    try:
        told = str(door.call("sts:GetAccessKeyInfo", GLOBAL, {"AccessKeyId": key}).get("Account") or "")
        account, is_told = told or account, bool(told)
    except Refusal as refusal:
        why_not = f"{refusal.call}: {refusal.code}"
    canary = canary or canary_accounts().get(account, "")
    is_ours = account in ours if account else None
    known = KeyChecked(
        key_id=key, account_id=account, is_told_by_aws=is_told, is_ours=is_ours, canary=canary, why_not=why_not,
        tried=_hindrance(key, secret, canary, is_ours=is_ours) if ask else Tried.NOT_ASKED,
    )  # fmt: skip
    if ask is None or known.tried is not Tried.NOT_ASKED:
        return known
    return _tried(known, secret, ask)


def _hindrance(key: str, secret: str, canary: str, *, is_ours: bool | None) -> Tried:
    """Why the pair is not used; NOT_ASKED where nothing stands against it."""
    if canary:
        return Tried.CANARY
    if is_ours is None:
        return Tried.ACCOUNT_UNKNOWN
    if not is_ours:
        return Tried.NOT_OURS
    if not key.startswith(_LONG_TERM):
        return Tried.TEMPORARY
    return Tried.NOT_ASKED if secret else Tried.NO_SECRET


def _tried(known: KeyChecked, secret: str, ask: Ask) -> KeyChecked:
    try:
        arn = ask(LeakedPair(key_id=known.key_id, secret=secret))
    except Refusal as refusal:
        return replace(known, tried=Tried.UNKNOWN, why_not=f"{refusal.call}: {refusal.code}")
    if arn is None:
        return replace(known, tried=Tried.DEAD)
    return replace(known, tried=Tried.ROOT if arn.endswith(_ROOT) else Tried.WORKS, arn=arn)
