"""The whole answer of an investigation, as reports and cases take it."""

from dataclasses import dataclass
from datetime import datetime

from sakimori.analysis.incident.form import Closure, Looked, Made
from sakimori.analysis.incident.merged_events import Compared
from sakimori.analysis.incident.profile import Profile
from sakimori.analysis.incident.questions import Answer
from sakimori.analysis.incident.running_cost import Cost
from sakimori.analysis.incident.seeds import Subject
from sakimori.analysis.incident.timeline import Entry
from sakimori.lake.validations import Validation


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherWrites:
    """List B: what somebody else wrote in the window, by principal."""

    account: str
    principal: str
    count: int
    first_at: datetime
    last_at: datetime
    services: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lonely:
    """Reads that AWS answered in a service and Region where nobody else did anything: there was most likely nothing to see."""

    service: str
    region: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Investigation:
    """All that was found. `made` is list A, `maybe` what came from where the owner usually works, `others` list B.

    `since` is where the window begins; `since_is_guessed` where nobody said it. `event_count` is of all events of the closure,
    of which `is_cut` says whether some were not read. `others` is None where no source can tell it. `compared` is None where
    there is only one source.
    """

    subject: Subject
    now: datetime
    since: datetime | None
    since_is_guessed: bool
    until: datetime
    closure: Closure
    profile: Profile
    made: tuple[Made, ...]
    maybe: tuple[Made, ...]
    others: tuple[OtherWrites, ...] | None
    others_count: int
    lonely: tuple[Lonely, ...]
    answers: tuple[Answer, ...]
    entries: tuple[Entry, ...]
    entries_are_cut: bool
    cost: Cost
    looked: tuple[Looked, ...]
    compared: Compared | None
    validations: tuple[Validation, ...]
    event_count: int
    is_cut: bool
