"""The channel of a route: its settings, with the secrets that they name, made into something that sends."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sakimori.model.errors import UsageError
from sakimori.outputs.notify.apprise_urls import AppriseUrl
from sakimori.outputs.notify.channel import Channel
from sakimori.outputs.notify.credentials import Secret, read_secret
from sakimori.outputs.notify.mail_address import mail_address
from sakimori.outputs.notify.mail_form import MailPlace
from sakimori.outputs.notify.route import Route
from sakimori.outputs.notify.slack_bot import SLACK_API, SlackBot
from sakimori.outputs.notify.slack_webhook import SlackWebhook
from sakimori.outputs.notify.smtp import Mail, MailSecurity, MailServer
from sakimori.outputs.notify.sns import Call, SnsTopic
from sakimori.outputs.notify.webhook import Webhook

_MOST_PORT: Final = 65_535


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What channels need beside their settings: where relative files lie, the time, and a way into AWS for a topic."""

    base: Path
    now: Callable[[], datetime]
    topic_call: Callable[[Route], Call]


def open_channel(route: Route, around: Surroundings) -> Channel:
    """The channel of a route. UsageError where a setting is wrong, or a secret is not where it should be."""
    settings = route.settings
    match route.kind:
        case "slack":
            if "webhook" in settings:
                return SlackWebhook(_secret(route, "webhook", around))
            token, channel = _secret(route, "token", around), _text(route, "channel")
            return SlackBot(token, channel, base_url=_text(route, "api") if "api" in settings else SLACK_API)
        case "mail":
            return _mail(route, around)
        case "webhook":
            return Webhook(_secret(route, "url", around), _secret(route, "secret", around), now=around.now)
        case "sns":
            return SnsTopic(_text(route, "topic"), around.topic_call(route))
        case _:
            return AppriseUrl(_secret(route, "url", around))


def _mail(route: Route, around: Surroundings) -> Mail:
    settings = route.settings
    to = settings["to"] if isinstance(settings["to"], list) else [settings["to"]]
    security = str(settings.get("security", MailSecurity.STARTTLS))
    if security not in list(MailSecurity):
        raise UsageError("notify.bad_value", where=route.name, key="security")
    more: dict[str, Any] = {key: _text(route, key) for key in ("charset", "list_id") if key in settings}
    server = MailServer(
        host=_text(route, "host"),
        port=_port(route, 465 if security == "tls" else 587),
        security=MailSecurity(security),
        user=_text(route, "user") if "user" in settings else "",
    )
    place = MailPlace(sender=mail_address(_text(route, "from")), recipients=tuple(mail_address(str(each)) for each in to), **more)  # fmt: skip
    return Mail(server, place, _secret(route, "password", around) if "password" in settings else None)


def _port(route: Route, by_default: int) -> int:
    port = route.settings.get("port", by_default)
    if not isinstance(port, int) or isinstance(port, bool) or not 0 < port <= _MOST_PORT:
        raise UsageError("notify.bad_value", where=route.name, key="port")
    return port


def _secret(route: Route, key: str, around: Surroundings) -> Secret:
    return read_secret(_text(route, key), around.base)


def _text(route: Route, key: str) -> str:
    value = route.settings.get(key)
    if not isinstance(value, str) or not value.strip():
        raise UsageError("notify.bad_value", where=route.name, key=key)
    return value.strip()
