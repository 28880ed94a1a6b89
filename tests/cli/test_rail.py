"""Every step of the rail can be done by what the rail names, and the steps that stop a whole account are made and taken back."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import click
import pytest
from botocore.exceptions import ClientError
from tests.cli.running import Sakimori
from tests.laws.test_documents import parse

from sakimori.app.drill import DrillRequest, drill
from sakimori.app.respond.case import Told
from sakimori.app.respond.case_files import new_case, read_case
from sakimori.app.respond.rail import RAIL, RailStep
from sakimori.cli.main import command as root_command
from sakimori.cli.respond_do import _ALONE, _CONTAINING
from sakimori.texts.language import LANGUAGES
from sakimori.texts.sentences import _catalogue

CASE = "SKM-20261123-R01"


def _named(step: RailStep) -> str:
    return step.id


@pytest.mark.parametrize("step", RAIL, ids=_named)
def test_what_the_rail_names_for_a_step_can_be_typed(step: RailStep) -> None:
    if not step.command:
        assert step.id in {*_CONTAINING, "R00", "R13"}
        return
    words = step.command.replace("CASE", CASE).split()
    parse(root_command, words[1:])
    if words[2] == "do":
        assert words[3] in {*_CONTAINING, *_ALONE}


@pytest.mark.parametrize("step", [each for each in RAIL if each.command and " do " not in each.command], ids=_named)
def test_a_step_that_another_command_does_is_not_done_by_name_and_says_which(
    sakimori: Sakimori, step: RailStep
) -> None:
    done = sakimori("respond", "do", step.id)
    assert done.code == 2
    assert step.command.replace(" --case CASE", "") in " ".join(done.err.split())


def test_r51_names_the_command_that_removes(sakimori: Sakimori) -> None:
    assert "sakimori respond eradicate --apply" in sakimori("respond", "do", "r51").err


def _verbs_said() -> Iterator[tuple[str, str]]:
    for topic in ("respond", "respond_rotate", "respond_rail", "case_report", "drill"):
        for identifier, both in _catalogue(topic).items():
            for language in LANGUAGES:
                for verb in re.findall(r"sakimori respond ([a-z]+)", both.in_(language)):
                    yield identifier, verb


def test_every_verb_that_a_sentence_names_is_there() -> None:
    found = set(_verbs_said())
    assert len(found) > 20
    with root_command.make_context("sakimori", ["respond"], resilient_parsing=True) as context:
        group = root_command.get_command(context, "respond")
        assert isinstance(group, click.Group)
        assert {verb for _, verb in found} <= set(group.list_commands(context))


@pytest.fixture
def attacked(sakimori: Sakimori, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Any, Any]]:
    """S3 of the attacked account's owner, and the organisation."""
    with drill(DrillRequest(name="leaked-key", home=sakimori.home)) as running:
        clients = running.simulated.client("s3"), running.simulated.client("organizations", account=2)
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
            monkeypatch.delenv(name, raising=False)
        for name, value in running.environment.items():
            monkeypatch.setenv(name, value)
        story = running.story
        suspect = {"kind": "user", "user": f"arn:aws:iam::{story.accounts['production']}:user/{story.victim}", "account": story.accounts["production"]}  # fmt: skip
        with new_case(sakimori.home, {"by": "tanaka"}, clock=lambda: datetime.now(UTC)) as log:  # noqa: TID251 - as the drill's own
            log.write(Told.SUSPECT, suspect)
        yield clients


@pytest.mark.slow
def test_a_suspect_and_then_a_whole_account_are_stopped_from_above_and_let_go(
    attacked: tuple[Any, Any], sakimori: Sakimori
) -> None:
    """Slow: an attack is played in three simulated accounts first."""
    owner, organization = attacked
    before = _policies(organization)
    for more in ((), ("--whole-account",)):
        done = sakimori("respond", "do", "R15", "--account", "all", "--yes", "--by", "tanaka", *more)
        assert done.code == 0, done.err
        if more:
            with pytest.raises(ClientError, match="AccessDenied"):
                owner.list_buckets()
        undone = sakimori("respond", "undo", "--step", "R15", "--account", "all", "--yes", "--by", "tanaka")
        assert undone.code == 0, undone.err
        assert _policies(organization) == before
        owner.list_buckets()
    assert read_case(sakimori.home, "")[1].steps["R15"].detail == "respond.taken_back"


def _policies(organization: Any) -> list[str]:
    return sorted(each["Name"] for each in organization.list_policies(Filter="SERVICE_CONTROL_POLICY")["Policies"])
