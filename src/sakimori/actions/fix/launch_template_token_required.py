"""Instances made from one launch template's default version ask for a token (IMDSv2): Security Hub EC2.170.

A version is made after the default one, which differs in that alone, and becomes the default; an undo gives the former one
back its place and deletes ours. Source: botocore's model of ec2 (CreateLaunchTemplateVersion, SourceVersion); Amazon EC2 User
Guide, "Modify a launch template (manage launch template versions)".
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sakimori.actions.looking import looked
from sakimori.actions.resources.named_resource import Kind, is_there, owner, unless_others
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State, Step
from sakimori.model.action import Baseline, Call, Change, Risk
from sakimori.model.words import Scope

_VERSIONS: Final = "ec2:DescribeLaunchTemplateVersions"
_DEFAULTS: Final = "ec2:GetInstanceMetadataDefaults"
_GROUPS: Final = "autoscaling:DescribeAutoScalingGroups"
_CREATE: Final = "ec2:CreateLaunchTemplateVersion"
_MODIFY: Final = "ec2:ModifyLaunchTemplate"
_DELETE: Final = "ec2:DeleteLaunchTemplateVersions"
_TEMPLATE: Final = Kind(service="ec2", call=_VERSIONS, prefix="launch-template/", pattern=r"lt-[0-9a-f]{1,32}")
_ABSENT: Final = ("InvalidLaunchTemplateId.NotFound", "InvalidLaunchTemplateId.NotFoundException")
_OURS: Final = "sakimori: IMDSv2 required, else as version "
_REQUIRED: Final = "required"
_NEW_NUMBER: Final = "(the number that AWS gives)"
_FOLLOWING: Final = ("$Default", "$Latest")


def _versions(site: Site, name: str) -> Sequence[Mapping[str, Any]]:
    if site.call(_VERSIONS, _ABSENT, LaunchTemplateId=name, Versions=["$Default"]) is None:
        return ()
    return site.all_of(_VERSIONS, "LaunchTemplateVersions", LaunchTemplateId=name)


def _read(site: Site, name: str) -> State | None:
    """The default version by its number, or for one of ours by what it was made of, for AWS numbers that anew."""
    versions = _versions(site, name)
    default = next((each for each in versions if each.get("DefaultVersion")), None)
    if default is None:
        return None
    made = sorted(each for each in map(_made_of, versions) if each)
    source = _made_of(default)
    return {
        "default": _OURS + str(source) if source else default["VersionNumber"],
        "made_of": made,
        "tokens": _tokens(site, default),
    }


def _made_of(version: Mapping[str, Any]) -> int:
    """The number of the version that one of ours was made of; 0 for one that is not ours."""
    source = str(version.get("VersionDescription") or "").removeprefix(_OURS)
    return int(source) if source.isdigit() and version.get("VersionDescription") == _OURS + source else 0


def _options(version: Mapping[str, Any]) -> Mapping[str, Any]:
    return (version.get("LaunchTemplateData") or {}).get("MetadataOptions") or {}


def _tokens(site: Site, version: Mapping[str, Any]) -> str:
    """What instances ask for: where the template says nothing, the Region's default decides."""
    options = _options(version)
    if options.get("HttpEndpoint") == "disabled":
        return _REQUIRED
    level = {} if options.get("HttpTokens") else (site.call(_DEFAULTS) or {}).get("AccountLevel") or {}
    return str(options.get("HttpTokens") or level.get("HttpTokens") or "optional")


def _wanted(_site: Site, state: State) -> State:
    if not is_there(state) or state["tokens"] == _REQUIRED:
        return state
    source = str(state["default"]).removeprefix(_OURS)
    made = sorted({*state["made_of"], int(source)})
    return {"default": _OURS + source, "made_of": made, "tokens": _REQUIRED}


def _towards(site: Site, now: State, target: State) -> Sequence[Change]:
    if not is_there(now) or not is_there(target):
        return ()
    name = _TEMPLATE.name(site)
    versions = _versions(site, name)
    numbers = {_OURS + str(_made_of(each)): each["VersionNumber"] for each in versions if _made_of(each)}
    makes = [_made(site, name, versions, each) for each in target["made_of"] if each not in now["made_of"]]
    drops = [_dropped(site, name, versions, each) for each in now["made_of"] if each not in target["made_of"]]
    there, back = (numbers.get(each["default"], each["default"]) for each in (target, now))
    moves = now["default"] != target["default"] and isinstance(there, int)
    return [*makes, *([_moved(site, name, there, back)] if moves else []), *drops]


def _made(site: Site, name: str, versions: Sequence[Mapping[str, Any]], source: int) -> Change:
    values = {"name": name, "version": source}
    return Change(
        name=f"version of {source}", call=_create(site, name, versions, source),
        undo=(_delete(site, name, _NEW_NUMBER),), text="fix_network.template_made", values=values,
    )  # fmt: skip


def _dropped(site: Site, name: str, versions: Sequence[Mapping[str, Any]], source: int) -> Change:
    number = next(each["VersionNumber"] for each in versions if _made_of(each) == source)
    values = {"name": name, "version": number}
    return Change(
        name=f"version of {source} dropped", call=_delete(site, name, str(number)),
        undo=(_create(site, name, versions, source),), text="fix_network.template_dropped", values=values,
    )  # fmt: skip


def _moved(site: Site, name: str, there: object, back: object) -> Change:
    to, fro = (
        Call(operation=_MODIFY, region=site.region, parameters={"LaunchTemplateId": name, "DefaultVersion": str(each)})
        for each in (there, back)
    )
    values = {"name": name, "before": back, "after": there}
    return Change(name="default", call=to, undo=(fro,), text="fix_network.template_default", values=values)


def _create(site: Site, name: str, versions: Sequence[Mapping[str, Any]], source: int) -> Call:
    found = next((each for each in versions if each["VersionNumber"] == source), {})
    parameters = {
        "LaunchTemplateId": name, "SourceVersion": str(source), "VersionDescription": _OURS + str(source),
        "LaunchTemplateData": {"MetadataOptions": {**_options(found), "HttpTokens": _REQUIRED}},
    }  # fmt: skip
    parameters["LaunchTemplateData"]["MetadataOptions"].pop("State", None)
    return Call(operation=_CREATE, region=site.region, parameters=parameters)


def _delete(site: Site, name: str, number: str) -> Call:
    return Call(operation=_DELETE, region=site.region, parameters={"LaunchTemplateId": name, "Versions": [number]})


def _cautions(site: Site, _state: State) -> Sequence[Caution]:
    name = _TEMPLATE.name(site)
    return [Caution(text="fix_network.template_new_ones", values={"name": name}), *looked(lambda: _fixed(site, name))]


def _fixed(site: Site, name: str) -> Sequence[Caution]:
    """Auto Scaling groups that name a version: they do not follow the default."""
    found: set[str] = set()
    for group in site.all_of(_GROUPS, "AutoScalingGroups"):
        mixed = ((group.get("MixedInstancesPolicy") or {}).get("LaunchTemplate") or {}).get(
            "LaunchTemplateSpecification"
        )
        for each in (group.get("LaunchTemplate") or {}, mixed or {}):
            if each.get("LaunchTemplateId") == name and each.get("Version", _FOLLOWING[0]) not in _FOLLOWING:
                found.add(str(group["AutoScalingGroupName"]))
    values = {"name": name, "groups": sorted(found)}
    return (Caution(text="fix_network.template_fixed", values=values),) if found else ()


STEP: Final = Step(
    id="launch-template-token-required",
    order=1240,
    texts="fix_network.template",
    scope=Scope.REGION,
    baseline=Baseline.STARTER,
    risk=Risk.MEDIUM,
    rules=("aws.ec2.launch-template-imdsv2-required",),
    reads=(_VERSIONS, _DEFAULTS, _GROUPS),
    writes=(_CREATE, _MODIFY, _DELETE),
    read=unless_others(_TEMPLATE, _read),
    wanted=_wanted,
    towards=_towards,
    owner=owner,
    cautions=_cautions,
    of_resources=True,
)
