"""A mail as it was read: bounded, decoded, and with what had to be repaired said."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

MAX_MAIL_BYTES: Final = 10 << 20
"""Of one mail. AWS's own have some tens of kilobytes."""
MAX_FILE_BYTES: Final = 512 << 20
MAX_MAILS: Final = 100_000
"""Of one file."""
MAX_BODY: Final = 200_000
"""Characters of a body that are looked at."""
MAX_SUBJECT: Final = 1_000
MAX_LINKS: Final = 200
MAX_ATTACHMENTS: Final = 50
MAX_HEADERS: Final = 500


class Passing(StrEnum):
    """How a mail came to where it was read."""

    DIRECT = "direct"
    """As it was delivered."""
    ATTACHED = "attached"
    """Attached to another mail: its headers are what the sender of that one wrote."""
    INLINE = "inline"
    """Quoted by a person in a mail of their own."""
    EMBEDDED = "embedded"
    """Behind another mail in the same text, where its headers may be words of that one."""


class MailFault(StrEnum):
    """Why a mail could not be read; each has its sentence `mail.fault_<value>`."""

    UNREADABLE = "unreadable"
    TOO_LARGE = "too_large"
    TOO_DEEP = "too_deep"
    EMPTY = "empty"
    NO_MAIL = "no_mail"


class Damage(StrEnum):
    """What happened to the text of a mail on its way; each has its sentence `mail.damage_<value>`."""

    REPAIRED = "repaired"
    """Letters had been read in the wrong encoding, and were brought back."""
    MANGLED = "mangled"
    """Letters are lost: what is said may lack something."""
    ENCODING = "encoding"
    """The encoding that the mail names does not fit its bytes; another was found that does."""
    STRUCTURE = "structure"
    """The mail breaks the rules of MIME."""
    CUT = "cut"
    """Longer than what is looked at."""


@dataclass(frozen=True, slots=True)
class Address:
    """A mailbox as a header has it: the name that is shown, and the address in lower case ("" where there is none)."""

    name: str = ""
    address: str = ""

    @property
    def domain(self) -> str:
        """What stands behind the last @.

        >>> Address("AWS", "no-reply@sns.amazonaws.com").domain
        'sns.amazonaws.com'
        """
        return self.address.rpartition("@")[2].strip(".") if "@" in self.address else ""


@dataclass(frozen=True, slots=True)
class Link:
    """A link of an HTML part: the words that are shown, and where it leads."""

    shown: str
    target: str


@dataclass(frozen=True, slots=True)
class Quoted:
    """What a person who quotes a mail kept of its headers; "" and None where they did not."""

    sender: Address = Address()
    subject: str = ""
    date: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One mail.

    `headers` are names in lower case with their decoded values, from the top down. `links` are those of HTML parts; addresses
    within the text are not among them. `location` and `number` (from 1) say which mail of which file it was.
    """

    location: str = ""
    number: int = 1
    subject: str = ""
    sender: Address = Address()
    reply_to: Address = Address()
    return_path: Address = Address()
    date: datetime | None = None
    received_at: datetime | None = None
    """When the topmost server took it."""
    message_id: str = ""
    headers: Sequence[tuple[str, str]] = ()
    body: str = ""
    links: Sequence[Link] = ()
    attachments: Sequence[str] = ()
    passing: Passing = Passing.DIRECT
    forwarder: Address = Address()
    """Who passed it on, where somebody did."""
    quoted: Quoted = Quoted()
    damages: frozenset[Damage] = frozenset()

    def header(self, name: str) -> str:
        """The topmost header of that name, "" where there is none."""
        return next((value for each, value in self.headers if each == name), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class BadMail:
    """A mail that could not be read, with its place."""

    location: str
    number: int
    fault: MailFault
