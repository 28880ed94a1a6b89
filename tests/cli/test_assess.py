"""`sakimori assess`: what stands on which stream, and by which code it leaves.

Slow: each test starts the program on the simulated company.
"""

import json
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest
from tests.cli.running import Sakimori

from sakimori.simulate.faults import Fault, Kind
from sakimori.simulate.server import SimulatedAccount

pytestmark = pytest.mark.slow

REGION = "ap-northeast-1"
S3 = ("assess", "--region", REGION, "--rule", "aws.s3.bucket-*")
GOOD_RULE = """\
id: my.s3.bucket-named
severity: low
title: {en: A bucket has a name, ja: バケットに名前がある}
why: {en: Names help., ja: 名前は役に立ちます。}
judges: aws_s3_bucket
query: |
  select b.account_id, b.region, b.arn as resource, b.name <> '' as compliant from aws_s3_bucket as b
fail: {en: "{resource} has no name.", ja: "{resource} に名前がありません。"}
fix: {en: Name it., ja: 名前を付けます。}
examples:
  - {name: named, given: {aws_s3_bucket: [{arn: a, name: x}]}, expect: {a: pass}}
  - {name: nameless, given: {aws_s3_bucket: [{arn: a, name: ""}]}, expect: {a: fail}}
  - {name: not known, given: {aws_s3_bucket: [{arn: a}]}, expect: {a: unknown}}
"""


def test_json_on_standard_output_is_nothing_but_a_document_of_its_schema(
    sakimori: Sakimori, as_owner: SimulatedAccount
) -> None:
    done = sakimori(*S3, "--format", "json")
    assert done.code == 0
    document = json.loads(done.out)
    schema = json.loads((files("sakimori.outputs.report") / "schema" / "assess-1.schema.json").read_text("utf-8"))
    jsonschema.validate(document, schema)
    assert {verdict["status"] for verdict in document["verdicts"]} == {"pass", "fail"}


def test_fail_on_says_by_its_code_whether_something_as_bad_was_found(
    sakimori: Sakimori, as_owner: SimulatedAccount
) -> None:
    asked = ("assess", "--region", REGION, "--rule", "aws.s3.bucket-public-access-blocked", "--format", "json")
    done = sakimori(*asked)
    [rule] = json.loads(done.out)["rules"]
    assert rule["failed"] > rule["muted"] == 0
    assert done.code == 0
    latest = ("--snapshot", "latest", "--fail-on")
    assert sakimori(*asked, *latest, rule["severity"]).code == 4
    assert sakimori(*asked, *latest, "informational").code == 4
    worse = {"high": "critical", "medium": "high", "low": "medium"}[rule["severity"]]
    assert sakimori(*asked, *latest, worse).code == 0
    as_owner.faults.add(Fault(kind=Kind.DENY, match="s3:GetPublicAccessBlock"))
    assert sakimori(*asked, "--fail-on", worse).code == 3
    assert sakimori(*asked, "--fail-on", rule["severity"]).code == 3
    assert sakimori(*asked).code == 0


def test_output_may_be_given_twice_and_each_file_is_of_its_ending(
    sakimori: Sakimori, as_owner: SimulatedAccount, tmp_path: Path
) -> None:
    page, table = tmp_path / "report.html", tmp_path / "report.csv"
    done = sakimori(*S3, "--output", str(page), "--output", str(table))
    assert done.code == 0
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert "aws.s3." in table.read_text(encoding="utf-8")
    assert done.err.count("Report written") == 2
    assert done.out


def test_a_file_of_no_known_ending_is_refused_before_anything_is_read(
    sakimori: Sakimori, as_owner: SimulatedAccount, tmp_path: Path
) -> None:
    done = sakimori(*S3, "--output", str(tmp_path / "report.docx"))
    assert done.code == 2
    assert ".html" in done.err
    assert as_owner.calls == ()


def test_a_faulty_rule_among_good_ones_is_named_and_everything_else_is_told(
    sakimori: Sakimori, as_owner: SimulatedAccount, tmp_path: Path
) -> None:
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "bucket_named.yaml").write_text(GOOD_RULE, encoding="utf-8")
    bad = rules / "bad.yaml"
    bad.write_text(
        GOOD_RULE.replace("my.s3.bucket-named", "my.s3.bad").replace("b.name <> ''", "b.name - 1 > 0"), encoding="utf-8"
    )
    torn = rules / "torn.yaml"
    torn.write_text("id: [", encoding="utf-8")
    done = sakimori("assess", "--region", REGION, "--rule", "my.*", "--rule", "aws.s3.bucket-public-access-blocked", "--rules-dir", str(rules), "--format", "json")  # fmt: skip
    told = {verdict["rule"]: verdict["status"] for verdict in json.loads(done.out)["verdicts"]}
    assert done.code == 2, done.err
    assert told["my.s3.bucket-named"] == "pass"
    assert told["my.s3.bad"] == "unknown"
    assert any(rule.startswith("aws.s3.") for rule in told)
    assert f"{bad}:" in done.err
    assert f"{torn}:" in done.err


def test_an_existing_snapshot_is_judged_without_a_call(sakimori: Sakimori, as_owner: SimulatedAccount) -> None:
    made = sakimori("collect", "--region", REGION, "--table", "aws_s3_bucket")
    assert made.code == 0
    snapshot = made.out.strip()
    assert snapshot in sakimori("snapshots").out
    [line] = json.loads(sakimori("snapshots", "--format", "json").out)["snapshots"]
    assert (line["id"], line["accounts"]) == (snapshot, [as_owner.account_id])
    as_owner.forget_calls()
    done = sakimori(
        "assess", "--snapshot", "latest", "--rule", "aws.s3.bucket-public-access-blocked", "--format", "json"
    )
    assert json.loads(done.out)["snapshot"] == snapshot
    assert as_owner.calls == ()


def test_a_recent_snapshot_is_used_again_where_that_is_allowed(sakimori: Sakimori, as_owner: SimulatedAccount) -> None:
    first = json.loads(sakimori(*S3, "--format", "json").out)
    again = json.loads(sakimori(*S3, "--format", "json", "--max-age", "1h").out)
    anew = json.loads(sakimori(*S3, "--format", "json").out)
    assert first["snapshot"] == again["snapshot"] != anew["snapshot"]
    assert again["changes"]["new"] == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--rule", "aws.no.such"], "aws.no.such"),
        (["--region", "moon-1"], "moon-1"),
        (["--snapshot", "1999-01-01"], "1999-01-01"),
        (["--max-age", "soon"], "soon"),
        (["--account", "nobody"], "nobody"),
        (["--exclude-region", REGION, "--region", REGION], "--exclude-region"),
        (["--severity", "informational", "--rule", "aws.s3.bucket-public-access-blocked"], "--severity"),
    ],
)
def test_what_does_not_exist_is_named_in_a_sentence(
    sakimori: Sakimori, as_owner: SimulatedAccount, arguments: list[str], words: str
) -> None:
    for lang in ("en", "ja"):
        done = sakimori("assess", *arguments, lang=lang)
        assert (done.code, done.out) == (2, "")
        assert done.err.startswith("sakimori: ")
        assert words in done.err
        assert any(character > "\u3000" for character in done.err) == (lang == "ja")


MUTES = """\
[[mute]]
rule = "aws.s3.bucket-*"
resource = "{first}"
reason = "a public web site"
owner = "web team"
until = 2999-12-31
[[mute]]
rule = "aws.s3.bucket-public-access-blocked"
tag = "stage=sandbox"
reason = "sandboxes go at night"
until = 2999-12-31
[[mute]]
rule = "aws.s3.*"
reason = "until the move was over"
until = 2020-01-31
"""


def test_mutes_by_resource_and_by_tag_are_shown_as_muted_and_one_that_has_ended_is_told(
    sakimori: Sakimori, as_owner: SimulatedAccount
) -> None:
    asked = (
        "assess",
        "--region",
        REGION,
        "--rule",
        "aws.s3.bucket-public-access-blocked",
        "--format",
        "json",
        "--fail-on",
        "low",
    )
    before = sakimori(*asked)
    failed = [each["resource"] for each in json.loads(before.out)["verdicts"] if each["status"] == "fail"]
    assert len(failed) >= 2
    assert before.code == 4
    first, tagged = failed[:2]
    tags = {"TagSet": [{"Key": "stage", "Value": "sandbox"}]}
    as_owner.client("s3", region=REGION).put_bucket_tagging(Bucket=tagged.rpartition(":")[2], Tagging=tags)
    sakimori.configure(MUTES.format(first=first))
    done = sakimori(*asked)
    verdicts = {each["resource"]: each for each in json.loads(done.out)["verdicts"] if each["status"] == "fail"}
    assert verdicts.keys() == set(failed)
    assert verdicts[first]["muted"]["reason"] == "a public web site"
    assert verdicts[tagged]["muted"]["reason"] == "sandboxes go at night"
    assert all(verdicts[resource]["muted"] is None for resource in failed[2:])
    assert "number 3 ended on 2020-01-31" in done.err
    assert done.code == (4 if failed[2:] else 0)
    as_owner.client("s3", region=REGION).delete_bucket_tagging(Bucket=tagged.rpartition(":")[2])
