"""`sakimori respond recover`, by the clock of the account: nothing is lifted while a stolen session may live, and all of it after."""

import pytest
from tests.cli.running import Sakimori

from sakimori.app.drill import Drill, DrillRequest, drill

_HOUR = 3600.0


def _policies(running: Drill) -> list[str]:
    return running.simulated.client("iam").list_user_policies(UserName=running.story.victim)["PolicyNames"]


def as_responder(running: Drill, patch: pytest.MonkeyPatch) -> None:
    for name, value in running.environment.items():
        patch.setenv(name, value)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        patch.delenv(name, raising=False)


@pytest.mark.slow
def test_a_recovery_lifts_each_denial_when_no_session_of_its_kind_can_live(
    sakimori: Sakimori, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Slow: a whole attack is played, contained and lifted."""
    with drill(DrillRequest(name="leaked-key", home=sakimori.home)) as running:
        as_responder(running, monkeypatch)
        assert sakimori("respond", "start", "--mail", str(running.mail), "--account", "all", "--yes").code == 0
        at_once = sakimori("respond", "recover", "--yes")
        assert at_once.code == 1
        assert "Places as they were" not in at_once.out
        running.simulated.clock.wait(13 * _HOUR)  # type: ignore[attr-defined]
        # Sessions of roles are over, those that a user gave out for itself are not.
        half = sakimori("respond", "recover", "--yes")
        assert half.code == 1
        assert "role-sessions-revoked" in half.out
        assert "may live until ?" not in half.err
        assert "sakimori respond recover --case" in " ".join(sakimori("respond", "status").out.split())
        assert _policies(running)
        running.simulated.clock.wait(24 * _HOUR)  # type: ignore[attr-defined]
        assert sakimori("respond", "recover", "--yes").code == 0
        assert not _policies(running)
        keys = running.simulated.client("iam").list_access_keys(UserName=running.story.victim)["AccessKeyMetadata"]
        assert {each["AccessKeyId"]: each["Status"] for each in keys}[running.story.leaked_key] == "Inactive"
        before = len(running.attempts)
        running.attacker_goes_on()
        assert all(each.error for each in running.attempts[before:])
        done = sakimori("respond", "close", "--yes")
        assert done.code == 0
        (case,) = (each.name for each in (sakimori.home / "cases").iterdir() if each.is_dir())
        closing = next(line for line in sakimori("respond", "status", case).out.splitlines() if "R90" in line)
        assert closing.startswith("✓")


@pytest.mark.slow
def test_what_no_call_brings_back_is_named_and_holds_a_recovery_up_no_longer(
    sakimori: Sakimori, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Slow: a whole attack is played, contained and lifted."""
    with drill(DrillRequest(name="password", home=sakimori.home)) as running:
        as_responder(running, monkeypatch)
        assert sakimori("respond", "start", "--user", running.victim, "--account", "all", "--yes").code == 0
        running.simulated.clock.wait(37 * _HOUR)  # type: ignore[attr-defined]
        done = sakimori("respond", "recover", "--yes")
        assert done.code == 0
        assert "No call brings these back" in " ".join(done.err.split())
        assert "✓ R70" in sakimori("respond", "status").out
