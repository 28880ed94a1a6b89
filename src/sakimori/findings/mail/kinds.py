"""The kinds of mails that AWS sends, as data: how each is recognised, how grave it is, and how long there is to act.

Subjects are those that AWS uses, and their usual Japanese forms. Clocks of ours are for mails that name no deadline: the first hour
for a credential that somebody else may hold, a day for reports of abuse, as AWS's notices of abuse ask for.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sakimori.model.words import Severity

PHISHING: Final = "phishing"
OTHER: Final = "other"
UNRELATED: Final = "unrelated"


@dataclass(frozen=True, slots=True, kw_only=True)
class MailKind:
    """One kind. `subjects` and `bodies` are patterns of which one must fit; `clock_hours` 0 is no hurry.

    `is_own_name` says that its words are AWS's alone; another kind needs AWS to be named besides.
    """

    name: str
    severity: Severity
    clock_hours: int
    subjects: Sequence[re.Pattern[str]]
    bodies: Sequence[re.Pattern[str]] = ()
    is_own_name: bool = False
    is_of_credentials: bool = False
    """It says that somebody else may hold a credential."""


def _words(*patterns: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern, re.IGNORECASE) for pattern in patterns)


KINDS: Final = (
    MailKind(
        name="health-credentials", severity=Severity.CRITICAL, clock_hours=1, is_own_name=True, is_of_credentials=True,
        subjects=_words(r"AWS_RISK_CREDENTIALS_(?:EXPOSED|COMPROMISED|EXPOSURE_SUSPECTED)"),
        bodies=_words(r"AWS_RISK_CREDENTIALS_(?:EXPOSED|COMPROMISED|EXPOSURE_SUSPECTED)"),
    ),
    MailKind(
        name="key-exposed", severity=Severity.CRITICAL, clock_hours=1, is_own_name=True, is_of_credentials=True,
        subjects=_words(
            r"your\s+aws\s+access\s+keys?\s+(?:is|are|has been|have been|may be|was)\s+(?:publicly\s+)?exposed",
            r"aws\s*の?\s*アクセス\s*キー.{0,20}(?:公開|漏洩|漏えい|流出|露出)", r"(?:公開|漏洩|漏えい|流出|露出).{0,12}aws\s*(?:の\s*)?アクセス\s*キー",
        ),
        bodies=_words(
            r"(?:access key|アクセスキー).{0,120}(?:publicly available|publicly exposed|exposed online|一般に公開|漏洩|漏えい)",
            r"AWSCompromisedKeyQuarantine",
        ),
    ),
    MailKind(
        name="irregular-activity", severity=Severity.CRITICAL, clock_hours=1, is_of_credentials=True,
        subjects=_words(
            r"irregular\s+activity\s+(?:was\s+|has been\s+)?(?:detected|in your aws)", r"(?:不規則|異常|イレギュラー)な(?:アクティビティ|操作|アクティビティー).{0,12}検[出知\ufffd]",
        ),
    ),
    MailKind(
        name="unexpected-activity", severity=Severity.CRITICAL, clock_hours=1, is_of_credentials=True,
        subjects=_words(
            r"(?:unexpected|unusual|suspicious|unauthorized)\s+(?:account\s+)?activity",
            r"(?:予期しない|想定外の|不審な|不正な|身に覚えのない)(?:アクティビティ|操作|利用|アクセス)",
        ),
    ),
    MailKind(
        name="account-compromised", severity=Severity.CRITICAL, clock_hours=1, is_own_name=True, is_of_credentials=True,
        subjects=_words(
            r"your\s+aws\s+account\s+(?:is|may be|has been|might be|was|could be)\s+(?:still\s+)?compromised",
            r"aws\s*アカウント.{0,16}(?:侵害|不正アクセス|不正利用|乗っ取)",
        ),
    ),
    MailKind(
        name="abuse-report", severity=Severity.HIGH, clock_hours=24, is_own_name=True,
        subjects=_words(r"(?:amazon\s+)?ec2\s+abuse\s+report", r"(?:your\s+)?aws\s+abuse\s+(?:report|notice)", r"(?:ec2|aws).{0,12}(?:不正使用|迷惑行為|abuse).{0,8}(?:レポート|報告)"),
    ),
    MailKind(
        name="suspension", severity=Severity.CRITICAL, clock_hours=24,
        subjects=_words(
            r"aws\s+account.{0,40}(?:suspen|clos(?:ed|ure)|terminat|restrict)", r"(?:suspen(?:ded|sion)|terminat(?:ed|ion)).{0,40}aws\s+account",
            r"アカウント.{0,20}(?:停止|一時停止|閉鎖|解約|制限)",
        ),
    ),
    MailKind(
        name="root-sign-in", severity=Severity.HIGH, clock_hours=1, is_of_credentials=True,
        subjects=_words(
            r"root\s+(?:user|account|credentials?).{0,40}(?:sign[\s-]?in|log[\s-]?in|used|password|mfa)", r"(?:sign[\s-]?in|log[\s-]?in).{0,30}root\s+(?:user|account)",
            r"ルート\s*ユーザー.{0,20}(?:サインイン|ログイン|パスワード|使用)", r"password.{0,30}(?:aws|amazon web services).{0,20}(?:changed|reset|updated)",
        ),
    ),
    MailKind(
        name="sign-in", severity=Severity.MEDIUM, clock_hours=24,
        subjects=_words(r"new\s+sign[\s-]?in", r"sign[\s-]?in\s+(?:attempt|from|notification)", r"新しい(?:サインイン|ログイン|デバイス)", r"サインイン.{0,10}(?:通知|検出|がありました)"),
    ),
    MailKind(
        name="guardduty", severity=Severity.HIGH, clock_hours=24,
        subjects=_words(r"guardduty", r"security\s*hub.{0,30}(?:finding|検出)"),
        bodies=_words(r"GuardDuty.{0,40}(?:finding|検出結果)", r"\"source\"\s*:\s*\"aws\.(?:guardduty|securityhub)\""),
    ),
    MailKind(
        name="billing", severity=Severity.MEDIUM, clock_hours=24,
        subjects=_words(
            r"aws\s+budgets?", r"budget\s+(?:alert|notification)", r"cost\s+anomaly", r"billing\s+(?:alarm|alert)", r"free\s+tier.{0,30}(?:limit|usage|alert)",
            r"予算(?:の)?(?:アラート|通知|超過)", r"コスト異常", r"請求アラ[ーー]?[トム]",
        ),
    ),
    MailKind(
        name="health", severity=Severity.MEDIUM, clock_hours=24,
        subjects=_words(r"aws\s+health", r"AWS_[A-Z0-9]+_[A-Z0-9_]{4,}", r"personal\s+health\s+dashboard"),
        bodies=_words(r"\"source\"\s*:\s*\"aws\.health\"", r"eventTypeCode\W{1,6}AWS_"),
    ),
    MailKind(
        name="support-case", severity=Severity.MEDIUM, clock_hours=48,
        subjects=_words(
            r"(?:aws\s+)?(?:support\s+)?case\s*(?:id|#|no\.?)?\s*[:#]?\s*\d{8,20}", r"\[case\s*\d{8,20}\]", r"(?:サポート)?ケース\s*(?:ID|番号)?\s*[:：#]?\s*\d{8,20}",
        ),
    ),
    MailKind(
        name="action-required", severity=Severity.HIGH, clock_hours=24,
        subjects=_words(r"action\s+required", r"(?:要対応|対応が必要|ご対応ください|要アクション|アクションが必要)"),
    ),
    MailKind(name="sns", severity=Severity.LOW, clock_hours=0, subjects=_words(r"aws\s+notification\s+(?:message|-)", r"^ALARM:\s")),
)  # fmt: skip
"""In the order in which they are tried: what harms most comes first."""
BY_NAME: Final = {kind.name: kind for kind in KINDS}
_AWS: Final = re.compile(
    r"\baws\b|amazon\s*web\s*services|アマゾン\s*ウェブ\s*サービス|amazon\s*(?:ec2|s3|guardduty|sns|iam)\b|amazonaws",
    re.IGNORECASE,
)
_LOOKED_AT: Final = 20_000


def kind_of(subject: str, body: str, *, is_from_amazon: bool) -> str:
    """The name of the kind; `other` for another mail of AWS, `unrelated` for what does not speak of AWS at all.

    The subject counts first; the body where the subject says nothing more than that something is to be done.

    >>> kind_of("ACTION REQUIRED: Your AWS Access Key is Exposed for AWS Account 123456789012", "", is_from_amazon=False)
    'key-exposed'
    """
    body = body[:_LOOKED_AT]
    is_named = is_from_amazon or speaks_of_aws(subject, body)
    by_subject = _first(subject, is_named=is_named)
    if by_subject and by_subject.name not in {"action-required", "support-case", "health", "sns"}:
        return by_subject.name
    if is_named:
        flat = " ".join(body.split())
        by_body = next((kind for kind in KINDS if any(each.search(flat) for each in kind.bodies)), None)
        if by_body:
            return by_body.name
    if by_subject:
        return by_subject.name
    if is_from_amazon:
        return OTHER
    return OTHER if _AWS.search(subject) else UNRELATED


def speaks_of_aws(*texts: str) -> bool:
    """Whether one of these names AWS."""
    return any(_AWS.search(text[:_LOOKED_AT]) for text in texts)


def _first(subject: str, *, is_named: bool) -> MailKind | None:
    for kind in KINDS:
        if (is_named or kind.is_own_name) and any(each.search(subject) for each in kind.subjects):
            return kind
    return None
