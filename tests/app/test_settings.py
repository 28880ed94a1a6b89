"""`config.toml`: every fault names its entry, and an option beats the environment, the file and the default."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sakimori.app.settings import MAX_BYTES, AccountEntry, read_settings
from sakimori.model.errors import UsageError
from sakimori.texts.sentences import say_error


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(text, encoding="utf-8")
    return path


def fault_of(path: Path) -> str:
    """The sentence; it must exist in both languages and name what it speaks of."""
    with pytest.raises(UsageError) as caught:
        read_settings(path)
    assert say_error(caught.value, "ja") != say_error(caught.value, "en")
    return say_error(caught.value, "en")


def test_no_file_is_no_settings(tmp_path: Path) -> None:
    settings = read_settings(tmp_path / "config.toml")
    assert (settings.defaults, settings.accounts, settings.mutes) == ({}, (), ())


def test_a_whole_file_is_read(tmp_path: Path) -> None:
    settings = read_settings(
        write(
            tmp_path,
            """
            lang = "ja"
            thresholds = "cis-5.0"
            region = "ap-northeast-1"
            exclude_region = ["us-east-1", "eu-west-1"]
            [[account]]
            name = "prod"
            id = "111122223333"
            role_arn = "arn:aws:iam::111122223333:role/team/auditor"
            external_id = "long and random"
            [[account]]
            profile = "dev"
            [[mute]]
            rule = "aws.s3.*"
            reason = "public on purpose"
            until = 2026-12-31
            """,
        )
    )
    assert settings.defaults == {
        "lang": "ja", "thresholds": "cis-5.0", "region": ("ap-northeast-1",), "exclude_region": ("us-east-1", "eu-west-1"),
    }  # fmt: skip
    assert settings.account("111122223333") is settings.account("prod")
    assert settings.account("dev") == AccountEntry(name="dev", profile="dev")
    assert settings.mutes[0].rule == "aws.s3.*"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("treshold = 1", ["treshold", "thresholds"]),
        ("thresholds = 45", ["`thresholds`"]),
        ("thresholds = 'cis'", ["`thresholds`", "'cis'", "cis-5.0"]),
        ("lang = 'fr'", ["`lang`", "'fr'"]),
        ("fail_on = 'awful'", ["`fail_on`", "critical"]),
        ("format = 'pdf'", ["`format`", "html"]),
        ("region = ['eu-west-1', 3]", ["`region`"]),
        ("region = true", ["`region`"]),
        ("profile = ['a']", ["`profile`"]),
        ("[profile]\nname = 'x'", ["`profile`"]),
        ("account = 'prod'", ["[[account]]"]),
        ("[account]\nname = 'x'", ["[[account]]"]),
        ("[[account]]\nprofile = 'a'\n[[account]]\nname = 'x'", ["[[account]] number 2", "role_arn"]),
        ("[[account]]\nprofile = 'a'\npasword = 'x'", ["[[account]] number 1", "profile"]),
        ("[[account]]\nprofile = 7", ["[[account]] number 1"]),
        ("[[account]]\nrole_arn = 'auditor'\nname = 'a'", ["[[account]] number 1", "'auditor'"]),
        ("[[account]]\nrole_arn = 'arn:aws:iam::1:user/x'\nname = 'a'", ["[[account]] number 1", "user/x"]),
        ("[[mute]]\nrule = 'aws.s3.*'\nuntil = 2026-12-31", ["entry 1"]),
        ("[[mute]]\nrule = 'aws.s3.*'\nreason = 'x'", ["entry 1"]),
        (
            "[[mute]]\nrule = 'aws.s3.*'\nreason = 'x'\nuntil = 2026-12-31\n[[mute]]\nreason = 'x'\nuntil = 2026-12-31",
            ["entry 2"],
        ),
        ("a = ", ["TOML"]),
        ("a = [" + "[" * 3000, ["TOML"]),
    ],
)
def test_a_fault_names_the_file_and_the_entry(tmp_path: Path, text: str, words: list[str]) -> None:
    path = write(tmp_path, text)
    sentence = fault_of(path)
    assert str(path) in sentence or "config.toml" in sentence or sentence.startswith("mutes, entry")
    for word in words:
        assert word in sentence


def test_a_file_that_is_no_text_too_large_or_a_directory_is_named(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(b"\xff\xfe")
    assert str(path) in fault_of(path)
    path.write_bytes(b"#" * (MAX_BYTES + 1))
    assert str(path) in fault_of(path)
    path.unlink()
    path.mkdir()
    assert str(path) in fault_of(path)


def test_an_account_that_is_not_there_is_named_with_those_that_are(tmp_path: Path) -> None:
    settings = read_settings(write(tmp_path, "[[account]]\nprofile = 'prod'"))
    with pytest.raises(UsageError) as caught:
        settings.account("prd")
    assert "prd" in say_error(caught.value, "en")
    assert "prod" in say_error(caught.value, "en")


# -- precedence, through the real command line ------------------------------------------

RULE = "rules", "list", "--format", "json"


def run(home: Path, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("SAKIMORI_")}
    command = [sys.executable, "-m", "sakimori", *arguments]
    return subprocess.run(
        command,
        env={**clean, "LANG": "C.UTF-8", "SAKIMORI_HOME": str(home), **env},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_an_option_beats_the_environment_which_beats_the_file_which_beats_the_default(tmp_path: Path) -> None:
    """By the language: each step up names another one."""

    def is_japanese(*arguments: str, **env: str) -> bool:
        done = run(tmp_path, "tables", "no_such_table", *arguments, **env)
        assert done.returncode == 2
        return any(character > "\u3000" for character in done.stderr)

    assert not is_japanese()
    assert is_japanese(LANG="ja_JP.UTF-8")
    write(tmp_path, "lang = 'ja'")
    assert is_japanese()
    assert not is_japanese(SAKIMORI_LANG="en")
    assert is_japanese("--lang", "ja", SAKIMORI_LANG="en")


@pytest.mark.slow
def test_thresholds_come_from_the_nearest_source(tmp_path: Path) -> None:
    """A wrong value shows who was listened to."""
    asked = ("assess", "--snapshot", "latest")
    write(tmp_path, "max_age = 'from the file'")
    assert "from the file" in run(tmp_path, *asked).stderr
    assert "from the environment" in run(tmp_path, *asked, SAKIMORI_MAX_AGE="from the environment").stderr
    done = run(tmp_path, *asked, "--max-age", "from the option", SAKIMORI_MAX_AGE="from the environment")
    assert "from the option" in done.stderr
    (tmp_path / "config.toml").unlink()
    assert "latest" in run(tmp_path, *asked).stderr


@pytest.mark.slow
def test_a_directory_of_rules_in_the_file_is_that_of_every_command_on_rules(tmp_path: Path) -> None:
    """Slow: the program runs on the company."""
    rules = tmp_path / "my-rules"
    write(tmp_path, f"rules_dir = '{rules}'\nformat = 'html'")
    done = run(tmp_path, *RULE)
    assert done.returncode == 2
    assert str(rules) in done.stderr
    rules.mkdir()
    done = run(tmp_path, *RULE)
    assert done.returncode == 0
    assert json.loads(done.stdout)["rules"]


@pytest.mark.slow
def test_the_format_of_reports_is_not_that_of_lists(tmp_path: Path) -> None:
    write(tmp_path, "format = 'csv'")
    assert run(tmp_path, "tables").returncode == 0


def test_a_number_of_thousands_of_digits_is_a_fault_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("x = " + "9" * 5_000)
    with pytest.raises(UsageError) as caught:
        read_settings(tmp_path / "config.toml")
    assert caught.value.text == "app.config_syntax"
