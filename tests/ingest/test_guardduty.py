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

from sakimori.ingest.guardduty import SOURCE, TABLE
from sakimori.ingest.source import Reason


def findings() -> list[dict[str, Any]]:
    return [json.loads(line) for line in sample("guardduty.jsonl").splitlines()]


def capitalised(value: Any) -> Any:
    """As GetFindings names members."""
    if isinstance(value, dict):
        return {name[:1].upper() + name[1:]: capitalised(member) for name, member in value.items()}
    return [capitalised(item) for item in value] if isinstance(value, list) else value


def test_a_finding_becomes_a_row() -> None:
    rows, refused = read(SOURCE, sample("guardduty.jsonl"))
    assert refused == []
    assert len(rows) == 10
    row = told(rows[3])
    assert json.loads(row.pop("resource"))["accessKeyDetails"]["userName"] == "hanako"
    assert json.loads(row.pop("service"))["action"]["awsApiCallAction"]["api"] == "ListBuckets"
    assert row == {
        "account_id": "111122223333",
        "region": "ap-northeast-1",
        "updated_at": datetime(2026, 10, 1, 0, 12, 4, 123000),  # noqa: DTZ001
        "finding_id": "16afba5c5c43e07c9e3e5e2e544e0004",
        "type": "UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS",
        "severity": 8.0,
        "title": "Something happened.",
        "description": "Something happened on a resource.",
        "created_at": datetime(2026, 10, 1, 0, 11),  # noqa: DTZ001
        "event_first_seen": datetime(2026, 10, 1),  # noqa: DTZ001
        "event_last_seen": datetime(2026, 10, 1, 0, 10, 4),  # noqa: DTZ001
        "count": 4,
        "archived": False,
        "sample": False,
        "resource_type": "AccessKey",
        "resource_role": "TARGET",
        "principal_id": "AIDAEXAMPLE",
        "user_name": "hanako",
        "user_type": "IAMUser",
        "access_key_id": "AKIAIOSFODNN7EXAMPLE",
        "action_type": "AWS_API_CALL",
        "api": "ListBuckets",
        "actor_ip": "203.0.113.66",
        "actor_country": "Netherlands",
        "actor_asn": "64500",
        "actor_asn_org": "Example Net",
        "detector_id": "8cb0a7b2f1e34fb6a26fffff7e1cf001",
        "arn": row["arn"],
        "schema_version": "2.0",
    }


def test_the_other_side_is_found_in_every_kind_of_action() -> None:
    rows, _ = read(SOURCE, sample("guardduty.jsonl"))
    assert [row["actor_ip"] for row in rows] == [
        "198.51.100.20", "198.51.100.21", None, "203.0.113.66", "203.0.113.66", None, "203.0.113.67", "203.0.113.68",
        "203.0.113.69", None,
    ]  # fmt: skip
    assert [row["domain"] for row in rows if row["domain"]] == ["pool.minexmr.example", "guarddutyc2activityb.com"]
    assert rows[4]["bucket_name"] == "logs-bucket"
    assert [row["sample"] for row in rows].index(True) == 5
    assert rows[9]["rest"] == '{"associatedAttackSequenceArn":"arn:x"}'


def test_events_without_a_line_between_them_are_findings_too() -> None:
    rows, refused = read(SOURCE, sample("guardduty.events.json"))
    assert refused == []
    assert rows == read(SOURCE, sample("guardduty.jsonl"))[0][:3]


def test_an_answer_of_get_findings_gives_the_same_rows() -> None:
    answer = {"Findings": [capitalised(finding) for finding in findings()]}
    for data in (json.dumps(answer), json.dumps(answer, indent=4)):
        rows, refused = read(SOURCE, data.encode())
        assert refused == []
        assert [row["actor_ip"] for row in rows] == [
            row["actor_ip"] for row in read(SOURCE, sample("guardduty.jsonl"))[0]
        ]
        assert [row["finding_id"] for row in rows] == [finding["id"] for finding in findings()]


def test_one_finding_at_two_times_is_two_rows() -> None:
    assert TABLE.identity == ("finding_id", "updated_at")


def test_values_of_another_kind_are_kept_in_the_rest() -> None:
    finding = findings()[0] | {
        "severity": "high",
        "createdAt": ["x"],
        "resource": "none",
        "service": [],
        "title": {"a": 1},
    }
    [row], refused = read(SOURCE, json.dumps(finding).encode())
    assert refused == []
    assert (row["severity"], row["created_at"], row["count"], row["sample"]) == (None, None, None, None)
    assert json.loads(row["rest"]) == {"severity": "high", "createdAt": ["x"], "title": {"a": 1}}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", Reason.NOT_JSON),
        ('{"id":"1"}', Reason.NOT_A_RECORD),
        ('{"id":"1","type":"x"}', Reason.NO_TIME),
        ('{"id":"1","type":"x","updatedAt":"9999-12-31T23:59:59Z"}', Reason.NO_TIME),
        ('{"id":"1","type":"x","resource":' + "[" * 9000 + "]" * 9000 + "}", Reason.TOO_DEEP),
    ],
)
def test_a_broken_line_is_refused_and_loses_nothing_else(line: str, reason: Reason) -> None:
    good = sample("guardduty.jsonl").splitlines()
    rows, [refused] = read(SOURCE, good[0] + b"\n" + line.encode() + b"\n" + good[1])
    assert len(rows) == 2
    assert refused.reason is reason


@pytest.mark.parametrize("size", [997, 5000])
def test_a_file_in_pieces_gives_the_same_rows(size: int) -> None:
    for name in ("guardduty.jsonl", "guardduty.events.json"):
        assert read_in_pieces(SOURCE, sample(name), size) == read(SOURCE, sample(name))


@pytest.mark.slow
@given(garbage, line_of_garbage)
def test_garbage_never_raises_and_a_good_line_beside_it_survives(before: bytes, after: bytes) -> None:
    read(SOURCE, before)
    rows, _ = read(SOURCE, b"\n".join([before, sample("guardduty.jsonl").splitlines()[0], after]))
    assert "16afba5c5c43e07c9e3e5e2e544e0001" in {row["finding_id"] for row in rows}


def test_it_knows_its_own_files_and_no_others() -> None:
    for name in ("guardduty.jsonl", "guardduty.events.json"):
        assert SOURCE.recognises("any", sample(name))
    assert SOURCE.recognises("any", json.dumps({"Findings": [capitalised(findings()[0])]}, indent=4).encode())
    assert SOURCE.recognises("AWSLogs/111122223333/GuardDuty/us-east-1/2026/10/01/a.jsonl.gz", b"")
    for name, head in (*FOREIGN.items(), *samples_of_others("guardduty")):
        assert not SOURCE.recognises(name, head), name
