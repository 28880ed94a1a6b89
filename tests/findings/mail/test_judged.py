"""The finding that a mail opens."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.findings.mail import samples

from sakimori.findings.detection_rows import kept
from sakimori.findings.detections import find_detections, record_detections
from sakimori.findings.mail.judged import Judged, detection_of, judge_mail
from sakimori.findings.mail.message import Mail
from sakimori.findings.mail.reading import mails_in
from sakimori.model.words import Severity
from sakimori.state.store import Store

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


def judged(data: bytes, number: int = 0) -> Judged:
    mail = list(mails_in(data, "x"))[number]
    assert isinstance(mail, Mail)
    return judge_mail(mail, NOW, lambda key: samples.ACCOUNT if key == samples.KEY else "")


def test_an_exposed_key_opens_a_critical_finding_with_a_clock() -> None:
    found = detection_of(judged(samples.genuine()))
    assert (found.rule, found.severity, found.producer) == ("aws-mail/key-exposed", Severity.CRITICAL, "aws-mail")
    assert found.principal == f"arn:aws:iam::{samples.ACCOUNT}:user/s3-manager"
    assert found.resources[0] == samples.KEY
    assert (found.account, found.region) == (samples.ACCOUNT, "us-east-1")
    assert found.evidence["deadline"] == samples.SENT + timedelta(days=5)
    assert (found.evidence["authenticity"], found.evidence["deadline_set_by"]) == ("authentic", "span")
    assert f"sakimori ask who-did {samples.KEY}" in found.message.en
    assert "無効化" in found.message.ja


def test_a_forgery_is_a_finding_of_its_own_kind_whose_links_cannot_be_followed() -> None:
    found = detection_of(judged(samples.phishing()))
    assert (found.rule, found.severity, found.principal) == ("aws-mail/phishing", Severity.MEDIUM, "")
    told = repr(found)
    assert "https://" not in told
    assert "aws-amazon.example/" not in told
    assert "hxxps://aws-amazon[.]example/signin" in told


def test_only_pages_of_aws_stay_links_in_a_mail_that_is_not_suspicious() -> None:
    assert judged(samples.genuine()).urls == (
        "hxxps://github[.]com/example/app/blob/main/config.py",
        "https://console.aws.amazon.com/support/home",
    )


def test_the_account_comes_from_the_key_where_the_mail_does_not_say() -> None:
    assert judged(samples.mail("Your AWS Access Key is Exposed", f"The key {samples.KEY}.")).account == samples.ACCOUNT


def test_the_same_mail_twice_is_one_finding_and_a_copy_without_proof_does_not_speak_over_it(store: Store) -> None:
    genuine, copy = detection_of(judged(samples.genuine())), detection_of(judged(samples.genuine(results=None)))
    assert len(record_detections(store, [genuine], NOW).new) == 1
    assert not record_detections(store, [genuine], NOW).new
    assert not record_detections(store, [copy], NOW).new
    (found,) = find_detections(store)
    assert found.detection.evidence["authenticity"] == "authentic"
    assert found.detection.evidence["deadline"] == samples.SENT + timedelta(days=5)


def test_another_sender_with_the_same_message_id_is_another_finding() -> None:
    other = judged(samples.genuine(sender="x <x@reseller.example>"))
    assert detection_of(other).id != detection_of(judged(samples.genuine())).id


@pytest.mark.parametrize("date", ["Mon, 23 Nov 2099 05:10:00 +0000", "yesterday", ""])
def test_a_date_that_cannot_be_is_not_believed(date: str) -> None:
    assert judged(samples.genuine(Date=date)).sent_at <= NOW


def test_a_mail_that_was_passed_on_counts_from_the_first_one() -> None:
    body = f"---------- Forwarded message ---------\nFrom: Amazon Web Services <no-reply-aws@amazon.com>\nDate: Mon, 23 Nov 2026 05:10:00 +0000\nSubject: x\n\n{samples.KEY_EXPOSED}"
    found = judged(
        samples.mail(
            "Fwd: Your AWS Access Key is Exposed",
            body,
            sender="Tanaka <tanaka@example.co.jp>",
            Date="Mon, 23 Nov 2026 05:50:00 +0000",
        )
    )
    assert found.sent_at == samples.SENT
    assert found.rule == "aws-mail/key-exposed"
    assert found.authenticity.verdict == "unverified"


@pytest.mark.parametrize(("subject", "body", "sender", "is_recorded"), [
    ("Verify your account", "Sign in to AWS.", "Amazon Web Services <x@evil.example>", True),
    ("Your order", "Thank you.", "Amazon <x@evil.example>", False),
    ("Your order", "Thank you.", "Amazon.de <shop@amazon.de>", False),
    ("AWS re:Invent", "See https://aws-experience.com/ and https://skillbuilder.aws/", "AWS <aws@amazon.com>", False),
    ("Re: AWS costs", "They grow.", "Tanaka <tanaka@example.co.jp>", False),
])  # fmt: skip
def test_of_other_mails_only_forgeries_in_the_name_of_aws_are_recorded(
    subject: str, body: str, sender: str, is_recorded: bool
) -> None:
    assert judged(samples.mail(subject, body, sender=sender)).is_recorded is is_recorded


def test_hostile_names_do_not_reach_commands_or_terminals() -> None:
    body = 'IAM user: $(rm) `x` ; IAM user "a;b" \x1b[31m key'
    found = detection_of(judged(samples.mail("Your AWS Access Key is Exposed \u202e", body)))
    assert "\x1b" not in repr(found)
    assert "\u202e" not in found.title.en + found.message.en + str(found.evidence["subject"])


@pytest.mark.slow
@given(st.binary(max_size=400))
def test_any_mail_can_be_judged_and_stored(data: bytes) -> None:
    for mail in mails_in(b"From: no-reply-aws@amazon.com\r\nSubject: Your AWS Access Key is Exposed\r\n" + data, "x"):
        if isinstance(mail, Mail):
            kept(detection_of(judge_mail(mail, NOW, lambda _: "")))
