import json
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from tests.ingest.service_logs import (
    FOREIGN,
    garbage,
    line_of_garbage,
    read,
    read_in_pieces,
    sample,
    samples_of_others,
    told,
)

from sakimori.ingest.config.source import SOURCE
from sakimori.ingest.config.values import HIDDEN, hide_values
from sakimori.ingest.source import Reason

SNAPSHOT = json.loads(sample("config.snapshot.json"))
ITEM = {
    "configurationItemVersion": "1.3",
    "configurationItemCaptureTime": "2026-10-01T00:00:01.123Z",
    "resourceType": "AWS::S3::Bucket",
    "resourceId": "here",
}


def file_of(*items: bytes) -> bytes:
    return b'{"fileVersion":"1.0","configurationItems":[' + b",".join(items) + b"]}"


def test_an_item_of_a_snapshot_becomes_a_row() -> None:
    rows, refused = read(SOURCE, sample("config.snapshot.json"))
    assert refused == []
    assert len(rows) == 10
    assert told(rows[2]) == {
        "account_id": "111122223333",
        "region": "ap-northeast-1",
        "configuration_item_capture_time": datetime(2026, 10, 1, 0, 0, 3, 123000),  # noqa: DTZ001
        "configuration_item_status": "OK",
        "resource_type": "AWS::EC2::Instance",
        "resource_id": "i-0db2e26bb837c93b1",
        "resource_name": "i-0db2e26bb837c93b1",
        "arn": "arn:aws:test:ap-northeast-1:111122223333:i-0db2e26bb837c93b1",
        "aws_region": "ap-northeast-1",
        "availability_zone": "ap-northeast-1a",
        "resource_creation_time": datetime(2026, 1, 2, 3, 4, 5),  # noqa: DTZ001
        "tags": '{"Env":"prod"}',
        "relationships": rows[2]["relationships"],
        "related_events": "[]",
        "configuration": '{"instanceType":"t3.micro","userData":"***"}',
        "supplementary_configuration": "{}",
        "configuration_state_id": 1790812800003,
        "configuration_item_md5_hash": "",
        "configuration_item_version": "1.3",
    }
    assert json.loads(rows[2]["relationships"])[0]["resourceType"] == "AWS::EC2::VPC"
    assert (rows[4]["region"], rows[5]["configuration"]) == ("global", None)
    assert rows[9]["rest"] == '{"recordingFrequency":"DAILY"}'


def test_what_variables_and_user_data_hold_is_not_kept() -> None:
    assert b"not-a-real" in sample("config.snapshot.json")
    rows, _ = read(SOURCE, sample("config.snapshot.json"))
    assert "not-a-real" not in str(rows)
    assert json.loads(rows[1]["configuration"])["environment"]["variables"] == {"DB_PASSWORD": HIDDEN, "STAGE": HIDDEN}
    assert json.loads(rows[7]["configuration"])["environment"]["image"] == "aws/codebuild/standard:7.0"


@pytest.mark.parametrize(
    ("value", "hidden"),
    [
        ({"Environment": {"Variables": {"A": "x"}}}, {"Environment": {"Variables": {"A": HIDDEN}}}),
        ({"environment": {"A": "x", "B": 1}}, {"environment": {"A": HIDDEN, "B": HIDDEN}}),
        ({"environment": "prod"}, {"environment": "prod"}),
        (
            {"RuntimeEnvironmentVariables": [{"Name": "A", "Value": "x"}, 7]},
            {"RuntimeEnvironmentVariables": [{"Name": "A", "Value": HIDDEN}, 7]},
        ),
        (
            {
                "optionSettings": [
                    {"namespace": "aws:elasticbeanstalk:application:environment", "optionName": "A", "value": "x"}
                ]
            },
            {
                "optionSettings": [
                    {"namespace": "aws:elasticbeanstalk:application:environment", "optionName": "A", "value": HIDDEN}
                ]
            },
        ),
        (
            [{"LaunchTemplateData": {"UserData": "x", "ImageId": "ami-1"}}],
            [{"LaunchTemplateData": {"UserData": HIDDEN, "ImageId": "ami-1"}}],
        ),
        ({"clientSecret": "x", "clientId": "y"}, {"clientSecret": HIDDEN, "clientId": "y"}),
    ],
)
def test_names_stay_and_values_go(value: Any, hidden: Any) -> None:
    hide_values(value)
    assert value == hidden


def test_a_configuration_that_is_a_json_text_is_read_and_hidden_too() -> None:
    item = ITEM | {"configuration": json.dumps({"environment": {"variables": {"A": "not-a-real-secret"}}})}
    [row], _ = read(SOURCE, file_of(json.dumps(item).encode()))
    assert row["configuration"] == '{"environment":{"variables":{"A":"***"}}}'
    [row], _ = read(SOURCE, file_of(json.dumps(ITEM | {"configuration": "words"}).encode()))
    assert row["configuration"] == '"words"'


@pytest.mark.parametrize("indent", [None, 2])
def test_notifications_of_a_change_become_rows(indent: int | None) -> None:
    event = json.loads(sample("config.notification.json"))
    for whole in (event, event["detail"], event["detail"]["configurationItem"], SNAPSHOT):
        rows, refused = read(SOURCE, json.dumps(whole, indent=indent).encode())
        assert refused == []
        assert rows[0]["resource_id"] == "logs-bucket"
        assert len(rows) == (10 if whole is SNAPSHOT else 1)


def test_lines_of_cloudwatch_logs_become_rows() -> None:
    event = json.dumps(json.loads(sample("config.notification.json"))).encode()
    rows, refused = read(SOURCE, (b"2026-10-01T05:00:00.000Z " + event + b"\n") * 3)
    assert (len(rows), refused) == (3, [])


@pytest.mark.parametrize("size", [500, 1500, 4000])
@pytest.mark.parametrize(
    "data",
    [sample("config.snapshot.json"), json.dumps(SNAPSHOT, indent=1).encode()],
    ids=["as AWS writes it", "spread"],
)
def test_a_file_in_pieces_gives_the_same_rows(data: bytes, size: int) -> None:
    assert read_in_pieces(SOURCE, data, size) == read(SOURCE, data)


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        (b'{"configurationItemVersion":"1.3","a":', Reason.NOT_JSON),
        (b'{"configurationItemVersion":"1.3","a":"\xff"}', Reason.NOT_UTF8),
        (b'{"configurationItemVersion":"1.3"}', Reason.NOT_A_RECORD),
        (b'{"resourceType":"AWS::S3::Bucket","resourceId":"a"}', Reason.NO_TIME),
        (b'{"resourceType":"T","resourceId":"a","configuration":' + b"[" * 9000 + b"]" * 9000 + b"}", Reason.TOO_DEEP),
        (b'{"configurationItemVersion":"1.3","a":"' + b"x" * (5 << 20) + b'"}', Reason.TOO_LARGE),
        (b"words", Reason.NOT_JSON),
    ],
)
def test_a_broken_item_is_refused_and_loses_nothing_else(item: bytes, reason: Reason) -> None:
    good = json.dumps(ITEM).encode()
    rows, [refused] = read(SOURCE, file_of(good, item, good))
    assert len(rows) == 2
    assert refused.reason is reason


def test_a_file_that_ends_in_the_middle_gives_what_is_whole() -> None:
    data = sample("config.snapshot.json")
    rows, [refused] = read(SOURCE, data[: data.index(b'"AWS::RDS::DBInstance"')])
    assert len(rows) == 8
    assert refused.reason is Reason.NOT_JSON


def test_values_of_another_kind_are_kept_in_the_rest() -> None:
    item = ITEM | {"configurationStateId": "first", "resourceCreationTime": {}, "resourceName": [1]}
    [row], _ = read(SOURCE, file_of(json.dumps(item).encode()))
    assert json.loads(row["rest"]) == {"configurationStateId": "first", "resourceCreationTime": {}, "resourceName": [1]}


@pytest.mark.slow
@given(garbage, line_of_garbage)
def test_garbage_never_raises_and_a_good_item_beside_it_survives(before: bytes, after: bytes) -> None:
    good = json.dumps(ITEM).encode()
    read(SOURCE, before)
    read(SOURCE, file_of(before, after))
    rows, _ = read(SOURCE, file_of(before.replace(b"]", b""), good, after))
    assert "here" in {row["resource_id"] for row in rows}
    rows, _ = read(SOURCE, b"\n".join([b"x" + after, good, after]))
    assert "here" in {row["resource_id"] for row in rows}


def test_it_knows_its_own_files_and_no_others() -> None:
    for name in ("config.snapshot.json", "config.notification.json"):
        assert SOURCE.recognises("any", sample(name))
    assert SOURCE.recognises("AWSLogs/111122223333/Config/us-east-1/2026/10/1/ConfigHistory/a.json.gz", b"")
    for name, head in (*FOREIGN.items(), *samples_of_others("config")):
        assert not SOURCE.recognises(name, head), name
