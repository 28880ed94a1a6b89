"""What each line of a case's log must say, so that whatever reads a case can rely on it: hashes tell who wrote, not what.

A member that a later version adds is passed over; one that is missing, or of another kind, makes the line unreadable.
"""

from datetime import datetime
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta, Struct

from sakimori.app.respond.case import (
    BY_HAND,
    IDENTITY_CENTER,
    KNOWN_PEOPLE,
    PEOPLE,
    UNREADABLE,
    WAYS_IN,
    StepState,
    Told,
)
from sakimori.state.hash_chain import ChainLine

_FIRST, _LAST = 2000, 2200
Count = Annotated[int, Meta(ge=0, le=10**12)]
Money = Annotated[float, Meta(ge=0, le=10**12)]


class _Words(Struct):
    en: str
    ja: str = ""


class _Opened(Struct):
    by: str = ""
    trigger: str = ""
    occurred_at: datetime | None = None
    deadline_at: datetime | None = None
    subject: str = ""
    aws_case: str = ""
    playbook: str = ""
    approval: str = ""


class _Suspect(Struct):
    kind: str = ""
    key_id: str = ""
    user: str = ""
    role: str = ""
    account: str = ""
    accounts: list[str] = []


class _Step(Struct):
    step: str
    state: StepState
    by: str = ""
    detail: str = ""
    values: dict[str, Any] | None = None
    evidence: list[str] | None = None


class _Approved(Struct):
    steps: list[str]
    by: str
    is_own: bool = False
    plans: list[str] | None = None
    login: str = ""
    caller: str = ""


class _Run(Struct):
    account: str
    run: str
    step: str


class _Credential(Struct):
    id: str
    kind: str = ""
    account: str = ""
    principal: str = ""
    role: str = ""
    user: str = ""
    issued_at: datetime | None = None
    expires_at: datetime | None = None


class _Closure(Struct):
    credentials: list[_Credential] = []
    seeds: list[str] = []
    users: list[str] = []
    roles: list[str] = []
    made_roles: list[str] = []
    suspects: list[str] = []
    external_accounts: list[str] = []
    unread: list[str] = []
    spared: list[str] = []
    since: datetime | None = None


class _Thing(Struct):
    kind: str
    id: str
    arn: str
    account: str
    region: str
    is_created: bool
    by: str
    change: str
    at: datetime
    event_ids: list[str]
    told: dict[str, Any] | None = None
    count: Count = 1
    is_from_known_origin: bool = False
    address: str = ""


class _Made(Struct):
    made: list[_Thing] = []


class _TakenBack(Struct):
    step: str


class _Verified(Struct):
    count: Count = 0


class _Note(Struct):
    by: str = ""
    text: str = ""


class _Replacement(Struct):
    key_id: str
    state: str = ""
    account: str = ""
    user: str = ""


class _Answer(Struct):
    question: str
    answer: Any


class _Negative(Struct):
    question: _Words
    coverage: _Words
    is_complete: bool


class _Other(Struct):
    account: str
    principal: str
    count: Count
    at: datetime


class _Cost(Struct):
    kind: str
    id: str
    account: str
    region: str
    size: str
    hourly: Money | None
    usd: Money | None


class _Moment(Struct):
    at: datetime
    calls: list[str]
    count: Count
    region: str
    account: str
    actor: str
    error: str
    resource: str


class _Investigation(Struct):
    evidence: str
    until: datetime
    regions: Count
    regions_enabled: Count
    events: Count
    has_data_events: bool | None
    digest: Literal["verified", "partial", "not_run"]
    digest_files: tuple[Count, Count]
    since: datetime | None = None
    is_cut: bool = False
    agrees: bool | None = None
    unread: list[str] = []
    negatives: list[_Negative] = []
    others: list[_Other] = []
    costs: list[_Cost] = []
    moments: list[_Moment] = []


class _Cause(Struct):
    cause: str = ""
    fix: str | _Words = ""
    note: str = ""
    evidence: str = ""


class _Key(Struct):
    key_id: str
    user: str
    account: str
    is_there: bool
    is_active: bool = False
    created_at: str = ""
    last_used_at: str = ""
    origin: str = ""
    rotated_at: str | None = None


class _Keys(Struct):
    keys: list[_Key]
    evidence: str = ""


class _Sweep(Struct):
    left: Count
    regions: Count
    at: datetime


class _Place(Struct):
    account: str
    resource: str
    region: str


class _Denied(Struct):
    at: datetime
    user: str
    sets: list[str]
    user_id: str = ""
    left: list[str] = []
    places: list[_Place] = []


class _IdentityCenter(_Denied):
    others: list[_Denied] = []


class _WaysIn(Struct):
    ways: list[str] = []
    by: str = ""
    since: dict[str, str] = {}


class _Entry(Struct):
    marks: list[str]
    by: str
    text: str
    at: datetime | None = None


class _LookedAt(Struct):
    entries: list[_Entry] = []


class _Person(Struct):
    name: str
    addresses: list[str]
    sessions: list[str]
    last_at: datetime | None = None
    is_cut: bool = False


class _People(Struct):
    people: list[_Person] = []
    count: Count = 0


class _Prevention(Struct):
    watching: list[str]
    protecting: list[str]
    evidence: str


_FORMS: Final[dict[str, type[Struct]]] = {
    Told.OPENED: _Opened, Told.SUSPECT: _Suspect, Told.STEP: _Step, Told.APPROVED: _Approved, Told.RUN: _Run,
    Told.CLOSURE: _Closure, Told.MADE: _Made, Told.TAKEN_BACK: _TakenBack, Told.VERIFIED: _Verified, Told.NOTE: _Note,
    Told.REPLACEMENT: _Replacement, Told.ANSWER: _Answer,
}  # fmt: skip
_ANSWERS: Final[dict[str, type[Struct]]] = {
    "investigation": _Investigation, "cause": _Cause, "keys": _Keys, "sweep": _Sweep, "prevention": _Prevention,
    WAYS_IN: _WaysIn, IDENTITY_CENTER: _IdentityCenter, UNREADABLE: _LookedAt, BY_HAND: _LookedAt,
    PEOPLE: _People, KNOWN_PEOPLE: _LookedAt,
}  # fmt: skip


def check_form(line: ChainLine) -> None:
    """ValueError where a line does not say what it must; one of a kind of a later version may say anything."""
    _check_moments(line.at)
    told = msgspec.convert(line.body, _FORMS[line.kind]) if line.kind in _FORMS else None
    if isinstance(told, _Answer):
        if told.question not in _ANSWERS:
            return
        told = msgspec.convert(told.answer, _ANSWERS[told.question])
    _check_moments(told)


def _check_moments(told: object) -> None:
    """Each moment must be one that can be shown in another zone, and compared with others."""
    if isinstance(told, datetime):
        if told.tzinfo is None or not _FIRST <= told.year <= _LAST:
            raise ValueError(told)
    elif isinstance(told, list):
        for each in told:
            _check_moments(each)
    elif isinstance(told, Struct):
        for name in told.__struct_fields__:
            _check_moments(getattr(told, name))
