"""What names a security group and has no network interface now: functions at rest, launch templates.

Source: botocore's models of ec2 and lambda; AWS Lambda Developer Guide, "Giving Lambda functions access to resources in an
Amazon VPC" (the interfaces of a function that did not run for long are taken back).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from sakimori.actions.looking import looked
from sakimori.actions.site import Site
from sakimori.actions.step import Caution

_FUNCTIONS: Final = "lambda:ListFunctions"
_TEMPLATES: Final = "ec2:DescribeLaunchTemplateVersions"
READS: Final = (_FUNCTIONS, _TEMPLATES)


def named_without_interface(site: Site, groups: Sequence[str]) -> Sequence[Caution]:
    """What loses its network at its next start when these groups are closed."""
    return looked(lambda: _functions(site, groups), lambda: _templates(site, groups))


def _functions(site: Site, groups: Sequence[str]) -> Sequence[Caution]:
    names = [
        each["FunctionName"]
        for each in site.all_of(_FUNCTIONS, "Functions")
        if set((each.get("VpcConfig") or {}).get("SecurityGroupIds") or ()) & set(groups)
    ]
    return _naming("harden_watch.hb20_functions", names)


def _templates(site: Site, groups: Sequence[str]) -> Sequence[Caution]:
    names = [
        each["LaunchTemplateName"]
        for each in site.all_of(_TEMPLATES, "LaunchTemplateVersions", Versions=["$Latest", "$Default"])
        if set(_groups_of(each.get("LaunchTemplateData") or {})) & set(groups)
    ]
    return _naming("harden_watch.hb20_templates", names)


def _groups_of(data: Mapping[str, Any]) -> Iterable[str]:
    yield from data.get("SecurityGroupIds") or ()
    for each in data.get("NetworkInterfaces") or ():
        yield from each.get("Groups") or ()


def _naming(text: str, names: Iterable[str]) -> Sequence[Caution]:
    listed = sorted(set(names))
    return (Caution(text=text, values={"names": listed}),) if listed else ()
