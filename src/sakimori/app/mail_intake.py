"""Mails of AWS taken in: from files, folders, standard input or a mailbox, judged, and recorded once."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from sakimori.app.mailbox import Fetched, Place, fetch
from sakimori.findings.cursors import read_cursor, write_cursor
from sakimori.findings.detections import Recorded, record_detections
from sakimori.findings.mail.judged import Judged, detection_of, judge_mail
from sakimori.findings.mail.message import MAX_FILE_BYTES, BadMail, Mail, MailFault, Passing
from sakimori.findings.mail.reading import mail_of, mails_in
from sakimori.ingest.objects import StoredObject, local_objects
from sakimori.model.detection import Detection
from sakimori.state.store import Store

_KEPT_BAD: Final = 100


@dataclass(slots=True)
class Intake:
    """What was read. `told` are the mails that concern AWS; `unrelated_count` others, of which nothing is kept."""

    files: int = 0
    read_count: int = 0
    unrelated_count: int = 0
    told: list[Judged] = field(default_factory=list[Judged])
    bad: list[BadMail] = field(default_factory=list[BadMail])
    """The first of those that could not be read."""
    bad_count: int = 0
    new_ids: set[str] | None = None
    """Findings that were opened, None where nothing was recorded."""
    known_count: int = 0
    """Findings that were known already."""
    left_count: int = 0
    """Mails of a mailbox that the next run reads."""

    @property
    def is_whole(self) -> bool:
        """Whether every mail could be read."""
        return not self.bad_count

    def count(self, recorded: Recorded) -> None:
        """Count what one recording changed."""
        self.new_ids = (self.new_ids or set()) | {each.id for each in recorded.new}
        self.known_count += len(recorded.grown) + recorded.unchanged_count

    def join(self, other: "Intake") -> None:
        """What another reading gave, besides."""
        self.read_count += other.read_count
        self.unrelated_count += other.unrelated_count
        self.told += other.told
        self.bad += other.bad[: _KEPT_BAD - len(self.bad)]
        self.bad_count += other.bad_count
        self.left_count += other.left_count
        self.known_count += other.known_count
        if other.new_ids is not None:
            self.new_ids = (self.new_ids or set()) | other.new_ids


def take_files(sources: Iterable[str], now: datetime) -> Intake:
    """Read and judge the mails of files and folders (`-` is standard input); UsageError where there is nothing of a name."""
    intake = Intake()
    for source in sources:
        for stored in local_objects(source):
            intake.files += 1
            take_mails(intake, _mails(stored), now)
    return intake


def take_mails(intake: Intake, mails: Iterable[Mail | BadMail], now: datetime) -> None:
    """Judge these mails. Of one that only carries another the carried one is told, unless it is itself suspicious."""
    from sakimori.aws.key_ids import account_of_key  # noqa: PLC0415 - the help must not wait for it

    carrier: Judged | None = None
    for mail in mails:
        if isinstance(mail, BadMail):
            intake.bad_count += 1
            intake.bad += [mail] if len(intake.bad) < _KEPT_BAD else []
            continue
        intake.read_count += 1
        judged = judge_mail(mail, now, account_of_key)
        if mail.passing is not Passing.ATTACHED:
            carrier = judged
        elif (
            carrier is not None and carrier.kind == judged.kind and not carrier.is_suspicious and carrier in intake.told
        ):
            intake.told.remove(carrier)
        if judged.is_recorded or judged.kind == "other":
            intake.told.append(judged)
        else:
            intake.unrelated_count += 1


def read_mailbox(store: Store, place: Place, password: str, now: datetime, *, is_kept: bool = True) -> Intake:
    """Read what came into a mailbox since the last time; keep its findings and its place unless `is_kept` is false."""
    intake = Intake()
    fetched = fetch(place, password, read_cursor(store, place.cursor) or "", now)
    take_mails(intake, _fetched(fetched, place.location), now)
    intake.left_count = fetched.left_count
    if is_kept:
        record(store, intake, now, (place.cursor, fetched.position))
    return intake


def record(store: Store, intake: Intake, at: datetime, cursor: tuple[str, str] | None = None) -> None:
    """Keep the findings, and with them, in one transaction, where the mailbox stands: a kill leaves both or neither."""
    with store.begin() as connection:
        intake.count(record_detections(connection, findings_of(intake), at))
        if cursor is not None:
            write_cursor(connection, *cursor)


def findings_of(intake: Intake) -> tuple[Detection, ...]:
    """The finding of each mail that opens one."""
    return tuple(detection_of(each) for each in intake.told if each.is_recorded)


def _fetched(fetched: Fetched, location: str) -> Iterator[Mail | BadMail]:
    """The mails of a mailbox, by their numbers there; each stands alone."""
    for number, raw in fetched.mails:
        if raw is None:
            yield BadMail(location=location, number=number, fault=MailFault.TOO_LARGE)
        elif raw:
            yield from mail_of(raw, location, number)


def _mails(stored: StoredObject) -> Iterator[Mail | BadMail]:
    try:
        if stored.byte_count > MAX_FILE_BYTES:
            yield BadMail(location=stored.location, number=1, fault=MailFault.TOO_LARGE)
            return
        data = Path(stored.path).read_bytes() if stored.path else stored.read() if stored.read else b""
    except OSError:
        yield BadMail(location=stored.location, number=1, fault=MailFault.UNREADABLE)
        return
    yield from mails_in(data, stored.location)
