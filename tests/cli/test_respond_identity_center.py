"""A person of IAM Identity Center whose session was stolen, from the first command to the last, on the simulated account.

Slow, all of them: event histories of several Regions are asked at AWS's pace.
"""

import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from tests.cli.running import Done, Sakimori
from tests.simulate.identity_center_world import BOB, CAROL, HOME, MANAGEMENT, Center, identity_center

from sakimori.app.respond.case_files import read_case

pytestmark = pytest.mark.slow
NAMES = ("management", "production", "audit")
WHERE = ("--account", "all", "--region", HOME, "--region", "us-east-1", "--yes")
OWN = '{\n  "Version": "2012-10-17",\n  "Statement": {"Effect": "Deny", "Action": "s3:DeleteBucket", "Resource": "*"}\n}\n'


@pytest.fixture
def center() -> Iterator[Center]:
    with identity_center(policy=OWN) as found:
        yield found


def enters(center: Center, sakimori: Sakimori, patch: pytest.MonkeyPatch, *names: str) -> None:
    """The accounts that the responder has profiles of."""
    keys = {name: center.account.credentials("owner", account=number) for number, name in enumerate(NAMES)}
    profiles = "".join(
        f"[{name}]\naws_access_key_id={key.access_key_id}\naws_secret_access_key={key.secret_access_key}\n"
        for name, key in keys.items()
    )
    sakimori.configure("".join(f'[[account]]\nname = "{name}"\nprofile = "{name}"\n' for name in names))
    (sakimori.home / "credentials").write_text(profiles)
    for name, value in center.account.environment().items():
        if name.startswith("AWS_") or name.lower().endswith("_proxy"):
            patch.setenv(name, value)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        patch.delenv(name)
    patch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(sakimori.home / "credentials"))


def respond(sakimori: Sakimori, *arguments: str, lang: str = "en") -> Done:
    return sakimori("respond", *arguments, *WHERE, lang=lang)


def plain(text: str) -> str:
    """Without the folds of the page."""
    return " ".join(text.split())


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_a_stolen_session_of_a_person_is_stopped_colleagues_go_on_and_all_is_given_back(
    sakimori: Sakimori, center: Center, monkeypatch: pytest.MonkeyPatch, lang: str
) -> None:
    enters(center, sakimori, monkeypatch, *NAMES)
    thief, colleague = center.enters(BOB, "203.0.113.9"), center.enters(CAROL)
    assert center.may(thief)
    started = respond(sakimori, "start", "--key", thief.access_key_id, "--approve", "contain", lang=lang)
    assert started.code == 1
    assert f"--sso-user {BOB} --account all" in started.out
    done = respond(sakimori, "do", "R12", "--sso-user", BOB, lang=lang)
    assert done.code == 0, done.err
    user_id = str(read_case(sakimori.home, "")[1].answers["identity-center"]["user_id"])
    assert plain(done.err).count(f"{BOB} ({user_id})") >= 2, done.err
    assert (center.may(thief), center.may(colleague)) == (False, True)
    assert respond(sakimori, "do", "R13", lang=lang).code == 0
    _, case = read_case(sakimori.home, "")
    assert case.contained_at is not None
    # Whoever lifts it too early would let the thief in again.
    early = respond(sakimori, "recover", lang=lang)
    assert (early.code != 0, "--accept identity-center-user-denied" in early.err) == (True, True)
    assert not center.may(thief)
    assert respond(sakimori, "undo", "--step", "R12", "--accept", "identity-center-user-denied", lang=lang).code == 0
    assert (center.admin.inline_policy, center.role_policy(), center.read.inline_policy) == (OWN, OWN, "")
    assert center.may(thief)
    assert sakimori("respond", "close", "--lesson", "tokens", "--yes", lang=lang).code == 0


def test_a_case_of_a_permission_set_s_role_names_who_used_it_and_is_contained_once_the_colleague_is_vouched_for(
    sakimori: Sakimori, center: Center, monkeypatch: pytest.MonkeyPatch
) -> None:
    enters(center, sakimori, monkeypatch, *NAMES)
    thief, colleague = center.enters(BOB, "203.0.113.9"), center.enters(CAROL)
    assert (center.may(thief, address="203.0.113.9"), center.may(colleague, address="198.51.100.7")) == (True, True)
    role = center.admin.accounts[center.ids(1)].role
    started = respond(sakimori, "start", "--role", role, "--approve", "contain")
    told = plain(started.out + started.err)
    assert started.code == 1
    for each in (BOB, CAROL, "203.0.113.9", thief.access_key_id, "start --key ASIA", "--step R12 --sso-user NAME TEXT"):
        assert each in told, each
    assert respond(sakimori, "do", "R12", "--sso-user", BOB).code == 0
    assert respond(sakimori, "do", "R13").code == 1
    vouched = sakimori("respond", "note", "--step", "R12", "--sso-user", CAROL, "Asked her by telephone")
    assert (vouched.code, "addresses (1): 198.51.100.7" in plain(vouched.out), "do R13" in vouched.out) == (
        0,
        True,
        True,
    )
    again = respond(sakimori, "do", "R13")
    assert again.code == 0, again.out + again.err
    assert (center.may(thief), center.may(colleague, address="198.51.100.7")) == (False, True)
    report = sakimori("respond", "report", "--output", str(sakimori.home / "case.html"))
    assert report.code == 0, report.err
    assert "Asked her by telephone" in (sakimori.home / "case.html").read_text()
    # The same name from somewhere else is nobody whom anybody vouched for.
    assert center.may(center.enters(CAROL, "203.0.113.77"), address="203.0.113.77")
    opened = respond(sakimori, "do", "R17")
    assert (opened.code, "203.0.113.77" in plain(opened.out + opened.err)) == (1, True)
    assert read_case(sakimori.home, "")[1].contained_at is None


def test_a_failed_provisioning_is_told_and_the_same_command_goes_on(
    sakimori: Sakimori, center: Center, monkeypatch: pytest.MonkeyPatch
) -> None:
    enters(center, sakimori, monkeypatch, *NAMES)
    thief = center.enters(BOB)
    assert center.may(thief)
    respond(sakimori, "start", "--key", thief.access_key_id, "--approve", "contain")
    center.held.failing[center.ids(1)] = "Not able to update the role"
    failed = respond(sakimori, "do", "R12", "--sso-user", BOB)
    assert failed.code == 1
    assert "Not able to update the role" in plain(failed.out + failed.err)
    assert f"do R12 --case SKM-{_case(sakimori)} --sso-user {BOB} --account all" in failed.out
    center.held.failing.clear()
    assert respond(sakimori, "do", "R12", "--sso-user", BOB).code == 0
    assert not center.may(thief)


def test_a_response_that_was_killed_while_it_provisions_goes_on_and_gives_back_what_was_there(
    sakimori: Sakimori, center: Center, monkeypatch: pytest.MonkeyPatch
) -> None:
    enters(center, sakimori, monkeypatch, *NAMES)
    thief = center.enters(BOB)
    assert center.may(thief)
    respond(sakimori, "start", "--key", thief.access_key_id, "--approve", "contain")
    center.held.takes = timedelta(seconds=2)
    running = sakimori.start("respond", "do", "R12", "--sso-user", BOB, *WHERE)
    try:
        _until(lambda: center.admin.inline_policy != OWN, running)
    finally:
        running.send_signal(signal.SIGKILL)
        running.communicate()
    assert center.may(thief)
    center.held.takes = timedelta(0)
    time.sleep(2)
    assert respond(sakimori, "do", "R12", "--sso-user", BOB).code == 0
    assert not center.may(thief)
    undone = respond(sakimori, "undo", "--step", "R12", "--accept", "identity-center-user-denied")
    assert (undone.code, "not as it was" in undone.out) == (0, False)
    assert (center.admin.inline_policy, center.role_policy()) == (OWN, OWN)


def test_a_delegate_s_credentials_are_enough_until_the_management_account_has_the_set(
    sakimori: Sakimori, center: Center, monkeypatch: pytest.MonkeyPatch
) -> None:
    enters(center, sakimori, monkeypatch, "production", "audit")
    thief = center.enters(BOB)
    assert center.may(thief)
    respond(sakimori, "start", "--key", thief.access_key_id, "--approve", "contain")
    assert respond(sakimori, "do", "R12", "--sso-user", BOB).code == 0
    assert not center.may(thief)
    center.held.assign(center.admin, center.account.states[MANAGEMENT], center.held.person(CAROL))
    refused = respond(sakimori, "do", "R12", "--sso-user", CAROL)
    assert refused.code == 1
    told = plain(refused.out + refused.err)
    assert ("denied in 1 of 2" in told, center.ids(MANAGEMENT) in told, "delegated" in told) == (True, True, True)


def test_where_it_is_administered_elsewhere_that_account_is_named(
    sakimori: Sakimori, center: Center, monkeypatch: pytest.MonkeyPatch
) -> None:
    enters(center, sakimori, monkeypatch, "production")
    thief = center.enters(BOB)
    assert center.may(thief)
    respond(sakimori, "start", "--key", thief.access_key_id, "--approve", "contain")
    for lang in ("en", "ja"):
        refused = respond(sakimori, "do", "R12", "--sso-user", BOB, lang=lang)
        assert (refused.code, center.ids(MANAGEMENT) in refused.out + refused.err) == (1, True)
    assert center.may(thief)


def _case(sakimori: Sakimori) -> str:
    directory, _ = read_case(sakimori.home, "")
    return Path(directory).name.removeprefix("SKM-")


def _until(holds: Callable[[], bool], running: subprocess.Popen[str]) -> None:
    ends = time.monotonic() + 60
    while not holds():
        assert running.poll() is None
        assert time.monotonic() < ends
        time.sleep(0.05)
