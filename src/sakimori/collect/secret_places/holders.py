"""What a search found, resource by resource: the form in which rules judge it.

A resource may have several places (a function's environment and its code): it is one row, so that it is one finding.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from sakimori.collect.secret_places.reading import PlaceReading, counts
from sakimori.collect.secret_places.tables import HOLDER
from sakimori.lake.rows import Row
from sakimori.model.gap import Gap
from sakimori.model.words import GLOBAL, GapKind

_OF_AWS: Final = "aws."
_IDS: Final = frozenset({"aws.access-key-id", "aws.temporary-key-id"})
"""Names of keys, as every CloudTrail record holds them. With its secret beside it a key is found under a kind of its own."""
_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class Holders:
    """The resources of one account by the Region that they are in, and what leaves that Region's list incomplete."""

    rows: Mapping[str, Sequence[Row]]
    gaps: Mapping[str, tuple[Gap, ...]]


def holders_of(account: str, regions: Iterable[str], readings: Iterable[PlaceReading], *, all_places: bool) -> Holders:
    """One row for each resource; a place that was left out, or not listed, leaves its Regions' lists incomplete."""
    known = tuple(dict.fromkeys((GLOBAL, *regions)))
    searched: dict[tuple[str, str], list[Row]] = {}
    exposed: dict[str, list[Row]] = {}
    gaps: dict[str, list[Gap]] = {region: [] for region in known}
    for reading in readings:
        for row in reading.searched:
            if row["id"] != reading.place.id:
                searched.setdefault((str(row["region"]), str(row["resource_arn"])), []).append(row)
        for row in filter(counts, reading.exposed):
            exposed.setdefault(str(row["resource_arn"]), []).append(row)
        for gap in reading.gaps:
            is_of_all = gap.parent in {"", reading.place.id}
            told = replace(gap, table=HOLDER.name, parent="" if is_of_all else gap.parent.partition(" ")[0])
            # A resource that is listed for the whole account may be in any Region.
            for region in known if is_of_all and reading.region == GLOBAL else (reading.region,):
                gaps[region].append(replace(told, region=region))
    if not all_places:
        for region in known:
            gaps[region].append(Gap(table=HOLDER.name, account=account, region=region, kind=GapKind.NOT_SELECTED))
    rows: dict[str, list[Row]] = {}
    for (region, arn), places in searched.items():
        # What is listed for the whole account may be in a Region that was not asked for.
        rows.setdefault(region if region in gaps else GLOBAL, []).append(_row(places, exposed.get(arn, ())))
    return Holders(rows, {region: tuple(dict.fromkeys(each)) for region, each in gaps.items()})


def _row(places: Sequence[Row], exposed: Sequence[Row]) -> Row:
    """A secret that lies in two places is one; that none was found says something only where everything was looked at."""
    is_whole = all(row.get("is_whole") is True for row in places)
    secrets = [row for row in exposed if row["kind"] not in _IDS]
    of_aws = {row["sha256"] for row in secrets if str(row["kind"]).startswith(_OF_AWS)}
    others = {row["sha256"] for row in secrets} - of_aws
    parts = list(dict.fromkeys(f"{row['place']}: {row['part']}" for row in secrets))
    return {
        **{name: places[0][name] for name in ("account_id", "partition", "region", "resource_arn", "resource_type")},
        "places": ",".join(sorted({str(row["place"]) for row in places})),
        "aws_credential_count": len(of_aws) if of_aws or is_whole else None,
        "other_secret_count": len(others) if others or is_whole else None,
        "parts": ", ".join(parts[:_SHOWN]) + (f" (+{len(parts) - _SHOWN})" if len(parts) > _SHOWN else ""),
        "access_key_ids": ",".join(sorted({str(row["access_key_id"]) for row in exposed if row["access_key_id"]})),
    }  # fmt: skip
