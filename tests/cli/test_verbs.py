"""Frameworks, attestations, explanations, reports and the next step, as a person types them.

Slow: each test starts the program on the simulated company.
"""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from tests.app.company import assess_company, use_credentials
from tests.cli.running import Sakimori
from tests.held_company import held_company

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def read_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which the company was read once, in one Region."""
    home = tmp_path_factory.mktemp("read")
    with pytest.MonkeyPatch.context() as patch:
        use_credentials(held_company(), "owner", patch)
        assess_company(held_company(), home, regions=("ap-northeast-1",))
    return home


@pytest.fixture
def assessed(sakimori: Sakimori, read_home: Path) -> Sakimori:
    """The command line over a copy of that home."""
    shutil.copytree(read_home, sakimori.home)
    return sakimori


def _only(*rules: str) -> list[str]:
    return [part for rule in rules for part in ("--rule", rule)]


def test_frameworks_are_listed_with_what_serves_them(sakimori: Sakimori) -> None:
    done = sakimori("frameworks", "list", "--format", "json")
    assert (done.code, done.err) == (0, "")
    listed = {each["id"]: each for each in json.loads(done.out)["frameworks"]}
    assert {"cis-1.2", "cis-1.4", "cis-3.0", "cis-5.0", "seed-first-day", "seed-four-blocks", "seed-must-fix-2023",
            "aws-key-reply", "prowler-5"} <= listed.keys()  # fmt: skip
    assert sum(listed["cis-5.0"]["counts"].values()) == 63
    assert sum(listed["seed-must-fix-2023"]["counts"].values()) == 33


@pytest.mark.parametrize(("lang", "word"), [("en", "Identity and access"), ("ja", "ID とアクセス管理")])
def test_a_framework_shows_every_requirement(sakimori: Sakimori, lang: str, word: str) -> None:
    done = sakimori("frameworks", "show", "cis-3.0", lang=lang)
    assert done.code == 0
    assert word in done.out
    shown = json.loads(sakimori("frameworks", "show", "cis-3.0", "--format", "json").out)
    assert len(shown["requirements"]) == 62
    assert all(each["rules"] or each["attest"] or each["reason"] for each in shown["requirements"])


def test_a_framework_that_is_not_there_is_told_with_the_nearest(sakimori: Sakimori) -> None:
    done = sakimori("assess", "--framework", "cis-5.1", "--snapshot", "latest")
    assert done.code == 2
    assert "cis-5.0" in done.err
    assert sakimori("frameworks", "show", "nonsense").code == 2


def test_a_framework_pins_its_own_thresholds(assessed: Sakimori) -> None:
    sakimori = assessed
    report = json.loads(sakimori("report", "--framework", "cis-5.0", "--format", "json").out)
    used = [each for each in report["verdicts"] if each["rule"] == "aws.iam.credential-used-recently"]
    assert used
    assert {each["evidence"]["max_idle_days"] for each in used if each["status"] == "fail"} == {45}
    (framework,) = report["frameworks"]
    assert framework["id"] == "cis-5.0"
    assert len(framework["requirements"]) == 63


@pytest.mark.parametrize("form", ["html", "xlsx", "asff", "sarif", "junit", "markdown", "csv", "ocsf", "json"])
def test_a_stored_snapshot_is_reported_in_every_format_without_aws(
    assessed: Sakimori, tmp_path: Path, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sakimori = assessed
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    target = tmp_path / f"report.{form}"
    done = sakimori("report", "--framework", "seed-must-fix-2023", "--format", form, "--output", str(target))
    assert (done.code, done.out) == (0, ""), done.err
    assert target.stat().st_size > 1_000


def test_a_question_is_signed_shown_due_and_withdrawn(sakimori: Sakimori, tmp_path: Path) -> None:
    question, account = "root-mail-is-group-address", ("--account", "123456789012")
    evidence = tmp_path / "mail.eml"
    evidence.write_text("seen", encoding="utf-8")
    due = json.loads(sakimori("attest", "due", *account, "--format", "json").out)["attestations"]
    assert question in {each["question"] for each in due}
    done = sakimori(
        "attest", "sign", question, "--signer", "佐藤花子", *account, "--evidence", str(evidence), lang="ja"
    )
    assert done.code == 0
    assert "佐藤花子" in done.out
    listed = json.loads(sakimori("attest", "list", *account, "--format", "json").out)["attestations"]
    (signed,) = [each for each in listed if each["question"] == question]
    assert (signed["signer"], signed["due"], signed["evidence_name"]) == ("佐藤花子", False, "mail.eml")
    assert len(signed["evidence_sha256"]) == 64
    assert signed["asked_by"]
    assert "佐藤花子" in sakimori("attest", "show", question, *account).out
    assert question in sakimori("attest", "due", "--within", "400d", *account).out
    assert question not in sakimori("attest", "due", *account).out
    assert sakimori("attest", "withdraw", question, *account).code == 0
    assert question in sakimori("attest", "due", *account).out


@pytest.mark.parametrize(
    "arguments",
    [
        ("sign", "no-such-question", "--signer", "x", "--account", "123456789012"),
        ("sign", "training-done", "--signer", "", "--account", "123456789012"),
        ("sign", "training-done", "--signer", "x", "--account", "1234"),
        ("sign", "training-done", "--signer", "x"),
        ("sign", "training-done", "--signer", "x", "--account", "123456789012", "--valid-days", "5000"),
        ("sign", "training-done", "--signer", "x", "--account", "123456789012", "--evidence", "/nowhere/x"),
        ("sign", "training-done", "--account", "123456789012"),
        ("due", "--within", "soon", "--account", "123456789012"),
    ],
)
def test_what_cannot_be_signed_is_refused_with_a_sentence(sakimori: Sakimori, arguments: tuple[str, ...]) -> None:
    done = sakimori("attest", *arguments)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("sakimori: ")


def test_a_signature_counts_as_attested_and_never_as_passed(assessed: Sakimori) -> None:
    sakimori = assessed

    def status() -> str:
        (framework,) = json.loads(sakimori("report", "--framework", "seed-first-day", "--format", "json").out)[
            "frameworks"
        ]
        (found,) = [each["status"] for each in framework["requirements"] if each["id"] == "HB02"]
        return str(found)

    assert status() == "to_attest"
    sakimori("attest", "sign", "root-mail-is-group-address", "--signer", "x")
    assert status() == "attested"


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_a_rule_is_explained_whole(sakimori: Sakimori, lang: str) -> None:
    done = sakimori("explain", "aws.s3.bucket-public-access-blocked", lang=lang)
    assert done.code == 0
    assert "aws s3api put-public-access-block --bucket <name>" in done.out
    assert "cis-5.0" in done.out
    told = json.loads(sakimori("explain", "aws.s3.bucket-public-access-blocked", "--format", "json").out)
    assert told["undo"]["ja"]
    assert told["story"] == "exposed-service"
    assert {"framework": "seed-must-fix-2023", "requirement": "S3.8"} in told["frameworks"]


def test_a_finding_is_explained_by_the_beginning_of_its_id(assessed: Sakimori) -> None:
    sakimori = assessed
    report = json.loads(sakimori("assess", "--snapshot", "latest", *_only("aws.s3.bucket-*"), "--format", "json").out)
    failing: list[dict[str, Any]] = [each for each in report["verdicts"] if each["status"] == "fail"]
    finding = next(each for each in failing if each["rule"] == "aws.s3.bucket-public-access-blocked")
    done = sakimori("explain", finding["id"][:12])
    assert done.code == 0
    name = finding["resource"].rpartition(":")[2]
    assert f"--bucket {name} " in done.out
    assert sakimori("explain", "abcdef").code == 2
    assert sakimori("explain", "aws.s3.nothing").code == 2


@pytest.mark.parametrize(("lang", "act"), [("en", "2 days"), ("ja", "必須防止対策")])
def test_next_shows_the_clock_the_blocks_and_one_step(assessed: Sakimori, lang: str, act: str) -> None:
    sakimori = assessed
    done = sakimori("next", lang=lang)
    assert done.code == 0
    assert act in done.out
    assert "$ sakimori explain aws." in done.out
    told = json.loads(sakimori("next", "--format", "json").out)
    assert len(told["blocks"]) == 4
    before, after = told["step"]["controls"]
    assert 0 <= before < after <= 1
    before, after = told["step"]["risk_weighted"]
    assert 0 <= before < after <= 1


def test_without_a_snapshot_the_next_command_is_named(sakimori: Sakimori) -> None:
    for verb in ("next", "report"):
        done = sakimori(verb)
        assert done.code == 2
        assert "sakimori assess" in done.err or "sakimori collect" in done.err


def _own_framework(directory: Path, name: str, body: str) -> Path:
    (directory / "frameworks").mkdir(parents=True, exist_ok=True)
    path = directory / "frameworks" / f"{name}.yaml"
    head = f"id: {name}\ntitle: {{en: Mine, ja: 私の}}\nversion: '1'\npublished_on: 2026-01-01\nsource: https://example.com/\n"
    path.write_text(head + body, encoding="utf-8")
    return path


MFA = "aws.iam.root-mfa-enabled"


def test_a_fault_of_an_own_framework_is_told_wherever_frameworks_are_read(assessed: Sakimori, tmp_path: Path) -> None:
    path = _own_framework(tmp_path / "own", "mine", "requirements: [{id: a, rules: [aws.iam.rot-mfa-enabled]}]\n")
    clash = _own_framework(tmp_path / "own", "cis-5.0", f"requirements: [{{id: a, rules: [{MFA}]}}]\n")
    sakimori = assessed
    own = ("--rules-dir", str(tmp_path / "own"))
    asked = sakimori("report", "--framework", "mine", *own)
    assert asked.code == 2
    assert str(path) in asked.err
    for done in (
        sakimori("report", "--framework", "cis-5.0", *own, "--format", "json"),
        sakimori("assess", "--snapshot", "latest", *_only(MFA), *own, "--format", "json"),
    ):
        assert done.code == 2
        assert f"{path}:6: " in done.err
        assert f"{clash}:1: " in done.err
        assert json.loads(done.out)


def test_what_is_no_file_is_no_framework_and_nobody_waits_for_it(sakimori: Sakimori, tmp_path: Path) -> None:
    (tmp_path / "own" / "frameworks").mkdir(parents=True)
    os.mkfifo(tmp_path / "own" / "frameworks" / "a.yaml")
    assert sakimori("frameworks", "list", "--rules-dir", str(tmp_path / "own")).code == 0


def test_a_requirements_id_is_no_markup(sakimori: Sakimori, tmp_path: Path) -> None:
    _own_framework(tmp_path / "own", "mine", f"requirements: [{{id: '[/x]', rules: [{MFA}]}}]\n")
    done = sakimori("frameworks", "show", "mine", "--rules-dir", str(tmp_path / "own"))
    assert done.code == 0
    assert "[/x]" in done.out


def test_a_framework_named_twice_is_answered_once(assessed: Sakimori) -> None:
    sakimori = assessed
    twice = ("--framework", "cis-5.0", "--framework", "cis-5.0")
    done = sakimori("assess", "--snapshot", "latest", *_only(MFA), *twice, "--format", "json")
    assert [each["id"] for each in json.loads(done.out)["frameworks"]] == ["cis-5.0"]


def test_signatures_go_where_the_configuration_has_the_store(assessed: Sakimori, tmp_path: Path) -> None:
    sakimori = assessed
    sakimori.configure(f'state = "{tmp_path / "team.db"}"\n')
    assert sakimori("attest", "sign", "root-mail-is-group-address", "--signer", "x").code == 0
    (framework,) = json.loads(sakimori("report", "--framework", "seed-first-day", "--format", "json").out)["frameworks"]
    assert [each["status"] for each in framework["requirements"] if each["id"] == "HB02"] == ["attested"]
    assert "x, " in sakimori("attest", "show", "root-mail-is-group-address").out
    assert "root-mail-is-group-address" not in sakimori("attest", "due").out


def test_own_frameworks_are_where_the_configuration_says(sakimori: Sakimori, tmp_path: Path) -> None:
    _own_framework(tmp_path / "own", "mine", f"requirements: [{{id: a, rules: [{MFA}]}}]\n")
    sakimori.configure(f'rules_dir = "{tmp_path / "own"}"\n')
    assert sakimori("frameworks", "show", "mine").code == 0


@pytest.mark.parametrize("span", ["999999d", "999999w"])
def test_a_span_beyond_all_time_is_a_span(sakimori: Sakimori, span: str) -> None:
    assert sakimori("attest", "due", "--account", "123456789012", "--within", span).code == 4
