"""`sakimori suppress` and `sakimori noise` as a person types them."""

import json
import shlex
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.cli.running import Sakimori
from tests.findings.suppression.world import ROLE, RULE, detection

from sakimori.app.clock import utc_now
from sakimori.findings.detections import record_detections
from sakimori.findings.triage import Decision, Doing, decide
from sakimori.model.detection import Detection
from sakimori.model.triage import Disposition
from sakimori.simulate.server import SimulatedAccount
from sakimori.state.store import open_store
from sakimori.texts.language import LANGUAGES

WHY = ("--reason", "The backup reads them each night", "--owner", "sato", "--ticket", "OPS-1")


def nights(**words: Any) -> list[Detection]:
    last = utc_now().astimezone(UTC).replace(microsecond=0)
    return [detection(last - timedelta(days=days), **words) for days in (4, 3, 2)]


def held(sakimori: Sakimori, *told: Detection, as_: Disposition | None = Disposition.BENIGN) -> list[str]:
    sakimori.home.mkdir(exist_ok=True)
    with open_store(sakimori.home / "state.db") as store, store.begin() as connection:
        for each in told:
            record_detections(connection, [each], each.first_at)
            if as_:
                decision = Decision(disposition=as_, reason="nightly backup", owner="sato")
                decide(connection, each.id, decision, Doing("tanaka", each.last_at))
    return [each.id for each in told]


def from_(ids: list[str]) -> list[str]:
    return [word for each in ids for word in ("--from", each[:12])]


@pytest.fixture
def ids(sakimori: Sakimori) -> list[str]:
    sakimori.configure('[team]\nmembers = ["sato", "tanaka"]\n')
    return held(sakimori, *nights())


def listed(sakimori: Sakimori, *more: str) -> list[dict[str, Any]]:
    told = json.loads(sakimori("suppress", "list", "--format", "json", *more).out)
    assert told["schema"] == "sakimori.suppressions/1"
    return told["suppressions"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_dry_run_shows_everything_and_keeps_nothing(sakimori: Sakimori, ids: list[str], lang: str) -> None:
    done = sakimori("suppress", "add", *from_(ids), *WHY, "--dry-run", lang=lang)
    assert done.code == 0, done.err
    for word in (RULE, ROLE, "3", {"en": "is in order", "ja": "問題はありません"}[lang]):
        assert word in done.out
    assert listed(sakimori) == []


@pytest.mark.slow
def test_a_suppression_lives_from_finding_to_end(sakimori: Sakimori, ids: list[str]) -> None:
    done = sakimori("suppress", "add", *from_(ids), *WHY, "--until", "30d")
    assert done.code == 0, done.err
    (kept,) = listed(sakimori)
    assert (kept["state"], kept["criteria"]["principal"], kept["created_from"]) == ("holds", {"equals": [ROLE]}, ids)
    assert kept["expires_on"] == (utc_now().date() + timedelta(days=30)).isoformat()
    assert "is kept already" in sakimori("suppress", "add", *from_(ids), *WHY, "--until", "30d").out
    assert sakimori("suppress", "lint").code == 0
    assert sakimori("suppress", "preview", kept["id"]).code == 0
    assert json.loads(sakimori("findings", "list", "--format", "json").out)["findings"] == []
    ended = sakimori("suppress", "expire", kept["id"], "--reason", "the backup is gone", lang="ja")
    assert "終了しました" in ended.out
    assert listed(sakimori) == []
    assert [each["state"] for each in listed(sakimori, "--all")] == ["ended"]
    due = json.loads(sakimori("suppress", "expire", "--due", "--format", "json").out)
    assert [each["id"] for each in due["suppressions"]] == [kept["id"]]


@pytest.mark.slow
@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_would_have_hidden_a_true_positive_is_refused(sakimori: Sakimori, ids: list[str], lang: str) -> None:
    (true,) = held(sakimori, detection(utc_now() - timedelta(days=10)), as_=Disposition.TRUE)
    done = sakimori("suppress", "add", *from_(ids), *WHY, lang=lang)
    assert done.code == 2
    assert "SUP010" in done.out
    assert true[:12] in done.out
    assert done.err != ""
    assert listed(sakimori) == []


@pytest.mark.slow
def test_a_preview_of_a_file_that_is_refused_leaves_with_code_4(
    sakimori: Sakimori, ids: list[str], tmp_path: Path
) -> None:
    held(sakimori, detection(utc_now() - timedelta(days=10)), as_=Disposition.TRUE)
    file = tmp_path / "s.yaml"
    entry = {"source": "sakimori", "criteria": {"rule": RULE, "principal": ROLE}, "reason": "r", "owner": "sato"}
    file.write_text(yaml.safe_dump([entry]))
    done = sakimori("suppress", "preview", str(file))
    assert done.code == 4
    for number in range(1, 15):
        assert f"SUP{number:03}" in done.out
    told = json.loads(sakimori("suppress", "preview", str(file), "--format", "json").out)
    assert told["schema"] == "sakimori.suppressions-judged/1"
    (judged,) = told["judged"]
    assert judged["is_refused"] is True
    assert {each["check"] for each in judged["faults"] if each["level"] == "error"} == {"SUP001", "SUP010"}
    assert {each["disposition"] for each in judged["would_hide"]} == {"benign", "true"}
    assert sakimori("suppress", "lint", str(file)).code == 4


@pytest.mark.slow
def test_what_a_list_shows_as_yaml_is_a_file_to_add(sakimori: Sakimori, ids: list[str], tmp_path: Path) -> None:
    sakimori("suppress", "add", *from_(ids), *WHY)
    file = tmp_path / "s.yaml"
    file.write_text(sakimori("suppress", "list", "--format", "yaml").out, encoding="utf-8")
    done = sakimori("suppress", "add", "--file", str(file))
    assert done.code == 0, done.err
    assert "is kept already" in done.out
    assert len(listed(sakimori)) == 1


def test_criteria_of_ones_own_take_the_place_of_what_was_found(sakimori: Sakimori, ids: list[str]) -> None:
    asked = ("--field", "principal~arn:aws:iam::*:role/back*", "--field", "resource=arn:aws:s3:::backups")
    done = sakimori("suppress", "add", *from_(ids), *WHY, *asked, "--dry-run", "--format", "json")
    (judged,) = json.loads(done.out)["judged"]
    assert judged["suppression"]["criteria"]["principal"] == {"matches": ["arn:aws:iam::*:role/back*"]}
    assert judged["is_refused"] is False
    refused = sakimori("suppress", "add", *from_(ids), *WHY, "--field", "principle=x")
    assert (refused.code, "principal" in refused.err) == (2, True)


@pytest.mark.slow
def test_a_rule_is_turned_off_with_evidence(sakimori: Sakimori, ids: list[str]) -> None:
    off = ("suppress", "add", "--disable-rule", "aws.macie.session-enabled", *WHY, "--until", "365d")
    assert sakimori(*off).code == 2
    typed = sakimori("suppress", "add", "--disable-rule", "aws.macie.session-enable", "--evidence", "none", *WHY)
    assert (typed.code, "aws.macie.session-enable" in typed.err) == (2, True)
    done = sakimori(*off, "--evidence", "No bucket holds personal data (review 2026-10)")
    assert done.code == 0, done.err
    assert [(each["action"], each["criteria"]) for each in listed(sakimori)] == [
        ("disable", {"rule": {"equals": ["aws.macie.session-enabled"]}})
    ]


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("add",), "--from"),
        (("add", "--from", "abc", "--disable-rule", "x"), "--from"),
        (("add", "--from", "abc"), "abc"),
        (("add", "--disable-rule", "x", "--until", "soon"), "soon"),
        (("preview", "nothing"), "nothing"),
        (("expire",), "--due"),
        (("expire", "nothing", "--reason", "x"), "nothing"),
        (("expire", "nothing"), "--reason"),
    ],
)
def test_what_cannot_be_done_says_what_to_type(sakimori: Sakimori, arguments: tuple[str, ...], word: str) -> None:
    done = sakimori("suppress", *arguments)
    assert (done.code, done.out) == (2, "")
    assert word in done.err


@pytest.mark.slow
def test_noise_gives_a_command_that_works_and_a_file_that_works(
    sakimori: Sakimori, ids: list[str], tmp_path: Path
) -> None:
    held(sakimori, *nights(principal=f"{ROLE}-2"), as_=None)
    for lang in LANGUAGES:
        done = sakimori("noise", lang=lang)
        assert done.code == 0, done.err
        assert f"{ROLE}-2" in done.out
    told = json.loads(sakimori("noise", "--format", "json").out)
    assert told["schema"] == "sakimori.noise/1"
    assert [(each["count"], each["about"]) for each in told["settled"]] == [(3, ROLE)]
    assert [each["about"] for each in told["undecided"]] == [f"{ROLE}-2"]
    file = tmp_path / "s.yaml"
    file.write_text(sakimori("noise", "--format", "yaml").out, encoding="utf-8")
    assert sakimori("suppress", "add", "--file", str(file), "--dry-run").code == 0
    (command,) = [line for line in sakimori("noise").out.splitlines() if "sakimori suppress add" in line]
    assert sakimori(*shlex.split(command)[1:]).code == 0
    assert json.loads(sakimori("noise", "--format", "json").out)["settled"] == []


@pytest.mark.slow
def test_hostile_names_neither_break_a_line_nor_a_file(sakimori: Sakimori) -> None:
    name = "arn:aws:iam::111122223333:role/\x1b[31m<!channel>\n- id: owned\u202e'\"`$(id)"
    sakimori.configure('[team]\nmembers = ["sato"]\n')
    ids = held(sakimori, *nights(principal=name))
    for arguments in (("suppress", "add", *from_(ids), *WHY), ("suppress", "list"), ("noise",), ("suppress", "lint")):
        done = sakimori(*arguments)
        assert done.code == 0, done.err
        assert not {"\x1b", "\u202e"} & set(done.out)
        assert not any(line.startswith("- id: owned") for line in done.out.splitlines())
    (kept,) = yaml.safe_load(sakimori("suppress", "list", "--format", "yaml").out)
    assert kept["criteria"]["principal"]["equals"] == [name]


@pytest.mark.slow
def test_a_sync_shows_what_the_company_has_silenced(sakimori: Sakimori, as_owner: SimulatedAccount) -> None:
    for lang in LANGUAGES:
        done = sakimori("suppress", "sync", "--region", "ap-northeast-1", lang=lang)
        assert done.code == 0, done.err
        assert "aws guardduty delete-filter" in done.out
        assert "public-buckets" in done.out
    told = json.loads(sakimori("suppress", "sync", "--region", "ap-northeast-1", "--format", "json").out)
    assert told["schema"] == "sakimori.suppressions-sync/1"
    assert told["is_in_line"] is False
    by_name = {each["name"]: {fault["check"] for fault in each["faults"]} for each in told["lines"]}
    assert {"SUP004", "SUP005", "SUP008", "SUP009"} <= by_name["public-buckets"]
    assert {"SUP004", "SUP009"} <= by_name["監査前"]
    verbs = ("Create", "Update", "Delete", "BatchUpdate", "BatchDelete")
    assert not [call for call in as_owner.calls if call.operation.rpartition(":")[2].startswith(verbs)]


@pytest.mark.slow
def test_assess_shows_what_is_suppressed_and_what_is_off_as_muted(
    sakimori: Sakimori, as_owner: SimulatedAccount
) -> None:
    rule = "aws.s3.bucket-public-access-blocked"
    assess = ("assess", "--region", "ap-northeast-1", "--rule", rule, "--format", "json")

    def muted(*more: str) -> list[str | None]:
        told = json.loads(sakimori(*assess, *more).out)
        return [each["muted"] and each["muted"]["reason"] for each in told["verdicts"] if each["status"] == "fail"]

    before = muted()
    assert before
    assert set(before) == {None}
    evidence = ("--evidence", "Every bucket is for publishing (review 2026-10)", "--approved-by", "suzuki")
    done = sakimori("suppress", "add", "--disable-rule", rule, *WHY, *evidence, "--until", "14d")
    assert done.code == 0, done.out + done.err
    assert set(muted("--snapshot", "latest")) == {WHY[1]}
