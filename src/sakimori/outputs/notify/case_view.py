"""A case as it is told: what of it is neither suppressed nor settled, in few words and numbers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, select

from sakimori.findings.inbox import InboxFinding, Quiet, findings_of_case
from sakimori.findings.inbox_tables import CASE
from sakimori.findings.rows import verdict_of
from sakimori.findings.tables import FINDING, OPEN
from sakimori.model.detection import Detection
from sakimori.model.triage import Standing
from sakimori.model.verdict import Text, Verdict
from sakimori.model.words import Severity
from sakimori.outputs.report.plain_values import utc

_NAMED: Final = 20
NOTHING: Final = Text(en="", ja="")


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseView:
    """One case. Lists are bounded; `count` is of events (posture: of resources), `findings` of findings.

    What is suppressed or settled does not count; `is_told` says whether anything is left to tell.
    """

    id: str
    kind: str
    account: str
    subject: str
    is_open: bool
    is_told: bool
    is_for_digest: bool = False
    """A suppression says that it is told in the digest alone."""
    severity: Severity
    title: Text = NOTHING
    message: Text = NOTHING
    first_at: datetime
    last_at: datetime
    changed_at: datetime
    opened_at: datetime
    findings: int = 0
    suppressed: int = 0
    count: int = 0
    rules: tuple[str, ...] = ()
    """The gravest first."""
    regions: tuple[str, ...] = ()
    principals: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    tactics: tuple[str, ...] = ()
    producers: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    taken_by: str = ""
    deadline: datetime | None = None
    told: str = "{}"

    def plain(self) -> Mapping[str, Any]:
        """For machines."""
        return {
            "case": self.id, "kind": self.kind, "account": self.account, "subject": self.subject,
            "state": "open" if self.is_open else "closed", "severity": self.severity.value,
            "title": {"en": self.title.en, "ja": self.title.ja}, "message": {"en": self.message.en, "ja": self.message.ja},
            "time_first": utc(self.first_at), "time_last": utc(self.last_at), "findings": self.findings, "count": self.count,
            "rules": list(self.rules), "regions": list(self.regions), "principals": list(self.principals),
            "origins": list(self.origins), "resources": list(self.resources), "tactics": list(self.tactics),
            "producers": list(self.producers), "owners": list(self.owners), "taken_by": self.taken_by or None,
            "deadline": utc(self.deadline),
        }  # fmt: skip


def case_view(connection: Connection, case_id: str, quiet: Quiet) -> CaseView | None:
    """The case as it now stands; None for no such case."""
    row = connection.execute(select(CASE).where(CASE.c.id == case_id)).mappings().first()
    if row is None:
        return None
    found = findings_of_case(connection, case_id, quiet)
    heard = [each for each in found if each.standing is Standing.OPEN]
    known = sorted(heard or found, key=lambda each: (-each.severity.rank, _first(each), each.id))
    worst = known[0] if known else None
    return CaseView(
        id=row["id"],
        kind=row["kind"],
        account=row["account"],
        subject=row["subject"],
        is_open=row["state"] == OPEN,
        is_told=bool(heard),
        is_for_digest=any(quiet.is_for_digest(each.suppression) for each in found if each.suppression),
        severity=worst.severity if worst else Severity(row["severity"]),
        title=worst.title if worst else _last_title(connection, row),
        message=worst.told.message if worst else NOTHING,
        first_at=row["first_at"],
        last_at=row["last_at"],
        changed_at=row["changed_at"],
        opened_at=row["opened_at"],
        findings=len(heard) + sum(quiet.is_in_case(each.suppression) for each in found if each.suppression),
        suppressed=sum(each.standing is Standing.SUPPRESSED for each in found),
        count=sum(each.told.count if isinstance(each.told, Detection) else 1 for each in heard),
        rules=_named(each.told.rule for each in known),
        regions=_named(each.told.region for each in heard),
        principals=_named(each.told.principal for each in heard if isinstance(each.told, Detection)),
        origins=_named(one for each in heard if isinstance(each.told, Detection) for one in each.told.origins),
        resources=_named(one for each in heard for one in each.resources),
        tactics=_named(one for each in heard if isinstance(each.told, Detection) for one in each.told.tactics),
        producers=_named(name for each in heard for name in (each.producer, *(one.producer for one in each.witnesses))),
        owners=_named(each.triage.owner for each in heard),
        taken_by=row["taken_by"],
        deadline=min((at for each in heard if (at := _deadline(each)) is not None), default=None),
        told=row["told"],
    )


def _last_title(connection: Connection, row: RowMapping) -> Text:
    """What the last resource of a case of posture was said to be, which is settled since."""
    those = (FINDING.c.account == row["account"], FINDING.c.rule == row["subject"])
    last = select(FINDING).where(*those).order_by(FINDING.c.last_seen.desc(), FINDING.c.id).limit(1)
    found = connection.execute(last).mappings().first()
    return NOTHING if found is None else verdict_of(found).message


def _named(words: Iterable[str]) -> tuple[str, ...]:
    """Each once, in their order, and not too many."""
    return tuple(dict.fromkeys(word for word in words if word))[:_NAMED]


def _first(found: InboxFinding) -> datetime:
    return found.first_seen if isinstance(found.told, Verdict) else found.told.first_at


def _deadline(found: InboxFinding) -> datetime | None:
    at = found.told.evidence.get("deadline")
    return at if isinstance(at, datetime) and at.tzinfo else None
