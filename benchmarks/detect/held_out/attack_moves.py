"""Attacks that move: code that runs with more rights, a partner broken into, a cluster."""

from typing import Final

import clock
from company import (
    BOTO,
    CLI_LINUX,
    MSP,
    PEOPLE,
    SHOP,
    instance,
)
from record import Caller, Record, principal_id, session
from story import ALL, OUTSIDE, Story, hijacked, new_id, scenario, stolen

CURL: Final = "aws-cli/1.18.147 Python/2.7.18 Linux/4.14.355-276.639.amzn2.x86_64 botocore/1.18.6"


@scenario
def user_data_escalation(story: Story) -> None:
    """Stop an instance with a strong role, change what it runs at boot, start it."""
    thief = hijacked(PEOPLE["fujita.c"], clock.Day(15).at("20:05"), "198.51.100.118", PEOPLE["fujita.c"].browser)
    story.at(15, "21:30")
    victim = new_id(story, "i")
    one: Record = {"instancesSet": {"items": [{"instanceId": victim}]}}
    story.do(
        "read what it runs",
        thief,
        "ec2:DescribeInstanceAttribute",
        request={"instanceId": victim, "attribute": "userData"},
    )
    story.do("stop", thief, "ec2:StopInstances", request={**one, "force": False})
    story.now += 90
    story.do(
        "change",
        thief,
        "ec2:ModifyInstanceAttribute",
        request={"instanceId": victim, "userData": "<sensitiveDataRemoved>"},
        response={"_return": True},
    )
    story.do("start", thief, "ec2:StartInstances", request=one)
    story.now += 240
    boot = Caller(
        session(SHOP, "TerraformAgentRole", victim, story.now - 100, delivery="2.0"),
        SHOP,
        "10.20.3.44",
        CURL,
        endpoint="vpce-0a1b2c3d4e5f6a7b8",
    )
    trust = f'{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::{OUTSIDE}:root"}},"Action":"sts:AssumeRole"}}]}}'
    story.do(
        "the instance opens a role",
        boot,
        "iam:UpdateAssumeRolePolicy",
        request={"roleName": "MSP-Operations-old", "policyDocument": trust},
    )


@scenario
def cloudformation_abuse(story: Story) -> None:
    """A stack does what its maker may not: its service role creates an administrator."""
    thief = stolen("ext-pham", "192.0.2.151", "aws-cli/2.31.5 md/awscrt#0.27.6 ua/2.1 os/windows#10")
    story.at(19, "23:40", (4, 30))
    story.several(
        "look",
        thief,
        [
            ("cloudformation:ListStacks", {}),
            ("cloudformation:DescribeStacks", {}),
            ("cloudformation:GetTemplate", {"stackName": "shop-webhook-prod"}),
        ],
    )
    executor = f"arn:aws:iam::{SHOP}:role/cdk-hnb659fds-cfn-exec-role-{SHOP}-ap-northeast-1"
    story.do("not for him", thief, "iam:CreateUser", denied="identity")
    story.do(
        "a stack under the strong role",
        thief,
        "cloudformation:CreateStack",
        request={
            "stackName": "cdk-diagnostics",
            "roleARN": executor,
            "capabilities": ["CAPABILITY_NAMED_IAM"],
            "templateURL": "https://example-bucket-outside.s3.amazonaws.com/d.yaml",
            "disableRollback": False,
            "onFailure": "DELETE",
        },
        response={"stackId": "arn:aws:cloudformation:stack/cdk-diagnostics"},
    )
    host = "cloudformation.amazonaws.com"
    executor_caller = Caller(
        session(SHOP, executor.rsplit("/", 1)[1], "AWSCloudFormation", story.now, invoked_by=host), SHOP, host, host
    )
    story.do(
        "user by the stack", executor_caller, "iam:CreateUser", request={"userName": "cdk-diagnostics", "path": "/"}
    )
    story.do(
        "rights by the stack",
        executor_caller,
        "iam:PutUserPolicy",
        request={"userName": "cdk-diagnostics", "policyName": "inline", "policyDocument": ALL},
    )
    story.do("key by the stack", executor_caller, "iam:CreateAccessKey", request={"userName": "cdk-diagnostics"})
    story.do("read the output", thief, "cloudformation:DescribeStacks", request={"stackName": "cdk-diagnostics"})
    story.do(
        "remove the trace",
        thief,
        "cloudformation:DeleteStack",
        request={"stackName": "cdk-diagnostics", "retainResources": ["User", "Key"]},
    )


@scenario
def msp_compromise(story: Story) -> None:
    """The partner is broken into: its operators' role, from another address, runs commands and opens sessions."""
    story.at(20, "02:15", (5, 40))
    ip = "203.0.113.84"
    giver = {"type": "AWSAccount", "principalId": f"{principal_id(MSP, 'operators')}:op-kudo", "accountId": MSP}
    identity = session(SHOP, "MSP-Operations", "op-kudo", story.now)
    arn = f"arn:aws:iam::{SHOP}:role/MSP-Operations"
    answer = {
        "credentials": {
            "accessKeyId": identity["accessKeyId"],
            "expiration": clock.long_text(story.now + 3600),
            "sessionToken": "IQoEXAMPLE",
        },
        "assumedRoleUser": {"arn": identity["arn"], "assumedRoleId": identity["principalId"]},
    }
    story.do(
        "through the partner's role",
        Caller(giver, SHOP, ip, CLI_LINUX),
        "sts:AssumeRole",
        request={"roleArn": arn, "roleSessionName": "op-kudo", "externalId": "hinode-5809", "durationSeconds": 3600},
        response=answer,
        shared=story.pen.uuid(),
    )
    thief = Caller(identity, SHOP, ip, CLI_LINUX)
    story.several(
        "which machines",
        thief,
        [
            ("sts:GetCallerIdentity", None),
            ("ssm:DescribeInstanceInformation", {"maxResults": 50}),
            ("ec2:DescribeInstances", {"instancesSet": {}, "filterSet": {}}),
        ],
    )
    for number in range(6):
        story.do(
            "a command on machines",
            thief,
            "ssm:SendCommand",
            request={
                "documentName": "AWS-RunShellScript",
                "instanceIds": [instance(f"web {number}")],
                "parameters": "HIDDEN_DUE_TO_SECURITY_REASONS",
                "interactive": False,
            },
            response={"command": {"commandId": story.pen.uuid(), "status": "Pending"}},
        )
        story.do(
            "its output",
            thief,
            "ssm:GetCommandInvocation",
            request={"commandId": story.pen.uuid(), "instanceId": instance(f"web {number}")},
        )
    for number in (1, 4):
        story.do(
            "a session",
            thief,
            "ssm:StartSession",
            request={
                "target": instance(f"web {number}"),
                "documentName": "AWS-StartPortForwardingSessionToRemoteHost",
                "parameters": {
                    "host": ["member-db.cluster.example"],
                    "portNumber": ["3306"],
                    "localPortNumber": ["3306"],
                },
            },
        )
    story.do(
        "a key for the serial console",
        thief,
        "ec2-instance-connect:SendSerialConsoleSSHPublicKey",
        request={"instanceId": instance("web 1"), "serialPort": 0, "sSHPublicKey": "ssh-ed25519 EXAMPLE"},
        denied="identity",
    )
    story.do(
        "a key into a machine",
        thief,
        "ec2-instance-connect:SendSSHPublicKey",
        request={"instanceId": instance("web 1"), "instanceOSUser": "ec2-user", "sSHPublicKey": "ssh-ed25519 EXAMPLE"},
    )


@scenario
def passrole_escalation(story: Story) -> None:
    """A stronger role is handed to Glue, then to SageMaker and to CodeBuild, whose code then acts."""
    thief = stolen("hayashi.n", "198.51.100.116", "aws-cli/2.31.5 md/awscrt#0.27.6 ua/2.1 os/windows#10")
    story.at(13, "20:20")
    strong = f"arn:aws:iam::{SHOP}:role/TerraformAgentRole"
    story.do("which role is strong", thief, "iam:ListRoles", request={"maxItems": 1000})
    story.do(
        "Glue refuses",
        thief,
        "glue:CreateDevEndpoint",
        request={"endpointName": "dev", "roleArn": strong, "publicKeys": ["ssh-ed25519 EXAMPLE"]},
        denied="identity",
        on=strong,
    )
    story.do(
        "SageMaker refuses",
        thief,
        "sagemaker:CreateNotebookInstance",
        request={"notebookInstanceName": "n", "roleArn": strong, "instanceType": "ml.t3.medium"},
        denied="scp",
    )
    story.do(
        "CodeBuild accepts",
        thief,
        "codebuild:CreateProject",
        request={
            "name": "lint",
            "serviceRole": strong,
            "source": {"type": "NO_SOURCE", "buildspec": "version: 0.2"},
            "environment": {
                "type": "LINUX_CONTAINER",
                "computeType": "BUILD_GENERAL1_SMALL",
                "image": "aws/codebuild/standard:7.0",
            },
        },
    )
    story.do("run it", thief, "codebuild:StartBuild", request={"projectName": "lint"})
    build = Caller(
        session(SHOP, "TerraformAgentRole", f"AWSCodeBuild-{story.pen.uuid()}", story.now), SHOP, "192.0.2.88", BOTO
    )
    story.several(
        "the build acts",
        build,
        [
            (
                "iam:CreatePolicyVersion",
                {"policyArn": f"arn:aws:iam::{SHOP}:policy/developers", "policyDocument": ALL, "setAsDefault": True},
            ),
            ("iam:AddUserToGroup", {"groupName": "administrators", "userName": "hayashi.n"}),
        ],
    )
    story.do("remove it", thief, "codebuild:DeleteProject", request={"name": "lint"})


@scenario
def cluster_takeover(story: Story) -> None:
    """An own entry into the cluster, and the cluster's address opened to everybody."""
    thief = hijacked(PEOPLE["suzuki.m"], clock.Day(22).at("19:10"), "203.0.113.90", PEOPLE["suzuki.m"].browser)
    story.at(22, "19:55")
    principal = f"arn:aws:iam::{SHOP}:user/ext-pham"
    story.several(
        "look",
        thief,
        [
            ("eks:ListClusters", {}),
            ("eks:DescribeCluster", {"name": "shop-eks"}),
            ("eks:ListAccessEntries", {"name": "shop-eks"}),
        ],
    )
    story.do(
        "open to the world",
        thief,
        "eks:UpdateClusterConfig",
        request={
            "name": "shop-eks",
            "resourcesVpcConfig": {"endpointPublicAccess": True, "publicAccessCidrs": ["0.0.0.0/0"]},
            "clientRequestToken": story.pen.uuid(),
        },
    )
    story.do(
        "an entry",
        thief,
        "eks:CreateAccessEntry",
        request={"name": "shop-eks", "principalArn": principal, "type": "STANDARD"},
    )
    story.do(
        "cluster administrator",
        thief,
        "eks:AssociateAccessPolicy",
        request={
            "name": "shop-eks",
            "principalArn": principal,
            "policyArn": "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy",
            "accessScope": {"type": "cluster"},
        },
    )
    story.do(
        "no audit log",
        thief,
        "eks:UpdateClusterConfig",
        request={
            "name": "shop-eks",
            "logging": {"clusterLogging": [{"types": ["audit", "authenticator"], "enabled": False}]},
        },
    )
