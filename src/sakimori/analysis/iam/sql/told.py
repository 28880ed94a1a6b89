"""How the parameters of a call tell the ARNs of what it is about.

The parameters are those of the services' API references as CloudTrail writes them; the ARNs those of the "Service
Authorization Reference". What is not here is unknown: no ARN is guessed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_NAME: Final = "([^:*?]+)"
_ARN: Final = "(arn:.+)"
_ANYTHING: Final = "(.+)"


@dataclass(frozen=True, slots=True)
class Told:
    """One way in which parameters tell an ARN.

    `paths` are joined by /; the whole must be of the form `fits`, whose groups stand in `arn` as {1} and {2}. A path with
    [*] gives several values.
    """

    paths: tuple[str, ...]
    arn: str
    fits: str = _NAME

    @property
    def is_list(self) -> bool:
        """It tells several ARNs."""
        return "[*]" in self.paths[0]


def _regional(service: str, kind: str, *paths: str, fits: str = _NAME) -> tuple[Told, ...]:
    arn = f"arn:{{partition}}:{service}:{{region}}:{{account}}:{kind}{{1}}"
    return tuple(Told((path,), arn, fits) for path in paths)


def _arns(*paths: str) -> tuple[Told, ...]:
    return tuple(Told((path,), "{1}", _ARN) for path in paths)


def _ec2(kind: str, name: str, *more: str) -> tuple[Told, ...]:
    return _regional("ec2", f"{kind}/", name, *more, fits="([a-z]+-[0-9a-f]+)")


TOLD: Final[Mapping[str, tuple[Told, ...]]] = {
    "s3:bucket": (Told(("bucketName",), "arn:{partition}:s3:::{1}", "([a-z0-9.-]+)"),),
    "s3:object": (Told(("bucketName", "key"), "arn:{partition}:s3:::{1}", "([a-z0-9.-]+/.+)"),),
    "lambda:function": (*_arns("functionName"), *_regional("lambda", "function:", "functionName")),
    "kms:key": (*_arns("keyId"), *_regional("kms", "key/", "keyId", fits="([0-9a-f-]{36}|mrk-[0-9a-f]{32})")),
    "dynamodb:table": (*_arns("tableName"), *_regional("dynamodb", "table/", "tableName")),
    "sqs:queue": (
        Told(("queueUrl",), "arn:{partition}:sqs:{region}:{1}:{2}", "https://[^/]+/([0-9]{12})/([^/]+)"),
        *_regional("sqs", "", "queueName"),
    ),
    "sns:topic": (*_arns("topicArn", "targetArn"), *_regional("sns", "", "name")),
    "secretsmanager:secret": _arns("secretId"),
    "sts:role": _arns("roleArn"),
    "iam:policy": _arns("policyArn"),
    "ec2:instance": _ec2("instance", "instancesSet.items[*].instanceId", "instanceId"),
    "ec2:security-group": _ec2("security-group", "groupId"),
    "ec2:vpc": _ec2("vpc", "vpcId"),
    "ec2:subnet": _ec2("subnet", "subnetId"),
    "ec2:volume": _ec2("volume", "volumeId"),
    "ec2:network-interface": _ec2("network-interface", "networkInterfaceId"),
    "ec2:route-table": _ec2("route-table", "routeTableId"),
    "ec2:internet-gateway": _ec2("internet-gateway", "internetGatewayId"),
    "ec2:natgateway": _ec2("natgateway", "natGatewayId"),
    "ec2:vpc-endpoint": _ec2("vpc-endpoint", "vpcEndpointId"),
    "ec2:snapshot": (Told(("snapshotId",), "arn:{partition}:ec2:{region}::snapshot/{1}", "(snap-[0-9a-f]+)"),),
    "ecr:repository": _regional("ecr", "repository/", "repositoryName"),
    "rds:db": _regional("rds", "db:", "dBInstanceIdentifier"),
    "rds:cluster": _regional("rds", "cluster:", "dBClusterIdentifier"),
    "cloudtrail:trail": (*_arns("name", "trailName"), *_regional("cloudtrail", "trail/", "name", "trailName")),
    "eks:cluster": _regional("eks", "cluster/", "name"),
    "ecs:cluster": (*_arns("cluster"), *_regional("ecs", "cluster/", "cluster")),
    "kinesis:stream": (*_arns("streamARN"), *_regional("kinesis", "stream/", "streamName")),
    "states:statemachine": _arns("stateMachineArn"),
    "cloudformation:stack": _arns("stackName"),
    "guardduty:detector": _regional("guardduty", "detector/", "detectorId"),
    "ssm:parameter": (*_arns("name"), *_regional("ssm", "parameter/", "name", "names[*]", fits="/?([^:*?]+)")),
    "ssm:document": _regional("ssm", "document/", "documentName"),
    "logs:log-group": _regional("logs", "log-group:", "logGroupName"),
}  # fmt: skip
"""By service and type of resource, both in lower case; the first that fits counts."""
# A user's, role's or group's name in a call of IAM is not its ARN: its path is not recorded.
