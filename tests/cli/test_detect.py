"""Detecting straight over files, from the command line: what nobody could look at is told."""

import json
import shlex
from pathlib import Path

import pytest
from tests.app.test_watch import put, stopped
from tests.cli.running import Sakimori

NOTHING_READ = "could not be opened: what it holds is not known"


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    put(tmp_path / "logs", "1.json", stopped(1, 0))
    return tmp_path / "logs"


@pytest.mark.slow
def test_files_that_nobody_could_look_at_are_told_by_name(logs: Path, sakimori: Sakimori) -> None:
    (logs / "zero").symlink_to("/dev/zero")
    (logs / "notes.txt").write_text("hello")
    (logs / "more.tar.xz").write_bytes(b"\xfd7zXZ\0" + b"\0" * 64)
    done = sakimori("detect", "--input", str(logs))
    assert NOTHING_READ in done.err
    for name in ("zero", "notes.txt", "more.tar.xz"):
        assert str(logs / name) in done.err
    told = json.loads(sakimori("detect", "--input", str(logs), "--format", "json").out)["input"]
    assert told["files"] == 1
    assert [len(told[why]) for why in ("unreadable", "unrecognised", "foreign_packed")] == [1, 1, 1]
    assert sakimori("detect", "--input", str(logs), "--fail-on", "critical").code == 3
    japanese = sakimori("detect", "--input", str(logs), lang="ja").err
    assert "1 個のファイルを開けなかったため、中身を調べていません" in japanese


@pytest.mark.slow
def test_where_everything_was_read_nothing_is_said_of_files(logs: Path, sakimori: Sakimori) -> None:
    assert sakimori("detect", "--input", str(logs)).err == ""


def test_a_folder_of_which_nothing_could_be_opened_is_not_said_to_hold_no_log(
    tmp_path: Path, sakimori: Sakimori
) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "zero.json.gz").symlink_to("/dev/zero")
    done = sakimori("detect", "--input", str(tmp_path / "logs"))
    assert done.code == 2
    assert "could not be opened or unpacked: 1" in done.err
    assert "zero.json.gz" in done.err


def next_of(text: str) -> list[str]:
    """The words of the command that is named last, as a shell takes them apart."""
    (line,) = [each for each in text.splitlines() if each.startswith("Next: ")]
    return shlex.split(line.removeprefix("Next: "))


def by(arn: str) -> dict[str, object]:
    identity = {"type": "IAMUser", "arn": arn, "accountId": "123456789012", "accessKeyId": "AKIAIOSFODNN7EXAMPLE"}
    return {**stopped(2, 1), "userIdentity": identity}


@pytest.mark.slow
def test_the_next_command_investigates_in_the_same_files_whoever_did_the_worst(logs: Path, sakimori: Sakimori) -> None:
    user = "arn:aws:iam::123456789012:user/bob"
    put(logs, "1.json", by(user))
    asked = next_of(sakimori("detect", "--input", str(logs)).out)
    assert asked == ["sakimori", "investigate", "user", user, "--since", "2026-11-02T11:01", "--input", str(logs)]
    assert "StopLogging" in sakimori(*asked[1:]).out
    sakimori("ingest", "cloudtrail", str(logs))
    assert next_of(sakimori("detect").out) == asked[:-2]


@pytest.mark.slow
def test_the_investigation_begins_with_the_first_alert_of_his_also_where_that_is_not_shown(
    logs: Path, sakimori: Sakimori
) -> None:
    admin = {"userName": "bob", "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}
    call = {"eventName": "AttachUserPolicy", "eventSource": "iam.amazonaws.com", "requestParameters": admin}
    user = "arn:aws:iam::123456789012:user/bob"
    put(logs, "1.json", {**by(user), **call, "eventID": "a", "eventTime": "2026-11-02T10:00:00Z"}, by(user))
    done = sakimori("detect", "--input", str(logs), "--severity", "high")
    assert "Medium" not in done.out
    assert "2026-11-02T10:00" in next_of(done.out)


@pytest.mark.slow
def test_a_name_in_a_log_stays_one_word_of_the_next_command(tmp_path: Path, sakimori: Sakimori) -> None:
    hostile = "arn:aws:iam::123456789012:user/a'; touch owned; '"
    put(tmp_path / "it's here", "1.json", by(hostile))
    asked = next_of(sakimori("detect", "--input", str(tmp_path / "it's here")).out)
    assert asked[3] == hostile
    assert asked[-1] == str(tmp_path / "it's here")


@pytest.mark.slow
def test_the_next_command_stands_whole_however_long_it_is(tmp_path: Path, sakimori: Sakimori) -> None:
    user = f"arn:aws:iam::123456789012:user/{'p' * 500}/bob"
    folders = [tmp_path / f"{'long' * 20}-{number}" for number in range(12)]
    for folder in folders:
        put(folder, "1.json", by(user))
    given = [word for folder in folders for word in ("--input", str(folder))]
    asked = next_of(sakimori("detect", *given).out)
    assert asked[3] == user
    assert asked[6:] == given


@pytest.mark.slow
def test_where_nobody_can_be_investigated_the_rule_is_shown(tmp_path: Path, sakimori: Sakimori) -> None:
    put(
        tmp_path / "logs",
        "1.json",
        {**stopped(1, 0), "userIdentity": {"type": "AWSAccount", "accountId": "210987654321"}},
    )
    asked = next_of(sakimori("detect", "--input", str(tmp_path / "logs")).out)
    assert asked[:3] == ["sakimori", "rules", "show"]
    assert sakimori(*asked[1:]).code == 0
