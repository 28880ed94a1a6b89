import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from moto.logs.models import LogEvent, logs_backends
from tests.ingest.doors import HOME, TOKYO, Guarded, Time, denied, door_of
from tests.ingest.trail import event

from sakimori.ingest.catalogue import source_named
from sakimori.ingest.documents import documents_of
from sakimori.ingest.engine import IngestRequest, Tally, ingest
from sakimori.ingest.group_messages import files_of
from sakimori.ingest.log_groups import (
    FILTER,
    GroupLines,
    LogGroups,
    group_notes,
    kind_of_group,
    log_group_lines,
    told_if_cut,
)
from sakimori.ingest.objects import StoredObject
from sakimori.ingest.pace import Paces
from sakimori.ingest.place import Place
from sakimori.ingest.slices import Sliced, take_in
from sakimori.ingest.source import Document, Reason, Refused
from sakimori.lake.coverage import coverage_of, doubts_of, say_doubts
from sakimori.lake.log_proofs import proofs
from sakimori.lake.log_reader import EVERYWHERE, LogReader
from sakimori.lake.log_writer import LogWriter
from sakimori.lake.manifest import Manifest
from sakimori.model.errors import UsageError
from sakimori.simulate.faults import Fault, Kind
from sakimori.simulate.server import SimulatedAccount

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
BEGIN = datetime(2026, 11, 10, tzinfo=UTC)
# A number of its own: other simulated accounts may live in the same process.
ACCOUNT = "210987654321"


@pytest.fixture(scope="module")
def account() -> Iterator[SimulatedAccount]:
    with SimulatedAccount(account_id=ACCOUNT) as simulated:
        simulated.state.clock = lambda: NOW
        yield simulated


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture(scope="module")
def opened(account: SimulatedAccount) -> Any:
    return door_of(account, regions=(HOME, TOKYO))


@pytest.fixture
def door(account: SimulatedAccount, opened: Any) -> Iterator[Guarded]:
    yield Guarded(opened)
    account.faults.clear()
    for region in (HOME, TOKYO):
        logs_backends[ACCOUNT][region].groups.clear()


@pytest.fixture
def manifest(tmp_path: Path) -> Iterator[Manifest]:
    writer = LogWriter(tmp_path, lambda: NOW)
    yield writer.manifest
    writer.close()


def put(
    account: SimulatedAccount,
    group: str,
    messages: Iterable[tuple[datetime, str]],
    *,
    stream: str = "s",
    region: str = HOME,
) -> None:
    """Messages as they lie in a group, however old they are."""
    logs = account.client("logs", region=region)
    held = logs_backends[ACCOUNT][region].groups
    if group not in held:
        logs.create_log_group(logGroupName=group)
        held[group].creation_time = (BEGIN - timedelta(days=3)).replace(tzinfo=None)
    if stream not in held[group].streams:
        logs.create_log_stream(logGroupName=group, logStreamName=stream)
    for at, message in messages:
        milliseconds = int(at.timestamp() * 1000)
        held[group].streams[stream].events.append(
            LogEvent(milliseconds, {"timestamp": milliseconds, "message": message})
        )


def flow(number: int, at: datetime) -> str:
    start = int(at.timestamp())
    return f"2 {ACCOUNT} eni-0123456789abcdef0 198.51.100.7 10.0.0.{number % 250} {number} 443 6 1 40 {start} {start + 60} ACCEPT OK"


def flows(count: int, *, every: timedelta = timedelta(minutes=10)) -> list[tuple[datetime, str]]:
    return [(BEGIN + number * every, flow(number, BEGIN + number * every)) for number in range(count)]


class Commit:
    def __init__(self, home: Path, *, dies_at: int = 0) -> None:
        self.home = home
        self.dies_at = dies_at
        self.tallies: list[Tally] = []
        self.objects: list[StoredObject] = []

    def __call__(self, source: str, objects: Sequence[StoredObject]) -> None:
        if len(self.tallies) + 1 == self.dies_at:
            raise KeyboardInterrupt
        request = IngestRequest(home=self.home, kind=source, workers=1)
        self.tallies.append(ingest(request, objects, clock=lambda: NOW))
        self.objects += objects

    @property
    def rows(self) -> int:
        return sum(tally.rows for tally in self.tallies)

    @property
    def content(self) -> bytes:
        return b"".join(each.read() for each in self.objects if each.read)


def lines_of(door: Guarded, manifest: Manifest, uri: str, time: Time, **asked: Any) -> GroupLines:
    paces = Paces(per_second=5, clock=time.clock())
    request = LogGroups(**{"kind": "auto", "now": NOW, "paces": paces, **asked})
    return log_group_lines([door], uri, request, manifest)


def read(door: Guarded, manifest: Manifest, uri: str, commit: Commit, time: Time | None = None, **asked: Any) -> Sliced:
    lines = lines_of(door, manifest, uri, time or Time(), **asked)
    with told_if_cut(lines, "auto", uri, NOW, manifest):
        return take_in(lines.lines, manifest, commit)


@pytest.mark.parametrize("uri", ["logs:///aws/vpc/flow-logs", "logs://aws/vpc/flow-logs"])
def test_a_group_is_read_whole_with_or_without_the_slash_of_its_name(
    account: SimulatedAccount, door: Guarded, manifest: Manifest, tmp_path: Path, uri: str
) -> None:
    put(account, "/aws/vpc/flow-logs", flows(300))
    commit = Commit(tmp_path)
    found = read(door, manifest, uri, commit)
    assert (commit.rows, found.records, found.is_complete) == (300, 300, True)
    assert commit.objects[0].location.startswith(f"logs://{ACCOUNT}/{HOME}//aws/vpc/flow-logs/2026")
    assert {proof.kind for proof in proofs(manifest, "aws_vpc_flow_log")} == {"logs:/aws/vpc/flow-logs"}


def test_streams_come_together_in_the_order_of_time(
    account: SimulatedAccount, door: Guarded, manifest: Manifest, tmp_path: Path
) -> None:
    found = flows(20)
    put(account, "/aws/vpc/flow-logs", found[::2], stream="eni-a")
    put(account, "/aws/vpc/flow-logs", found[1::2], stream="eni-b")
    commit = Commit(tmp_path)
    read(door, manifest, "logs:///aws/vpc/flow-logs", commit)
    assert commit.content.decode().splitlines() == [line for _, line in found]


@pytest.mark.slow
def test_only_streams_of_a_prefix_are_read_where_one_is_given(
    account: SimulatedAccount, door: Guarded, manifest: Manifest, tmp_path: Path
) -> None:
    put(account, "/aws/vpc/flow-logs", flows(7), stream="eni-a")
    put(account, "/aws/vpc/flow-logs", flows(5), stream="other")
    commit = Commit(tmp_path)
    read(door, manifest, "logs:///aws/vpc/flow-logs?stream=eni-", commit)
    assert commit.rows == 7
    read(door, manifest, "logs:///aws/vpc/flow-logs?stream=other", commit)
    assert commit.rows == 12


@pytest.mark.slow
def test_slices_are_small_and_end_between_two_milliseconds(
    account: SimulatedAccount, door: Guarded, manifest: Manifest, tmp_path: Path
) -> None:
    at_once = [(BEGIN + timedelta(minutes=95), flow(5000 + number, BEGIN)) for number in range(150)]
    put(account, "/aws/vpc/flow-logs", [*flows(200), *at_once])
    commit = Commit(tmp_path)
    found = _small(door, manifest, commit)
    assert commit.rows == 350
    assert len(commit.objects) > 5
    assert found.is_complete
    assert len(set(commit.content.splitlines())) == len(commit.content.splitlines()) == 350


def _small(door: Guarded, manifest: Manifest, commit: Commit) -> Sliced:
    """Reads with pages of ten messages and slices of two kilobytes."""

    class Small(Guarded):
        def call(self, operation: str, region: str, parameters: Any) -> Any:
            return super().call(operation, region, {**parameters, "limit": 10} if operation == FILTER else parameters)

    lines = lines_of(Small(door), manifest, "logs:///aws/vpc/flow-logs", Time(), slice_bytes=2000)
    return take_in(lines.lines, manifest, commit)


@pytest.mark.slow
def test_a_second_run_brings_only_what_came_since(
    account: SimulatedAccount, door: Guarded, manifest: Manifest, tmp_path: Path
) -> None:
    put(account, "/aws/vpc/flow-logs", flows(50))
    read(door, manifest, "logs:///aws/vpc/flow-logs", Commit(tmp_path))
    put(account, "/aws/vpc/flow-logs", [(NOW + timedelta(minutes=1), flow(999, NOW))])
    again = Commit(tmp_path)
    asked = len(door.asked)
    read(door, manifest, "logs:///aws/vpc/flow-logs", again, now=NOW + timedelta(hours=1))
    assert again.rows == 1
    starts = [parameters["startTime"] for operation, _, parameters in door.asked[asked:] if operation == FILTER]
    assert min(starts) == int((NOW - timedelta(minutes=15)).timestamp() * 1000)  # type: ignore[type-var]


@pytest.mark.slow
def test_a_kill_between_commit_and_proof_doubles_no_row_even_of_a_log_without_identities(
    account: SimulatedAccount, door: Guarded, manifest: Manifest, tmp_path: Path
) -> None:
    put(account, "/aws/vpc/flow-logs", flows(50))
    read(door, manifest, "logs:///aws/vpc/flow-logs", Commit(tmp_path))
    with manifest.begin() as connection:
        connection.execute("delete from log_proof")
    again = Commit(tmp_path)
    found = read(door, manifest, "logs:///aws/vpc/flow-logs", again, now=NOW + timedelta(minutes=20))
    assert again.rows == 0
    assert found.is_complete


@pytest.mark.slow
def test_an_interrupted_run_goes_on_and_doubles_nothing(
    account: SimulatedAccount, door: Guarded, manifest: Manifest, tmp_path: Path
) -> None:
    put(account, "/aws/vpc/flow-logs", flows(400, every=timedelta(minutes=30)))
    first = Commit(tmp_path, dies_at=4)
    with pytest.raises(KeyboardInterrupt):
        read(door, manifest, "logs:///aws/vpc/flow-logs", first, since=BEGIN)
    assert first.rows > 0
    second = Commit(tmp_path)
    read(door, manifest, "logs:///aws/vpc/flow-logs", second, since=BEGIN)
    assert first.rows + second.rows == 400


def left(home: Path) -> tuple[str, ...]:
    with closing(LogReader(home)) as reader:
        coverage = coverage_of(reader, "aws_vpc_flow_log", EVERYWHERE, NOW, ("vpc-flow",))
    return say_doubts(doubts_of([coverage]), "en")


@pytest.mark.slow
def test_a_group_that_was_cut_is_told_with_every_answer_until_it_is_read(
    account: SimulatedAccount, door: Guarded, manifest: Manifest, tmp_path: Path
) -> None:
    """Slow: a simulated group is read twice."""
    uri = "logs:///aws/vpc/flow-logs"
    put(account, "/aws/vpc/flow-logs", flows(400, every=timedelta(minutes=30)))
    with pytest.raises(KeyboardInterrupt):
        read(door, manifest, uri, Commit(tmp_path, dies_at=4), since=BEGIN)
    [told] = left(tmp_path)
    assert f"was not read to its end in {ACCOUNT} {HOME}" in told
    assert f"`sakimori ingest auto {uri} --since 20" in told
    read(door, manifest, uri, Commit(tmp_path), since=BEGIN, until=BEGIN + timedelta(days=4))
    assert len(left(tmp_path)) == 1, "a run over a part of it leaves the rest"
    read(door, manifest, uri, Commit(tmp_path), since=BEGIN)
    assert left(tmp_path) == ()


@pytest.mark.slow
def test_a_group_that_was_read_leaves_nothing_to_tell(
    account: SimulatedAccount, door: Guarded, manifest: Manifest, tmp_path: Path
) -> None:
    """Slow: a simulated group is read."""
    put(account, "/aws/vpc/flow-logs", flows(20))
    read(door, manifest, "logs:///aws/vpc/flow-logs?stream=s", Commit(tmp_path))
    assert left(tmp_path) == ()


@pytest.mark.slow
def test_what_may_still_grow_is_left_to_the_next_run_where_rows_have_no_identity(
    account: SimulatedAccount, door: Guarded, manifest: Manifest, tmp_path: Path
) -> None:
    young = NOW - timedelta(minutes=5)
    put(account, "/aws/vpc/flow-logs", [(young, flow(1, young))])
    put(account, "aws-cloudtrail-logs-x", [(young, json.dumps(event(1, recipientAccountId=ACCOUNT)))])
    flows_, trail = Commit(tmp_path), Commit(tmp_path)
    read(door, manifest, "logs:///aws/vpc/flow-logs", flows_)
    read(door, manifest, "logs://aws-cloudtrail-logs-x", trail)
    assert (flows_.rows, trail.rows) == (0, 1)
    later = Commit(tmp_path)
    read(door, manifest, "logs:///aws/vpc/flow-logs", later, now=NOW + timedelta(hours=1))
    assert later.rows == 1


def test_quiet_times_cost_few_requests(
    account: SimulatedAccount, door: Guarded, manifest: Manifest, tmp_path: Path
) -> None:
    put(account, "/aws/vpc/flow-logs", flows(3))
    read(door, manifest, "logs:///aws/vpc/flow-logs", Commit(tmp_path), since=BEGIN - timedelta(days=900))
    assert door.count(FILTER) < 30


def test_no_more_than_five_requests_a_second_are_made(
    account: SimulatedAccount, door: Guarded, manifest: Manifest, tmp_path: Path, time: Time
) -> None:
    put(account, "/aws/vpc/flow-logs", flows(3))
    started = time.now
    read(door, manifest, "logs:///aws/vpc/flow-logs", Commit(tmp_path), time)
    assert door.count(FILTER) > 4
    assert time.now - started >= (door.count(FILTER) - 1) * 0.199


@pytest.mark.slow
def test_throttling_loses_nothing(account: SimulatedAccount, door: Guarded, manifest: Manifest, tmp_path: Path) -> None:
    put(account, "/aws/vpc/flow-logs", flows(30))
    account.faults.add(Fault(kind=Kind.THROTTLE, match=FILTER, ratio=0.4, calls_per_second=0.0))
    commit = Commit(tmp_path)
    found = read(door, manifest, "logs:///aws/vpc/flow-logs", commit)
    assert (commit.rows, found.is_complete) == (30, True)


@pytest.mark.slow
def test_every_region_that_has_the_group_is_read(
    account: SimulatedAccount, door: Guarded, manifest: Manifest, tmp_path: Path
) -> None:
    put(account, "/aws/vpc/flow-logs", flows(3))
    put(account, "/aws/vpc/flow-logs", flows(4), region=TOKYO)
    commit = Commit(tmp_path)
    found = read(door, manifest, "logs:///aws/vpc/flow-logs", commit)
    assert commit.rows == 7
    assert [each.place for each in found.coverage] == [
        f"{ACCOUNT}/{TOKYO}//aws/vpc/flow-logs",
        f"{ACCOUNT}/{HOME}//aws/vpc/flow-logs",
    ]


def test_a_refusal_is_told_with_the_group(
    account: SimulatedAccount, door: Guarded, manifest: Manifest, tmp_path: Path
) -> None:
    put(account, "/aws/vpc/flow-logs", flows(3))
    door.refusing = lambda operation, *_: denied(operation) if operation == FILTER else None
    found = read(door, manifest, "logs:///aws/vpc/flow-logs", Commit(tmp_path))
    assert not found.is_complete
    said = "\n".join(note.said("en") for note in group_notes(found))
    assert f"{ACCOUNT}/{HOME}//aws/vpc/flow-logs: AWS refused logs:FilterLogEvents (AccessDenied)" in said


def test_who_may_not_list_groups_may_still_read_one(
    account: SimulatedAccount, door: Guarded, manifest: Manifest, tmp_path: Path
) -> None:
    put(account, "/aws/vpc/flow-logs", flows(3))
    door.refusing = lambda operation, *_: denied(operation) if operation == "logs:DescribeLogGroups" else None
    commit = Commit(tmp_path)
    read(door, manifest, "logs:///aws/vpc/flow-logs", commit, kind="vpc-flow", since=BEGIN)
    assert commit.rows == 3


def test_a_group_that_nobody_may_look_for_is_a_gap(door: Guarded, manifest: Manifest, time: Time) -> None:
    door.refusing = lambda operation, *_: denied(operation)
    found = lines_of(door, manifest, "logs://some-group", time)
    assert found.lines == ()
    assert {gap.call for gap in found.gaps} >= {FILTER}


def test_a_group_that_is_not_there_is_an_error_of_usage(door: Guarded, manifest: Manifest, time: Time) -> None:
    with pytest.raises(UsageError) as raised:
        lines_of(door, manifest, "logs://not-there", time)
    assert raised.value.text == "ingest_aws.no_such_group"


@pytest.mark.slow
@pytest.mark.parametrize("uri", ["logs://", "logs://a b", "logs://a?x=1", "logs://a?stream=", "logs://a:b", "s3://a"])
def test_an_address_that_is_none_is_refused(door: Guarded, manifest: Manifest, time: Time, uri: str) -> None:
    with pytest.raises(UsageError) as raised:
        lines_of(door, manifest, uri, time)
    assert raised.value.text == "ingest_aws.not_a_group_address"


# -- kinds ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("/aws/rds/instance/shop/audit", "rds-audit"),
        ("/aws/rds/cluster/shop/postgresql", "rds-audit"),
        ("/aws/rds/instance/shop/slowquery", ""),
        ("aws-waf-logs-shop", "waf"),
        ("/aws/vpc/flow-logs", "vpc-flow"),
        ("API-Gateway-Access-Logs_abc/prod", "apigateway"),
        ("API-Gateway-Execution-Logs_abc/prod", ""),
        ("aws-cloudtrail-logs-111122223333-abcd", "cloudtrail"),
        ("CloudTrail/DefaultLogGroup", "cloudtrail"),
        ("/aws/ssm/sessions", "ssm-session"),
        ("/aws/route53/example.jp", "dns"),
        ("/aws/events/guardduty", "guardduty"),
        ("/aws/lambda/cloudtrail-to-slack", ""),
        ("/ecs/shop", ""),
    ],
)
def test_a_name_that_aws_gives_says_what_a_group_holds(name: str, kind: str) -> None:
    assert kind_of_group(name) == kind


def test_a_group_of_another_name_is_known_by_its_messages(
    account: SimulatedAccount, door: Guarded, manifest: Manifest, tmp_path: Path
) -> None:
    put(account, "kiroku", [(BEGIN, json.dumps(event(number, recipientAccountId=ACCOUNT))) for number in range(3)])
    commit = Commit(tmp_path)
    read(door, manifest, "logs://kiroku", commit)
    assert [sorted(tally.rows_of) for tally in commit.tallies if tally.rows] == [["aws_cloudtrail_event"]]
    assert commit.rows == 3


def test_a_group_that_no_source_knows_is_told_and_not_read(
    account: SimulatedAccount, door: Guarded, manifest: Manifest, time: Time
) -> None:
    put(account, "/aws/lambda/thumbnail", [(BEGIN, "START RequestId: 1 Version: $LATEST"), (BEGIN, "hello")])
    found = lines_of(door, manifest, "logs:///aws/lambda/thumbnail", time)
    assert (found.lines, found.is_known) == ((), False)
    [note] = found.notes
    assert note.text == "ingest_aws.group_is_unknown"
    assert "/aws/lambda/thumbnail" in note.said("en")
    assert "/aws/lambda/thumbnail" in note.said("ja")


def test_an_empty_group_is_told(account: SimulatedAccount, door: Guarded, manifest: Manifest, time: Time) -> None:
    put(account, "silent", [])
    found = lines_of(door, manifest, "logs://silent", time)
    assert ([note.text for note in found.notes], found.is_known) == (["ingest_aws.group_is_empty"], True)


@pytest.mark.slow
def test_the_settings_of_a_flow_log_say_what_its_fields_are(
    account: SimulatedAccount, door: Guarded, manifest: Manifest, tmp_path: Path
) -> None:
    ec2 = account.client("ec2")
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    ec2.create_flow_logs(
        ResourceIds=[vpc], ResourceType="VPC", TrafficType="ALL", LogGroupName="net", LogDestinationType="cloud-watch-logs",
        DeliverLogsPermissionArn=f"arn:aws:iam::{ACCOUNT}:role/flow", LogFormat="${vpc-id} ${srcaddr} ${start} ${action}",
    )  # fmt: skip
    start = int(BEGIN.timestamp())
    put(account, "net", [(BEGIN, f"vpc-1 198.51.100.7 {start} ACCEPT"), (BEGIN, f"vpc-1 198.51.100.8 {start} REJECT")])
    commit = Commit(tmp_path)
    read(door, manifest, "logs://net", commit)
    assert commit.rows == 2
    assert commit.content.splitlines()[0] == b"vpc-id srcaddr start action"


# -- messages ------------------------------------------------------------------------


def _event(message: str, *, stream: str = "s", at: datetime = BEGIN) -> dict[str, Any]:
    return {"message": message, "timestamp": int(at.timestamp() * 1000) + 7, "logStreamName": stream}


def _rows(kind: str, events: Sequence[dict[str, Any]], group: str = "g") -> tuple[list[dict[str, Any]], list[Refused]]:
    source = source_named(kind)
    batch, refused = source.batch(), []
    for name, data in files_of(kind, events):
        location = (
            f"logs://{ACCOUNT}/{HOME}/{group}/20261110T000000000Z..20261110T000000999Z{f'/{name}' if name else ''}"
        )
        place = Place(account=ACCOUNT, region=HOME)
        for document in documents_of(source, location, data, place):
            refused += batch.add(document) if isinstance(document, Document) else [document]
    return [row for table in batch.finish() for row in table.to_pylist()], refused


def test_json_with_line_ends_stays_one_record() -> None:
    rows, refused = _rows("cloudtrail", [_event(json.dumps(event(1), indent=2)), _event(json.dumps(event(2)))])
    assert (len(rows), refused) == (2, [])


def test_a_statement_with_line_ends_stays_one_entry_and_forges_none() -> None:
    forged = "2026-11-10 00:00:09 UTC:198.51.100.7(5):root@shop:[9]:LOG:  connection authorized: user=root"
    sql = f"2026-11-10 00:00:01 UTC:10.0.0.5(4711):app@shop:[77]:LOG:  statement: select 1\n-- x\n{forged}"
    rows, refused = _rows("rds-audit", [_event(sql)], "/aws/rds/instance/shop/postgresql")
    assert refused == []
    assert len(rows) == 1
    assert rows[0]["username"] == "app"
    assert forged in str(rows[0])


def test_a_message_of_a_database_that_is_no_entry_of_its_audit_log_is_refused() -> None:
    rows, refused = _rows("rds-audit", [_event("[Note] ready for connections")], "/aws/rds/instance/shop/error")
    assert rows == []
    assert [each.reason for each in refused] == [Reason.BAD_LINE]


def test_sessions_are_told_apart_by_their_streams() -> None:
    first, second = "sato-0123456789abcdef0", "mori-0123456789abcdef1"
    rows, refused = _rows(
        "ssm-session", [_event("whoami\nroot", stream=first), _event("id", stream=second), _event("exit", stream=first)]
    )
    assert refused == []
    assert [(row["session_id"], row["text"]) for row in rows] == [
        (first, "whoami"), (first, "root"), (first, "exit"), (second, "id"),
    ]  # fmt: skip


def test_blank_messages_make_nothing() -> None:
    assert files_of("vpc-flow", [_event("\n"), _event("  ")]) == (("", b""),)


def test_half_a_character_costs_no_other_message() -> None:
    [(_, data)] = files_of("vpc-flow", [_event("a \ud800 b"), _event("c")])
    assert data.decode().splitlines()[1] == "c"


@pytest.mark.slow
def test_streams_of_a_group_that_was_read_whole_are_not_read_again(
    account: SimulatedAccount, door: Guarded, manifest: Manifest, tmp_path: Path
) -> None:
    put(account, "/aws/vpc/flow-logs", flows(7), stream="eni-a")
    read(door, manifest, "logs:///aws/vpc/flow-logs", Commit(tmp_path))
    again = Commit(tmp_path)
    found = read(door, manifest, "logs:///aws/vpc/flow-logs?stream=eni-", again)
    assert (again.rows, found.requests) == (0, 0)
