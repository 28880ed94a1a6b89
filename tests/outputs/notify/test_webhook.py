import base64
import hashlib
import hmac
from datetime import UTC, datetime

import pytest

from sakimori.model.errors import UsageError
from sakimori.outputs.notify.channel import Attempt, DeliveryError, FailureKind
from sakimori.outputs.notify.credentials import Secret
from sakimori.outputs.notify.webhook import Webhook, signature

from .conftest import KEY, message
from .sinks import Answer, HttpSink

BYTES = bytes(range(32))
SIGNING = Secret("whsec_" + base64.b64encode(BYTES).decode())
NOW = datetime(2026, 11, 23, 5, 2, 7, 900_000, tzinfo=UTC)


def webhook(url: str) -> Webhook:
    return Webhook(Secret(url), SIGNING, now=lambda: NOW)


def test_notification_is_signed_as_the_standard_says(sink: HttpSink) -> None:
    assert webhook(f"{sink.url}/hook").send(Attempt(message=message())) == KEY
    [taken] = sink.taken
    stamp = str(int(NOW.timestamp()))
    signed = f"{KEY}.{stamp}.".encode() + taken.body
    digest = base64.b64encode(hmac.new(BYTES, signed, hashlib.sha256).digest()).decode()
    assert taken.headers["webhook-id"] == taken.headers["idempotency-key"] == KEY
    assert taken.headers["webhook-timestamp"] == stamp
    assert taken.headers["webhook-signature"] == f"v1,{digest}"


def test_signature_is_that_of_the_standards_own_example() -> None:
    # The example that the reference libraries test against (github.com/standard-webhooks/standard-webhooks).
    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    made = signature(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", b'{"test": 2432232314}')
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_notification_has_a_schema_and_every_part(sink: HttpSink) -> None:
    webhook(f"{sink.url}/hook").send(Attempt(message=message(), thread="f" * 32))
    sent = sink.taken[0].json
    assert sent["schema"] == "sakimori.notification/1"
    assert sent["thread"] == "f" * 32
    assert sent["account"] == {"id": "123456789012", "name": "prod-web"}
    assert sent["deadline"] == "2026-11-23T17:10:00Z"
    assert sent["timestamp"] == "2026-11-22T17:40:00Z"
    assert sent["data"] == {"account_id": "123456789012", "events": 805}
    assert sent["steps"][0] == {
        "text": "Deactivate the access key",
        "command": "sakimori respond SKM-20261123-01",
    }
    assert list(sent) == [
        "schema", "id", "type", "timestamp", "kind", "severity", "language", "case", "thread", "account", "headline",
        "lines", "steps", "entries", "footer", "deadline", "text", "data",
    ]  # fmt: skip


def test_receiver_that_is_busy_is_asked_later(sink: HttpSink) -> None:
    sink.answer_next("/hook", Answer(status=503, headers={"Retry-After": "5"}), Answer(status=401))
    with pytest.raises(DeliveryError) as caught:
        webhook(f"{sink.url}/hook").send(Attempt(message=message()))
    assert (caught.value.kind, caught.value.retry_after_seconds) == (FailureKind.LATER, 5.0)
    with pytest.raises(DeliveryError) as caught:
        webhook(f"{sink.url}/hook").send(Attempt(message=message()))
    assert (caught.value.kind, caught.value.reason) == (FailureKind.NEVER, "127.0.0.1: HTTP 401")


@pytest.mark.parametrize("secret", ["short", "whsec_", "whsec_AAAA", "whsec_!!!", base64.b64encode(BYTES).decode(), "whsec_" + base64.b64encode(b"x" * 65).decode()])  # fmt: skip
def test_signing_secret_of_another_form_is_refused_without_being_told(secret: str) -> None:
    with pytest.raises(UsageError) as caught:
        Webhook(Secret("https://example.com/hook"), Secret(secret), now=lambda: NOW)
    assert secret.removeprefix("whsec_") in {"", *"!!!"} or secret not in str(caught.value)
