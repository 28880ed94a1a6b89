"""`sakimori harden` as a person types it, on the simulated account."""

import json
import re
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import hcl2
import pytest
from tests.app.company import use_credentials
from tests.cli.running import Done, Sakimori

from sakimori.actions.journal import Entry, account_held, open_journal
from sakimori.actions.plan import read_plan
from sakimori.app.access import AccessRequest, open_doors
from sakimori.simulate.server import SimulatedAccount

_FEW = ("--only", "HB15,HB16,HB17", "--only", "HB18,HB19,HB23")


@pytest.fixture
def where() -> Iterator[tuple[str, ...]]:
    """The options that lead into a bare account."""
    with SimulatedAccount(account_id="616161616161") as simulated, pytest.MonkeyPatch.context() as patch:
        use_credentials(simulated, "owner", patch)
        yield "--region", "us-east-1", "--endpoint-url", simulated.endpoint_url


def plan_and_apply(sakimori: Sakimori, where: tuple[str, ...], plan: Path, only: str, *more: str) -> Done:
    """The plan for these measures, written and made."""
    sakimori("harden", "plan", *where, "--only", only, "--output", str(plan))
    return sakimori("harden", "apply", str(plan), *where, "--yes", *more)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("lang", "made", "back"),
    [("en", "Done. Take it back with: sakimori harden undo ", "6 places are as they were before."),
     ("ja", "完了しました。元に戻すには: sakimori harden undo ", "6 か所を元に戻しました。")],
)  # fmt: skip
def test_a_plan_is_shown_made_told_of_and_taken_back(
    sakimori: Sakimori, where: tuple[str, ...], lang: str, made: str, back: str
) -> None:
    plan = sakimori.home / "plan.json"
    plan.parent.mkdir(parents=True, exist_ok=True)
    shown = sakimori("harden", "plan", *where, *_FEW, "--output", str(plan), lang=lang)
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
    assert "sato" in sakimori("harden", "journal", "show", lang=lang).out
    assert "s3control:PutPublicAccessBlock" in sakimori("harden", "journal", "show", run[1], lang=lang).out
    assert sakimori("harden", "apply", str(plan), *where, "--yes", lang=lang).code == 0
    undone = sakimori("harden", "undo", run[1], *where, "--yes", lang=lang)
    assert back in undone.out


@pytest.mark.slow
def test_one_step_is_chosen_by_its_id_or_by_the_rule_that_it_makes_hold(
    sakimori: Sakimori, where: tuple[str, ...]
) -> None:
    by_rule = sakimori("harden", "plan", *where, "--only", "aws.s3.account-public-access-blocked", "--format", "json")
    (item,) = json.loads(by_rule.out)["plan"]["items"]
    assert (item["step"], item["standing"]) == ("HB16", "to_make")
    wrong = sakimori("harden", "plan", *where, "--only", "HB99")
    assert (wrong.code, "HB16" in wrong.err) == (2, True)


@pytest.mark.slow
def test_a_journal_that_was_tampered_with_is_told_with_its_line(
    sakimori: Sakimori, where: tuple[str, ...], tmp_path: Path
) -> None:
    plan = tmp_path / "plan.json"
    plan_and_apply(sakimori, where, plan, "HB16")
    (journal,) = sakimori.home.glob("journal/*/*.jsonl")
    journal.write_text(journal.read_text().replace("HB16", "HB17", 1))
    told = sakimori("harden", "journal", "show")
    assert (told.code, "broken at line" in told.out) == (1, True)
    checked = sakimori("harden", "journal", "verify")
    assert (checked.code, "1 of 1 runs were changed" in checked.out) == (1, True)
    refused = sakimori("harden", "undo", journal.stem, *where, "--yes")
    assert (refused.code, "changed after it was written" in refused.err) == (1, True)


@pytest.mark.slow
def test_the_policy_of_a_plan_holds_its_calls_and_their_inverse_and_no_other_writing(
    sakimori: Sakimori, where: tuple[str, ...]
) -> None:
    plan = sakimori.home / "plan.json"
    plan.parent.mkdir(parents=True, exist_ok=True)
    sakimori("harden", "plan", *where, "--only", "HB23", "--output", str(plan))
    told = json.loads(sakimori("permissions", "--for", "harden", "--plan", str(plan)).out)
    assert told["Statement"][0]["Action"] == [
        "ec2:DescribeRegions", "iam:DeleteAccountPasswordPolicy", "iam:GetAccountPasswordPolicy",
        "iam:UpdateAccountPasswordPolicy", "sts:GetCallerIdentity",
    ]  # fmt: skip
    assert sakimori("permissions", "--plan", str(plan)).code == 2


@pytest.mark.slow
def test_one_step_is_taken_back_by_its_id_and_only_once(
    sakimori: Sakimori, where: tuple[str, ...], tmp_path: Path
) -> None:
    plan = tmp_path / "plan.json"
    assert plan_and_apply(sakimori, where, plan, "HB17,HB23").code == 0
    assert sakimori("harden", "verify", *where, "--only", "HB17,HB23").code == 0
    back = sakimori("harden", "undo", "hb17", *where, "--yes")
    assert (back.code, "1 places" in back.out) == (0, True)
    again = sakimori("harden", "undo", "HB17", *where, "--yes")
    assert (again.code, "never made from this home" in again.err) == (2, True)
    held = sakimori("harden", "verify", *where, "--only", "HB17,HB23").out
    assert ("HB17" in held.splitlines()[0], "holds in 0 of 1" in held.splitlines()[0]) == (True, True)
    assert "holds in 1 of 1" in held


@pytest.mark.slow
def test_what_was_made_and_no_longer_holds_is_told_with_its_run(
    sakimori: Sakimori, where: tuple[str, ...], tmp_path: Path
) -> None:
    plan = tmp_path / "plan.json"
    done = plan_and_apply(sakimori, where, plan, "HB23")
    run = re.search(r"undo (\S+)", done.out)
    assert run is not None
    (door,) = open_doors(AccessRequest(endpoint_url=where[-1], regions=("us-east-1",)))
    door.call("iam:DeleteAccountPasswordPolicy", "global", {})
    told = sakimori("harden", "verify", *where, "--only", "HB23")
    assert (told.code, run[1] in told.out.replace("\n", "")) == (1, True)


@pytest.mark.slow
def test_a_plan_whose_run_was_stopped_goes_on_with_the_same_command(
    sakimori: Sakimori, where: tuple[str, ...], tmp_path: Path
) -> None:
    plan = tmp_path / "plan.json"
    sakimori("harden", "plan", *where, "--only", "HB17,HB23", "--output", str(plan))
    read = read_plan(plan)
    journal, _ = open_journal(sakimori.home, read.account, "20260101T000000000Z-abcdef")
    journal.write(
        Entry.BEGIN, read.made_at, {"plan": read.id, "by": "sato", "second": "", "wishes": asdict(read.wishes)}
    )
    journal.close()
    done = sakimori("harden", "apply", str(plan), *where, "--yes")
    assert (done.code, "20260101T000000000Z-abcdef" in done.out) == (0, True)


@pytest.mark.slow
def test_the_same_state_as_code_is_one_that_terraform_reads(sakimori: Sakimori, where: tuple[str, ...]) -> None:
    told = sakimori("harden", "plan", *where, "--only", "HB16,HB17", "--export", "terraform")
    kinds = {name.strip('"') for each in hcl2.loads(told.out)["resource"] for name in each}
    assert (told.code, kinds) == (0, {"aws_s3_account_public_access_block", "aws_ebs_encryption_by_default"})


@pytest.mark.slow
def test_what_only_a_person_can_do_is_listed_and_told_screen_by_screen(
    sakimori: Sakimori, where: tuple[str, ...]
) -> None:
    shown = sakimori("harden", "plan", *where, "--only", "HB04")
    assert "sakimori harden guide HB04" in shown.out
    assert "HB04" in sakimori("harden", "guide").out
    assert "1. " in sakimori("harden", "guide", "hb04").out
    wrong = sakimori("harden", "guide", "HB16")
    assert (wrong.code, "HB04" in wrong.err) == (2, True)


@pytest.mark.slow
def test_two_runs_at_once_on_one_account_are_one_too_many(
    sakimori: Sakimori, where: tuple[str, ...], tmp_path: Path
) -> None:
    plan = tmp_path / "plan.json"
    sakimori("harden", "plan", *where, "--only", "HB23", "--output", str(plan))
    with account_held(sakimori.home, "616161616161", "other-run"):
        told = sakimori("harden", "apply", str(plan), *where, "--yes")
    assert (told.code, "other-run" in told.err) == (1, True)
    assert sakimori("harden", "apply", str(plan), *where, "--yes").code == 0


@pytest.mark.slow
@pytest.mark.parametrize(("lang", "opening"), [("en", "To protect AWS account"), ("ja", "以下の対策を実施済みです")])
def test_the_proof_for_aws_names_what_is_there_and_claims_nothing_else(
    sakimori: Sakimori, where: tuple[str, ...], lang: str, opening: str
) -> None:
    before = sakimori("harden", "--for-aws-case", *where, lang=lang)
    assert (before.code, "GuardDuty" in before.out, "GuardDuty" in before.err) == (1, False, True)
    sakimori.configure("[harden]\nemails = ['a@example.com']\nbudget_usd = 50\n")
    plan = sakimori.home / "plan.json"
    assert plan_and_apply(sakimori, where, plan, "HB07,HB10,HB11,HB13").code == 0
    after = sakimori("harden", "--for-aws-case", *where, lang=lang)
    assert (after.code, opening in after.out) == (0, True)
    assert all(name in after.out for name in ("AWS Budgets", "CloudTrail", "GuardDuty"))
    assert "Security Hub" not in after.out


@pytest.mark.slow
@pytest.mark.parametrize(("lang", "title"), [("en", "completion report"), ("ja", "必須防止対策 完了報告書")])
def test_the_completion_report_names_what_was_done_by_whom_and_what_is_open(
    sakimori: Sakimori, where: tuple[str, ...], tmp_path: Path, lang: str, title: str
) -> None:
    plan, page = tmp_path / "plan.json", tmp_path / "report.html"
    plan_and_apply(sakimori, where, plan, "HB23", "--by", "佐藤 <b>")
    sakimori("assess", *where)
    assert sakimori("harden", "report", "--output", str(page), lang=lang).code == 0
    text = page.read_text(encoding="utf-8")
    assert title in text
    assert ("佐藤 &lt;b&gt;" in text, "<b>" in text) == (True, False)
    assert all(word in text for word in ("HB23", "01.1", "616161616161"))


@pytest.mark.slow
def test_a_home_region_that_was_once_chosen_stays_whatever_regions_come(
    sakimori: Sakimori, where: tuple[str, ...], tmp_path: Path
) -> None:
    plan = tmp_path / "plan.json"
    sakimori("harden", "plan", *where, "--only", "HB23", "--output", str(plan))
    told = read_plan(plan)
    assert told.wishes.home_region == "ap-northeast-1"
    moved = replace(told, wishes=replace(told.wishes, home_region="eu-west-3"))
    journal, _ = open_journal(sakimori.home, told.account, "20260101T000000000Z-abcdef")
    begun = {"plan": "x", "by": "sato", "second": "", "wishes": asdict(moved.wishes)}
    journal.write(Entry.BEGIN, told.made_at, begun)
    journal.close()
    sakimori("harden", "plan", *where, "--only", "HB23", "--output", str(plan))
    assert read_plan(plan).wishes.home_region == "eu-west-3"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("undo", "nosuchrun"), "There is no run nosuchrun"),
        (("undo", "HB17"), "never made from this home"),
        (("plan", "--only", ""), "names nothing"),
        (("plan", "--only", "HB99"), "HB16"),
        (("plan", "--accept", "HB99"), "HB16"),
    ],
)
def test_what_means_nothing_is_told_before_anything_is_asked(
    sakimori: Sakimori, where: tuple[str, ...], arguments: tuple[str, ...], sentence: str
) -> None:
    told = sakimori("harden", *arguments, *where)
    assert (told.code, sentence in told.err) == (2, True)


@pytest.mark.slow
def test_a_run_that_is_not_there_is_not_begun_by_resuming_it(
    sakimori: Sakimori, where: tuple[str, ...], tmp_path: Path
) -> None:
    plan = tmp_path / "plan.json"
    sakimori("harden", "plan", *where, "--only", "HB23", "--output", str(plan))
    told = sakimori("harden", "apply", str(plan), *where, "--yes", "--resume", "zzz")
    assert (told.code, "no run zzz" in told.err) == (2, True)
    assert list(sakimori.home.glob("journal/*/*.jsonl")) == []


@pytest.mark.slow
def test_a_plan_whose_wishes_are_no_longer_said_is_not_made(
    sakimori: Sakimori, where: tuple[str, ...], tmp_path: Path
) -> None:
    plan = tmp_path / "plan.json"
    sakimori("harden", "plan", *where, "--only", "HB23", "--output", str(plan))
    sakimori.configure("[harden]\nkeep_days = 30\n")
    told = sakimori("harden", "apply", str(plan), *where, "--yes")
    assert (told.code, "config.toml" in told.err) == (2, True)


@pytest.mark.slow
def test_a_plan_a_journal_and_a_report_are_for_their_owner_alone(
    sakimori: Sakimori, where: tuple[str, ...], tmp_path: Path
) -> None:
    plan, page = tmp_path / "plan.json", tmp_path / "report.html"
    plan_and_apply(sakimori, where, plan, "HB23")
    sakimori("assess", *where, "--rule", "aws.iam.password-policy-strong")
    sakimori("harden", "report", "--output", str(page))
    (journal,) = sakimori.home.glob("journal/*/*.jsonl")
    assert [path.stat().st_mode & 0o077 for path in (plan, page, journal, journal.parent, journal.parent.parent)] == [
        0
    ] * 5


@pytest.mark.slow
def test_one_broken_journal_does_not_stand_in_the_way_of_others(
    sakimori: Sakimori, where: tuple[str, ...], tmp_path: Path
) -> None:
    plan = tmp_path / "plan.json"
    sakimori("harden", "plan", *where, "--only", "HB23", "--output", str(plan))
    broken = sakimori.home / "journal" / "616161616161" / "old.jsonl"
    broken.parent.mkdir(parents=True)
    broken.write_text("garbage\n")
    assert sakimori("harden", "apply", str(plan), *where, "--yes").code == 0
    told = sakimori("harden", "verify", *where, "--only", "HB23")
    assert (told.code, "old" in told.out) == (1, True)
    assert sakimori("harden", "journal", "verify").code == 1
    assert sakimori("harden", "undo", "HB23", *where, "--yes").code == 0


@pytest.mark.slow
def test_an_undo_names_what_somebody_changed_and_goes_on_only_if_that_is_meant(
    sakimori: Sakimori, where: tuple[str, ...], tmp_path: Path
) -> None:
    plan = tmp_path / "plan.json"
    plan_and_apply(sakimori, where, plan, "HB23")
    (door,) = open_doors(AccessRequest(endpoint_url=where[-1], regions=("us-east-1",)))
    door.call("iam:UpdateAccountPasswordPolicy", "global", {"MinimumPasswordLength": 32})
    told = sakimori("harden", "undo", "HB23", *where, "--yes")
    assert (told.code, "--anyway" in told.err) == (1, True)
    assert sakimori("harden", "undo", "HB23", *where, "--yes", "--anyway").code == 0


@pytest.mark.slow
def test_a_run_is_shown_and_taken_back_whole_though_its_steps_rest_on_each_other(
    sakimori: Sakimori, where: tuple[str, ...], tmp_path: Path
) -> None:
    plan = tmp_path / "plan.json"
    done = plan_and_apply(sakimori, where, plan, "HB10,HB11,HB12")
    run = re.search(r"undo (\S+)", done.out)
    assert run is not None
    bucket = "sakimori-logs-616161616161-ap-northeast-1"
    undone = sakimori("harden", "undo", run[1], *where, "--yes", "--lose", bucket)
    assert (undone.code, "3 places are as they were before." in undone.out) == (0, True), undone.err
