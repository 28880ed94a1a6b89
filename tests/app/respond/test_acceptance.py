"""The acceptance of a response: an attack of four hours, contained, found whole, answered and taken back."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from sakimori.actions.plan import Item, Plan
from sakimori.app.access import AccessRequest, open_doors
from sakimori.app.clock import utc_now
from sakimori.app.drill import Drill, DrillRequest, drill
from sakimori.app.drill_score import score
from sakimori.app.harden import Approver
from sakimori.app.respond.case import StepLine
from sakimori.app.respond.case_files import find_case, open_case, read_case
from sakimori.app.respond.inquiry import Inquiry
from sakimori.app.respond.intake import by_mail
from sakimori.app.respond.radius import details_of
from sakimori.app.respond.removal import Removal
from sakimori.app.respond.session import Desk
from sakimori.app.respond.undo import Undo
from sakimori.app.respond.walk import Walk
from sakimori.app.settings import read_settings
from sakimori.aws.settings import Clock
from sakimori.model.action import Change
from sakimori.outputs.evidence.package import package
from sakimori.outputs.evidence.verifying import verify_package

_NO_WAIT = Clock(sleep=lambda _: None)


class Agreeing:
    """Whoever agrees to everything."""

    def said(self, step: str, line: StepLine) -> None:
        """Nothing."""

    def changing(self, word: str, item: Item, change: Change | None) -> None:
        """Nothing."""

    def show(self, step: str, plans: Any) -> None:  # noqa: ARG002 - the form of Conversation
        """Nothing."""
        assert all(isinstance(each, Plan) for each in plans)

    def agree(self, step: str) -> bool:  # noqa: ARG002 - the form of Conversation
        """Yes."""
        return True


@contextmanager
def responding(running: Drill, patch: pytest.MonkeyPatch) -> Iterator[tuple[Desk, Walk]]:
    for name, value in running.environment.items():
        patch.setenv(name, value)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        patch.delenv(name, raising=False)
    home = running.request.home
    settings = read_settings(home / "config.toml")
    desk = Desk(
        home=home, access=AccessRequest(accounts=settings.accounts, endpoint_url=running.endpoint_url), settings=settings,
        by="tanaka", clock=utc_now, conversation=Agreeing(), times=_NO_WAIT,
    )  # fmt: skip
    trigger = by_mail(running.mail, desk.clock())
    doors = desk.enter(trigger.suspect.key_id)
    with desk.opened(trigger, "single") as log, desk.walk(log, doors) as walk:
        yield desk, walk


def held_by_iam(desk: Desk) -> dict[str, Any]:
    """What IAM of every account holds, without what changes by itself."""
    found: dict[str, Any] = {}
    for door in open_doors(desk.access):
        told = json.loads(json.dumps(details_of(door), default=str, sort_keys=True))
        for each in told["RoleDetailList"]:
            each.pop("RoleLastUsed", None)
        keys = {
            user["UserName"]: sorted(
                (key["AccessKeyId"], key["Status"])
                for page in door.pages("iam:ListAccessKeys", "global", {"UserName": user["UserName"]})
                for key in page["AccessKeyMetadata"]
            )
            for user in told["UserDetailList"]
        }
        found[door.account.id] = (told, keys)
    return found


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "seed"), [("leaked-key", 1), ("leaked-key", 2), ("leaked-key", 3), ("leaked-key-hard", 1)]
)
def test_the_attack_is_contained_found_whole_answered_and_taken_back(
    name: str, seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    since = utc_now()
    with drill(DrillRequest(name=name, home=tmp_path / "home", seed=seed)) as running:
        with responding(running, monkeypatch) as (desk, walk):
            before = held_by_iam(desk)
            assert walk.contain()
            running.attacker_goes_on()
            walk.contain_again()
            running.attacker_goes_on()
            assert walk.look_again()
            Removal(hands=walk.hands).freeze()
            Inquiry(hands=walk.hands, home=desk.home, doors=walk.doors, since=walk.since, times=_NO_WAIT).look()
            case = walk.hands.log.case
        found = score(running, since)
        assert found.missing == ()
        assert found.touched == ()
        assert found.decoys == 40
        assert found.harmful == ()
        assert found.is_passed
        _is_taken_back(desk, case.id, before)
        _is_evidence(desk.home, case.id, tmp_path / "case.zip")
        _holds_no_secret(desk.home, running)


def _is_taken_back(desk: Desk, case: str, before: dict[str, Any]) -> None:
    """Every place is as it was, but for what AWS itself wrote meanwhile."""
    doors = {each.account.id: each for each in desk.enter("")}
    with open_case(desk.home, case, clock=desk.clock) as log:
        undo = Undo(log, doors, desk.clock, lambda *_: None, frozenset({"user-denied", "role-denied", "role-sessions-revoked", "user-sessions-revoked"}))  # fmt: skip
        left = undo.take_back(undo.shown(), Approver("tanaka"), lambda _: True)
    assert not [each for each in left if each.step not in _WITHOUT_UNDO]
    assert held_by_iam(desk) == before


_WITHOUT_UNDO = frozenset({"console-closed"})
"""A password cannot be given back."""


def _is_evidence(home: Path, case: str, output: Path) -> None:
    directory, _ = read_case(home, case)
    assert verify_package(package(directory, output).path).faults == ()


def _holds_no_secret(home: Path, running: Drill) -> None:
    secrets = [each.credentials.secret_access_key.encode() for each in running.story.attacker.held]
    secrets += [each.credentials.session_token.encode() for each in running.story.attacker.held if each.credentials.session_token]  # fmt: skip
    for path in find_case(home, "").rglob("*"):
        if path.is_file() and not path.is_symlink():
            raw = path.read_bytes()
            assert not [each for each in secrets if each in raw], path
