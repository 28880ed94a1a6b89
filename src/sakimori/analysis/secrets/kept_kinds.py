"""The built-in kinds as they were checked once: reading them anew takes a tenth of a second, which a commit would wait.

Kept is what a scan needs. Examples, and the kinds of a user's own folders, are always read from their files.
"""

import contextlib
import json
import os
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, Final

from sakimori.analysis.secrets.kinds import Kind, load_kinds
from sakimori.analysis.secrets.own_file import read_own, write_own
from sakimori.model.verdict import Text
from sakimori.model.words import Confidence, Severity

_NAME: Final = "secrets-kinds.json"
_MEMBERS: Final = tuple(each.name for each in fields(Kind) if each.name != "recipes")


def kept_kinds(cache: Path, mark: str) -> tuple[Kind, ...]:
    """The built-in kinds, from `cache` where they are kept under this mark (a word for the files that they come from)."""
    path = cache / _NAME
    try:
        told = json.loads(read_own(path))
        if told["mark"] == mark:
            return tuple(_kind(each) for each in told["kinds"])
    except (OSError, ValueError, KeyError, TypeError):
        pass  # none are kept, or of another form: the files have them
    kinds = load_kinds()
    _keep(path, mark, kinds)
    return kinds


def _kind(told: dict[str, Any]) -> Kind:
    made: dict[str, Any] = {name: told[name] for name in _MEMBERS}
    for name in ("title", "message"):
        made[name] = Text(en=made[name]["en"], ja=made[name]["ja"])
    made["severity"] = Severity(made["severity"])
    made["confidence"] = Confidence(made["confidence"])
    made["literals"] = tuple(made["literals"])
    return Kind(**made)


def _keep(path: Path, mark: str, kinds: Sequence[Kind]) -> None:
    """A cache that cannot be written costs time, and no scan."""
    told = [{name: _plain(getattr(kind, name)) for name in _MEMBERS} for kind in kinds]
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_own(fresh, json.dumps({"mark": mark, "kinds": told}).encode())
        fresh.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            fresh.unlink()


def _plain(value: object) -> object:
    return {"en": value.en, "ja": value.ja} if isinstance(value, Text) else value
