"""The option settings of Elastic Beanstalk's environments, which moto forgets."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from moto.elasticbeanstalk.models import EBBackend, Environment, eb_backends

from sakimori.simulate.call import Answer, ServiceError
from sakimori.simulate.stand_ins.form import Desk, StandIn

_MANAGED: Final = ("aws:elasticbeanstalk:managedactions", "ManagedActionsEnabled")
_STARTS: Final = ("aws:elasticbeanstalk:managedactions", "PreferredStartTime")
_LEVEL: Final = ("aws:elasticbeanstalk:managedactions:platformupdate", "UpdateLevel")
_HEALTH: Final = ("aws:elasticbeanstalk:healthreporting:system", "SystemType")
# What an environment made through the API has (the console turns both on).
# Source: Elastic Beanstalk Developer Guide, "General options for all environments".
_DEFAULTS: Final[Mapping[tuple[str, str], str]] = {_MANAGED: "false", _HEALTH: "basic"}
_SUCCESS: Final = 300


def create(desk: Desk) -> Answer:
    """Moto's environment, with the options and the platform that were asked for."""
    asked = desk.parameters()
    options = _checked(_DEFAULTS, asked.get("OptionSettings", ()))
    answer = desk.moto()
    if answer.status < _SUCCESS:
        environment = _environment(desk, asked["EnvironmentName"])
        environment.solution_stack_name = asked.get("SolutionStackName", "")
        desk.state.beanstalk_options[environment.environment_arn] = options
    return answer


def update(desk: Desk) -> Mapping[str, Any]:
    """Change options; they hold at once."""
    asked = desk.parameters()
    environment = _environment(desk, asked.get("EnvironmentName", ""))
    known = dict(desk.state.beanstalk_options.get(environment.environment_arn, _DEFAULTS))
    for each in asked.get("OptionsToRemove", ()):
        option = each.get("Namespace", ""), each.get("OptionName", "")
        known.pop(option, None)
        known |= {option: _DEFAULTS[option]} if option in _DEFAULTS else {}
    desk.state.beanstalk_options[environment.environment_arn] = _checked(known, asked.get("OptionSettings", ()))
    return {
        "EnvironmentName": environment.environment_name,
        "ApplicationName": environment.application_name,
        "EnvironmentArn": environment.environment_arn,
        "Status": "Updating",
    }


def settings(desk: Desk) -> Mapping[str, Any]:
    """The settings of one environment, which are deployed; moto has no saved templates."""
    asked = desk.parameters()
    environment = _environment(desk, asked.get("EnvironmentName", ""), asked["ApplicationName"])
    options = desk.state.beanstalk_options.get(environment.environment_arn, _DEFAULTS)
    listed = [
        {"Namespace": namespace, "OptionName": name, "Value": value}
        for (namespace, name), value in sorted(options.items())
    ]
    described = {
        "ApplicationName": environment.application_name,
        "EnvironmentName": environment.environment_name,
        "SolutionStackName": environment.solution_stack_name,
        "DeploymentStatus": "deployed",
        "OptionSettings": listed,
    }
    return {"ConfigurationSettings": [described]}


STAND_INS: Final[Mapping[str, StandIn]] = {
    "elasticbeanstalk:CreateEnvironment": create,
    "elasticbeanstalk:DescribeConfigurationSettings": settings,
    "elasticbeanstalk:UpdateEnvironment": update,
}


def _environment(desk: Desk, name: str, application: str = "") -> Environment:
    backend: EBBackend = eb_backends[desk.state.account_id][desk.call.region]
    for environment in backend.describe_environments():
        if environment.environment_name == name and application in ("", environment.application_name):
            return environment
    raise ServiceError("InvalidParameterValue", f"No Environment found for EnvironmentName = '{name}'.")


def _checked(known: Mapping[tuple[str, str], str], asked: Iterable[Mapping[str, str]]) -> Mapping[tuple[str, str], str]:
    options = dict(known)
    for each in asked:
        namespace, name = each.get("Namespace", ""), each.get("OptionName", "")
        if not namespace.startswith("aws:"):
            where = f"(Namespace: '{namespace}', OptionName: '{name}')"
            raise _refused(f"Invalid option specification {where}: Unknown configuration setting.")
        options[namespace, name] = each.get("Value", "")
    if options[_MANAGED] == "true":
        if options[_HEALTH] != "enhanced":
            raise _refused("Managed platform updates need enhanced health reporting.")
        if _STARTS not in options or _LEVEL not in options:
            raise _refused("Managed platform updates need PreferredStartTime and UpdateLevel.")
    return options


def _refused(why: str) -> ServiceError:
    return ServiceError("ConfigurationValidationException", f"Configuration validation exception: {why}")
