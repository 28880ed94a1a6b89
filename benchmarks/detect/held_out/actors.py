"""The machines that call: pods, instances, functions, and roles that AWS services take."""

from typing import Final

from company import (
    BOTO,
    FUNCTIONS,
    GO,
    JAVA,
    ROLE_OF_PROVIDER,
    SHOP,
    instance,
)
from population import Actor
from record import hexadecimal

PODS: Final = {
    "irsa-cart-api": 8,
    "irsa-order-api": 8,
    "irsa-member-api": 4,
    "irsa-external-secrets": 2,
    "irsa-external-dns": 1,
    "irsa-karpenter": 2,
    "irsa-lb-controller": 2,
    "irsa-fluent-bit": 12,
    "irsa-image-resize": 3,
    "irsa-support-chat": 2,
}
GATEWAYS: Final = ("192.0.2.81", "192.0.2.82", "192.0.2.83")


def pods(*roles: str) -> list[Actor]:
    return [
        Actor(
            "web",
            f"{1759000000000000000 + number * 77_003_551 + len(role)}",
            role,
            agent=GO if number % 3 else JAVA,
            ip=GATEWAYS[number % 3],
            issuer=ROLE_OF_PROVIDER["eks"],
            subject=f"system:serviceaccount:shop:{role.removeprefix('irsa-')}",
        )
        for role in roles
        for number in range(PODS[role])
    ]


def on_instances(role: str, count: int, account: str = SHOP, agent: str = GO, hours: int = 6) -> list[Actor]:
    return [
        Actor(
            "role",
            instance(f"{role} {number}"),
            role,
            account,
            f"10.{20 if account == SHOP else 40}.{number}.17",
            agent,
            "ec2",
            endpoint=f"vpce-0{hexadecimal(account, 16)}",
            hours=hours,
        )
        for number in range(count)
    ]


def linked(name: str, role: str, account: str = SHOP, path: str = "", session_name: str = "") -> Actor:
    """A role that an AWS service takes."""
    host = f"{name}.amazonaws.com"
    service_path = path or f"aws-service-role/{host}/"
    return Actor("linked", session_name or name.title(), role, account, host, host, name, service_path, hours=1)


def functions() -> list[Actor]:
    return [
        Actor("role", f"shop-{name}", f"shop-{name}-role", agent=BOTO, ip=GATEWAYS[index % 3], issuer="lambda", hours=1)
        for index, name in enumerate(FUNCTIONS)
    ]


TARGETS: Final = {
    "targetGroupArn": f"arn:aws:elasticloadbalancing:ap-northeast-1:{SHOP}:targetgroup/shop-web/0a1b2c3d4e5f6a7b"
}
METRIC: Final = {
    "namespace": "AWS/EC2",
    "metricName": "CPUUtilization",
    "period": 300,
    "statistics": ["Average"],
    "startTime": "Oct 1, 2026, 1:00:00 AM",
    "endTime": "Oct 1, 2026, 1:30:00 AM",
}
ENI: Final = {"networkInterfaceIdSet": {"items": [{"networkInterfaceId": "eni-0a1b2c3d4e5f6a7b8"}]}, "filterSet": {}}
CONFIG_READS: Final = (
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeVolumes",
    "iam:GetRole",
    "iam:ListAttachedRolePolicies",
    "s3:GetBucketAcl",
    "s3:GetBucketPolicy",
    "s3:GetBucketEncryption",
    "s3:GetBucketTagging",
    "rds:DescribeDBInstances",
    "lambda:GetFunction20150331v2",
    "kms:DescribeKey",
    "kms:GetKeyPolicy",
    "elasticloadbalancing:DescribeLoadBalancers",
    "sns:GetTopicAttributes",
)
