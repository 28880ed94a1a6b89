"""Keeps evidence: a file first, then the line of the manifest that acknowledges it.

A kill between the two leaves a file that no line tells of. It was never acknowledged; the next piece finds its number free, and
the file is set aside, not deleted: should the manifest have been shortened by somebody, nothing is lost by it.
"""

import hashlib
import re
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from sakimori.model.errors import ActionError, UsageError
from sakimori.model.version import __version__
from sakimori.outputs.evidence.form import DIRECTORY, FILE_NAME, MANIFEST, Evidence, evidence_id
from sakimori.outputs.evidence.manifest import (
    KIND,
    body_of,
    evidence_of,
    head_of,
    manifest_path,
    read_manifest,
    unknown_evidence,
)
from sakimori.outputs.evidence.packing import packed, payload_of, write_private
from sakimori.outputs.evidence.redaction import Redactor
from sakimori.state.durable import sync
from sakimori.state.hash_chain import Chain, ChainLine, open_chain, unwritable
from sakimori.texts.language import JST, clean

ASIDE: Final = "unacknowledged"
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,79}\Z")
_MOST_TEXT: Final = 2_000
_AS_TEXT: Final = 99
_PRIVATE: Final = 0o700
_TRIES: Final = 400
_PAUSE_SECONDS: Final = 0.025


class EvidenceStore:
    """The evidence of one case. May be used from several threads, and by several processes: each piece waits for its turn."""

    def __init__(self, case_dir: Path, clock: Callable[[], datetime]) -> None:
        self.case_dir = case_dir
        self._clock = clock
        self._turn = threading.Lock()

    def add(  # noqa: PLR0913 - each is told by its name
        self, name: str, *, call: str, region: str, account: str, payload: Any, rows: int, coverage: str
    ) -> Evidence:
        """Keep one piece; it and its line are on the disk when this returns.

        `payload` is what JSON can say (with times and bytes in it), or bytes; secrets in it are left out before anything is
        written. UsageError for a name that no file should have and for a payload that cannot be kept, ActionError where the
        manifest was changed or the disk refuses.
        """
        if not _NAME.match(name):
            raise UsageError("case_evidence.bad_name", name=clean(name))
        raw, ending, redacted, source = packed(payload)
        at = self._clock().astimezone(UTC)
        piece = Evidence(
            seq=0, id="", name=name, utc=at, jst=at.astimezone(JST), call=_text(call), region=_text(region),
            account=_text(account), rows=rows, coverage=_text(coverage), sha256=hashlib.sha256(raw).hexdigest(),
            prev_sha256="", path=self.case_dir, line_sha256="", source_sha256=source, redacted=redacted, version=__version__,
        )  # fmt: skip
        if (self.case_dir / DIRECTORY).is_symlink():
            # A directory of a case that somebody handed over must not make us write elsewhere.
            raise ActionError("case_evidence.led_away", path=self.case_dir / DIRECTORY)
        with self._turn:
            chain, lines = _in_turn(manifest_path(self.case_dir))
            try:
                return _kept(self.case_dir / DIRECTORY, chain, lines, (piece, ending, raw))
            finally:
                chain.close()

    def pieces(self) -> tuple[Evidence, ...]:
        """What was kept so far, as `read_manifest` gives it."""
        return read_manifest(self.case_dir)

    def read(self, identifier: str) -> bytes:
        """What was kept under an id (`E-003`), unpacked; ActionError for an unknown id, or a file that was changed."""
        for piece in self.pieces():
            if piece.id == identifier:
                return payload_of(piece)
        raise unknown_evidence(clean(identifier))

    @property
    def head(self) -> str:
        """The hash that stands for all pieces, to be noted elsewhere (a ticket, a chat, an object under lock)."""
        return head_of(self.pieces())


def _kept(directory: Path, chain: Chain, lines: tuple[ChainLine, ...], given: tuple[Evidence, str, bytes]) -> Evidence:
    piece, ending, raw = given
    before = evidence_of(directory / MANIFEST, lines)
    seq = len(before) + 1
    _set_aside(directory, seq)
    path = directory / f"{seq:03}-{piece.name}{ending}"
    write_private(path, raw)
    _synced(directory)
    piece = replace(piece, seq=seq, id=evidence_id(seq), path=path, prev_sha256=head_of(before))
    line = chain.write(KIND, piece.utc, body_of(piece))
    return replace(piece, line_sha256=line.hash)


def _set_aside(directory: Path, seq: int) -> None:
    """Make way for the number: files that no line tells of are moved, under names that are free."""
    found = [(each, FILE_NAME.match(each.name)) for each in sorted(directory.iterdir())]
    loose = [each for each, name in found if name is not None and int(name[1]) >= seq]
    if not loose:
        return
    aside = directory / ASIDE
    try:
        aside.mkdir(exist_ok=True, mode=_PRIVATE)
        for each in loose:
            number = sum(1 for _ in aside.iterdir())
            each.rename(aside / f"{number:04}-{each.name}")
        sync(aside)
        sync(directory)
    except OSError as error:
        raise unwritable(aside, error) from error


def _in_turn(path: Path) -> tuple[Chain, tuple[ChainLine, ...]]:
    """The manifest, open; another process that keeps a piece is waited for."""
    for tries_left in reversed(range(_TRIES)):
        try:
            return open_chain(path)
        except ActionError as error:
            if error.text != "chain.in_use" or not tries_left:
                raise
            time.sleep(_PAUSE_SECONDS)
    raise AssertionError


def _synced(directory: Path) -> None:
    try:
        sync(directory)
    except OSError as error:
        raise unwritable(directory, error) from error


def _text(text: str) -> str:
    """One line of a manifest must stay readable, and hold no secret either."""
    return clean(Redactor().text(text, depth=_AS_TEXT), _MOST_TEXT)
