"""An Elastic Beanstalk environment that updates its platform by itself (Security Hub: ElasticBeanstalk.2 and .1).

Managed updates need enhanced health reporting, a weekly window and a level. A window or a level that is set already
stays. While a change is deployed, AWS shows it as a draft beside what is deployed: the draft is what is there.
Source: botocore's model of elasticbeanstalk; Elastic Beanstalk Developer Guide, "Managed platform updates", "Service
roles" and "General options for all environments".
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sakimori.actions.resources.named_resource import Kind
from sakimori.actions.resources.setting import Setting, setting_step
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State
from sakimori.model.action import Call, Risk

_ENVIRONMENTS: Final = "elasticbeanstalk:DescribeEnvironments"
_GET: Final = "elasticbeanstalk:DescribeConfigurationSettings"
_UPDATE: Final = "elasticbeanstalk:UpdateEnvironment"
_KEY: Final = "options"
_MANAGED: Final = "aws:elasticbeanstalk:managedactions ManagedActionsEnabled"
_STARTS: Final = "aws:elasticbeanstalk:managedactions PreferredStartTime"
_LEVEL: Final = "aws:elasticbeanstalk:managedactions:platformupdate UpdateLevel"
_HEALTH: Final = "aws:elasticbeanstalk:healthreporting:system SystemType"
_ROLE: Final = "aws:elasticbeanstalk:environment ServiceRole"
_SET: Final = (_MANAGED, _STARTS, _LEVEL, _HEALTH)
# What an environment has that says nothing of it: an option that is not there is the same as this.
_BORN_WITH: Final[Mapping[str, str]] = {_MANAGED: "false", _HEALTH: "basic"}
_SAFE: Final[Mapping[str, str]] = {_MANAGED: "true", _HEALTH: "enhanced"}
# In UTC: Tuesday evening in Japan, morning in Europe.
_UNLESS_SET: Final[Mapping[str, str]] = {_STARTS: "Tue:10:00", _LEVEL: "minor"}


def _options(site: Site, name: str) -> dict[str, str] | None:
    """All options that have a value, by namespace and name; None where there is no such environment."""
    application, _, environment = name.partition("/")
    if _environment(site, name) is None:
        return None
    answer = site.call(_GET, ApplicationName=application, EnvironmentName=environment) or {}
    found: list[Mapping[str, Any]] = list(answer.get("ConfigurationSettings") or ())
    of_status = {each.get("DeploymentStatus") or "deployed": each for each in found}
    current = of_status.get("pending") or of_status.get("deployed") or {}
    listed = current.get("OptionSettings") or ()
    return {f"{each['Namespace']} {each['OptionName']}": each["Value"] for each in listed if each.get("Value")}


def _environment(site: Site, name: str) -> Mapping[str, Any] | None:
    application, _, environment = name.partition("/")
    asked = {"ApplicationName": application, "EnvironmentNames": [environment], "IncludeDeleted": False}
    for each in site.all_of(_ENVIRONMENTS, "Environments", **asked):
        is_this = (each.get("ApplicationName"), each.get("EnvironmentName")) == (application, environment)
        if is_this and each.get("Status") != "Terminated":
            return each
    return None


def _read(site: Site, name: str) -> State | None:
    found = _options(site, name)
    return None if found is None else {_KEY: {each: found.get(each, _BORN_WITH.get(each)) for each in _SET}}


def _safe(state: State) -> State:
    options = state[_KEY]
    if all(str(options[name]).lower() == value for name, value in _SAFE.items()):
        return state
    return {_KEY: {**{name: options[name] or value for name, value in _UNLESS_SET.items()}, **_SAFE}}


def _put(site: Site, name: str, key: str, target: State) -> Call:
    options: Mapping[str, str | None] = target[key]
    named = [(*each.split(" "), value) for each, value in sorted(options.items())]
    parts = [{"Namespace": space, "OptionName": option, "Value": value} for space, option, value in named if value]
    unset = [{"Namespace": space, "OptionName": option} for space, option, value in named if not value]
    application, _, environment = name.partition("/")
    parameters = {"ApplicationName": application, "EnvironmentName": environment, "OptionSettings": parts}
    return Call(
        operation=_UPDATE,
        region=site.region,
        parameters={**parameters, **({"OptionsToRemove": unset} if unset else {})},
    )


def _cautions(site: Site, name: str, state: State) -> Sequence[Caution]:
    values = {"name": name}
    options = {**state[_KEY], **_safe(state)[_KEY]}
    found = [Caution(text="fix_data.managed_updates_on_window", values={**values, "window": options[_STARTS]})]
    if not (_options(site, name) or {}).get(_ROLE):
        found.append(Caution(text="fix_data.managed_updates_on_role", values=values, blocks=True))
    status = str((_environment(site, name) or {}).get("Status"))
    if status != "Ready":
        found.append(Caution(text="fix_data.managed_updates_on_busy", values={**values, "status": status}, blocks=True))
    return found


STEP: Final = setting_step(
    Setting(
        id="managed-updates-on",
        order=2410,
        texts="fix_data.managed_updates_on",
        rules=(
            "aws.elasticbeanstalk.environment-managed-updates-enabled",
            "aws.elasticbeanstalk.environment-enhanced-health-enabled",
        ),
        kind=Kind(
            service="elasticbeanstalk",
            call=_ENVIRONMENTS,
            prefix="environment/",
            pattern=r"[^/]{1,100}/[A-Za-z0-9-]{4,40}",
        ),
        reads=(_ENVIRONMENTS, _GET),
        writes=(_UPDATE,),
        read=_read,
        safe=_safe,
        put=_put,
        cautions=_cautions,
        risk=Risk.MEDIUM,
    )
)
