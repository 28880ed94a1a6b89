import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from moto.server import ThreadedMotoServer
from tests.held_company import close_company

from sakimori.aws.account import BotoDoor, open_account
from sakimori.aws.open_session import OpenSession
from sakimori.aws.refusal import Refusal
from sakimori.aws.settings import DoorSettings

from .conftest import ACCOUNT

READS = (
    ("iam:ListUsers", "global", "Users"),
    ("s3:ListBuckets", "global", "Buckets"),
    ("ec2:DescribeVpcs", "ap-northeast-1", "Vpcs"),
    ("lambda:ListFunctions", "us-east-1", "Functions"),
    ("rds:DescribeDBInstances", "us-east-1", "DBInstances"),
    ("guardduty:ListDetectors", "us-east-1", "DetectorIds"),
    ("cloudtrail:DescribeTrails", "us-east-1", "trailList"),
)


@pytest.fixture(scope="module")
def moto_url() -> Iterator[str]:
    logging.getLogger("werkzeug").disabled = True
    # moto's state is the process's: the company of other tests would be read here too.
    close_company()
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()
    logging.getLogger("werkzeug").disabled = False


@pytest.fixture
def door(moto_url: str, session: OpenSession) -> BotoDoor:
    return open_account(session, regions=["us-east-1"], settings=DoorSettings(endpoint_url=moto_url, transient_tries=1))


@pytest.mark.slow
def test_every_protocol_of_aws_is_spoken(door: BotoDoor) -> None:
    assert door.account.id == ACCOUNT
    assert "ap-northeast-1" in door.account.regions
    for operation, region, member in READS:
        pages = list(door.pages(operation, region, {}))
        assert len(pages) == 1
        assert isinstance(pages[0][member], list)
        assert "ResponseMetadata" not in pages[0]


@pytest.mark.slow
def test_absence_is_a_refusal_with_the_code_of_aws(door: BotoDoor) -> None:
    with pytest.raises(Refusal) as raised:
        door.call("s3control:GetPublicAccessBlock", "global", {"AccountId": ACCOUNT})
    assert raised.value.code == "NoSuchPublicAccessBlockConfiguration"
    with pytest.raises(Refusal) as raised:
        door.call("iam:GetAccountPasswordPolicy", "global", {})
    assert raised.value.code == "NoSuchEntity"


@pytest.mark.slow
def test_many_threads_share_one_door(door: BotoDoor) -> None:
    for operation, region, _ in READS:
        list(
            door.pages(operation, region, {})
        )  # moto makes what a service holds at its first call, and not for two at once
    before = door.statistics()
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda read: list(door.pages(read[0], read[1], {})), READS * 10))
    assert len(answers) == len(READS) * 10
    after = door.statistics()
    assert after.requests - before.requests == len(answers)
    assert after.clients - before.clients <= len(READS)
