"""Volumes behind costs: from the lake where it holds the trail, else extrapolated, else not known."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.ingest.trail import ACCOUNT, deliver, event

from sakimori.actions.site import Volume
from sakimori.app.volumes import volumes
from sakimori.aws.refusal import Refusal
from sakimori.ingest.engine import IngestRequest, ingest
from sakimori.ingest.objects import local_objects
from sakimori.model.account import Account
from sakimori.model.words import GLOBAL, GapKind

NOW = datetime(2026, 10, 3, tzinfo=UTC)


class _History:
    """A door to the event history of two Regions."""

    account = Account(
        id=ACCOUNT, partition="aws", regions=("us-east-1", "eu-west-1"), selected=("us-east-1", "eu-west-1")
    )
    refusals = ()

    def __init__(self, *, more: bool, refused: tuple[str, ...] = ()) -> None:
        self._more, self._refused = more, refused
        self.asked: list[str] = []

    def call(self, operation: str, region: str, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        self.asked.append(operation)
        if region in self._refused:
            raise Refusal(call=operation, kind=GapKind.DENIED, code="AccessDenied", message="no")
        end = parameters["EndTime"] - timedelta(minutes=50 if parameters.get("NextToken") else 0)
        events = [
            {"EventTime": end - timedelta(minutes=minute), "ReadOnly": "false" if minute % 5 == 0 else "true"}
            for minute in range(1, 51 if self._more else 11)
        ]
        return {"Events": events, **({"NextToken": "x"} if self._more else {})}


def _found(home: Path, door: _History) -> Any:
    return volumes(home, door, clock=lambda: NOW, with_checks=False, mutes=())  # type: ignore[arg-type]


def test_events_of_the_lake_are_counted_by_region_and_scaled_to_a_month(tmp_path: Path) -> None:
    read = {"readOnly": True, "eventName": "GetBucketAcl"}
    data = {"managementEvent": False, "eventCategory": "Data"}
    deliver(tmp_path / "in", "a", [event(1), event(2), event(3, **read), event(4, **data)])
    ingest(
        IngestRequest(home=tmp_path, kind="cloudtrail", workers=1),
        local_objects(str(tmp_path / "in")),
        clock=lambda: NOW,
    )
    door = _History(more=True)
    found = _found(tmp_path, door)
    assert (found.source, door.asked) == ("lake", [])
    assert found.of(Volume.MANAGEMENT_EVENTS, "ap-northeast-1") == pytest.approx(45, rel=0.01)  # 3 in two days
    assert found.of(Volume.WRITE_EVENTS, "ap-northeast-1") == pytest.approx(30, rel=0.01)
    assert found.of(Volume.DATA_EVENTS, GLOBAL) == pytest.approx(15, rel=0.01)
    assert found.of(Volume.MANAGEMENT_EVENTS, "eu-west-1") is None


@pytest.mark.parametrize(("more", "hourly"), [(True, 120.0), (False, 10.0)])
def test_without_a_lake_hours_of_the_last_week_are_extrapolated(tmp_path: Path, more: bool, hourly: float) -> None:
    found = _found(tmp_path, _History(more=more))
    assert found.source == "event_history"
    assert found.of(Volume.MANAGEMENT_EVENTS, "us-east-1") == pytest.approx(hourly * 720)
    assert found.of(Volume.WRITE_EVENTS, "us-east-1") == pytest.approx(hourly * 720 / 5)


def test_no_hour_that_is_looked_at_is_of_the_last_minutes(tmp_path: Path) -> None:
    """What somebody does while planning, this program above all, is not what a month is like."""
    ends: list[datetime] = []
    door = _History(more=False)
    call = door.call

    def remembered(operation: str, region: str, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        ends.append(parameters["EndTime"])
        return call(operation, region, parameters)

    door.call = remembered  # type: ignore[method-assign]
    _found(tmp_path, door)
    assert max(ends) <= NOW - timedelta(hours=2)
    assert len({end.hour for end in ends}) == 7


def test_a_region_whose_history_is_refused_is_not_known_rather_than_empty(tmp_path: Path) -> None:
    found = _found(tmp_path, _History(more=True, refused=("eu-west-1",)))
    assert found.of(Volume.MANAGEMENT_EVENTS, "eu-west-1") is None
    assert found.of(Volume.MANAGEMENT_EVENTS, "us-east-1") is not None
    assert _found(tmp_path, _History(more=True, refused=("us-east-1", "eu-west-1"))).source == ""
