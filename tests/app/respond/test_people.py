"""Which names are one person."""

from datetime import UTC, datetime

import pytest

from sakimori.app.respond.case import Approved
from sakimori.app.respond.people import is_same_person, people_in

NOW = datetime(2026, 11, 23, tzinfo=UTC)
SSO = "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Admin_0123456789abcdef"
ROLE = "arn:aws:sts::111122223333:assumed-role/ops"


def said(by: str, login: str = "", caller: str = "") -> Approved:
    return Approved(steps=("R14",), by=by, at=NOW, login=login, caller=caller)


@pytest.mark.parametrize("other", ["Tanaka", " tanaka ", "ＴＡＮＡＫＡ", "tanaka@example.com", "TANAKA@other.example"])
def test_another_spelling_is_no_other_person(other: str) -> None:
    assert is_same_person(said("tanaka", "a@m"), said(other, "b@n"))


def test_two_names_from_one_login_are_one_person() -> None:
    assert is_same_person(said("tanaka", "ec2-user@bastion"), said("suzuki", "ec2-user@bastion"))
    assert not is_same_person(said("tanaka", "tanaka@bastion"), said("suzuki", "suzuki@bastion"))


def test_at_one_machine_two_identities_in_aws_are_two_people() -> None:
    one, other = said("tanaka", "x@m", f"{SSO}/tanaka"), said("suzuki", "x@m", f"{SSO}/suzuki")
    assert not is_same_person(one, other)


@pytest.mark.parametrize("caller", [f"{ROLE}/one", "arn:aws:iam::111122223333:user/ops", f"{SSO}/tanaka"])
def test_two_logins_with_one_identity_in_aws_are_one_person(caller: str) -> None:
    other = caller.replace("/one", "/two")
    assert is_same_person(said("tanaka", "a@m", caller), said("suzuki", "b@n", other))


def test_a_chain_of_resemblances_is_one_person() -> None:
    chain = [said("tanaka", "a@m"), said("suzuki", "a@m"), said("SUZUKI", "b@n")]
    assert [each.by for each in people_in(chain)] == ["tanaka"]


def test_where_no_login_is_known_the_name_is_taken_on_trust() -> None:
    assert len(people_in([said("tanaka"), said("suzuki")])) == 2


def test_whoever_agreed_first_without_an_identity_may_show_it_later() -> None:
    owner, other = "arn:aws:iam::111122223333:user/owner", "arn:aws:iam::111122223333:user/second"
    told = [said("tanaka", "x@m", owner), said("suzuki", "x@m"), said("suzuki", "x@m", other)]
    assert [each.by for each in people_in(told[:2])] == ["tanaka"]
    assert [each.by for each in people_in(told)] == ["tanaka", "suzuki"]
    same = [*told[:2], said("suzuki", "x@m", owner)]
    assert [each.by for each in people_in(same)] == ["tanaka"]
