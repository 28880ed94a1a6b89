"""A backup role that reads every night, a store that remembers it, and suppressions of it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import insert, update

from sakimori.findings.detections import record_detections
from sakimori.findings.inbox_tables import MESSAGE
from sakimori.findings.suppression.checks import lint
from sakimori.findings.suppression.criteria import Criteria, equals
from sakimori.findings.suppression.history import History
from sakimori.findings.suppression.lint import Evidence, Fault, Level
from sakimori.findings.suppression.suppression import Suppression
from sakimori.findings.tables import DETECTION
from sakimori.findings.triage import Decision, Doing, decide
from sakimori.model.detection import Detection
from sakimori.model.triage import Disposition
from sakimori.model.verdict import Text
from sakimori.model.words import Confidence, Severity
from sakimori.state.store import Store

ACCOUNT = "111122223333"
TOKYO = "ap-northeast-1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/backup"
BUCKET = "arn:aws:s3:::backups"
RULE = "secrets-read-in-bulk"
NOW = datetime(2026, 11, 20, 3, tzinfo=UTC)
TODAY = NOW.date()
NIGHTS = tuple(NOW - timedelta(days=days) for days in (5, 4, 3))


def detection(at: datetime = NIGHTS[0], **words: Any) -> Detection:
    usual: dict[str, Any] = {
        "rule": RULE,
        "title": Text(en="Secrets are read in bulk", ja="シークレットが大量に読み取られました"),
        "severity": Severity.MEDIUM,
        "confidence": Confidence.MEDIUM,
        "first_at": at,
        "last_at": at,
        "count": 40,
        "principal": ROLE,
        "account": ACCOUNT,
        "region": TOKYO,
        "resources": (BUCKET,),
        "message": Text(en="backup read 40 secrets.", ja="backup が 40 件読み取りました。"),
    }
    return Detection(**{**usual, **words})


def guardduty(name: str = "1", **words: Any) -> Detection:
    usual: dict[str, Any] = {
        "rule": "Policy:S3/BucketBlockPublicAccessDisabled",
        "producer": "guardduty",
        "native_id": f"arn:finding/{name}",
        "count": 4,
        "last_at": NIGHTS[2],
    }
    return detection(**{**usual, **words})


def suppression(**words: Any) -> Suppression:
    usual: dict[str, Any] = {
        "id": "backup-role",
        "source": "sakimori",
        "criteria": Criteria.of((equals("rule", RULE), equals("principal", ROLE))),
        "accounts": (ACCOUNT,),
        "reason": "The backup reads them each night",
        "owner": "sato",
        "ticket": "OPS-1",
        "created_by": "tanaka",
        "created_at": NOW,
        "expires_on": TODAY + timedelta(days=90),
    }
    return Suppression(**{**usual, **words})


def of_bucket(**words: Any) -> Suppression:
    """Of GuardDuty's finding, by the name of its bucket."""
    named = (
        equals("rule", "Policy:S3/BucketBlockPublicAccessDisabled"),
        equals("resource.s3BucketDetails.name", "backups"),
    )
    return suppression(**{"source": "guardduty", "criteria": Criteria.of(named), "action": "digest", **words})


def keep(store: Store, *told: Detection, as_: Disposition | None = Disposition.BENIGN) -> tuple[str, ...]:
    """Record them when they were, and close them as what they were; their ids."""
    for each in told:
        record_detections(store, [each], each.first_at)
    with store.begin() as connection:
        for each in told if as_ else ():
            decision = Decision(disposition=as_ or Disposition.BENIGN, reason="nightly backup", owner="sato")
            decide(connection, each.id, decision, Doing("tanaka", NOW - timedelta(hours=1)))
    return tuple(each.id for each in told)


def three_nights(**words: Any) -> tuple[Detection, ...]:
    return tuple(detection(at, **words) for at in NIGHTS)


def tell(store: Store, finding: str, at: datetime, case: str = "SKM-20261116-01", state: str = "sent") -> None:
    """A message of the finding's case."""
    row = {"key": case[-8:] + finding[:8], "route": "slack", "case_id": case, "kind": "new", "severity": "medium", "body": "", "state": state, "not_before": at, "created_at": at, "tries": 1, "sent_at": at if state == "sent" else None, "reference": "", "reason": "", "instead_of": ""}  # fmt: skip
    with store.begin() as connection:
        connection.execute(update(DETECTION).where(DETECTION.c.id == finding).values(case_id=case))
        connection.execute(insert(MESSAGE).values(row))


def evidence_of(store: Store, of: Suppression, **words: Any) -> Evidence:
    with store.read() as connection:
        history = History(connection, NOW)
        replay = history.replay(of)
        origins = history.findings(of.created_from)
    usual: dict[str, Any] = {
        "today": TODAY,
        "matches": replay.matches,
        "reach_days": replay.reach_days,
        "origins": origins,
        "missing": tuple(set(of.created_from) - {each.id for each in origins}),
        "people": ("sato", "tanaka", "suzuki"),
    }
    return Evidence(**{**usual, **words})


def faults(store: Store, of: Suppression, **words: Any) -> tuple[Fault, ...]:
    return lint(of, evidence_of(store, of, **words))


def errors(store: Store, of: Suppression, **words: Any) -> list[str]:
    return [each.check for each in faults(store, of, **words) if each.level is Level.ERROR]


def texts(store: Store, of: Suppression, **words: Any) -> list[str]:
    return [each.text.removeprefix("suppress.") for each in faults(store, of, **words)]


def until(days: int) -> date:
    return TODAY + timedelta(days=days)


def also(of: Suppression, **words: Any) -> Suppression:
    return replace(of, **words)
