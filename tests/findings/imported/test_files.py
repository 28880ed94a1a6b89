"""Files of findings: every wrapping, and damage that takes nothing else along."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from tests.findings.imported import samples

from sakimori.findings.imported import files
from sakimori.findings.imported.files import BadPiece, detections_of
from sakimori.ingest.objects import local_objects
from sakimori.ingest.source import Reason
from sakimori.model.detection import Detection


def numbered(count: int) -> list[dict[str, Any]]:
    return [samples.guardduty(arn=f"{samples.GUARDDUTY_ARN}-{number}") for number in range(count)]


def read(path: Path, data: bytes, kind: str = "auto") -> tuple[list[str], list[BadPiece]]:
    """What came of it: the last letters of each finding's id, and what was refused."""
    path.write_bytes(data)
    (stored,) = local_objects(str(path))
    good: list[str] = []
    bad: list[BadPiece] = []
    for each in detections_of(stored, kind):
        if isinstance(each, Detection):
            good.append(each.native_id.rpartition("-")[2])
        else:
            bad.append(each)
    return good, bad


FOUND = numbered(3)
LINES = b"\n".join(json.dumps(each).encode() for each in FOUND) + b"\n"
WRAPPINGS = {
    "one": json.dumps(FOUND[0]).encode(),
    "array": json.dumps(FOUND).encode(),
    "lines": LINES,
    "export": gzip.compress(LINES),
    "without a line between": b"".join(json.dumps(each).encode() for each in FOUND),
    "an answer": json.dumps({"Findings": [samples.capitalised(each) for each in FOUND]}, indent=4).encode(),
    "small letters": json.dumps({"findings": FOUND}, indent=2).encode(),
    "an event": json.dumps(samples.event("GuardDuty Finding", FOUND[0])).encode(),
    "events": b"\n".join(json.dumps(samples.event("GuardDuty Finding", each)).encode() for each in FOUND),
    "a byte order mark": b"\xef\xbb\xbf" + json.dumps({"findings": FOUND}).encode(),
}


@pytest.mark.parametrize("name", WRAPPINGS)
def test_findings_are_read_in_every_wrapping(tmp_path: Path, name: str) -> None:
    good, bad = read(tmp_path / "f.json", WRAPPINGS[name])
    assert good == ["0"] if name in {"one", "an event"} else ["0", "1", "2"]
    assert bad == []


def test_an_event_of_security_hub_holds_several(tmp_path: Path) -> None:
    detail = {"findings": [samples.asff(Id=f"x-{number}") for number in range(2)]}
    data = json.dumps(samples.event("Security Hub Findings - Imported", detail)).encode()
    assert read(tmp_path / "f.json", data, "securityhub") == (["0", "1"], [])


def test_a_bad_line_is_told_with_its_place_and_takes_no_other_along(tmp_path: Path) -> None:
    lines = LINES.splitlines(keepends=True)
    data = lines[0] + b'{"broken": \n' + lines[1] + b'"text"\n\n{"a": 1}\n' + lines[2]
    good, bad = read(tmp_path / "f.jsonl", data)
    assert good == ["0", "1", "2"]
    assert [(each.line, each.reason) for each in bad] == [
        (2, Reason.NOT_JSON),
        (4, Reason.NOT_A_RECORD),
        (6, Reason.NOT_A_RECORD),
    ]
    assert bad[0].offset == len(lines[0])
    assert bad[0].location.endswith("f.jsonl")


def test_an_answer_that_is_cut_off_gives_what_was_whole(tmp_path: Path) -> None:
    data = json.dumps({"Findings": [samples.capitalised(each) for each in FOUND]}, indent=4).encode()
    good, bad = read(tmp_path / "f.json", data[: len(data) - 400])
    assert good == ["0", "1"]
    assert [each.reason for each in bad] == [Reason.NOT_JSON]
    assert bad[0].line > 100


def test_a_bad_finding_in_an_answer_is_refused_alone(tmp_path: Path) -> None:
    data = json.dumps({"findings": FOUND}, indent=2).encode().replace(b'"severity": 5', b'"severity": five', 1)
    good, bad = read(tmp_path / "f.json", data)
    assert good == ["1", "2"]
    assert [each.reason for each in bad] == [Reason.NOT_JSON]


def test_a_large_answer_is_read_one_by_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_WHOLE_BYTES", 100)
    good, bad = read(tmp_path / "f.json", json.dumps({"Findings": FOUND}, indent=1).encode())
    assert (good, bad) == (["0", "1", "2"], [])


def test_a_file_beyond_the_limit_gives_what_came_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_FILE_BYTES", 10)
    good, bad = read(tmp_path / "f.json", LINES)
    assert good == []
    assert [each.reason for each in bad] == [Reason.TOO_LARGE]


@pytest.mark.parametrize(
    "data",
    [b"\x1f\x8b\x08damaged", b"not json at all", b"[" * 200_000, b'{"findings": [' * 50_000, b'{"a":' * 100_000, b"\xff\xfe{}",
     json.dumps({"Findings": [1, None, "x"]}).encode(), b'{"detail-type": "x", "detail": ' * 20_000],
    ids=["gz", "text", "deep list", "deep findings", "deep objects", "bytes", "no findings", "deep events"],
)  # fmt: skip
def test_a_file_of_something_else_is_refused_and_breaks_nothing(tmp_path: Path, data: bytes) -> None:
    good, bad = read(tmp_path / "f", data)
    assert good == []
    assert bad


def test_a_file_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    path = tmp_path / "gone.json"
    path.write_bytes(b"{}")
    (stored,) = local_objects(str(path))
    path.unlink()
    (bad,) = detections_of(stored)
    assert isinstance(bad, BadPiece)
    assert bad.reason is Reason.UNREADABLE
