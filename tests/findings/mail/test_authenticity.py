"""Whether a mail is AWS's: never by its own word, and never trusted for looks."""

import pytest
from tests.findings.mail import samples

from sakimori.findings.mail.authenticity import Authenticity, Verdict, Weight, judge
from sakimori.findings.mail.extraction import named_in
from sakimori.findings.mail.hosts import Host, Voice, judge_host, judge_sender, organisation
from sakimori.findings.mail.message import Mail
from sakimori.findings.mail.reading import mails_in

PLAIN = (
    "ACTION REQUIRED: Your AWS Access Key is Exposed for AWS Account 123456789012",
    "See https://console.aws.amazon.com/ now.",
)


def judged(data: bytes, kind: str = "key-exposed") -> Authenticity:
    (mail, *_) = mails_in(data, "x")
    assert isinstance(mail, Mail)
    return judge(mail, kind, named_in(mail))


def reasons(data: bytes, kind: str = "key-exposed") -> set[str]:
    return {each.name for each in judged(data, kind).reasons}


def test_a_valid_signature_of_the_senders_domain_proves_it() -> None:
    found = judged(samples.genuine())
    assert (found.verdict, found.server) == (Verdict.AUTHENTIC, "mx.google.com")
    assert [each.name for each in found.reasons] == ["dkim_passes"]


def test_spf_proves_only_together_with_dmarc() -> None:
    head = "mx.google.com; spf=pass smtp.mailfrom=b@bounces.amazon.com"
    assert (
        judged(samples.mail(*PLAIN, results=f"{head}; dmarc=pass header.from=amazon.com")).verdict is Verdict.AUTHENTIC
    )
    assert judged(samples.mail(*PLAIN, results=head)).verdict is Verdict.UNVERIFIED


def test_without_a_check_it_cannot_be_told() -> None:
    found = judged(samples.genuine(results=None))
    assert (found.verdict, [each.name for each in found.reasons]) == (Verdict.UNVERIFIED, ["no_results"])


@pytest.mark.parametrize(
    "signer", ["amazonses.com", "evil.example", "amazon.com.evil.example", "evil.awsapps.com", "s3.amazonaws.com"]
)
def test_a_signature_of_somebody_else_proves_nothing(signer: str) -> None:
    assert (
        judged(samples.mail(*PLAIN, results=f"mx.google.com; dkim=pass header.d={signer}")).verdict
        is not Verdict.AUTHENTIC
    )


def test_the_signature_of_a_workmail_customer_does_not_prove_aws_of_the_same_domain() -> None:
    sender = "AWS <no-reply@login.awsapps.com>"
    for signer, verdict in (("evil.awsapps.com", Verdict.UNVERIFIED), ("login.awsapps.com", Verdict.AUTHENTIC)):
        assert (
            judged(
                samples.mail(*PLAIN, sender=sender, results=f"mx.google.com; dkim=pass header.d={signer}"), "sign-in"
            ).verdict
            is verdict
        )


@pytest.mark.parametrize("results", [
    "mx.google.com; dkim=fail header.d=amazon.com; spf=fail smtp.mailfrom=x@evil.example; dmarc=fail header.from=amazon.com",
    "mx.google.com; dkim=pass header.d=amazon.com; dmarc=fail header.from=amazon.com",
    "mx.google.com; spf=fail smtp.mailfrom=amazon.com",
])  # fmt: skip
def test_a_failed_check_in_amazons_name_is_a_forgery(results: str) -> None:
    assert judged(samples.mail(*PLAIN, results=results)).verdict is Verdict.SUSPICIOUS


def test_results_of_another_server_than_the_receiver_prove_nothing() -> None:
    found = judged(samples.mail(*PLAIN, results=samples.PASSES.replace("mx.google.com;", "mx.evil.example;")))
    assert (found.verdict, found.reasons[0].name) == (Verdict.UNVERIFIED, "untrusted_results")


def test_results_below_what_came_from_outside_prove_nothing_but_where_the_provider_takes_forged_ones_out() -> None:
    own = samples.mail(*PLAIN).replace(b"mx.google.com", b"mx.example.co.jp")
    assert judged(own).verdict is Verdict.UNVERIFIED
    received, results = (
        next(line for line in own.split(b"\r\n") if line.startswith(name))
        for name in (b"Received:", b"Authentication-Results:")
    )
    assert received != results
    head, _, rest = own.partition(b"Received:")
    above = head + b"Authentication-Results: mx.example.co.jp; dkim=pass header.d=amazon.com\r\nReceived:" + rest
    assert judged(above).verdict is Verdict.AUTHENTIC


def test_a_delivery_within_stands_above_the_results_of_the_same_house() -> None:
    own = samples.mail(*PLAIN, results=None).replace(b"mx.google.com", b"mx.example.co.jp")
    head, _, rest = own.partition(b"Received:")
    top = b"Received: from mx.example.co.jp by imap.example.co.jp with LMTP id 1; Mon, 23 Nov 2026 05:10:06 +0000\r\n"
    results = b"Authentication-Results: mx.example.co.jp; dkim=pass header.d=amazon.com\r\n"
    assert judged(head + top + results + b"Received:" + rest).verdict is Verdict.AUTHENTIC
    assert judged(head + top.replace(b"LMTP", b"SMTP") + results + b"Received:" + rest).verdict is Verdict.UNVERIFIED


def test_microsofts_results_name_no_server() -> None:
    data = samples.mail(
        *PLAIN,
        results="spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=amazon.com; dkim=pass (signature was verified) header.d=amazon.com;dmarc=pass action=none header.from=amazon.com",
    )
    assert judged(data).verdict is Verdict.UNVERIFIED
    assert judged(data.replace(b"mx.google.com", b"AB1.mail.protection.outlook.com")).verdict is Verdict.AUTHENTIC


def test_a_second_better_result_in_the_servers_name_is_a_forgery() -> None:
    data = samples.mail(*PLAIN, results="mx.google.com; dkim=none; spf=none").replace(
        b"From:", b"Authentication-Results: mx.google.com; dkim=pass header.d=amazon.com\r\nFrom:", 1
    )
    assert "contradicting_results" in reasons(data)


def test_a_comment_in_the_results_says_nothing() -> None:
    assert (
        judged(
            samples.mail(*PLAIN, results="mx.google.com; dkim=none (dkim=pass header.d=amazon.com); spf=none")
        ).verdict
        is Verdict.UNVERIFIED
    )


def test_a_mail_behind_another_one_is_never_genuine() -> None:
    found = list(
        mails_in(
            samples.mail("hello", "x", sender="a@evil.example", results=None) + b"\r\n\r\n" + samples.genuine(), "x"
        )
    )
    assert isinstance(found[1], Mail)
    assert judge(found[1], "key-exposed", named_in(found[1])).verdict is Verdict.UNVERIFIED


def test_the_phishing_mail_is_told_with_all_its_signs() -> None:
    found = judged(samples.phishing())
    assert found.verdict is Verdict.SUSPICIOUS
    assert {"lookalike_sender", "link_shows_other", "asks_for_secrets"} <= {each.name for each in found.reasons}


@pytest.mark.parametrize(("more", "reason"), [
    ({"sender": "Amazon Web Services <billing@evil.example>"}, "spoofed_name"),
    ({"sender": '"no-reply-aws@amazon.com" <x@evil.example>'}, "spoofed_name"),
    ({"sender": "x <x@amaz0n.com>"}, "lookalike_sender"),
    ({"sender": "x <x@xn--mazon-3ve.com>"}, "lookalike_sender"),
    ({"sender": "x <x@amazon.com.evil.example>"}, "lookalike_sender"),
    ({"sender": "no-reply@sns.amazonaws.com"}, "wrong_voice"),
    ({"Reply_To": "aws@evil.example"}, "reply_elsewhere"),
    ({"sender": "АWS <x@evil.example>"}, "mixed_letters"),
    ({"attachments": {"invoice.html": b"x"}}, "dangerous_attachment"),
    ({"attachments": {"key.pdf.exe": b"x"}}, "dangerous_attachment"),
    ({"html": '<a href="https://user@evil.example/">Sign in</a>'}, "link_hides_host"),
    ({"html": '<a href="javascript:x()">Sign in</a>'}, "link_runs_code"),
    ({"html": '<a href="http://203.0.113.9/aws">Sign in</a>'}, "link_address"),
    ({"html": '<a href="https://aws.amazon.com.evil.example/">Sign in</a>'}, "link_lookalike"),
    ({"html": '<a href="https://evil.example/">console.aws.amazon.com</a>'}, "link_shows_other"),
    ({"html": '<form action="https://amazon-aws.example/">'}, "link_lookalike"),
])  # fmt: skip
def test_each_sign_by_itself_makes_it_suspicious(more: dict, reason: str) -> None:
    found = judged(samples.mail(*PLAIN, **{"results": None, **more}))
    assert reason in {each.name for each in found.reasons if each.weight is Weight.STRONG}
    assert found.verdict is Verdict.SUSPICIOUS


@pytest.mark.parametrize("hidden", ["\u202e", "\u200b", "\u2066"])
def test_letters_that_hide_or_turn_are_a_sign(hidden: str) -> None:
    assert "hidden_letters" in reasons(samples.mail(f"Your {hidden}AWS account", "x", results=None))


@pytest.mark.parametrize("words", [
    "Please confirm your password to keep your AWS account.", "Reply with your secret access key.", "パスワードを入力してください。", "クレジットカード番号をご返信ください。".replace("ご返信", "送信"),
])  # fmt: skip
def test_a_mail_that_asks_for_secrets_is_no_mail_of_aws(words: str) -> None:
    assert "asks_for_secrets" in reasons(samples.mail("AWS", words))


def test_advice_about_passwords_is_no_sign() -> None:
    assert (
        judged(
            samples.mail(
                PLAIN[0],
                "Change your AWS account password, rotate the secret access key. パスワードを変更してください。",
            )
        ).verdict
        is Verdict.AUTHENTIC
    )


def test_a_reseller_or_colleague_is_unverified_and_two_weak_signs_are_suspicious() -> None:
    reseller = "Support <help@reseller.example>"
    assert judged(samples.mail(*PLAIN, sender=reseller)).verdict is Verdict.UNVERIFIED
    html = '<a href="https://evil.example/login">Sign in</a>'
    assert judged(samples.mail(*PLAIN, sender=reseller, html=html)).verdict is Verdict.SUSPICIOUS


def test_a_page_that_a_customer_rents_from_aws_is_no_page_of_aws() -> None:
    html = '<a href="https://signin-aws.s3.amazonaws.com/login.html">Sign in</a>'
    assert "link_rented" in reasons(samples.mail(*PLAIN, html=html))


def test_a_group_of_ones_own_that_passes_mail_on_is_no_forgery() -> None:
    data = samples.mail(
        *PLAIN, sender="'Amazon Web Services' via aws-root <aws-root@example.co.jp>", List_Id="<aws-root.example.co.jp>"
    )
    assert judged(data).verdict is Verdict.UNVERIFIED


def test_what_an_abuse_report_quotes_is_no_sign() -> None:
    assert judged(samples.mail(*samples.BY_KIND["abuse-report"][0]), "abuse-report").verdict is Verdict.AUTHENTIC


@pytest.mark.parametrize(("host", "whose"), [
    ("repost.aws", Host.AWS), ("skillbuilder.aws", Host.AWS), ("x.lambda-url.us-east-1.on.aws", Host.RENTED), ("amazon.co.uk", Host.FOREIGN), ("us-east-1.console.aws.amazon.com", Host.AWS), ("sns.ap-northeast-1.amazonaws.com", Host.AWS), ("x.execute-api.us-east-1.amazonaws.com", Host.RENTED),
    ("d1.cloudfront.net", Host.RENTED), ("aws.amazon.com.example.net", Host.LOOKALIKE), ("laws.example", Host.FOREIGN), ("github.com", Host.FOREIGN), ("2130706433", Host.ADDRESS),
    ("[::1]".strip("[]"), Host.ADDRESS), ("arnazon.com", Host.LOOKALIKE), ("notaws.amazon.com.co", Host.LOOKALIKE), ("", Host.FOREIGN),
])  # fmt: skip
def test_whose_a_host_is(host: str, whose: Host) -> None:
    assert judge_host(host) is whose


@pytest.mark.parametrize(("domain", "voice"), [
    ("amazon.com", Voice.AWS), ("support.aws.com", Voice.AWS), ("sns.amazonaws.com", Voice.RELAY), ("ec2-1-2-3-4.compute-1.amazonaws.com", Voice.FOREIGN),
    ("evil.awsapps.com", Voice.FOREIGN), ("amazonses.com", Voice.FOREIGN), ("example.com", Voice.FOREIGN), ("other.amazonaws.com", Voice.AMAZON), ("", Voice.FOREIGN),
])  # fmt: skip
def test_who_speaks_from_a_domain(domain: str, voice: Voice) -> None:
    assert judge_sender(domain) is voice


def test_what_somebody_registered_is_told_under_japanese_domains_too() -> None:
    assert (organisation("mx1.mail.example.co.jp"), organisation("mx.google.com")) == ("example.co.jp", "google.com")
