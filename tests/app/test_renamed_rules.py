"""A detection that its author renames goes on: a watch tells nothing twice, and what was decided is still known."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from sqlalchemy import select
from tests.app.test_watch import Clock, put, stopped

from sakimori.app.detect import DetectRequest, detect
from sakimori.app.ingesting import Wanted
from sakimori.app.watch import Watch, WatchRequest
from sakimori.findings.detections import find_detections
from sakimori.findings.inbox_tables import CASE
from sakimori.findings.recording import record_found
from sakimori.findings.triage import Doing, assign, triage_of
from sakimori.state.store import Store, open_store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "state.db") as opened:
        yield opened


def write_rule(tmp_path: Path, name: str, *aliases: str) -> Path:
    directory = tmp_path / "rules"
    directory.mkdir(exist_ok=True)
    rule = {
        "title": "A trail was stopped", "name": name, "logsource": {"product": "aws", "service": "cloudtrail"},
        "detection": {"selection": {"eventName": "StopLogging"}, "condition": "selection"}, "level": "high",
        "sakimori": {"aliases": list(aliases)},
    }  # fmt: skip
    (directory / "rule.yml").write_text(yaml.safe_dump(rule))
    return directory


def asked(tmp_path: Path, name: str, *aliases: str) -> DetectRequest:
    return DetectRequest(home=tmp_path / "home", rules=(name,), rules_dir=write_rule(tmp_path, name, *aliases))


@pytest.mark.slow
def test_a_watch_with_a_renamed_rule_tells_only_what_is_new(tmp_path: Path, store: Store) -> None:
    clock = Clock()

    def watch(request: DetectRequest) -> Watch:
        (tmp_path / "logs").mkdir(exist_ok=True)
        return Watch(WatchRequest(detect=request, sources=(Wanted(kind="cloudtrail", source=str(tmp_path / "logs")),)), store, (), clock)  # fmt: skip

    put(tmp_path / "logs", "1.json", stopped(1, 0))
    (first,) = watch(asked(tmp_path, "my-former-name")).cycle().new
    with store.begin() as connection:
        assign(connection, first.id, "tanaka", Doing("sato", clock()))
    put(tmp_path / "logs", "2.json", stopped(2, 5))
    renamed = watch(asked(tmp_path, "my-new-name", "my-former-name"))
    cycle = renamed.cycle()
    assert (cycle.new, cycle.grown_count) == ((), 1)
    (found,) = find_detections(store)
    assert (found.detection.rule, found.detection.count) == ("my-new-name", 2)
    assert found.detection.id == replace(first, rule="my-new-name").id
    with store.read() as connection:
        assert triage_of(connection, [found.detection.id])[found.detection.id].owner == "tanaka"
        assert len(connection.execute(select(CASE)).all()) == 1
    # What the first watch did not get to tell is still told, by its present name.
    assert [each.id for each in renamed.untold()] == [found.detection.id]


@pytest.mark.slow
def test_detect_after_a_rename_doubles_nothing(tmp_path: Path, store: Store) -> None:
    clock = Clock()
    put(tmp_path / "logs", "1.json", stopped(1, 0))
    request = asked(tmp_path, "my-former-name")
    (tmp_path / "home").mkdir()
    watch = Watch(WatchRequest(detect=request, sources=(Wanted(kind="cloudtrail", source=str(tmp_path / "logs")),)), store, (), clock)  # fmt: skip
    assert len(watch.cycle().new) == 1
    found = detect(asked(tmp_path, "my-new-name", "my-former-name"), clock=clock)
    assert found.renamed == {"my-former-name": "my-new-name"}
    with store.begin() as connection:
        recorded = record_found(connection, found.detections, clock(), found.renamed)
    assert (recorded.new, recorded.grown, recorded.unchanged_count) == ((), (), 1)
    assert [each.detection.rule for each in find_detections(store)] == ["my-new-name"]
