"""Made-up rows of declared tables, as many as wanted and the same for the same seed.

    python benchmarks/judge/synthetic_rows.py aws_s3_bucket --rows 100000 > buckets.jsonl

Column names and types come from the catalogue. The tables below have values that rules tell
apart; the columns of any other table, and those not named here, get values by their type.
"""

import argparse
import json
import random
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sakimori.collect.catalogue import catalogue
from sakimori.lake.table import Column, Table, Type

AS_OF: Final = datetime(2026, 1, 31, 12)  # UTC; fixed, so that ages do not change from run to run
REGIONS: Final = ("us-east-1", "ap-northeast-1", "ap-northeast-3", "eu-west-1")
RESOURCES_AN_ACCOUNT: Final = 1000
RULES_A_GROUP: Final = 5
CREDENTIALS_A_USER: Final = ("password", "access_key_1", "access_key_2")
UNKNOWN_RATIO: Final = 0.01
"""Share of boolean cells that are NULL: could not be read."""
HALF: Final = 0.5
OLDEST_DAYS: Final = 400
OPEN_RATIO: Final = 0.2
"""Share of security group rules whose peer is the whole world."""

_PORTS: Final = (22, 80, 443, 3306, 3389, 5432, 8080)
_WORLD: Final = "0.0.0.0/0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where one row is: its number in the table, and the account and Region it fell to."""

    number: int
    account_id: str
    region: str
    chance: random.Random

    def of_parent(self, size: int) -> "Place":
        """Return the place of the parent that `size` rows share, the same as in the parent's own table."""
        return _place(self.number // size, self.chance)


Values = Mapping[str, object]


def synthetic_rows(table: Table, count: int, *, seed: int = 1) -> Iterator[dict[str, Any]]:
    """Yield `count` rows of `table`, every declared column in each; KeyError where values name a column it lacks."""
    chance = random.Random(seed)  # noqa: S311 - no secret hangs on it
    values_of = VALUES.get(table.name, lambda _: {})
    by_type = {column.name: _by_type(column, chance) for column in table.columns}
    for number in range(count):
        place = _place(number, chance)
        values = {"account_id": place.account_id, "partition": "aws", "region": place.region, **values_of(place)}
        row = {
            column: values.pop(column) if column in values else from_number(number)
            for column, from_number in by_type.items()
        }
        if values:
            raise KeyError(f"{table.name} has no column {sorted(values)}")
        yield row


def _place(number: int, chance: random.Random) -> Place:
    return Place(
        number=number,
        account_id=f"{100_000_000_000 + number // RESOURCES_AN_ACCOUNT}",
        region=REGIONS[number % len(REGIONS)],
        chance=chance,
    )


def _bucket(place: Place) -> Values:
    name = f"bucket-{place.number:07}"
    return {
        "arn": f"arn:aws:s3:::{name}",
        "name": name,
        "default_encryption": place.chance.choice(("AES256", "aws:kms")),
    }


def _group_arn(place: Place) -> str:
    return f"arn:aws:ec2:{place.region}:{place.account_id}:security-group/sg-{place.number:017x}"


def _security_group(place: Place) -> Values:
    is_default = place.number % RULES_A_GROUP == 0
    return {
        "arn": _group_arn(place),
        "group_id": f"sg-{place.number:017x}",
        "name": "default" if is_default else f"group-{place.number}",
        "vpc_id": f"vpc-{place.number // 50:017x}",
        "is_default": is_default,
    }


def _security_group_rule(place: Place) -> Values:
    group = place.of_parent(RULES_A_GROUP)
    port = place.chance.choice(_PORTS)
    peer = _WORLD if place.chance.random() < OPEN_RATIO else f"10.{place.number % 256}.0.0/16"
    return {
        "id": f"{_group_arn(group)}/{place.number}",
        "account_id": group.account_id,
        "region": group.region,
        "group_arn": _group_arn(group),
        "is_ingress": place.number % RULES_A_GROUP != 0,
        "protocol": "tcp",
        "from_port": port,
        "to_port": port,
        "peer": peer,
        "peer_kind": "ipv4",
        "is_open_to_world": peer == _WORLD,
    }


def _credential(place: Place) -> Values:
    user = place.of_parent(len(CREDENTIALS_A_USER))
    kind = CREDENTIALS_A_USER[place.number % len(CREDENTIALS_A_USER)]
    is_root = user.number % RESOURCES_AN_ACCOUNT == 0
    arn = f"arn:aws:iam::{user.account_id}:" + ("root" if is_root else f"user/user-{user.number}")
    return {
        "account_id": user.account_id,
        "region": "global",
        "credential_key": f"{arn}/{kind}",
        "user_arn": arn,
        "user_name": "<root_account>" if is_root else f"user-{user.number}",
        "kind": kind,
        "is_root": is_root,
        "reported_at": AS_OF.isoformat(),
    }


VALUES: Final[Mapping[str, Callable[[Place], Values]]] = {
    "aws_s3_bucket": _bucket,
    "aws_ec2_security_group": _security_group,
    "aws_ec2_security_group_rule": _security_group_rule,
    "aws_iam_credential": _credential,
}


def _by_type(column: Column, chance: random.Random) -> Callable[[int], object]:
    """Give what makes a cell of that column from the row's number."""
    ratio, day = chance.random, timedelta(days=1)
    match column.type:
        case Type.BOOLEAN:
            return lambda _: None if ratio() < UNKNOWN_RATIO else ratio() < HALF
        case Type.INTEGER:
            return lambda _: int(ratio() * 1000)
        case Type.DOUBLE:
            return lambda _: ratio()
        case Type.TIMESTAMP:
            moments = [(AS_OF - age * day).isoformat() for age in range(OLDEST_DAYS)]
            return lambda _: moments[int(ratio() * OLDEST_DAYS)]
        case Type.TEXT:
            return lambda number: f"{column.name}-{number}"


def main() -> None:
    """Write rows of one table to stdout as JSON lines."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("table", choices=tuple(catalogue()))
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    for row in synthetic_rows(catalogue()[chosen.table], chosen.rows, seed=chosen.seed):
        sys.stdout.write(json.dumps(row) + "\n")


if __name__ == "__main__":
    main()
