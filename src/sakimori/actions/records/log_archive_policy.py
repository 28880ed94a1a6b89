"""What the policy of the log archive says: nothing without TLS, and the services that deliver logs of this account may write.

Sources: CloudTrail User Guide, "Amazon S3 bucket policy for CloudTrail"; AWS Config Developer Guide, "Permissions for the
Amazon S3 bucket for the AWS Config delivery channel"; VPC User Guide, "Amazon S3 bucket permissions for flow logs" (where
AWS does not find these statements under these names, it writes its own policy over the one that is there); Bedrock User
Guide, "Monitor model invocation". CloudTrail documents only the trail's ARN as the condition, the others the account.
"""

import json
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any, Final

from sakimori.actions.resources import policy_statements
from sakimori.actions.resources.policy_statements import Policy
from sakimori.aws.refusal import Refusal
from sakimori.collect.declaration import Context
from sakimori.collect.policy_document import Condition, NotUnderstoodError, Statement, statements_of
from sakimori.collect.policy_reach import account_in, covers
from sakimori.collect.s3.policy_claims import requires_tls
from sakimori.model.account import Account
from sakimori.model.words import GapKind

_OWNED: Final = {"s3:x-amz-acl": "bucket-owner-full-control"}
_CLOUDTRAIL: Final = "cloudtrail.amazonaws.com"
_CONFIG: Final = "config.amazonaws.com"
_DELIVERY: Final = "delivery.logs.amazonaws.com"
_BEDROCK: Final = "bedrock.amazonaws.com"
_FOLDERS: Final = {
    _CLOUDTRAIL: "CloudTrail", _CONFIG: "Config", _DELIVERY: "vpcflowlogs", _BEDROCK: "BedrockModelInvocationLogs",
}  # fmt: skip
_EQUALITIES: Final = frozenset({"stringequals", "stringlike", "arnequals", "arnlike", "bool"})
SHUT: Final = "SakimoriShut"


def normal_policy(text: str) -> Mapping[str, Any]:
    """The document with all lists sorted and single values as lists: what means the same is equal.

    Refusal for one that is not understood: it is not written over.
    """
    try:
        statements_of(text)
    except NotUnderstoodError as error:
        raise Refusal(
            call="s3:GetBucketPolicy", kind=GapKind.MALFORMED, code="Malformed", message=str(error)
        ) from error
    return policy_statements.normal_policy(json.loads(text))


def completed_policy(policy: Mapping[str, Any] | None, account: Account, bucket: str) -> Mapping[str, Any]:
    """The policy with what it lacks; what serves already stays as it is, and so does all else."""
    document = dict(policy or {"Version": "2012-10-17", "Statement": []})
    # A bucket of ours whose undo was stopped half-way is open again from now on.
    document["Statement"] = [each for each in document["Statement"] if each.get("Sid") != SHUT]
    lacking: list[Policy] = []
    if not _refuses_plaintext(document, account, bucket):
        lacking.append(policy_statements.tls_only("SakimoriTlsOnly", f"arn:{account.partition}:s3:::{bucket}"))
    for service, statements in _deliveries(account, bucket).items():
        if not _is_allowed(document, service, account, bucket):
            lacking += statements
    if not lacking:
        return document
    replaced = {each["Sid"] for each in lacking}
    kept = [each for each in document["Statement"] if each.get("Sid") not in replaced]
    return {**document, "Statement": [*kept, *policy_statements.normal_policy({"Statement": lacking})["Statement"]]}


def _refuses_plaintext(document: Mapping[str, Any], account: Account, bucket: str) -> bool:
    context = Context(account_id=account.id, partition=account.partition, region="")
    return requires_tls({"Name": bucket, "Policy": json.dumps(document)}, context) is True


def refused_services(policy: Mapping[str, Any] | None, account: Account, bucket: str) -> Sequence[str]:
    """Services that deliver logs of this account and that a Deny of the policy keeps out, whatever else allows them."""
    if policy is None:
        return ()
    statements = [each for each in statements_of(json.dumps(policy)) if each.sid != SHUT]
    return [
        service
        for service in _FOLDERS
        if any(_denies(each, service, _written(service, account, bucket), account) for each in statements)
    ]


def shut_policy(account: Account, bucket: str) -> Mapping[str, Any]:
    """The policy of a bucket of ours that is being deleted: CloudTrail goes on for some minutes after its trail is gone."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {"Sid": SHUT, "Effect": "Deny", "Principal": "*", "Action": ["s3:PutObject"],
             "Resource": [f"arn:{account.partition}:s3:::{bucket}/*"]},
        ],
    }  # fmt: skip


def _is_allowed(document: Mapping[str, Any], service: str, account: Account, bucket: str) -> bool:
    """Whether a statement allows what the service writes for this account; what denies it is told, not written over."""
    key = _written(service, account, bucket)
    return any(
        each.is_allow
        and service in each.principals.services
        and _is_of(each, key)
        and all(_is_met(condition, account) for condition in each.conditions)
        for each in statements_of(json.dumps(document))
    )


def _denies(statement: Statement, service: str, key: str, account: Account) -> bool:
    """Only where it surely does: under a condition that may or may not hold, nobody is denied here."""
    principals = statement.principals
    names_it = principals.is_everyone or (service in principals.services) != principals.is_negated
    is_held = all(_is_met(condition, account) for condition in statement.conditions)
    return not statement.is_allow and names_it and is_held and _is_of(statement, key)


def _written(service: str, account: Account, bucket: str) -> str:
    """The ARN of a file that the service writes."""
    return f"arn:{account.partition}:s3:::{bucket}/AWSLogs/{account.id}/{_FOLDERS[service]}/file"


def _is_of(statement: Statement, key: str) -> bool:
    is_named = any(fnmatchcase(key, pattern.replace("[", "[[]")) for pattern in statement.resources)
    return covers(statement, "s3:PutObject") and is_named != statement.is_not_resource


def _is_met(condition: Condition, account: Account) -> bool:
    """Whether a service that delivers logs of this account surely meets it; trails and the like of any name are meant."""
    if condition.operator.lower().removesuffix("ifexists") not in _EQUALITIES:
        return False
    match condition.key.lower():
        case "aws:sourceaccount":
            return account.id in condition.values
        case "aws:sourcearn":
            return any(account_in(each) == account.id for each in condition.values)
        case "s3:x-amz-acl":
            return "bucket-owner-full-control" in condition.values
        case "aws:securetransport":
            return "true" in condition.values
        case _:
            return False


def _deliveries(account: Account, bucket: str) -> Mapping[str, Sequence[dict[str, Any]]]:
    arn, logs = f"arn:{account.partition}:s3:::{bucket}", f"AWSLogs/{account.id}"
    here = {"aws:SourceAccount": account.id}
    trails = {"ArnLike": {"aws:SourceArn": f"arn:{account.partition}:cloudtrail:*:{account.id}:trail/*"}}
    deliveries = {"StringEquals": here, "ArnLike": {"aws:SourceArn": f"arn:{account.partition}:logs:*:{account.id}:*"}}
    models = {"StringEquals": here, "ArnLike": {"aws:SourceArn": f"arn:{account.partition}:bedrock:*:{account.id}:*"}}
    return {
        _CLOUDTRAIL: (
            _allow("SakimoriCloudTrailCheck", _CLOUDTRAIL, ["s3:GetBucketAcl"], arn, trails),
            _allow("SakimoriCloudTrailWrite", _CLOUDTRAIL, ["s3:PutObject"], f"{arn}/{logs}/*",
                   {**trails, "StringEquals": _OWNED}),
        ),
        _CONFIG: (
            _allow("SakimoriConfigCheck", _CONFIG, ["s3:GetBucketAcl", "s3:ListBucket"], arn, {"StringEquals": here}),
            _allow("SakimoriConfigWrite", _CONFIG, ["s3:PutObject"], f"{arn}/{logs}/Config/*",
                   {"StringEquals": {**here, **_OWNED}}),
        ),
        _DELIVERY: (
            _allow("AWSLogDeliveryAclCheck", _DELIVERY, ["s3:GetBucketAcl", "s3:ListBucket"], arn, deliveries),
            _allow("AWSLogDeliveryWrite", _DELIVERY, ["s3:PutObject"], f"{arn}/{logs}/*",
                   {**deliveries, "StringEquals": {**here, **_OWNED}}),
        ),
        _BEDROCK: (
            _allow("SakimoriBedrockWrite", _BEDROCK, ["s3:PutObject"],
                   f"{arn}/{logs}/BedrockModelInvocationLogs/*", models),
        ),
    }  # fmt: skip


def _allow(sid: str, service: str, actions: list[str], resource: str, condition: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "Sid": sid, "Effect": "Allow", "Principal": {"Service": service}, "Action": actions, "Resource": resource,
        "Condition": dict(condition),
    }  # fmt: skip
