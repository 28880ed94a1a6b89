"""What the company runs: instances, snapshots, databases, functions and builds."""

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from moto.ec2.models import ec2_backends

from sakimori.simulate.scenarios.form import Seeding
from sakimori.simulate.scenarios.messy import IRELAND, TOKYO, VIRGINIA
from sakimori.simulate.scenarios.messy.storage import full_name

_V1: Final = {"HttpTokens": "optional", "HttpEndpoint": "enabled"}
_V2: Final = {"HttpTokens": "required", "HttpEndpoint": "enabled"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Machine:
    """One instance; `title` is its Name tag, which anyone may write."""

    name: str
    region: str
    title: str
    metadata: Mapping[str, str]
    stopped: bool = False


_MACHINES: Final = (
    _Machine(name="web-1", region=TOKYO, title="本番Web 1号機", metadata=_V2),
    _Machine(name="web-2", region=TOKYO, title="本番Web 2号機", metadata=_V1),
    _Machine(name="batch", region=TOKYO, title="夜間バッチ", metadata=_V2),
    _Machine(name="old", region=TOKYO, title="<script>alert('old')</script>", metadata=_V1, stopped=True),
    _Machine(name="edge", region=VIRGINIA, title="edge", metadata=_V2),
    _Machine(name="report", region=IRELAND, title="report", metadata=_V1),
)
_SNAPSHOTS: Final = {"public": TOKYO, "private": TOKYO, "shared": TOKYO, "virginia": VIRGINIA}
# What an outsider may have written: markup, and a terminal's escape sequence, which XML (EC2) could not carry.
_FUNCTIONS: Final = {
    "thumbnail": "画像の縮小",
    "webhook": "\x1b[31m<img src=x onerror=alert(1)>\x1b[0m",
    "on-upload": "called by S3",
}


def seed(seeding: Seeding) -> None:
    """Everything that runs."""
    for machine in _MACHINES:
        _machine(seeding, machine)
    _snapshots(seeding)
    _databases(seeding)
    _functions(seeding)
    _builds(seeding)
    seeding.client("ec2", TOKYO).enable_ebs_encryption_by_default()


def _machine(seeding: Seeding, machine: _Machine) -> None:
    ec2 = seeding.client("ec2", machine.region)
    tags = [{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": machine.title}]}]
    made = ec2.run_instances(
        ImageId="ami-00000000000000000",
        InstanceType="t3.micro",
        MinCount=1,
        MaxCount=1,
        MetadataOptions=dict(machine.metadata),
        TagSpecifications=tags,
    )["Instances"][0]["InstanceId"]
    if machine.stopped:
        ec2.stop_instances(InstanceIds=[made])
    launched = ec2_backends[seeding.state.account_id][machine.region].get_instance(made)
    launched.launch_time = seeding.days_ago(90)
    if machine.name == "web-1":
        profile = seeding.client("iam").create_instance_profile(InstanceProfileName="app-web")["InstanceProfile"]
        seeding.client("iam").add_role_to_instance_profile(InstanceProfileName="app-web", RoleName="app-web")
        ec2.associate_iam_instance_profile(IamInstanceProfile={"Arn": profile["Arn"]}, InstanceId=made)
    seeding.names[f"instance.{machine.name}"] = _arn(seeding, "ec2", machine.region, f"instance/{made}")


def _snapshots(seeding: Seeding) -> None:
    for name, region in _SNAPSHOTS.items():
        ec2 = seeding.client("ec2", region)
        volume = ec2.create_volume(AvailabilityZone=f"{region}a", Size=8, Encrypted=name == "private")["VolumeId"]
        made = ec2.create_snapshot(VolumeId=volume, Description=f"{name}: 月次バックアップ")["SnapshotId"]
        seeding.names[f"snapshot.{name}"] = f"arn:aws:ec2:{region}::snapshot/{made}"
        sharing = {"public": {"GroupNames": ["all"]}, "shared": {"UserIds": ["333333333333"]}}.get(name)
        if sharing:
            attribute = {"Attribute": "createVolumePermission", "OperationType": "add"}
            ec2.modify_snapshot_attribute(SnapshotId=made, **attribute, **sharing)


def _databases(seeding: Seeding) -> None:
    for name, region, is_public in (
        ("awase-prod", TOKYO, False),
        ("awase-report", TOKYO, True),
        ("awase-eu", IRELAND, False),
    ):
        seeding.client("rds", region).create_db_instance(
            DBInstanceIdentifier=name,
            Engine="postgres",
            DBInstanceClass="db.t3.micro",
            AllocatedStorage=20,
            MasterUsername="awase",
            MasterUserPassword=f"not-a-secret-{name}",
            PubliclyAccessible=is_public,
            StorageEncrypted=not is_public,
        )


def _functions(seeding: Seeding) -> None:
    client = seeding.client("lambda", TOKYO)
    for name, description in _FUNCTIONS.items():
        client.create_function(
            FunctionName=name,
            Runtime="python3.13",
            Handler="main.handler",
            Role=f"arn:aws:iam::{seeding.state.account_id}:role/lambda-thumbnail",
            Description=description,
            Code={"ZipFile": _empty_zip()},
        )
    anyone = {"StatementId": "anyone", "Action": "lambda:InvokeFunction", "Principal": "*"}
    client.add_permission(FunctionName="webhook", **anyone)
    client.add_permission(
        FunctionName="on-upload",
        StatementId="s3",
        Action="lambda:InvokeFunction",
        Principal="s3.amazonaws.com",
        SourceArn=f"arn:aws:s3:::{full_name(seeding, 'web-assets')}",
        SourceAccount=seeding.state.account_id,
    )


def _builds(seeding: Seeding) -> None:
    # Made at run time and visibly not real: no file of this program holds anything like a key.
    fake_id, fake_secret = "AKIA" + "FAKE" * 4, "fake/" * 8
    plain: list[dict[str, Any]] = [
        {"name": "AWS_ACCESS_KEY_ID", "value": fake_id, "type": "PLAINTEXT"},
        {"name": "AWS_SECRET_ACCESS_KEY", "value": fake_secret, "type": "PLAINTEXT"},
    ]
    stored = [
        {"name": "STAGE", "value": "本番", "type": "PLAINTEXT"},
        {"name": "AWS_ACCESS_KEY_ID", "value": "/deploy/key-id", "type": "PARAMETER_STORE"},
    ]
    client = seeding.client("codebuild", TOKYO)
    for name, variables in (("awase-build", plain), ("awase-docs", stored)):
        client.create_project(
            name=name,
            description="<b>build</b>",
            source={"type": "S3", "location": f"{full_name(seeding, 'backup')}/source.zip"},
            artifacts={"type": "NO_ARTIFACTS"},
            environment={
                "type": "LINUX_CONTAINER",
                "image": "aws/codebuild/standard:7.0",
                "computeType": "BUILD_GENERAL1_SMALL",
                "environmentVariables": variables,
            },
            serviceRole=f"arn:aws:iam::{seeding.state.account_id}:role/codebuild-service",
        )


def _empty_zip() -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("main.py", f"def handler(event, context):\n    return {json.dumps('ok')}\n")
    return written.getvalue()


def _arn(seeding: Seeding, service: str, region: str, resource: str) -> str:
    return f"arn:aws:{service}:{region}:{seeding.state.account_id}:{resource}"
