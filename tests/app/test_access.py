"""Several accounts in one run: one that cannot be entered is shown as unknown, never left out."""

import dataclasses
from pathlib import Path

import pytest

from sakimori.app.access import AccessRequest, open_doors
from sakimori.app.assess import AssessRequest, assess
from sakimori.app.clock import utc_now
from sakimori.app.settings import AccountEntry, Settings
from sakimori.aws.closed import ClosedDoor
from sakimori.cli.assess import exit_code
from sakimori.model.errors import AccessError, UsageError
from sakimori.model.words import GapKind, Status
from sakimori.simulate.server import SimulatedAccount

REGION = "ap-northeast-1"
RULES = ("aws.s3.bucket-public-access-blocked", "aws.guardduty.*")
SHUT = AccountEntry(name="shut", id="999988887777", role_arn="arn:aws:iam::999988887777:role/nobody-made-it")
OWN = AccountEntry(name="own", profile="own")


@pytest.fixture
def as_profile(as_owner: SimulatedAccount, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> SimulatedAccount:
    """The owner's key under the profile `own`."""
    key = as_owner.credentials("owner")
    path = tmp_path / "credentials"
    path.write_text(
        f"[own]\naws_access_key_id = {key.access_key_id}\naws_secret_access_key = {key.secret_access_key}\n"
    )
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(path))
    return as_owner


def request(account: SimulatedAccount, *entries: AccountEntry, **more: tuple[str, ...]) -> AccessRequest:
    return AccessRequest(
        accounts=entries, endpoint_url=account.endpoint_url, regions=more.pop("regions", (REGION,)), **more
    )


@pytest.mark.slow
def test_an_account_whose_role_cannot_be_taken_is_unknown_everywhere_and_the_other_is_judged(
    as_profile: SimulatedAccount, tmp_path: Path
) -> None:
    doors = open_doors(request(as_profile, OWN, SHUT))
    assert [isinstance(door, ClosedDoor) for door in doors] == [False, True]
    result = assess(AssessRequest(home=tmp_path / "home", rules=RULES), doors, clock=utc_now).assessment
    by_account: dict[str, set[Status]] = {}
    for verdict in result.verdicts:
        by_account.setdefault(verdict.account, set()).add(verdict.status)
    assert by_account.keys() == {as_profile.account_id, SHUT.id}
    assert by_account[SHUT.id] == {Status.UNKNOWN}
    assert Status.UNKNOWN not in by_account[as_profile.account_id]
    shut = [verdict for verdict in result.verdicts if verdict.account == SHUT.id]
    assert {verdict.rule for verdict in shut} == {verdict.rule for verdict in result.verdicts}
    assert {verdict.reason for verdict in shut} == {GapKind.DENIED}
    gaps = {(gap.call, gap.kind) for gap in result.gaps if gap.account == SHUT.id}
    assert gaps == {("sts:AssumeRole", GapKind.DENIED)}
    assert all(gap.code for gap in result.gaps)
    [coverage] = [each for each in result.accounts if each.account.id == SHUT.id]
    assert (coverage.account.alias, coverage.account.regions_are_known) == ("shut", False)
    # The row of the account itself needs no call: its id is known.
    assert coverage.units_read <= 1 < coverage.units_wanted
    assert exit_code(result, None) == 0
    assert exit_code(result, "critical") == 3


@pytest.mark.slow
def test_a_closed_account_is_unknown_in_the_regions_that_were_asked_for_and_in_no_other(
    as_profile: SimulatedAccount,
) -> None:
    _, shut = open_doors(request(as_profile, OWN, SHUT, regions=(REGION, "us-east-1"), exclude_regions=("us-east-1",)))
    assert shut.account.selected == (REGION,)
    _, everywhere = open_doors(request(as_profile, OWN, SHUT, regions=(), exclude_regions=("us-east-1",)))
    assert len(everywhere.account.selected) > 10
    assert "us-east-1" not in everywhere.account.selected


def test_one_account_alone_that_cannot_be_entered_is_an_error(as_profile: SimulatedAccount) -> None:
    with pytest.raises(AccessError) as caught:
        open_doors(request(as_profile, dataclasses.replace(SHUT, profile="own")))
    assert caught.value.text.startswith("aws.")


@pytest.mark.slow
def test_credentials_of_another_account_than_the_configuration_says_are_refused(as_profile: SimulatedAccount) -> None:
    with pytest.raises(UsageError) as caught:
        open_doors(request(as_profile, dataclasses.replace(OWN, id="999988887777")))
    assert caught.value.text == "app.other_account"
    assert caught.value.values == {"name": "own", "wanted": "999988887777", "found": as_profile.account_id}


def test_the_right_id_is_accepted_and_one_session_serves_every_account_of_a_profile(
    as_profile: SimulatedAccount,
) -> None:
    [door] = open_doors(request(as_profile, dataclasses.replace(OWN, id=as_profile.account_id)))
    assert door.account.id == as_profile.account_id


def test_nothing_left_to_read_is_said(as_profile: SimulatedAccount) -> None:
    with pytest.raises(UsageError, match="no_region_left"):
        open_doors(request(as_profile, OWN, exclude_regions=(REGION,)))


def test_a_role_of_another_partition_that_fails_leaves_a_closed_door(as_profile: SimulatedAccount) -> None:
    entry = AccountEntry(name="far", role_arn="arn:aws-cn:iam::111122223333:role/x", profile="own")
    _, far = open_doors(request(as_profile, OWN, entry))
    assert isinstance(far, ClosedDoor)
    assert (far.account.id, far.account.partition) == ("111122223333", "aws-cn")


def test_options_name_accounts_of_the_configuration_one_by_one_or_all() -> None:
    settings = Settings(accounts=(OWN, SHUT))
    given = {
        "profile": None, "role_arn": None, "external_id": None, "region": ("all",), "exclude_region": (), "endpoint_url": None,
    }  # fmt: skip
    assert AccessRequest.of({**given, "account": ("all",)}, settings).entries == (OWN, SHUT)
    assert AccessRequest.of({**given, "account": (SHUT.id,)}, settings).entries == (SHUT,)
    assert AccessRequest.of({**given, "account": ()}, settings).entries == (AccountEntry(name=""),)
    assert AccessRequest.of({**given, "account": ()}, settings).regions == ()
    with pytest.raises(UsageError, match="no_such_account"):
        AccessRequest.of({**given, "account": ("other",)}, settings)
