"""How a report names things: severities, scopes, ratios, services and resources in few words."""

from typing import Final

from sakimori.model.account import Account
from sakimori.texts.language import Language, clean
from sakimori.texts.sentences import say

SERVICE_NAMES: Final = {
    "account": "Account Management", "acm": "ACM", "autoscaling": "Auto Scaling", "backup": "AWS Backup",
    "cloudfront": "CloudFront", "cloudtrail": "CloudTrail", "cloudwatch": "CloudWatch", "codebuild": "CodeBuild",
    "config": "AWS Config", "dynamodb": "DynamoDB", "ec2": "EC2", "ecr": "ECR", "ecs": "ECS", "efs": "EFS",
    "eks": "EKS", "elb": "Elastic Load Balancing", "elbv2": "Elastic Load Balancing", "events": "EventBridge",
    "guardduty": "GuardDuty", "iam": "IAM", "inspector2": "Inspector", "kms": "KMS", "lambda": "Lambda",
    "logs": "CloudWatch Logs", "organizations": "Organizations", "rds": "RDS", "route53": "Route 53", "s3": "S3",
    "s3control": "S3", "secretsmanager": "Secrets Manager", "securityhub": "Security Hub", "sns": "SNS",
    "sqs": "SQS", "ssm": "Systems Manager", "sts": "STS", "support": "AWS Support",
    "trustedadvisor": "Trusted Advisor", "wafv2": "AWS WAF",
}  # fmt: skip
"""boto3's service names and how the AWS consoles of both languages call the service."""

_MESSAGE_LIMIT: Final = 1000


def counted(identifier: str, count: int, language: Language, **values: object) -> str:
    """The sentence `identifier`, or for a count of one its singular `identifier_one`; both may use `{count}`."""
    return say(f"{identifier}_one" if count == 1 else identifier, language, count=count, **values)


def percent(ratio: float | None, language: Language) -> str:
    """A ratio from 0 to 1 as whole percents, rounded down: only what is complete is 100%."""
    # 0.29 * 100 is 28.999…: the small addition keeps binary fractions from losing a percent.
    return say("report.score_none", language) if ratio is None else f"{int(ratio * 100 + 1e-9)}%"


def account_label(account: Account, language: Language) -> str:
    """The alias with the account id, or the id alone."""
    if not account.alias:
        return account.id
    return say("report.account_named", language, alias=account.alias, account=account.id)


def short_resource(resource: str) -> str:
    """The part of an ARN by which people know the resource; what is no ARN stays as it is.

    >>> short_resource("arn:aws:iam::111122223333:user/team/hanako")
    'user/team/hanako'
    """
    parts = resource.split(":", 5)
    return parts[5] if len(parts) == 6 and parts[0] == "arn" and parts[5] else resource  # noqa: PLR2004 - see Arn


def cut_middle(text: str, limit: int) -> str:
    """`text` cleaned and at most `limit` characters: of a long name both ends tell the most."""
    shown = clean(text, max(len(text), 1))
    if len(shown) <= limit:
        return shown
    head = (limit - 1) * 2 // 3
    return f"{shown[:head]}…{shown[len(shown) - (limit - 1 - head) :]}"


def message(text: str) -> str:
    """A verdict's sentence, safe to show on one line."""
    return clean(text, _MESSAGE_LIMIT)
