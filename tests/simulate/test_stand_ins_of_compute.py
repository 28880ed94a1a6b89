"""What moto lacks of functions, platforms and registries is answered from state that calls change."""

import io
import urllib.error
import urllib.request
import zipfile
from typing import Any

import pytest

from sakimori.simulate.server import SimulatedAccount


def _function(account: SimulatedAccount) -> Any:
    client = account.client("lambda")
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("main.py", "")
    client.create_function(
        FunctionName="f",
        Runtime="python3.13",
        Handler="main.handler",
        Role=f"arn:aws:iam::{account.account_id}:role/r",
        Code={"ZipFile": code.getvalue()},
    )
    return client


def test_the_url_of_a_function_is_listed_as_it_stands(account: SimulatedAccount, refusal_of: Any) -> None:
    account.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument="{}")
    client = _function(account)
    assert client.list_function_url_configs(FunctionName="f")["FunctionUrlConfigs"] == []
    client.create_function_url_config(FunctionName="f", AuthType="NONE")
    (url,) = client.list_function_url_configs(FunctionName="f")["FunctionUrlConfigs"]
    assert (url["AuthType"], url["InvokeMode"]) == ("NONE", "BUFFERED")
    client.update_function_url_config(FunctionName="f", AuthType="AWS_IAM")
    assert client.list_function_url_configs(FunctionName="f")["FunctionUrlConfigs"][0]["AuthType"] == "AWS_IAM"
    client.delete_function_url_config(FunctionName="f")
    assert client.list_function_url_configs(FunctionName="f")["FunctionUrlConfigs"] == []
    missing = refusal_of(client.list_function_url_configs, FunctionName="none")
    assert missing[::2] == ("ResourceNotFoundException", 404)


def test_an_environment_of_elastic_beanstalk_keeps_its_options(account: SimulatedAccount, refusal_of: Any) -> None:
    client = account.client("elasticbeanstalk")
    client.create_application(ApplicationName="a")
    client.create_environment(ApplicationName="a", EnvironmentName="shop", SolutionStackName="PHP")

    def options() -> dict[str, str]:
        answer = client.describe_configuration_settings(ApplicationName="a", EnvironmentName="shop")
        return {each["OptionName"]: each["Value"] for each in answer["ConfigurationSettings"][0]["OptionSettings"]}

    assert options() == {"ManagedActionsEnabled": "false", "SystemType": "basic"}
    managed = {
        "Namespace": "aws:elasticbeanstalk:managedactions",
        "OptionName": "ManagedActionsEnabled",
        "Value": "true",
    }
    health = {
        "Namespace": "aws:elasticbeanstalk:healthreporting:system",
        "OptionName": "SystemType",
        "Value": "enhanced",
    }
    refused = refusal_of(client.update_environment, EnvironmentName="shop", OptionSettings=[managed])
    assert refused[0] == "ConfigurationValidationException"
    without_window = refusal_of(client.update_environment, EnvironmentName="shop", OptionSettings=[health, managed])
    assert without_window[0] == refused[0]
    window = {**managed, "OptionName": "PreferredStartTime", "Value": "Sun:18:00"}
    level = {
        **managed,
        "Namespace": f"{managed['Namespace']}:platformupdate",
        "OptionName": "UpdateLevel",
        "Value": "patch",
    }
    client.update_environment(EnvironmentName="shop", OptionSettings=[health, managed, window, level])
    assert (options()["ManagedActionsEnabled"], options()["SystemType"]) == ("true", "enhanced")
    unknown = [{"Namespace": "mine", "OptionName": "x", "Value": "y"}]
    assert refusal_of(client.update_environment, EnvironmentName="shop", OptionSettings=unknown)[0] == refused[0]
    missing = refusal_of(client.describe_configuration_settings, ApplicationName="a", EnvironmentName="none")
    assert missing[0] == "InvalidParameterValue"


def test_a_cluster_of_eks_is_public_unless_told_otherwise(account: SimulatedAccount, refusal_of: Any) -> None:
    client = account.client("eks")
    asked = {
        "name": "c",
        "roleArn": f"arn:aws:iam::{account.account_id}:role/r",
        "resourcesVpcConfig": {"subnetIds": ["s"]},
    }
    client.create_cluster(**asked)
    cluster = client.describe_cluster(name="c")["cluster"]
    network = cluster["resourcesVpcConfig"]
    assert (network["endpointPublicAccess"], network["endpointPrivateAccess"]) == (True, False)
    assert network["publicAccessCidrs"] == ["0.0.0.0/0"]
    (default,) = client.describe_cluster_versions(defaultOnly=True)["clusterVersions"]
    assert cluster["version"] == default["clusterVersion"]
    old = refusal_of(client.create_cluster, **{**asked, "name": "old", "version": "1.29"})
    assert old[0] == "InvalidParameterException"


def test_versions_without_support_are_told_only_when_asked_for(account: SimulatedAccount) -> None:
    client = account.client("eks")

    def told(**asked: Any) -> set[str]:
        return {each["versionStatus"] for each in client.describe_cluster_versions(**asked)["clusterVersions"]}

    assert told() == {"STANDARD_SUPPORT", "EXTENDED_SUPPORT"}
    assert told(includeAll=True) == {"STANDARD_SUPPORT", "EXTENDED_SUPPORT", "UNSUPPORTED"}
    assert told(clusterVersions=["1.29"]) == told(versionStatus="UNSUPPORTED") == {"UNSUPPORTED"}
    assert told(clusterType="eks-local-outposts") == set()


def test_the_code_of_a_function_lies_where_its_address_says(account: SimulatedAccount) -> None:
    account.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument="{}")
    client = _function(account)
    address = client.get_function(FunctionName="f")["Code"]["Location"]
    assert address.startswith(account.endpoint_url)
    with urllib.request.urlopen(address) as answer:  # noqa: S310 - loopback
        assert zipfile.ZipFile(io.BytesIO(answer.read())).namelist() == ["main.py"]
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(address[:-1] + "_")  # noqa: S310


def test_the_zip_of_a_layer_lies_where_its_address_says(account: SimulatedAccount) -> None:
    client = account.client("lambda")
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("python/shared.py", "")
    client.publish_layer_version(LayerName="l", Content={"ZipFile": code.getvalue()})
    address = client.get_layer_version(LayerName="l", VersionNumber=1)["Content"]["Location"]
    with urllib.request.urlopen(address) as answer:  # noqa: S310 - loopback
        assert answer.read() == code.getvalue()


def test_the_versions_of_a_layer_are_listed_by_its_name_and_by_its_arn(account: SimulatedAccount) -> None:
    client = account.client("lambda")
    for _ in range(2):
        made = client.publish_layer_version(LayerName="l", Content={"ZipFile": b"PK"})
    for name in ("l", made["LayerArn"]):
        listed = client.list_layer_versions(LayerName=name)["LayerVersions"]
        assert [each["Version"] for each in listed] == [2, 1]
    assert client.list_layer_versions(LayerName="none")["LayerVersions"] == []


def test_a_snapshot_of_an_empty_volume_has_no_blocks(account: SimulatedAccount, refusal_of: Any) -> None:
    ec2, ebs = account.client("ec2"), account.client("ebs")
    volume = ec2.create_volume(AvailabilityZone="us-east-1a", Size=9)["VolumeId"]
    made = ec2.create_snapshot(VolumeId=volume)["SnapshotId"]
    listed = ebs.list_snapshot_blocks(SnapshotId=made)
    assert (listed["Blocks"], listed["VolumeSize"]) == ([], 9)
    written = ebs.start_snapshot(VolumeSize=1)["SnapshotId"]
    assert ebs.list_snapshot_blocks(SnapshotId=written)["VolumeSize"] == 1
    assert refusal_of(ebs.list_snapshot_blocks, SnapshotId="snap-0")[::2] == ("ResourceNotFoundException", 404)
