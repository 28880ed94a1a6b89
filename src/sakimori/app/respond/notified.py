"""R18: people are told of a case by the routes that they configured, through the one inbox that all findings go through."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from sakimori.app.notify import Notifier
from sakimori.app.respond.case import Case
from sakimori.app.settings import Settings
from sakimori.findings.detections import record_detections
from sakimori.model.detection import Detection
from sakimori.model.words import GLOBAL, Confidence, Severity
from sakimori.outputs.notify.delivery import Delivered
from sakimori.state.store import open_store
from sakimori.texts.sentences import say_both

RULE = "sakimori.respond/case"


def tell_people(home: Path, settings: Settings, case: Case, state: str, clock: Callable[[], datetime]) -> Delivered:
    """Record the case as a finding, and deliver what is due. The same case again is the same finding, with what is new in it."""
    with open_store(state or home / "state.db") as store:
        record_detections(store, [detection_of(case, clock())], clock())
        return Notifier(store, home, settings, clock).send()


def detection_of(case: Case, now: datetime) -> Detection:
    """The finding that stands for a case."""
    word = "contained" if case.contained_at else "open"
    values = {"case": case.id, "who": case.suspect.user or case.suspect.role or case.suspect.name}
    return Detection(
        rule=RULE,
        title=say_both("respond.told_title", **values),
        message=say_both(f"respond.told_{word}", **values),
        severity=Severity.CRITICAL,
        confidence=Confidence.HIGH,
        tactics=("credential-access",),
        first_at=case.opened_at,
        last_at=now,
        count=1 + bool(case.contained_at),
        principal=case.suspect.user or case.suspect.role,
        account=case.suspect.account or next(iter(case.accounts), ""),
        region=GLOBAL,
        subject=case.id,
        evidence={"case": case.id},
    )
