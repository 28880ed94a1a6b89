"""The manifest: one line a piece of evidence, in the order in which they were taken, each bound to the one before it."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from sakimori.model.errors import ActionError
from sakimori.outputs.evidence.form import DIRECTORY, FILE_NAME, MANIFEST, SHA256, Evidence, evidence_id
from sakimori.state.hash_chain import BEGIN, ChainLine, broken, read_chain
from sakimori.texts.language import JST

KIND = "evidence"
_TEXTS = ("id", "name", "file", "jst", "call", "region", "account", "coverage", "sha256", "prev_sha256", "version")


def read_manifest(case_dir: Path) -> tuple[Evidence, ...]:
    """The pieces of a case, in order; none where none was taken yet. ActionError naming the line where the chain is broken.

    A torn last line was never acknowledged and counts for nothing. The files are not looked at: `faults_of` does that.
    """
    path = manifest_path(case_dir)
    return evidence_of(path, read_chain(path)) if path.exists() else ()


def manifest_path(case_dir: Path) -> Path:
    """Where the manifest of a case lies."""
    return case_dir / DIRECTORY / MANIFEST


def evidence_of(path: Path, lines: Iterable[ChainLine]) -> tuple[Evidence, ...]:
    """The pieces that these lines of the manifest at `path` tell; ActionError for a line that tells none."""
    found: list[Evidence] = []
    for line in lines:
        piece = _piece(path.parent, line, found[-1].line_sha256 if found else BEGIN)
        if piece is None:
            raise broken(path, line.number)
        found.append(piece)
    return tuple(found)


def body_of(piece: Evidence) -> dict[str, Any]:
    """What the manifest tells of a piece, beside its number and time."""
    return {
        "id": piece.id, "name": piece.name, "file": piece.path.name, "utc": piece.utc.isoformat(), "jst": piece.jst.isoformat(),
        "version": piece.version, "call": piece.call, "region": piece.region, "account": piece.account, "rows": piece.rows,
        "coverage": piece.coverage, "sha256": piece.sha256, "prev_sha256": piece.prev_sha256,
        "source_sha256": piece.source_sha256, "redacted": piece.redacted,
    }  # fmt: skip


def head_of(pieces: tuple[Evidence, ...]) -> str:
    """The hash that stands for all of them: whoever noted it elsewhere sees that a last line was cut off."""
    return pieces[-1].line_sha256 if pieces else BEGIN


def unknown_evidence(identifier: str) -> ActionError:
    """What is raised of an id that no piece bears."""
    return ActionError("case_evidence.no_such", id=identifier)


def _piece(directory: Path, line: ChainLine, before: str) -> Evidence | None:
    body = line.body
    texts = {name: body.get(name) for name in _TEXTS}
    if line.kind != KIND or not all(isinstance(each, str) for each in texts.values()):
        return None
    name = FILE_NAME.match(body["file"])
    counts = (body.get("rows"), body.get("redacted"))
    is_whole = (
        name is not None
        and int(name[1]) == line.number
        and name[2] == body["name"]
        and body["id"] == evidence_id(line.number)
        and body["prev_sha256"] == before
        and SHA256.match(body["sha256"]) is not None
        and all(isinstance(each, int) and not isinstance(each, bool) for each in counts)
    )
    jst = _moment(body["jst"])
    if not is_whole or jst is None or jst != line.at:
        return None
    return Evidence(
        seq=line.number, id=body["id"], name=body["name"], utc=line.at, jst=jst.astimezone(JST), call=body["call"],
        region=body["region"], account=body["account"], rows=body["rows"], coverage=body["coverage"], sha256=body["sha256"],
        prev_sha256=before, path=directory / body["file"], line_sha256=line.hash,
        source_sha256=str(body.get("source_sha256", "")), redacted=body["redacted"], version=body["version"],
    )  # fmt: skip


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None
