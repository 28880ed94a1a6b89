"""What is told: one message in one language, as plain text that each channel escapes in its own way."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sakimori.model.words import Severity
from sakimori.texts.language import Language


class MessageKind(StrEnum):
    """Why a message is sent."""

    CASE = "case"
    """A case was opened: the first message of its thread."""
    UPDATE = "update"
    """Something about a case that was told before: it grew, worsened, or was opened again."""
    CLOSED = "closed"
    """A case that was told before is closed."""
    STORM = "storm"
    """So many cases at once that one message tells of all."""
    DIGEST = "digest"
    """What could wait for its hour."""
    HEARTBEAT = "heartbeat"
    """Still watching: silence would otherwise say nothing."""
    ESCALATION = "escalation"
    """A case that nobody has taken."""
    TEST = "test"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Something to do now: in words, and the command that does it ("" where there is none)."""

    text: str
    command: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message to one route. All texts are plain, may hold what an outsider wrote, and are bounded by who made them.

    `key` is the idempotency key: the same through all tries, 32 hexadecimal digits. `headline` is one line for the lock
    screen of a telephone: what, whose. `lines` say where, since when and how much, the most important first. `entries` are
    the parts of a digest or a storm, a line each. `data` is what a machine gets: plain JSON values.
    """

    key: str
    kind: MessageKind
    severity: Severity
    language: Language
    headline: str
    case: str = ""
    """`SKM-20261123-01`, "" where it is of no single case."""
    account: str = ""
    account_name: str = ""
    lines: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    entries: tuple[str, ...] = ()
    footer: str = ""
    """What it rests on: rules, and how much was looked through."""
    deadline: datetime | None = None
    made_at: datetime
    data: Mapping[str, Any] = field(default_factory=dict[str, Any])
