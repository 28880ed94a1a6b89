"""Addresses of mail, parsed once: what cannot be sent to, or could break out of a header, is refused."""

import re
from dataclasses import dataclass
from typing import Final

from sakimori.model.errors import UsageError
from sakimori.outputs.notify.credentials import quotable
from sakimori.texts.language import clean

_ADDRESS: Final = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@([A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?)\Z"
)
_NAMED: Final = re.compile(r"\s*\"?(?P<name>[^\"<>\r\n]*?)\"?\s*<(?P<address>[^<>\s]+)>\s*\Z")
_NAME_LIMIT: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class MailAddress:
    """One mailbox; `name` is shown and may be of any script, `address` is ASCII."""

    address: str
    name: str = ""

    @property
    def domain(self) -> str:
        """What stands behind the @."""
        return self.address.rpartition("@")[2]


def mail_address(text: str) -> MailAddress:
    """The mailbox of `name@example.com` or `Name <name@example.com>`; UsageError otherwise."""
    named = _NAMED.match(text)
    address = named.group("address") if named else text.strip()
    if not _ADDRESS.match(address):
        raise UsageError("notify_channels.mail_address", address=quotable(text))
    return MailAddress(address=address, name=clean(named.group("name").strip(), _NAME_LIMIT) if named else "")
