"""The two callers: `python callers.py door|boto3 CALLS` makes the calls with 32 threads; credentials and endpoint are in the environment."""

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice, product
from typing import Final

from stand_in import REGIONS

THREADS: Final = 32
OPERATIONS: Final = (
    "ec2:DescribeVpcs", "rds:DescribeDBInstances", "sns:ListTopics", "lambda:ListFunctions", "kms:ListKeys",
    "logs:DescribeLogGroups", "ecr:DescribeRepositories", "guardduty:ListDetectors", "cloudtrail:DescribeTrails",
)  # fmt: skip


def asked(calls: int) -> list[tuple[str, str]]:
    """Operation and Region of each call: nine services in sixteen Regions, in turn."""
    return list(islice(cycle(product(OPERATIONS, REGIONS)), calls))


def by_door(calls: int) -> None:
    """As `sakimori collect` calls."""
    from sakimori.aws.account import open_account  # noqa: PLC0415 - only what is measured is imported
    from sakimori.aws.session import open_session  # noqa: PLC0415

    door = open_account(open_session())
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda each: door.call(each[0], each[1], {}), asked(calls)))


def by_boto3(calls: int) -> None:
    """As a program does that makes a client for each service and Region."""
    import boto3  # noqa: PLC0415

    session = boto3.Session()
    clients = {
        (each, region): session.client(each.split(":")[0], region) for each, region in product(OPERATIONS, REGIONS)
    }
    methods = {each: boto3_name(each) for each in OPERATIONS}
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda each: getattr(clients[each], methods[each[0]])(), asked(calls)))


def boto3_name(operation: str) -> str:
    """The method of a client that makes the call."""
    from botocore import xform_name  # noqa: PLC0415

    return xform_name(operation.split(":")[1])


if __name__ == "__main__":
    os.environ.setdefault("AWS_EC2_METADATA_DISABLED", "true")
    {"door": by_door, "boto3": by_boto3}[sys.argv[1]](int(sys.argv[2]))
