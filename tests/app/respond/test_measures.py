"""Which measures stop which credential."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sakimori.analysis.incident.form import Closure, Credential, CredentialKind, Made
from sakimori.app.respond.case import Suspect
from sakimori.app.respond.hands import Measure
from sakimori.app.respond.measures import (
    at_once,
    console_closed,
    devices_since,
    issuing_stopped,
    sessions_revoked,
    uncovered,
)

NOW = datetime(2026, 11, 23, 2, 30, tzinfo=UTC)
ACCOUNT = "111122223333"
USER = f"arn:aws:iam::{ACCOUNT}:user/ci/deploy"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/terraform"
KEY = "AKIAIOSFODNN7EXAMPLE"
SUSPECT = Suspect(kind="key", key_id=KEY, user=USER, account=ACCOUNT)


def credential(kind: CredentialKind, **more: object) -> Credential:
    told: dict[str, object] = {"id": "ASIAIOSFODNN7EXAMPLE", "kind": kind, "account": ACCOUNT, "issued_at": NOW - timedelta(hours=1)}  # fmt: skip
    return Credential(**{**told, **more})  # type: ignore[arg-type]


def closure(*credentials: Credential, **more: object) -> Closure:
    seed = credential(CredentialKind.USER_KEY, id=KEY, user=USER)
    return Closure(seeds=(KEY,), credentials=(seed, *credentials), **more)  # type: ignore[arg-type]


def named(measures: tuple[Measure, ...]) -> set[tuple[str, str]]:
    return {(each.step, each.resource) for each in measures}


def test_the_key_is_deactivated_and_its_user_denied_at_once() -> None:
    assert [(rail, each.step, each.resource) for rail, each in at_once(SUSPECT)] == [
        ("R10", "key-deactivated", f"{USER}/{KEY}"),
        ("R11", "user-denied", USER),
    ]


def test_a_temporary_key_cannot_be_deactivated_so_its_user_is_denied() -> None:
    suspect = Suspect(kind="key", key_id="ASIAIOSFODNN7EXAMPLE", user=USER, account=ACCOUNT)
    assert [rail for rail, _ in at_once(suspect)] == ["R11"]


def test_users_that_the_thief_made_are_denied_and_their_keys_deactivated() -> None:
    new = f"arn:aws:iam::{ACCOUNT}:user/backup"
    second = credential(CredentialKind.USER_KEY, id="AKIAI44QH8DHBEXAMPLE", user=new)
    found = named(issuing_stopped(closure(second, users=(new,)), (), SUSPECT))
    assert {("user-denied", new), ("key-deactivated", f"{new}/AKIAI44QH8DHBEXAMPLE")} <= found
    assert ("user-denied", USER) not in found  # R11 has done it


def test_a_key_that_the_thief_made_for_a_user_of_ours_stops_alone_not_the_user() -> None:
    ours = f"arn:aws:iam::{ACCOUNT}:user/sato"
    second = credential(CredentialKind.USER_KEY, id="AKIAI44QH8DHBEXAMPLE", user=ours)
    found = named(issuing_stopped(closure(second, suspects=(ours,)), (), SUSPECT))
    assert ("key-deactivated", f"{ours}/AKIAI44QH8DHBEXAMPLE") in found
    assert ("user-denied", ours) not in found


@pytest.mark.parametrize(
    ("change", "is_created", "step"),
    [("CreateRole", True, "role-denied"), ("UpdateAssumeRolePolicy", False, "role-trust-narrowed")],
)
def test_roles_that_the_thief_made_are_denied_and_those_that_it_opened_narrowed(
    change: str,
    is_created: bool,
    step: str,
) -> None:
    made = Made(kind="AWS::IAM::Role", id="x", arn=ROLE, account=ACCOUNT, region="us-east-1", is_created=is_created, event_ids=("1",), at=NOW, by=KEY, change=change)  # fmt: skip
    assert (step, ROLE) in named(issuing_stopped(closure(), (made,), SUSPECT))


def test_sessions_of_roles_are_revoked_and_those_of_other_users_too() -> None:
    other = f"arn:aws:iam::{ACCOUNT}:user/sato"
    found = closure(
        credential(CredentialKind.ROLE_SESSION, role=ROLE, expires_at=NOW + timedelta(hours=1)),
        credential(CredentialKind.SESSION_TOKEN, id="ASIA2", user=other, expires_at=NOW + timedelta(hours=30)),
        credential(CredentialKind.SESSION_TOKEN, id="ASIA3", user=USER, expires_at=NOW + timedelta(hours=30)),
    )
    assert named(sessions_revoked(found, SUSPECT, NOW)) == {
        ("role-sessions-revoked", ROLE),
        ("user-sessions-revoked", other),
    }


def test_a_session_that_has_run_out_needs_nothing() -> None:
    over = credential(CredentialKind.ROLE_SESSION, role=ROLE, expires_at=NOW - timedelta(seconds=1))
    assert not sessions_revoked(closure(over), SUSPECT, NOW)


def test_a_session_taken_after_the_cutoff_is_not_covered_by_it() -> None:
    young = credential(CredentialKind.ROLE_SESSION, role=ROLE, issued_at=NOW, expires_at=NOW + timedelta(hours=1))
    done = [(each, NOW) for _, each in at_once(SUSPECT)]
    revoked = Measure(account=ACCOUNT, step="role-sessions-revoked", resource=ROLE)
    assert uncovered(closure(young), [*done, (revoked, NOW)], NOW) == (young,)
    assert uncovered(closure(young), [*done, (revoked, NOW + timedelta(seconds=1))], NOW) == ()


def test_a_log_without_the_path_of_a_user_means_the_same_user() -> None:
    short = credential(CredentialKind.SESSION_TOKEN, user=f"arn:aws:iam::{ACCOUNT}:user/deploy", expires_at=None)
    denied = Measure(account=ACCOUNT, step="user-denied", resource=USER)
    key = Measure(account=ACCOUNT, step="key-deactivated", resource=f"{USER}/{KEY}")
    assert uncovered(closure(short), [(denied, NOW), (key, NOW)], NOW) == ()


def test_credentials_of_other_peoples_accounts_are_not_ours_to_stop() -> None:
    theirs = credential(CredentialKind.USER_KEY, id="AKIA9", account="999988887777", account_is_ours=False)
    done = [(each, NOW) for _, each in at_once(SUSPECT)]
    assert uncovered(closure(theirs), done, NOW) == ()


_KINDS = st.sampled_from([CredentialKind.USER_KEY, CredentialKind.ROLE_SESSION, CredentialKind.SESSION_TOKEN, CredentialKind.FEDERATION])  # fmt: skip


@pytest.mark.slow
@given(st.lists(st.tuples(_KINDS, st.integers(0, 3), st.integers(-5, 30)), max_size=20))
def test_when_every_measure_that_is_asked_for_is_taken_nothing_of_ours_is_left(
    told: list[tuple[CredentialKind, int, int]],
) -> None:
    found = closure(*(_made_up(place, *each) for place, each in enumerate(told)))
    wanted = [*(each for _, each in at_once(SUSPECT)), *issuing_stopped(found, (), SUSPECT), *sessions_revoked(found, SUSPECT, NOW)]  # fmt: skip
    assert uncovered(found, [(each, NOW) for each in wanted], NOW) == ()


def _made_up(place: int, kind: CredentialKind, who: int, hours: int) -> Credential:
    is_key, is_role = kind is CredentialKind.USER_KEY, kind is CredentialKind.ROLE_SESSION
    return credential(
        kind, id=f"{'AKIA' if is_key else 'ASIA'}{place:016}", role=f"{ROLE}{who}" if is_role else "",
        user="" if is_role else f"{USER}{who}", expires_at=None if is_key else NOW + timedelta(hours=hours),
    )  # fmt: skip


def test_only_devices_that_were_given_to_the_suspect_meanwhile_are_taken_away() -> None:
    serial = f"arn:aws:iam::{ACCOUNT}:mfa/"
    devices = [
        {"SerialNumber": f"{serial}own", "EnableDate": NOW - timedelta(days=400)},
        {"SerialNumber": f"{serial}thief", "EnableDate": NOW},
        {"SerialNumber": f"{serial}nobody-knows-when"},
        {"SerialNumber": "GAHT12345678", "EnableDate": NOW},
    ]
    found = devices_since(devices, NOW - timedelta(hours=1))
    assert found == (f"{serial}thief", f"{serial}nobody-knows-when")
    wanted = console_closed(SUSPECT, has_password=False, devices=found)
    assert named(wanted) == {("mfa-device-deactivated", each) for each in found}


def test_a_role_has_no_console_to_close() -> None:
    suspect = Suspect(kind="role", role=ROLE, account=ACCOUNT)
    assert console_closed(suspect, has_password=None, devices=[f"arn:aws:iam::{ACCOUNT}:mfa/x"]) == ()
