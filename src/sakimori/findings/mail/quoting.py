"""Mails that a person passed on in the text of their own: whether one is, and what is left of the headers of the first."""

import email.utils
import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

from sakimori.findings.mail.message import Address, Quoted

_PASSED: Final = re.compile(
    r"\s*(?:\[[^\]]{0,30}\]\s*)?(?:fwd?|fw|wg|tr|re|転送|返信)\s*[:：]|\s*[\[【（(]\s*転送\s*[\]】）)]", re.IGNORECASE
)
_MARK: Final = re.compile(
    r"^[>*|]{0,3}[ \t]{0,8}(?:-{3,40}|_{3,40}|={3,40})?[ \t]{0,8}(?:Forwarded message|Original Message|Begin forwarded message|転送メッセージ|転送されたメッセージ"
    r"|元のメッセージ|オリジナルメッセージ|以下、?転送|Forwarded by)",
    re.IGNORECASE | re.MULTILINE,
)
_FIELD: Final = re.compile(
    r"^[> \t*]{0,10}(From|差出人|送信者|送信元|Date|Sent|日付|送信日時|日時|Subject|件名)[ \t*]{0,4}[:：][ \t*]{0,4}(.{1,500})$",
    re.IGNORECASE | re.MULTILINE,
)
_ADDRESS: Final = re.compile(r"([^<\n]{0,200})[<\[(]?(?:mailto:)?\b([^\s<>\[\]()\"]{1,120}@[^\s<>\[\]()\"]{1,200})")
_JAPANESE: Final = re.compile(r"(\d{4})[年/-](\d{1,2})[月/-](\d{1,2})日?[^\d\n]{0,8}(?:(\d{1,2})[:時](\d{2}))?")
_NAMES: Final = {
    "from": "from",
    "差出人": "from",
    "送信者": "from",
    "送信元": "from",
    "subject": "subject",
    "件名": "subject",
}
_NINE: Final = timezone(timedelta(hours=9))


def is_passed_on(subject: str, body: str) -> bool:
    """Whether somebody forwarded or answered it, by its subject or by a mark in its text."""
    return bool(_PASSED.match(subject) or _MARK.search(body))


def plain_subject(subject: str) -> str:
    """The subject without what forwarding and answering put before it.

    >>> plain_subject("Fwd: 転送: Your AWS account is compromised")
    'Your AWS account is compromised'
    """
    for _ in range(5):
        found = _PASSED.match(subject)
        if not found:
            break
        subject = subject[found.end() :]
    return subject.strip()


def quoted_in(body: str) -> Quoted:
    """What is left of the headers of the first mail: the last that are quoted, for the deepest comes last."""
    found: dict[str, str] = {}
    for match in _FIELD.finditer(body[:50_000]):
        name = match.group(1).lower()
        found[_NAMES.get(name, "date")] = match.group(2).strip()
    sender = _ADDRESS.search(found.get("from", ""))
    return Quoted(
        sender=Address(sender.group(1).strip(' "*'), sender.group(2).rstrip(".,;*").lower()) if sender else Address(),
        subject=found.get("subject", "")[:500],
        date=_moment(found.get("date", "")),
    )


def _moment(text: str) -> datetime | None:
    japanese = _JAPANESE.search(text)
    try:
        if japanese:
            year, month, day, hour, minute = (int(each or 0) for each in japanese.groups())
            return datetime(year, month, day, hour, minute, tzinfo=_NINE).astimezone(UTC)
        found = email.utils.parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return found.astimezone(UTC) if found.tzinfo else None
