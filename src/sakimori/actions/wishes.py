"""What only the owner can say: whom AWS reaches, how much a month may cost, where the logs lie. The table `[harden]` of `config.toml`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, cast

import msgspec

from sakimori.model.errors import UsageError

_MAIL: Final = re.compile(r"[^\s@<>\"]{1,64}@[^\s@<>\"]{1,190}\Z")
_REGION: Final = re.compile(r"[a-z]{2}(-[a-z]+)+-\d\Z")
_MOST: Final = 200
_EXAMPLES: Final = {
    "emails": '["aws-alerts@example.com"]', "email": '"security@example.com"', "name": '"Security team"',
    "title": '"Security"', "phone": '"+81 3 0000 0000"', "budget_usd": "100", "keep_days": "400", "yen_rate": "150",
    "home_region": '"ap-northeast-1"',
}  # fmt: skip
_MOST_USD: Final = 1e9
_MOST_YEN: Final = 10_000
_MOST_DAYS: Final = 36_500


class ContactKind(StrEnum):
    """The alternate contacts of an account, as AWS names them in small letters."""

    SECURITY = "security"
    BILLING = "billing"
    OPERATIONS = "operations"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Somebody whom AWS writes to and calls; a group address reaches more than one."""

    name: str
    title: str
    email: str
    phone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What the owner said. Empty values: nothing was said, and a step that needs it says so and is not made."""

    contacts: Mapping[str, Contact] = field(default_factory=dict[str, Contact])
    """By the words of ContactKind."""
    emails: tuple[str, ...] = ()
    """Who is told of money and of alarms."""
    budget_usd: float = 0.0
    """What a month may cost; 0 for nothing said."""
    home_region: str = ""
    """Where what exists once lies: the bucket of the logs, the trail, the topic of the alarms."""
    keep_days: int = 400
    """How long logs are kept."""
    yen_rate: float = 0.0
    """How many yen a dollar is counted as; 0 for the rate of the price list."""
    optional: tuple[str, ...] = ()
    """Ids of steps that cost by volume and are made only where asked for, such as HB21."""
    case: str = ""
    """The incident for which something is contained; "" where there is none. It stands in names of what is made."""
    revoked_before: str = ""
    """The instant, in ISO 8601, before which sessions were given out that must not work any more; "" where none was said."""
    replaces: str = ""
    """The ARN of the user whose rights a new user gets in its place; "" where none was said."""
    left_out: tuple[str, ...] = ()
    """What the new user does not get of them: `attached ARN`, `inline NAME`, `group NAME`; and `changed NAME` for what a thief changed of the rest."""
    people: Mapping[str, str] = field(default_factory=dict[str, str])
    """The names of users of IAM Identity Center by their ids, so that whoever reads a plan knows whom it is about."""


class _Table(msgspec.Struct, forbid_unknown_fields=True):
    contact: dict[ContactKind, "_ContactTable"] = {}
    emails: list[str] = []
    budget_usd: float = 0.0
    home_region: str = ""
    keep_days: int = 400
    yen_rate: float = 0.0
    optional: list[str] = []


class _ContactTable(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    title: str
    email: str
    phone: str


WISH_KEYS: Final = _Table.__struct_fields__
"""The keys of `[harden]`."""
CONTACT_KEYS: Final = _ContactTable.__struct_fields__
"""The keys of `[harden.contact.…]`."""


def parse_wishes(found: object) -> Wishes:
    """The wishes of the table `[harden]`; UsageError naming the entry that is wrong."""
    try:
        table = msgspec.convert({} if found is None else found, _Table)
    except msgspec.ValidationError as error:
        raise UsageError(
            "harden.bad_wishes", reason=str(error), known=list(WISH_KEYS), contact=list(CONTACT_KEYS)
        ) from error
    for entry, value, is_right in _checks(table):
        if not is_right:
            example = _EXAMPLES[entry.rpartition(".")[2]]
            raise UsageError("harden.bad_wish", entry=entry, value=value, example=example)
    contacts = {
        str(kind): Contact(**cast("dict[str, Any]", msgspec.to_builtins(each))) for kind, each in table.contact.items()
    }
    return Wishes(
        contacts=contacts, emails=tuple(dict.fromkeys(table.emails)), budget_usd=table.budget_usd,
        home_region=table.home_region, keep_days=table.keep_days, yen_rate=table.yen_rate,
        optional=tuple(table.optional),
    )  # fmt: skip


def _checks(table: _Table) -> list[tuple[str, object, bool]]:
    found: list[tuple[str, object, bool]] = [
        ("emails", each, bool(_MAIL.match(each))) for each in table.emails
    ]  # fmt: skip
    for kind, contact in table.contact.items():
        found.append((f"contact.{kind}.email", contact.email, bool(_MAIL.match(contact.email))))
        texts = (("name", contact.name), ("title", contact.title), ("phone", contact.phone))
        found += [
            (f"contact.{kind}.{name}", each, bool(each.strip()) and each.isprintable() and len(each) <= _MOST)
            for name, each in texts
        ]
    found.append(("budget_usd", table.budget_usd, 0 <= table.budget_usd < _MOST_USD))
    found.append(("yen_rate", table.yen_rate, 0 <= table.yen_rate < _MOST_YEN))
    found.append(("keep_days", table.keep_days, 1 <= table.keep_days <= _MOST_DAYS))
    found.append(("home_region", table.home_region, not table.home_region or bool(_REGION.match(table.home_region))))
    return found
