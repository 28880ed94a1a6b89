"""`sakimori harden` as a person types it, on the simulated account."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.app.company import use_credentials
from tests.cli.running import Sakimori

from sakimori.simulate.server import SimulatedAccount


@pytest.fixture
def where() -> Iterator[tuple[str, ...]]:
    """The options that lead into a bare account."""
    with SimulatedAccount(account_id="616161616161") as simulated, pytest.MonkeyPatch.context() as patch:
        use_credentials(simulated, "owner", patch)
        yield "--region", "us-east-1", "--endpoint-url", simulated.endpoint_url


@pytest.mark.parametrize(
    ("lang", "made", "back"),
    [("en", "Done. Take it back with: sakimori harden undo ", "6 places are as they were."),
     ("ja", "完了しました。元に戻すには: sakimori harden undo ", "6 か所を元に戻しました。")],
)  # fmt: skip
def test_a_plan_is_shown_made_told_of_and_taken_back(
    sakimori: Sakimori, where: tuple[str, ...], lang: str, made: str, back: str
) -> None:
    plan = sakimori.home / "plan.json"
    plan.parent.mkdir(parents=True, exist_ok=True)
    shown = sakimori("harden", "plan", *where, "--output", str(plan), lang=lang)
    assert (shown.code, shown.err) == (0, "")
    assert f"sakimori harden apply {plan}" in shown.out.replace("\n", "")
    assert json.loads(plan.read_text())["schema"] == "sakimori.plan/1"
    refused = sakimori("harden", "apply", str(plan), *where, lang=lang)
    assert (refused.code, "--yes" in refused.err) == (2, True)
    done = sakimori("harden", "apply", str(plan), *where, "--yes", "--by", "sato", lang=lang)
    assert done.code == 0, done.err
    assert made in done.out
    run = re.search(r"undo (\S+)", done.out)
    assert run is not None
    assert "sato" in sakimori("harden", "journal", lang=lang).out
    assert "s3control:PutPublicAccessBlock" in sakimori("harden", "journal", run[1], lang=lang).out
    assert sakimori("harden", "apply", str(plan), *where, "--yes", lang=lang).code == 0
    undone = sakimori("harden", "undo", run[1], *where, "--yes", lang=lang)
    assert back in undone.out


def test_one_step_is_chosen_by_its_id_or_by_the_rule_that_it_makes_hold(
    sakimori: Sakimori, where: tuple[str, ...]
) -> None:
    by_rule = sakimori("harden", "plan", *where, "--only", "aws.s3.account-public-access-blocked", "--format", "json")
    (item,) = json.loads(by_rule.out)["plan"]["items"]
    assert (item["step"], item["standing"]) == ("HB16", "to_make")
    wrong = sakimori("harden", "plan", *where, "--only", "HB99")
    assert (wrong.code, "HB16" in wrong.err) == (2, True)


def test_a_journal_that_was_tampered_with_is_told_with_its_line(
    sakimori: Sakimori, where: tuple[str, ...], tmp_path: Path
) -> None:
    plan = tmp_path / "plan.json"
    sakimori("harden", "plan", *where, "--only", "HB16", "--output", str(plan))
    sakimori("harden", "apply", str(plan), *where, "--yes")
    (journal,) = sakimori.home.glob("journal/*/*.jsonl")
    journal.write_text(journal.read_text().replace("HB16", "HB17", 1))
    told = sakimori("harden", "journal")
    assert (told.code, "broken at line" in told.out) == (1, True)
    refused = sakimori("harden", "undo", journal.stem, *where, "--yes")
    assert (refused.code, "changed after it was written" in refused.err) == (1, True)


def test_the_policy_of_a_plan_holds_its_calls_and_their_inverse_and_no_other_writing(
    sakimori: Sakimori, where: tuple[str, ...]
) -> None:
    plan = sakimori.home / "plan.json"
    plan.parent.mkdir(parents=True, exist_ok=True)
    sakimori("harden", "plan", *where, "--only", "HB17", "--output", str(plan))
    told = json.loads(sakimori("permissions", "--for", "harden", "--plan", str(plan)).out)
    assert told["Statement"][0]["Action"] == [
        "ec2:DescribeRegions", "ec2:DisableEbsEncryptionByDefault", "ec2:EnableEbsEncryptionByDefault",
        "ec2:GetEbsEncryptionByDefault", "sts:GetCallerIdentity",
    ]  # fmt: skip
    assert sakimori("permissions", "--plan", str(plan)).code == 2
