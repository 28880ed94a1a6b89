"""User data is looked through and thrown away: only counts are left."""

import base64
import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest

from sakimori.aws.refusal import Refusal
from sakimori.model.words import GapKind

KEY_ID = "AKIA" + "FAKE" * 4
SECRET = "Fake0/" * 6 + "fake"
PEM = "-----BEGIN RSA " + "PRIVATE KEY-----"
NONE = (0, 0, 0)

Door = Callable[..., Any]
Read = Callable[..., Any]


def encoded(text: str | bytes) -> str:
    return base64.b64encode(text.encode() if isinstance(text, str) else text).decode()


def row_of(fake_door: Door, read: Read, answer: Any, state: str = "running") -> dict[str, Any]:
    instance = {"InstanceId": "i-1", "State": {"Name": state}}
    door = fake_door(
        ec2__DescribeInstances={"Reservations": [{"Instances": [instance]}]}, ec2__DescribeInstanceAttribute=answer
    )
    return read("aws_ec2_instance_user_data", door).only


def counts(fake_door: Door, read: Read, text: str | bytes) -> tuple[Any, Any, Any]:
    row = row_of(fake_door, read, {"InstanceId": "i-1", "UserData": {"Value": encoded(text)}})
    assert row["has_user_data"] is True
    return row["aws_key_count"], row["private_key_count"], row["password_count"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"export AWS_ACCESS_KEY_ID={KEY_ID}\nexport AWS_SECRET_ACCESS_KEY={SECRET}\n", (2, 0, 0)),
        (f"aws configure set aws_secret_access_key {SECRET}", (1, 0, 0)),
        (json.dumps({"SecretAccessKey": SECRET}), (1, 0, 0)),
        (PEM, (0, 1, 0)),
        ("DB_PASSWORD=hunter2hunter2", (0, 0, 1)),
        ('{"api_key": "0123456789abcdef"}', (0, 0, 1)),
    ],
)
def test_what_stands_written_out_is_counted(fake_door: Door, read: Read, text: str, expected: Any) -> None:
    assert counts(fake_door, read, text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "#!/bin/bash\nyum update -y\n",
        'DB_PASSWORD="$(aws ssm get-parameter --name /app/db --query Parameter.Value)"',
        "password: ${DB_PASSWORD_FROM_SECRETS}",
        "PASSWORD_FILE=/run/secrets/database-password",
        "password=/run/secrets/database",
        "password: arn:aws:secretsmanager:us-east-1:123456789012:secret:app/db",
        "password = os.environ['DATABASE_PASSWORD']",
        "password = read_secret('database')",
        "lock_passwd: false\nssh_pwauth: false",
        "passwd: $6$rounds=4096$salt$hash",
        'curl -H "X-aws-ec2-metadata-token: $TOKEN" http://169.254.169.254/',
        "secret_key=" + "0123456789abcdef" * 2 + "01234567",
        "commit: 0123456789abcdef0123456789abcdef01234567",
        "-----BEGIN CERTIFICATE-----",
        "-----BEGIN PUBLIC KEY-----",
    ],
)
def test_what_only_looks_like_a_secret_is_not(fake_door: Door, read: Read, text: str) -> None:
    assert counts(fake_door, read, text) == NONE


@pytest.mark.parametrize(
    "text",
    [
        gzip.compress(f"id: {KEY_ID}".encode(), mtime=0),
        f"Content-Type: text/x-shellscript\n\n{base64.encodebytes(b'#' * 200 + KEY_ID.encode() + b' ').decode()}",
        f"write_files:\n- encoding: gz+b64\n  content: {encoded(gzip.compress(f'id {KEY_ID}'.encode(), mtime=0))}\n",
        f"echo {encoded(f'key {KEY_ID} ')} | base64 -d > /root/.key\n",
        f"<powershell>$id = '{KEY_ID}'</powershell>".encode("utf-16"),
    ],
)
def test_one_wrapping_hides_nothing(fake_door: Door, read: Read, text: str | bytes) -> None:
    assert counts(fake_door, read, text) == (1, 0, 0)


@pytest.mark.parametrize(
    "value",
    [
        "not base64!",
        encoded(b"\x1f\x8bbroken"),
        encoded(gzip.compress(b"a" * 20_000_000, mtime=0)),
        encoded(f"content: {encoded(gzip.compress(b'a' * 20_000_000, mtime=0))}"),
    ],
)
def test_what_cannot_be_unpacked_is_not_known_to_be_harmless(fake_door: Door, read: Read, value: str) -> None:
    row = row_of(fake_door, read, {"UserData": {"Value": value}})
    assert (row["aws_key_count"], row["private_key_count"], row["password_count"]) == (None, None, None)


def test_no_user_data_is_none_and_no_answer_is_not_known(fake_door: Door, read: Read) -> None:
    row = row_of(fake_door, read, {"InstanceId": "i-1", "UserData": {}})
    assert (row["has_user_data"], row["aws_key_count"]) == (False, 0)
    row = row_of(fake_door, read, {"InstanceId": "i-1"})
    assert (row["has_user_data"], row["aws_key_count"]) == (None, None)
    row = row_of(fake_door, read, {"InstanceId": "i-1", "UserData": "perhaps"})
    assert (row["has_user_data"], row["aws_key_count"]) == (None, None)


def test_a_refused_instance_is_unknown_and_a_terminated_one_is_not_asked(fake_door: Door, read: Read) -> None:
    refusal = Refusal(call="", kind=GapKind.DENIED, code="UnauthorizedOperation", message="no")
    assert row_of(fake_door, read, refusal)["aws_key_count"] is None
    row = row_of(fake_door, read, None, state="terminated")
    assert (row["is_terminated"], row["aws_key_count"]) == (True, None)


def test_no_part_of_the_user_data_reaches_a_row(fake_door: Door, read: Read) -> None:
    text = f"{KEY_ID} password=hunter2hunter2"
    row = row_of(fake_door, read, {"UserData": {"Value": encoded(text)}})
    told = json.dumps(row, default=str)
    assert KEY_ID not in told
    assert "hunter2" not in told
    assert encoded(text) not in told
