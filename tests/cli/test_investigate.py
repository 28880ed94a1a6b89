"""`sakimori investigate` as a person and as a program read it."""

import csv
import io
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from tests.analysis.incident.incident_events import KEY, T0, keep, theft, user
from tests.cli.running import Sakimori

from sakimori.simulate.clients import client_of
from sakimori.simulate.identities import Credentials
from sakimori.simulate.server import SimulatedAccount

HOSTILE = '</script><script>alert(1)</script>\x1b[31m\u202e=cmd|"'


@pytest.fixture
def robbed(sakimori: Sakimori, tmp_path: Path) -> Sakimori:
    events = theft().events
    hostile = replace(
        events[0],
        event_id="hostile",
        agent=HOSTILE,
        ip=HOSTILE,
        name=HOSTILE,
        read_only=False,
        request={"name": HOSTILE},
        error="",
    )
    keep(sakimori.home, tmp_path / "logs", [*events, hostile])
    return sakimori


@pytest.mark.slow
def test_a_person_reads_the_credentials_the_two_lists_and_what_was_looked_through(robbed: Sakimori) -> None:
    done = robbed("investigate", "key", KEY, "--since", "2026-10-01")
    assert (done.code, done.err) == (0, "")
    said = " ".join(done.out.split())
    for text in ("AKIA2", "List A", "CreateUser: AWS::IAM::User mallory", "List B", "Regions", "not run"):
        assert text in said
    assert "decoy" not in said
    assert "\x1b[31m" not in done.out
    assert "\u202e" not in done.out


@pytest.mark.slow
def test_it_speaks_japanese(robbed: Sakimori) -> None:
    said = robbed("investigate", "key", KEY, "--lang", "ja").out
    assert "リスト A" in said
    assert "調査範囲" in said


@pytest.mark.slow
def test_a_program_reads_the_whole_answer(robbed: Sakimori) -> None:
    told = json.loads(robbed("investigate", "key", KEY, "--format", "json").out)
    assert told["schema"] == "sakimori.investigation/1"
    assert {each["id"] for each in told["closure"]["credentials"]} == {
        KEY,
        "AKIA2",
        "ASIA1",
        "ASIA2",
        "ASIA3",
        "ASIA8",
    } | {each["id"] for each in told["closure"]["credentials"] if each["id"].startswith("console:")}
    assert {"mallory", "AKIA2", "i-1", "i-2"} <= {each["id"] for each in told["list_a"]}
    assert "decoy" not in {each["id"] for each in told["list_a"]}
    assert told["list_b"]["count"] == 1
    assert told["compared"] is None


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "identifier"),
    [
        ("user", "mallory"),
        ("user", user("mallory")),
        ("role", "guest"),
        ("ip", "203.0.113.9"),
        ("resource", "backdoor"),
        ("session", "i-1"),
        ("session", "ASIA1"),
    ],
)
def test_every_beginning_has_an_answer(robbed: Sakimori, kind: str, identifier: str) -> None:
    done = robbed("investigate", kind, identifier, "--format", "json")
    assert done.code == 0, done.err
    assert json.loads(done.out)["closure"]["credentials"]


@pytest.mark.slow
def test_the_page_runs_no_script_but_its_own_and_loads_nothing(robbed: Sakimori, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    assert robbed("investigate", "key", KEY, "--output", str(page)).code == 0
    text = page.read_text(encoding="utf-8")
    assert text.count("<script") == 1
    assert "alert(1)</script>" not in text
    assert not re.search(r"(?:src|href)=", text)
    assert "default-src 'none'" in text.replace("&#39;", "'")
    assert "<svg" in text


@pytest.mark.slow
def test_no_cell_of_the_table_is_a_formula(robbed: Sakimori) -> None:
    out = robbed("investigate", "key", KEY, "--format", "csv").out
    rows = list(csv.reader(io.StringIO(out.removeprefix("\ufeff"))))
    assert len(rows) > 5
    assert not any(cell.lstrip().startswith(("=", "+", "@")) for row in rows for cell in row)


@pytest.mark.slow
def test_files_are_looked_through_without_a_lake(sakimori: Sakimori, tmp_path: Path) -> None:
    keep(tmp_path / "other", tmp_path / "logs", theft().events)
    done = sakimori("investigate", "key", KEY, "--input", str(tmp_path / "logs"), "--format", "json")
    assert done.code == 0, done.err
    assert json.loads(done.out)["event_count"] > 5
    assert not (sakimori.home / "lake").exists()


@pytest.mark.slow
def test_files_that_nobody_could_open_are_told_with_what_was_looked_through(sakimori: Sakimori, tmp_path: Path) -> None:
    keep(tmp_path / "elsewhere", tmp_path / "logs", theft().events)
    given = ("investigate", "key", KEY, "--input", str(tmp_path / "logs"))
    assert "could not be read" not in sakimori(*given).out
    (tmp_path / "logs" / "zero.json.gz").symlink_to("/dev/zero")
    assert "A file or a piece of one could not be read: what it holds is not known." in " ".join(
        sakimori(*given).out.split()
    )


def test_without_any_source_it_says_how_to_get_one(sakimori: Sakimori) -> None:
    done = sakimori("investigate", "key", KEY)
    assert done.code != 0
    assert "sakimori ingest cloudtrail" in done.err


def test_a_key_that_no_event_names_is_no_proof_of_anything(robbed: Sakimori) -> None:
    done = robbed("investigate", "user", "nobody")
    assert done.code != 0
    assert "no proof" in done.err


@pytest.mark.slow
def test_what_happened_after_until_is_left_out(robbed: Sakimori) -> None:
    until = f"{T0:%Y-%m-%dT%H:%M:%S}"
    done = robbed("investigate", "key", KEY, "--until", f"{until[:-5]}24:00", "--format", "json")
    assert json.loads(done.out)["list_a"] == [] or done.code == 0


@pytest.mark.slow
def test_the_event_history_is_asked_for_a_role_by_its_arn_and_not_at_all_for_an_address(
    sakimori: Sakimori, monkeypatch: pytest.MonkeyPatch
) -> None:
    with SimulatedAccount() as account:
        for name, value in account.environment().items():
            if name.startswith("AWS_") or name.lower().endswith("_proxy"):
                monkeypatch.setenv(name, value)
        trust = {"Effect": "Allow", "Principal": {"AWS": account.account_id}, "Action": "sts:AssumeRole"}
        account.client("iam").create_role(
            RoleName="ops",
            Path="/team/",
            AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": trust}),
        )
        role = f"arn:aws:iam::{account.account_id}:role/team/ops"
        given = account.client("sts").assume_role(RoleArn=role, RoleSessionName="night")["Credentials"]
        session = Credentials(
            access_key_id=given["AccessKeyId"], secret_access_key=given["SecretAccessKey"],
            session_token=given["SessionToken"],
        )  # fmt: skip
        client_of("sts", "us-east-1", account.endpoint_url, session).get_caller_identity()
        found = sakimori("investigate", "role", "ops", "--live", "--region", "us-east-1", "--format", "json")
        assert found.code == 0, found.err
        assert [each["principal"].rpartition("/")[2] for each in json.loads(found.out)["closure"]["credentials"]] == [
            "night"
        ]
        done = sakimori("investigate", "ip", "198.51.100.7", "--live", "--region", "us-east-1")
        assert (done.code, "cannot be asked for an address" in done.err) == (2, True)


def test_the_next_command_looks_where_this_one_looked(robbed: Sakimori) -> None:
    done = robbed("investigate", "key", KEY, "--since", "2026-10-01")
    assert f"investigate key {KEY} --since 2026-10-01 --format html" in " ".join(done.out.split())


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_what_can_be_no_key_is_not_looked_for(robbed: Sakimori, lang: str) -> None:
    done = robbed("investigate", "key", "alice", lang=lang)
    assert (done.code, done.out) == (2, "")
    assert "alic…" in done.err
    key = "ASIA" + "EXAMPLE" * 2 + "ZZ"
    done = robbed("investigate", "session", key, lang=lang)
    assert (done.code, done.out) == (2, "")
    assert f"sakimori investigate key {key}" in done.err
