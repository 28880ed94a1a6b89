"""Whatever apprise reaches: chats, telephones and pagers, by an address that is a secret."""

import re
from typing import Final

from sakimori.model.extras import ensure_libraries
from sakimori.model.words import Severity
from sakimori.outputs.notify import text_form
from sakimori.outputs.notify.channel import Attempt, DeliveryError, FailureKind
from sakimori.outputs.notify.credentials import Secret
from sakimori.outputs.notify.message import MessageKind
from sakimori.outputs.notify.unlogged import unlogged

_CALLS: Final = re.compile(r"([@<])(?=[!@#&]|here\b|channel\b|everyone\b|all\b|subteam)", re.IGNORECASE)
"""What calls everybody, or links, in one or another of the chats."""
_TYPES: Final = {Severity.CRITICAL: "failure", Severity.HIGH: "failure", Severity.MEDIUM: "warning"}


class AppriseUrl:
    """A Channel by apprise (github.com/caronc/apprise). `url` is one address, `discord://…`, `pagerduty://…`."""

    is_keyed = False
    seconds_between = 1.0

    def __init__(self, url: Secret) -> None:
        ensure_libraries("apprise")
        self._url = url

    def send(self, attempt: Attempt) -> str:
        """Nothing to refer to. apprise tells only that it failed, so every failure is worth another try."""
        import apprise  # noqa: PLC0415 - optional, and slow to load

        message = attempt.message
        kind = "success" if message.kind is MessageKind.CLOSED else _TYPES.get(message.severity, "info")
        with unlogged():
            # In this thread, and with nothing written to its cache on disk.
            asset = apprise.AppriseAsset(
                async_mode=False, secure_logging=True, app_id="sakimori", app_desc="sakimori", app_url="",
                storage_mode=apprise.PersistentStoreMode.MEMORY,
            )  # fmt: skip
            there = apprise.Apprise(asset=asset)
            try:
                if not there.add(self._url.reveal()):
                    raise DeliveryError(FailureKind.NEVER, "apprise: address not understood")
                told = there.notify(
                    body=_quiet(text_form.text_form(message, first=False)).strip() or "-",
                    title=_quiet(text_form.title(message)),
                    notify_type=apprise.NotifyType(kind),
                    body_format=apprise.NotifyFormat.TEXT,
                    interpret_escapes=False,
                )
            except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
                # The words of a plugin's error may hold the address.
                raise DeliveryError(
                    FailureKind.LATER, f"apprise: {type(error).__name__}", may_have_arrived=True
                ) from None
        if not told:
            raise DeliveryError(FailureKind.LATER, "apprise: not delivered", may_have_arrived=True)
        return ""


def _quiet(text: str) -> str:
    # A space of no width: the text reads the same and calls nobody.
    return _CALLS.sub("\\1\u200b", text)
