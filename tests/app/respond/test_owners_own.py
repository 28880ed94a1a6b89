"""What the owner of a watched user made from the office is not stopped with what the thief made: and nobody is spared in silence."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.analysis.incident.incident_events import (
    ACCOUNT,
    KEY,
    NOW,
    SEED,
    STRANGER,
    T0,
    VICTIM,
    Tale,
    role,
    session,
    user,
)
from tests.app.respond.test_containment import Hearing, WorkingHands, World, walk_of

from sakimori.analysis.incident.closure import closure_of
from sakimori.analysis.incident.events import HeldEvents
from sakimori.analysis.incident.form import Closure, Event
from sakimori.app.respond.case import Suspect, Told
from sakimori.app.respond.case_files import CaseLog, new_case
from sakimori.app.respond.facts import facts_of
from sakimori.app.respond.organization import FromAbove
from sakimori.app.respond.telling import told

OFFICE, STRANGE = "198.51.100.7", "203.0.113.9"
SUSPECT = Suspect(kind="user", user=VICTIM, account=ACCOUNT)


def from_office(event: Event) -> bool:
    return event.ip == OFFICE


def makes_role(tale: Tale, name: str, ip: str) -> None:
    request = {"roleName": name}
    tale.tell("CreateRole", request=request, response={"role": {"arn": role(name), "roleName": name}}, ip=ip)


def followed(tale: Tale) -> Closure:
    return closure_of(HeldEvents(tale.events), [SEED], NOW, is_known=from_office)


@pytest.fixture
def log(tmp_path: Path) -> Iterator[CaseLog]:
    with new_case(tmp_path, {"by": "tanaka"}, clock=lambda: T0) as opened:
        opened.write(Told.SUSPECT, {"kind": "user", "user": VICTIM, "account": ACCOUNT})
        yield opened


def test_a_role_that_was_made_and_used_from_the_office_alone_is_spared() -> None:
    tale = Tale()
    makes_role(tale, "deploy", OFFICE)
    tale.assumes("AKIAOTHER", user("colleague"), role("deploy"), "ASIA1", ip=OFFICE)
    tale.tell("ListBuckets", "ASIA1", session("deploy", "s"), service="s3", session_issuer=role("deploy"), ip=OFFICE)
    makes_role(tale, "backdoor", STRANGE)
    closure = followed(tale)
    assert (closure.spared, closure.made_roles) == ((role("deploy"),), (role("backdoor"),))
    assert "ASIA1" not in {each.id for each in closure.credentials}


@pytest.mark.parametrize("takes", [False, True])
def test_one_use_from_elsewhere_and_it_is_followed_like_any_other(*, takes: bool) -> None:
    tale = Tale()
    makes_role(tale, "deploy", OFFICE)
    tale.assumes("AKIAOTHER", user("colleague"), role("deploy"), "ASIA1", ip=STRANGE if takes else OFFICE)
    if not takes:
        tale.tell(
            "ListBuckets", "ASIA1", session("deploy", "s"), service="s3", session_issuer=role("deploy"), ip=STRANGE
        )
    closure = followed(tale)
    assert (closure.spared, closure.made_roles) == ((), (role("deploy"),))
    assert "ASIA1" in {each.id for each in closure.credentials}


def test_a_user_and_a_key_of_the_owner_s_are_spared_until_they_are_used_from_elsewhere() -> None:
    tale = Tale()
    for name, ip in (("build", OFFICE), ("other", STRANGE)):
        made = tale.makes_user(name)
        key = tale.makes_key(name, f"AKIA{name.upper()}")
        tale.events[-2:] = [_at(made, OFFICE), _at(key, OFFICE)]
        tale.tell("ListUsers", f"AKIA{name.upper()}", user(name), ip=ip)
    closure = followed(tale)
    assert closure.spared == ("AKIABUILD", user("build"))
    assert closure.users == (user("other"),)
    assert "AKIAOTHER" in {each.id for each in closure.credentials}


def test_a_role_of_the_owner_s_that_the_thief_opened_later_is_followed() -> None:
    tale = Tale()
    makes_role(tale, "deploy", OFFICE)
    trust = '{"Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::%s:root"},"Action":"sts:AssumeRole"}]}'
    request = {"roleName": "deploy", "policyDocument": trust % STRANGER}
    tale.tell("UpdateAssumeRolePolicy", request=request, ip=STRANGE)
    assert role("deploy") in followed(tale).suspects


def test_where_nobody_knows_the_owner_s_places_nothing_is_spared() -> None:
    tale = Tale()
    makes_role(tale, "deploy", OFFICE)
    closure = closure_of(HeldEvents(tale.events), [SEED], NOW)
    assert (closure.spared, closure.made_roles) == ((), (role("deploy"),))


def test_the_owner_s_role_is_neither_denied_nor_narrowed_and_that_is_told_and_in_the_report(
    log: CaseLog, tmp_path: Path
) -> None:
    tale = Tale()
    makes_role(tale, "deploy", OFFICE)
    makes_role(tale, "backdoor", STRANGE)
    containment = World(tale, log).containment(SUSPECT)
    containment.is_known = from_office
    containment.follow()
    assert {each.resource for each, _ in containment.taken if ":role/" in each.resource} == {role("backdoor")}
    lines = [line for line in (log.directory / "case.jsonl").read_text().splitlines() if "respond.spared" in line]
    assert role("deploy") in lines[-1]
    assert any(role("deploy") in each.value.en for each in facts_of(tmp_path, log.case).residual)


def test_a_later_look_knows_the_owner_s_places_too(log: CaseLog) -> None:
    tale = Tale()
    makes_role(tale, "deploy", OFFICE)
    body = {
        "step": "R06",
        "state": "done",
        "by": "t",
        "detail": "respond.uses",
        "values": {"places": [OFFICE]},
        "evidence": [],
    }
    log.write(Told.STEP, body)
    world = World(tale, log)
    walk_of(world, world.containment(SUSPECT)).look_again()
    assert (log.case.closure["spared"], log.case.closure["made_roles"]) == ([role("deploy")], [])
    assert log.case.made[0]["is_from_known_origin"] is True


def test_the_denial_from_above_says_why_each_is_in_it_and_leaves_the_owner_s_own_out(log: CaseLog) -> None:
    tale = Tale()
    for name, ip in (("deploy", OFFICE), ("shared", OFFICE), ("backdoor", STRANGE)):
        makes_role(tale, name, ip)
    tale.tell("ListBuckets", "ASIA1", session("shared", "s"), service="s3", session_issuer=role("shared"), ip=STRANGE)
    world = World(tale, log)
    containment = world.containment(SUSPECT)
    containment.is_known = from_office
    containment.follow()
    hands = WorkingHands(
        log=log, doors={ACCOUNT: _Door()}, by="tanaka", clock=world.now, conversation=Hearing(world.heard), world=world,  # type: ignore[dict-item]
    )  # fmt: skip
    assert FromAbove(hands=hands).stop()
    said = next(each for _, line in world.heard if (each := told(line, "en")).startswith("Who would be denied"))
    for each in (
        "user/victim (the suspect)",
        f"role/backdoor (CreateRole by key …{KEY[-4:]} from {STRANGE}",
        "used from elsewhere since",
    ):
        assert each in said, said
    assert said.index("Not denied") < said.index(role("deploy"))


class _Door:
    def call(self, *_: object) -> Mapping[str, Any]:
        return {"Organization": {"MasterAccountId": "999900001111"}}


def _at(event: Event, ip: str) -> Event:
    return replace(event, ip=ip)
