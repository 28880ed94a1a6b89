"""HB11: one trail records every Region, reads and writes, with digests that tell whether a file was changed.

A trail that records already is adopted whatever its name; one of this account that lacks something is completed, for a
second copy of the same events costs money. Trails of the organisation or of a landing zone are never altered: one that is
stopped or leaves out events is told, and serves nobody; one that cannot be looked at is told too, and is left alone.
Source: botocore's model of cloudtrail; CloudTrail User Guide, "Creating a trail for your AWS account" and "Managing
CloudTrail trail costs"; CloudTrail API reference, UpdateTrail (a bucket must exist to be named).
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sakimori.actions.looking import looked
from sakimori.actions.records.event_selectors import completed_selectors, normal_selectors, records_all
from sakimori.actions.records.known_trails import known_trails, manager_of
from sakimori.actions.records.log_archive import (
    CAUTION_READS,
    READS,
    archive_cautions,
    exists_elsewhere,
    leaving,
    log_archive,
    owned_buckets,
)
from sakimori.actions.site import Site, Volume
from sakimori.actions.step import Caution, State, Step
from sakimori.actions.terraform import Resource
from sakimori.aws.refusal import Refusal
from sakimori.model.action import Baseline, Call, Change, Quantity
from sakimori.model.words import Scope

NAME: Final = "sakimori-trail"
_STATUS: Final = "cloudtrail:GetTrailStatus"
_SELECTORS: Final = "cloudtrail:GetEventSelectors"
_CREATE: Final = "cloudtrail:CreateTrail"
_UPDATE: Final = "cloudtrail:UpdateTrail"
_DELETE: Final = "cloudtrail:DeleteTrail"
_START: Final = "cloudtrail:StartLogging"
_STOP: Final = "cloudtrail:StopLogging"
_SELECT: Final = "cloudtrail:PutEventSelectors"
_SETTINGS: Final = {
    "is_multi_region": "IsMultiRegionTrail", "has_global_events": "IncludeGlobalServiceEvents",
    "is_validated": "EnableLogFileValidation",
}  # fmt: skip
_ALL: Final = {"basic": [{"ReadWriteType": "All", "IncludeManagementEvents": True}]}
_NOT_YET: Final = ("S3BucketDoesNotExistException", "InsufficientS3BucketPolicyException")
"""While the bucket and its policy, made a moment ago, are not seen everywhere."""

Trail = Mapping[str, Any]


def _read(site: Site) -> State:
    archive, owned = log_archive(site).bucket, owned_buckets(site)
    found = [_trail(site, each, archive, owned) for each in known_trails(site)]
    # One of somebody else's serves this account only where it sees all Regions, and nothing that it lacks can be mended here.
    able = [each for each in found if not each["manager"] or (each["is_multi_region"] and _is_whole(each) is not False)]
    return {"archive": archive, "trail": min(able, key=_rank, default=None)}


def _rank(trail: Trail) -> tuple[object, ...]:
    return (
        not _is_whole(trail), not trail["manager"], not trail["is_validated"], not trail["is_multi_region"],
        not trail["is_logging"], trail["name"] != NAME, trail["home"], trail["name"],
    )  # fmt: skip


def _is_whole(trail: Trail) -> bool | None:
    """None where it could not be looked at."""
    if trail["is_logging"] is None:
        return None
    return bool(
        trail["is_multi_region"] and trail["is_logging"] and records_all(trail["selectors"]) and not trail["is_lost"]
    )


def _trail(site: Site, told: Mapping[str, Any], archive: str, owned: Mapping[str, str]) -> Trail:
    arn, home, bucket = str(told["TrailARN"]), str(told["HomeRegion"]), str(told.get("S3BucketName") or "")
    manager = manager_of(site, told)
    there = site.at(home)
    try:
        is_logging = bool((there.call(_STATUS, Name=arn) or {}).get("IsLogging"))
        selectors = normal_selectors(there.call(_SELECTORS, TrailName=arn) or {})
    except Refusal:
        # A member of an organisation may be kept from looking at the organisation's trail.
        if not manager:
            raise
        is_logging = selectors = None
    return {
        "name": str(told["Name"]), "home": home, "manager": manager, "bucket": bucket,
        "is_multi_region": bool(told.get("IsMultiRegionTrail")),
        "has_global_events": bool(told.get("IncludeGlobalServiceEvents")),
        "is_validated": bool(told.get("LogFileValidationEnabled")), "is_logging": is_logging, "selectors": selectors,
        "is_lost": not manager and bucket != archive and bucket not in owned and not exists_elsewhere(site, bucket),
    }  # fmt: skip


def _wanted(site: Site, state: State) -> State:
    trail = state["trail"]
    if trail is None:
        made = {"name": NAME, "home": site.home, "manager": "", "bucket": state["archive"], "selectors": _ALL}
        return {**state, "trail": {**made, **dict.fromkeys(_SETTINGS, True), "is_logging": True, "is_lost": False}}
    completed = {
        **dict.fromkeys(_SETTINGS, True), "is_logging": True, "selectors": completed_selectors(trail["selectors"]),
        "bucket": state["archive"] if trail["is_lost"] else trail["bucket"], "is_lost": False,
    }  # fmt: skip
    return {**state, "trail": {**trail, **completed}}


def _towards(site: Site, now: State, target: State) -> Sequence[Change]:
    wanted = target["trail"]
    name, home = (NAME, site.home) if wanted is None else (str(wanted["name"]), str(wanted["home"]))
    found = now["trail"]
    if found is None or (found["name"], found["home"]) != (name, home):
        # Another trail serves by now; the one that the target speaks of is looked at anew.
        found = _named(site, name, home, str(target["archive"]))
    if wanted is None:
        return () if found is None else _deletion(home, found)
    if found is None:
        return _creation(home, wanted)
    return _completion(home, found, wanted)


def _named(site: Site, name: str, home: str, archive: str) -> Trail | None:
    for told in known_trails(site):
        if (told["Name"], told["HomeRegion"]) == (name, home) and not manager_of(site, told):
            return _trail(site, told, archive, owned_buckets(site))
    return None


def _creation(home: str, trail: Trail) -> Sequence[Change]:
    parameters = {
        "Name": trail["name"], "S3BucketName": trail["bucket"],
        **{parameter: trail[key] for key, parameter in _SETTINGS.items()},
        "TagsList": [{"Key": "sakimori", "Value": "HB11"}],
    }  # fmt: skip
    call = Call(
        operation=_CREATE, region=home, parameters=parameters, settled=("TrailAlreadyExistsException",),
        not_yet=_NOT_YET,
    )  # fmt: skip
    values = {"name": trail["name"]}
    made = Change(name="trail", call=call, undo=(_drop(home, trail),), text="harden_record.hb11_made", values=values)
    born = {**trail, "selectors": _ALL, "is_logging": False}
    return (made, *_completion(home, born, trail))


def _deletion(home: str, trail: Trail) -> Sequence[Change]:
    stopped = {**trail, "is_logging": False}
    (made, *_) = _creation(home, trail)
    values = {"name": trail["name"]}
    gone = Change(
        name="trail", call=_drop(home, trail), undo=(made.call,), text="harden_record.hb11_dropped", values=values
    )
    return (*_completion(home, trail, stopped), gone)


def _drop(home: str, trail: Trail) -> Call:
    settled = ("TrailNotFoundException",)
    return Call(operation=_DELETE, region=home, parameters={"Name": trail["name"]}, settled=settled)


def _completion(home: str, now: Trail, target: Trail) -> Sequence[Change]:
    values = {"name": target["name"]}
    found: list[Change] = []
    # CloudTrail takes only a bucket that exists: from one that is gone there is no way back.
    if now["bucket"] != target["bucket"] and not target["is_lost"]:
        moved = Call(
            operation=_UPDATE, region=home, parameters={"Name": target["name"], "S3BucketName": target["bucket"]},
            not_yet=_NOT_YET,
        )  # fmt: skip
        back = Call(operation=_UPDATE, region=home, parameters={"Name": now["name"], "S3BucketName": now["bucket"]})
        found.append(
            Change(
                name="bucket", call=moved, undo=() if now["is_lost"] else (back,), text="harden_record.hb11_bucket",
                values={**values, "bucket": target["bucket"]}, lasting="harden_record.hb11_lost" if now["is_lost"] else "",
            )
        )  # fmt: skip
    if any(now[key] != target[key] for key in _SETTINGS):
        call, back = _update(home, target), _update(home, now)
        found.append(
            Change(name="settings", call=call, undo=(back,), text="harden_record.hb11_settings", values=values)
        )
    if now["selectors"] != target["selectors"]:
        call, back = _select(home, target), _select(home, now)
        found.append(
            Change(name="selectors", call=call, undo=(back,), text="harden_record.hb11_selectors", values=values)
        )
    if now["is_logging"] != target["is_logging"]:
        start, stop = (
            Call(operation=each, region=home, parameters={"Name": target["name"]}) for each in (_START, _STOP)
        )
        (call, back), text = ((start, stop), "harden_record.hb11_started") if target["is_logging"] else (
            (stop, start), "harden_record.hb11_stopped"
        )  # fmt: skip
        found.append(Change(name="logging", call=call, undo=(back,), text=text, values=values))
    return found


def _update(home: str, trail: Trail) -> Call:
    settings = {parameter: trail[key] for key, parameter in _SETTINGS.items()}
    return Call(operation=_UPDATE, region=home, parameters={"Name": trail["name"], **settings})


def _select(home: str, trail: Trail) -> Call:
    names = {"basic": "EventSelectors", "advanced": "AdvancedEventSelectors"}
    selectors = {names[kind]: listed for kind, listed in trail["selectors"].items()}
    return Call(operation=_SELECT, region=home, parameters={"TrailName": trail["name"], **selectors})


def _owner(state: State) -> str:
    return str(state["trail"]["manager"]) if state["trail"] else ""


def _cautions(site: Site, state: State) -> Sequence[Caution]:
    trail = state["trail"]
    if trail is None or trail["is_lost"]:
        return archive_cautions(site, log_archive(site))
    if not trail["manager"] and trail["selectors"] != completed_selectors(trail["selectors"]):
        return (Caution(text="harden_record.hb11_more_events", values={"name": trail["name"]}),)
    return ()


def _faults(site: Site, state: State) -> Sequence[Caution]:
    trail = state["trail"]
    return looked(
        lambda: [caution for each in known_trails(site) for caution in _faults_of_others(site, each, trail)],
        lambda: () if trail is None or trail["is_lost"] else _faults_of(site, trail),
    )


def _faults_of_others(site: Site, told: Mapping[str, Any], chosen: Trail | None) -> Sequence[Caution]:
    """What a managed trail lacks, which nobody can mend from here."""
    if not manager_of(site, told):
        return ()
    trail = _trail(site, told, "", {})
    values = {"name": trail["name"]}
    if trail["is_logging"] is None:
        is_chosen = chosen is not None and chosen["name"] == trail["name"]
        return (Caution(text="harden_record.hb11_managed_unknown", values=values),) if is_chosen else ()
    if not trail["is_logging"]:
        return (Caution(text="harden_record.hb11_managed_stopped", values=values),)
    if not records_all(trail["selectors"]):
        return (Caution(text="harden_record.hb11_managed_in_part", values=values),)
    return ()


def _faults_of(site: Site, trail: Trail) -> Sequence[Caution]:
    name, manager = str(trail["name"]), str(trail["manager"])
    arn = f"arn:{site.account.partition}:cloudtrail:{trail['home']}:{site.account.id}:trail/{name}"
    found = list(leaving(site, name, str(trail["bucket"]), manager, owned_buckets(site)))
    if not manager and not records_all(completed_selectors(trail["selectors"])):
        found.append(Caution(text="harden_record.hb11_in_part", values={"name": name}))
    if trail["is_logging"] is None:
        return found
    status = site.at(trail["home"]).call(_STATUS, Name=manager if manager.startswith("arn:") else arn) or {}
    if error := str(status.get("LatestDeliveryError") or ""):
        found.append(Caution(text="harden_record.hb11_not_delivered", values={"name": name, "error": error}))
    return found


def _costs(site: Site, state: State) -> Sequence[Quantity]:
    """What another trail records too is a second copy."""
    chosen = state["trail"]
    found = [Quantity("s3.gb_month", None)] if chosen is None else []
    if (
        chosen is not None
        and chosen["selectors"] == completed_selectors(chosen["selectors"])
        and chosen["is_logging"]
        and chosen["is_multi_region"]
    ):
        return found
    owned = owned_buckets(site)
    others = [
        _trail(site, each, state["archive"], owned)
        for each in known_trails(site)
        if chosen is None or each["Name"] != chosen["name"]
    ]
    if any(each["is_logging"] for each in others):
        found.append(Quantity("cloudtrail.extra_management_events", site.volume(Volume.MANAGEMENT_EVENTS)))
    return found


def _terraform(_site: Site, target: State) -> Sequence[Resource]:
    """Nothing for a trail that somebody else made or added to: code that says a part of it would take the rest away."""
    trail = target["trail"]
    if trail["name"] != NAME or trail["selectors"] != _ALL:
        return ()
    return [
        Resource(
            type="aws_cloudtrail", name=trail["name"], region=trail["home"],
            arguments={
                "name": trail["name"], "s3_bucket_name": trail["bucket"], "is_multi_region_trail": True,
                "include_global_service_events": True, "enable_log_file_validation": True, "enable_logging": True,
            },
        )
    ]  # fmt: skip


STEP: Final = Step(
    id="HB11",
    order=110,
    texts="harden_record.hb11",
    scope=Scope.ACCOUNT,
    baseline=Baseline.STARTER,
    rules=("aws.cloudtrail.multi-region-trail-records", "aws.cloudtrail.trail-validates-files"),
    reads=(*READS, *CAUTION_READS, _STATUS, _SELECTORS),
    writes=(_CREATE, _UPDATE, _DELETE, _START, _STOP, _SELECT),
    permissions=("cloudtrail:AddTags",),
    read=_read,
    wanted=_wanted,
    towards=_towards,
    owner=_owner,
    cautions=_cautions,
    faults=_faults,
    costs=_costs,
    terraform=_terraform,
)
