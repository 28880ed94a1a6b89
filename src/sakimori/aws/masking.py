"""Words of AWS made safe to keep: bounded, on one line, without credentials."""

import re
from typing import Final

LIMIT: Final = 300
_READ_LIMIT: Final = 4000

_NAMED: Final = re.compile(
    r"(?i)\b((?:x-amz-)?(?:security-?token|signature|credential)|session_?token|secret_?(?:access_?)?key|password|token)"
    r"(\"?\s*[=:]\s*\"?)[^\s\"&,;<>]+"
)
_KEY_ID: Final = re.compile(r"(?<![A-Z0-9])A(?:KIA|SIA|BIA|CCA)[A-Z0-9]{8,}?([A-Z0-9]{4})(?![A-Z0-9])")
_USER: Final = re.compile(r"(?<=://)[^\s/@]+@")
_LONG: Final = re.compile(r"[A-Za-z0-9+/=]{40,}")
_SPACE: Final = re.compile(r"\s+")


def mask(text: str, limit: int = LIMIT) -> str:
    """`text` without anything that may be a credential, at most `limit` characters.

    Access key ids keep their last four characters; a run of 40 characters or more of the
    alphabet in which secret keys, session tokens, signatures and encoded messages are
    written is replaced whole.
    """
    read = text[:_READ_LIMIT]
    if len(text) > _READ_LIMIT:
        # The cut may have left the beginning of a token too short to be known as one.
        read = read.rpartition(" ")[0]
    read = _USER.sub("***@", read)
    read = _NAMED.sub(r"\1\2***", read)
    read = _KEY_ID.sub(r"****\1", read)
    read = _LONG.sub("***", read)
    read = _SPACE.sub(" ", read).strip()
    shown = "".join(character if character.isprintable() else "\ufffd" for character in read)
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"
