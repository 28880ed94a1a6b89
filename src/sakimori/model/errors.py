"""Every failure that a person may meet.

SakimoriError
├── UsageError    2   the command, a file of the user's or the configuration is wrong
├── AccessError   1   AWS could not be reached, or not with these credentials
├── RuleError     1   a rule file does not hold what it promises
├── LakeError     1   the lake on disk is damaged, full or locked
└── ActionError   1   a change could not be made, verified or undone

A class owns its exit code. Exit codes 0, 3 and 4 belong to completed runs
(`sakimori.model.exit_codes`). A message is an id of the text catalogue with
its values, so that it is shown in the language of the person.
"""

from collections.abc import Mapping
from typing import Any, ClassVar


class SakimoriError(Exception):
    """A failure with a sentence for the person: `text` is an id of the text catalogue.

    `values` fill the sentence's `{placeholders}`. A secret must never be among them.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, text: str, **values: object) -> None:
        self.text = text
        self.values: Mapping[str, object] = values
        super().__init__(text)

    def __reduce__(self) -> "tuple[Any, ...]":
        """A failure in a worker process comes back whole."""
        return _made_again, (type(self), self.text, dict(self.values))

    def __str__(self) -> str:
        shown = ", ".join(f"{name}={value}" for name, value in self.values.items())
        return f"{self.text}({shown})" if shown else self.text


def _made_again(kind: type[SakimoriError], text: str, values: Mapping[str, object]) -> SakimoriError:
    return kind(text, **values)


class UsageError(SakimoriError):
    """What was asked for cannot be done as asked."""

    exit_code: ClassVar[int] = 2


class AccessError(SakimoriError):
    """No credentials, expired ones, or no way to reach AWS at all."""


class RuleError(SakimoriError):
    """A rule, framework or table file does not hold."""


class LakeError(SakimoriError):
    """The lake on disk cannot be read or written."""


class ActionError(SakimoriError):
    """A change to an account could not be made, verified or undone."""
