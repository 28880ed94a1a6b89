"""`sakimori iam inventory` and `sakimori iam powers` from a file, and on the simulated account."""

import csv
import errno
import io
import json
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TextIO

import click
import pytest
from click.testing import CliRunner, Result
from openpyxl import load_workbook
from tests.analysis.iam.power_world import ACCOUNT, ADMIN, allow, group, managed, role, role_arn, user
from tests.cli.running import Sakimori

from sakimori.app.clock import utc_now
from sakimori.cli import iam_inventory, iam_powers
from sakimori.model.errors import LakeError, SakimoriError, UsageError
from sakimori.simulate.server import SimulatedAccount


@pytest.fixture
def details(tmp_path: Path) -> Path:
    """A small account as the AWS CLI writes it."""
    path = tmp_path / "details.json"
    told = {
        "UserDetailList": [
            user("alice", attached=[ADMIN]),
            user("=cmd", allow("iam:PutUserPolicy"), Tags=[{"Key": "Owner", "Value": "=1+1"}]),
        ],
        "GroupDetailList": [group("void")],
        "RoleDetailList": [role("old", allow("s3:GetObject", "arn:aws:s3:::ledger/*"))],
        "Policies": [managed("free", allow("*"))],
    }
    path.write_text(json.dumps(told), encoding="utf-8")
    return path


def run(command: click.Command, home: Path, *arguments: object) -> Result:
    return CliRunner().invoke(command, [str(each) for each in arguments], obj=home)


def told(command: click.Command, home: Path, *arguments: object) -> dict[str, Any]:
    done = run(command, home, *arguments, "--format", "json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)  # type: ignore[no-any-return]


def kinds(found: dict[str, Any]) -> Sequence[str]:
    return [each["kind"] for each in found["items"]]


def session_event(name: str, at: datetime) -> dict[str, Any]:
    """What CloudTrail writes of a call by a session of the role."""
    issuer = {"type": "Role", "arn": role_arn(name), "accountId": ACCOUNT, "userName": name}
    return {
        "eventVersion": "1.09", "eventID": "6f1c2b0e-0000-4000-8000-000000000001", "eventTime": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "eventSource": "s3.amazonaws.com", "eventName": "ListBuckets", "awsRegion": "us-east-1", "eventType": "AwsApiCall",
        "recipientAccountId": ACCOUNT, "readOnly": True, "managementEvent": True, "sourceIPAddress": "203.0.113.5",
        "userIdentity": {
            "type": "AssumedRole", "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/i-1", "accountId": ACCOUNT,
            "sessionContext": {"sessionIssuer": issuer},
        },
    }  # fmt: skip


class TestInventory:
    def test_a_file_knows_no_credentials_and_that_is_said(self, tmp_path: Path, details: Path) -> None:
        found = told(iam_inventory.command, tmp_path, "--authorization-details", details)
        assert found["schema"] == "sakimori.iam_inventory/1"
        assert found["has_credentials"] is False
        assert "note_no_credentials" in found["notes"]
        assert kinds(found) == ["user", "user", "role", "group", "policy"]
        assert {each["use"] for each in found["items"] if each["kind"] == "user"} == {"unknown"}
        assert not any(each["call"] == "iam:DeleteUser" for each in found["steps"])

    def test_the_steps_are_in_both_languages(self, tmp_path: Path, details: Path) -> None:
        found = told(iam_inventory.command, tmp_path, "--authorization-details", details)
        messages = [each["message"] for each in found["steps"]]
        assert "Delete role old" in [each["en"] for each in messages]
        assert "ロール old を削除する" in [each["ja"] for each in messages]

    def test_a_name_that_is_a_formula_stays_text_in_csv(self, tmp_path: Path, details: Path) -> None:
        file = tmp_path / "inventory.csv"
        done = run(iam_inventory.command, tmp_path, "--authorization-details", details, "--output", file)
        assert done.exit_code == 0, done.output
        rows = list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8-sig"))))
        assert {row["Name"]: row["Owner"] for row in rows if row["Kind"] == "user"} == {"alice": "", "'=cmd": "'=1+1"}

    def test_a_workbook_has_the_table_the_steps_and_what_was_not_told(self, tmp_path: Path, details: Path) -> None:
        file = tmp_path / "inventory.xlsx"
        leavers = tmp_path / "left.txt"
        leavers.write_text("alice\nnobody\n", encoding="utf-8")
        done = run(
            iam_inventory.command, tmp_path, "--authorization-details", details, "--output", file, "--leavers", leavers
        )
        assert done.exit_code == 0, done.output
        book = load_workbook(file)
        assert book.sheetnames == ["Inventory", "Steps", "Leavers", "About"]
        names = [row[1].value for row in book["Inventory"].iter_rows(min_row=2)]
        assert "=cmd" in names
        assert all(cell.data_type != "f" for sheet in book for row in sheet.iter_rows() for cell in row)
        assert any("credential report" in str(row[0].value) for row in book["About"].iter_rows())

    def test_a_workbook_without_a_file_is_refused(self, tmp_path: Path, details: Path) -> None:
        done = run(iam_inventory.command, tmp_path, "--authorization-details", details, "--format", "xlsx")
        assert isinstance(done.exception, UsageError)

    def test_leavers_that_match_nobody_are_shown(self, tmp_path: Path, details: Path) -> None:
        leavers = tmp_path / "left.txt"
        leavers.write_bytes("alice\n山田 太郎\n".encode("cp932"))
        given = ("--authorization-details", details, "--leavers", leavers)
        found = told(iam_inventory.command, tmp_path, *given)["leavers"]
        assert [(each["line"], each["relation"], each["sureness"]) for each in found["matches"]] == [
            (1, "is", "likely")
        ]
        assert found["unmatched"] == [{"line": 2, "texts": ["山田 太郎"]}]
        assert "山田 太郎" in run(iam_inventory.command, tmp_path, *given).stdout

    def test_only_what_needs_attention_is_left_with_stale(self, tmp_path: Path, details: Path) -> None:
        found = told(iam_inventory.command, tmp_path, "--authorization-details", details, "--stale")
        assert {each["advice"] for each in found["items"]} <= {"look", "delete", "deactivate"}

    def test_an_event_in_the_lake_is_a_use_of_its_role(self, sakimori: Sakimori, details: Path, tmp_path: Path) -> None:
        at = utc_now() - timedelta(days=2)
        log = tmp_path / "events.json"
        log.write_text(json.dumps({"Records": [session_event("old", at)]}), encoding="utf-8")
        before = told(iam_inventory.command, sakimori.home, "--authorization-details", details)
        assert sakimori("ingest", "cloudtrail", str(log)).code == 0
        after = told(iam_inventory.command, sakimori.home, "--authorization-details", details)
        assert [found["has_lake"] for found in (before, after)] == [False, True]
        uses = [each["use"] for found in (before, after) for each in found["items"] if each["kind"] == "role"]
        assert uses == ["never", "used"]

    def test_a_lake_that_cannot_be_read_is_told_and_not_taken_for_empty(
        self, tmp_path: Path, details: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def damaged(*_: object, **__: object) -> None:
            raise LakeError("lake.part_damaged", table="aws_cloudtrail_event", reason="torn")

        (tmp_path / "lake").mkdir()
        monkeypatch.setattr("sakimori.app.iam_inventory.ask", damaged)
        found = told(iam_inventory.command, tmp_path, "--authorization-details", details)
        assert found["has_lake"] is False
        assert "note_lake_unread" in found["notes"]
        done = run(iam_inventory.command, tmp_path, "--authorization-details", details)
        assert "could not be read (" in done.stdout
        assert "No CloudTrail events of this account" not in done.stdout

    @pytest.mark.slow
    def test_the_company_is_read_with_its_credentials(self, as_owner: SimulatedAccount, tmp_path: Path) -> None:
        found = told(iam_inventory.command, tmp_path)
        assert found["account"] == as_owner.state.account_id
        assert found["has_credentials"] is True
        advice = {(each["kind"], each["name"]): each["advice"] for each in found["items"]}
        assert advice["user", "tanaka.ichiro"] == "delete"
        assert advice["access_key", "root/1"] == "delete"
        assert advice["role", "break-glass"] == "look"
        assert advice["user", "sato.kenji"] == "keep"


class TestPowers:
    def test_the_strongest_stand_first_and_the_gap_is_of_users_alone(self, tmp_path: Path, details: Path) -> None:
        found = told(iam_powers.command, tmp_path, "--authorization-details", details)
        assert found["schema"] == "sakimori.iam_powers/1"
        assert [each["power"] for each in found["principals"]] == ["strong", "escalating", "ordinary"]
        alice, _, old = found["principals"]
        assert old["gap"] is None
        assert 0 < alice["gap"]["V2"]["left"] < alice["gap"]["V2"]["held"]
        assert {each["name"] for each in found["quarantines"]} == {
            "AWSCompromisedKeyQuarantineV2", "AWSCompromisedKeyQuarantineV3",
        }  # fmt: skip

    def test_one_principal_is_told_in_detail(self, tmp_path: Path, details: Path) -> None:
        done = run(iam_powers.command, tmp_path, "--authorization-details", details, "--principal", "role/old")
        assert "s3:GetObject" in done.stdout
        assert "arn:aws:s3:::ledger/sakimori-sample" in done.stdout

    def test_a_category_leaves_the_others_out_and_says_so(self, tmp_path: Path, details: Path) -> None:
        given = ("--authorization-details", details, "--category", "spend")
        found = told(iam_powers.command, tmp_path, *given)
        assert {power["category"] for each in found["principals"] for power in each["powers"]} == {"spend"}
        assert "the rest is not shown" in run(iam_powers.command, tmp_path, *given).stdout

    def test_both_print_in_japanese(self, tmp_path: Path, details: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SAKIMORI_LANG", "ja")
        powers = run(iam_powers.command, tmp_path, "--authorization-details", details).stdout
        assert "権限昇格" in powers
        assert "隔離ポリシーの適用後も残る操作" in powers
        inventory = run(iam_inventory.command, tmp_path, "--authorization-details", details).stdout
        assert "削除の手順" in inventory


class TestFiles:
    """What `--output` leaves behind."""

    def test_a_file_that_could_not_be_written_whole_stays_as_it_was(
        self, tmp_path: Path, details: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def torn(_items: object, _words: object, stream: TextIO) -> None:
            stream.write("half")
            raise OSError(errno.ENOSPC, "No space left on device")

        file = tmp_path / "inventory.csv"
        file.write_text("yesterday's", encoding="utf-8")
        monkeypatch.setattr(iam_inventory, "write_inventory_csv", torn)
        done = run(iam_inventory.command, tmp_path, "--authorization-details", details, "--output", file)
        assert isinstance(done.exception, SakimoriError)
        assert file.read_text(encoding="utf-8") == "yesterday's"
        assert sorted(each.name for each in tmp_path.iterdir()) == ["details.json", "inventory.csv"]

    def test_a_workbook_without_its_library_is_refused_before_anything_is_read(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(sys.modules, "openpyxl", None)
        file = tmp_path / "inventory.xlsx"
        done = run(iam_inventory.command, tmp_path, "--authorization-details", tmp_path / "none.json", "--output", file)
        assert isinstance(done.exception, UsageError)
        assert done.exception.text == "extras.missing"
        assert not file.exists()

    def test_a_reader_that_went_away_is_no_fault(
        self, tmp_path: Path, details: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def gone(*_: object) -> None:
            raise BrokenPipeError

        monkeypatch.setattr(iam_inventory, "write_inventory_csv", gone)
        done = run(iam_inventory.command, tmp_path, "--authorization-details", details, "--format", "csv")
        assert isinstance(done.exception, BrokenPipeError)

    def test_an_ending_that_names_no_form_is_refused(self, tmp_path: Path, details: Path) -> None:
        done = run(iam_inventory.command, tmp_path, "--authorization-details", details, "--output", tmp_path / "i.xls")
        assert isinstance(done.exception, UsageError)
        assert done.exception.text == "report.unknown_ending"
