"""Attacks through machines: stolen role credentials, mining, code that runs with more rights, and moves between accounts."""

from typing import Any, Final

import clock
from company import (
    BUCKETS,
    CLI_LINUX,
    FUNCTIONS,
    JAVA,
    ROLE_OF_PROVIDER,
    SECRETS,
    SHOP,
    STAGING,
    instance,
    secret_arn,
)
from partners import REGIONS
from record import Caller, Record, session
from shapes import function_arn, s3_resources
from story import ADMIN_POLICY, Story, new_id, scenario, stolen

PACU: Final = "Boto3/1.34.131 md/Botocore#1.34.131 ua/2.0 os/linux#6.6.15-amd64 md/arch#x86_64 lang/python#3.11.8 Botocore/1.34.131"


@scenario
def imds_theft(story: Story) -> None:
    """A web application gives away its node's credentials; a state file leads further; the trail is attacked."""
    story.at(11, "04:12", (1, 12))
    role, name = "batch-server-role", instance("batch-server-role 1")
    inside = Caller(session(SHOP, role, name, story.now - 7000, delivery="1.0"), SHOP, "198.51.100.130", PACU)
    story.do("the role outside of its instance", inside, "sts:GetCallerIdentity")
    story.several(
        "what is there",
        inside,
        [
            ("s3:ListBuckets", {"Host": "s3.amazonaws.com"}),
            ("ec2:DescribeInstances", {"instancesSet": {}, "filterSet": {}}),
            ("lambda:ListFunctions20150331", {"maxItems": 50}),
        ],
    )
    for api in ("iam:ListUsers", "iam:ListRoles", "iam:ListAttachedRolePolicies"):
        story.do("IAM is refused", inside, api, denied="identity")
    for name in FUNCTIONS:
        story.do(
            "code and variables of functions",
            inside,
            "lambda:GetFunction20150331v2",
            request={"functionName": function_arn(f"shop-{name}")},
        )
    for key in ("prod/network/terraform.tfstate", "prod/eks/terraform.tfstate", "prod/mail/terraform.tfstate"):
        story.do(
            "state files",
            inside,
            "s3:GetObject",
            request={"bucketName": BUCKETS["state"], "key": key, "Host": f"{BUCKETS['state']}.s3.amazonaws.com"},
            resources=s3_resources(BUCKETS["state"], key, SHOP),
            extra={"bytesTransferredOut": 284113},
            data=True,
        )
    found = stolen("jenkins-deploy", "198.51.100.130", PACU)
    story.now += 1800
    story.several(
        "a key from the state file",
        found,
        [
            ("sts:GetCallerIdentity", None),
            ("ec2:DescribeRegions", {"regionSet": {}}),
            ("iam:ListAccessKeys", {"userName": "jenkins-deploy"}),
        ],
    )
    story.do(
        "stop the trail",
        found,
        "cloudtrail:StopLogging",
        request={"name": "arn:aws:cloudtrail:ap-northeast-1:410300000011:trail/org-trail"},
        denied="scp",
    )
    story.do(
        "try the neighbour account",
        found,
        "sts:AssumeRole",
        request={"roleArn": f"arn:aws:iam::{STAGING}:role/OrganizationAccountAccessRole", "roleSessionName": "probe"},
        denied="identity",
    )


@scenario
def gpu_mining(story: Story) -> None:
    """Large instances wherever they can be had."""
    thief = stolen("ext-nguyen", "203.0.113.21", "aws-cli/2.15.30 Python/3.11.8 Windows/10 exe/AMD64", STAGING)
    story.at(16, "00:35", (0.5, 6))
    story.several(
        "who, and how many",
        thief,
        [("sts:GetCallerIdentity", None), ("ec2:DescribeRegions", {"regionSet": {}, "allRegions": True})],
    )
    for region in REGIONS:
        story.do(
            "how many may run",
            thief,
            "servicequotas:GetServiceQuota",
            request={"serviceCode": "ec2", "quotaCode": "L-DB2E81BA"},
            region=region,
        )
        run = {
            "instancesSet": {
                "items": [{"imageId": new_id(story, "ami"), "minCount": 1, "maxCount": 8, "keyName": "k1"}]
            },
            "instanceType": "g4dn.12xlarge",
            "userData": "<sensitiveDataRemoved>",
            "monitoring": {"enabled": False},
        }
        refused = region not in {"ap-northeast-1", "ap-northeast-3", "us-east-1", "ap-southeast-1"}
        common: Record = {"request": run, "region": region}
        if refused:
            story.do("machines refused", thief, "ec2:RunInstances", denied="scp", **common)
            continue
        story.do(
            "a key pair",
            thief,
            "ec2:CreateKeyPair",
            request={"keyName": "k1", "keyType": "rsa"},
            response={"keyName": "k1", "keyMaterial": "<sensitiveDataRemoved>"},
            region=region,
        )
        story.do(
            "a group open to the world",
            thief,
            "ec2:AuthorizeSecurityGroupIngress",
            request={
                "groupId": new_id(story, "sg"),
                "ipPermissions": {
                    "items": [
                        {
                            "ipProtocol": "-1",
                            "ipRanges": {"items": [{"cidrIp": "0.0.0.0/0"}]},
                            "ipv6Ranges": {"items": [{"cidrIpv6": "::/0"}]},
                            "groups": {},
                            "prefixListIds": {},
                        }
                    ]
                },
            },
            region=region,
        )
        story.do(
            "over the quota",
            thief,
            "ec2:RunInstances",
            error=(
                "Client.VcpuLimitExceeded",
                "You have requested more vCPU capacity than your current vCPU limit of 64 allows",
            ),
            **common,
        )
        answer = {"instancesSet": {"items": [{"instanceId": new_id(story, "i"), "instanceType": "g4dn.12xlarge"}]}}
        story.do("machines run", thief, "ec2:RunInstances", response=answer, **common)
        story.do(
            "spot machines too",
            thief,
            "ec2:RequestSpotInstances",
            request={
                "instanceCount": 4,
                "type": "persistent",
                "launchSpecification": {"instanceType": "g4dn.12xlarge"},
            },
            region=region,
        )
    story.do(
        "keep them",
        thief,
        "ec2:ModifyInstanceAttribute",
        request={"instanceId": new_id(story, "i"), "disableApiTermination": {"value": True}},
    )


@scenario
def ecs_mining(story: Story) -> None:
    """A public image in a new cluster of containers, with an own role, restarted by an own service."""
    thief = stolen("sato.y", "198.51.100.101", CLI_LINUX)
    story.at(24, "03:50", (2, 15))
    story.several(
        "look", thief, [("sts:GetCallerIdentity", None), ("ecs:ListClusters", {}), ("iam:ListRoles", {"maxItems": 100})]
    )
    trust = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":["ecs-tasks.amazonaws.com"]},"Action":"sts:AssumeRole"}]}'
    story.do(
        "a role",
        thief,
        "iam:CreateRole",
        request={"roleName": "ecsTaskExecutionRole2", "assumeRolePolicyDocument": trust},
    )
    story.several(
        "its rights",
        thief,
        [
            (
                "iam:AttachRolePolicy",
                {"roleName": "ecsTaskExecutionRole2", "policyArn": "arn:aws:iam::aws:policy/AmazonECS_FullAccess"},
            ),
            ("iam:AttachRolePolicy", {"roleName": "ecsTaskExecutionRole2", "policyArn": ADMIN_POLICY}),
        ],
    )
    for region in ("ap-northeast-1", "us-east-1", "ap-southeast-1"):
        story.do(
            "a cluster",
            thief,
            "ecs:CreateCluster",
            request={"clusterName": f"c{story.rng.randrange(9999)}", "capacityProviders": ["FARGATE", "FARGATE_SPOT"]},
            region=region,
        )
        story.do(
            "a miner's image",
            thief,
            "ecs:RegisterTaskDefinition",
            request={
                "family": "web",
                "cpu": "16384",
                "memory": "32768",
                "requiresCompatibilities": ["FARGATE"],
                "networkMode": "awsvpc",
                "containerDefinitions": [
                    {
                        "name": "web",
                        "image": "docker.io/examplepool/webserver:latest",
                        "command": ["-o", "pool.example:3333"],
                    }
                ],
            },
            region=region,
        )
        story.do(
            "fifty of them",
            thief,
            "ecs:CreateService",
            request={
                "cluster": "c1",
                "serviceName": "web",
                "taskDefinition": "web:1",
                "desiredCount": 50,
                "launchType": "FARGATE",
            },
            region=region,
        )
    story.do(
        "a group that grows",
        thief,
        "autoscaling:CreateAutoScalingGroup",
        request={"autoScalingGroupName": "web2", "minSize": 8, "maxSize": 999, "desiredCapacity": 8},
    )


@scenario
def pod_token_theft(story: Story) -> None:
    """A token read out of a container is exchanged for its role from outside, and all secrets are read."""
    story.at(18, "06:05", (0.4, 3))
    role, provider, subject = (
        "irsa-external-secrets",
        ROLE_OF_PROVIDER["eks"],
        "system:serviceaccount:shop:external-secrets",
    )
    identity = session(SHOP, role, "botocore-session-1760562301", story.now, web=provider)
    arn = f"arn:aws:iam::{SHOP}:role/{role}"
    who = {
        "type": "WebIdentityUser",
        "principalId": f"{provider}:sts.amazonaws.com:{subject}",
        "userName": subject,
        "identityProvider": provider,
    }
    request: dict[str, Any] = {"roleArn": arn, "roleSessionName": "botocore-session-1760562301"}
    answer = {
        "credentials": {
            "accessKeyId": identity["accessKeyId"],
            "expiration": clock.long_text(story.now + 3600),
            "sessionToken": "IQoEXAMPLE",
        },
        "subjectFromWebIdentityToken": subject,
        "provider": provider,
        "audience": "sts.amazonaws.com",
    }
    story.do(
        "a pod's token from outside",
        Caller(who, SHOP, "198.51.100.41", PACU),
        "sts:AssumeRoleWithWebIdentity",
        request=request,
        response=answer,
    )
    thief = Caller(identity, SHOP, "198.51.100.41", PACU)
    story.do("who am I", thief, "sts:GetCallerIdentity")
    story.do("list", thief, "secretsmanager:ListSecrets", request={"maxResults": 100})
    story.do(
        "all at once",
        thief,
        "secretsmanager:BatchGetSecretValue",
        request={"filters": [{"key": "name", "values": ["prod"]}]},
        denied="identity",
    )
    for name in SECRETS * 3:
        story.do("one by one", thief, "secretsmanager:GetSecretValue", request={"secretId": secret_arn(name)})
    story.several(
        "the rest",
        thief,
        [
            ("ssm:GetParametersByPath", {"path": "/prod", "recursive": True, "withDecryption": True}),
            ("kms:ListAliases", {"limit": 100}),
        ],
    )
    story.do("an old agent", Caller(identity, SHOP, "198.51.100.41", JAVA), "iam:ListRoles", denied="identity")
