"""HB30-macie: Amazon Macie watches the buckets of every enabled Region, and looks for personal data in samples of them.

A session that is suspended goes on. The member of another administrator is adopted. Turning Macie off deletes all that it
holds at once.
Source: botocore's model of macie2; Amazon Macie User Guide, "Suspending Macie", "Disabling Macie", "Performing automated
sensitive data discovery".
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State, Step
from sakimori.actions.terraform import Resource, identifier
from sakimori.aws.refusal import Refusal
from sakimori.model.action import Baseline, Call, Change, Quantity
from sakimori.model.words import GLOBAL, Scope

_GET: Final = "macie2:GetMacieSession"
_ADMINISTRATOR: Final = "macie2:GetAdministratorAccount"
_BUCKETS: Final = "s3:ListBuckets"
_ENABLE: Final = "macie2:EnableMacie"
_UPDATE: Final = "macie2:UpdateMacieSession"
_DISABLE: Final = "macie2:DisableMacie"
_ON: Final = "ENABLED"
_OFF_CODE: Final = "AccessDeniedException"
_OFF_WORDS: Final = "not enabled"
_MEMBER: Final = frozenset({"Enabled", "Paused"})
_PAGE: Final = 1000
_LOST: Final = "macie"


def _read(site: Site) -> State:
    session = _session(site)
    if session is None:
        return {"administrator": "", "session": None}
    found = (site.call(_ADMINISTRATOR, ("ResourceNotFoundException",)) or {}).get("administrator") or {}
    return {
        "administrator": found.get("accountId", "") if found.get("relationshipStatus") in _MEMBER else "",
        "session": {"status": session["status"], "publishing": session["findingPublishingFrequency"]},
    }


def _session(site: Site) -> Mapping[str, Any] | None:
    """None where Macie is off; the same code without these words is a denial."""
    try:
        return site.call(_GET)
    except Refusal as refusal:
        if refusal.code == _OFF_CODE and _OFF_WORDS in refusal.message:
            return None
        raise


def _wanted(_site: Site, state: State) -> State:
    return {**state, "session": {"publishing": "FIFTEEN_MINUTES", **(state["session"] or {}), "status": _ON}}


def _towards(site: Site, now: State, target: State) -> Sequence[Change]:
    there, wanted = now["session"], target["session"]
    if there is None and wanted is not None:
        call, back, text = _enable(site, wanted), _disable(site), "harden_watch.hb30_macie_on"
    elif there is not None and wanted is None:
        call, back, text = _disable(site), _enable(site, there), "harden_watch.hb30_macie_off"
    elif there and wanted and there["status"] != wanted["status"]:
        call, back = (_update(site, each["status"]) for each in (wanted, there))
        text = "harden_watch.hb30_macie_resumed" if wanted["status"] == _ON else "harden_watch.hb30_macie_suspended"
    else:
        return ()
    return (Change(name="session", call=call, undo=(back,), text=text),)


def _enable(site: Site, session: Mapping[str, str]) -> Call:
    parameters = {"status": session["status"], "findingPublishingFrequency": session["publishing"]}
    return Call(operation=_ENABLE, region=site.region, parameters=parameters, settled=("ConflictException",))


def _update(site: Site, status: str) -> Call:
    return Call(operation=_UPDATE, region=site.region, parameters={"status": status})


def _disable(site: Site) -> Call:
    return Call(operation=_DISABLE, region=site.region)


def _owner(state: State) -> str:
    return str(state["administrator"])


def _cautions(_site: Site, state: State) -> Sequence[Caution]:
    return () if state["session"] else (Caution(text="harden_watch.hb30_macie_samples"),)


def _costs(site: Site, _state: State) -> Sequence[Quantity]:
    return (Quantity("macie.buckets", _buckets(site)),)


def _buckets(site: Site) -> float | None:
    try:
        found = site.at(GLOBAL).all_of(_BUCKETS, "Buckets", MaxBuckets=_PAGE)
    except Refusal:
        return None
    return sum(1 for each in found if each.get("BucketRegion") == site.region)


def _loses(_site: Site, before: State, now: State) -> str:
    return _LOST if before["session"] is None and now["session"] is not None else ""


def _terraform(site: Site, target: State) -> Sequence[Resource]:
    session = target["session"]
    arguments = {"status": session["status"], "finding_publishing_frequency": session["publishing"]}
    name = identifier(site.region)
    return (Resource(type="aws_macie2_account", name=name, arguments=arguments, region=site.region),)


STEP: Final = Step(
    id="HB30-macie",
    order=301,
    texts="harden_watch.hb30_macie",
    scope=Scope.REGION,
    baseline=Baseline.STRICT,
    rules=("aws.macie.session-enabled",),
    reads=(_GET, _ADMINISTRATOR, _BUCKETS),
    writes=(_ENABLE, _UPDATE, _DISABLE),
    permissions=("iam:CreateServiceLinkedRole",),
    read=_read,
    wanted=_wanted,
    towards=_towards,
    owner=_owner,
    cautions=_cautions,
    costs=_costs,
    loses=_loses,
    residue=("aws_iam_* *AWSServiceRoleForAmazonMacie*",),
    terraform=_terraform,
)
