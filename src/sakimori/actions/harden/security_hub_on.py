"""HB14: Security Hub CSPM checks the account in every enabled Region, by AWS's own standard and by CIS 5.0.

Of these a Region gets what it offers, which it says once Security Hub is on there. One that is enabled and does
not work is told as a fault: enabling it again would not mend it. Standards that are enabled already stay, and so does the way in which a hub that is there makes its findings. Turning it
off takes the standards first: rules of AWS Config that they made are then deleted, which a hub that is off cannot do.
Findings are not lost at once by that, which the plan says.
Source: botocore's model of securityhub; Security Hub User Guide, "Enabling a security standard", "Disabling a security
standard", "Disabling Security Hub CSPM", "CIS AWS Foundations Benchmark".
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from sakimori.actions.looking import looked
from sakimori.actions.site import Site, Volume
from sakimori.actions.step import Caution, State, Step
from sakimori.actions.terraform import Expression, Resource, identifier
from sakimori.actions.watching.security_hub import (
    ADMINISTRATOR,
    DISABLE,
    ENABLE,
    HUB,
    ONE_FOR_ALL,
    ORGANIZATION,
    PERMISSIONS,
    STANDARDS,
    called,
    disabling,
    enabling,
    manager_of,
    subscriptions,
)
from sakimori.model.action import Baseline, Call, Change, Quantity
from sakimori.model.words import Scope

_OFFERED: Final = "securityhub:DescribeStandards"
_RECORDERS: Final = "config:DescribeConfigurationRecorderStatus"
_ADD: Final = "securityhub:BatchEnableStandards"
_REMOVE: Final = "securityhub:BatchDisableStandards"

_WANTED: Final = (
    "standards/aws-foundational-security-best-practices/v/1.0.0",
    "standards/cis-aws-foundations-benchmark/v/5.0.0",
)
_WITHOUT_REGION: Final = "ruleset/"
"""How the first version of the CIS standard begins, whose ARN names no Region."""
_BROKEN: Final = frozenset({"FAILED", "INCOMPLETE"})


def _read(site: Site) -> State:
    hub = called(site, HUB)
    if hub is None:
        return {"manager": "", "hub": None}
    standards = sorted(_name(each) for each in subscriptions(site))
    findings = hub.get("ControlFindingGenerator", ONE_FOR_ALL)
    return {"manager": manager_of(site), "hub": {"findings": findings, "standards": standards}}


def _name(standard: Mapping[str, Any]) -> str:
    return str(standard["StandardsArn"]).rpartition(":")[2]


def _wanted(site: Site, state: State) -> State:
    hub = state["hub"] or {"findings": ONE_FOR_ALL, "standards": []}
    offered = _offered(site) if state["hub"] else _WANTED
    return {**state, "hub": {**hub, "standards": sorted({*hub["standards"], *offered})}}


def _offered(site: Site) -> Sequence[str]:
    """Of the wanted standards those that there are in the Region, which must have Security Hub on."""
    found = {_name(each) for each in site.all_of(_OFFERED, "Standards")}
    return [each for each in _WANTED if each in found]


def _towards(site: Site, now: State, target: State) -> Sequence[Change]:
    there, wanted = now["hub"], target["hub"]
    standards: Sequence[str] = there["standards"] if there else ()
    wished: Sequence[str] = wanted["standards"] if wanted else ()
    added = [_added(site, each) for each in wished if each not in standards]
    removed = [_removed(site, each) for each in standards if each not in wished]
    if there is None and wanted is not None:
        there_call, back = enabling(site, wanted["findings"]), disabling(site)
        hub = Change(name="hub", call=there_call, undo=(back,), text="harden_watch.hb14_enabled")
        return [hub, *added]
    if there is not None and wanted is None:
        there_call, back = disabling(site), enabling(site, there["findings"])
        hub = Change(name="hub", call=there_call, undo=(back,), text="harden_watch.hb14_disabled")
        return [*removed, hub]
    return [*removed, *added]


def _added(site: Site, standard: str) -> Change:
    return Change(
        name=standard, call=_add(site, standard), undo=(_remove(site, standard),), text="harden_watch.hb14_added",
        values={"standard": _title(standard)},
    )  # fmt: skip


def _removed(site: Site, standard: str) -> Change:
    return Change(
        name=standard, call=_remove(site, standard), undo=(_add(site, standard),), text="harden_watch.hb14_removed",
        values={"standard": _title(standard)},
    )  # fmt: skip


def _add(site: Site, standard: str) -> Call:
    requests = [{"StandardsArn": _arn(site, standard)}]
    return Call(operation=_ADD, region=site.region, parameters={"StandardsSubscriptionRequests": requests})


def _remove(site: Site, standard: str) -> Call:
    account, name = site.account, standard.partition("/")[2]
    arn = f"arn:{account.partition}:securityhub:{site.region}:{account.id}:subscription/{name}"
    return Call(operation=_REMOVE, region=site.region, parameters={"StandardsSubscriptionArns": [arn]})


def _arn(site: Site, standard: str) -> str:
    region = "" if standard.startswith(_WITHOUT_REGION) else site.region
    return f"arn:{site.account.partition}:securityhub:{region}::{standard}"


def _title(standard: str) -> str:
    """A standard's name and version, from the end of its ARN."""
    _, name, _, version = standard.split("/")
    return f"{name} {version}"


def _owner(state: State) -> str:
    return str(state["manager"])


def _cautions(site: Site, state: State) -> Sequence[Caution]:
    kept = [Caution(text="harden_watch.hb14_kept")] if state["hub"] is None else []
    return [*kept, *looked(lambda: _recording(site))]


def _faults(site: Site, state: State) -> Sequence[Caution]:
    return looked(lambda: _broken(site)) if state["hub"] else ()


def _broken(site: Site) -> Sequence[Caution]:
    found: list[Caution] = []
    for each in subscriptions(site):
        reason = (each.get("StandardsStatusReason") or {}).get("StatusReasonCode", "-")
        if each["StandardsStatus"] in _BROKEN:
            values = {"standard": _title(_name(each)), "status": each["StandardsStatus"], "reason": reason}
            found.append(Caution(text="harden_watch.hb14_broken", values=values))
    return found


def _recording(site: Site) -> Sequence[Caution]:
    found: Iterable[dict[str, bool]] = site.all_of(_RECORDERS, "ConfigurationRecordersStatus")
    return () if any(each.get("recording") for each in found) else (Caution(text="harden_watch.hb14_unrecorded"),)


def _costs(site: Site, _state: State) -> Sequence[Quantity]:
    return (Quantity("securityhub.checks", site.volume(Volume.CHECKS)),)


def _terraform(site: Site, target: State) -> Sequence[Resource]:
    hub, name = target["hub"], f"security_hub_{identifier(site.region)}"
    arguments = {"enable_default_standards": False, "control_finding_generator": hub["findings"]}
    return [
        Resource(type="aws_securityhub_account", name=name, arguments=arguments, region=site.region),
        *(
            Resource(
                type="aws_securityhub_standards_subscription", name=f"{name}_{identifier(_title(each))}",
                region=site.region,
                arguments={
                    "standards_arn": _arn(site, each), "depends_on": [Expression(f"aws_securityhub_account.{name}")],
                },
            )
            for each in hub["standards"]
        ),
    ]  # fmt: skip


STEP: Final = Step(
    id="HB14",
    order=140,
    texts="harden_watch.hb14",
    scope=Scope.REGION,
    baseline=Baseline.STANDARD,
    rules=("aws.securityhub.hub-enabled", "aws.securityhub.standards-enabled"),
    reads=(HUB, ADMINISTRATOR, ORGANIZATION, STANDARDS, _OFFERED, _RECORDERS),
    writes=(ENABLE, DISABLE, _ADD, _REMOVE),
    permissions=PERMISSIONS,
    read=_read,
    wanted=_wanted,
    towards=_towards,
    owner=_owner,
    cautions=_cautions,
    faults=_faults,
    costs=_costs,
    residue=("aws_iam_* *AWSServiceRoleForSecurityHub*", "aws_config_rule *securityhub-*"),
    terraform=_terraform,
)
