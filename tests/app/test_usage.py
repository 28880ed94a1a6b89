"""Who uses what is about to be closed: what the logs say, and that no logs are not "nobody"."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.ingest.trail import ACCOUNT, deliver, event

from sakimori.actions.site import Usage
from sakimori.app.usage import LakeLogs
from sakimori.ingest.engine import IngestRequest, ingest
from sakimori.ingest.objects import local_objects

NOW = datetime(2026, 10, 5, 12, tzinfo=UTC)
_READ = (
    "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be pictures [0{day}/Oct/2026:00:04:01 +0000] 192.0.2.3 {who} "
    '3E57427F0{day}EXAMPLE REST.GET.OBJECT puppy.jpg "GET /puppy.jpg HTTP/1.1" {status} - 4096 4096 41 28 "-" "curl/8" - '
    "host= - TLS_AES_128_GCM_SHA256 - pictures.s3.us-east-2.amazonaws.com TLSv1.3 - -\n"
)
_FLOW = (
    "2 {account} eni-0123456789abcdef0 {source} 10.0.1.20 50412 {port} 6 12 4120 1790812805 1790812864 {action} OK\n"
)


def _bring(home: Path, kind: str, name: str, text: str) -> LakeLogs:
    folder = home / "in"
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text)
    ingest(IngestRequest(home=home, kind=kind, workers=1), local_objects(str(folder)), clock=lambda: NOW)
    return LakeLogs(home, ACCOUNT, NOW)


@pytest.mark.slow
def test_readers_without_credentials_are_counted_from_access_logs(tmp_path: Path) -> None:
    logs = _bring(
        tmp_path, "s3-access", "2026-10-01-00-00-00-EXAMPLE",
        _READ.format(day=1, who="-", status=200) + _READ.format(day=2, who="-", status=200)
        + _READ.format(day=3, who="-", status=403) + _READ.format(day=4, who="79a59df9", status=200),
    )  # fmt: skip
    assert logs.public_reads("pictures") == Usage(2, 4, datetime(2026, 10, 2, 0, 4, 1, tzinfo=UTC))
    assert logs.public_reads("others") == Usage()


def test_without_access_logs_data_events_tell_of_readers(tmp_path: Path) -> None:
    anonymous = {"type": "AWSAccount", "principalId": "", "accountId": "anonymous"}
    read = {"eventName": "GetObject", "managementEvent": False, "eventCategory": "Data", "readOnly": True}
    bucket = {"requestParameters": {"bucketName": "pictures", "key": "puppy.jpg"}}
    deliver(tmp_path / "in", "a", [event(1, **read, **bucket, userIdentity=anonymous), event(2, **read, **bucket)])
    ingest(
        IngestRequest(home=tmp_path, kind="cloudtrail", workers=1),
        local_objects(str(tmp_path / "in")),
        clock=lambda: NOW,
    )
    found = LakeLogs(tmp_path, ACCOUNT, NOW).public_reads("pictures")
    assert (found.count, found.days) == (1, 1)


def test_where_only_writes_are_recorded_nobody_can_say_that_nobody_reads(tmp_path: Path) -> None:
    wrote = {"eventName": "PutObject", "managementEvent": False, "eventCategory": "Data", "readOnly": False}
    deliver(tmp_path / "in", "a", [event(1, **wrote, requestParameters={"bucketName": "pictures", "key": "x"})])
    request = IngestRequest(home=tmp_path, kind="cloudtrail", workers=1)
    ingest(request, local_objects(str(tmp_path / "in")), clock=lambda: NOW)
    assert LakeLogs(tmp_path, ACCOUNT, NOW).public_reads("pictures") == Usage()


def test_a_flow_log_of_what_was_refused_says_nothing_of_who_comes_in(tmp_path: Path) -> None:
    flow = _FLOW.format(account=ACCOUNT, source="198.51.100.7", port=22, action="REJECT")
    logs = _bring(tmp_path, "vpc-flow", f"{ACCOUNT}_vpcflowlogs_us-east-1_fl-1_20261001T0000Z_x.log", flow)
    assert logs.accepted("eni-0123456789abcdef0", (22, 22)) == Usage()


@pytest.mark.slow
def test_what_was_let_in_from_outside_is_counted_by_port(tmp_path: Path) -> None:
    given = [
        ("198.51.100.7", 22, "ACCEPT"),
        ("198.51.100.8", 22, "REJECT"),
        ("10.0.0.9", 22, "ACCEPT"),
        ("2001:db8::1", 443, "ACCEPT"),
    ]
    flows = "".join(
        _FLOW.format(account=ACCOUNT, source=source, port=port, action=action) for source, port, action in given
    )
    logs = _bring(tmp_path, "vpc-flow", f"{ACCOUNT}_vpcflowlogs_us-east-1_fl-1_20261001T0000Z_x.log", flows)
    assert logs.accepted("eni-0123456789abcdef0", (22, 22)).count == 1
    assert logs.accepted("eni-0123456789abcdef0", (0, 65535)).count == 2
    unused = logs.accepted("eni-0123456789abcdef0", (3389, 3389))
    assert (unused.count, unused.days > 0) == (0, True)
    assert logs.accepted("eni-00000000000000000", (22, 22)) == Usage()


def test_where_nothing_was_ever_ingested_nothing_was_looked_at(tmp_path: Path) -> None:
    logs = LakeLogs(tmp_path, ACCOUNT, NOW)
    assert (logs.public_reads("pictures"), logs.accepted("eni-1", (22, 22))) == (Usage(), Usage())
