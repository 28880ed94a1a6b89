"""The ways by which a canary gets into the lake: as a file of our own, or as a call that an account's trail records."""

import shlex
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol

from sakimori.app.canary import ACCOUNT, Canary, call_for_real, home_region, new_marker, plant_file
from sakimori.app.canary_trail import TrailFile, TrailMail, Trails
from sakimori.app.lake_upkeep import writing
from sakimori.aws.door import Door
from sakimori.ingest.cloudtrail.table import TABLE
from sakimori.ingest.engine import IngestRequest, ingest
from sakimori.ingest.objects import local_objects
from sakimori.ingest.slices import Note
from sakimori.lake.forget_account import forget_account
from sakimori.model.arn import Arn

KIND: Final = "cloudtrail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """Where the event lies, and since when."""

    place: str
    at: datetime


class Way(Protocol):
    """How a canary gets to where rules see it. What a running watch does, a watched way leaves to it."""

    marker: str

    @property
    def mode(self) -> str:
        """By its word: file, folder or account."""
        ...

    @property
    def watched(self) -> bool:
        """Whether a running watch takes in and judges."""
        ...

    @property
    def obstacle(self) -> Note | None:
        """Why the event cannot come out, known beforehand."""
        ...

    def plant(self) -> Canary:
        """Make the event; Refusal or UsageError where that fails."""
        ...

    def delivered(self) -> Delivered | None:
        """Where the event lies, once it does."""
        ...

    def blindness(self) -> Note | None:
        """Why nobody here can see whether it was delivered."""
        ...

    def lost(self) -> tuple[Note, str]:
        """Why it was perhaps not delivered, and the command to look with."""
        ...

    def take_in(self) -> None:
        """Bring it into the lake."""
        ...

    def watch_command(self) -> str:
        """The watch that should have taken it in."""
        ...

    def tidy(self) -> None:
        """Leave nothing of it behind."""
        ...


@dataclass(slots=True, kw_only=True)
class FileWay:
    """A file of CloudTrail's form: in a folder that a watch looks into, or one of our own that we take in ourselves."""

    home: Path
    clock: Callable[[], datetime]
    into: Path | None = None
    marker: str = field(default_factory=new_marker)
    _directory: Path | None = None
    _path: Path | None = None
    _planted_at: datetime | None = None

    @property
    def mode(self) -> str:
        """By its word."""
        return "folder" if self.into else "file"

    @property
    def watched(self) -> bool:
        """Whether a watch takes it in."""
        return self.into is not None

    @property
    def obstacle(self) -> Note | None:
        """None: a file can always come out."""
        return None

    def plant(self) -> Canary:
        """Write the file."""
        if self.into is None:
            self._directory = Path(tempfile.mkdtemp(prefix="sakimori-canary-"))
        canary, self._path = plant_file(self.into or self._directory or Path(), self.marker, self.clock())
        self._planted_at = canary.planted_at
        return canary

    def delivered(self) -> Delivered | None:
        """At once."""
        if self._path is None or self._planted_at is None:
            return None
        return Delivered(place=str(self._path), at=self._planted_at)

    def blindness(self) -> Note | None:
        """None: the folder is here."""
        return None

    def lost(self) -> tuple[Note, str]:
        """It cannot be."""
        return Note(text="verify.lost_file"), ""

    def take_in(self) -> None:
        """Bring the file into the lake."""
        if not self.watched and self._path is not None:
            objects = local_objects(str(self._path))
            ingest(IngestRequest(home=self.home, kind=KIND, workers=1), objects, clock=self.clock)

    def watch_command(self) -> str:
        """A watch of that folder."""
        return f"sakimori watch {shlex.quote(str(self.into))}" if self.into else ""

    def tidy(self) -> None:
        """The file goes, and with it everything that the lake has of an account that is nobody's."""
        if self._path is not None:
            self._path.unlink(missing_ok=True)
        if self._directory is not None:
            shutil.rmtree(self._directory, ignore_errors=True)
        if self._path is not None and (self.home / "lake" / "manifest.db").exists():
            with writing(self.home, self.clock) as (writer, reader):
                forget_account(writer, reader, TABLE, ACCOUNT, KIND)


@dataclass(slots=True, kw_only=True)
class CallWay:
    """A real call of a real account, through its trail and bucket."""

    home: Path
    clock: Callable[[], datetime]
    door: Door
    trails: Trails
    watched: bool = False
    mode: str = "account"
    marker: str = field(default_factory=new_marker)
    _mail: TrailMail | None = None
    _file: TrailFile | None = None

    @property
    def obstacle(self) -> Note | None:
        """No trail of the account records the call."""
        if self.trails.names or self.trails.gaps:
            return None
        if self.trails.others:
            return Note(
                text="verify.lost_no_such_trail", values={"trails": list(self.trails.others), "region": self._region}
            )
        return Note(text="verify.lost_no_trail")

    def plant(self) -> Canary:
        """Make the call."""
        asked_at = self.clock()
        call_for_real(self.door, self.marker)
        canary = Canary(marker=self.marker, account=self.door.account.id, region=self._region, planted_at=asked_at)
        self._mail = TrailMail(self.door, self.trails.folders, canary)
        return canary

    def delivered(self) -> Delivered | None:
        """The file in the bucket; when S3 stored it."""
        if self._file is None and self._mail is not None:
            self._file = self._mail.look()
        return Delivered(place=self._file.location, at=self._file.delivered_at) if self._file else None

    def blindness(self) -> Note | None:
        """No folder of a trail can be listed, or the trails themselves could not be read."""
        if not self.trails.folders:
            gap = next(iter(self.trails.gaps), None)
            reason = f"{gap.call} {gap.code}" if gap else ""
            return Note(text="verify.blind_trails", values={"reason": reason})
        if self._mail is not None and self._mail.is_blind:
            place, reason = next(iter(self._mail.unreadable.items()))
            return Note(text="verify.blind_bucket", values={"place": place, "reason": reason})
        return None

    def lost(self) -> tuple[Note, str]:
        """Whether other files came tells whether the trail delivers at all."""
        arn = self.trails.arns[0]
        command = f"aws cloudtrail get-trail-status --name {shlex.quote(arn)} --region {Arn.parse(arn).region}"
        values = {"trails": list(self.trails.names), "count": self._mail.files if self._mail else 0}
        if self._mail is not None and self._mail.unreadable:
            place, reason = next(iter(self._mail.unreadable.items()))
            return Note(text="verify.lost_unreadable", values={"place": place, "reason": reason}), command
        if self.trails.failing:
            name, reason = self.trails.failing[0]
            return Note(text="verify.lost_failing", values={"trail": name, "reason": reason}), command
        if values["count"]:
            return Note(text="verify.lost_other_files", values=values), command
        return Note(text="verify.lost_no_files", values=values), command

    def take_in(self) -> None:
        """Bring that one file into the lake."""
        if not self.watched and self._file is not None:
            ingest(IngestRequest(home=self.home, kind=KIND, workers=1), [self._file.held], clock=self.clock)

    def watch_command(self) -> str:
        """A watch of the trail's folder."""
        return f"sakimori watch {shlex.quote(self.trails.folders[0])} --kind {KIND}" if self.trails.folders else ""

    def tidy(self) -> None:
        """What happened in an account stays in the lake."""

    @property
    def _region(self) -> str:
        return home_region(self.door.account.partition)
