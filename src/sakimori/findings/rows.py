"""A failing verdict as a row of the store, and back."""

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime
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


def row_of(verdict: Verdict, identifier: str, at: datetime) -> dict[str, object]:
    """The row of a finding that is open and was first and last seen `at`; `identifier` is its `Verdict.id`."""
    return {
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
        "evidence": json.dumps(_plain(verdict.evidence), ensure_ascii=False),
        "first_seen": at,
        "last_seen": at,
    }


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
        evidence=json.loads(row["evidence"], object_hook=_revive),
        first_seen=row["first_seen"],
        last_seen=row["last_seen"],
    )


def storable(text: str) -> str:
    """`text` as the store keeps it: PostgreSQL's text knows no NUL."""
    return text.replace("\x00", "\ufffd")


def _plain(value: object) -> object:
    """JSON for a value of the evidence, bounded: an outsider may have written it."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, datetime):
        return {_TIME: value.isoformat()}
    if isinstance(value, date):
        return {_DATE: value.isoformat()}
    if isinstance(value, Mapping):
        pairs = cast("Mapping[object, object]", value).items()
        return {_bounded(str(key)): _plain(each) for key, each in islice(pairs, _ITEMS_LIMIT)}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(each) for each in islice(cast("Iterable[object]", value), _ITEMS_LIMIT)]
    return _bounded(str(value))


def _bounded(text: str) -> str:
    return storable(text if len(text) <= _TEXT_LIMIT else text[: _TEXT_LIMIT - 1] + "…")


def _revive(value: dict[str, Any]) -> object:
    if value.keys() == {_TIME}:
        return datetime.fromisoformat(value[_TIME])
    if value.keys() == {_DATE}:
        return date.fromisoformat(value[_DATE])
    return value
