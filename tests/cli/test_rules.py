"""Rules of both kinds, as a person lists, shows, checks and begins them."""

import json
import re
import sys
from pathlib import Path

import pytest
from tests.cli.running import Sakimori

POSTURE = """\
id: my.s3.bucket-named
severity: low
title: {en: A bucket has a name, ja: バケットに名前がある}
why: {en: Why not., ja: 理由です。}
judges: aws_s3_bucket
query: |
  select t.account_id, t.region, t.arn as resource, t.block_public_acls as compliant from aws_s3_bucket as t
fail: {en: "{resource} is not.", ja: "{resource} は違います。"}
fix: {en: Do it., ja: 直します。}
references: []
examples:
  - {name: right, given: {aws_s3_bucket: [{arn: a, block_public_acls: true}]}, expect: {a: pass}}
  - {name: wrong, given: {aws_s3_bucket: [{arn: a, block_public_acls: false}]}, expect: {a: fail}}
  - {name: not known, given: {aws_s3_bucket: [{arn: a}]}, expect: {a: unknown}}
"""
DETECTION = """\
title: A user is made
name: {name}
logsource: {{product: aws, service: cloudtrail}}
detection:
    selection:
        eventName: CreateUser
    condition: selection
level: high
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A directory with a rule of posture, a framework, and detections under both endings."""
    own = tmp_path / "own"
    (own / "frameworks").mkdir(parents=True)
    (own / "bucket_named.yaml").write_text(POSTURE, encoding="utf-8")
    (own / "my_first.yml").write_text(DETECTION.format(name="my-first"), encoding="utf-8")
    (own / "my_second.yaml").write_text(DETECTION.format(name="my-second"), encoding="utf-8")
    framework = "id: mine\ntitle: {en: Mine, ja: 自社}\nversion: '1'\npublished_on: 2026-01-01\nsource: https://example.com/\nrequirements: [{id: a, rules: [my.s3.bucket-named]}]\n"
    (own / "frameworks" / "mine.yaml").write_text(framework, encoding="utf-8")
    return own


def test_rules_of_both_kinds_are_listed(sakimori: Sakimori) -> None:
    done = sakimori("rules", "list", "--format", "json")
    assert (done.code, done.err) == (0, "")
    by_id = {each["id"]: each for each in json.loads(done.out)["rules"]}
    assert by_id["aws.iam.root-mfa-enabled"]["kind"] == "posture"
    stopped = by_id["cloudtrail-logging-stopped"]
    assert (stopped["kind"], stopped["tactic"], stopped["technique"]) == ("detection", "defense-evasion", "T1562.008")
    assert stopped["logs"] == ["aws_cloudtrail_event"]
    assert by_id["user-made-with-admin-and-key"]["logs"] == ["aws_cloudtrail_event"]


@pytest.mark.parametrize(("kind", "there", "missing"), [
    ("posture", "aws.iam.root-mfa-enabled", "cloudtrail-logging-stopped"),
    ("detection", "cloudtrail-logging-stopped", "aws.iam.root-mfa-enabled"),
])  # fmt: skip
def test_only_rules_of_one_kind_are_listed_when_asked(sakimori: Sakimori, kind: str, there: str, missing: str) -> None:
    for form in ("table", "json"):
        done = sakimori("rules", "list", "--kind", kind, "--format", form)
        assert done.code == 0
        assert there in done.out
        assert missing not in done.out


def test_building_blocks_are_counted_and_not_listed(sakimori: Sakimori) -> None:
    done = sakimori("rules", "list", "--kind", "detection")
    assert "console-login-failed " not in done.out
    assert re.search(r"Not listed: \d+ building blocks", done.out)


@pytest.mark.parametrize(("lang", "words"), [
    ("en", ["Why it matters", "May be harmless if", "Logs", "Examples", "Response playbook"]),
    ("ja", ["なぜ重要か", "問題ない可能性がある場合", "対象のログ", "例（", "対応プレイブック"]),
])  # fmt: skip
def test_a_detection_is_shown_with_all_that_decides_about_it(sakimori: Sakimori, lang: str, words: list[str]) -> None:
    done = sakimori("rules", "show", "cloudtrail-logging-stopped", lang=lang)
    assert (done.code, done.err) == (0, "")
    told = [*words, "T1562.008", "aws_cloudtrail_event", "condition: selection", "restart-logging", "https://"]
    assert [each for each in told if each not in done.out] == []
    assert "title:" not in done.out


@pytest.mark.parametrize(("lang", "word"), [("en", "over at least 3 tactics"), ("ja", "3 種類以上の戦術")])
def test_the_risk_that_adds_up_is_shown_though_no_file_holds_it(sakimori: Sakimori, lang: str, word: str) -> None:
    done = sakimori("rules", "show", "risk-accumulated", lang=lang)
    assert (done.code, done.err) == (0, "")
    assert word in done.out.replace("\n", "")
    assert "risk-accumulated" in sakimori("rules", "show", "risk-acumulated").err


def test_a_correlation_a_shape_and_a_first_time_are_shown_in_words(sakimori: Sakimori) -> None:
    assert "timespan: 1h" in sakimori("rules", "show", "user-made-with-admin-and-key").out
    assert "regions ≥ 4" in sakimori("rules", "show", "compute-over-many-regions").out
    assert "within 90 days" in sakimori("rules", "show", "audit-tool-used-first-time").out
    assert "building block" in sakimori("rules", "show", "console-login-failed").out


def test_one_document_of_a_file_of_many_is_shown_alone(sakimori: Sakimori) -> None:
    shown = sakimori("rules", "show", "console-login-guessing").out
    assert "correlation:" in shown
    assert "detection:" not in shown


def test_a_rule_that_is_not_there_is_told_with_the_nearest_of_either_kind(sakimori: Sakimori) -> None:
    for wrong, right in (
        ("cloudtrail-loging-stopped", "cloudtrail-logging-stopped"),
        ("aws.iam.rot-mfa-enabled", "aws.iam.root-mfa-enabled"),
    ):
        done = sakimori("rules", "show", wrong)
        assert done.code == 2
        assert right in done.err


@pytest.mark.slow
def test_a_directory_of_ones_own_may_hold_both_kinds_and_frameworks(sakimori: Sakimori, own: Path) -> None:
    done = sakimori("rules", "list", "--rules-dir", str(own), "--format", "json")
    assert (done.code, done.err) == (0, "")
    mine = {each["id"]: each["kind"] for each in json.loads(done.out)["rules"] if not each["is_own"]}
    assert mine == {"my.s3.bucket-named": "posture", "my-first": "detection", "my-second": "detection"}
    assert sakimori("rules", "show", "my-second", "--rules-dir", str(own)).code == 0
    assert sakimori("rules", "show", "my.s3.bucket-named", "--rules-dir", str(own)).code == 0
    assert sakimori("frameworks", "show", "mine", "--rules-dir", str(own)).code == 0


@pytest.mark.slow
def test_examples_of_one_detection_run_by_its_name(sakimori: Sakimori, own: Path) -> None:
    """Slow: all detections are loaded."""
    done = sakimori("rules", "test", "cloudtrail-logging-stopped")
    assert (done.code, done.err) == (0, "")
    assert "1 rules" in done.out
    assert sakimori("rules", "test", "my-first", "--rules-dir", str(own)).code == 0


@pytest.mark.slow
def test_a_faulty_detection_of_ones_own_is_told_with_its_line_and_the_others_are_listed(
    sakimori: Sakimori, own: Path
) -> None:
    (own / "blind.yml").write_text(DETECTION.format(name="blind").replace("eventName", "evntName"), encoding="utf-8")
    done = sakimori("rules", "list", "--kind", "detection", "--rules-dir", str(own))
    assert done.code == 2
    assert "blind.yml:6:" in done.err
    assert "my-first" in done.out


@pytest.mark.slow
def test_a_new_detection_needs_only_its_sentences(sakimori: Sakimori, tmp_path: Path) -> None:
    done = sakimori("rules", "new", "my-user-made", "--detection", "--directory", str(tmp_path))
    assert done.code == 0
    path = tmp_path / "my_user_made.yml"
    assert str(path) in done.out
    assert sakimori("rules", "check", str(path)).code == 2
    path.write_text(path.read_text(encoding="utf-8").replace("… ", ""), encoding="utf-8")
    done = sakimori("rules", "check", str(path))
    assert (done.code, done.err) == (0, "")


@pytest.mark.parametrize(
    "arguments", [("my-rule",), ("my-rule", "--detection", "--judges", "aws_s3_bucket"), ("My Rule", "--detection")]
)
def test_a_new_rule_of_no_kind_of_two_kinds_or_without_a_name_is_wrong_usage(
    sakimori: Sakimori, arguments: tuple[str, ...], tmp_path: Path
) -> None:
    assert sakimori("rules", "new", *arguments, "--directory", str(tmp_path)).code == 2
    assert list(tmp_path.glob("*.y*ml")) == []


@pytest.mark.slow
def test_without_the_extra_rules_of_posture_are_listed_and_detections_are_said_to_be_missing(
    sakimori: Sakimori, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "sigma", None)
    done = sakimori("rules", "list")
    assert done.code == 0
    assert "aws.iam.root-mfa-enabled" in done.out
    assert "'.[detect]'" in done.err
    for arguments in (("list", "--kind", "detection"), ("coverage",), ("show", "cloudtrail-logging-stopped")):
        done = sakimori("rules", *arguments)
        assert done.code == 2
        assert "Traceback" not in done.err


@pytest.mark.parametrize(("lang", "words"), [("en", "Defense evasion"), ("ja", "防御回避")])
def test_coverage_counts_by_tactic_and_family(sakimori: Sakimori, lang: str, words: str) -> None:
    done = sakimori("rules", "coverage", lang=lang)
    assert (done.code, done.err) == (0, "")
    assert words in done.out
    assert "233" in done.out
    assert "The MITRE Corporation" in done.out


@pytest.mark.slow
def test_coverage_shows_every_entry_with_its_rules_or_the_reason(sakimori: Sakimori) -> None:
    brief, whole = (sakimori("rules", "coverage", "guardduty", *more) for more in ((), ("--all",)))
    assert "Stealth:IAMUser/CloudTrailLoggingDisabled" not in brief.out
    assert re.search(
        r"^Stealth:IAMUser/CloudTrailLoggingDisabled\n  cloudtrail-logging-stopped *$", whole.out, re.MULTILINE
    )
    assert "By import only:" in whole.out
    assert "needs:" in whole.out


def test_coverage_as_json_has_every_entry_and_both_languages(sakimori: Sakimori) -> None:
    found = json.loads(sakimori("rules", "coverage", "attack", "--format", "json").out)
    assert found["schema"] == "sakimori.coverage/1"
    [attack] = found["maps"]
    assert attack["counts"]["all"] == sum(not each["is_beyond"] for each in attack["entries"])
    stopped = next(each for each in attack["entries"] if each["id"] == "T1562.008")
    assert "cloudtrail-logging-stopped" in stopped["rules"]
    assert all(each["rules"] or (each["reason"]["ja"] and each["reason"]["en"]) for each in attack["entries"])


def test_a_coverage_map_that_is_not_there_is_told_with_the_nearest(sakimori: Sakimori) -> None:
    done = sakimori("rules", "coverage", "atack")
    assert done.code == 2
    assert "attack" in done.err


@pytest.mark.slow
def test_a_rule_of_ones_own_counts_in_the_coverage_by_its_tags(sakimori: Sakimori, own: Path) -> None:
    text = DETECTION.format(name="my-third") + "tags: [attack.discovery, attack.t1654]\n"
    (own / "my_third.yml").write_text(text, encoding="utf-8")
    done = sakimori("rules", "coverage", "attack", "--rules-dir", str(own), "--format", "json")
    entries = json.loads(done.out)["maps"][0]["entries"]
    assert "my-third" in next(each for each in entries if each["id"] == "T1654")["rules"]
