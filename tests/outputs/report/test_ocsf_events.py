"""Events against OCSF 1.7.0; the schema beside this file says where it comes from."""

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from sakimori.model.assessment import Assessment
from sakimori.outputs.report.ocsf_events import write_ocsf

SCHEMA = json.loads((Path(__file__).parent / "ocsf-1.7.0-compliance_finding.schema.json").read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)


def events(assessment: Assessment) -> list[dict[str, Any]]:
    stream = io.StringIO()
    write_ocsf(assessment, stream, "en")
    return [json.loads(line) for line in stream.getvalue().split("\n")[:-1]]


@pytest.mark.parametrize("which", ["sample", "hostile", "framed", "hostile_framed"])
def test_every_event_is_a_valid_compliance_finding(which: str, request: pytest.FixtureRequest) -> None:
    given = request.getfixturevalue(which)
    made = events(given)
    assert len(made) == len(given.verdicts) + len(given.changes.fixed)
    for event in made:
        VALIDATOR.validate(event)


def test_schema_refuses_what_ocsf_does_not_know(sample: Assessment) -> None:
    event = events(sample)[0]
    assert not VALIDATOR.is_valid({**event, "made_up": 1})
    assert not VALIDATOR.is_valid({**event, "severity_id": 7})
    assert not VALIDATOR.is_valid({**event, "finding_info": {"title": "no uid"}})


def test_fail_unknown_muted_and_pass_are_told_apart(sample: Assessment) -> None:
    made = events(sample)
    states = {
        name: (made[at]["compliance"]["status"], made[at]["status"], made[at]["severity"])
        for name, at in {"fail": 0, "muted": 15, "unknown": 16, "pass": 33}.items()
    }
    assert states == {
        "fail": ("Fail", "New", "Critical"),
        "muted": ("Fail", "Suppressed", "Low"),
        "unknown": ("Warning", "Unknown", "High"),
        "pass": ("Pass", "Resolved", "Informational"),
    }


def test_new_is_created_open_is_updated_and_gone_is_closed(sample: Assessment) -> None:
    made = events(sample)
    assert [made[at]["activity_name"] for at in (1, 0, -1)] == ["Create", "Update", "Close"]
    assert made[-1]["resources"][0]["uid"] == "arn:aws:s3:::old-logs"


def test_a_finding_that_passes_now_is_closed_once(sample: Assessment) -> None:
    fixed = replace(sample, changes=replace(sample.changes, fixed=(sample.verdicts[-1],)))
    made = events(fixed)
    assert len(made) == len(sample.verdicts)
    assert (made[-1]["activity_name"], made[-1]["status"]) == ("Close", "Resolved")


def test_event_names_account_region_rule_and_times(sample: Assessment) -> None:
    event = events(sample)[0]
    assert event["cloud"]["account"] == {
        "uid": "111122223333", "type_id": 10, "type": "AWS Account", "name": "production",
    }  # fmt: skip
    assert event["time"] == event["finding_info"]["first_seen_time"] == 1795410120000
    assert event["finding_info"]["uid"] == sample.verdicts[0].id
    assert event["compliance"]["control"] == "aws.iam.root-no-access-key"


def test_an_event_names_the_requirements_that_ask_for_its_rule(framed: Assessment, sample: Assessment) -> None:
    compliance = events(framed)[0]["compliance"]
    assert compliance["standards"] == ["example-baseline", "other-guide"]
    assert compliance["requirements"] == ["example-baseline 1.1", "other-guide A-2"]
    assert "requirements" not in events(sample)[0]["compliance"]
