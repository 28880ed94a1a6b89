"""Events as the files that a trail delivers, each some minutes after its events.

Source: CloudTrail User Guide, "CloudTrail log file examples" (the name of a file) and "How CloudTrail works" (about every
five minutes; usually within 15 minutes of the call).
"""

import gzip
import hashlib
import random
from collections import defaultdict
from pathlib import Path
from typing import Final

from sakimori.simulate.month.calendar import in_utc
from sakimori.simulate.month.teller import Event

_EVERY: Final = 300
_QUICKEST, _SLOWEST = 30, 540
_NAME: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


class TrailFiles:
    """Takes events in the order of their time, and keeps in memory only what is not due yet."""

    def __init__(self, directory: Path, seed: int) -> None:
        """`directory` gets the folder AWSLogs."""
        self._directory = directory
        self._chance = random.Random(f"{seed}/delivery")  # noqa: S311 - a story, no secret
        self._waiting: defaultdict[int, defaultdict[tuple[str, str], list[bytes]]] = defaultdict(
            lambda: defaultdict(list)
        )
        self._next = 0
        self.files = 0
        self.bytes = 0

    def take(self, event: Event) -> None:
        """Put it to those that are delivered with it; write what is due."""
        delivered = event.at + self._chance.randrange(_QUICKEST, _SLOWEST)
        slot = delivered - delivered % _EVERY + _EVERY
        self._waiting[slot][event.account, event.region].append(event.body)
        if event.at >= self._next:
            self._deliver(event.at)
            self._next = event.at + _EVERY

    def close(self) -> None:
        """Write what is left."""
        self._deliver(None)

    def _deliver(self, upto: int | None) -> None:
        for slot in sorted(slot for slot in self._waiting if upto is None or slot <= upto):
            for (account, region), bodies in sorted(self._waiting.pop(slot).items()):
                self._write(slot, account, region, bodies)

    def _write(self, slot: int, account: str, region: str, bodies: list[bytes]) -> None:
        at = in_utc(slot)
        data = gzip.compress(b'{"Records":[' + b",".join(bodies) + b"]}", 4, mtime=0)
        digest = hashlib.sha256(data).digest()[:16]
        unique = "".join(_NAME[byte % len(_NAME)] for byte in digest)
        folder = self._directory / "AWSLogs" / account / "CloudTrail" / region / f"{at:%Y}" / f"{at:%m}" / f"{at:%d}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{account}_CloudTrail_{region}_{at:%Y%m%dT%H%MZ}_{unique}.json.gz").write_bytes(data)
        self.files += 1
        self.bytes += len(data)
