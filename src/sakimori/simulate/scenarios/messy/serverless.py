"""The company's functions and platforms that nobody owns: an old runtime, an open URL, a token in plain text."""

import io
import zipfile
from collections.abc import Mapping
from typing import Any, Final

from sakimori.simulate.scenarios.form import Seeding
from sakimori.simulate.scenarios.messy import TOKYO, VIRGINIA
from sakimori.simulate.scenarios.messy.storage import full_name

_SLACK: Final = "xo" + "xb-" + "not-a-real-token"


def seed(seeding: Seeding) -> None:
    """Functions with their URLs and environments; a shop on Elastic Beanstalk; builds and experiments."""
    _function(seeding, TOKYO, "yubin-bango", Runtime="python3.8")
    _function(
        seeding, VIRGINIA, "edge-report", Runtime="nodejs22.x", Environment=_variables(STAGE="本番", LEVEL="info")
    )
    _function(seeding, TOKYO, "slack-tsuchi", Runtime="python3.13", Environment=_variables(NOTIFY=_SLACK))
    stored = _variables(DB_SECRET="/awase/db", TOKEN_URL="https://auth.example.jp/token")  # noqa: S106 - neither is one
    _function(seeding, TOKYO, "kintai-sync", Runtime="python3.13", Environment=stored)
    client = seeding.client("lambda", TOKYO)
    cors = {"AllowOrigins": ["*"], "AllowMethods": ["POST"]}
    client.create_function_url_config(FunctionName="slack-tsuchi", AuthType="NONE", Cors=cors)
    client.create_function_url_config(FunctionName="kintai-sync", AuthType="AWS_IAM")
    _platforms(seeding)
    _builds(seeding)
    _experiments(seeding)


def _platforms(seeding: Seeding) -> None:
    client = seeding.client("elasticbeanstalk", TOKYO)
    client.create_application(ApplicationName="awase-shop")
    enhanced = _option("healthreporting:system", "SystemType", "enhanced")
    managed = _option("managedactions", "ManagedActionsEnabled", "true")
    window = _option("managedactions", "PreferredStartTime", "Sun:18:00")
    level = _option("managedactions:platformupdate", "UpdateLevel", "minor")
    modern, old = "64bit Amazon Linux 2023 v4.7.0 running PHP 8.4", "64bit Amazon Linux 2018.03 v2.9.20 running PHP 7.2"
    for name, stack, options in (
        ("shop-prod", modern, [enhanced, managed, window, level]),
        ("shop-staging", modern, [enhanced]),
        ("shop-2019", old, []),
    ):
        client.create_environment(
            ApplicationName="awase-shop",
            EnvironmentName=name,
            SolutionStackName=stack,
            OptionSettings=options,
        )


def _builds(seeding: Seeding) -> None:
    """One made in a hurry, with the password of the man who made it; one that only looks so."""
    off, on = {"status": "DISABLED"}, {"status": "ENABLED", "location": full_name(seeding, "backup") + "/builds"}
    for name, user, privileged, logs in (
        ("awase-legacy", "sato:" + "not-a-secret", True, {"cloudWatchLogs": off, "s3Logs": {"status": "DISABLED"}}),
        ("awase-site", "sato", False, {"cloudWatchLogs": off, "s3Logs": on}),
    ):
        seeding.client("codebuild", TOKYO).create_project(
            name=name,
            source={"type": "BITBUCKET", "location": f"https://{user}@bitbucket.org/awase/{name}.git"},
            artifacts={"type": "NO_ARTIFACTS"},
            environment={
                "type": "LINUX_CONTAINER",
                "image": "aws/codebuild/standard:7.0",
                "computeType": "BUILD_GENERAL1_SMALL",
                "privilegedMode": privileged,
                "environmentVariables": [],
            },
            logsConfig=logs,
            serviceRole=f"arn:aws:iam::{seeding.state.account_id}:role/codebuild-service",
        )


def _experiments(seeding: Seeding) -> None:
    """What was tried out: launch configurations of the old shop, notebooks of the one who left."""
    autoscaling = seeding.client("autoscaling", TOKYO)
    for name, public in (("shop-2018", True), ("shop-2020", False)):
        autoscaling.create_launch_configuration(
            LaunchConfigurationName=name,
            ImageId="ami-00000000000000000",
            InstanceType="t3.small",
            AssociatePublicIpAddress=public,
        )
        made = autoscaling.describe_launch_configurations(LaunchConfigurationNames=[name])["LaunchConfigurations"]
        seeding.names[f"launch.{name}"] = made[0]["LaunchConfigurationARN"]
    role = f"arn:aws:iam::{seeding.state.account_id}:role/app-batch"
    sagemaker = seeding.client("sagemaker", TOKYO)
    notebook = {"InstanceType": "ml.t3.medium", "RoleArn": role}
    sagemaker.create_notebook_instance(NotebookInstanceName="tanaka-test", **notebook)
    inside = {"SubnetId": seeding.names["subnet.production"], "DirectInternetAccess": "Disabled"}
    sagemaker.create_notebook_instance(NotebookInstanceName="bunseki", **notebook, **inside)


def _option(namespace: str, name: str, value: str) -> Mapping[str, str]:
    return {"Namespace": f"aws:elasticbeanstalk:{namespace}", "OptionName": name, "Value": value}


def _function(seeding: Seeding, region: str, name: str, **more: Any) -> None:
    seeding.client("lambda", region).create_function(
        FunctionName=name,
        Handler="main.handler",
        Role=f"arn:aws:iam::{seeding.state.account_id}:role/lambda-webhook",
        Code={"ZipFile": _zip()},
        **more,
    )


def _variables(**values: str) -> Mapping[str, Mapping[str, str]]:
    return {"Variables": values}


def _zip() -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("main.py", "def handler(event, context):\n    return event\n")
    return written.getvalue()
