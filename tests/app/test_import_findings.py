"""Findings asked of AWS: page by page, only what changed since, and what was refused shown as unknown."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.collect.conftest import OWN, FakeDoor, refused
from tests.findings.imported import samples

from sakimori.app.import_findings import OPERATIONS, Asking, Place, import_files, import_from_aws
from sakimori.app.permissions import actions_of_findings_import
from sakimori.findings.detections import find_detections
from sakimori.model.words import GapKind
from sakimori.state.store import Store, open_store

NOW = datetime(2026, 10, 2, tzinfo=UTC)
HOME = "us-east-1"
DETECTORS = {"DetectorIds": [samples.DETECTOR]}


def shown(parameters: Mapping[str, Any]) -> Mapping[str, Any]:
    """GetFindings of GuardDuty; 50 ids are the most that it takes."""
    assert len(parameters["FindingIds"]) <= 50
    return {
        "Findings": [
            samples.capitalised(samples.guardduty(arn=f"{samples.GUARDDUTY_ARN}-{identifier}"))
            for identifier in parameters["FindingIds"]
        ]
    }


def whole_door() -> FakeDoor:
    return FakeDoor(
        {
            "guardduty:ListDetectors": DETECTORS,
            "guardduty:ListFindings": [{"FindingIds": ["a", "b"]}, {"FindingIds": ["c"]}],
            "guardduty:GetFindings": shown,
            "securityhub:GetFindings": [{"Findings": [samples.control()]}, {"Findings": [samples.asff(Id="x")]}],
            "inspector2:ListFindings": {"findings": [samples.inspector()]},
            "macie2:ListFindings": {"findingIds": ["1"]},
            "macie2:GetFindings": {"findings": [samples.macie()]},
            "accessanalyzer:ListAnalyzers": {"analyzers": [{"arn": "arn:aws:access-analyzer:a"}]},
            "accessanalyzer:ListFindingsV2": {"findings": [samples.access_analyzer(findingType="ExternalAccess")]},
        }
    )


@pytest.fixture
def store(tmp_path: Path) -> Any:
    with open_store(tmp_path / "state.db") as opened:
        yield opened


def test_every_service_is_asked_and_its_findings_stand_in_the_store(store: Store) -> None:
    imported = import_from_aws(store, [whole_door()], Asking(now=NOW))
    assert imported.is_whole
    assert [place.kind for place in imported.places] == [
        "access-analyzer",
        "guardduty",
        "inspector",
        "macie",
        "securityhub",
    ]
    assert (imported.read_count, len(imported.new), imported.bad_count) == (8, 8, 0)
    producers = sorted(each.detection.producer for each in find_detections(store))
    assert producers == ["access-analyzer", *["guardduty"] * 4, "inspector", "macie", "securityhub"]


@pytest.mark.slow
def test_the_operations_that_are_asked_are_those_that_the_policy_allows(store: Store) -> None:
    door = whole_door()
    import_from_aws(store, [door], Asking(now=NOW))
    assert {operation for operation, _, _ in door.asked} == set(OPERATIONS)
    assert "access-analyzer:ListFindings" in actions_of_findings_import()


@pytest.mark.slow
def test_the_same_import_twice_changes_nothing_and_asks_only_for_what_changed_since(store: Store) -> None:
    import_from_aws(store, [whole_door()], Asking(now=NOW))
    door = whole_door()
    again = import_from_aws(store, [door], Asking(now=NOW + timedelta(days=1)))
    assert (again.new, again.grown) == ({}, {})
    asked = {operation: parameters for operation, _, parameters in door.asked}
    begun = NOW - timedelta(hours=1)
    criterion: Any = asked["guardduty:ListFindings"]["FindingCriteria"]
    assert criterion["Criterion"]["updatedAt"] == {"GreaterThanOrEqual": int(begun.timestamp() * 1000)}
    filters: Any = asked["securityhub:GetFindings"]["Filters"]
    assert filters["UpdatedAt"][0]["Start"] == "2026-10-01T23:00:00.000Z"
    assert asked["inspector2:ListFindings"]["filterCriteria"] == {"updatedAt": [{"startInclusive": begun}]}


def test_a_first_import_reaches_ninety_days_back_and_a_later_beginning_leaves_no_hole(store: Store) -> None:
    def start(door: FakeDoor) -> datetime:
        asked: Any = next(
            parameters for operation, _, parameters in door.asked if operation == "guardduty:ListFindings"
        )
        value = asked["FindingCriteria"]["Criterion"]["updatedAt"]["GreaterThanOrEqual"]
        return datetime.fromtimestamp(value / 1000, UTC)

    first, narrow, last = whole_door(), whole_door(), whole_door()
    import_from_aws(store, [first], Asking(kind="guardduty", now=NOW))
    assert start(first) == NOW - timedelta(days=90)
    later = NOW + timedelta(days=10)
    import_from_aws(store, [narrow], Asking(kind="guardduty", since=later - timedelta(days=1), now=later))
    import_from_aws(store, [last], Asking(kind="guardduty", now=later))
    assert start(last) == NOW - timedelta(hours=1)


def test_what_aws_refuses_is_a_gap_and_the_next_import_asks_again(store: Store) -> None:
    door = whole_door()
    door.answers["guardduty:ListFindings"] = [{"FindingIds": ["a"]}, refused()]
    imported = import_from_aws(store, [door], Asking(kind="guardduty", now=NOW))
    (gap,) = imported.gaps
    assert (gap.table, gap.account, gap.region, gap.call) == ("guardduty", OWN, HOME, "guardduty:ListFindings")
    assert gap.kind is GapKind.DENIED
    assert (imported.is_whole, imported.places) == (False, [])
    again = import_from_aws(store, [whole_door()], Asking(kind="guardduty", now=NOW))
    assert len(again.new) == 3 - len(imported.new)


@pytest.mark.parametrize(
    ("kind", "operation", "code", "message"),
    [
        (
            "securityhub",
            "securityhub:GetFindings",
            "InvalidAccessException",
            "Account 1 is not subscribed to AWS Security Hub",
        ),
        ("macie", "macie2:ListFindings", "AccessDeniedException", "Macie is not enabled"),
    ],
)
def test_a_service_that_is_off_is_known_to_have_nothing(
    store: Store, kind: str, operation: str, code: str, message: str
) -> None:
    door = FakeDoor({operation: refused(code, message)})
    imported = import_from_aws(store, [door], Asking(kind=kind, now=NOW))
    assert imported.off == [Place(kind=kind, account=OWN, region=HOME)]
    assert imported.is_whole


def test_a_region_without_a_detector_has_nothing_to_tell(store: Store) -> None:
    imported = import_from_aws(store, [FakeDoor({"guardduty:ListDetectors": {}})], Asking(kind="guardduty", now=NOW))
    assert (imported.is_whole, imported.read_count) == (True, 0)


def test_files_and_folders_are_read_and_bad_pieces_counted(store: Store, tmp_path: Path) -> None:
    import json  # noqa: PLC0415

    folder = tmp_path / "export"
    folder.mkdir()
    (folder / "a.jsonl").write_text(
        json.dumps(samples.guardduty()) + "\n{oops\n" + json.dumps(samples.guardduty(arn="b")) + "\n"
    )
    (folder / "b.json").write_text(json.dumps({"Findings": [samples.asff()]}))
    imported = import_files(store, [str(folder)], "auto", NOW)
    assert (imported.files, imported.read_count, len(imported.new), imported.bad_count) == (2, 3, 2, 1)
    assert imported.bad[0].line == 2
