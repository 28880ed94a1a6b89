"""An account in which each kind of place holds one secret of its own, and some hold none."""

import base64
import gzip
import hashlib
import io
import json
import random
import string
import time
import zipfile
from collections.abc import Mapping
from typing import Any

from tests.simulate.pushing import Registry, tarred

from sakimori.analysis.secrets.recipe import key_id
from sakimori.simulate.server import SimulatedAccount

REGION = "us-east-1"
_LETTERS = string.ascii_letters + string.digits


def secret_key(place: str) -> str:
    """Forty characters as a secret access key has, nobody's, and the same for the same place."""
    drawn = random.Random(f"nobody's {place}")  # noqa: S311 - a text that only looks like a secret
    return "".join(drawn.choice(_LETTERS) for _ in range(40))


def pair(place: str) -> tuple[str, str]:
    """A key id and its secret."""
    return key_id("111122223333", seed=sum(place.encode())), secret_key(place)


def lines(place: str) -> str:
    """As people write them into files."""
    identifier, secret = pair(place)
    return f"aws_access_key_id = {identifier}\naws_secret_access_key = {secret}\n"


def script(place: str) -> str:
    identifier, secret = pair(place)
    return f"#!/bin/bash\nexport AWS_ACCESS_KEY_ID={identifier}\nexport AWS_SECRET_ACCESS_KEY={secret}\n"


def environment(place: str) -> Mapping[str, str]:
    identifier, secret = pair(place)
    return {"LOG_LEVEL": "info", "AWS_KEY": identifier, "AWS_SECRET_ACCESS_KEY": secret}


def zipped(name: str, text: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, text)
    return stream.getvalue()


def listed(variables: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in variables.items()]


def plant(account: SimulatedAccount) -> None:
    """Every place that the simulated account has."""

    def client(name: str) -> Any:
        return account.client(name, region=REGION)

    _machines(client)
    _functions(account, client)
    _images(client)
    _definitions(account, client)
    _systems_manager(client)
    _samples(client)


def _machines(client: Any) -> None:
    ec2 = client("ec2")
    image = "ami-12c6146b"
    ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1, UserData=script("ec2-user-data"))
    ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1, UserData="#!/bin/bash\nyum update -y\n")
    packed = base64.b64encode(gzip.compress(script("ec2-launch-template").encode())).decode()
    made = ec2.create_launch_template(LaunchTemplateName="web", LaunchTemplateData={"UserData": packed})
    clean = base64.b64encode(b"#!/bin/bash\necho hello\n").decode()
    ec2.create_launch_template_version(
        LaunchTemplateId=made["LaunchTemplate"]["LaunchTemplateId"], LaunchTemplateData={"UserData": clean}
    )
    ebs = client("ebs")
    snapshot = ebs.start_snapshot(VolumeSize=1)["SnapshotId"]
    block = bytearray(524_288)
    text = lines("ebs-snapshot").encode()
    # Over the edge of two blocks.
    both = block + block
    both[524_288 - 60 : 524_288 - 60 + len(text)] = text
    for index in range(2):
        data = bytes(both[index * 524_288 : (index + 1) * 524_288])
        checksum = base64.b64encode(hashlib.sha256(data).digest()).decode()
        ebs.put_snapshot_block(
            SnapshotId=snapshot, BlockIndex=index, BlockData=data, DataLength=len(data), Checksum=checksum,
            ChecksumAlgorithm="SHA256",
        )  # fmt: skip
    ebs.complete_snapshot(SnapshotId=snapshot, ChangedBlocksCount=2)


def _functions(account: SimulatedAccount, client: Any) -> None:
    iam = account.client("iam")
    allowed = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    trust = {"Version": "2012-10-17", "Statement": [allowed]}
    role = iam.create_role(RoleName="function", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    lambda_ = client("lambda")
    common = {"Runtime": "python3.12", "Role": role, "Handler": "index.handler"}
    lambda_.create_function(
        FunctionName="orders", Code={"ZipFile": zipped("index.py", "x = 1\n")},
        Environment={"Variables": environment("lambda-environment")}, **common,
    )  # fmt: skip
    lambda_.create_function(FunctionName="mails", Code={"ZipFile": zipped(".env", lines("lambda-code"))}, **common)
    lambda_.publish_layer_version(LayerName="shared", Content={"ZipFile": zipped("a.env", lines("lambda-layer"))})


def _images(client: Any) -> None:
    registry = Registry(client("ecr"), "shop/web")
    registry.image(b'{"config": {}}', [gzip.compress(tarred({"app/.env": lines("ecr-image").encode()}))], tag="v1")


def _definitions(account: SimulatedAccount, client: Any) -> None:
    client("ecs").register_task_definition(
        family="web",
        containerDefinitions=[
            {"name": "app", "image": "x", "memory": 1, "environment": listed(environment("ecs-task-definition"))}
        ],
    )
    client("batch").register_job_definition(
        jobDefinitionName="nightly", type="container",
        containerProperties={"image": "x", "vcpus": 1, "memory": 128, "environment": listed(environment("batch-job-definition"))},
    )  # fmt: skip
    client("codebuild").create_project(
        name="build", source={"type": "S3", "location": "bucket/path", "buildspec": "version: 0.2"}, artifacts={"type": "NO_ARTIFACTS"},
        serviceRole=f"arn:aws:iam::{account.account_id}:role/build",
        environment={"type": "LINUX_CONTAINER", "image": "x", "computeType": "BUILD_GENERAL1_SMALL",
                     "environmentVariables": listed(environment("codebuild-project"))},
    )  # fmt: skip
    template = {
        "Parameters": {"Key": {"Type": "String"}, "AwsSecretAccessKey": {"Type": "String"}},
        "Resources": {"Queue": {"Type": "AWS::SQS::Queue"}},
    }
    identifier, secret = pair("cloudformation-stack")
    client("cloudformation").create_stack(
        StackName="shop", TemplateBody=json.dumps(template),
        Parameters=[{"ParameterKey": "Key", "ParameterValue": identifier},
                    {"ParameterKey": "AwsSecretAccessKey", "ParameterValue": secret}],
    )  # fmt: skip
    identifier, secret = pair("glue-job")
    client("glue").create_job(
        Name="load", Role="r", Command={"Name": "glueetl", "ScriptLocation": "s3://x/y"},
        DefaultArguments={"--aws_access_key_id": identifier, "--aws_secret_access_key": secret},
    )  # fmt: skip
    client("glue").create_connection(ConnectionInput={
        "Name": "database", "ConnectionType": "JDBC",
        "ConnectionProperties": {"JDBC_CONNECTION_URL": "jdbc:mysql://db/x", "USERNAME": "app"}})  # fmt: skip


def _systems_manager(client: Any) -> None:
    ssm = client("ssm")
    ssm.put_parameter(Name="/shop/credentials", Type="String", Value=lines("ssm-parameter"))
    ssm.put_parameter(Name="/shop/level", Type="String", Value="info")
    ssm.put_parameter(Name="/shop/kept-well", Type="SecureString", Value=lines("never asked for"))
    content = {"schemaVersion": "2.2", "description": "x", "mainSteps": [
        {"action": "aws:runShellScript", "name": "run", "inputs": {"runCommand": script("ssm-document").splitlines()}}]}  # fmt: skip
    ssm.create_document(Name="install", Content=json.dumps(content), DocumentType="Command", DocumentFormat="JSON")


def _samples(client: Any) -> None:
    logs = client("logs")
    now = int(time.time() * 1000)
    logs.create_log_group(logGroupName="/app")
    logs.create_log_stream(logGroupName="/app", logStreamName="one")
    logs.put_log_events(logGroupName="/app", logStreamName="one", logEvents=[
        {"timestamp": now, "message": "started"},
        {"timestamp": now + 1, "message": "config " + json.dumps(environment("cloudwatch-logs"))}])  # fmt: skip
    s3 = client("s3")
    s3.create_bucket(Bucket="shop-public-files")
    s3.delete_public_access_block(Bucket="shop-public-files")
    s3.put_bucket_ownership_controls(
        Bucket="shop-public-files", OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
    )
    s3.put_bucket_acl(Bucket="shop-public-files", ACL="public-read")
    s3.put_object(Bucket="shop-public-files", Key="backup/.env", Body=lines("s3-public-object").encode())
    s3.create_bucket(Bucket="shop-private-files")
    s3.put_object(Bucket="shop-private-files", Key=".env", Body=lines("private bucket").encode())
