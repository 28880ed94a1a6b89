"""`sakimori findings` as a person types it."""

import csv
import io
import json
from pathlib import Path

import boto3
import pytest
from tests.app.company import use_credentials
from tests.cli.running import Sakimori
from tests.collect.conftest import FakeDoor, refused
from tests.findings.imported import samples

from sakimori.simulate.server import SimulatedAccount


@pytest.fixture
def export(tmp_path: Path) -> Path:
    path = tmp_path / "findings.jsonl"
    found = (samples.guardduty(), samples.guardduty(arn="arn:two", severity=8, type="Backdoor:EC2/Spambot"))
    path.write_text("\n".join(json.dumps(each) for each in found) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("lang", "first", "again"),
    [("en", "Read 2 findings: 2 new, 0 changed, 0 known already.", "0 new, 0 changed, 2 known already."),
     ("ja", "検出結果を 2 件読み込みました（新規 2 件、更新 0 件、変更なし 0 件）。", "変更なし 2 件")],
)  # fmt: skip
def test_a_file_is_imported_once(sakimori: Sakimori, export: Path, lang: str, first: str, again: str) -> None:
    done = sakimori("findings", "import", "guardduty", str(export), lang=lang)
    assert (done.code, done.err) == (0, "")
    assert first in done.out
    assert "sakimori findings list" in done.out
    assert again in sakimori("findings", "import", "auto", str(export), lang=lang).out


def test_a_bad_piece_is_told_with_file_and_line_and_leaves_with_code_3(sakimori: Sakimori, export: Path) -> None:
    export.write_text(export.read_text() + "{oops\n")
    done = sakimori("findings", "import", "guardduty", str(export))
    assert done.code == 3
    assert f"{export}:3 (byte " in done.err
    told = json.loads(sakimori("findings", "import", "guardduty", str(export), "--format", "json").out)
    assert told["schema"] == "sakimori.findings-import/1"
    assert (told["read"], told["new"], told["bad_count"], told["bad"][0]["reason"]) == (2, [], 1, "not_json")


@pytest.mark.slow
def test_what_was_imported_is_listed_in_every_form_and_shown(sakimori: Sakimori, export: Path) -> None:
    sakimori("findings", "import", "auto", str(export))
    assert "GuardDuty の検出結果: Backdoor:EC2/Spambot" in sakimori("findings", "list", lang="ja").out.replace("\n", "")
    listed = json.loads(sakimori("findings", "list", "--severity", "high", "--format", "json").out)
    (found,) = listed["findings"]
    told = found["detection"]
    assert listed["schema"] == "sakimori.findings/1"
    assert listed["counts"]["open"] == {"high": 1, "medium": 1}
    assert (found["rule"], found["severity"], found["state"]) == ("Backdoor:EC2/Spambot", "high", "open")
    assert (told["time_first"], told["count"], told["tactic"]) == ("2026-10-01T01:00:00Z", 7, "command-and-control")
    rows = list(csv.reader(io.StringIO(sakimori("findings", "list", "--format", "csv").out.removeprefix("\ufeff"))))
    assert (len(rows), rows[0][0], rows[1][0]) == (3, "Severity", "High")
    done = sakimori("findings", "show", found["id"][:10], lang="ja")
    assert done.code == 0
    assert "AWS による説明（英語）" in done.out.replace("\n", "")
    assert "198.51.100.7" in done.out


@pytest.mark.slow
def test_filters_find_what_they_say(sakimori: Sakimori, export: Path) -> None:
    sakimori("findings", "import", "auto", str(export))

    def rules(*arguments: str) -> list[str]:
        listed = json.loads(sakimori("findings", "list", "--format", "json", *arguments).out)
        return [each["rule"].partition(":")[0] for each in listed["findings"]]

    assert rules() == ["Backdoor", "UnauthorizedAccess"]
    assert rules("--rule", "backdoor:*") == ["Backdoor"]
    assert rules("--principal", "*user/alice", "--limit", "1") == ["Backdoor"]
    assert rules("--since", "2026-10-01T02:00:01") == []
    assert rules("--until", "2026-09-30") == []
    assert rules("--kind", "macie") == []
    assert rules("--account", samples.ACCOUNT, "--region", samples.REGION) == ["Backdoor", "UnauthorizedAccess"]


def test_nothing_to_read_an_unknown_id_and_a_missing_file_name_what_to_do(sakimori: Sakimori) -> None:
    assert "sakimori findings import auto --from-aws" in sakimori("findings", "import").err
    assert sakimori("findings", "show", "ffff").code == 2
    assert sakimori("findings", "import", "auto", "/nowhere/at/all").code == 2
    assert "There is nothing of that." in sakimori("findings", "list").out


def test_the_permissions_of_an_import_are_told(sakimori: Sakimori) -> None:
    policy = json.loads(sakimori("permissions", "--for", "findings-import").out)
    assert "guardduty:GetFindings" in policy["Statement"][0]["Action"]


@pytest.mark.slow
def test_an_account_is_asked_and_what_has_changed_is_read_again(sakimori: Sakimori) -> None:
    with SimulatedAccount() as simulated, pytest.MonkeyPatch.context() as patch:
        use_credentials(simulated, "owner", patch)
        client = boto3.Session().client("guardduty", region_name="us-east-1", endpoint_url=simulated.endpoint_url)
        detector = client.create_detector(Enable=True)["DetectorId"]
        client.create_sample_findings(DetectorId=detector)
        asked = ("findings", "import", "guardduty", "--from-aws", "--region", "us-east-1", "--format", "json")
        first = json.loads(sakimori(*asked).out)
        assert (first["read"], len(first["new"]), first["gaps"], first["is_whole"]) == (2, 2, [], True)
        client.create_sample_findings(DetectorId=detector, FindingTypes=["Recon:EC2/PortProbeUnprotectedPort"])
        again = json.loads(sakimori(*asked).out)
        assert (again["new"], len(again["changed"])) == ([], 1)
    listed = json.loads(sakimori("findings", "list", "--format", "json").out)["findings"]
    assert {(each["detection"]["confidence"], each["detection"]["evidence"]["is_sample"]) for each in listed} == {
        ("low", True)
    }


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_what_is_off_refused_or_no_finding_has_its_sentence(
    sakimori: Sakimori, export: Path, monkeypatch: pytest.MonkeyPatch, lang: str
) -> None:
    door = FakeDoor(
        {
            "guardduty:ListDetectors": refused(),
            "macie2:ListFindings": refused("AccessDeniedException", "Macie is not enabled."),
            "inspector2:ListFindings": {},
            "securityhub:GetFindings": {},
            "accessanalyzer:ListAnalyzers": {},
        }
    )
    monkeypatch.setattr("sakimori.cli.findings_import.open_doors", lambda *_, **__: (door,))
    export.write_text('{"eventName": "StopLogging"}\n', encoding="utf-8")
    done = sakimori("findings", "import", "auto", str(export), "--from-aws", lang=lang)
    assert done.code == 3
    said = {
        "en": ("Amazon Macie: off in us-east-1", "Unknown: GuardDuty in us-east-1", "no finding of this kind"),
        "ja": (
            "Amazon Macie: us-east-1 では無効です",
            "不明: us-east-1 の GuardDuty",
            "この種類の検出結果ではありません",
        ),
    }
    assert all(each in done.out + done.err for each in said[lang])
    assert "sakimori permissions --for findings-import" in done.err
