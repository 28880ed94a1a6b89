"""Which kind a mail is."""

import pytest
from tests.findings.mail import samples

from sakimori.findings.mail.kinds import KINDS, OTHER, UNRELATED, kind_of
from sakimori.texts.sentences import say

CASES = [(kind, subject, body) for kind, both in samples.BY_KIND.items() for subject, body in both]


@pytest.mark.parametrize(("kind", "subject", "body"), CASES, ids=lambda value: str(value)[:40])
def test_each_kind_is_told_by_subject_or_body_in_both_languages(kind: str, subject: str, body: str) -> None:
    assert kind_of(subject, body, is_from_amazon=kind != UNRELATED) == kind


def test_what_amazon_sends_beside_these_is_another_mail_of_aws() -> None:
    assert kind_of("Your invoice", "Thank you.", is_from_amazon=True) == OTHER
    assert kind_of("AWS re:Invent", "Come!", is_from_amazon=False) == OTHER


def test_a_subject_that_others_use_too_needs_aws_to_be_named() -> None:
    assert kind_of("Unusual activity in your bank account", "Your bank.", is_from_amazon=False) == UNRELATED
    assert kind_of("Action required: parking", "The garage.", is_from_amazon=False) == UNRELATED


def test_action_required_gives_way_to_what_the_mail_is_about() -> None:
    assert (
        kind_of("[Action Required] AWS notice", "the AWS access key AKIA is publicly available", is_from_amazon=True)
        == "key-exposed"
    )


@pytest.mark.parametrize("name", [*(kind.name for kind in KINDS), OTHER, UNRELATED])
def test_each_kind_has_its_words(name: str) -> None:
    assert say(f"mail.kind_{name.replace('-', '_')}", "ja") != say(f"mail.kind_{name.replace('-', '_')}", "en")
