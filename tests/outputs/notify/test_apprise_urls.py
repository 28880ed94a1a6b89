import sys

import pytest

from sakimori.model.errors import UsageError
from sakimori.outputs.notify.apprise_urls import AppriseUrl
from sakimori.outputs.notify.channel import Attempt, DeliveryError, FailureKind
from sakimori.outputs.notify.credentials import Secret

from .conftest import message
from .sinks import Answer, HttpSink
from .test_slack_blocks import ENGLISH

pytest.importorskip("apprise")
# apprise's own: it loads all of its plugins, and one of them a module that Python 3.13 lacks.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")


def channel(sink: HttpSink) -> AppriseUrl:
    return AppriseUrl(Secret(sink.url.replace("http://", "json://") + "/hook/hidden-part"))


def test_apprise_brings_title_and_text(sink: HttpSink) -> None:
    assert channel(sink).send(Attempt(message=message())) == ""
    [taken] = sink.taken
    assert taken.path == "/hook/hidden-part"
    assert taken.json["title"] == ENGLISH.splitlines()[0]
    assert taken.json["message"] == ENGLISH.partition("\n")[2].strip()
    assert taken.json["type"] == "failure"


def test_nobody_is_called_by_what_an_outsider_wrote(sink: HttpSink) -> None:
    channel(sink).send(
        Attempt(message=message(headline="@everyone <!channel> <@U123> @here", lines=("a@example.com",)))
    )
    sent = sink.taken[0].json
    for call in ("@everyone", "<!channel>", "<@U", "@here"):
        assert call not in sent["title"]
    assert "a@example.com" in sent["message"]


def test_what_apprise_could_not_bring_is_tried_later(sink: HttpSink) -> None:
    sink.answer_next("/hook", Answer(status=500, body="hidden-part"))
    with pytest.raises(DeliveryError) as caught:
        channel(sink).send(Attempt(message=message()))
    assert (caught.value.kind, caught.value.reason) == (FailureKind.LATER, "apprise: not delivered")


def test_address_that_apprise_does_not_know_is_refused_for_good() -> None:
    with pytest.raises(DeliveryError) as caught:
        AppriseUrl(Secret("nowhere://hidden-part")).send(Attempt(message=message()))
    assert (caught.value.kind, caught.value.reason) == (FailureKind.NEVER, "apprise: address not understood")


def test_apprise_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(UsageError, match=r"extras\.missing"):
        AppriseUrl(Secret("json://localhost"))
