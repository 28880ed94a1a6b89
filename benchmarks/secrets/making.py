"""What secrets are made of: random letters from a seed, checksums as vendors print them, and the forms of private keys.

Everything is built at run time from a seed: nothing in this directory looks like a secret to a scanner.
"""

import base64
import json
import random
import string
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

LOWER: Final = string.ascii_lowercase
UPPER: Final = string.ascii_uppercase
DIGITS: Final = string.digits
HEX: Final = "0123456789abcdef"
ALNUM: Final = UPPER + LOWER + DIGITS
BASE32: Final = UPPER + "234567"
BASE62: Final = DIGITS + UPPER + LOWER
BASE64: Final = ALNUM + "+/"
URL64: Final = ALNUM + "-_"
_T = TypeVar("_T")
BODY_LINE: Final = 64
_DER_INTEGER, _DER_SEQUENCE, _DER_OCTETS, _DER_OBJECT = 0x02, 0x30, 0x04, 0x06
_LONG_LENGTH: Final = 0x80


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """Secrets that lie together, and how they are written down.

    `secrets` are scored: a kind and the string itself. `pairs` are assigned by name where a file assigns things; `block`
    is text that stands for itself (a PEM, a CSV, a cache file), kept in `file`. `also` may be reported, and need not.
    """

    secrets: tuple[tuple[str, str], ...]
    pairs: tuple[tuple[str, str], ...] = ()
    block: str = ""
    file: str = ""
    also: tuple[str, ...] = ()


class Maker:
    """Random strings of the shapes that vendors give to their secrets."""

    def __init__(self, seed: str) -> None:
        self.random = random.Random(seed)

    def of(self, alphabet: str, length: int) -> str:
        """So many letters of the alphabet, at least one digit and one letter among them where it has both."""
        while True:
            made = "".join(self.random.choices(alphabet, k=length))
            mixed = set(alphabet) & set(DIGITS) and set(alphabet) - set(DIGITS) and length > 9
            if not mixed or (any(each.isdigit() for each in made) and any(not each.isdigit() for each in made)):
                return made

    def hex(self, length: int) -> str:
        return self.of(HEX, length)

    def bytes(self, length: int) -> bytes:
        return self.random.randbytes(length)

    def b64(self, length: int) -> str:
        """Base64 of so many random bytes."""
        return base64.b64encode(self.bytes(length)).decode()

    def url64(self, length: int) -> str:
        return base64.urlsafe_b64encode(self.bytes(length)).decode().rstrip("=")

    def uuid(self) -> str:
        digits = self.hex(32)
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"

    def account(self) -> str:
        return str(self.random.randint(100_000_000_000, 999_999_999_999))

    def one_of(self, choices: Sequence[_T]) -> _T:
        return self.random.choice(choices)

    def password(self, length: int = 16) -> str:
        """What a password manager makes, without quotes and without what addresses would have to escape."""
        body = self.of(ALNUM, length - 2)
        return body[:5] + self.one_of("!*.~") + body[5:] + self.one_of("-_!")

    def human_password(self) -> str:
        """What people make up: words, a year, a sign."""
        words = ("Sakura", "Tokyo", "Winter", "Dragon", "Yokohama", "Falcon", "Kumamoto", "Matcha", "Orion", "Hayabusa")
        return f"{self.one_of(words)}{self.one_of(words)}{self.random.randint(10, 9999)}{self.one_of('!#$%')}"


def base62_crc(body: str) -> str:
    """CRC-32 in six digits of base 62, as GitHub and npm end their tokens.

    <https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/>
    """
    value, digits = zlib.crc32(body.encode()), ""
    while value:
        value, digit = divmod(value, 62)
        digits = BASE62[digit] + digits
    return digits.rjust(6, "0")


def checked(make: Maker, prefix: str, length: int = 30) -> str:
    """A token with such a checksum."""
    body = make.of(ALNUM, length)
    return prefix + body + base62_crc(body)


def jwt(make: Maker, issuer: str) -> str:
    """A signed token; nobody holds its key."""
    head = {"alg": "HS256", "typ": "JWT", "kid": make.hex(8)}
    body = {"iss": issuer, "sub": make.uuid(), "iat": 1_700_000_000 + make.random.randint(0, 9_999_999)}
    parts = (json.dumps(each, separators=(",", ":")).encode() for each in (head, body))
    coded = [base64.urlsafe_b64encode(each).decode().rstrip("=") for each in parts]
    return ".".join((*coded, make.url64(32)))


def pem(label: str, content: bytes) -> str:
    """Base64 between BEGIN and END, which no scanner may find written out here."""
    coded = base64.b64encode(content).decode()
    lines = [coded[at : at + BODY_LINE] for at in range(0, len(coded), BODY_LINE)]
    dashes = "-" * 5
    return "\n".join((f"{dashes}BEGIN {label}{dashes}", *lines, f"{dashes}END {label}{dashes}")) + "\n"


def a_line_of(armoured: str) -> str:
    """The line in the middle of a key: what a finding must hold to have found this key."""
    lines = [line for line in armoured.splitlines() if line and "-" * 5 not in line and ":" not in line]
    return lines[len(lines) // 2]


def rsa_key(make: Maker, bits: int = 2048) -> bytes:
    """The DER of an RSA private key (RFC 8017, A.1.2): right in form, its numbers are random."""
    whole, half = bits // 8, bits // 16
    numbers = [b"\0", b"\0" + _high(make, whole), b"\1\0\1", _high(make, whole - 1)]
    numbers += [b"\0" + _high(make, half) for _ in range(5)]
    return _der(_DER_SEQUENCE, b"".join(_der(_DER_INTEGER, each) for each in numbers))


def pkcs8_key(make: Maker) -> bytes:
    """The same, wrapped with its algorithm (RFC 5208)."""
    algorithm = _der(_DER_SEQUENCE, _der(_DER_OBJECT, bytes.fromhex("2a864886f70d010101")) + b"\x05\0")
    return _der(_DER_SEQUENCE, _der(_DER_INTEGER, b"\0") + algorithm + _der(_DER_OCTETS, rsa_key(make)))


def ec_key(make: Maker) -> bytes:
    """An elliptic curve key on P-256 (RFC 5915)."""
    curve = b"\xa0" + bytes((10,)) + _der(_DER_OBJECT, bytes.fromhex("2a8648ce3d030107"))
    point = b"\xa1\x44\x03\x42\0\x04" + make.bytes(64)
    return _der(_DER_SEQUENCE, _der(_DER_INTEGER, b"\1") + _der(_DER_OCTETS, make.bytes(32)) + curve + point)


def openssh_key(make: Maker) -> bytes:
    """An unencrypted ed25519 key as ssh-keygen writes it (PROTOCOL.key of OpenSSH)."""
    public, check = make.bytes(32), make.bytes(4)
    name = _counted(b"ssh-ed25519")
    inner = check + check + name + _counted(public) + _counted(make.bytes(32) + public) + _counted(b"deploy@bastion")
    inner += bytes(range(1, 9 - len(inner) % 8))
    head = b"openssh-key-v1\0" + _counted(b"none") * 2 + _counted(b"")
    return head + (1).to_bytes(4, "big") + _counted(name + _counted(public)) + _counted(inner)


def _high(make: Maker, length: int) -> bytes:
    return bytes((0x80 | make.random.randint(0, 127) if length % 2 == 0 else 0x40,)) + make.bytes(length - 1)


def _counted(content: bytes) -> bytes:
    return len(content).to_bytes(4, "big") + content


def _der(tag: int, content: bytes) -> bytes:
    length = len(content)
    if length < _LONG_LENGTH:
        return bytes((tag, length)) + content
    count = (length.bit_length() + 7) // 8
    return bytes((tag, _LONG_LENGTH | count)) + length.to_bytes(count, "big") + content
