"""The files that a scan for secrets is given: a baseline (the JSON of an earlier scan) and allow-lists."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, cast

from sakimori.analysis.secrets.report import Allowance, Fingerprint, within
from sakimori.app.given_file import read_regular
from sakimori.model.errors import RuleError, UsageError
from sakimori.texts.bounded_yaml import parse_yaml

SCHEMA: Final = "sakimori.secrets/1"
_LARGEST: Final = 256 << 20
_NAMES: Final = frozenset(("sha256", "kind", "file"))


def read_baseline(path: Path) -> frozenset[Fingerprint]:
    """What an earlier scan knew; UsageError where the file is no JSON of `sakimori secrets scan`."""
    if not path.exists():
        raise UsageError("secrets.no_baseline", file=path)
    try:
        document = json.loads(read_regular(path, _LARGEST))
        is_ours, known = document["schema"] == SCHEMA, frozenset(_fingerprints(document))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise UsageError("secrets.bad_baseline", file=path) from error
    if not is_ours:
        raise UsageError("secrets.bad_baseline", file=path)
    return known


def read_allowances(paths: Iterable[Path]) -> tuple[Allowance, ...]:
    """The entries of the allow-lists; UsageError for one without a reason, or that names nothing."""
    found: list[Allowance] = []
    for path in paths:
        try:
            data = parse_yaml(read_regular(path, 1_000_000).decode("utf-8-sig", "replace"), str(path)).data
        except RuleError as error:
            raise UsageError(error.text, **error.values) from error
        entries = cast("dict[str, Any]", data).get("allow") if isinstance(data, dict) else None
        if not isinstance(entries, list):
            raise UsageError("secrets.bad_allow_list", file=path, number=0)
        for number, entry in enumerate(cast("list[Any]", entries), 1):
            found.append(_allowance(entry, path, number))
    return tuple(found)


def _allowance(entry: Any, path: Path, number: int) -> Allowance:
    if not isinstance(entry, dict) or not str(entry.get("reason") or "").strip():
        raise UsageError("secrets.bad_allow_list", file=path, number=number)
    named = {str(key): str(value) for key, value in cast("dict[Any, Any]", entry).items() if key != "reason"}
    if not named or named.keys() - _NAMES:
        raise UsageError("secrets.bad_allow_list", file=path, number=number)
    return Allowance(reason=str(entry["reason"]), **named)


def _fingerprints(document: Any) -> Iterable[Fingerprint]:
    sources = [str(each) for each in document["scanned"]["sources"]]
    for entry in [*document["findings"], *document.get("known", ())]:
        yield str(entry["kind"]), str(entry["secret_sha256"]), within(str(entry["file"]), sources)
