"""A text for AWS: what it says, on what evidence, and what stands against sending it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from sakimori.texts.language import Language

LIMIT: Final = 8_000
"""Characters that AWS Support takes in one message (`communicationBody` of AddCommunicationToCase, AWS Support API reference)."""


class Weight(StrEnum):
    """How much a fault weighs."""

    REFUSED = "refused"
    """It must not be sent so."""
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyFault:
    """One thing that stands against a text: an id of the catalogue with its values."""

    weight: Weight
    text: str
    values: Mapping[str, object] = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One sentence, with the ids of the evidence that shows it. Courtesies and what is not known need none."""

    text: str
    evidence: tuple[str, ...] = ()
    is_claim: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A whole table as CSV, where the text holds its beginning only."""

    name: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A text to be pasted or sent. `subject` is "" where there is no mail to answer; no text holds what `faults` refuses."""

    text: str
    language: Language
    subject: str = ""
    sentences: tuple[Sentence, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    faults: tuple[ReplyFault, ...] = ()

    @property
    def is_ready(self) -> bool:
        """Nothing refuses it; warnings may stand."""
        return all(each.weight is not Weight.REFUSED for each in self.faults)


def length_of(text: str) -> int:
    """As forms count: a character outside the basic plane is two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
