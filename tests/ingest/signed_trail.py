"""A trail with digest files, signed by a key of the test's own."""

import base64
import gzip
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from tests.ingest.trail import document, event

BUCKET = "amzn-s3-demo-bucket"
ACCOUNT = "111122223333"
START = datetime(2026, 10, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


@cache
def signing_key(number: int = 0) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def public_key(number: int = 0, form: PublicFormat = PublicFormat.PKCS1) -> bytes:
    return signing_key(number).public_key().public_bytes(Encoding.DER, form)


def fingerprint(number: int = 0) -> str:
    return hashlib.md5(public_key(number), usedforsecurity=False).hexdigest()


def write_keys(path: Path, *numbers: int) -> Path:
    """The answer of `aws cloudtrail list-public-keys`."""
    listed = [
        {"Value": base64.b64encode(public_key(number)).decode(), "Fingerprint": fingerprint(number)}
        for number in numbers or (0,)
    ]
    path.write_text(json.dumps({"PublicKeyList": listed}))
    return path


def text_of(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass
class Trail:
    """Writes log files and digests under a folder, as a trail delivers them; remembers what S3 alone would hold."""

    folder: Path
    region: str = "us-east-1"
    name: str = "main"
    key: int = 0
    backfill: bool = False
    last: dict[str, Any] = field(default_factory=dict[str, Any])
    signatures: dict[str, str] = field(default_factory=dict[str, str])
    logs: list[Path] = field(default_factory=list[Path])
    digests: list[Path] = field(default_factory=list[Path])
    count: int = 0

    def path_of(self, key: str) -> Path:
        return self.folder / key

    def log(self, at: datetime, numbers: Sequence[int] = (1,)) -> dict[str, Any]:
        """A log file with events of that time, and what a digest says of it."""
        self.count += 1
        stamp = (at + timedelta(minutes=5)).strftime("%Y%m%dT%H%MZ")
        name = f"{ACCOUNT}_CloudTrail_{self.region}_{stamp}_{self.name}{self.count:012d}.json.gz"
        key = f"AWSLogs/{ACCOUNT}/CloudTrail/{self.region}/{at:%Y/%m/%d}/{name}"
        events = [event(self.count * 1000 + number, eventTime=text_of(at), awsRegion=self.region) for number in numbers]
        content = document(events)
        self.path_of(key).parent.mkdir(parents=True, exist_ok=True)
        self.path_of(key).write_bytes(gzip.compress(content, mtime=0))
        self.logs.append(self.path_of(key))
        return {
            "s3Bucket": BUCKET, "s3Object": key, "hashValue": hashlib.sha256(content).hexdigest(),
            "hashAlgorithm": "SHA-256", "newestEventTime": text_of(at), "oldestEventTime": text_of(at),
        }  # fmt: skip

    def digest(self, ends_at: datetime, logs: Sequence[dict[str, Any]] = (), *, first: bool = False) -> Path:
        """The digest of the hour before; `first` begins a new chain."""
        before = {} if first else self.last
        suffix = "_backfill" if self.backfill else ""
        name = (
            f"{ACCOUNT}_CloudTrail-Digest_{self.region}_{self.name}_us-east-1_{ends_at:%Y%m%dT%H%M%SZ}{suffix}.json.gz"
        )
        key = f"AWSLogs/{ACCOUNT}/CloudTrail-Digest/{self.region}/{ends_at:%Y/%m/%d}/{name}"
        said = {
            "awsAccountId": ACCOUNT,
            "digestStartTime": text_of(ends_at - HOUR),
            "digestEndTime": text_of(ends_at),
            "digestS3Bucket": BUCKET,
            "digestS3Object": key,
            "digestPublicKeyFingerprint": fingerprint(self.key),
            "digestSignatureAlgorithm": "SHA256withRSA",
            "newestEventTime": logs[-1]["newestEventTime"] if logs else None,
            "oldestEventTime": logs[0]["oldestEventTime"] if logs else None,
            "previousDigestS3Bucket": BUCKET if before else None,
            "previousDigestS3Object": before.get("key"),
            "previousDigestHashValue": before.get("hash"),
            "previousDigestHashAlgorithm": "SHA-256" if before else None,
            "previousDigestSignature": before.get("signature"),
            "logFiles": list(logs),
        }
        content = json.dumps(said).encode()
        path = self.path_of(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(content, mtime=0))
        digest_hash = hashlib.sha256(content).hexdigest()
        signed = f"{text_of(ends_at)}\n{BUCKET}/{key}\n{digest_hash}\n{before.get('signature') or 'null'}"
        signature = signing_key(self.key).sign(signed.encode(), PKCS1v15(), SHA256()).hex()
        self.last = {"key": key, "hash": digest_hash, "signature": signature}
        self.signatures[key] = signature
        self.digests.append(path)
        return path

    def hours(self, first: int, last: int, *, quiet: Sequence[range] = ()) -> "Trail":
        """A digest for each hour since the first of October, with one log file a digest where the hour is not quiet."""
        for hour in range(first, last):
            begin = START + hour * HOUR
            is_quiet = any(hour in those for those in quiet)
            self.digest(begin + HOUR, [] if is_quiet else [self.log(begin + timedelta(minutes=20))])
        return self


def rewrite(path: Path, **changes: Any) -> None:
    """A digest that somebody changed."""
    said = json.loads(gzip.decompress(path.read_bytes()))
    path.write_bytes(gzip.compress(json.dumps({**said, **changes}).encode()))
