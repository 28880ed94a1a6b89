"""A message with everything in it, in both languages, and the places that take it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from sakimori.model.words import Severity
from sakimori.outputs.notify.message import Message, MessageKind, Step

from .sinks import HttpSink, SmtpSink

KEY = "0123456789abcdef" * 2
MADE_AT = datetime(2026, 11, 22, 17, 40, tzinfo=UTC)


def message(**changes: Any) -> Message:
    """The case of the design page, in English unless asked otherwise."""
    japanese = changes.get("language") == "ja"
    given: dict[str, Any] = {
        "key": KEY,
        "kind": MessageKind.CASE,
        "severity": Severity.CRITICAL,
        "language": "en",
        "headline": "漏洩したアクセスキーの不正使用を検知" if japanese else "A leaked access key is being used",
        "case": "SKM-20261123-01",
        "account": "123456789012",
        "account_name": "prod-web",
        "lines": JAPANESE_LINES if japanese else ENGLISH_LINES,
        "steps": (
            Step(text="アクセスキーを無効化する", command="sakimori respond SKM-20261123-01"),
            Step(text="誤検知なら理由を書く", command="sakimori findings close SKM-20261123-01"),
        )
        if japanese
        else (
            Step(text="Deactivate the access key", command="sakimori respond SKM-20261123-01"),
            Step(text="If it is a false alarm, say why", command="sakimori findings close SKM-20261123-01"),
        ),
        "footer": "根拠: R-shape-01 | 範囲: 17/17 リージョン"
        if japanese
        else "Based on: R-shape-01 | 17 of 17 regions",
        "deadline": datetime(2026, 11, 23, 17, 10, tzinfo=UTC),
        "made_at": MADE_AT,
        "data": {"account_id": "123456789012", "events": 805},
    }
    return Message(**(given | changes))


ENGLISH_LINES = (
    "…7WML (user s3-manager / owner: Tanaka)  203.0.113.42 (NL, hosting)  17:14–17:32 UTC",
    "41 services × 16 regions, 805 calls (97% denied)",
)
JAPANESE_LINES = (
    "…7WML (user s3-manager / 所有: 田中)  203.0.113.42 (NL, hosting)  02:14–02:32 JST",
    "41サービス × 16リージョン、805回（拒否97%）",
)


@pytest.fixture
def sink() -> Iterator[HttpSink]:
    with HttpSink() as taking:
        yield taking


@pytest.fixture
def mail_sink() -> Iterator[SmtpSink]:
    with SmtpSink() as taking:
        yield taking


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE", "AWS_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
