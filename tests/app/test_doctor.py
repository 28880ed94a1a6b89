"""Doctor as the owner, as nobody, and without credentials.

Slow: every table is tried.
"""

import re
from pathlib import Path

import pytest
from tests.app.company import open_company, use_credentials
from tests.cli.running import start

from sakimori.app.clock import utc_now
from sakimori.app.doctor import look_at_account, look_at_machine
from sakimori.app.permissions import tables_of_rules
from sakimori.simulate.faults import Fault, Kind
from sakimori.simulate.server import SimulatedAccount

pytestmark = pytest.mark.slow

JAPANESE = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")


def test_all_is_well_for_the_owner_but_what_needs_a_plan(as_owner: SimulatedAccount) -> None:
    [door] = open_company(as_owner)
    lines = list(look_at_account(door, utc_now()))
    assert any(f":user/owner in the account {as_owner.account_id}" in line.text.en for line in lines)
    assert {line.text.en.partition(":")[0] for line in lines if line.ok is False and "refused" in line.text.en} <= {
        "aws_trustedadvisor_check"
    }
    assert all(JAPANESE.search(line.text.ja) for line in lines)


def test_every_refused_table_is_named_with_its_action_for_nobody(
    company: SimulatedAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_credentials(company, "nobody", monkeypatch)
    [door] = open_company(company)
    lines = list(look_at_account(door, utc_now()))
    refused = [line for line in lines if "was refused" in line.text.en]
    # Tables whose first call needs an item are not tried; all others are.
    assert len(refused) > len(tables_of_rules()) * 0.8
    assert all(line.ok is False and "sakimori permissions" in line.text.en for line in refused)
    assert any("could not be read (ec2:DescribeRegions)" in line.text.en and line.ok is False for line in lines)


def test_each_first_call_is_made_once(as_owner: SimulatedAccount) -> None:
    [door] = open_company(as_owner)
    as_owner.forget_calls()
    list(look_at_account(door, utc_now()))
    made = [f"{call.service}:{call.operation}" for call in as_owner.calls if call.service != "sts"]
    assert len(made) == len(set(made))


def test_one_refused_listing_is_one_line_for_each_of_its_tables(as_owner: SimulatedAccount) -> None:
    [door] = open_company(as_owner)
    as_owner.faults.add(Fault(kind=Kind.DENY, match="guardduty:ListDetectors"))
    refused = [line.text.en for line in look_at_account(door, utc_now()) if "guardduty" in line.text.en]
    assert refused
    assert all("guardduty:ListDetectors was refused" in line for line in refused)


@pytest.mark.parametrize(("mode", "ok"), [(0o700, True), (0o755, False), (0o770, False)])
def test_a_home_that_others_can_open_is_not_well(tmp_path: Path, mode: int, ok: bool) -> None:
    home = tmp_path / "home"
    home.mkdir()
    home.chmod(mode)
    line = list(look_at_machine(home))[-1]
    assert line.ok is ok
    assert str(home) in line.text.en
    assert (f"chmod 700 {home}" in line.text.ja) is not ok


def test_a_home_that_is_not_there_yet_is_neither_right_nor_wrong(tmp_path: Path) -> None:
    assert list(look_at_machine(tmp_path / "home"))[-1].ok is None
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("lang", ["en", "ja"])
@pytest.mark.parametrize("who", ["nobody", "no one"])
def test_the_command_leaves_with_1_and_says_why(company: SimulatedAccount, tmp_path: Path, who: str, lang: str) -> None:
    given = company.environment("nobody") if who == "nobody" else {"AWS_ENDPOINT_URL": company.endpoint_url}
    process = start("doctor", home=tmp_path / "home", env={**given, "SAKIMORI_LANG": lang})
    out, err = process.communicate(timeout=120)
    assert process.returncode == 1
    assert err == ""
    assert "✗" in out
    assert {"nobody": "sakimori permissions", "no one": "aws configure"}[who] in out
    assert bool(JAPANESE.search(out)) == (lang == "ja")
