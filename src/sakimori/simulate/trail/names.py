"""What CloudTrail calls an API operation, which kind of event it is, and whether it only reads.

Sources: the page "Logging … API calls with CloudTrail" of each service's guide; for S3 "Amazon S3 CloudTrail events";
for Lambda "Lambda management events in CloudTrail", whose names bear the API's version.
"""

import re
from typing import Any, Final

from sakimori.simulate.models import model_of

_SOURCES: Final = {"cloudwatch": "monitoring", "s3control": "s3"}
"""boto3's service to the source of its events, where it is not the name by which it signs."""

_NAMES: Final = {
    "lambda:AddPermission": "AddPermission20150331v2",
    "lambda:CreateEventSourceMapping": "CreateEventSourceMapping20150331",
    "lambda:CreateFunction": "CreateFunction20150331",
    "lambda:DeleteFunction": "DeleteFunction20150331",
    "lambda:GetAccountSettings": "GetAccountSettings20160819",
    "lambda:GetFunction": "GetFunction20150331v2",
    "lambda:GetFunctionConfiguration": "GetFunctionConfiguration20150331v2",
    "lambda:GetPolicy": "GetPolicy20150331v2",
    "lambda:ListAliases": "ListAliases20150331",
    "lambda:ListEventSourceMappings": "ListEventSourceMappings20150331",
    "lambda:ListFunctions": "ListFunctions20150331",
    "lambda:ListTags": "ListTags20170331",
    "lambda:ListVersionsByFunction": "ListVersionsByFunction20150331",
    "lambda:PublishLayerVersion": "PublishLayerVersion20181031",
    "lambda:PublishVersion": "PublishVersion20150331",
    "lambda:RemovePermission": "RemovePermission20150331v2",
    "lambda:TagResource": "TagResource20170331v2",
    "lambda:UpdateFunctionCode": "UpdateFunctionCode20150331v2",
    "lambda:UpdateFunctionConfiguration": "UpdateFunctionConfiguration20150331v2",
    "s3:DeletePublicAccessBlock": "DeleteBucketPublicAccessBlock",
    "s3:GetBucketLifecycleConfiguration": "GetBucketLifecycle",
    "s3:GetBucketNotificationConfiguration": "GetBucketNotification",
    "s3:GetObjectLockConfiguration": "GetBucketObjectLockConfiguration",
    "s3:GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "s3:ListObjectsV2": "ListObjects",
    "s3:PutBucketLifecycleConfiguration": "PutBucketLifecycle",
    "s3:PutBucketNotificationConfiguration": "PutBucketNotification",
    "s3:PutObjectLockConfiguration": "PutBucketObjectLockConfiguration",
    "s3:PutPublicAccessBlock": "PutBucketPublicAccessBlock",
    "s3control:DeletePublicAccessBlock": "DeleteAccountPublicAccessBlock",
    "s3control:GetPublicAccessBlock": "GetAccountPublicAccessBlock",
    "s3control:PutPublicAccessBlock": "PutAccountPublicAccessBlock",
}

_DATA: Final = {
    "s3": re.compile(
        r"(?:Get|Head|Put|Delete|Copy|Restore|Select)Objects?(?!LockConfiguration)\w*|ListObjects(?:V2)?|ListObjectVersions"
        r"|UploadPart(?:Copy)?|(?:Create|Complete|Abort)MultipartUpload|List(?:Parts|MultipartUploads)"
    ),
    "lambda": re.compile(r"Invoke\w*"),
    "dynamodb": re.compile(r"(?:Get|Put|Update|Delete|Batch\w+|Transact\w+)Items?|Query|Scan|\w*Execute\w*"),
    "sns": re.compile(r"Publish(?:Batch)?"),
    "sqs": re.compile(r"(?:Send|Receive|Delete|ChangeMessageVisibility)\w*Message\w*|ChangeMessageVisibility\w*"),
    "kinesis": re.compile(r"(?:Put|Get)Records?|GetShardIterator|SubscribeToShard"),
    "cloudwatch": re.compile(r"PutMetricData|GetMetric(?:Data|Statistics|WidgetImage)|ListMetrics"),
    "logs": re.compile(r"PutLogEvents"),
    "cognito-identity": re.compile(r"GetId|GetCredentialsForIdentity|GetOpenIdToken\w*"),
    "bedrock-runtime": re.compile(r"(?!Invoke|Converse)\w+"),
}
"""Operations of the data plane: CloudTrail records them only where a trail asks for such events."""

_READS: Final = re.compile(
    r"(?:Describe|Get|List|Head|Lookup|Search|Query|Scan|Check|Select|Filter|Validate|Simulate|Preview|Estimate|View|Test"
    r"|BatchGet|BatchDescribe|BatchCheck|Assume|Receive|Converse|Decrypt|Encrypt|GenerateDataKey)"
)
_SESSIONS: Final = frozenset(
    {
        "AssumeRole",
        "AssumeRoleWithSAML",
        "AssumeRoleWithWebIdentity",
        "AssumeRoot",
        "GetFederationToken",
        "GetSessionToken",
    }
)
_CHANGES: Final = frozenset({"TestFailover", "GenerateCredentialReport"})


def source_of(service: str) -> str:
    """`ec2.amazonaws.com` and the like for boto3's service."""
    model: Any = model_of(service)
    name = _SOURCES.get(service) or (model.signing_name if model else service)
    return f"{name}.amazonaws.com"


def event_name_of(service: str, operation: str) -> str:
    """The `eventName` of boto3's operation."""
    return _NAMES.get(f"{service}:{operation}", operation)


def is_data(service: str, operation: str) -> bool:
    """It is an operation on data, and no management event."""
    found = _DATA.get(service)
    return bool(found and found.fullmatch(operation))


def is_read_only(operation: str) -> bool:
    """It changes nothing."""
    return operation not in _CHANGES and bool(_READS.match(operation))


def tells_result(service: str, operation: str) -> bool:
    """The event holds the answer too: of what changes something, and of sessions that were given out."""
    return not is_read_only(operation) or (service == "sts" and operation in _SESSIONS)
