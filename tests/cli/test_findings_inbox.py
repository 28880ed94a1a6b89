"""`sakimori findings` as the inbox that a person works through."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.cli.running import Sakimori
from tests.findings.inbox_world import act, guardduty, user
from tests.findings.world import FAIL, TOKYO, VOLUME, rule, run, unit, verdict

from sakimori.app.clock import utc_now
from sakimori.findings.detections import record_detections
from sakimori.findings.life import record
from sakimori.findings.triage import Doing, comment
from sakimori.model.detection import Detection
from sakimori.model.verdict import Text
from sakimori.model.words import Severity
from sakimori.state.store import open_store

VOLUMES = rule(VOLUME)
BAD = replace(verdict(FAIL, VOLUMES, "vol-1", TOKYO), severity=Severity.MEDIUM)
OURS = "cloudtrail-logging-stopped"


def days_ago(days: float, who: str = "alice", **words: Any) -> Detection:
    at = utc_now().replace(microsecond=0) - timedelta(days=days)
    return replace(act(who, **words), first_at=at, last_at=at)


def keep(sakimori: Sakimori, *told: Detection) -> None:
    """Recorded when they happened."""
    sakimori.home.mkdir(exist_ok=True)
    with open_store(sakimori.home / "state.db") as store:
        for each in told:
            record_detections(store, [each], each.last_at)


def posture(sakimori: Sakimori, days: float = 0, *, fails: bool = True) -> str:
    sakimori.home.mkdir(exist_ok=True)
    with open_store(sakimori.home / "state.db") as store:
        scope = replace(run(days, [VOLUMES], [unit(VOLUME)]), at=utc_now() - timedelta(days=days))
        record(store, scope, [BAD] if fails else [])
    return BAD.id


def listed(sakimori: Sakimori, *arguments: str) -> list[dict[str, Any]]:
    done = sakimori("findings", "list", "--format", "json", *arguments)
    assert done.code == 0, done.err
    return json.loads(done.out)["findings"]  # type: ignore[no-any-return]


def rules(sakimori: Sakimori, *arguments: str) -> list[str]:
    return [each["rule"] for each in listed(sakimori, *arguments)]


@pytest.fixture
def filled(sakimori: Sakimori, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sakimori]:
    monkeypatch.setenv("SAKIMORI_USER", "sato")
    keep(
        sakimori,
        days_ago(40, rule="old", severity=Severity.HIGH),
        days_ago(3, "bob", rule="fresh", severity=Severity.CRITICAL, region="us-east-1", resources=("bucket",)),
        days_ago(0.2, "carol", rule="small", severity=Severity.LOW, account="444455556666"),
    )
    posture(sakimori, 2)
    sakimori("findings", "assign", listed(sakimori, "--rule", "fresh")[0]["id"], "--to", "me")
    return sakimori


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((), "fresh old aws.test.aws_ec2_volume small"),
        (("--severity", "high"), "fresh old"),
        (("--kind", "posture"), "aws.test.aws_ec2_volume"),
        (("--kind", "posture", "--kind", "sakimori", "--severity", "medium"), "fresh old aws.test.aws_ec2_volume"),
        (("--rule", "?l?", "--rule", "SMALL"), "old small"),
        (("--principal", "*/bob"), "fresh"),
        (("--resource", "b*", "--resource", "vol-?"), "fresh aws.test.aws_ec2_volume"),
        (("--account", "444455556666"), "small"),
        (("--account", "the other"), "small"),
        (("--region", "us-east-1"), "fresh"),
        (("--owner", "me"), "fresh"),
        (("--owner", "none", "--severity", "high"), "old"),
        (("--disposition", "none", "--owner", "sato"), "fresh"),
        (("--since", "7d", "--until", "1d"), "fresh aws.test.aws_ec2_volume"),
        (("--since", "7d", "--kind", "sakimori"), "fresh small"),
        (("--untouched", "30d"), "old"),
        (("--untouched", "1d"), "old aws.test.aws_ec2_volume"),
        (("--overdue",), ""),
        (("--limit", "2"), "fresh old"),
        (("--status", "resolved"), ""),
        (("--view", "mine"), "fresh"),
        (("--view", "undecided"), "fresh old aws.test.aws_ec2_volume"),
        (("--view", "undecided", "--severity", "low"), "fresh old aws.test.aws_ec2_volume small"),
        (("--view", "neglected"), "old"),
        (("--view", "today"), "small"),
        (("--view", "suppressed"), ""),
        (("--view", "overdue"), ""),
    ],
)  # fmt: skip
def test_the_list_holds_what_was_asked_for(filled: Sakimori, arguments: tuple[str, ...], expected: str) -> None:
    filled.configure('[[account]]\nname = "the other"\nid = "444455556666"\nprofile = "x"\n')
    assert " ".join(rules(filled, *arguments)) == expected


@pytest.mark.slow
def test_a_view_is_saved_used_narrowed_replaced_and_forgotten(filled: Sakimori) -> None:
    assert rules(filled, "--severity", "medium", "--kind", "sakimori", "--save-view", "grave") == ["fresh", "old"]
    assert "--severity medium" in filled("findings", "views").out
    assert rules(filled, "--view", "grave") == ["fresh", "old"]
    assert rules(filled, "--view", "grave", "--severity", "critical") == ["fresh"]
    assert rules(filled, "--view", "grave", "--severity", "critical", "--save-view", "grave") == ["fresh"]
    assert rules(filled, "--view", "grave") == ["fresh"]
    assert filled("findings", "views", "--forget", "grave").code == 0
    assert filled("findings", "list", "--view", "grave").code == 2
    assert filled("findings", "views", "--forget", "grave").code == 2


@pytest.mark.slow
def test_a_saved_view_comes_before_the_one_that_was_there_and_leaves_it_when_forgotten(filled: Sakimori) -> None:
    rules(filled, "--rule", "small", "--save-view", "mine")
    assert rules(filled, "--view", "mine") == ["small"]
    filled("findings", "views", "--forget", "mine")
    assert rules(filled, "--view", "mine") == ["fresh"]


@pytest.mark.parametrize(
    ("lang", "words"), [("en", "There is no view nothing. Known:"), ("ja", "ビュー nothing はありません")]
)
def test_an_unknown_view_names_those_there_are(filled: Sakimori, lang: str, words: str) -> None:
    done = filled("findings", "list", "--view", "nothing", lang=lang)
    assert done.code == 2
    assert words in done.err.replace("\n", "")
    assert "neglected" in done.err


@pytest.mark.slow
@pytest.mark.parametrize(
    ("lang", "days", "all_"),
    [
        ("en", "untouched for 40 days", "1 open findings have lain untouched"),
        ("ja", "放置 40 日", "30 日を超えて放置されている"),
    ],
)
def test_what_has_lain_for_long_says_so_and_is_not_said_of_what_was_touched(
    filled: Sakimori, lang: str, days: str, all_: str
) -> None:
    days, all_ = days.replace(" ", ""), all_.replace(" ", "")
    out = "".join(filled("findings", "list", lang=lang).out.split())
    assert days in out
    assert all_ in out
    old = listed(filled, "--rule", "old")[0]
    assert old["untouched_days"] == 40
    filled("findings", "comment", old["id"], "--text", "looking at it")
    out = "".join(filled("findings", "list", lang=lang).out.split())
    assert days not in out
    assert all_ not in out
    assert listed(filled, "--rule", "old")[0]["untouched_days"] == 0
    assert rules(filled, "--view", "neglected") == []


def test_a_finding_touched_yesterday_is_not_neglected(sakimori: Sakimori) -> None:
    keep(sakimori, days_ago(90))
    with open_store(sakimori.home / "state.db") as store, store.begin() as connection:
        comment(connection, listed(sakimori)[0]["id"], "x", Doing("sato", utc_now() - timedelta(days=1, hours=1)))
    assert [each["untouched_days"] for each in listed(sakimori)] == [1]
    assert rules(sakimori, "--view", "neglected") == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("lang", "ways"),
    [
        (
            "en",
            (
                "a word does not close it",
                "sakimori explain",
                "--due DAY",
                "sakimori suppress add --from",
                "--disable-rule",
            ),
        ),
        (
            "ja",
            (
                "判定だけでは対応済みにできません",
                "sakimori explain",
                "--due 日付",
                "sakimori suppress add --from",
                "--disable-rule",
            ),
        ),
    ],
)
def test_posture_that_fails_is_not_closed_by_a_word_and_the_sentence_names_three_ways(
    sakimori: Sakimori, lang: str, ways: tuple[str, ...]
) -> None:
    identifier = posture(sakimori)
    done = sakimori("findings", "close", identifier, "--as", "false", "--reason", "we like it so", lang=lang)
    assert done.code == 2
    said = "".join(done.err.split())
    assert all(each.replace(" ", "") in said for each in ways)
    assert [each["state"] for each in listed(sakimori)] == ["open"]


@pytest.mark.slow
def test_a_due_day_makes_it_true_and_leaves_it_until_it_resolves(sakimori: Sakimori) -> None:
    identifier = posture(sakimori, 2)
    day = (utc_now() + timedelta(days=5)).date().isoformat()
    done = sakimori("findings", "assign", identifier[:8], "--to", "tanaka", "--due", day, "--reason", "next sprint")
    assert done.code == 0
    (found,) = listed(sakimori, "--owner", "tanaka")
    assert (found["state"], found["disposition"], found["due_on"]) == ("open", "true", day)
    assert day in sakimori("findings", "list").out
    posture(sakimori, 1, fails=False)
    assert listed(sakimori) == []
    assert [each["state"] for each in listed(sakimori, "--status", "resolved")] == ["resolved"]
    posture(sakimori, 0)
    (found,) = listed(sakimori)
    assert (found["disposition"], found["due_on"], found["owner"]) == (None, None, "tanaka")
    shown = json.loads(sakimori("findings", "show", identifier[:8], "--format", "json").out)["findings"][0]
    assert [each["act"] for each in shown["history"]] == ["decide", "grow"]


def test_a_due_day_needs_somebody_and_lies_ahead(sakimori: Sakimori) -> None:
    identifier = posture(sakimori)
    assert sakimori("findings", "assign", identifier, "--to", "none", "--due", "2999-01-01", "--reason", "x").code == 2
    assert sakimori("findings", "assign", identifier, "--to", "me", "--due", "2001-01-01", "--reason", "x").code == 2
    assert sakimori("findings", "assign", identifier, "--to", "me", "--due", "2999-01-01").code == 2
    assert [each["owner"] for each in listed(sakimori)] == [None]


def test_a_case_is_taken_closed_and_reopened_by_its_id(sakimori: Sakimori) -> None:
    keep(sakimori, days_ago(0.3, rule="a"), days_ago(0.2, rule="b"))
    (case,) = json.loads(sakimori("findings", "cases", "--format", "json").out)["cases"]
    assert (case["subject"], case["state"], case["taken_by"]) == (user("alice"), "open", None)
    assert sakimori("findings", "assign", case["id"], "--to", "tanaka", "--by", "sato").code == 0
    assert sakimori("findings", "close", case["id"], "--as", "benign", "--reason", "a drill").code == 0
    assert (listed(sakimori), sakimori("findings", "cases").out.strip()) == ([], "There is no open case.")
    assert len(listed(sakimori, "--case", case["id"].lower(), "--all")) == 2
    assert sakimori("findings", "reopen", case["id"], "--reason", "no drill").code == 0
    (again,) = json.loads(sakimori("findings", "cases", "--format", "json").out)["cases"]
    assert (again["id"], again["state"], again["taken_by"]) == (case["id"], "open", "sato")
    shown = json.loads(sakimori("findings", "show", case["id"], "--format", "json").out)["findings"]
    assert [[each["act"] for each in one["history"]] for one in shown] == [["assign", "close", "reopen"]] * 2


def test_a_case_of_posture_is_listed_by_its_id(sakimori: Sakimori) -> None:
    posture(sakimori)
    (case,) = json.loads(sakimori("findings", "cases", "--format", "json").out)["cases"]
    assert [each["id"] for each in listed(sakimori, "--case", case["id"])] == [BAD.id]
    assert "vol-1" in sakimori("findings", "show", case["id"]).out


@pytest.mark.slow
def test_a_witness_is_shown_as_the_finding_it_stands_with(sakimori: Sakimori) -> None:
    at = utc_now().replace(microsecond=0)
    ours = replace(act(rule=OURS, severity=Severity.LOW), first_at=at, last_at=at)
    theirs = replace(guardduty(severity=Severity.CRITICAL), first_at=at, last_at=at)
    keep(sakimori, ours, theirs)
    shown = json.loads(sakimori("findings", "show", theirs.id, "--format", "json").out)["findings"]
    assert [(each["id"], each["severity"]) for each in shown] == [(ours.id, "critical")]
    assert [each["producer"] for each in shown[0]["witnesses"]] == ["guardduty"]
    assert "GuardDuty も検出" in sakimori("findings", "list", lang="ja").out.replace("\n", "")
    assert "Critical" in sakimori("findings", "list").out


HOSTILE = {
    "right to left": "\u202egnp.exe",
    "markup": "<script>alert(1)</script>",
    "formula": "=HYPERLINK(1)",
    "escape": "\x1b]0;owned\x07\x1b[31mred",
    "nul": "nul\x00byte",
    "surrogate": "lone\ud800",
    "line": "a\r\nb\u2028c",
    "long": "あ" * 700,
    "markup of rich": "[bold red]x[/bold red]",
    "channel": "<!channel> @everyone",
}


@pytest.mark.slow
@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_names_pass_through_every_form_and_do_nothing(sakimori: Sakimori, name: str) -> None:
    told = replace(
        days_ago(0.1, rule="r"), principal=name, resources=(name,), title=Text(en=name, ja=name),
        message=Text(en=name, ja=name), evidence={"name": name}, origins=(name,),
    )  # fmt: skip
    keep(sakimori, told)
    for arguments in (("list",), ("show", told.id), ("list", "--format", "csv"), ("cases",)):
        done = sakimori("findings", *arguments)
        assert (done.code, done.err) == (0, ""), arguments
        assert not {"\x1b", "\x00", "\x07", "\u202e", "\u2028"}.intersection(done.out), arguments
        done.out.encode()
    assert rules(sakimori) == ["r"]
    rows = list(csv.reader(io.StringIO(sakimori("findings", "list", "--format", "csv").out.removeprefix("\ufeff"))))
    assert len(rows) == 2
    assert not any(cell.startswith(("=", "+", "@")) for cell in rows[1])
    assert len(listed(sakimori, "--principal", name.replace("\x00", "?")[:40] + "*")) == 1


@pytest.mark.slow
def test_bytes_that_are_no_text_may_stand_in_a_reason(sakimori: Sakimori) -> None:
    keep(sakimori, days_ago(0.1))
    (found,) = listed(sakimori)
    done = sakimori("findings", "close", found["id"], "--as", "benign", "--reason", "bad \udcff \x00 \u202e byte")
    assert (done.code, done.err) == (0, "")
    done = sakimori("findings", "show", found["id"])
    assert done.code == 0
    assert "\u202e" not in done.out
    assert listed(sakimori, "--all")[0]["reason"] == "bad ? \ufffd \u202e byte"


@pytest.mark.slow
@pytest.mark.parametrize("verb", [("comment", "--text", "x"), ("close", "--as", "true", "--reason", "x"), ("reopen", "--reason", "x"), ("assign", "--to", "me")])  # fmt: skip
def test_an_unknown_id_is_told_and_nothing_is_done(sakimori: Sakimori, verb: tuple[str, ...]) -> None:
    keep(sakimori, days_ago(0.1))
    name, *options = verb
    done = sakimori("findings", name, listed(sakimori)[0]["id"], "zzzz", *options)
    assert done.code == 2
    assert "zzzz" in done.err
    (found,) = listed(sakimori)
    assert (found["owner"], found["state"], found["disposition"]) == (None, "open", None)
