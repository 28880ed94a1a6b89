"""What is kept of one piece of evidence, and where."""

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

DIRECTORY: Final = "evidence"
MANIFEST: Final = "manifest.jsonl"
JSON_ENDING: Final = ".json.zst"
RAW_ENDING: Final = ".raw.zst"
"""Of what came as bytes and is no JSON: a mail, a report in CSV."""
FILE_NAME: Final = re.compile(r"([0-9]{3,6})-([a-z0-9][a-z0-9-]{0,79})\.(?:json|raw)\.zst\Z")
SHA256: Final = re.compile(r"[0-9a-f]{64}\Z")
MOST_PAYLOAD: Final = 512_000_000
"""Bytes of one piece, unpacked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One piece.

    `sha256` is of the file as it lies (`sha256sum` agrees); `line_sha256` of its line in the manifest, which holds
    `prev_sha256`, that of the line before ("0" * 64 for the first).
    `source_sha256` is of the bytes as they were handed in, "" where they were no bytes: a trail file is told by it.
    `rows` is what was counted in it, `coverage` in the collector's words what the call was asked for and answered.
    `redacted` is how many secrets were left out.
    """

    seq: int
    id: str
    name: str
    utc: datetime
    jst: datetime
    call: str
    region: str
    account: str
    rows: int
    coverage: str
    sha256: str
    prev_sha256: str
    path: Path
    line_sha256: str
    source_sha256: str = ""
    redacted: int = 0
    version: str = ""


def evidence_id(seq: int) -> str:
    """As people and replies call it.

    >>> evidence_id(3)
    'E-003'
    """
    return f"E-{seq:03}"
