from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from tests.actions.staging import WISHES, Stage, holds_and_is_taken_back

from sakimori.actions.harden.contacts_set import STEP
from sakimori.actions.plan import Item, Standing
from sakimori.actions.terraform import rendered
from sakimori.actions.wishes import Contact, Wishes
from sakimori.texts.sentences import say

OTHER = Contact(name="Suzuki", title="Head", email="old@example.com", phone="+81 90 0000 0000")


def put(stage: Stage, kind: str, contact: Contact = OTHER) -> None:
    stage.client("account").put_alternate_contact(
        AlternateContactType=kind, Name=contact.name, Title=contact.title, EmailAddress=contact.email,
        PhoneNumber=contact.phone,
    )  # fmt: skip


def only(stage: Stage) -> Item:
    (item,) = stage.plan(STEP).items
    return item


def contacts(stage: Stage) -> Mapping[str, Any]:
    return only(stage).before["contacts"]  # type: ignore[index]


def test_all_three_are_set_and_deleted_again(stage: Stage) -> None:
    (item,) = holds_and_is_taken_back(stage, STEP).items
    assert [each.name for each in item.changes] == ["security", "billing", "operations"]
    assert {each.undo[0].operation for each in item.changes} == {"account:DeleteAlternateContact"}


def test_another_contact_gives_way_to_the_one_that_was_said_and_comes_back(stage: Stage) -> None:
    put(stage, "SECURITY")
    plan = holds_and_is_taken_back(stage, STEP)
    change = plan.items[0].changes[0]
    assert change.values == {"kind": "SECURITY", "before": "old@example.com", "email": "security@example.com"}
    assert change.undo[0].parameters["Name"] == "Suzuki"
    assert contacts(stage)["SECURITY"]["phone"] == "+81 90 0000 0000"


def test_sentences_show_the_mail_address_and_nothing_else_of_a_person(stage: Stage) -> None:
    put(stage, "SECURITY")
    told = " ".join(say(each.text, "en", **each.values) for each in only(stage).changes)
    assert "security@example.com" in told
    assert not any(word in told for word in ("Sato", "Suzuki", "0000"))


def test_what_stands_as_it_was_said_is_left_alone(stage: Stage) -> None:
    for kind, contact in WISHES.contacts.items():
        put(stage, kind.upper(), replace(contact, name=f" {contact.name} "))
    assert only(stage).standing is Standing.AS_WANTED


def test_contacts_that_somebody_else_set_are_enough_where_nothing_was_said(stage: Stage) -> None:
    for kind in ("SECURITY", "BILLING", "OPERATIONS"):
        put(stage, kind)
    assert only(replace(stage, wishes=Wishes())).standing is Standing.AS_WANTED


def test_without_a_word_of_the_owner_the_lines_to_write_are_shown_and_nothing_is_made(stage: Stage) -> None:
    put(stage, "BILLING")
    item = only(replace(stage, wishes=Wishes()))
    assert (item.standing, item.reason, item.changes) == (Standing.UNSAID, "harden_reach.hb01_lacks", ())
    assert "[harden.contact.security]" in say(item.reason, "ja")


def test_the_one_that_was_said_is_made_and_the_others_are_asked_for(stage: Stage) -> None:
    stage = replace(stage, wishes=Wishes(contacts={"security": WISHES.contacts["security"]}))
    plan = stage.plan(STEP)
    assert [each.name for each in plan.items[0].changes] == ["security"]
    assert plan.items[0].cautions[0].values == {"kinds": ["BILLING", "OPERATIONS"]}
    stage.apply(plan)
    assert only(stage).standing is Standing.UNSAID


@pytest.mark.parametrize(
    "wrong", [{"phone": "03-0000-0000 (ext. 7)"}, {"name": "x" * 65}, {"title": "x" * 51}, {"email": "a'b@example.com"}]
)
def test_a_contact_that_aws_would_refuse_is_not_begun_with(stage: Stage, wrong: Mapping[str, str]) -> None:
    contact = replace(OTHER, **wrong)
    with pytest.raises(stage.client("account").exceptions.ValidationException):
        put(stage, "SECURITY", contact)
    item = only(replace(stage, wishes=Wishes(contacts={"security": contact})))
    assert (item.standing, item.reason) == (Standing.UNSAID, "harden_reach.hb01_unfit")


def test_an_incomplete_primary_contact_is_named(stage: Stage) -> None:
    assert only(stage).cautions == ()
    stage.simulated.state.services.contact = None
    (caution,) = only(stage).cautions
    assert caution.values == {"lacking": ["FullName", "AddressLine1", "PhoneNumber"]}
    assert not caution.blocks


def test_it_can_be_said_as_code(stage: Stage) -> None:
    item = only(stage)
    assert STEP.terraform is not None
    text = rendered(STEP.terraform(None, item.target))  # type: ignore[arg-type]
    assert text.count('resource "aws_account_alternate_contact"') == 3
    assert 'email_address = "security@example.com"' in text
