"""Logs against the JSON Schema of SARIF 2.1.0; the note beside it says where it comes from."""

import io
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from jsonschema import Draft7Validator

from sakimori.model.assessment import Assessment
from sakimori.model.verdict import Text
from sakimori.outputs.report.sarif_log import write_sarif
from sakimori.texts.language import LANGUAGES, Language

SCHEMA = json.loads((Path(__file__).parent / "sarif-2.1.0.schema.json").read_text(encoding="utf-8"))
VALIDATOR = Draft7Validator(SCHEMA, format_checker=Draft7Validator.FORMAT_CHECKER)


def run_of(assessment: Assessment, language: Language = "en") -> dict[str, Any]:
    stream = io.StringIO()
    write_sarif(assessment, stream, language)
    log = json.loads(stream.getvalue())
    VALIDATOR.validate(log)
    [run] = log["runs"]
    return run


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("which", ["sample", "hostile", "framed", "hostile_framed"])
def test_every_log_is_valid_and_fit_for_code_scanning(
    which: str, language: Language, request: pytest.FixtureRequest
) -> None:
    run = run_of(request.getfixturevalue(which), language)
    assert run["results"]
    for result in run["results"]:
        rule = run["tool"]["driver"]["rules"][result["ruleIndex"]]
        assert rule["id"] == result["ruleId"]
        [location] = result["locations"]
        uri = location["physicalLocation"]["artifactLocation"]["uri"]
        assert re.fullmatch(r"[A-Za-z0-9_.~%-]+(/[A-Za-z0-9_.~%-]+){2}", uri)
        assert not urlsplit(uri).scheme
        assert ".." not in unquote(uri).split("/")
        assert result["partialFingerprints"]["primaryLocationLineHash"].endswith(":1")
        assert (result["level"] == "none") == (result["kind"] != "fail")
    assert all(len(rule["properties"]["tags"]) <= 20 for rule in run["tool"]["driver"]["rules"])


def test_the_schema_refuses_what_sarif_does_not_know(sample: Assessment) -> None:
    run = run_of(sample)
    for broken in ({"level": "fatal"}, {"kind": "unknown"}, {"message": {}}, {"made_up": 1},
                   {"suppressions": [{"status": "accepted"}]}):  # fmt: skip
        result = {**run["results"][0], **broken}
        log = {"version": "2.1.0", "runs": [{"tool": run["tool"], "results": [result]}]}
        assert not VALIDATOR.is_valid(log), broken


def test_passes_are_left_out_and_the_others_keep_apart(framed: Assessment) -> None:
    results = run_of(framed)["results"]
    assert len(results) == len(framed.verdicts) - 1
    fail, muted, unknown = results[0], results[15], results[16]
    assert (fail["kind"], fail["level"], fail["properties"]["security-severity"]) == ("fail", "error", "9.5")
    assert "suppressions" not in fail
    assert muted["suppressions"] == [
        {"kind": "external", "status": "accepted", "justification": "Registered with the reseller"}
    ]
    assert (unknown["kind"], unknown["level"]) == ("open", "none")
    assert unknown["message"]["text"].endswith("could not be read. (access denied)")


def test_a_finding_keeps_its_identity_and_says_whether_it_is_new(sample: Assessment) -> None:
    results = run_of(sample)["results"]
    assert results[0]["partialFingerprints"]["sakimoriFinding/v1"] == sample.verdicts[0].id
    assert [results[at].get("baselineState") for at in (0, 1, 16)] == ["unchanged", "new", None]


def test_a_rule_explains_itself_in_the_language(framed: Assessment) -> None:
    [rule, *_] = run_of(framed, "ja")["tool"]["driver"]["rules"]
    assert rule["shortDescription"]["text"] == "ルートユーザーにアクセスキーがない"
    assert rule["name"] == "AwsIamRootNoAccessKey"
    assert "コンソールでの手順" in rule["help"]["text"]
    assert "```sh\naws s3api" in rule["help"]["markdown"]
    assert rule["properties"]["tags"] == ["security", "leaked-key", "example-baseline 1.1", "other-guide A-2"]
    assert rule["helpUri"].startswith("https://")


def test_what_could_not_be_read_is_notified(sample: Assessment) -> None:
    [invocation] = run_of(sample)["invocations"]
    assert invocation["executionSuccessful"] is True
    texts = [each["message"]["text"] for each in invocation["toolExecutionNotifications"]]
    assert any("guardduty:ListDetectors" in text for text in texts)


def test_a_message_neither_links_nor_has_places_to_fill(sample: Assessment) -> None:
    name = "{0} [here](https://evil.example) \\[x]"
    verdict = replace(sample.verdicts[0], message=Text(name, name))
    [result] = run_of(replace(sample, verdicts=[verdict]))["results"]
    assert result["message"]["text"] == "{{0}} \\[here\\](https://evil.example) \\\\\\[x\\]"


@pytest.mark.parametrize("name", ["..", ".", "../../etc/passwd", "/", "", "a//b", "C:\\x", "%2e%2e", "x" * 100_000])
def test_no_name_leads_out_of_the_tree(sample: Assessment, name: str) -> None:
    verdict = replace(sample.verdicts[0], resource=name)
    [result] = run_of(replace(sample, verdicts=[verdict]))["results"]
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert len(uri.split("/")) == 3
    assert all(part not in {"", ".", ".."} for part in uri.split("/"))
    assert len(uri) < 3000


def test_hostile_names_are_there_to_be_read(hostile: Assessment, hostile_texts: Sequence[str]) -> None:
    assert any(hostile_texts[0] in result["message"]["text"] for result in run_of(hostile)["results"])


def test_a_run_with_nothing_in_it_is_a_log(build: Callable[..., Assessment]) -> None:
    assert run_of(build([], rules=(), gaps=(), accounts=()))["results"] == []
