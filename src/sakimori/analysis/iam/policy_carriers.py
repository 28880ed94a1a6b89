"""Which resources can have a policy of their own, and of which of them sakimori reads it.

Source: IAM User Guide, "AWS services that work with IAM", column "Resource-based policies"; of services that are newer than the
stored copy of that page, the actions of the Service Authorization Reference that put such a policy (PutResourcePolicy and its
like). Trust policies of roles are not in it: they are told with the roles.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from sakimori.analysis.iam.action_table import action_table
from sakimori.analysis.iam.meeting import WITHIN

_PARTS: Final = 6
_ANY: Final = ("",)
_APART: Final = (("dynamodb", "/stream/", "dynamodb-stream"), ("kinesis", "/consumer/", "kinesis-consumer"))
_OWN: Final = frozenset(kind for _, _, kind in _APART)
_VARIABLE: Final = re.compile(r"\$\{[^}]*\}")
# By the service that an ARN names, how the last part of the ARNs of such resources begins.
_CARRIERS: Final[Mapping[str, tuple[str, ...]]] = {
    "acm-pca": ("certificate-authority/",),
    "aiops": ("investigation-group/",),
    "apigateway": ("/restapis", "/domainnames", "/portalproducts"),
    "appmesh": ("mesh/",),
    "appsync": ("apis/",),
    "aps": ("workspace/",),
    "arc-region-switch": _ANY,
    "aws-marketplace": _ANY,
    "backup": ("backup-vault:",),
    "bedrock": _ANY,
    "bedrock-agentcore": _ANY,
    "billing": ("billingview/",),
    "cleanrooms-ml": ("configured-audience-model/",),
    "cloud9": ("environment:",),
    "cloudfront": _ANY,
    "cloudhsm": ("backup/",),
    "cloudtrail": ("eventdatastore/", "channel/", "dashboard/"),
    "codeartifact": ("domain/", "repository/", "package/", "package-group/"),
    "codebuild": ("project/", "report-group/"),
    "codeguru-profiler": ("profilingGroup/",),
    "comprehend": ("document-classifier/", "entity-recognizer/"),
    "dsql": ("cluster/",),
    "dynamodb": ("table/",),
    "ecr": ("repository/",),
    "ecr-public": ("repository/",),
    "elasticfilesystem": ("file-system/", "access-point/"),
    "entityresolution": _ANY,
    "es": ("domain/",),
    "events": ("event-bus/", "rule/"),
    "execute-api": _ANY,
    "fsx": _ANY,
    "glacier": ("vaults/",),
    "glue": ("catalog", "database/", "table/", "userDefinedFunction/", "connection/"),
    "imagebuilder": ("component/", "container-recipe/", "image/", "image-recipe/"),
    "kafka": ("cluster/", "topic/", "group/", "transactional-id/"),
    "kinesis": ("stream/",),
    "kms": ("key/",),
    "lambda": ("function:", "layer:"),
    "lex": ("bot/", "bot-alias/"),
    "logs": ("log-group:", "destination:", "delivery-destination:"),
    "lookoutequipment": _ANY,
    "mediapackagev2": _ANY,
    "mediastore": ("container/",),
    "mediatailor": ("channel/",),
    "mpa": _ANY,
    "network-firewall": _ANY,
    "networkmanager": ("core-network/",),
    "oam": ("sink/",),
    "odb": _ANY,
    "organizations": _ANY,
    "osis": ("pipeline/",),
    "qbusiness": ("application/",),
    "redshift": ("namespace:", "snapshot:"),
    "redshift-serverless": ("namespace/", "snapshot/"),
    "refactor-spaces": ("environment/",),
    "rekognition": ("project/",),
    "resource-explorer-2": ("view/",),
    "route53-recovery-control": ("cluster/",),
    "route53profiles": ("profile/",),
    "route53resolver": ("firewall-rule-group/", "resolver-query-log-config/", "resolver-rule/"),
    "rum": ("appmonitor/",),
    "s3": _ANY,
    "s3-object-lambda": _ANY,
    "s3-outposts": _ANY,
    "s3express": _ANY,
    "s3tables": _ANY,
    "s3vectors": _ANY,
    "sagemaker": ("model-package-group/", "feature-group/", "pipeline/", "hub/", "mlflow-", "lineage-group/"),
    "schemas": ("registry/",),
    "secretsmanager": ("secret:",),
    "serverlessrepo": ("applications/",),
    "servicecatalog": ("/applications/", "/attribute-groups/"),
    "servicediscovery": ("namespace/",),
    "ses": ("identity/",),
    "signer": ("/signing-profiles/",),
    "sms-voice": _ANY,
    "sns": _ANY,
    "sqs": _ANY,
    "ssm": ("parameter/", "opsitemgroup/"),
    "ssm-contacts": ("contact/",),
    "ssm-incidents": ("response-plan/",),
    "vpc-lattice": ("service/", "servicenetwork/", "resourceconfiguration/"),
    "wafv2": ("regional/rulegroup/", "global/rulegroup/"),
    "xray": _ANY,
}
# Of whose resources the policies are among the collected tables: `read_tables.RESOURCE_POLICIES`.
_COLLECTED: Final[Mapping[str, tuple[str, ...]]] = {
    "acm-pca": ("certificate-authority/",),
    "backup": ("backup-vault:",),
    "codeartifact": ("domain/", "repository/", "package/", "package-group/"),
    "dynamodb": ("table/",),
    "ecr": ("repository/",),
    "elasticfilesystem": ("file-system/",),
    "es": ("domain/",),
    "events": ("event-bus/",),
    "execute-api": _ANY,
    "glacier": ("vaults/",),
    "glue": ("catalog", "database/", "table/", "userDefinedFunction/", "connection/"),
    "kafka": ("cluster/", "topic/", "group/", "transactional-id/"),
    "kinesis": ("stream/",),
    "kms": ("key/",),
    "lambda": ("function:", "layer:"),
    "logs": ("destination:",),
    "s3": _ANY,
    "secretsmanager": ("secret:",),
    "ses": ("identity/",),
    "sns": _ANY,
    "sqs": _ANY,
}
SERVICES: Final = frozenset(_CARRIERS)


def may_carry(arn: str) -> bool:
    """Whether the resource can have a policy; also of a template of ARNs."""
    return _is_among(_CARRIERS, arn)


def is_collected(arn: str) -> bool:
    """Whether the policies of resources of this kind are read, where they can be."""
    return _is_among(_COLLECTED, arn) and not is_access_point(arn)


def has_own_policy(arn: str) -> bool:
    """Of a stream of a DynamoDB table and of a consumer of a Kinesis stream: their policies are their own.

    Sources: DynamoDB Developer Guide, "Resource-based policies"; Kinesis Data Streams Developer Guide, "Sharing your data stream".
    """
    return kind_of(arn) in _OWN


def is_access_point(arn: str) -> bool:
    """Of S3: what is asked of it is asked of its bucket too, which its ARN does not tell.

    Source: S3 User Guide, "Configuring IAM policies for using access points".
    """
    parts = arn.split(":", _PARTS - 1)
    return len(parts) == _PARTS and parts[2].startswith("s3") and parts[5].startswith("accesspoint/")


def is_bucket(arn: str) -> bool:
    """A bucket, or an object in one: its ARN tells neither the account nor the Region."""
    parts = arn.split(":", _PARTS - 1)
    return len(parts) == _PARTS and parts[2] == "s3" and not parts[4]


def kind_of(arn: str) -> str:
    """The service that the ARN names, or what of it has policies of its own: `dynamodb-stream`; "" for what is no ARN."""
    parts = arn.split(":", _PARTS - 1)
    if len(parts) < _PARTS:
        return ""
    return next((kind for name, mark, kind in _APART if parts[2] == name and mark in parts[5]), parts[2])


def place_of(arn: str) -> str:
    """Where the policy of a resource would be listed: `service/Region`, `s3/`; "" for what is no ARN."""
    return f"{kind_of(arn)}/{arn.split(':', 4)[3]}" if kind_of(arn) else ""


@lru_cache(maxsize=4096)
def types_of(action: str) -> tuple[str, ...] | None:
    """Templates of the ARNs on which the action can be taken, as `meeting` reads them; () for one that knows no resource.

    None: the action is not in the table, so that nothing is known of it.
    """
    found = action_table().find(action)
    if found is None:
        return None
    service = action_table().service(found.service)
    arns = [
        arn for name in found.resources if service and name in service.resources for arn in service.resources[name].arns
    ]
    return tuple(dict.fromkeys(_starred(each) for each in arns)) or (("*",) if found.resources else ())


def _starred(template: str) -> str:
    *parts, last = template.split(":", _PARTS - 1)
    return ":".join([*(_VARIABLE.sub(WITHIN, each) for each in parts), _VARIABLE.sub("*", last)])


def _is_among(begun: Mapping[str, tuple[str, ...]], arn: str) -> bool:
    parts = arn.split(":", _PARTS - 1)
    return len(parts) == _PARTS and parts[5].startswith(begun.get(parts[2], ()))
