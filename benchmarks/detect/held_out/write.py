"""Writes the held-out month: `python benchmarks/detect/held_out/write.py DIR --seed 2 --events 1000000 --attack all`.

DIR then holds AWSLogs as a trail delivers it, truth.json (what is an attack) and networks.csv (whose addresses are whose).
The quiet part is the same whatever attacks are asked for.
"""

import argparse
import csv
import gzip
import json
import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import attacks
import clock
import happenings
import people
from company import NETWORKS
from machines import POPULATIONS
from partners import PARTNERS
from pipelines import PIPELINES
from record import Record
from services import SERVICES

PART: Final = 1800
"""One file holds half an hour of one account and region."""


def quiet(day: clock.Day, seed: int, daily: float) -> Iterator[Record]:
    """An ordinary day."""
    for population in (*POPULATIONS, *SERVICES, *PIPELINES, *PARTNERS):
        rng = random.Random(f"{seed} {population.name} {day.number}")
        yield from population.events(day, rng, daily)
    yield from people.events(day, seed, daily)


def by_day(records: Sequence[Record]) -> dict[int, list[Record]]:
    found: defaultdict[int, list[Record]] = defaultdict(list)
    starts = [clock.text(clock.START + number * clock.DAY) for number in range(clock.DAYS)]
    for record in records:
        number = sum(start <= record["eventTime"] for start in starts) - 1
        found[max(number, 0)].append(record)
    return found


def parts(records: list[Record]) -> dict[tuple[str, str, str], list[Record]]:
    """The records of a day by account, region and half hour, each part in order of time."""
    found: defaultdict[tuple[str, str, str], list[Record]] = defaultdict(list)
    for record in records:
        when = record["eventTime"]
        half = f"{when[:14]}{'00' if when[14] < '3' else '30'}"
        found[record["recipientAccountId"], record["awsRegion"], half].append(record)
    for part in found.values():
        part.sort(key=lambda record: (record["eventTime"], record["eventID"]))
    return found


def deliver(folder: Path, place: tuple[str, str, str], records: list[Record]) -> None:
    """One file of the trail."""
    account, region, half = place
    year, month, day = half[:10].split("-")
    directory = folder / "AWSLogs" / account / "CloudTrail" / region / year / month / day
    directory.mkdir(parents=True, exist_ok=True)
    moment = half.replace("-", "").replace(":", "")
    name = f"{account}_CloudTrail_{region}_{moment}Z_{records[0]['eventID'][:8]}{records[-1]['eventID'][-8:]}.json.gz"
    text = json.dumps({"Records": records}, ensure_ascii=False, separators=(",", ":"))
    (directory / name).write_bytes(gzip.compress(text.encode(), compresslevel=4, mtime=0))


def chosen_stories(asked: str, seed: int) -> list[attacks.Story]:
    if asked == "none":
        return []
    names = attacks.SCENARIOS if asked == "all" else [asked]
    return [attacks.told(name, seed) for name in names]


def main() -> None:
    parser = argparse.ArgumentParser(description="Write a month of CloudTrail that no rule has seen.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=2)
    parser.add_argument("--events", type=int, default=1_000_000, help="about how many")
    parser.add_argument(
        "--attack", default="none", choices=["none", "all", *attacks.SCENARIOS], metavar="NAME|all|none"
    )
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    stories = chosen_stories(asked.attack, asked.seed)
    extra = by_day([*happenings.events(asked.seed), *(record for story in stories for record in story.records)])
    counts: Counter[str] = Counter()
    for number in range(clock.DAYS):
        day = clock.Day(number)
        records = [*quiet(day, asked.seed, asked.events / clock.DAYS * SCALE), *extra.get(number, [])]
        for place, part in parts(records).items():
            deliver(asked.folder, place, part)
            counts["files"] += 1
        counts["events"] += len(records)
        counts["errors"] += sum("errorCode" in record for record in records)
        counts["data"] += sum(not record["managementEvent"] for record in records)
    truth: dict[str, Any] = {story.name: story.truth() for story in stories}
    (asked.folder / "truth.json").write_text(json.dumps(truth, indent=1, ensure_ascii=False) + "\n", "utf-8")
    with (asked.folder / "networks.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows([("network", "country", "asn", "name"), *NETWORKS])
    steps = sum(len(story.steps) for story in stories)
    print(f"{counts['events']:,} events in {counts['files']:,} files: {counts['data']:,} of data,", end=" ")
    print(f"{counts['errors']:,} with an error; {len(stories)} attacks of {steps:,} events")


SCALE: Final = 0.797
"""What brings the sum of all shares, days off and sale days to the count that was asked for."""

if __name__ == "__main__":
    main()
