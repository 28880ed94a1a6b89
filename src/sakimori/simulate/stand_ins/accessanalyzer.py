"""Analyzers of IAM Access Analyzer, which moto has not."""

import re
from collections.abc import Mapping
from typing import Any, Final

from sakimori.simulate.call import ServiceError
from sakimori.simulate.stand_ins.form import Desk, StandIn
from sakimori.simulate.state import Analyzer

_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,254}\Z")
_OF_ACCOUNT: Final = ("ACCOUNT", "ACCOUNT_UNUSED_ACCESS", "ACCOUNT_INTERNAL_ACCESS")
_PAGE: Final = 100


def create(desk: Desk) -> Mapping[str, Any]:
    """Make an analyzer, active at once; the account has no organisation, and one analyzer of a type is the most."""
    asked = desk.parameters()
    name, kind = str(asked["analyzerName"]), str(asked["type"])
    if not _NAME.match(name):
        raise ServiceError("ValidationException", "The analyzer name is not valid.", 400)
    if kind not in _OF_ACCOUNT:
        message = "An analyzer of an organization needs its management account or a delegated administrator."
        raise ServiceError("ValidationException", message, 400)
    analyzers = _analyzers(desk)
    if name in analyzers:
        raise ServiceError("ConflictException", f"An analyzer named {name} already exists.", 409)
    if any(each.kind == kind for each in analyzers.values()):
        raise ServiceError("ServiceQuotaExceededException", f"Only one analyzer of type {kind} is allowed.", 402)
    analyzers[name] = Analyzer(name=name, kind=kind, created_at=desk.state.clock())
    return {"arn": _arn(desk, name)}


def listed(desk: Desk) -> Mapping[str, Any]:
    """A page of the Region's analyzers, of one type where one is asked for."""
    asked = desk.parameters()
    kind = asked.get("type")
    found = [each for each in _analyzers(desk).values() if kind in (None, each.kind)]
    start, size = int(asked.get("nextToken") or 0), int(asked.get("maxResults") or _PAGE)
    page = {"analyzers": [_entry(desk, each) for each in found[start : start + size]]}
    return {**page, "nextToken": str(start + size)} if start + size < len(found) else page


def one(desk: Desk) -> Mapping[str, Any]:
    """One analyzer."""
    return {"analyzer": _entry(desk, _found(desk))}


def delete(desk: Desk) -> Mapping[str, Any]:
    """Delete an analyzer."""
    del _analyzers(desk)[_found(desk).name]
    return {}


STAND_INS: Final[Mapping[str, StandIn]] = {
    "accessanalyzer:CreateAnalyzer": create,
    "accessanalyzer:DeleteAnalyzer": delete,
    "accessanalyzer:GetAnalyzer": one,
    "accessanalyzer:ListAnalyzers": listed,
}


def _analyzers(desk: Desk) -> dict[str, Analyzer]:
    return desk.state.analyzers.setdefault(desk.call.region, {})


def _found(desk: Desk) -> Analyzer:
    name = str(desk.parameters()["analyzerName"])
    if name not in _analyzers(desk):
        raise ServiceError("ResourceNotFoundException", f"Analyzer {name} was not found.", 404)
    return _analyzers(desk)[name]


def _arn(desk: Desk, name: str) -> str:
    state = desk.state
    return f"arn:{state.partition}:access-analyzer:{desk.call.region}:{state.account_id}:analyzer/{name}"


def _entry(desk: Desk, analyzer: Analyzer) -> Mapping[str, Any]:
    return {
        "arn": _arn(desk, analyzer.name),
        "name": analyzer.name,
        "type": analyzer.kind,
        "createdAt": analyzer.created_at,
        "status": analyzer.status,
    }
