"""The words of triage: what people decide of a finding, and what they did."""

from enum import StrEnum


class Disposition(StrEnum):
    """What a finding turned out to be; each must come to one."""

    TRUE = "true"
    """It was what it says."""
    BENIGN = "benign"
    """It happened as told, and was meant to."""
    FALSE = "false"
    """It did not happen as told, or the rule is wrong."""


class Standing(StrEnum):
    """Where a finding stands in the inbox."""

    OPEN = "open"
    SUPPRESSED = "suppressed"
    """Open, and kept quiet by a suppression or a mute."""
    CLOSED = "closed"
    """A person closed it, or the service of AWS that found it did."""
    RESOLVED = "resolved"
    """What was wrong is put right."""


class Act(StrEnum):
    """What was done about a finding."""

    ASSIGN = "assign"
    COMMENT = "comment"
    CLOSE = "close"
    REOPEN = "reopen"
    DECIDE = "decide"
    """It is true and will be fixed by a day."""
    SUPPRESS = "suppress"
    GROW = "grow"
    """It was closed, and more of it came: it is open again."""


class MessageState(StrEnum):
    """How far a message has come."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"
    """Tried until the end, or refused for good; another route was given it where there is one."""
    DROPPED = "dropped"
    """Overtaken before it was sent: the case was closed or is told in another message."""


MAX_WORDS = 2_000
"""Characters of a reason or a remark."""
MAX_NAME = 200
"""Characters of a person's name."""
