"""`sakimori respond` as a person meets it."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tests.cli.running import Sakimori

from sakimori.actions.plan import Item, Standing
from sakimori.app.clock import utc_now
from sakimori.app.respond.case import RunLine, Told
from sakimori.app.respond.case_files import new_case, read_case
from sakimori.app.respond.case_lines import case_of
from sakimori.app.respond.undo import Undo, Undoing
from sakimori.cli.respond_pages import Terminal
from sakimori.cli.respond_undo import taken_back
from sakimori.model.action import Call, Change
from sakimori.model.errors import ActionError, UsageError
from sakimori.outputs.evidence.store import EvidenceStore
from sakimori.simulate.clients import client_of
from sakimori.simulate.identities import Credentials
from sakimori.simulate.server import SimulatedAccount
from sakimori.state.hash_chain import ChainLine
from sakimori.texts.sentences import say

_ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "Say what leaked"),
        (("--key", "AKIAIOSFODNN7EXAMPLE", "--user", "bob"), "Give one of"),
        (("--key", "hunter2"), "no id of an access key"),
        (("--key", "AIDAIOSFODNN7EXAMPLE"), "is the id of a user"),
        (("--user", "a b"), "no name or ARN of a user"),
        (("--key", "AKIAIOSFODNN7EXAMPLE", "--approve", "R99"), "There is no step R99"),
    ],
)
def test_what_cannot_begin_says_what_to_type(sakimori: Sakimori, arguments: tuple[str, ...], words: str) -> None:
    done = sakimori("respond", "start", *arguments)
    assert done.code == 2
    assert words in done.err
    assert not (sakimori.home / "cases").exists()


def test_without_a_case_the_way_to_open_one_is_said(sakimori: Sakimori) -> None:
    for verb in ("status", "undo", "reply", "report", "eradicate"):
        done = sakimori("respond", verb)
        assert (done.code, "sakimori respond start" in done.err) == (2, True), verb


def test_whoever_says_as_whom_to_work_never_works_as_somebody_else(sakimori: Sakimori) -> None:
    entries = "".join(f'[[account]]\nname = "{name}"\nprofile = "{name}"\n' for name in ("shop", "lab"))
    sakimori.home.mkdir(parents=True, exist_ok=True)
    (sakimori.home / "config.toml").write_text(entries)
    start = ("respond", "start", "--user", "bob", "--account", "all", "--as-profile")
    for lang, words in (("en", "Leave --as-profile out"), ("ja", "--as-profile を外して")):
        done = sakimori(*start, "responder", "--lang", lang)
        assert (done.code, words in done.err, "shop" in done.err) == (2, True, True), done.err
    assert not (sakimori.home / "cases").exists()


@pytest.fixture
def attacked(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[SimulatedAccount, Credentials]]:
    """An account whose key `deploy` leaked, and what the thief made with it."""
    with SimulatedAccount() as account:
        for name, value in account.environment().items():
            if name.startswith("AWS_") or name.lower().endswith("_proxy"):
                monkeypatch.setenv(name, value)
        iam = account.client("iam")
        iam.create_user(UserName="deploy", Path="/ci/")
        iam.attach_user_policy(UserName="deploy", PolicyArn=_ADMIN)
        made = iam.create_access_key(UserName="deploy")["AccessKey"]
        trust = {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{account.account_id}:root"},
            "Action": "sts:AssumeRole",
        }
        iam.create_role(
            RoleName="ops", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        )
        iam.attach_role_policy(RoleName="ops", PolicyArn=_ADMIN)
        thief = Credentials(access_key_id=made["AccessKeyId"], secret_access_key=made["SecretAccessKey"])
        stolen = client_of("iam", "us-east-1", account.endpoint_url, thief)
        stolen.create_user(UserName="backup")
        stolen.create_access_key(UserName="backup")
        sts = client_of("sts", "us-east-1", account.endpoint_url, thief)
        session = sts.assume_role(RoleArn=f"arn:aws:iam::{account.account_id}:role/ops", RoleSessionName="thief")[
            "Credentials"
        ]
        yield account, Credentials(
            access_key_id=session["AccessKeyId"], secret_access_key=session["SecretAccessKey"],
            session_token=session["SessionToken"],
        )  # fmt: skip


def key_of(account: SimulatedAccount, user: str) -> str:
    return account.client("iam").list_access_keys(UserName=user)["AccessKeyMetadata"][0]["AccessKeyId"]


@pytest.mark.slow
def test_a_key_is_contained_shown_answered_and_given_back(
    sakimori: Sakimori, attacked: tuple[SimulatedAccount, Credentials], tmp_path: Path
) -> None:
    """Slow: CloudTrail's event history is asked at AWS's pace."""
    account, session = attacked
    key = key_of(account, "deploy")
    done = sakimori("respond", "start", "--key", key, "--approve", "contain", "--by", "tanaka")
    assert done.code == 0, done.err
    assert "Contained" in done.out
    told = _status(sakimori)
    assert {told["steps"][each]["state"] for each in ("R10", "R11", "R13", "R14", "R17")} == {"done"}
    assert {each["kind"] for each in told["made"]} == {"AWS::IAM::User", "AWS::IAM::AccessKey"}
    with pytest.raises(Exception, match="AccessDenied"):
        client_of("iam", "us-east-1", account.endpoint_url, session).list_users()
    assert "deactivated" in sakimori("respond", "reply").out
    assert "無効化" in sakimori("respond", "reply", "--lang", "ja", lang="ja").out
    for name in ("case.html", "case.csv", "case.zip"):
        assert sakimori("respond", "report", "--output", str(tmp_path / name)).code == 0
        assert (tmp_path / name).stat().st_size > 500
    held = sakimori("respond", "undo", "--yes", "--accept", "key-deactivated")
    assert (held.code, "may live until" in held.err) == (1, True)
    accepted = ["--accept", "user-denied", "--accept", "role-sessions-revoked"]
    refused = sakimori("respond", "undo", "--yes", *accepted)
    assert (refused.code, "a leaked key work again" in refused.err) == (2, True)
    assert account.client("iam").list_access_keys(UserName="deploy")["AccessKeyMetadata"][0]["Status"] == "Inactive"
    undone = sakimori("respond", "undo", "--yes", *accepted, "--accept", "key-deactivated")
    assert undone.code == 0, undone.err
    assert account.client("iam").list_user_policies(UserName="deploy")["PolicyNames"] == []
    assert account.client("iam").list_access_keys(UserName="deploy")["AccessKeyMetadata"][0]["Status"] == "Active"


@pytest.mark.slow
def test_nobody_responds_with_the_leaked_key_itself(
    sakimori: Sakimori, attacked: tuple[SimulatedAccount, Credentials]
) -> None:
    account, _ = attacked
    done = sakimori("respond", "start", "--key", key_of(account, "owner"), "--approve", "contain")
    assert (done.code, "leaked key" in done.err) == (2, True)
    assert not (sakimori.home / "cases").exists()


@pytest.mark.slow
@pytest.mark.parametrize("minutes", [60, -60])
def test_a_wrong_clock_of_this_machine_does_not_date_the_case(
    sakimori: Sakimori, attacked: tuple[SimulatedAccount, Credentials], monkeypatch: pytest.MonkeyPatch, minutes: int
) -> None:
    account, _ = attacked
    monkeypatch.setattr("sakimori.app.respond.contain._MOST_ROUNDS", 1)
    wrong = timedelta(minutes=minutes)
    monkeypatch.setattr("sakimori.cli.respond_desk.utc_now", lambda: utc_now() + wrong)
    done = sakimori("respond", "start", "--key", key_of(account, "deploy"))
    assert "seconds ahead of AWS's" in done.err
    case = read_case(sakimori.home, "")[1]
    assert abs(case.opened_at - utc_now()) < timedelta(minutes=3)
    assert all(abs(each.at - utc_now()) < timedelta(minutes=3) for each in case.steps.values())


@pytest.mark.slow
def test_what_cannot_begin_leaves_no_case_behind(
    sakimori: Sakimori, attacked: tuple[SimulatedAccount, Credentials], monkeypatch: pytest.MonkeyPatch
) -> None:
    account, _ = attacked
    own = account.client("iam").create_access_key(UserName="deploy")["AccessKey"]
    for arguments, words in [
        (("--user", "no-such"), "has no user no-such"),
        (("--role", "nothing"), "has no role nothing"),
        (("--key", "ASIA" + "Y34FZKBOKMUTVV7A"), "belongs to account 609629065308"),
    ]:
        done = sakimori("respond", "start", *arguments)
        assert (done.code, words in done.err) == (2, True), done.err
    leaked = next(each for each in (key_of(account, "deploy"), own["AccessKeyId"]) if each != own["AccessKeyId"])
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", own["AccessKeyId"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", own["SecretAccessKey"])
    done = sakimori("respond", "start", "--key", leaked, "--approve", "contain")
    assert (done.code, "working as the suspect, deploy" in done.err) == (2, True), done.err
    assert not (sakimori.home / "cases").exists()


@pytest.mark.slow
def test_without_an_approval_nothing_is_changed(
    sakimori: Sakimori, attacked: tuple[SimulatedAccount, Credentials], monkeypatch: pytest.MonkeyPatch
) -> None:
    account, _ = attacked
    monkeypatch.setattr("sakimori.app.respond.contain._MOST_ROUNDS", 1)
    done = sakimori("respond", "start", "--key", key_of(account, "deploy"))
    assert done.code == 1
    assert _status(sakimori)["steps"]["R10"]["state"] == "waiting"
    assert account.client("iam").list_access_keys(UserName="deploy")["AccessKeyMetadata"][0]["Status"] == "Active"


@pytest.mark.slow
def test_the_same_start_goes_on_with_the_case_that_is_open(
    sakimori: Sakimori, attacked: tuple[SimulatedAccount, Credentials], monkeypatch: pytest.MonkeyPatch
) -> None:
    account, _ = attacked
    monkeypatch.setattr("sakimori.app.respond.contain._MOST_ROUNDS", 1)
    start = ("respond", "start", "--key", key_of(account, "deploy"))
    sakimori(*start)
    done = sakimori(*start, "--approve", "contain")
    assert "is gone on with" in done.err
    assert [each.name for each in (sakimori.home / "cases").iterdir()] == [read_case(sakimori.home, "")[1].id]
    assert _status(sakimori)["steps"]["R10"]["state"] == "done"
    second = sakimori(*start, "--approval", "two_person")
    assert (second.code, "needs two people with --new-case" in second.err) == (2, True)
    assert "is open. Its directory" in sakimori(*start, "--new-case").err


def test_a_walk_that_was_stopped_in_the_middle_is_the_next_thing_to_go_on_with(sakimori: Sakimori) -> None:
    with new_case(sakimori.home, {"by": "tanaka"}, clock=lambda: datetime(2026, 11, 23, tzinfo=UTC)) as log:
        log.write(Told.STEP, {"step": "R10", "state": "done"})
    assert "respond do R13" in _status(sakimori)["next"]["en"]


def test_a_yes_counts_for_what_was_shown_and_for_nothing_that_is_found_later() -> None:
    told = {"steps": ["R14"], "by": "tanaka", "plans": ["p1", "p2"]}
    lines = [
        _line(1, "opened", {"by": "tanaka"}),
        _line(2, "approved", told),
        _line(3, "approved", {"steps": ["R16"], "by": "suzuki"}),
    ]
    case = case_of(Path("SKM-20261123-R01/case.jsonl"), lines)
    assert case is not None
    assert [each.by for each in case.agreed_to("R14", ["p1"])] == ["tanaka"]
    assert case.agreed_to("R14", ["p3"]) == ()
    assert [each.by for each in case.agreed_to("R16", ["whatever"])] == ["suzuki"]


def _line(number: int, kind: str, body: dict[str, Any]) -> ChainLine:
    return ChainLine(number=number, at=datetime(2026, 11, 23, tzinfo=UTC), kind=kind, body=body, hash="")


def _status(sakimori: Sakimori) -> dict[str, Any]:
    return json.loads(sakimori("respond", "status", "--format", "json").out)


def _opened(sakimori: Sakimori, **more: Any) -> None:
    with new_case(sakimori.home, {"by": "tanaka", **more}, clock=lambda: datetime(2026, 11, 23, tzinfo=UTC)) as log:
        log.write(Told.STEP, {"step": "R15", "state": "waiting"})


def test_after_an_approval_what_to_type_is_no_further_approval(sakimori: Sakimori) -> None:
    _opened(sakimori)
    assert "respond approve R15" in _status(sakimori)["next"]["en"]
    done = sakimori("respond", "approve", "R15", "--by", "suzuki")
    assert "sakimori respond do R15" in done.out
    last = _status(sakimori)["next"]["en"]
    assert ("respond do R15" in last, "approve" in last) == (True, False)


def test_all_leaves_out_what_stops_the_business_and_says_so(sakimori: Sakimori) -> None:
    _opened(sakimori)
    done = sakimori("respond", "approve", "all", "--by", "suzuki")
    assert done.code == 0
    assert all(each in done.err for each in ("R15", "R51", "R71", "sakimori respond approve R15"))
    case = read_case(sakimori.home, "")[1]
    assert case.agreed_to("R14")
    assert not any(case.agreed_to(each) for each in ("R15", "R34", "R51", "R71"))


def test_one_login_with_two_names_is_not_two_people(sakimori: Sakimori) -> None:
    _opened(sakimori, approval="two_person")
    sakimori("respond", "approve", "R15", "--by", "tanaka")
    done = sakimori("respond", "approve", "R15", "--by", "suzuki")
    assert "does not count as a second person" in done.err
    assert "on trust" in done.err
    assert "respond approve R15" in _status(sakimori)["next"]["en"]


def test_status_and_report_count_the_same_times(sakimori: Sakimori, tmp_path: Path) -> None:
    begun = datetime(2026, 11, 23, tzinfo=UTC)
    moments = [begun + timedelta(minutes=each) for each in (30, 40, 50, 70)]
    with new_case(
        sakimori.home, {"by": "tanaka", "occurred_at": moments[0].isoformat()}, clock=lambda: moments[1]
    ) as log:
        log.write(Told.STEP, {"step": "R06", "state": "done", "values": {"since": begun.isoformat()}})
        log._clock = lambda: moments[3]
        log.write(Told.CONTAINED, {})
    out = " ".join(sakimori("respond", "status").out.split())
    assert all(each in out for each in ("TTD (time to detect) 30:00", "TTC (time to contain) 40:00"))
    sakimori("respond", "report", "--output", str(tmp_path / "case.html"))
    page = (tmp_path / "case.html").read_text(encoding="utf-8")
    assert all(each in page for each in ("30 min", "40 min"))


def test_list_a_names_the_policy_that_was_written(sakimori: Sakimori) -> None:
    thing = {
        "kind": "AWS::IAM::User", "id": "sato", "arn": "arn:aws:iam::123456789012:user/sato", "account": "123456789012",
        "region": "us-east-1", "is_created": False, "by": "AKIAIOSFODNN7EXAMPLE", "change": "PutUserPolicy",
        "at": "2026-11-23T02:00:00+00:00", "event_ids": ["e"], "told": {"policyName": "s3-all", "userName": "sato"},
    }  # fmt: skip
    with new_case(sakimori.home, {"by": "tanaka"}, clock=lambda: datetime(2026, 11, 23, tzinfo=UTC)) as log:
        log.write(Told.MADE, {"made": [thing]})
    assert "PutUserPolicy s3-all" in sakimori("respond", "eradicate").out


def test_what_was_changed_since_stops_undo_and_recover_alike() -> None:
    change = Change(name="policy", call=Call(operation="iam:DeleteUserPolicy", region="global", parameters={}))
    found = Undoing(_RUN, (replace(_DENIED, changes=(change,)),))
    with pytest.raises(ActionError, match=r"harden\.changed_since"):
        taken_back(SimpleNamespace(), [found], SimpleNamespace(), {"anyway": False})  # type: ignore[arg-type]


def test_what_is_gone_since_does_not_hold_up_undo(capsys: pytest.CaptureFixture[str]) -> None:
    undo: Any = SimpleNamespace(
        log=SimpleNamespace(case=SimpleNamespace(id="SKM-1")),
        verb="undo SKM-1",
        revived=lambda _: (),
        take_back=lambda *_: (),
    )
    desk: Any = SimpleNamespace(by="ana", settings=SimpleNamespace(team=()))
    taken = taken_back(undo, [Undoing(_RUN, (_DENIED,) * 80)], desk, {"anyway": False, "yes": True, "second": ""})
    assert taken == (80, ())
    assert len(capsys.readouterr().out.splitlines()) < 5


def test_what_a_yes_alone_does_not_take_back_names_the_command_that_does() -> None:
    undo: Any = SimpleNamespace(log=SimpleNamespace(case=SimpleNamespace(id="SKM-1")), verb="undo SKM-1", revived=lambda _: ("AKIAIOSFODNN7EXAMPLE",))  # fmt: skip
    with pytest.raises(UsageError) as refused:
        taken_back(undo, [Undoing(_RUN, (_DENIED,))], SimpleNamespace(accepted=()), {"anyway": False, "yes": True})  # type: ignore[arg-type]
    for language in ("en", "ja"):
        assert "sakimori respond undo SKM-1 --accept key-deactivated" in say(
            refused.value.text, language, **refused.value.values
        )


_RUN = RunLine(account="123456789012", run="r1", step="R11", at=utc_now())
_DENIED = Item(
    step="user-denied", region="global", resource="arn:aws:iam::123456789012:user/deploy", standing=Standing.BLOCKED
)


@pytest.mark.parametrize("text", [" ", "TEXT"])
def test_a_note_that_says_nothing_does_no_step(sakimori: Sakimori, text: str) -> None:
    _opened(sakimori)
    done = sakimori("respond", "note", "--step", "R18", text)
    assert (done.code, "The note says nothing" in done.err) == (2, True)
    _, case = read_case(sakimori.home, "")
    assert (case.notified_at, "R18" in case.steps) == (None, False)


def test_what_a_person_does_elsewhere_is_done_by_a_note(sakimori: Sakimori) -> None:
    _opened(sakimori)
    assert sakimori("respond", "note", "called the owner", "--step", "r18").code == 0
    case = json.loads(sakimori("respond", "status", "--format", "json").out)
    assert case["steps"]["R18"]["state"] == "done"
    assert case["notified_at"]
    refused = sakimori("respond", "note", "it is quiet", "--step", "R17")
    assert (refused.code, "R80" in refused.err) == (2, True)


def test_what_is_done_alike_in_many_places_is_read_once(capsys: pytest.CaptureFixture[str]) -> None:
    call = Call(operation="ec2:StopInstances", region="us-east-1", parameters={})
    items = [
        Item(
            step="instance-isolated", region="us-east-1", resource=f"arn:aws:ec2:us-east-1:1:instance/i-{number}",
            standing=Standing.TO_MAKE, changes=(Change(name="stop", call=call),),
        )
        for number in range(8)
    ]  # fmt: skip
    plan: Any = SimpleNamespace(account="123456789012", items=items)
    Terminal().show("R16", [plan])
    shown = capsys.readouterr().err
    assert shown.count("(ec2:StopInstances)") == 1
    assert all(f"i-{number}" in shown for number in range(1, 8))


@pytest.mark.parametrize("browser", [True, False])
def test_a_report_is_printed_by_a_browser_or_says_how_to_print_it(
    sakimori: Sakimori, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, browser: bool
) -> None:
    _opened(sakimori)
    fake = tmp_path / "bin" / "chromium"
    fake.parent.mkdir()
    if browser:
        fake.write_text('#!/bin/sh\nfor a; do case "$a" in --print-to-pdf=*) echo "%PDF-" > "${a#*=}";; esac; done\n')
        fake.chmod(0o700)
    monkeypatch.setenv("PATH", f"{fake.parent}:/bin" if browser else str(fake.parent))
    done = sakimori("respond", "report", "--output", str(tmp_path / "case.pdf"))
    assert done.code == (0 if browser else 2), done.err
    assert (tmp_path / "case.pdf").exists() is browser
    assert not browser or (tmp_path / "case.pdf").stat().st_mode & 0o777 == 0o600
    assert browser or "print it to PDF" in " ".join(done.err.split())


def test_a_report_without_a_name_is_a_page(sakimori: Sakimori, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _opened(sakimori)
    monkeypatch.chdir(tmp_path)
    assert sakimori("respond", "report").code == 0
    assert [each.suffix for each in tmp_path.iterdir() if each.name.startswith("SKM-")] == [".html"]


def test_an_answer_whose_evidence_is_gone_is_not_called_ready(sakimori: Sakimori) -> None:
    _opened(sakimori)
    [directory] = (sakimori.home / "cases").iterdir()
    piece = EvidenceStore(directory, utc_now).add(
        "users", call="iam:ListUsers", region="global", account="123456789012", payload={"Users": []}, rows=0, coverage="whole",
    )  # fmt: skip
    assert "E-001" not in sakimori("respond", "reply").err
    piece.path.unlink()
    for language, words in (("en", "E-001 (001-users.json.zst) is missing"), ("ja", "がありません")):
        done = sakimori("respond", "reply", lang=language)
        assert (done.code, words in done.err) == (1, True), done.err


def test_an_answer_of_a_case_whose_evidence_was_left_behind_is_not_called_ready(sakimori: Sakimori) -> None:
    with new_case(sakimori.home, {"by": "tanaka"}, clock=utc_now) as log:
        log.write(Told.STEP, {"step": "R04", "state": "done", "evidence": ["E-001"]})
    done = sakimori("respond", "reply")
    assert (done.code, "E-001" in done.err) == (1, True), done.err


def test_a_case_that_came_without_its_journals_does_not_say_that_it_changed_nothing(tmp_path: Path) -> None:
    with new_case(tmp_path, {"by": "tanaka"}, clock=utc_now) as log:
        log.write(Told.RUN, {"account": "123456789012", "run": "r1", "step": "R10"})
        log.write(Told.STEP, {"step": "R10", "state": "done"})
        with pytest.raises(ActionError, match=r"respond\.journals_lost"):
            Undo(log, {}, utc_now, lambda *_: None).shown()


def test_a_package_is_checked_by_whoever_has_it(sakimori: Sakimori, tmp_path: Path) -> None:
    _opened(sakimori)
    done = sakimori("respond", "report", "--output", str(tmp_path / "case.zip"))
    head = done.out.rsplit("--head ", 1)[1].strip()
    whole = sakimori("--home", str(tmp_path / "elsewhere"), "respond", "report", "--verify", str(tmp_path / "case.zip"), "--head", head)  # fmt: skip
    assert (whole.code, "ends as it was noted" in whole.out) == (0, True), whole.out
    other = sakimori("respond", "report", "--verify", str(tmp_path / "case.zip"), "--head", "1" * 64)
    assert other.code == 1
    (tmp_path / "case.zip").write_bytes((tmp_path / "case.zip").read_bytes()[:-30])
    assert sakimori("respond", "report", "--verify", str(tmp_path / "case.zip"), lang="ja").code == 1
