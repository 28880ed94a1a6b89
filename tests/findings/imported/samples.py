"""Findings as AWS tells them, in the shapes of its service models; all names and ids are made up."""

from typing import Any

ACCOUNT = "111122223333"
REGION = "ap-northeast-1"
DETECTOR = "12abc34d567e8fa901bc2d34e56789f0"
GUARDDUTY_ARN = f"arn:aws:guardduty:{REGION}:{ACCOUNT}:detector/{DETECTOR}/finding/16afba5c5c43e07c9e3e5e2e544e95df"
KEY = "AKIAIOSFODNN7EXAMPLE"


def guardduty(**more: Any) -> dict[str, Any]:
    """As the export to S3 writes it."""
    return {
        "schemaVersion": "2.0",
        "accountId": ACCOUNT,
        "region": REGION,
        "partition": "aws",
        "id": "16afba5c5c43e07c9e3e5e2e544e95df",
        "arn": GUARDDUTY_ARN,
        "type": "UnauthorizedAccess:IAMUser/MaliciousIPCaller.Custom",
        "resource": {
            "resourceType": "AccessKey",
            "accessKeyDetails": {
                "accessKeyId": KEY,
                "principalId": "AIDAEXAMPLEEXAMPLE",
                "userType": "IAMUser",
                "userName": "alice",
            },
        },
        "service": {
            "serviceName": "guardduty",
            "detectorId": DETECTOR,
            "action": {
                "actionType": "AWS_API_CALL",
                "awsApiCallAction": {
                    "api": "ListBuckets",
                    "serviceName": "s3.amazonaws.com",
                    "callerType": "Remote IP",
                    "remoteIpDetails": {"ipAddressV4": "198.51.100.7", "country": {"countryName": "Nowhere"}},
                },
            },
            "resourceRole": "TARGET",
            "additionalInfo": {"threatListName": "ours", "value": "{}", "type": "default"},
            "evidence": {"threatIntelligenceDetails": [{"threatListName": "ours", "threatNames": []}]},
            "eventFirstSeen": "2026-10-01T01:00:00Z",
            "eventLastSeen": "2026-10-01T02:00:00Z",
            "archived": False,
            "count": 7,
        },
        "severity": 5,
        "createdAt": "2026-10-01T01:10:00.000Z",
        "updatedAt": "2026-10-01T02:10:00.000Z",
        "title": "API ListBuckets was invoked from an IP address on a custom threat list.",
        "description": "The API ListBuckets was invoked from the IP address 198.51.100.7, which is on the list ours.",
        **more,
    }


def capitalised(value: Any) -> Any:
    """As GetFindings tells the same."""
    if isinstance(value, dict):
        return {name[:1].upper() + name[1:]: capitalised(each) for name, each in value.items()}
    return [capitalised(each) for each in value] if isinstance(value, list) else value


def asff(**more: Any) -> dict[str, Any]:
    """GuardDuty's finding as Security Hub passes it on."""
    return {
        "SchemaVersion": "2018-10-08",
        "Id": GUARDDUTY_ARN,
        "ProductArn": f"arn:aws:securityhub:{REGION}::product/aws/guardduty",
        "ProductName": "GuardDuty",
        "CompanyName": "Amazon",
        "Region": REGION,
        "GeneratorId": f"arn:aws:guardduty:{REGION}:{ACCOUNT}:detector/{DETECTOR}",
        "AwsAccountId": ACCOUNT,
        "Types": ["TTPs/Initial Access/UnauthorizedAccess:IAMUser-MaliciousIPCaller.Custom"],
        "FirstObservedAt": "2026-10-01T01:00:00Z",
        "LastObservedAt": "2026-10-01T02:00:00Z",
        "CreatedAt": "2026-10-01T01:10:00.000Z",
        "UpdatedAt": "2026-10-01T02:10:00.000Z",
        "Severity": {"Product": 5, "Label": "MEDIUM", "Normalized": 50},
        "Title": "API ListBuckets was invoked from an IP address on a custom threat list.",
        "Description": "The API ListBuckets was invoked from a listed IP address.",
        "ProductFields": {"aws/guardduty/service/count": "7", "aws/securityhub/ProductName": "GuardDuty"},
        "Resources": [
            {
                "Type": "AwsIamAccessKey",
                "Id": f"AWS::IAM::AccessKey:{KEY}",
                "Partition": "aws",
                "Region": REGION,
                "Details": {
                    "AwsIamAccessKey": {
                        "PrincipalId": "AIDAEXAMPLEEXAMPLE",
                        "PrincipalType": "IAMUser",
                        "PrincipalName": "alice",
                    }
                },
            }
        ],
        "Action": {
            "ActionType": "AWS_API_CALL",
            "AwsApiCallAction": {"Api": "ListBuckets", "RemoteIpDetails": {"IpAddressV4": "198.51.100.7"}},
        },
        "WorkflowState": "NEW",
        "Workflow": {"Status": "NEW"},
        "RecordState": "ACTIVE",
        **more,
    }


def control(**more: Any) -> dict[str, Any]:
    """A control of Security Hub's own."""
    return {
        "SchemaVersion": "2018-10-08",
        "Id": f"arn:aws:securityhub:{REGION}:{ACCOUNT}:security-control/S3.1/finding/a1b2c3d4",
        "ProductArn": f"arn:aws:securityhub:{REGION}::product/aws/securityhub",
        "ProductName": "Security Hub",
        "Region": REGION,
        "GeneratorId": "security-control/S3.1",
        "AwsAccountId": ACCOUNT,
        "Types": ["Software and Configuration Checks/Industry and Regulatory Standards"],
        "CreatedAt": "2026-09-01T00:00:00Z",
        "UpdatedAt": "2026-10-01T00:00:00Z",
        "Severity": {"Label": "MEDIUM"},
        "Title": "S3 general purpose buckets should have block public access settings enabled",
        "Description": "This control checks block public access.",
        "Compliance": {"Status": "FAILED", "SecurityControlId": "S3.1"},
        "Resources": [{"Type": "AwsAccount", "Id": f"AWS::::Account:{ACCOUNT}", "Partition": "aws", "Region": REGION}],
        "Workflow": {"Status": "NEW"},
        "RecordState": "ACTIVE",
        **more,
    }


def ocsf(**more: Any) -> dict[str, Any]:
    """The same finding of GuardDuty in the form of OCSF."""
    return {
        "activity_id": 2,
        "category_uid": 2,
        "class_uid": 2004,
        "class_name": "Detection Finding",
        "cloud": {"provider": "AWS", "region": REGION, "account": {"uid": ACCOUNT}},
        "confidence_id": 3,
        "count": 7,
        "evidences": [
            {
                "api": {"operation": "ListBuckets"},
                "src_endpoint": {"ip": "198.51.100.7"},
                "actor": {"user": {"name": "alice", "type": "IAMUser", "uid": "AIDAEXAMPLEEXAMPLE"}},
            }
        ],
        "finding_info": {
            "uid": GUARDDUTY_ARN,
            "title": "API ListBuckets was invoked from an IP address on a custom threat list.",
            "desc": "The API ListBuckets was invoked from a listed IP address.",
            "types": ["UnauthorizedAccess:IAMUser/MaliciousIPCaller.Custom"],
            "created_time_dt": "2026-10-01T01:10:00Z",
            "first_seen_time": 1790816400000,
            "last_seen_time_dt": "2026-10-01T02:00:00Z",
            "modified_time_dt": "2026-10-01T02:10:00Z",
            "attacks": [{"tactic": {"name": "Initial Access", "uid": "TA0001"}, "technique": {"uid": "T1078.004"}}],
        },
        "metadata": {"version": "1.6.0", "product": {"name": "GuardDuty", "vendor_name": "AWS", "uid": "guardduty"}},
        "resources": [{"uid": f"arn:aws:iam::{ACCOUNT}:user/alice", "type": "AWS::IAM::User"}],
        "severity_id": 3,
        "status_id": 1,
        "time": 1790820600000,
        **more,
    }


def inspector(**more: Any) -> dict[str, Any]:
    return {
        "awsAccountId": ACCOUNT,
        "findingArn": f"arn:aws:inspector2:{REGION}:{ACCOUNT}:finding/0123456789abcdef0123456789abcdef",
        "type": "PACKAGE_VULNERABILITY",
        "title": "CVE-2021-44228 - org.apache.logging.log4j:log4j-core",
        "description": "A lookup may run code from elsewhere.",
        "severity": "CRITICAL",
        "status": "ACTIVE",
        "firstObservedAt": "2026-09-30T00:00:00Z",
        "lastObservedAt": "2026-10-01T00:00:00Z",
        "updatedAt": "2026-10-01T00:00:00Z",
        "exploitAvailable": "YES",
        "fixAvailable": "YES",
        "inspectorScore": 10.0,
        "epss": {"score": 0.97},
        "packageVulnerabilityDetails": {
            "vulnerabilityId": "CVE-2021-44228",
            "vulnerablePackages": [{"name": "log4j-core", "version": "2.14.1"}],
        },
        "resources": [
            {
                "id": "i-0123456789abcdef0",
                "type": "AWS_EC2_INSTANCE",
                "partition": "aws",
                "region": REGION,
                "providerAccountId": ACCOUNT,
            }
        ],
        **more,
    }


def macie(**more: Any) -> dict[str, Any]:
    return {
        "accountId": ACCOUNT,
        "archived": False,
        "category": "POLICY",
        "count": 2,
        "createdAt": "2026-10-01T00:00:00Z",
        "updatedAt": "2026-10-01T00:30:00Z",
        "id": "5be50fce24526e670df77bc00example",
        "partition": "aws",
        "region": REGION,
        "sample": False,
        "severity": {"description": "High", "score": 3},
        "title": "The S3 bucket can be read by anybody",
        "description": "The policy of the bucket lets anybody in.",
        "type": "Policy:IAMUser/S3BucketPublic",
        "policyDetails": {
            "action": {
                "actionType": "AWS_API_CALL",
                "apiCallDetails": {"api": "PutBucketPolicy", "firstSeen": "2026-10-01T00:00:00Z"},
            },
            "actor": {
                "ipAddressDetails": {"ipAddressV4": "198.51.100.8"},
                "userIdentity": {
                    "type": "AssumedRole",
                    "assumedRole": {
                        "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/ci/run-1",
                        "sessionContext": {"sessionIssuer": {"arn": f"arn:aws:iam::{ACCOUNT}:role/teams/ci"}},
                    },
                },
            },
        },
        "resourcesAffected": {"s3Bucket": {"arn": "arn:aws:s3:::example-photos", "name": "example-photos"}},
        **more,
    }


def access_analyzer(**more: Any) -> dict[str, Any]:
    """As EventBridge tells it, in its `detail`."""
    return {
        "version": "1.0",
        "id": "22222222-dcba-4444-dcba-333333333333",
        "status": "ACTIVE",
        "resourceType": "AWS::S3::Bucket",
        "resource": "arn:aws:s3:::example-photos",
        "createdAt": "2026-10-01T00:00:00Z",
        "analyzedAt": "2026-10-01T01:00:00.5Z",
        "updatedAt": "2026-10-01T00:10:00Z",
        "accountId": ACCOUNT,
        "region": REGION,
        "principal": {"AWS": "*"},
        "action": ["s3:GetObject"],
        "condition": {},
        "isDeleted": False,
        "isPublic": True,
        **more,
    }


def event(kind: str, detail: dict[str, Any]) -> dict[str, Any]:
    return {
        "version": "0",
        "id": "cd2d702e-ab31-411b-9344-793ce56b1bc7",
        "detail-type": kind,
        "source": "aws.guardduty",
        "account": ACCOUNT,
        "time": "2026-10-01T02:10:00Z",
        "region": REGION,
        "resources": [],
        "detail": detail,
    }
