"""`sakimori timeline` as a person and as a program read it."""

import json
from pathlib import Path

import pytest
from tests.app.timeline_world import DAY, GROUP, GROUP_ID, HOUR, NOON, event, group, ingest_events, rule, snapshot
from tests.cli.running import Sakimori

GROUPS, RULES = "aws_ec2_security_group", "aws_ec2_security_group_rule"


def opened(home: Path, logs: Path) -> None:
    snapshot(home, NOON, {GROUPS: [group()], RULES: []})
    snapshot(home, NOON + DAY, {GROUPS: [group()], RULES: [rule("0.0.0.0/0")]})
    snapshot(home, NOON + 2 * DAY, {GROUPS: [group(name="\x1b[31m[bold]x\u202e")], RULES: [rule("0.0.0.0/0")]})
    ingest_events(
        home,
        logs,
        event(NOON + HOUR, "AuthorizeSecurityGroupIngress", {"groupId": GROUP_ID}),
        event(
            NOON + 2 * HOUR,
            "\x1b]0;[red]Delete\x07",
            {"groupId": GROUP_ID},
            sourceIPAddress="a\x9bb",
            errorCode="AccessDenied",
        ),
        event(NOON + DAY + HOUR, "CreateVpc", {}),
        event(NOON + 2 * DAY, "CreateVpc", {}),
    )


def words(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.slow
def test_a_person_reads_what_changed_and_who_likely_did_it(sakimori: Sakimori, tmp_path: Path) -> None:
    opened(sakimori.home, tmp_path / "logs")
    done = sakimori("timeline", GROUP_ID)
    said = words(done.out)
    assert (done.code, done.err) == (0, "")
    assert f"{GROUP} {GROUPS}, account 111122223333, us-east-1" in said
    assert f"{RULES} in tcp 22 0.0.0.0/0: new is_ingress: yes protocol: tcp" in said
    assert (
        "likely by arn:aws:iam::111122223333:user/alice: AuthorizeSecurityGroupIngress at 2026-10-01 13:00 UTC from 198.51.100.7"
        in said
    )
    assert "refused, AccessDenied" in said
    assert "no event recorded in that interval: coverage 2 of 2 days of CloudTrail" in said
    assert "snapshots: 3, 2026-10-01 12:00 UTC to 2026-10-03 12:00 UTC" in said
    assert "CloudTrail: 2026-10-01 to 2026-10-03, 4 events" in said


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_a_timeline_of_nothing_is_no_answer(sakimori: Sakimori, lang: str) -> None:
    done = sakimori("timeline", " ", lang=lang)
    assert (done.code, done.out) == (2, "")
    assert "sakimori timeline sg-0123456789abcdef0" in done.err


@pytest.mark.slow
def test_of_very_many_entries_the_newest_are_shown_and_the_rest_is_told(
    sakimori: Sakimori, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(sakimori.home, tmp_path / "logs")
    monkeypatch.setattr("sakimori.cli.query_output.IN_TABLE", 1)
    said = words(sakimori("timeline", GROUP_ID).out)
    assert "These are the newest 1 of 4; narrow the time with --since and --until, or take --format json." in said
    assert "AuthorizeSecurityGroupIngress" not in said


@pytest.mark.slow
def test_names_that_strangers_chose_move_no_cursor_and_mark_nothing_up(sakimori: Sakimori, tmp_path: Path) -> None:
    opened(sakimori.home, tmp_path / "logs")
    for lang in ("en", "ja"):
        out = sakimori("timeline", GROUP_ID, "--reads", lang=lang).out
        assert not {"\x1b", "\x9b", "\x07", "\u202e"} & set(out)
        assert "[bold]x" in out
        assert "[red]Delete" in out


@pytest.mark.slow
def test_a_japanese_reader_gets_japanese_and_jst(sakimori: Sakimori, tmp_path: Path) -> None:
    opened(sakimori.home, tmp_path / "logs")
    out = sakimori("timeline", "web", lang="ja").out.replace("\n", "")
    assert "JST" in out
    assert "調べた範囲" in out
    assert "不明な場所" not in out


@pytest.mark.slow
def test_a_program_reads_one_document(sakimori: Sakimori, tmp_path: Path) -> None:
    opened(sakimori.home, tmp_path / "logs")
    done = sakimori("timeline", "web", "--since", "2026-10-01", "--until", "2026-10-02", "--format", "json")
    found = json.loads(done.out)
    assert found["schema"] == "sakimori.timeline/1"
    assert found["resource"]["key"] == GROUP
    first, _, change = found["entries"]
    assert first["type"] == "event"
    assert change["type"] == "change"
    assert (change["after"], change["source"], change["likely_by"]) == (
        "2026-10-01T12:00:00Z",
        "snapshot",
        [first["event_id"]],
    )
    assert change["rows"][0]["columns"][-1] == {"column": "is_open_to_world", "before": None, "after": True}
    assert found["looked"]["cloudtrail"]["events"] == 3
    assert found["looked"]["cloudtrail"]["unrecorded_days"] == []


@pytest.mark.slow
def test_a_resource_without_entries_says_what_was_looked_at(sakimori: Sakimori, tmp_path: Path) -> None:
    opened(sakimori.home, tmp_path / "logs")
    said = words(sakimori("timeline", "i-0123456789abcdef0").out)
    assert "No change of it and no write event that names it is recorded." in said
    assert "Looked at: snapshots: 3" in said
    empty = words(sakimori("timeline", "i-0123456789abcdef0", "--since", "2026-12-01", "--until", "2026-12-02").out)
    assert "CloudTrail: nothing of that place and time is in the lake." in empty


@pytest.mark.slow
def test_long_values_are_shown_where_they_differ(sakimori: Sakimori) -> None:
    long = "x" * 500
    snapshot(sakimori.home, NOON, {GROUPS: [group(vpc_id=f"{long}-old-{long}")]})
    snapshot(sakimori.home, NOON + DAY, {GROUPS: [group(vpc_id=f"{long}-new-{long}")]})
    out = "".join(sakimori("timeline", GROUP_ID).out.split())
    assert "-old-" in out
    assert "-new-" in out
    assert len(out) < 1_500


def test_what_cannot_be_asked_is_refused(sakimori: Sakimori) -> None:
    snapshot(sakimori.home, NOON, {GROUPS: [group()]})
    for arguments in (
        ["--since", "yesterday"],
        ["--account", "nobody"],
        ["--since", "2026-10-02", "--until", "2026-10-01"],
    ):
        done = sakimori("timeline", GROUP_ID, *arguments)
        assert (done.code, done.out) == (2, "")
        assert done.err
