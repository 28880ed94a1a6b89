"""A failing verdict as a row of the store, and back."""

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from hashlib import blake2b
from itertools import islice
from typing import Any, Final, cast

from sqlalchemy import RowMapping

from sakimori.findings.scope import canonical
from sakimori.findings.tables import OPEN
from sakimori.model.verdict import Text, Verdict
from sakimori.model.words import Confidence, Severity, Status

_TEXT_LIMIT: Final = 2_000
_ITEMS_LIMIT: Final = 200
_TIME: Final = "$time"
_DATE: Final = "$date"
_ATOMS: Final = frozenset({bool, int, float, datetime, date, type(None)})

CONTENT: Final = ("resource_type", "severity", "confidence", "message_en", "message_ja", "evidence", "muted_until")
"""The columns that may differ between two sights of one finding."""


def row_of(verdict: Verdict, identifier: str, at: datetime) -> dict[str, object]:
    """The row of a finding that is open and was first and last seen `at`; `identifier` is its `Verdict.id`."""
    row: dict[str, object] = {
        "id": identifier,
        "state": OPEN,
        "rule": verdict.rule,
        "parameters": canonical(verdict.parameters),
        "partition": verdict.partition,
        "account": verdict.account,
        "region": verdict.region,
        "resource": storable(verdict.resource),
        "resource_type": verdict.resource_type,
        "severity": verdict.severity.value,
        "confidence": verdict.confidence.value,
        "message_en": storable(verdict.message.en),
        "message_ja": storable(verdict.message.ja),
        "evidence": _evidence(verdict.evidence),
        "muted_until": verdict.mute.until if verdict.mute is not None and verdict.mute.is_by_tag else None,
        "first_seen": at,
        "last_seen": at,
    }
    content = "\x1f".join([str(row[name]) for name in CONTENT])
    row["content"] = blake2b(content.encode(), digest_size=16).hexdigest()
    return row


def verdict_of(row: RowMapping) -> Verdict:
    """The finding as it was last seen: failing, with its dates."""
    return Verdict(
        rule=row["rule"],
        status=Status.FAIL,
        severity=Severity(row["severity"]),
        confidence=Confidence(row["confidence"]),
        partition=row["partition"],
        account=row["account"],
        region=row["region"],
        resource=row["resource"],
        resource_type=row["resource_type"],
        message=Text(en=row["message_en"], ja=row["message_ja"]),
        parameters=json.loads(row["parameters"]),
        evidence=_DECODER.decode(row["evidence"]),
        first_seen=row["first_seen"],
        last_seen=row["last_seen"],
    )


def storable(text: str) -> str:
    """`text` as the store keeps it: PostgreSQL's text knows no NUL."""
    return text.replace("\x00", "\ufffd")


def whole(text: str) -> str:
    """`text` from whoever wrote it, as the store keeps it: UTF-8 knows no lone surrogates."""
    return storable(text).encode("utf-8", "replace").decode()


def _evidence(values: Mapping[str, object]) -> str:
    """JSON of the evidence, bounded: an outsider may have written it."""
    if all(map(_is_small, values.values())):
        return _ENCODER.encode(dict(values))
    return _ENCODER.encode(bounded(values))


def _is_small(value: object) -> bool:
    return value.__class__ in _ATOMS or (isinstance(value, str) and len(value) <= _TEXT_LIMIT)


def bounded(value: object) -> object:
    """`value` with its texts cut and its lists and mappings shortened."""
    if isinstance(value, str):
        return value if len(value) <= _TEXT_LIMIT else value[: _TEXT_LIMIT - 1] + "…"
    if isinstance(value, Mapping):
        pairs = cast("Mapping[object, object]", value).items()
        return {str(key): bounded(each) for key, each in islice(pairs, _ITEMS_LIMIT)}
    if isinstance(value, list | tuple | set | frozenset):
        return [bounded(each) for each in islice(cast("Iterable[object]", value), _ITEMS_LIMIT)]
    return value


def tagged(value: object) -> object:
    """What JSON has no word for: times and dates under a key of their own, anything else as bounded text."""
    if isinstance(value, datetime):
        return {_TIME: value.isoformat()}
    if isinstance(value, date):
        return {_DATE: value.isoformat()}
    return bounded(str(value))


def revive(value: dict[str, Any]) -> object:
    """What `tagged` wrote."""
    if len(value) != 1:
        return value
    if value.keys() == {_TIME}:
        return datetime.fromisoformat(value[_TIME])
    if value.keys() == {_DATE}:
        return date.fromisoformat(value[_DATE])
    return value


_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, default=tagged)
_DECODER: Final = json.JSONDecoder(object_hook=revive)
