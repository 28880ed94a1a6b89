"""CloudTrail: files of a trail, of an organisation's trail, and everything that wraps its events."""

import re
from typing import Final

from sakimori.ingest.cloudtrail.batch import CloudTrailBatch
from sakimori.ingest.cloudtrail.csv_export import header_of
from sakimori.ingest.cloudtrail.records import cut, is_cut_off
from sakimori.ingest.cloudtrail.table import TABLE
from sakimori.ingest.source import Source

_PATH: Final = re.compile(r"(?:/CloudTrail/|_CloudTrail_)")
_DIGEST: Final = re.compile(r"CloudTrail-Digest")
_SHAPE: Final = re.compile(rb'"(?:CloudTrailEvent|userIdentity)"|\\"userIdentity\\"')


def _recognises(name: str, head: bytes) -> bool:
    if _DIGEST.search(name):
        return False
    return bool(_PATH.search(name) or (_SHAPE.search(head) and b"eventName" in head) or header_of(head))


SOURCE = Source(
    name="cloudtrail",
    table=TABLE,
    batch=CloudTrailBatch,
    recognises=_recognises,
    cut=cut,
    head=header_of,
    is_cut_off=is_cut_off,
)
