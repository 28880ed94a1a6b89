"""Mails as AWS, and those who imitate it, might send them; made up, with keys that are plainly fake."""

import email.policy
from collections.abc import Mapping
from datetime import UTC, datetime
from email.message import EmailMessage

KEY = "AKIA" + "FAKE" * 4
ACCOUNT = "123456789012"
SENT = datetime(2026, 11, 23, 5, 10, tzinfo=UTC)
DATE = "Mon, 23 Nov 2026 05:10:00 +0000"
AWS = "Amazon Web Services <no-reply-aws@amazon.com>"
RECEIVED = "from a8-31.smtp-out.amazonses.com (a8-31.smtp-out.amazonses.com. [192.0.2.31]) by mx.google.com with ESMTPS id x1; Mon, 23 Nov 2026 05:10:05 +0000"
PASSES = "mx.google.com; dkim=pass header.i=@amazon.com header.s=k header.b=x; spf=pass (google.com: permitted) smtp.mailfrom=b@bounces.amazon.com; dmarc=pass (p=QUARANTINE) header.from=amazon.com"

KEY_EXPOSED = f"""Dear AWS Customer,

We have become aware that the AWS Access Key {KEY}, belonging to IAM user "s3-manager", along with the corresponding
Secret Key is publicly available online at https://github.com/example/app/blob/main/config.py .

To protect your account we attached the policy AWSCompromisedKeyQuarantineV3. Please follow the steps within five (5) days, or
your account {ACCOUNT} may be suspended. Reply in case 176400000001 at https://console.aws.amazon.com/support/home .
CloudTrail showed CreateUser and RunInstances from 203.0.113.42 at 2026-11-23T02:14:00Z in us-east-1.
"""
KEY_EXPOSED_JA = f"""お客様

お客様の AWS アカウント {ACCOUNT} のアクセスキー {KEY}（IAM ユーザー「s3-manager」）が、一般に公開されていることを確認しました。
https://github.com/example/app/blob/main/config.py
2026年11月24日 14時10分（日本時間）までに、アクセスキーを無効化し、以下のサポートケースからご返信ください。
ケース ID: 176400000001
https://console.aws.amazon.com/support/home
"""
ABUSE = """Hello,

We've received a report that your instance i-0123456789abcdef0 (203.0.113.9) has been port scanning remote hosts.
Please reply to this notice within 24 hours with the corrective action taken.
Log: hxxp://evil[.]example/c2 from 198.51.100[.]7
"""

BY_KIND: Mapping[str, tuple[tuple[str, str], ...]] = {
    "key-exposed": (
        (f"ACTION REQUIRED: Your AWS Access Key is Exposed for AWS Account {ACCOUNT}", KEY_EXPOSED),
        (f"[要対応] お客様の AWS アクセスキーが公開されています（AWS アカウント {ACCOUNT}）", KEY_EXPOSED_JA),
    ),
    "irregular-activity": (
        (
            f"[Action Required] Irregular Activity Detected on Your AWS Account: {ACCOUNT}",
            "AWS saw irregular activity.",
        ),
        ("[要対応] AWS アカウントで不規則なアクティビティが検出されました", "アカウントをご確認ください。"),
    ),
    "unexpected-activity": (
        ("Unexpected Activity on your AWS account", "Amazon Web Services saw it."),
        ("AWS アカウントで予期しないアクティビティがありました", "ご確認ください。"),
    ),
    "account-compromised": (
        ("Your AWS account is compromised", "Please secure it."),
        ("お客様の AWS アカウントが不正アクセスを受けた可能性があります", "ご対応ください。"),
    ),
    "abuse-report": (
        (f"Your Amazon EC2 Abuse Report [{ACCOUNT}]", ABUSE),
        ("AWS 不正使用レポートのご連絡", "インスタンス i-0123456789abcdef0 について 24 時間以内にご回答ください。"),
    ),
    "action-required": (
        ("[Action Required] Amazon RDS certificates", "Your AWS database needs a new certificate by March 5, 2027."),
        ("【要対応】AWS Lambda ランタイムの終了", "AWS からのお知らせです。"),
    ),
    "health-credentials": (
        (
            "AWS Health event",
            f'{{"source":"aws.health","detail":{{"eventTypeCode":"AWS_RISK_CREDENTIALS_EXPOSED","entity":"{KEY}"}}}}',
        ),
    ),
    "health": (("AWS Health: AWS_EC2_INSTANCE_RETIREMENT_SCHEDULED", "An instance retires."),),
    "billing": (
        ("AWS Budgets: monthly has exceeded your alert threshold", "Your AWS budget."),
        ("AWS の予算アラート", "予算を超過しました。"),
        ("Cost anomaly(s) summary for AWS", "One anomaly."),
    ),
    "root-sign-in": (
        ("AWS root user sign-in from a new device", "Your AWS root user signed in."),
        ("AWS ルートユーザーのサインインがありました", "ご確認ください。"),
    ),
    "sign-in": (
        ("New sign-in to your AWS access portal", "Hello from AWS."),
        ("AWS アクセスポータルへの新しいサインイン", "AWS です。"),
    ),
    "suspension": (
        ("Your AWS account will be suspended", "Please pay."),
        ("AWS アカウントの停止に関するお知らせ", "AWS です。"),
    ),
    "support-case": (
        ("[CASE 176400000001] Limit increase", "AWS Support answered."),
        ("ケース ID: 176400000001 への回答", "AWS サポートです。"),
    ),
    "guardduty": (
        ("AWS Notification Message", '{"source":"aws.guardduty","detail":{"type":"UnauthorizedAccess:IAMUser/x"}}'),
    ),
    "sns": (("AWS Notification Message", "something"),),
    "unrelated": (("Lunch on Friday?", "At noon."), ("金曜の昼食", "12時に。")),
}


def mail(
    subject: str,
    body: str,
    *,
    sender: str = AWS,
    results: str | None = PASSES,
    html: str = "",
    charset: str = "utf-8",
    attachments: Mapping[str, bytes] | None = None,
    **headers: str,
) -> bytes:
    """The bytes of a mail as Gmail delivered it."""
    made = EmailMessage(policy=email.policy.SMTP)
    made["Delivered-To"] = "aws-root@example.co.jp"
    made["Received"] = RECEIVED
    if results is not None:
        made["Authentication-Results"] = results
    made["From"] = sender
    made["To"] = "aws-root@example.co.jp"
    made["Subject"] = subject
    if "Date" not in headers:
        made["Date"] = DATE
    if "Message_ID" not in headers:
        made["Message-ID"] = "<0100-example@email.amazonses.com>"
    for name, value in headers.items():
        made[name.replace("_", "-")] = value
    made.set_content(body, charset=charset)
    if html:
        made.add_alternative(html, subtype="html")
    for name, data in (attachments or {}).items():
        made.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return made.as_bytes()


def genuine(**more: str) -> bytes:
    """AWS's notice of an exposed key, with a valid signature."""
    return mail(*BY_KIND["key-exposed"][0], **more)


def genuine_ja(**more: str) -> bytes:
    """The same in Japanese."""
    return mail(*BY_KIND["key-exposed"][1], **more)


def phishing() -> bytes:
    """A forgery of it from another domain, with a link that shows another address than it has."""
    subject = f"ACTION REQUIRED: Your AWS Access Key is Exposed for AWS Account {ACCOUNT}"
    html = '<p>Sign in at <a href="https://aws-amazon.example/signin">https://console.aws.amazon.com/</a> and confirm your password.</p>'
    results = "mx.google.com; dkim=pass header.d=aws-amazon.example; spf=pass smtp.mailfrom=aws-amazon.example; dmarc=none header.from=aws-amazon.example"
    return mail(
        subject, "Sign in now.", html=html, sender="Amazon Web Services <security@aws-amazon.example>", results=results
    )
