"""Made-up rows of declared tables, as many as wanted and the same for the same seed.

    python benchmarks/judge/synthetic_rows.py aws_s3_bucket --rows 100000 > buckets.jsonl

Column names and types come from the catalogue. The tables named in `VALUES` have values that
rules tell apart: a share of their resources, `BAD_RATIO`, is in a state that rules fail, the
rest in one that they pass. Every other column gets values by its type.
"""

import argparse
import json
import random
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sakimori.analysis.catalogue import catalogue
from sakimori.lake.table import Column, Table, Type
from sakimori.model.words import GLOBAL, Scope

AS_OF: Final = datetime(2026, 1, 31, 12)  # UTC; fixed, so that ages do not change from run to run
REGIONS: Final = ("ap-northeast-1", "ap-northeast-3", "eu-west-1", "us-east-1")
FIRST_ACCOUNT: Final = 100_000_000_000
RESOURCES_AN_ACCOUNT: Final = 1000
BAD_RATIO: Final = 0.05
"""Share of resources that a rule fails."""
UNKNOWN_RATIO: Final = 0.01
"""Share of boolean cells without a value of their own that are NULL: could not be read."""
HALF: Final = 0.5
OLDEST_DAYS: Final = 400
OLD_DAYS: Final = 200

RULES_A_GROUP: Final = 5
CREDENTIALS_A_USER: Final = ("password", "access_key_1", "access_key_2")
STATEMENTS_A_POLICY: Final = 2

_DAYS: Final = tuple((AS_OF - timedelta(days=age)).isoformat() for age in range(OLDEST_DAYS))
_SAFE_PORTS: Final = (80, 443)
_WORLD: Final = "0.0.0.0/0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where one row is: its account and Region, and its number in the account's table."""

    account_id: str
    number: int
    regions: Sequence[str]
    chance: random.Random

    @property
    def region(self) -> str:
        """The Region that the number falls to."""
        return self.regions[self.number % len(self.regions)]

    @property
    def name(self) -> str:
        """A name that no other account has."""
        return f"{self.account_id}-{self.number}"

    def arn(self, service: str, resource: str) -> str:
        """Return the ARN of a resource in this row's Region."""
        return f"arn:aws:{service}:{self.region}:{self.account_id}:{resource}"

    def of_parent(self, children: int) -> "Place":
        """Return the place of the parent that `children` rows share, the same as in the parent's own table."""
        return Place(
            account_id=self.account_id, number=self.number // children, regions=self.regions, chance=self.chance
        )

    def is_bad(self, parts: int = 1) -> bool:
        """Throw the dice; of a resource with `parts` rows, one bad row is enough."""
        return self.chance.random() < BAD_RATIO / parts


Values = Mapping[str, object]


def synthetic_rows(
    table: Table, count: int, *, account: int = 0, regions: Sequence[str] = REGIONS, seed: int = 1
) -> Iterator[dict[str, Any]]:
    """Yield `count` rows of `table` in one account, every declared column in each.

    KeyError where values name a column that the table lacks.
    """
    chance = random.Random(f"{seed}/{table.name}/{account}")
    account_id = f"{FIRST_ACCOUNT + account}"
    values_of = VALUES.get(table.name, lambda _: {})
    by_type = {column.name: _by_type(column, chance) for column in table.columns}
    for number in range(count):
        place = Place(account_id=account_id, number=number, regions=regions, chance=chance)
        region = GLOBAL if table.scope is Scope.ACCOUNT else place.region
        values = {"account_id": account_id, "partition": "aws", "region": region, **values_of(place)}
        row = {
            column: values.pop(column) if column in values else from_number(number)
            for column, from_number in by_type.items()
        }
        if values:
            raise KeyError(f"{table.name} has no column {sorted(values)}")
        yield row


def _bucket_arn(place: Place) -> str:
    return f"arn:aws:s3:::bucket-{place.name}"


def _bucket(place: Place) -> Values:
    is_blocked = not place.is_bad()
    return {
        "arn": _bucket_arn(place),
        "name": f"bucket-{place.name}",
        "block_public_acls": is_blocked,
        "ignore_public_acls": is_blocked,
        "block_public_policy": is_blocked,
        "restrict_public_buckets": is_blocked,
        "default_encryption": "AES256",
    }


def _bucket_policy_statement(place: Place) -> Values:
    return {
        "bucket_arn": _bucket_arn(place),
        "statement_index": 0,
        "grants_risky_actions_to_other_account": place.is_bad(),
    }


def _s3_account(_place: Place) -> Values:
    return dict.fromkeys(
        ("block_public_acls", "ignore_public_acls", "block_public_policy", "restrict_public_buckets"),
        False,
    )


def _group_id(place: Place) -> str:
    return f"sg-{place.account_id}{place.number:05x}"


def _group_arn(place: Place) -> str:
    return place.arn("ec2", f"security-group/{_group_id(place)}")


def _security_group(place: Place) -> Values:
    is_default = place.number % 50 == 0
    return {
        "arn": _group_arn(place),
        "group_id": _group_id(place),
        "name": "default" if is_default else f"group-{place.number}",
        "vpc_id": f"vpc-{place.account_id}{place.number // 50:05x}",
        "is_default": is_default,
    }


def _security_group_rule(place: Place) -> Values:
    group = place.of_parent(RULES_A_GROUP)
    is_bad = place.is_bad(parts=RULES_A_GROUP)
    port = 22 if is_bad else place.chance.choice(_SAFE_PORTS)
    peer = _WORLD if is_bad or place.number % RULES_A_GROUP == 1 else f"10.{place.number % 256}.0.0/16"
    return {
        "id": f"{_group_arn(group)}/{place.number}",
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
    is_root = user.number == 0
    arn = f"arn:aws:iam::{user.account_id}:" + ("root" if is_root else f"user/user-{user.number}")
    is_old = place.is_bad()
    return {
        "credential_key": f"{arn}/{kind}",
        "user_arn": arn,
        "user_name": "<root_account>" if is_root else f"user-{user.number}",
        "kind": kind,
        "is_root": is_root,
        "is_active": kind != "access_key_2",
        "has_mfa": not place.is_bad(),
        "idle_since_at": _DAYS[OLD_DAYS if is_old else 1],
        "rotated_at": _DAYS[OLD_DAYS if is_old else 1],
        "reported_at": _DAYS[0],
    }


def _policy_arn(place: Place) -> str:
    return f"arn:aws:iam::{place.account_id}:policy/policy-{place.number}"


def _policy(place: Place) -> Values:
    return {"arn": _policy_arn(place), "name": f"policy-{place.number}"}


def _policy_statement(place: Place) -> Values:
    policy = place.of_parent(STATEMENTS_A_POLICY)
    return {
        "id": f"{_policy_arn(policy)}/{place.number}",
        "policy_key": _policy_arn(policy),
        "statement_index": place.number % STATEMENTS_A_POLICY,
        "actions": '["s3:GetObject", "s3:PutObject"]',
        "allows_everything": place.is_bad(parts=STATEMENTS_A_POLICY),
        "has_service_wildcard": place.is_bad(parts=STATEMENTS_A_POLICY),
    }


def _instance(place: Place) -> Values:
    identifier = f"i-{place.account_id}{place.number:05x}"
    return {
        "arn": place.arn("ec2", f"instance/{identifier}"),
        "instance_id": identifier,
        "is_terminated": False,
        "imdsv2_is_required": not place.is_bad(),
    }


def _snapshot(place: Place) -> Values:
    identifier = f"snap-{place.account_id}{place.number:05x}"
    return {"arn": place.arn("ec2", f"snapshot/{identifier}"), "snapshot_id": identifier, "is_public": place.is_bad()}


def _function_arn(place: Place) -> str:
    return place.arn("lambda", f"function:function-{place.number}")


def _function(place: Place) -> Values:
    return {"arn": _function_arn(place), "name": f"function-{place.number}"}


def _function_policy_statement(place: Place) -> Values:
    return {"function_arn": _function_arn(place), "is_public": place.is_bad(), "lets_any_bucket_call": False}


def _database(place: Place) -> Values:
    name = f"database-{place.number}"
    return {"arn": place.arn("rds", f"db:{name}"), "name": name, "is_publicly_accessible": place.is_bad()}


VALUES: Final[Mapping[str, Callable[[Place], Values]]] = {
    "aws_s3_account": _s3_account,
    "aws_s3_bucket": _bucket,
    "aws_s3_bucket_policy_statement": _bucket_policy_statement,
    "aws_ec2_instance": _instance,
    "aws_ec2_security_group": _security_group,
    "aws_ec2_security_group_rule": _security_group_rule,
    "aws_ec2_snapshot": _snapshot,
    "aws_iam_credential": _credential,
    "aws_iam_policy": _policy,
    "aws_iam_policy_statement": _policy_statement,
    "aws_lambda_function": _function,
    "aws_lambda_policy_statement": _function_policy_statement,
    "aws_rds_instance": _database,
}


def _by_type(column: Column, chance: random.Random) -> Callable[[int], object]:
    """Give what makes a cell of that column from the row's number."""
    ratio = chance.random
    match column.type:
        case Type.BOOLEAN:
            return lambda _: None if ratio() < UNKNOWN_RATIO else ratio() < HALF
        case Type.INTEGER:
            return lambda _: int(ratio() * 1000)
        case Type.DOUBLE:
            return lambda _: ratio()
        case Type.TIMESTAMP:
            return lambda _: _DAYS[int(ratio() * OLDEST_DAYS)]
        case Type.TEXT:
            return lambda number: f"{column.name}-{number}"


def main() -> None:
    """Write rows of one table to stdout as JSON lines."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("table", choices=tuple(catalogue()))
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    table = catalogue()[chosen.table]
    for account, start in enumerate(range(0, chosen.rows, RESOURCES_AN_ACCOUNT)):
        count = min(RESOURCES_AN_ACCOUNT, chosen.rows - start)
        for row in synthetic_rows(table, count, account=account, seed=chosen.seed):
            sys.stdout.write(json.dumps(row) + "\n")


if __name__ == "__main__":
    main()
