"""Environments of Elastic Beanstalk."""

from collections.abc import Mapping

from sakimori.collect.declaration import BOOLEAN, TEXT, TIMESTAMP, Context, Record, call, col, table
from sakimori.model.words import Scope

_Options = Mapping[tuple[str, str], str]


def _options(record: Record) -> _Options | None:
    """The deployed settings by namespace and name; None where none were told.

    While a change is being deployed, or after it failed, its draft stands beside them.
    """
    for settings in record.get("Settings") or ():
        if settings.get("DeploymentStatus") in (None, "deployed"):
            listed = settings.get("OptionSettings") or ()
            found = {(each["Namespace"], each["OptionName"]): str(each.get("Value") or "") for each in listed}
            return found or None
    return None


# What is set without a word. Source: Elastic Beanstalk Developer Guide, "General options for all environments".
def _manages_updates(record: Record, _context: Context) -> bool | None:
    options = _options(record)
    if options is None:
        return None
    return options.get(("aws:elasticbeanstalk:managedactions", "ManagedActionsEnabled"), "false").lower() == "true"


def _update_level(record: Record, _context: Context) -> str | None:
    options = _options(record)
    return (
        None
        if options is None
        else options.get(("aws:elasticbeanstalk:managedactions:platformupdate", "UpdateLevel"), "")
    )


def _health_reporting(record: Record, _context: Context) -> str | None:
    options = _options(record)
    return (
        None if options is None else options.get(("aws:elasticbeanstalk:healthreporting:system", "SystemType"), "basic")
    )


def _has_enhanced_health(record: Record, context: Context) -> bool | None:
    kind = _health_reporting(record, context)
    return None if kind is None else kind == "enhanced"


TABLE = table(
    "aws_elasticbeanstalk_environment",
    "Environments of Elastic Beanstalk that are not terminated.",
    key="arn",
    scope=Scope.REGION,
    resource_type="AWS::ElasticBeanstalk::Environment",
    rows=call("elasticbeanstalk:DescribeEnvironments", "Environments", IncludeDeleted=False),
    each=[
        call("elasticbeanstalk:DescribeConfigurationSettings", "ConfigurationSettings", name="Settings",
             with_={"ApplicationName": "ApplicationName", "EnvironmentName": "EnvironmentName"}),
    ],
    columns=[
        col("arn", TEXT, "The environment's ARN.", "EnvironmentArn"),
        col("name", TEXT, "The environment's name.", "EnvironmentName"),
        col("application_name", TEXT, "The application that it runs.", "ApplicationName"),
        col("status", TEXT, "Launching, Updating, Ready, Terminating, …", "Status"),
        col("tier", TEXT, "WebServer or Worker.", "Tier.Name"),
        col("solution_stack_name", TEXT, "The platform by its long name; '' where AWS names none.",
            "SolutionStackName", when_absent=""),
        col("managed_updates_are_enabled", BOOLEAN, "Its platform is updated on its own in a weekly window.",
            _manages_updates, needs=["Settings"]),
        col("update_level", TEXT, "How far such updates go: patch or minor; '' where nothing is set.",
            _update_level, needs=["Settings"]),
        col("health_reporting", TEXT, "enhanced or basic.", _health_reporting, needs=["Settings"]),
        col("enhanced_health_is_enabled", BOOLEAN, "Its instances themselves report how the application fares.",
            _has_enhanced_health, needs=["Settings"]),
        col("updated_at", TIMESTAMP, "When it was last changed.", "DateUpdated"),
    ],
)  # fmt: skip
