"""`sakimori fix` as a person types it: what a rule found is mended, or the steps for a person are shown."""

import json
from collections.abc import Iterator

import pytest
from tests.app.company import use_credentials
from tests.cli.running import Sakimori

from sakimori.simulate.server import SimulatedAccount

RULE = "aws.s3.bucket-public-access-blocked"


@pytest.fixture
def simulated() -> Iterator[SimulatedAccount]:
    with SimulatedAccount(account_id="626262626262") as found, pytest.MonkeyPatch.context() as patch:
        use_credentials(found, "owner", patch)
        for name in ("one-of-two", "two-of-two"):
            found.client("s3").create_bucket(Bucket=name)
            found.client("s3").delete_public_access_block(Bucket=name)
        yield found


@pytest.fixture
def where(simulated: SimulatedAccount) -> tuple[str, ...]:
    return "--region", "us-east-1", "--endpoint-url", simulated.endpoint_url


@pytest.mark.slow
def test_every_open_finding_of_a_rule_is_mended_and_taken_back(sakimori: Sakimori, where: tuple[str, ...]) -> None:
    sakimori("assess", *where, "--rule", RULE)
    shown = sakimori("fix", RULE, *where, "--plan-only")
    assert (shown.code, "to do 2" in shown.out) == (0, True)
    done = sakimori("fix", RULE, *where, "--yes", "--by", "sato")
    assert (done.code, done.err.count("verified")) == (0, 2)
    assert "no open finding" in _after_assess(sakimori, where)
    undone = sakimori("harden", "undo", "bucket-public-access-blocked", *where, "--yes")
    assert "2 places" in undone.out


@pytest.mark.slow
def test_one_finding_is_mended_alone(sakimori: Sakimori, where: tuple[str, ...]) -> None:
    sakimori("assess", *where, "--rule", RULE)
    listed = json.loads(sakimori("findings", "list", "--rule", RULE, "--format", "json").out)["findings"]
    chosen = next(each for each in listed if "two-of-two" in json.dumps(each))
    told = sakimori("fix", chosen["id"], *where, "--format", "json")
    (item,) = json.loads(told.out)["plan"]["items"]
    assert (item["resource"], item["standing"]) == ("arn:aws:s3:::two-of-two", "to_make")


@pytest.mark.slow
def test_a_finding_of_another_account_is_not_mended_in_this_one(sakimori: Sakimori, where: tuple[str, ...]) -> None:
    sakimori("assess", *where, "--rule", RULE)
    listed = json.loads(sakimori("findings", "list", "--rule", RULE, "--format", "json").out)["findings"]
    with SimulatedAccount(account_id="636363636363") as other, pytest.MonkeyPatch.context() as patch:
        use_credentials(other, "owner", patch)
        told = sakimori("fix", listed[0]["id"], "--endpoint-url", other.endpoint_url, "--yes")
    assert (told.code, "626262626262" in told.err) == (2, True)


@pytest.mark.parametrize(
    ("lang", "sentence"), [("en", "does not change this by itself"), ("ja", "手動で対応してください")]
)
def test_where_no_api_can_do_it_the_steps_for_a_person_are_shown(sakimori: Sakimori, lang: str, sentence: str) -> None:
    told = sakimori("fix", "aws.iam.user-mfa-enabled", lang=lang)
    assert (told.code, sentence in told.out, "1. " in told.out) == (0, True, True)


def test_a_rule_that_does_not_exist_is_told_with_the_nearest(sakimori: Sakimori) -> None:
    wrong = sakimori("fix", "aws.s3.bucket-public-acces-blocked")
    assert (wrong.code, RULE in wrong.err) == (2, True)


def _after_assess(sakimori: Sakimori, where: tuple[str, ...]) -> str:
    sakimori("assess", *where, "--rule", RULE)
    return sakimori("fix", RULE, *where, "--plan-only").out
