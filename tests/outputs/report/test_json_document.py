import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from importlib.resources import files
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from sakimori.model.assessment import Assessment
from sakimori.model.framework import RequirementStatus, Served
from sakimori.outputs.report.json_document import write_json
from sakimori.outputs.report.plain_values import as_json, utc

SCHEMA = json.loads((files("sakimori.outputs.report") / "schema" / "assess-1.schema.json").read_text(encoding="utf-8"))


def document(assessment: Assessment) -> dict[str, Any]:
    stream = io.StringIO()
    write_json(assessment, stream)
    return json.loads(stream.getvalue())


def undocumented(value: object, schema: dict[str, Any], path: str = "") -> list[str]:
    """Keys of `value` that `schema` does not describe."""
    schema = SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
    schema = schema["anyOf"][0] if "anyOf" in schema else schema
    if "$ref" in schema:
        return undocumented(value, schema, path)
    if isinstance(value, list):
        return [key for item in value for key in undocumented(item, schema.get("items", {}), path)]
    if not isinstance(value, dict) or "properties" not in schema:
        return []
    found = [f"{path}.{key}" for key in value if key not in schema["properties"]]
    return found + [k for key, v in value.items() if key in schema["properties"]
                    for k in undocumented(v, schema["properties"][key], f"{path}.{key}")]  # fmt: skip


def test_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("which", ["sample", "hostile", "framed", "hostile_framed"])
def test_document_holds_to_its_schema(which: str, request: pytest.FixtureRequest) -> None:
    given = request.getfixturevalue(which)
    made = document(given)
    Draft202012Validator(SCHEMA).validate(made)
    assert undocumented(made, SCHEMA) == []
    assert len(made["verdicts"]) == len(given.verdicts)


def test_schema_refuses_a_document_without_verdicts(sample: Assessment) -> None:
    made = document(sample)
    del made["verdicts"]
    assert not Draft202012Validator(SCHEMA).is_valid(made)


def test_verdict_carries_identity_change_and_evidence(sample: Assessment) -> None:
    made = document(sample)
    new = made["verdicts"][1]
    assert new["id"] == sample.verdicts[1].id
    assert new["change"] == "new"
    assert new["evidence"] == {
        "name": "arn:aws:s3:::customer-data", "blocked": False, "checked_at": "2026-11-23T05:02:00Z", "age": None,
    }  # fmt: skip
    assert made["verdicts"][0]["change"] == "still_open"
    assert made["verdicts"][15]["muted"]["until"] == "2026-12-31"
    assert made["changes"]["fixed"][0]["resource"] == "arn:aws:s3:::old-logs"


def test_a_rule_tells_its_story_its_remedy_and_who_asks_for_it(framed: Assessment) -> None:
    rule = document(framed)["rules"][0]
    assert rule["story"] == "leaked-key"
    assert rule["remedy"]["cli"].startswith("aws s3api put-public-access-block --bucket {name}")
    assert rule["remedy"]["breaks"]["en"] == "Websites that read the bucket stop."
    assert rule["frameworks"][0] == {"framework": "example-baseline", "requirement": "1.1"}


def test_a_rule_without_a_remedy_says_so(sample: Assessment) -> None:
    rule = document(sample)["rules"][0]
    assert (rule["story"], rule["frameworks"]) == (None, [])
    assert rule["remedy"] == {"console": None, "cli": "", "terraform": "", "breaks": None, "undo": None}


def test_a_framework_carries_its_answers(framed: Assessment) -> None:
    [framework] = document(framed)["frameworks"]
    assert framework["counts"] == dict.fromkeys(framework["counts"], 1)
    first, _, third, *_ = framework["requirements"]
    assert first["rules"][1] == {
        "id": "aws.s3.bucket-public-access-blocked", "parameters": {"days": 90}, "passed": 3, "failed": 13,
        "unknown": 0, "muted": 2,
    }  # fmt: skip
    assert third["attested"][0]["valid_until"] == "2027-03-31"
    assert third["attested"][0]["signed_at"] == "2026-11-23T05:02:00Z"
    assert framework["conditions"][0]["is_met"] is None


def test_schema_knows_every_status_and_takes_documents_of_before(framed: Assessment) -> None:
    found = SCHEMA["$defs"]["requirement"]["properties"]
    assert set(found["status"]["enum"]) == {str(status) for status in RequirementStatus}
    assert set(found["served_by"]["enum"]) == {str(served) for served in Served}
    before = document(framed)
    del before["frameworks"]
    for rule in before["rules"]:
        for key in ("story", "remedy", "frameworks"):
            del rule[key]
    Draft202012Validator(SCHEMA).validate(before)


def test_nothing_assessed_is_still_a_document(build: Callable[..., Assessment]) -> None:
    made = document(build([], rules=(), gaps=(), accounts=(), next_step=None))
    Draft202012Validator(SCHEMA).validate(made)
    assert made["next"]["step"] is None


def test_one_verdict_stands_on_one_line(sample: Assessment) -> None:
    stream = io.StringIO()
    write_json(sample, stream)
    assert sum(line.startswith('{"id":') and '"resource"' in line for line in stream.getvalue().splitlines()) == 34


def test_times_are_utc_with_z() -> None:
    tokyo = datetime(2026, 11, 23, 14, 2, tzinfo=timezone(timedelta(hours=9)))
    assert utc(tokyo) == "2026-11-23T05:02:00Z"
    assert utc(datetime(2026, 11, 23, 5, 2)) == "2026-11-23T05:02:00Z"  # noqa: DTZ001 - a naive time is UTC


def test_values_that_json_lacks_become_plain(sample: Assessment) -> None:
    odd: dict[Any, Any] = {
        "whole": Decimal(3), "part": Decimal("0.5"), "set": {1}, "day": date(2026, 1, 2), "no": float("nan"),
        ("a", 1): float("inf"),
    }  # fmt: skip
    verdict = replace(sample.verdicts[0], evidence=odd)
    assert document(replace(sample, verdicts=[verdict]))["verdicts"][0]["evidence"] == {
        "whole": 3, "part": 0.5, "set": [1], "day": "2026-01-02", "no": "nan", "('a', 1)": "inf",
    }  # fmt: skip
    assert as_json("日本") == '"日本"'
