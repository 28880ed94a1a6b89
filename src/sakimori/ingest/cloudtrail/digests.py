"""CloudTrail's digest files: what one says, and whether CloudTrail signed it.

The fields are those of "CloudTrail digest file structure", the signed text that of "Custom implementations of CloudTrail
log file integrity validation", both in the CloudTrail user guide; where it is silent (what stands for the signature of
a predecessor that there is none of) the AWS CLI's `cloudtrail validate-logs` is followed.
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-custom-validation.html
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, cast

from sakimori.ingest.place import account_or_unknown
from sakimori.ingest.source import Refused
from sakimori.ingest.wrapping import unpack

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

_NAME: Final = re.compile(
    r"(?P<account>[0-9]{12})_CloudTrail-Digest_(?P<region>[a-z]{2}(?:-[a-z]+)+-[0-9])_(?P<trail>[A-Za-z0-9._-]{3,128})_"
    r"(?P<home>[a-z]{2}(?:-[a-z]+)+-[0-9])_(?P<end>[0-9]{8}T[0-9]{6}Z)(?P<backfill>_backfill)?\.json(?:\.gz)?\Z"
)
_MAX_BYTES: Final = 256 << 20
"""Of an unpacked digest. It lists the files of an hour: some hundred bytes each."""
_SHA256: Final = re.compile(r"[0-9a-f]{64}\Z")


class DigestError(Exception):
    """The bytes are no digest file."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Chain:
    """What digests follow one another in: those of one trail in one account and Region, backfilled ones apart."""

    account: str
    region: str
    trail: str
    home: str
    is_backfill: bool

    @classmethod
    def of(cls, name: str) -> "Chain | None":
        """The chain that the name of a file tells, with or without its folders; None where it is no digest's.

        >>> Chain.of("AWSLogs/1/111122223333_CloudTrail-Digest_eu-west-1_main_us-east-1_20261001T010131Z.json.gz").trail
        'main'
        """
        found = _NAME.match(base_of(name))
        if not found:
            return None
        return cls(
            account=found["account"],
            region=found["region"],
            trail=found["trail"],
            home=found["home"],
            is_backfill=bool(found["backfill"]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedLog:
    """A log file that a digest lists. `content_hash`: SHA-256 of its unpacked bytes; the times are those of its events."""

    bucket: str
    key: str
    content_hash: str
    oldest_at: datetime | None
    newest_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """One digest file: every log file delivered between `starts_at` and `ends_at`, and which digest came before it.

    `content_hash` is the SHA-256 of its own unpacked bytes; `end_text` the end as the file writes it, as it is signed.
    The `previous_` fields are "" in the first of a chain.
    """

    location: str
    bucket: str
    key: str
    account: str
    starts_at: datetime
    ends_at: datetime
    end_text: str
    fingerprint: str
    previous_bucket: str
    previous_key: str
    previous_hash: str
    previous_signature: str
    logs: tuple[ListedLog, ...]
    content_hash: str

    @property
    def signed_text(self) -> bytes:
        """What CloudTrail signs."""
        previous = self.previous_signature or "null"
        return f"{self.end_text}\n{self.bucket}/{self.key}\n{self.content_hash}\n{previous}".encode()


def base_of(name: str) -> str:
    """The name of a file without its folders."""
    return name.rpartition("/")[2]


def day_of(name: str) -> datetime | None:
    """When the digest of that name ends (UTC); None where it is no digest's."""
    found = _NAME.match(base_of(name))
    try:
        return datetime.strptime(found["end"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC) if found else None
    except ValueError:
        return None


def read_digest(location: str, packed: bytes) -> Digest:
    """The digest in these bytes, gz or not; DigestError where they are none."""
    content = _content(packed)
    try:
        said = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise DigestError from error
    if not isinstance(said, dict):
        raise DigestError
    fields = cast("dict[str, Any]", said)
    logs = fields.get("logFiles")
    if not isinstance(logs, list):
        raise DigestError
    return Digest(
        location=location,
        bucket=_text(fields, "digestS3Bucket"),
        key=_text(fields, "digestS3Object"),
        account=account_or_unknown(fields.get("awsAccountId")),
        starts_at=_time(fields, "digestStartTime"),
        ends_at=_time(fields, "digestEndTime"),
        end_text=_text(fields, "digestEndTime"),
        fingerprint=_text(fields, "digestPublicKeyFingerprint"),
        previous_bucket=_text(fields, "previousDigestS3Bucket", or_nothing=True),
        previous_key=_text(fields, "previousDigestS3Object", or_nothing=True),
        previous_hash=_text(fields, "previousDigestHashValue", or_nothing=True),
        previous_signature=_text(fields, "previousDigestSignature", or_nothing=True),
        logs=tuple(_listed(each) for each in cast("list[Any]", logs)),
        content_hash=hashlib.sha256(content).hexdigest(),
    )


def hash_of(packed: bytes) -> str | None:
    """The SHA-256 of the unpacked bytes of a log file; None where they cannot be unpacked."""
    found = hashlib.sha256()
    for piece in unpack(packed):
        if isinstance(piece, Refused):
            return None
        found.update(piece[1])
    return found.hexdigest()


class Signature(StrEnum):
    """What became of a signature."""

    VALID = "valid"
    INVALID = "invalid"
    NO_SIGNATURE = "no_signature"
    """It stands in the metadata of the object in S3, and in the next digest: neither is at hand."""
    NO_KEY = "no_key"
    """No key with the fingerprint that the digest names."""
    NO_LIBRARY = "no_library"
    """The library that checks signatures is not installed."""


def check_signature(digest: Digest, signature: str, keys: Mapping[str, bytes]) -> Signature:
    """Whether CloudTrail signed this digest; `keys` are DER-encoded public keys (PKCS #1 or X.509) by their fingerprints."""
    try:
        from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - an extra
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15  # noqa: PLC0415
        from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415
    except ImportError:
        return Signature.NO_LIBRARY
    if not signature:
        return Signature.NO_SIGNATURE
    key = _rsa_key(keys.get(digest.fingerprint, b""))
    if key is None:
        return Signature.NO_KEY
    try:
        key.verify(bytes.fromhex(signature), digest.signed_text, PKCS1v15(), SHA256())
    except (InvalidSignature, ValueError):
        return Signature.INVALID
    return Signature.VALID


def _rsa_key(der: bytes) -> "RSAPublicKey | None":
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415 - an extra
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import load_der_public_key  # noqa: PLC0415

    try:
        key = load_der_public_key(der)
    except (ValueError, UnsupportedAlgorithm):
        return None
    return key if isinstance(key, RSAPublicKey) else None


def _content(packed: bytes) -> bytes:
    pieces: list[bytes] = []
    size = 0
    for piece in unpack(packed):
        if isinstance(piece, Refused):
            raise DigestError
        size += len(piece[1])
        if size > _MAX_BYTES:
            raise DigestError
        pieces.append(piece[1])
    return b"".join(pieces)


def _listed(said: object) -> ListedLog:
    if not isinstance(said, dict):
        raise DigestError
    fields = cast("dict[str, Any]", said)
    content_hash = _text(fields, "hashValue").lower()
    if not _SHA256.match(content_hash):
        raise DigestError
    return ListedLog(
        bucket=_text(fields, "s3Bucket"),
        key=_text(fields, "s3Object"),
        content_hash=content_hash,
        oldest_at=_time_or_none(fields.get("oldestEventTime")),
        newest_at=_time_or_none(fields.get("newestEventTime")),
    )


def _text(fields: Mapping[str, Any], name: str, *, or_nothing: bool = False) -> str:
    value = fields.get(name)
    if value is None and or_nothing:
        return ""
    if not isinstance(value, str) or not value:
        raise DigestError
    return value


def _time(fields: Mapping[str, Any], name: str) -> datetime:
    found = _time_or_none(fields.get(name))
    if found is None:
        raise DigestError
    return found


def _time_or_none(value: object) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
