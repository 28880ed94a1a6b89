"""Counting what looks like a secret in an instance's user data; no part of the data leaves this module."""

import base64
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

# Source: IAM User Guide, "Understanding unique ID prefixes"; the ids are base 32.
_ACCESS_KEY_ID: Final = re.compile(r"(?<![A-Z0-9])(?:AKIA|ASIA)[A-Z2-7]{16}(?![A-Z0-9])")
_SECRET_ACCESS_KEY: Final = re.compile(
    r"(?i:secret[_-]?(?:access[_-]?)?key)[\"']?\s{0,4}[=:]?\s{0,4}[\"']?([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])"
)
_PRIVATE_KEY: Final = re.compile(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----")
# A word that names a secret and a value that stands there as it is: no variable, command, placeholder or reference.
_PASSWORD: Final = re.compile(
    r"(?i:passw(?:or)?d|passphrase|api[_-]?key|(?:auth|access)[_-]?token|client[_-]?secret)"
    r"[\"']?\s{0,4}(?:=|:)\s{0,4}[\"']?(?!arn:|https?:|s3:|ssm:|file:)"
    r"[^\s\"'$`{}<>()\[\]|&;,\\/%*!][^\s\"'`{}<>()\[\]]{7,200}+(?=[\s\"'<]|\Z)"
)
# MIME parts, files in a cloud-config, and `echo … | base64 -d`: one long line, or many of equal length.
_ENCODED: Final = re.compile(
    r"(?:[A-Za-z0-9+/]{60,}\r?\n[ \t]{0,40})+[A-Za-z0-9+/]{0,100}={0,2}|[A-Za-z0-9+/]{20,}={0,2}"
)
_GZIP: Final = b"\x1f\x8b"
_MOST_BYTES: Final = 4 * 1024 * 1024


class _TooLargeError(ValueError):
    """A small packet that unpacks to far more than user data can hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hits:
    """How much of each kind was found."""

    aws_keys: int
    private_keys: int
    passwords: int


def hits_in(user_data: str) -> Hits:
    """What stands in user data as EC2 gives it, in base64. ValueError where it cannot be unpacked, or is far too large.

    Looked into are the data itself, gzip, and one layer of base64 within, gzip in that too.
    """
    texts = tuple(_texts(base64.b64decode("".join(user_data.split()), validate=True)))
    return Hits(
        aws_keys=sum(_aws_keys(text) for text in texts),
        private_keys=sum(len(_PRIVATE_KEY.findall(text)) for text in texts),
        passwords=sum(len(_PASSWORD.findall(text)) for text in texts),
    )


def _texts(data: bytes) -> Iterator[str]:
    left = _MOST_BYTES
    whole = _unpacked(data, left)
    left -= len(whole)
    text = _text(whole)
    yield text
    for found in _ENCODED.finditer(text):
        packed = "".join(found.group().split()).rstrip("=")
        # One character left over is no base64: a long word that only looks like it.
        packed = packed[:-1] if len(packed) % 4 == 1 else packed
        inner = base64.b64decode(packed + "=" * (-len(packed) % 4))
        try:
            inner = _unpacked(inner, left)
        except _TooLargeError:
            raise
        except ValueError:
            continue
        left -= len(inner)
        yield _text(inner)


def _unpacked(data: bytes, most: int) -> bytes:
    """The data without its gzip; never more than `most` bytes are unpacked."""
    if data.startswith(_GZIP):
        unpacking = zlib.decompressobj(wbits=31)
        try:
            data = unpacking.decompress(data, most + 1)
        except zlib.error as error:
            raise ValueError(str(error)) from error
    if len(data) > most:
        raise _TooLargeError(most)
    return data


def _text(data: bytes) -> str:
    """Bytes as text; without the zeros of UTF-16, so that what Windows writes is read too."""
    return data.decode("utf-8", "replace").replace("\0", "")


def _aws_keys(text: str) -> int:
    secrets = sum(_is_mixed(found.group(1)) for found in _SECRET_ACCESS_KEY.finditer(text))
    return len(_ACCESS_KEY_ID.findall(text)) + secrets


def _is_mixed(value: str) -> bool:
    """As mixed as a secret access key is, and no hash."""
    return all(re.search(kind, value) for kind in ("[a-z]", "[A-Z]", "[0-9]"))
