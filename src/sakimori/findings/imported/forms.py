"""The forms in which findings come, and which of them a JSON object is."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from sakimori.findings.imported import access_analyzer, asff, guardduty, inspector, macie, ocsf
from sakimori.findings.imported.told import Where
from sakimori.findings.imported.values import text
from sakimori.model.detection import Detection

Found = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Form:
    """One form: whether an object is of it, and its detection, None for one that lacks what makes a detection."""

    recognises: Callable[[Found], bool]
    detection: Callable[[Found, Where], Detection | None]


ASFF: Final = Form(asff.recognises, asff.detection)
OCSF: Final = Form(ocsf.recognises, ocsf.detection)
GUARDDUTY: Final = Form(guardduty.recognises, guardduty.detection)
INSPECTOR: Final = Form(inspector.recognises, inspector.detection)
MACIE: Final = Form(macie.recognises, macie.detection)
ACCESS_ANALYZER: Final = Form(access_analyzer.recognises, access_analyzer.detection)

AUTO: Final = "auto"
FORMS: Final[Mapping[str, tuple[Form, ...]]] = {
    "guardduty": (GUARDDUTY,),
    "securityhub": (ASFF, OCSF),
    "inspector": (INSPECTOR,),
    "macie": (MACIE,),
    "access-analyzer": (ACCESS_ANALYZER,),
}
"""The forms by what a person types."""
EVERY: Final = tuple(form for forms in FORMS.values() for form in forms)
_LISTS: Final = ("Findings", "findings")
_OWN_RULE: Final = re.compile(r"aws\.[a-z0-9]+\.[a-z0-9-]+")
"""How the built-in rules are called, as the report in Security Hub's form names them."""


def findings_in(members: Found, where: Where) -> Iterator[tuple[object, Where]]:
    """The findings that an object is or wraps: an event of EventBridge, an answer of an API, one finding.

    Those that this program wrote itself are left out.
    """
    place = where
    detail = members.get("detail")
    if isinstance(detail, dict) and "detail-type" in members:
        place = Where(
            partition=where.partition,
            account=text(members, "account") or where.account,
            region=text(members, "region") or where.region,
        )
        members = cast("Found", detail)
    yield from ((each, place) for each in _unwrapped(members) if not _is_own(each))


def detection_in(found: object, where: Where, kind: str = AUTO) -> Detection | None:
    """The detection of one finding of this kind; None where it is none, or not one of them."""
    if not isinstance(found, dict):
        return None
    members = cast("Found", found)
    for form in FORMS.get(kind, EVERY):
        if form.recognises(members):
            return form.detection(members, where)
    return None


def _unwrapped(members: Found) -> Iterable[object]:
    if any(form.recognises(members) for form in EVERY):
        return (members,)
    for name in _LISTS:
        listed = members.get(name)
        if isinstance(listed, list):
            return cast("list[object]", listed)
    finding = members.get("finding")
    return (cast("object", finding) if isinstance(finding, dict) else members,)


def _is_own(found: object) -> bool:
    """Whether a report of this program comes back: through Security Hub, or as a file."""
    if text(found, "metadata", "product", "name") == "sakimori":
        return True
    is_custom = text(found, "ProductArn").endswith("/default")
    return is_custom and _OWN_RULE.fullmatch(text(found, "GeneratorId")) is not None
