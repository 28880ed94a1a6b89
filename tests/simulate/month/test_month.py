"""A simulated month: the same for a seed, shaped as CloudTrail's records are, true about its attacks."""

import csv
import gzip
import hashlib
import ipaddress
import json
import random
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from tests.cli.running import start

from sakimori.app.simulated_month import ATTACKS as NAMES
from sakimori.app.simulated_month import MonthOrder, write_month
from sakimori.model.errors import UsageError
from sakimori.simulate.month.attacks.register import ATTACKS
from sakimori.simulate.month.company import the_company
from sakimori.simulate.month.data_files import data_of
from sakimori.simulate.month.month import Order, generate
from sakimori.simulate.month.scope import Scope
from sakimori.simulate.month.shapes import shape_of

START = date(2026, 10, 5)
DAYS = 3
REQUIRED = (
    "eventVersion", "userIdentity", "eventTime", "eventSource", "eventName", "awsRegion", "sourceIPAddress",
    "userAgent", "requestParameters", "responseElements", "eventID", "readOnly", "eventType", "managementEvent",
    "recipientAccountId", "eventCategory",
)  # fmt: skip


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("month")
    generate(Order(start=START, days=DAYS, events=8000, attacks=NAMES), directory)
    return directory


@pytest.fixture(scope="module")
def events(written: Path) -> list[dict[str, Any]]:
    """All of them, in the order of their time."""
    return sorted(in_files(written), key=lambda event: event["eventTime"])


@pytest.fixture(scope="module")
def truth(written: Path) -> Mapping[str, Any]:
    return json.loads((written / "truth.json").read_text(encoding="utf-8"))


def in_files(directory: Path) -> Iterator[dict[str, Any]]:
    for path in sorted(directory.glob("AWSLogs/**/*.gz")):
        yield from json.loads(gzip.decompress(path.read_bytes()))["Records"]


def digest(directory: Path) -> str:
    found = hashlib.sha256()
    for path in sorted(directory.rglob("*")):
        if path.is_file():
            found.update(str(path.relative_to(directory)).encode() + path.read_bytes())
    return found.hexdigest()


# -- the whole -----------------------------------------------------------------------


@pytest.mark.slow
def test_the_same_order_gives_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    digests = []
    for name, seed in (("one", 1), ("two", 1), ("other", 2)):
        generate(Order(start=START, days=1, events=1500, seed=seed), tmp_path / name)
        digests.append(digest(tmp_path / name))
    assert digests[0] == digests[1] != digests[2]


@pytest.mark.slow
def test_there_are_at_least_as_many_events_as_were_asked_for(tmp_path: Path) -> None:
    made = generate(Order(start=START, days=2, events=6000), tmp_path)
    assert 6000 <= made.events < 7500
    assert sum(1 for _ in in_files(tmp_path)) == made.events
    assert json.loads((tmp_path / "truth.json").read_text(encoding="utf-8"))["attacks"] == []


def test_a_directory_that_holds_something_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").touch()
    with pytest.raises(UsageError):
        write_month(MonthOrder(start=START, days=1, events=1, seed=1, attacks=()), tmp_path)


def test_the_attacks_of_the_command_line_are_those_that_there_are() -> None:
    assert set(NAMES) == ATTACKS.keys()


@pytest.mark.slow
def test_files_stand_where_a_trail_delivers_them_soon_after_their_events(written: Path) -> None:
    for path in written.glob("AWSLogs/**/*.gz"):
        _, account, _, region, *day, name = path.relative_to(written).parts
        owner, kind, place, at, unique = name.removesuffix(".json.gz").split("_")
        assert (owner, kind, place) == (account, "CloudTrail", region)
        assert at.startswith("".join(day))
        assert len(unique) == 16
        for event in json.loads(gzip.decompress(path.read_bytes()))["Records"]:
            assert (event["recipientAccountId"], event["awsRegion"]) == (account, region)
            assert event["eventTime"].replace("-", "").replace(":", "") <= f"{at[:-1]}00Z"


@pytest.mark.slow
def test_the_lake_takes_every_event_and_refuses_nothing(written: Path, tmp_path: Path) -> None:
    with start("ingest", "cloudtrail", str(written / "AWSLogs"), "--lang", "en", home=tmp_path / "home") as process:
        out, err = process.communicate()
    assert process.returncode == 0, err
    told = json.loads((written / "truth.json").read_text(encoding="utf-8"))["events"]
    assert f"{told:,} rows" in out


# -- every event ---------------------------------------------------------------------


def test_every_event_has_the_fields_of_a_record(events: list[dict[str, Any]]) -> None:
    for event in events:
        assert not [name for name in REQUIRED if name not in event], event["eventName"]
        assert "{" not in json.dumps(event["userIdentity"])[1:-1].replace('": {', "")
        assert event["managementEvent"] is (event["eventCategory"] == "Management")
        assert ("errorCode" in event) <= ("errorMessage" in event)
        if "errorCode" in event:
            assert event["responseElements"] is None
        if event["eventSource"] == "ec2.amazonaws.com" and "errorCode" in event:
            assert event["errorCode"].startswith(("Client.", "Server."))


def test_event_ids_are_unique(events: list[dict[str, Any]]) -> None:
    assert len({event["eventID"] for event in events}) == len(events)


def test_every_temporary_key_was_handed_out_before(events: list[dict[str, Any]]) -> None:
    """But those of a user's or root's console session, of which AWS records no handing out."""
    issued = {
        event["responseElements"]["credentials"]["accessKeyId"]: event["eventTime"]
        for event in events
        if event["eventName"].startswith("AssumeRole")
    }
    used = 0
    for event in events:
        key = event["userIdentity"].get("accessKeyId", "")
        if key.startswith("ASIA") and event.get("sessionCredentialFromConsole") != "true":
            assert issued[key] <= event["eventTime"]
            used += 1
    assert used > 4000


def test_keys_are_visibly_none_of_awss(events: list[dict[str, Any]]) -> None:
    for event in events:
        key = event["userIdentity"].get("accessKeyId", "")
        assert not key or (len(key) == 20 and key.endswith("EXAMPLE"))


@pytest.mark.slow
def test_every_public_address_is_one_of_the_table_of_networks(written: Path, events: list[dict[str, Any]]) -> None:
    rows = list(csv.DictReader((written / "networks.csv").read_text(encoding="utf-8").splitlines()))
    networks = [ipaddress.ip_network(row["network"]) for row in rows]
    for origin in {event["sourceIPAddress"] for event in events}:
        try:
            address = ipaddress.ip_address(origin)
        except ValueError:
            assert origin.endswith(".amazonaws.com") or origin == "AWS Internal"
            continue
        assert address in ipaddress.ip_network("10.0.0.0/8") or any(address in network for network in networks)


# -- the data --------------------------------------------------------------------------


def named_calls() -> Iterator[str]:
    """Every call that the data name."""
    for machine in data_of("machines"):
        yield from machine["mix"]
    for each in data_of("rounds"):
        yield from each["mix"]
        yield from (call for change in each.get("changes", ()) for call in change)
    for part in data_of("people").values():
        yield from (call for account in part.values() for way in account.values() for call in way)
    for story in data_of("stories"):
        yield from (step if isinstance(step, str) else step["call"] for step in story["steps"])


def test_calls_with_a_variant_have_a_shape_and_errors_have_a_sentence() -> None:
    for call in named_calls():
        named, _, error = call.partition("!")
        assert "/" not in named or named in data_of("calls"), call
        assert not error or error in data_of("errors"), call
        shape = shape_of(named)
        # What changes something is told with what it changed.
        assert shape.is_read_only or named in data_of("calls") or error or shape.kind != "AwsApiCall", call


def test_every_word_of_a_shape_means_something() -> None:
    for account in the_company().accounts.values():
        for call in data_of("calls"):
            shape = shape_of(call)
            scope = Scope(random.Random(1), account, region="ap-northeast-1", at=1_790_000_000)  # noqa: S311
            for part in (shape.parameters, shape.answer, shape.resources, shape.more, shape.details):
                json.dumps(part(scope))


# -- the truth -------------------------------------------------------------------------


@pytest.mark.slow
def test_the_truth_names_events_that_there_are(events: list[dict[str, Any]], truth: Mapping[str, Any]) -> None:
    by_id = {event["eventID"]: event for event in events}
    assert {attack["name"] for attack in truth["attacks"]} == set(NAMES)
    for attack in truth["attacks"]:
        times = []
        for step in attack["steps"]:
            found = [by_id[event_id] for event_id in step["event_ids"]]
            assert sorted({event["eventName"] for event in found}) == step["events"]
            times += [event["eventTime"] for event in found]
            assert {event["sourceIPAddress"] for event in found} <= set(attack["source_ips"])
        assert (min(times), max(times), len(times)) == (attack["begin"], attack["end"], attack["event_count"])
        assert all(event_id in by_id for event_id in attack["related_event_ids"])
    assert truth["ordinary"]
    assert all(event_id in by_id for story in truth["ordinary"] for event_id in story["event_ids"])


def test_the_chain_of_the_leaked_key_can_be_followed(events: list[dict[str, Any]], truth: Mapping[str, Any]) -> None:
    attack = next(attack for attack in truth["attacks"] if attack["name"] == "leaked-key")
    reached, depth = {attack["access_key_ids"][0]}, 0
    while (
        found := {
            event["responseElements"]["credentials"]["accessKeyId"]
            for event in events
            if event["eventName"] == "AssumeRole" and event["userIdentity"].get("accessKeyId") in reached
        }
        - reached
    ):
        reached |= found
        depth += 1
    assert depth == 3
    shared = [
        event["sharedEventID"]
        for event in events
        if event["userIdentity"].get("principalId", "").endswith(":botocore-session-1")
        and event["eventName"] == "AssumeRole"
    ]
    assert len(shared) == 2
    assert len(set(shared)) == 1


def test_what_attackers_use_ordinary_people_use_too(events: list[dict[str, Any]], truth: Mapping[str, Any]) -> None:
    """No address range, program or account may tell an attack by itself."""
    attacked = {event_id for attack in truth["attacks"] for step in attack["steps"] for event_id in step["event_ids"]}
    own = {event["eventName"] for event in events if event["eventID"] not in attacked}
    theirs = {event["eventName"] for event in events if event["eventID"] in attacked}
    assert len(theirs & own) > 30
