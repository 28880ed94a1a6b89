"""A secret that was found, and what could not be read.

Stable (others build on it): the names and meanings of the fields of `Found` and `Unread`. `secret` lives in memory
alone: no repr, no log and no file shows it, and a form that is written takes `masked` and `sha256`.
"""

import hashlib
from dataclasses import dataclass, field, replace
from typing import Final

from sakimori.model.words import Confidence, Severity

_SHOWN: Final = 4
_SHORT: Final = 12


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
    """The first four characters and the last two of a long secret, the first one of a short one.

    >>> mask_secret("ghp_0123456789")
    'ghp_…89'
    """
    flat = "".join(each if each.isprintable() else " " for each in secret.split("\n", maxsplit=1)[0])
    if len(secret) < _SHORT:
        return f"{flat[:1]}…"
    return f"{flat[:_SHOWN]}…{flat[-2:]}" if flat == secret else f"{flat[:40]}…"


def within(found: Found, inner: str) -> Found:
    """The same, inside a member of an archive."""
    return replace(found, inside=f"{inner} › {found.inside}" if found.inside else inner) if inner else found
