"""A canary gets through where the way is whole, is lost exactly where it is cut, and leaves nothing behind.

Slow: each canary takes its way in real time.
"""

import gzip
import json
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from tests.app.test_trails import make_whole_trail
from tests.collect.conftest import FakeDoor, refused
from tests.ingest.doors import TOKYO, door_of
from tests.outputs.notify.sinks import Answer, HttpSink

from sakimori.app.canary import ACCOUNT, RULE, Canary, call_for_real, home_region, new_marker, plant_file
from sakimori.app.canary_trail import TrailMail, folders_of, trails_of
from sakimori.app.canary_ways import CallWay, FileWay, Way
from sakimori.app.clock import utc_now
from sakimori.app.detect import DetectRequest
from sakimori.app.ingesting import Ingesting, Wanted, ingest_sources
from sakimori.app.notify import CANARY, Notifier
from sakimori.app.settings import read_settings
from sakimori.app.verify_alerts import Heard, Hop, Outcome, Passage, Pursuit
from sakimori.app.watch import Watch, WatchRequest
from sakimori.aws.refusal import Refusal
from sakimori.findings.cursors import read_cursor
from sakimori.findings.detections import find_detections, record_detections
from sakimori.findings.inbox_tables import CASE, MESSAGE
from sakimori.findings.triage import triage_of
from sakimori.ingest.cloudtrail.table import TABLE
from sakimori.lake.log_reader import LogReader
from sakimori.model.detection import Detection
from sakimori.model.triage import Disposition, MessageState
from sakimori.model.verdict import Text
from sakimori.model.words import Confidence, GapKind, Severity
from sakimori.rules.detections.load import load_detections
from sakimori.rules.detections.risk import accumulated
from sakimori.simulate.faults import Fault, Kind
from sakimori.simulate.server import SimulatedAccount
from sakimori.state.store import Store, open_store

pytestmark = pytest.mark.slow

SECRET = "whsec_" + "ZmFrZQ" * 6


@dataclass
class Kept:
    """What a pursuit told while it went on."""

    waited: list[Hop] = field(default_factory=list)
    passages: list[Passage] = field(default_factory=list)

    def waiting(self, hop: Hop) -> None:
        self.waited.append(hop)

    def passed(self, passage: Passage) -> None:
        self.passages.append(passage)


class World:
    """A home with two routes to one sink, and a clock that only sleeping moves beyond the real one."""

    def __init__(self, home: Path, store: Store, sink: HttpSink) -> None:
        self.home, self.store, self.sink = home, store, sink
        self.slept = timedelta()
        self.while_asleep: Callable[[], object] = lambda: None

    def clock(self) -> datetime:
        return utc_now() + self.slept

    def sleep(self, seconds: float) -> None:
        self.slept += timedelta(seconds=seconds)
        self.while_asleep()

    def watch(self, *sources: Path, rules: tuple[str, ...] = ()) -> Watch:
        wanted = tuple(Wanted(kind="cloudtrail", source=str(each)) for each in sources)
        detect = DetectRequest(home=self.home, rules=rules)
        return Watch(WatchRequest(detect=detect, sources=wanted), self.store, (), self.clock)

    def follow(self, way: Way, *, timeout: float = 300.0) -> Heard:
        notifier = Notifier(self.store, self.home, read_settings(self.home / "config.toml"), self.clock)
        self.told = Kept()
        return Pursuit(way, notifier, timedelta(seconds=timeout), self.told, self.sleep).follow()

    def by_file(self) -> Heard:
        return self.follow(FileWay(home=self.home, clock=self.clock))

    def rows(self) -> int:
        with closing(LogReader(self.home)) as reader:
            return sum(part.row_count for part in reader.parts(TABLE.name))


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    home = tmp_path / "home"
    home.mkdir()
    with HttpSink() as sink, open_store(home / "state.db") as store:
        monkeypatch.setenv("FAKE_SECRET", SECRET)
        for name in ("day", "night"):
            monkeypatch.setenv(f"HOOK_{name}", f"{sink.url}/{name}")
        routes = [
            f'[[notify.route]]\nname = "{name}"\nkind = "webhook"\nurl = "env:HOOK_{name}"\nsecret = "env:FAKE_SECRET"\n'
            for name in ("day", "night")
        ]
        (home / "config.toml").write_text("\n".join(routes), encoding="utf-8")
        yield World(home, store, sink)


def outcomes(heard: Heard) -> dict[str, str]:
    return {f"{each.hop} {each.route}".strip(): str(each.outcome) for each in heard.passages}


def note_of(heard: Heard, hop: Hop) -> str:
    return next(each.note.text for each in heard.passages if each.hop is hop and each.note is not None)


WHOLE = dict.fromkeys(("planted", "delivered", "ingested", "judged", "told day", "told night"), "reached")


# -- a file of our own -------------------------------------------------------------------


def test_a_canary_gets_through_to_every_route_and_is_told_once_on_each(world: World) -> None:
    heard = world.by_file()
    assert outcomes(heard) == WHOLE
    assert heard.is_whole
    assert heard.seconds is not None
    bodies = [(each.path, each.json) for each in world.sink.taken]
    assert sorted(path for path, _ in bodies) == ["/day", "/night"]
    assert all(heard.marker in json.dumps(body) for _, body in bodies)
    kept = read_cursor(world.store, CANARY)
    assert kept is not None
    assert abs(datetime.fromisoformat(kept) - world.clock()) < timedelta(minutes=1)


def test_a_canary_leaves_no_trace_in_the_lake_the_inbox_or_what_is_yet_to_tell(world: World) -> None:
    heard = world.by_file()
    assert world.rows() == 0
    (found,) = find_detections(world.store)
    assert (found.detection.rule, found.detection.account) == (RULE, ACCOUNT)
    assert heard.marker in found.detection.subject
    with world.store.read() as connection:
        triage = triage_of(connection, [found.detection.id])[found.detection.id]
        assert connection.execute(select(CASE.c.state)).scalars().all() == ["closed"]
    assert (triage.is_closed, triage.disposition, triage.decided_by) == (True, Disposition.BENIGN, "sakimori")
    assert world.watch().untold() == ()
    notifier = Notifier(world.store, world.home, read_settings(world.home / "config.toml"), world.clock)
    assert notifier.send().sent == 0


def test_two_canaries_are_two_detections_and_two_messages(world: World) -> None:
    assert world.by_file().is_whole
    assert world.by_file().is_whole
    assert len(find_detections(world.store)) == 2
    assert len(world.sink.taken) == 4


def test_only_its_own_rule_sees_a_planted_event(world: World) -> None:
    world.by_file()
    assert {each.detection.rule for each in find_detections(world.store)} == {RULE}


def test_a_canary_adds_to_nobodys_risk() -> None:
    rule = load_detections().detections.rules[RULE]
    assert (rule.head.tactics, rule.head.techniques) == ((), ())
    at = utc_now()
    signals = [
        Detection(
            rule=name, title=rule.head.title, severity=Severity.HIGH, confidence=Confidence.HIGH, first_at=at, last_at=at, count=1,
            principal="p", account=ACCOUNT, region=TOKYO, message=Text("m", "m"), tactics=tactics,
        )
        for name, tactics in (("a", ("impact",)), ("b", ("discovery",)), ("c", ("execution",)), (RULE, rule.head.tactics))
    ]  # fmt: skip
    assert list(accumulated(signals)) == []


def test_a_route_that_cannot_be_opened_is_lost_alone(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HOOK_night")
    heard = world.by_file()
    assert outcomes(heard) == WHOLE | {"told night": "lost"}
    assert note_of(heard, Hop.TOLD) == "notify_channels.secret_empty"
    assert read_cursor(world.store, CANARY) is None
    with world.store.read() as connection:
        states = {row.route: row.state for row in connection.execute(select(MESSAGE.c.route, MESSAGE.c.state))}
    assert states == {"day": MessageState.SENT, "night": MessageState.DROPPED}


def test_a_route_that_refuses_for_good_says_why(world: World) -> None:
    world.sink.answer_next("/day", Answer(status=410))
    heard = world.by_file()
    assert outcomes(heard) == WHOLE | {"told day": "lost"}
    assert note_of(heard, Hop.TOLD) == "verify.lost_refused"


def test_a_route_that_is_down_for_a_while_is_waited_for(world: World) -> None:
    world.sink.answer_next("/day", Answer(status=503), Answer(status=503))
    heard = world.by_file()
    assert heard.is_whole
    (late,) = [each for each in heard.passages if each.route == "day"]
    assert late.seconds is not None
    assert late.seconds >= 5


def test_a_route_that_stays_down_is_given_up_and_gets_nothing_the_next_day(world: World) -> None:
    world.sink.answer_next("/day", *[Answer(status=503)] * 100)
    heard = world.by_file()
    assert outcomes(heard) == WHOLE | {"told day": "lost"}
    assert note_of(heard, Hop.TOLD) == "verify.lost_late"
    world.slept += timedelta(days=1)
    notifier = Notifier(world.store, world.home, read_settings(world.home / "config.toml"), world.clock)
    assert (notifier.send().sent, len([each for each in world.sink.taken if each.path == "/day"])) == (0, 0)


def test_without_a_route_it_is_unknown_whether_anybody_would_be_told(world: World) -> None:
    (world.home / "config.toml").write_text("", encoding="utf-8")
    heard = world.by_file()
    assert outcomes(heard)["told"] == "unchecked"
    assert (heard.is_whole, heard.is_lost) == (False, False)
    assert note_of(heard, Hop.TOLD) == "verify.no_route"
    (found,) = find_detections(world.store)
    with world.store.read() as connection:
        assert triage_of(connection, [found.detection.id])[found.detection.id].is_closed


def test_an_interrupt_leaves_no_file_no_row_and_no_message(world: World, tmp_path: Path) -> None:
    folder = tmp_path / "logs"
    folder.mkdir()

    def interrupt() -> None:
        raise KeyboardInterrupt

    world.while_asleep = interrupt
    with pytest.raises(KeyboardInterrupt):
        world.follow(FileWay(home=world.home, clock=world.clock, into=folder))
    assert list(folder.iterdir()) == []
    assert world.rows() == 0


def stopped() -> dict[str, object]:
    return {
        "eventVersion": "1.11", "eventTime": utc_now().strftime("%Y-%m-%dT%H:%M:%SZ"), "eventSource": "cloudtrail.amazonaws.com",
        "eventName": "StopLogging", "awsRegion": TOKYO, "sourceIPAddress": "203.0.113.9", "eventID": "00000000-0000-0000-0000-1",
        "recipientAccountId": "123456789012", "eventType": "AwsApiCall", "requestParameters": {"name": "main"},
        "eventCategory": "Management", "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::123456789012:user/alice"},
    }  # fmt: skip


def test_what_a_watch_has_yet_to_judge_stays_for_that_watch(world: World, tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    world.watch(logs).cycle()
    (logs / "late.json").write_text(json.dumps({"Records": [stopped()]}), encoding="utf-8")
    ingest_sources(
        Ingesting(home=world.home, wanted=(Wanted(kind="cloudtrail", source=str(logs)),)), (), clock=world.clock
    )
    assert world.by_file().is_whole
    assert world.rows() == 1
    assert "cloudtrail-logging-stopped" in {each.rule for each in world.watch(logs).cycle().new}


# -- a watch of a folder -----------------------------------------------------------------


def test_a_running_watch_takes_the_file_in_and_judges_it(world: World, tmp_path: Path) -> None:
    folder = tmp_path / "logs"
    folder.mkdir()
    watch = world.watch(folder)
    world.while_asleep = watch.cycle
    heard = world.follow(FileWay(home=world.home, clock=world.clock, into=folder))
    assert outcomes(heard) == WHOLE
    assert list(folder.iterdir()) == []
    assert world.rows() == 0


def test_without_a_watch_it_is_lost_before_the_lake_with_the_watch_to_start(world: World, tmp_path: Path) -> None:
    folder = tmp_path / "two words"
    folder.mkdir()
    heard = world.follow(FileWay(home=world.home, clock=world.clock, into=folder), timeout=60)
    assert outcomes(heard) == {
        "planted": "reached", "delivered": "reached", "ingested": "lost", "judged": "unreached", "told": "unreached",
    }  # fmt: skip
    (lost,) = [each for each in heard.passages if each.outcome is Outcome.LOST]
    assert lost.command == f"sakimori watch '{folder}'"
    assert list(folder.iterdir()) == []


def test_a_watch_that_leaves_the_rule_out_loses_it_before_the_detection(world: World, tmp_path: Path) -> None:
    folder = tmp_path / "logs"
    folder.mkdir()
    watch = world.watch(folder, rules=("cloudtrail-logging-stopped",))
    world.while_asleep = watch.cycle
    heard = world.follow(FileWay(home=world.home, clock=world.clock, into=folder), timeout=10)
    assert outcomes(heard)["judged"] == "lost"
    assert note_of(heard, Hop.JUDGED) == "verify.lost_unjudged_by_watch"


# -- a real call ----------------------------------------------------------------------------


@pytest.fixture
def account() -> Iterator[SimulatedAccount]:
    with SimulatedAccount() as opened:
        yield opened


def by_call(world: World, account: SimulatedAccount, who: str = "owner", *, watched: bool = False) -> Heard:
    door = door_of(account, who, regions=("us-east-1", TOKYO))
    trails = trails_of(world.home, door, home_region("aws"), clock=world.clock)
    way = CallWay(home=world.home, clock=world.clock, door=door, trails=trails, watched=watched)
    return world.follow(way, timeout=60)


def with_trail(account: SimulatedAccount) -> None:
    make_whole_trail(account)
    account.client("cloudtrail", region=TOKYO).start_logging(Name="kiroku")
    account.forget_calls()


def recorded(account: SimulatedAccount) -> list[str]:
    return [call.operation for call in account.calls if call.service == "iam"]


def test_a_real_call_is_found_in_the_file_that_the_trail_delivers(world: World, account: SimulatedAccount) -> None:
    with_trail(account)
    heard = by_call(world, account)
    assert outcomes(heard) == WHOLE
    (delivered,) = [each for each in heard.passages if each.hop is Hop.DELIVERED]
    assert delivered.place.startswith(f"s3://kiroku/AWSLogs/{account.account_id}/CloudTrail/us-east-1/")
    assert recorded(account) == ["GetRole"]
    (found,) = find_detections(world.store)
    assert found.detection.account == account.account_id
    assert world.rows() > 0


def test_a_call_that_iam_refuses_is_recorded_and_found_all_the_same(world: World, account: SimulatedAccount) -> None:
    with_trail(account)
    account.faults.add(Fault(kind=Kind.DENY, match="iam:GetRole"))
    assert by_call(world, account).is_whole


def test_an_account_without_a_trail_is_called_by_nobody(world: World, account: SimulatedAccount) -> None:
    heard = by_call(world, account)
    assert outcomes(heard) == {
        "planted": "unreached", "delivered": "lost", "ingested": "unreached", "judged": "unreached", "told": "unreached",
    }  # fmt: skip
    assert note_of(heard, Hop.DELIVERED) == "verify.lost_no_trail"
    assert recorded(account) == []


def test_a_trail_that_is_off_or_of_another_region_does_not_count(world: World, account: SimulatedAccount) -> None:
    make_whole_trail(account)
    account.client("cloudtrail", region=TOKYO).stop_logging(Name="kiroku")
    assert note_of(by_call(world, account), Hop.DELIVERED) == "verify.lost_no_such_trail"


def test_a_bucket_that_refuses_the_files_of_the_trail_is_where_it_is_lost(
    world: World, account: SimulatedAccount
) -> None:
    with_trail(account)
    account.client("s3", region=TOKYO).delete_bucket_policy(Bucket="kiroku")
    heard = by_call(world, account)
    assert outcomes(heard)["delivered"] == "lost"
    assert note_of(heard, Hop.DELIVERED) in {"verify.lost_failing", "verify.lost_no_files"}


def test_who_may_not_see_the_trails_learns_nothing_and_calls_nothing(world: World, account: SimulatedAccount) -> None:
    heard = by_call(world, account, "nobody")
    assert outcomes(heard)["delivered"] == "unchecked"
    assert (heard.is_lost, heard.is_whole) == (False, False)
    assert recorded(account) == []


def test_a_watch_of_the_trail_does_what_is_left_to_it(world: World, account: SimulatedAccount) -> None:
    with_trail(account)
    door = door_of(account, regions=("us-east-1", TOKYO))
    source = Wanted(kind="cloudtrail", source=f"s3://kiroku/AWSLogs/{account.account_id}/CloudTrail/")
    detect = DetectRequest(home=world.home)
    watch = Watch(WatchRequest(detect=detect, sources=(source,)), world.store, (door,), world.clock)
    world.while_asleep = watch.cycle
    assert outcomes(by_call(world, account, watched=True)) == WHOLE


def test_what_the_bucket_hides_a_watch_may_have_taken_in_all_the_same(world: World, account: SimulatedAccount) -> None:
    with_trail(account)
    door = door_of(account, regions=("us-east-1", TOKYO))
    trails = trails_of(world.home, door, home_region("aws"), clock=world.clock)
    away = replace(trails, folders=("s3://no-such-bucket/AWSLogs/",))
    way = CallWay(home=world.home, clock=world.clock, door=door, trails=away, watched=True)
    source = Wanted(kind="cloudtrail", source=f"s3://kiroku/AWSLogs/{account.account_id}/CloudTrail/")
    request = WatchRequest(detect=DetectRequest(home=world.home), sources=(source,))
    world.while_asleep = Watch(request, world.store, (door,), world.clock).cycle
    heard = world.follow(way)
    assert outcomes(heard) == WHOLE | {"delivered": "unchecked"}
    assert note_of(heard, Hop.DELIVERED) == "verify.blind_bucket"


def test_a_case_that_somebody_must_take_is_not_taken_by_a_canary(world: World, account: SimulatedAccount) -> None:
    with_trail(account)
    owner = f"arn:aws:iam::{account.account_id}:user/owner"
    earlier = Detection(
        rule="cloudtrail-logging-stopped", title=Text("t", "t"), severity=Severity.HIGH, confidence=Confidence.HIGH,
        first_at=utc_now(), last_at=utc_now(), count=1, principal=owner, account=account.account_id, region=TOKYO,
        message=Text("m", "m"),
    )  # fmt: skip
    record_detections(world.store, [earlier], utc_now())
    assert by_call(world, account).is_whole
    with world.store.read() as connection:
        (case,) = connection.execute(select(CASE)).mappings().all()
    assert (case["state"], case["taken_by"], case["severity"]) == ("open", "", "high")


# -- files of a trail ----------------------------------------------------------------------


def trail_mail(door: Any, *folders: str) -> TrailMail:
    canary = Canary(marker=new_marker(), account="123456789012", region="us-east-1", planted_at=utc_now())
    return TrailMail(door, folders or ("s3://kiroku/AWSLogs/",), canary)


def test_a_folder_that_cannot_be_listed_is_no_empty_folder() -> None:
    mail = trail_mail(FakeDoor({"s3:HeadBucket": {}, "s3:ListObjectsV2": refused("AccessDenied")}))
    assert mail.look() is None
    assert mail.is_blind
    assert mail.unreadable == {"s3://kiroku/AWSLogs/": "s3:ListObjectsV2 AccessDenied"}


def test_a_bucket_that_is_gone_is_told_by_its_code() -> None:
    mail = trail_mail(FakeDoor({"s3:HeadBucket": {}, "s3:ListObjectsV2": refused("NoSuchBucket")}))
    assert mail.look() is None
    assert mail.unreadable == {"s3://kiroku/AWSLogs/": "NoSuchBucket"}


def test_a_file_is_read_once_and_one_that_is_no_gzip_is_told() -> None:
    listed = {"Contents": [{"Key": f"AWSLogs/{name}.json.gz", "Size": 9, "ETag": name} for name in ("a", "b")]}
    bodies = {"AWSLogs/a.json.gz": gzip.compress(b"{}"), "AWSLogs/b.json.gz": b"not packed"}
    door = FakeDoor(
        {"s3:HeadBucket": {}, "s3:ListObjectsV2": listed, "s3:GetObject": lambda asked: {"Body": bodies[asked["Key"]]}}
    )
    mail = trail_mail(door)
    assert (mail.look(), mail.look(), mail.files) == (None, None, 1)
    assert list(mail.unreadable) == ["s3://kiroku/AWSLogs/b.json.gz"]
    keys = [asked["Key"] for operation, _, asked in door.asked if operation == "s3:GetObject"]
    assert keys.count("AWSLogs/a.json.gz") == 1


def test_a_trail_of_an_organisation_keeps_an_account_under_its_id() -> None:
    prefixes = [{"Prefix": f"AWSLogs/{name}/"} for name in ("o-exampleorgid", "123456789012", "elsewhere")]
    door: Any = FakeDoor({"s3:HeadBucket": {}, "s3:ListObjectsV2": {"CommonPrefixes": prefixes}})
    assert list(folders_of(door, "s3://kiroku/AWSLogs/", "us-east-1")) == [
        "s3://kiroku/AWSLogs/123456789012/CloudTrail/us-east-1/",
        "s3://kiroku/AWSLogs/o-exampleorgid/123456789012/CloudTrail/us-east-1/",
    ]
    own = "s3://kiroku/AWSLogs/123456789012/CloudTrail/"
    assert list(folders_of(door, own, "us-east-1")) == [f"{own}us-east-1/"]


class Refusing:
    """A door that refuses with one code."""

    def __init__(self, code: str, kind: GapKind) -> None:
        self._refusal = Refusal(call="iam:GetRole", kind=kind, code=code, message="")

    def call(self, *_: object) -> Any:
        raise self._refusal


@pytest.mark.parametrize(
    ("code", "kind"), [("NoSuchEntity", GapKind.THROTTLED), ("AccessDenied", GapKind.DENIED), ("AccessDenied", GapKind.DENIED_BY_ORGANIZATION)]
)  # fmt: skip
def test_an_answer_that_cloudtrail_records_is_a_planted_canary(code: str, kind: GapKind) -> None:
    door: Any = Refusing(code, kind)
    assert call_for_real(door, new_marker()) == code


@pytest.mark.parametrize("kind", [GapKind.UNREACHABLE, GapKind.THROTTLED, GapKind.CREDENTIALS])
def test_a_call_that_got_nowhere_is_none(kind: GapKind) -> None:
    door: Any = Refusing("Whatever", kind)
    with pytest.raises(Refusal):
        call_for_real(door, new_marker())


# -- the file ------------------------------------------------------------------------------


@given(seconds=st.floats(0, 2.0e9))
def test_a_planted_file_is_one_event_of_cloudtrail(tmp_path_factory: pytest.TempPathFactory, seconds: float) -> None:
    at = datetime.fromtimestamp(seconds, UTC)
    canary, path = plant_file(tmp_path_factory.mktemp("planted"), new_marker(), at)
    (event,) = json.loads(gzip.decompress(path.read_bytes()))["Records"]
    assert event["requestParameters"] == {"roleName": canary.marker}
    assert datetime.fromisoformat(event["eventTime"]) == at.replace(microsecond=0)
    assert event["recipientAccountId"] == event["userIdentity"]["accountId"] == ACCOUNT
    assert [each.name for each in path.parent.iterdir()] == [path.name]
