"""A secret that was found, and what could not be read.

Stable (others build on it): the names and meanings of the fields of `Found` and `Unread`. `secret` lives in memory
alone: no repr, no log and no file shows it, and a form that is written takes `masked` and `sha256`.
"""

import hashlib
import re
from dataclasses import dataclass, field, replace
from typing import Final

from sakimori.model.words import Confidence, Severity

_SHOWN: Final = 4
_SHORT: Final = 12
_LONG: Final = 20
"""Of a password of twelve characters six would be half of it."""
_TITLE: Final = re.compile(r"-----BEGIN [A-Z0-9 ]{1,30}-----")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One secret at one place of one piece of data.

    `kind` is the id of a `Kind`. `line` and `column` count from 1 in the text that holds it, `offset` from 0 in its
    bytes; where a decoder opened the text, `inside` says how ("db.zip › .env", "base64"), and line, column and offset
    are those of the place in the outermost text at which the decoded thing begins. `account_id` is read offline from
    an AWS key id, "" where it does not say. `pair` is the other half: of a key id its secret key, of a secret key its
    id; the half within a pair has no pair itself. `because` names what lowered the confidence ("placeholder",
    "test_path", …), `allowed` the reason of an inline `sakimori:allow` ("" where there is none), and
    `bare_allow` says that there is one without a reason, which allows nothing.
    """

    kind: str
    secret: str = field(repr=False)
    line: int
    column: int
    offset: int
    entropy: float
    severity: Severity
    confidence: Confidence
    base: Confidence = Confidence.HIGH
    """The kind's own confidence, before anything spoke against it."""
    inside: str = ""
    account_id: str = ""
    because: tuple[str, ...] = ()
    allowed: str = ""
    bare_allow: bool = False
    pair: "Found | None" = None

    @property
    def masked(self) -> str:
        """The secret as it may be shown."""
        return mask_secret(self.secret)

    @property
    def sha256(self) -> str:
        """The secret's hash, in hexadecimal: the same secret elsewhere has the same."""
        return hashlib.sha256(self.secret.encode("utf-8", "surrogateescape")).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """Something that could not be read, or not whole: `reason` is a word of the texts `secrets.gap_<reason>`."""

    name: str
    reason: str
    detail: str = ""


def mask_secret(secret: str) -> str:
    r"""The first four characters and the last two of a long secret, the first two of a password's length, one of a short one.

    Of a key that is a block of lines its first line is shown, which says what it is.

    >>> mask_secret("ghp_0123456789abcdef")
    'ghp_…ef'
    >>> mask_secret("-----BEGIN PRIVATE KEY-----\nMIIE")
    '-----BEGIN PRIVATE KEY-----…'
    """
    flat = secret.split("\n", maxsplit=1)[0]
    if not flat.isprintable():
        flat = "".join(each if each.isprintable() else " " for each in flat)
    if title := _TITLE.match(flat):
        return f"{title[0]}…"
    if len(secret) < _LONG:
        return f"{flat[: 1 if len(secret) < _SHORT else 2]}…"
    return f"{flat[:_SHOWN]}…{flat[-2:] if len(flat) == len(secret) else ''}"


def within(found: Found, inner: str) -> Found:
    """The same, inside a member of an archive."""
    return replace(found, inside=f"{inner} › {found.inside}" if found.inside else inner) if inner else found
