"""A role of IAM Identity Center is many people's: who they are, and for whom somebody vouched."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
import pytest
from tests.analysis.incident.incident_events import ACCOUNT, HOUR, T0, Tale, role, session
from tests.app.respond.test_containment import World, walk_of

from sakimori.app.respond.case import IDENTITY_CENTER, StepState, Suspect, Told
from sakimori.app.respond.case_files import CaseLog, new_case
from sakimori.app.respond.contain import Containment
from sakimori.app.respond.facts import facts_of
from sakimori.app.respond.telling import told
from sakimori.cli import respond_note
from sakimori.cli.respond_pages import next_line
from sakimori.model.errors import UsageError

ROLE = "AWSReservedSSO_Admin_0123456789abcdef"
SUSPECT = Suspect(kind="role", role=role(ROLE), account=ACCOUNT)
OFFICE, STRANGE = "198.51.100.7", "203.0.113.9"
BOB, CAROL = "bob@example.com", "carol@example.com"


@pytest.fixture
def log(tmp_path: Path) -> Iterator[CaseLog]:
    with new_case(tmp_path, {"by": "tanaka"}, clock=lambda: T0) as opened:
        opened.write(Told.SUSPECT, {"kind": "role", "role": role(ROLE), "account": ACCOUNT})
        yield opened


def acts(tale: Tale, who: str, ip: str = OFFICE, name: str = "DescribeVpcs", **more: Any) -> None:
    key = f"ASIA{who[:3].upper()}AAAAAAAAAAAAA"
    more = {"service": "ec2", "session_issuer": role(ROLE), "session_at": T0, "read_only": True, "ip": ip, **more}
    tale.tell(name, key, session(ROLE, who), **more)


def followed(log: CaseLog, tale: Tale) -> tuple[bool, Containment]:
    containment = World(tale, log).containment(SUSPECT)
    return containment.follow(), containment


def deny(log: CaseLog, tale: Tale, user: str) -> None:
    answer = {"user": user, "user_id": user, "sets": ["Admin"], "left": [], "places": [], "at": tale.at.isoformat()}
    log.write(Told.ANSWER, {"question": IDENTITY_CENTER, "answer": answer})


def vouch(
    log: CaseLog, monkeypatch: pytest.MonkeyPatch, user: str, text: str = "Asked by telephone", *, undo: bool = False
) -> None:
    monkeypatch.setattr(respond_note, "open_case", lambda *_, **__: _Open(log))
    assert isinstance(respond_note.command, click.Command)
    callback: Any = respond_note.command.callback
    with click.Context(respond_note.command, obj=Path()):
        callback(text=text, case="", step="R12", sso_user=user, undo=undo, by="suzuki")


class _Open:
    def __init__(self, log: CaseLog) -> None:
        self._log = log

    def __enter__(self) -> CaseLog:
        return self._log

    def __exit__(self, *_: object) -> None: ...


def test_who_can_still_act_is_told_by_name_and_address_with_both_commands(log: CaseLog) -> None:
    tale = Tale()
    acts(tale, BOB, STRANGE)
    acts(tale, CAROL)
    is_contained, _ = followed(log, tale)
    said = told(log.case.steps["R12"], "en")
    assert not is_contained
    assert all(each in said for each in (BOB, CAROL, OFFICE, STRANGE, "--sso-user NAME TEXT", "do R12 --sso-user NAME"))


def test_once_the_thief_is_denied_and_the_colleague_vouched_for_it_is_contained_and_the_report_says_on_whose_word(
    log: CaseLog, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    tale = Tale()
    acts(tale, BOB, STRANGE)
    acts(tale, CAROL)
    followed(log, tale)
    deny(log, tale, BOB)
    assert followed(log, tale)[0] is False
    vouch(log, monkeypatch, CAROL.upper())
    assert "do R13" in next_line(log.case, "en")
    acts(tale, CAROL)
    acts(tale, CAROL, name="CreateVpc", read_only=False)
    assert followed(log, tale)[0] is True
    assert (log.case.steps["R13"].detail, log.case.made) == ("respond.followed_but_known", ())
    residual = " ".join(each.value.en for each in facts_of(tmp_path, log.case).residual)
    assert (CAROL in residual, "addresses: 1" in residual, "suzuki" in residual, "telephone" in residual) == (True,) * 4


def test_a_thief_with_the_name_of_somebody_vouched_for_is_told_and_the_case_is_open_again(
    log: CaseLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    tale = Tale()
    acts(tale, CAROL)
    followed(log, tale)
    vouch(log, monkeypatch, CAROL)
    assert followed(log, tale)[0] is True
    acts(tale, CAROL, STRANGE, session_at=T0 + timedelta(minutes=1))
    walk = walk_of(World(tale, log), World(tale, log).containment(SUSPECT))
    assert walk.look_again() is False
    said = told(log.case.steps["R12"], "en")
    assert (log.case.contained_at, STRANGE in said, CAROL in said) == (None, True, True)
    assert followed(log, tale)[0] is False


def test_a_word_for_one_address_counts_for_later_sessions_from_there_alone(
    log: CaseLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    tale = Tale()
    acts(tale, CAROL)
    followed(log, tale)
    vouch(log, monkeypatch, CAROL)
    key = "ASIANEWAAAAAAAAAAAAA"
    tale.tell(
        "DescribeVpcs", key, session(ROLE, CAROL), service="ec2", session_issuer=role(ROLE), ip=OFFICE, read_only=True
    )
    assert followed(log, tale)[0] is True
    tale.tell(
        "DescribeVpcs", key, session(ROLE, CAROL), service="ec2", session_issuer=role(ROLE), ip=STRANGE, read_only=True
    )
    is_contained, containment = followed(log, tale)
    assert (is_contained, [each.id for each in containment.seen.vouched.seeds]) == (False, [key])


def test_a_word_that_is_taken_back_opens_the_case_and_its_sessions_are_followed_again(
    log: CaseLog, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    tale = Tale()
    acts(tale, CAROL)
    followed(log, tale)
    vouch(log, monkeypatch, CAROL)
    acts(tale, CAROL, STRANGE)
    followed(log, tale)
    vouch(log, monkeypatch, CAROL)
    assert followed(log, tale)[0] is True
    vouch(log, monkeypatch, CAROL.upper(), "It was not her", undo=True)
    assert (log.case.contained_at, log.case.steps["R12"].state) == (None, StepState.OPEN)
    assert "do R13" in next_line(log.case, "en")
    assert "It was not her" in log.case.notes[-1][2]
    assert not facts_of(tmp_path, log.case).residual
    is_contained, containment = followed(log, tale)
    assert (is_contained, len(containment.seen.vouched.seeds)) == (False, 1)


def test_a_word_that_nobody_gave_cannot_be_taken_back(log: CaseLog, monkeypatch: pytest.MonkeyPatch) -> None:
    tale = Tale()
    acts(tale, CAROL)
    followed(log, tale)
    vouch(log, monkeypatch, CAROL)
    with pytest.raises(UsageError, match="carol"):
        vouch(log, monkeypatch, BOB, undo=True)
    assert followed(log, tale)[0] is True


def test_who_was_denied_after_somebody_vouched_is_in_no_report_as_taken_for_a_colleague(
    log: CaseLog, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    tale = Tale()
    acts(tale, CAROL)
    followed(log, tale)
    vouch(log, monkeypatch, CAROL)
    assert facts_of(tmp_path, log.case).residual
    tale.at += timedelta(days=10_000)
    deny(log, tale, CAROL)
    assert not facts_of(tmp_path, log.case).residual


def test_who_is_denied_after_somebody_vouched_is_followed_again(log: CaseLog, monkeypatch: pytest.MonkeyPatch) -> None:
    tale = Tale(at=T0 + HOUR)
    acts(tale, CAROL)
    followed(log, tale)
    vouch(log, monkeypatch, CAROL)
    tale.at += timedelta(days=10_000)
    deny(log, tale, CAROL)
    tale.at -= timedelta(days=10_000)
    _, containment = followed(log, tale)
    assert len(containment.seen.closure.credentials) == 1


def test_nobody_is_vouched_for_whom_no_look_found_and_no_name_without_its_step(
    log: CaseLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UsageError):
        vouch(log, monkeypatch, CAROL)
    callback: Any = respond_note.command.callback
    for step, user in (("R12", ""), ("R13", CAROL)):
        with pytest.raises(UsageError):
            callback.__wrapped__(Path(), "x", "", step, user, undo=False, by=None)


def test_of_a_single_session_nobody_is_vouched_for(log: CaseLog, monkeypatch: pytest.MonkeyPatch) -> None:
    tale = Tale()
    acts(tale, CAROL)
    key = tale.events[0].key_id
    suspect = Suspect(kind="key", key_id=key, role=role(ROLE), account=ACCOUNT)
    World(tale, log).containment(suspect).follow()
    assert log.case.steps["R12"].state is StepState.OPEN
    with pytest.raises(UsageError):
        vouch(log, monkeypatch, CAROL)
