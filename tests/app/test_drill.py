"""A drill: where it may work, what its score says, and that a careful responder passes where a lazy one does not."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tests.app.respond.test_acceptance import Agreeing

from sakimori.app.clock import utc_now
from sakimori.app.drill import KINDS, Drill, DrillRequest, drill, drill_home
from sakimori.app.drill_auto import Responder
from sakimori.app.drill_score import Score, score
from sakimori.app.respond.case import Told
from sakimori.app.respond.case_files import new_case, read_case
from sakimori.app.respond.removal import list_a
from sakimori.aws.settings import Clock
from sakimori.model.errors import UsageError
from sakimori.simulate.scenarios.register import NAMES

_NO_WAIT = Clock(sleep=lambda _: None)
_FULL = Score(
    case="SKM-20261123-R01", within=timedelta(minutes=30), contained_after=timedelta(minutes=4), planted=6, found=6, missing=(),
    decoys=40, touched=(), harmful=(), replies=None, openings=6, still_open=(), meant=2, shut=(),
)  # fmt: skip


# -- where it works ------------------------------------------------------------------------


def test_a_home_with_something_else_in_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[[account]]\n")
    with pytest.raises(UsageError, match="home_in_use"):
        drill_home(tmp_path)
    assert (tmp_path / "config.toml").read_text() == "[[account]]\n"


def test_a_file_is_no_home(tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("")
    with pytest.raises(UsageError, match="home_in_use"):
        drill_home(tmp_path / "notes")


def test_a_new_an_empty_and_an_earlier_drills_home_are_taken(tmp_path: Path) -> None:
    assert drill_home(tmp_path) == tmp_path
    assert drill_home(tmp_path / "new") == tmp_path / "new"
    (tmp_path / ".drill").touch()
    (tmp_path / "config.toml").touch()
    assert drill_home(tmp_path) == tmp_path


def test_without_a_home_it_is_a_new_one_and_not_the_demos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAKIMORI_CACHE", str(tmp_path))
    (tmp_path / "drill").mkdir()
    (tmp_path / "drill" / "cases").touch()
    assert drill_home(None) == tmp_path / "drill"
    assert not (tmp_path / "drill").exists()


# -- what a score says ---------------------------------------------------------------------


def test_a_full_score_passes() -> None:
    assert _FULL.is_passed


@pytest.mark.parametrize(
    ("replies", "unready"),
    [
        (None, ()),
        ({"ja": 5000, "en": 5000}, ()),
        ({"ja": 5000}, ("en",)),
        ({"ja": 5000, "en": 8001}, ("en",)),
        ({}, ("en", "ja")),
    ],
)
def test_which_answer_to_aws_cannot_be_sent_is_told(replies: dict[str, int] | None, unready: tuple[str, ...]) -> None:
    assert replace(_FULL, replies=replies).unready == unready


@pytest.mark.parametrize(
    "flaw",
    [
        {"contained_after": None},
        {"contained_after": timedelta(minutes=31)},
        {"found": 5, "missing": ("AWS::IAM::User x",)},
        {"touched": ("AWS::IAM::User kato.ren",)},
        {"harmful": ("ec2:RunInstances",)},
        {"still_open": ("port sg-1 22",)},
        {"shut": ("bucket website",)},
        {"replies": {"ja": 5000}},
        {"replies": {"ja": 5000, "en": 8001}},
    ],
)
def test_each_flaw_alone_fails(flaw: dict[str, object]) -> None:
    assert not replace(_FULL, **flaw).is_passed  # type: ignore[arg-type]


@pytest.mark.parametrize("speed", [1.0, 20.0])
def test_speed_hurries_the_attacker_and_not_the_clock_that_scores(speed: float, tmp_path: Path) -> None:
    began = utc_now()
    with new_case(tmp_path, {"by": "ana", "approval": "single"}, clock=utc_now) as log:
        case = log.write(Told.CONTAINED, {"credentials": 1})
    assert case.contained_at is not None
    told: Any = SimpleNamespace(openings=(), machine="", planted=(), decoys=(), meant=())
    running: Any = SimpleNamespace(
        request=DrillRequest(name="password", home=tmp_path, speed=speed), kind=KINDS["password"], story=told, began_at=began,
        attempts=[], look=lambda: None, still_open=tuple, shut=tuple,
    )  # fmt: skip
    assert score(running, began).contained_after == case.contained_at - case.opened_at


def test_every_drill_names_a_scenario() -> None:
    assert {each.scenario for each in KINDS.values()} <= set(NAMES)


# -- responders ----------------------------------------------------------------------------


@contextmanager
def running(name: str, seed: int, home: Path, patch: pytest.MonkeyPatch) -> Iterator[Drill]:
    with drill(DrillRequest(name=name, home=home, seed=seed)) as found:
        for variable, value in found.environment.items():
            patch.setenv(variable, value)
        for variable in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
            patch.delenv(variable, raising=False)
        yield found


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("name", ["password", "exposure"])
def test_who_does_everything_gets_a_full_score(
    name: str, seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Slow: a story is played and answered, in about a minute of CPU time."""
    with running(name, seed, tmp_path / "home", monkeypatch) as found:
        since = utc_now()
        Responder(running=found, conversation=Agreeing(), times=_NO_WAIT).respond()
        told = score(found, since)
        assert not (tmp_path / "home" / "truth.json").exists()
        assert found.keep_truth().exists()
    assert (told.missing, told.touched, told.harmful, told.still_open, told.shut) == ((), (), (), (), ())
    assert told.decoys == 40
    _, case = read_case(tmp_path / "home", "")
    # The inquiry knows the owner's places as the containment does.
    assert case.steps["R40"].values["list_a"] == len(list_a(case).made)
    assert told.is_passed


@pytest.mark.slow
def test_who_closes_no_door_and_leaves_the_machine_alone_gets_a_low_score(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Slow: a story is played and answered in part."""
    with running("exposure", 1, tmp_path / "home", monkeypatch) as found:
        since = utc_now()
        lazy = Responder(running=found, conversation=Agreeing(), times=_NO_WAIT, leaves=frozenset({"doors", "machine"}))
        lazy.respond()
        told = score(found, since)
    assert not told.is_passed
    assert told.contained_after is None
    assert len(told.still_open) == told.openings == 6
    # By the machine it has fresh credentials, whatever sessions of its role were revoked.
    worked = {each.call for each in found.attempts if each.is_harmful}
    assert {"machine:Use", "port:Connect", "s3:GetObject (anonymous)", "ec2:RunInstances"} <= worked
