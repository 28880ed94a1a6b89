"""One endpoint, for any client, for as long as it is wanted and no longer."""

import json
import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from typing import IO, Any
from urllib.parse import urlsplit

import pytest
from moto.s3.models import FakeKey, FakeMultipart

from sakimori.model.errors import UsageError
from sakimori.simulate.clients import client_of
from sakimori.simulate.identities import Credentials
from sakimori.simulate.server import SimulatedAccount


@pytest.mark.slow
def test_accounts_one_after_another_share_nothing() -> None:
    with SimulatedAccount() as first:
        first.client("s3").create_bucket(Bucket="only-here")
        first.client("iam").create_user(UserName="only-here")
    with SimulatedAccount() as second:
        assert second.account_id == first.account_id
        assert second.client("s3").list_buckets()["Buckets"] == []
        assert len(second.client("iam").list_users()["Users"]) == 3
        second.client("s3").create_bucket(Bucket="only-here")


@pytest.mark.slow
def test_objects_of_an_account_that_ended_are_closed_and_those_of_another_are_not() -> None:
    with SimulatedAccount() as staying:
        staying.client("s3").create_bucket(Bucket="stays")
        staying.client("s3").put_object(Bucket="stays", Key="k", Body=b"1")
        with SimulatedAccount() as ending:
            client = ending.client("s3")
            client.create_bucket(Bucket="ends")
            client.put_object(Bucket="ends", Key="k", Body=b"2")
            client.create_multipart_upload(Bucket="ends", Key="parts")
            keys = [each for each in FakeKey.instances_tracked if each.account_id == ending.account_id]
        assert keys
        assert all(each.disposed for each in keys)
        tracked = {each.account_id for model in (FakeKey, FakeMultipart) for each in model.instances_tracked}
        assert ending.account_id not in tracked
        assert staying.client("s3").get_object(Bucket="stays", Key="k")["Body"].read() == b"1"


def test_accounts_at_the_same_time_have_different_numbers_and_resources() -> None:
    with SimulatedAccount() as outer:
        outer.client("s3").create_bucket(Bucket="outer-1")
        outer.client("s3").put_object(Bucket="outer-1", Key="k", Body=b"kept")
        with SimulatedAccount() as inner:
            assert (outer.account_id, inner.account_id) == ("123456789012", "123456789013")
            assert inner.client("sts").get_caller_identity()["Account"] == inner.account_id
            assert inner.client("s3").list_buckets()["Buckets"] == []
            inner.client("s3").create_bucket(Bucket="inner-1")
            assert len(outer.client("iam").list_users()["Users"]) == 3
        assert outer.client("s3").get_object(Bucket="outer-1", Key="k")["Body"].read() == b"kept"
        outer.client("s3").create_bucket(Bucket="inner-1")


def test_a_number_that_is_taken_is_refused(account: SimulatedAccount) -> None:
    with pytest.raises(UsageError), SimulatedAccount(account_id=account.account_id):
        pass
    assert account.client("sts").get_caller_identity()


def test_a_scenario_that_is_not_there_is_refused() -> None:
    with pytest.raises(UsageError):
        SimulatedAccount("no-such-scenario")


def test_an_identity_that_is_not_there_is_refused(account: SimulatedAccount) -> None:
    with pytest.raises(UsageError):
        account.credentials("stranger")


def test_secrets_do_not_show_in_a_representation(account: SimulatedAccount) -> None:
    key = account.credentials()
    assert key.secret_access_key not in repr(key)


def test_nothing_is_left_after_the_account_is_closed() -> None:
    settings, before = dict(os.environ), set(threading.enumerate())
    with SimulatedAccount() as account:
        connection = HTTPConnection(urlsplit(account.endpoint_url).netloc)
        connection.request("GET", "/")
        connection.getresponse().read()
        assert connection.sock is not None
    assert connection.sock.recv(1) == b""
    connection.close()
    left = set(threading.enumerate()) - before
    assert [thread.name for thread in left if "process_request" in thread.name] == []
    assert dict(os.environ) == settings
    late = HTTPConnection(urlsplit(account.endpoint_url).netloc)
    with pytest.raises(ConnectionRefusedError):
        late.request("GET", "/")


@pytest.mark.slow
def test_a_connection_serves_many_calls(account: SimulatedAccount) -> None:
    connection = HTTPConnection(urlsplit(account.endpoint_url).netloc)
    ports = set()
    for body in (b"", b"Action=GetCallerIdentity", b"x" * 100_000):
        connection.request("POST", "/", body=body, headers={"Content-Type": "application/x-www-form-urlencoded"})
        answer = connection.getresponse()
        answer.read()
        assert answer.version == 11
        assert connection.sock is not None
        ports.add(connection.sock.getsockname()[1])
    connection.close()
    assert len(ports) == 1


def test_a_chunked_body_arrives_whole(account: SimulatedAccount) -> None:
    s3 = account.client("s3")
    s3.create_bucket(Bucket="b-1")
    url = s3.generate_presigned_url("put_object", Params={"Bucket": "b-1", "Key": "k"})
    connection = HTTPConnection(urlsplit(url).netloc)
    parts = [b"one ", b"two"]
    connection.request("PUT", url.partition(urlsplit(url).netloc)[2], body=iter(parts), encode_chunked=True,
                       headers={"Transfer-Encoding": "chunked"})  # fmt: skip
    assert connection.getresponse().status == 200
    connection.close()
    assert s3.get_object(Bucket="b-1", Key="k")["Body"].read() == b"one two"


@pytest.mark.slow
def test_many_threads_are_served(account: SimulatedAccount) -> None:
    ec2 = [account.client("ec2", region=region) for region in ("us-east-1", "eu-west-1", "ap-northeast-1")]
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda number: ec2[number % 3].describe_vpcs()["Vpcs"], range(60)))
    assert [len(vpcs) for vpcs in answers] == [1] * 60
    assert len({vpcs[0]["VpcId"] for vpcs in answers}) == 3
    assert len(account.calls) == 60


def test_an_error_of_moto_is_an_internal_failure(
    account: SimulatedAccount, refusal_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from moto.iam.models import IAMBackend  # noqa: PLC0415

    def broken(*_: object) -> None:
        raise KeyError

    iam = account.client("iam")
    monkeypatch.setattr(IAMBackend, "list_users", broken)
    assert refusal_of(iam.list_users)[::2] == ("InternalFailure", 500)


@pytest.mark.slow
def test_a_clients_environment_reaches_this_account_and_nothing_else(account: SimulatedAccount) -> None:
    script = """
import boto3
from botocore.config import Config
print(boto3.client("sts").get_caller_identity()["Arn"])
try:
    boto3.client("s3control").get_public_access_block(AccountId="123456789012")
except Exception as error:
    print(error.response["Error"]["Code"])
try:
    one_try = Config(retries={"total_max_attempts": 1})
    boto3.client("sts", endpoint_url="https://sts.us-east-1.amazonaws.com", config=one_try).get_caller_identity()
except Exception as error:
    print(type(error).__name__)
"""
    ran = subprocess.run(
        [sys.executable, "-c", script], env=account.environment("auditor"), capture_output=True, text=True, check=True
    )
    assert ran.stdout.split() == [
        "arn:aws:iam::123456789012:user/auditor",
        "NoSuchPublicAccessBlockConfiguration",
        "ProxyConnectionError",
    ]


def _started(*options: str) -> tuple[subprocess.Popen[str], dict[str, str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "sakimori.simulate", *options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    return process, json.loads(_stream(process.stdout).readline())


def _stream(stream: IO[str] | None) -> IO[str]:
    assert stream is not None
    return stream


def _finish(process: subprocess.Popen[str]) -> tuple[int, str]:
    rest = _stream(process.stdout).read()
    code = process.wait(timeout=120)
    for stream in (process.stdin, process.stdout):
        _stream(stream).close()
    return code, rest


@pytest.mark.slow
def test_a_process_of_its_own_lives_until_its_input_ends() -> None:
    process, said = _started("--faults", '[{"kind": "deny", "match": "ec2:*"}]')
    key = Credentials(access_key_id=said["access_key_id"], secret_access_key=said["secret_access_key"])
    sts = client_of("sts", "us-east-1", said["endpoint_url"], key)
    assert sts.get_caller_identity()["Account"] == said["account_id"]
    _stream(process.stdin).close()
    assert _finish(process) == (0, "")


@pytest.mark.slow
def test_a_process_of_its_own_ends_when_told_to() -> None:
    process, said = _started("--no-iam")
    assert said["endpoint_url"].startswith("http://127.0.0.1:")
    process.send_signal(signal.SIGTERM)
    assert _finish(process) == (0, "")
