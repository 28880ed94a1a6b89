"""A month in which nobody is who he was: each `userIdentity` exchanged at random within its account and type.

    python benchmarks/detect/shuffled.py MONTH OUT --seed 1

Every event keeps its time, call, address and answer. Whatever a rule knows of who acts is thereby noise; what it knows of
the act stays. Attack events of a truth.json keep their identities.
"""

import argparse
import gzip
import random
import shutil
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from truths import read_truth

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(dict[str, Any]).decode
Group = tuple[str, str]
"""The account of the trail, and the type of the identity."""


def shuffle(month: Path, target: Path, seed: int) -> int:
    """Write the shuffled copy with networks.csv and truth.json beside it; gives how many events have another identity."""
    kept = frozenset[str]().union(*(scenario.event_ids for scenario in read_truth(month / "truth.json")))
    identities: dict[bytes, int] = {}
    groups: defaultdict[Group, list[int]] = defaultdict(list)
    for _, records in _files(month):
        for record in records:
            if (group := _group(record, kept)) is not None:
                groups[group].append(identities.setdefault(_encode(record["userIdentity"]), len(identities)))
    rng = random.Random(seed)
    given: dict[Group, Iterator[int]] = {}
    changed = 0
    for group, members in groups.items():
        others = members.copy()
        rng.shuffle(others)
        changed += sum(one != other for one, other in zip(members, others, strict=True))
        given[group] = iter(others)
    _write(month, target, kept, (list(identities), given))
    return changed


def _write(
    month: Path, target: Path, kept: frozenset[str], drawn: tuple[list[bytes], dict[Group, Iterator[int]]]
) -> None:
    identities, given = drawn
    for path, records in _files(month):
        for record in records:
            if (group := _group(record, kept)) is not None:
                record["userIdentity"] = msgspec.Raw(identities[next(given[group])])
        copy = target / path.relative_to(month)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(gzip.compress(_encode({"Records": records}), 1, mtime=0))
    for name in ("networks.csv", "truth.json"):
        shutil.copy(month / name, target / name)


def _files(month: Path) -> Iterator[tuple[Path, list[dict[str, Any]]]]:
    for path in sorted((month / "AWSLogs").rglob("*.json.gz")):
        yield path, _decode(gzip.decompress(path.read_bytes()))["Records"]


def _group(record: dict[str, Any], kept: frozenset[str]) -> Group | None:
    identity = record.get("userIdentity")
    if not isinstance(identity, dict) or record.get("eventID") in kept:
        return None
    return str(record.get("recipientAccountId")), str(identity.get("type"))


def main() -> None:
    """Write one."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("month", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    print(f"{shuffle(chosen.month, chosen.target, chosen.seed):,} events have another identity")


if __name__ == "__main__":
    main()
