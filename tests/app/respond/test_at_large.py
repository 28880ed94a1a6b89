"""How what can still act is told: by whoever holds it, and to machines one by one."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.analysis.incident.incident_events import ACCOUNT, T0, Tale, role, session
from tests.app.respond.test_containment import World, walk_of

from sakimori.analysis.incident.events import HeldEvents
from sakimori.analysis.incident.form import Credential, CredentialKind
from sakimori.app.respond.at_large import AtLarge
from sakimori.app.respond.case import Suspect
from sakimori.app.respond.case_files import new_case
from sakimori.app.respond.telling import told, value_words
from sakimori.cli.respond_status import plain_case
from sakimori.texts.language import LANGUAGES, Language

SSO = "AWSReservedSSO_Admin_0123456789abcdef"
SUSPECT = Suspect(kind="role", role=role(SSO), account=ACCOUNT)


def acts(tale: Tale, who: str, sessions: int) -> None:
    for number in range(sessions):
        tale.at = T0 + timedelta(minutes=number)
        used = {"key": f"ASIA{who[:3].upper()}{number:013}", "principal": session(SSO, who)}
        tale.tell("DescribeVpcs", service="ec2", read_only=True, ip="198.51.100.7", session_issuer=role(SSO), **used)  # type: ignore[arg-type]


@pytest.mark.parametrize("step", ["R13", "R17"])
def test_many_sessions_are_told_by_person_with_their_number_and_machines_read_each(step: str, tmp_path: Path) -> None:
    tale = Tale()
    for number in range(7):
        acts(tale, f"{number}person", 3)
    acts(tale, "bob", 14)
    with new_case(tmp_path, {"by": "tanaka"}, clock=lambda: tale.at) as log:
        world = World(tale, log)
        containment = world.containment(SUSPECT)
        assert containment.follow() is False
        walk_of(world, containment).verify()
    line = log.case.steps[step]
    said = told(line, "en")
    assert f"bob ({SSO}): 14 credentials (session of a role), last seen 2026-" in said
    assert f"others: 9 (one by one: sakimori respond status --case {log.case.id} --format json" in said
    assert (len(said) < 1_200, said.count("ASIA"), len(line.values["left"])) == (True, 0, 6)
    assert "14 件" in told(line, "ja")
    left = plain_case(log.case)["left"]
    assert {each["id"] for each in left} == {f"ASIABOB{number:013}" for number in range(14)} | {
        f"ASIA{person}PE{number:013}" for person in range(7) for number in range(3)
    }
    assert (
        max(each["last_at"] for each in left if "bob" in each["principal"])
        == max(each.at for each in tale.events).isoformat()
    )


def test_calls_that_go_on_are_told_by_whoever_makes_them(tmp_path: Path) -> None:
    tale = Tale()
    with new_case(tmp_path, {"by": "tanaka"}, clock=lambda: T0 - timedelta(hours=1)) as log:
        acts(tale, "bob", 14)
        world = World(tale, log)
        containment = world.containment(SUSPECT)
        containment.look()
        walk_of(world, containment).verify()
    line = log.case.steps["R17"]
    assert line.detail == "respond.still_acting"
    assert f"(14): ec2:DescribeVpcs × 14 by bob ({SSO}), the last at" in told(line, "en")
    assert len(log.case.verified[-1]["acting"]) == 14


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_key_is_told_by_its_end_and_one_of_nobody_has_no_empty_holder(language: Language) -> None:
    key = Credential(id="AKIA" + "0" * 12 + "BNXQ", kind=CredentialKind.USER_KEY)
    for principal, end in (("", {"en": "…BNXQ, of whom is not known", "ja": "所有者は不明）"}), (f"arn:aws:iam::{ACCOUNT}:user/alice", {"en": "…BNXQ of user/alice", "ja": "…BNXQ）"})):  # fmt: skip
        found = AtLarge(credentials=(Credential(id=key.id, kind=key.kind, principal=principal),))
        (said,) = value_words(found.told("left", HeldEvents(()), "SKM-1")["left"], language)
        assert said.endswith(end[language])


def test_of_many_people_of_roles_that_were_taken_a_few_are_named_and_the_rest_is_counted(tmp_path: Path) -> None:
    tale = Tale()
    with new_case(tmp_path, {"by": "tanaka"}, clock=lambda: tale.at) as log:
        containment = World(tale, log).containment(SUSPECT)
        seen = containment.look()
        people = [session(SSO, f"person-{number}") for number in range(8)]
        sessions = tuple(
            Credential(id=f"ASIA{number:016}", kind=CredentialKind.ROLE_SESSION, principal=each, role=role(SSO))
            for number, each in enumerate(people)
        )
        containment.suspect = Suspect(kind="key", key_id="AKIA" + "0" * 16)
        containment._seen = replace(seen, closure=replace(seen.closure, credentials=sessions))
        containment.say_people()
    said = told(log.case.steps["R12"], "en")
    assert ("person-4, others: 3 (one by one" in said, "person-5" in said) == (True, False)
