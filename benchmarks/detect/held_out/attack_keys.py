"""Attacks with a long-lived key that has leaked: from a repository, a laptop, a build server."""

from typing import Any, Final

import clock
from company import BUCKETS, CHROME, SHOP, STAGING
from partners import REGIONS
from record import Caller, key_id, user
from story import ADMIN_POLICY, ALL, Story, new_id, scenario, stolen

KALI: Final = (
    "aws-cli/2.17.18 md/awscrt#0.20.11 ua/2.0 os/linux#6.8.11-amd64 md/arch#x86_64 lang/python#3.11.9 exec-env/kali"
)
OLD_BOTO: Final = "Boto3/1.34.84 md/Botocore#1.34.84 ua/2.0 os/windows#10 md/arch#amd64 lang/python#3.10.11"
MODEL: Final = "anthropic.claude-3-5-sonnet-20240620-v1:0"


@scenario
def jenkins_key_backdoor(story: Story) -> None:
    """The build server's key, used from a rented host: recon, a new administrator, a second key for another user."""
    thief = stolen("jenkins-deploy", "198.51.100.37", KALI)
    story.at(9, "03:18")
    story.do("who am I", thief, "sts:GetCallerIdentity")
    story.several(
        "what may I",
        thief,
        [
            ("iam:ListAttachedUserPolicies", {"userName": "jenkins-deploy"}),
            ("iam:ListUserPolicies", {"userName": "jenkins-deploy"}),
            ("iam:GetUser", None),
            ("iam:ListUsers", None),
            ("iam:ListGroupsForUser", {"userName": "jenkins-deploy"}),
        ],
    )
    story.several(
        "what is there",
        thief,
        [
            ("s3:ListBuckets", {"Host": "s3.amazonaws.com"}),
            ("ec2:DescribeInstances", {"instancesSet": {}, "filterSet": {}}),
            ("rds:DescribeDBInstances", {}),
            ("secretsmanager:ListSecrets", {}),
        ],
    )
    created = {
        "user": {
            "userName": "aws-support-sync",
            "arn": f"arn:aws:iam::{SHOP}:user/aws-support-sync",
            "path": "/",
            "userId": "AIDASUPPORTSYNEXAMPLE",
        }
    }
    story.do("create a user", thief, "iam:CreateUser", request={"userName": "aws-support-sync"}, response=created)
    story.do(
        "make it administrator",
        thief,
        "iam:AttachUserPolicy",
        request={"userName": "aws-support-sync", "policyArn": ADMIN_POLICY},
    )
    fresh = key_id("aws-support-sync", "AKIA")
    story.do(
        "give it a key",
        thief,
        "iam:CreateAccessKey",
        request={"userName": "aws-support-sync"},
        response={"accessKey": {"accessKeyId": fresh, "status": "Active", "userName": "aws-support-sync"}},
    )
    story.do(
        "and a password",
        thief,
        "iam:CreateLoginProfile",
        request={"userName": "aws-support-sync", "passwordResetRequired": False},
        response={"loginProfile": {"userName": "aws-support-sync", "passwordResetRequired": False}},
    )
    story.do(
        "a second key for an admin",
        thief,
        "iam:CreateAccessKey",
        request={"userName": "suzuki.m"},
        error=("LimitExceededException", "Cannot exceed quota for AccessKeysPerUser: 2"),
    )
    backdoor = Caller(user(SHOP, "aws-support-sync", fresh), SHOP, "198.51.100.38", KALI)
    story.now += 3 * 3600
    story.several(
        "the new user at work",
        backdoor,
        [
            ("sts:GetCallerIdentity", None),
            ("secretsmanager:GetSecretValue", {"secretId": "prod/payment/gateway"}),
            ("secretsmanager:GetSecretValue", {"secretId": "prod/member/db"}),
            ("ssm:DescribeParameters", {"maxResults": 50}),
        ],
    )
    story.do(
        "delete the CI user's boundary",
        backdoor,
        "iam:DeleteUserPermissionsBoundary",
        request={"userName": "jenkins-deploy"},
    )


@scenario
def ses_mail_abuse(story: Story) -> None:
    """A key for mailing in the hands of spammers: quotas in every region, production access, identities, mail."""
    thief = stolen("sftp-batch", "198.51.100.133", OLD_BOTO)
    story.at(12, "01:05", (0.5, 3))
    story.do("who am I", thief, "sts:GetCallerIdentity")
    for region in REGIONS:
        story.do(
            "how much mail may be sent",
            thief,
            "ses:GetSendQuota",
            region=region,
            **({} if region in {"ap-northeast-1", "us-east-1"} else {"denied": "scp"}),
        )
    story.several(
        "account and identities",
        thief,
        [
            ("ses:GetAccount", {}),
            ("ses:ListIdentities", {"identityType": "Domain"}),
            ("ses:ListIdentities", {"identityType": "EmailAddress"}),
            ("ses:GetAccountSendingEnabled", None),
        ],
    )
    story.do(
        "out of the sandbox",
        thief,
        "ses:PutAccountDetails",
        request={
            "mailType": "TRANSACTIONAL",
            "websiteURL": "https://example.net",
            "useCaseDescription": "HIDDEN_DUE_TO_SECURITY_REASONS",
            "productionAccessEnabled": True,
        },
        region="us-east-1",
    )
    story.do(
        "more per day",
        thief,
        "servicequotas:RequestServiceQuotaIncrease",
        request={"serviceCode": "ses", "quotaCode": "L-804C8AE8", "desiredValue": 500000.0},
        region="us-east-1",
        denied="identity",
    )
    story.several(
        "identities of their own",
        thief,
        [
            ("ses:VerifyEmailIdentity", {"emailAddress": "billing@parcel-notice.example"}),
            ("ses:VerifyDomainIdentity", {"domain": "parcel-notice.example"}),
            ("ses:CreateEmailIdentity", {"emailIdentity": "parcel-notice.example"}),
            ("ses:VerifyDomainDkim", {"domain": "parcel-notice.example"}),
        ],
        region="us-east-1",
    )
    for _ in range(25):
        story.do(
            "mail is sent",
            thief,
            "ses:SendEmail",
            request={
                "source": "billing@parcel-notice.example",
                "destination": "HIDDEN_DUE_TO_SECURITY_REASONS",
                "message": "HIDDEN_DUE_TO_SECURITY_REASONS",
            },
            region="us-east-1",
        )
    story.do(
        "cover the complaints",
        thief,
        "ses:UpdateConfigurationSetReputationMetricsEnabled",
        request={"configurationSetName": "default", "enabled": False},
        region="us-east-1",
    )


@scenario
def llmjacking(story: Story) -> None:
    """A contractor's key is tried for language models, region by region, and resold."""
    thief = stolen(
        "ext-tran", "203.0.113.99", "Boto3/1.35.10 md/Botocore#1.35.10 ua/2.0 os/linux lang/python#3.12.3", STAGING
    )
    story.at(14, "05:40", (0.4, 4))
    regions = ("us-east-1", "us-west-2", "eu-central-1", "eu-west-3", "ap-northeast-1", "ap-southeast-2")
    for region in regions:
        story.do("is there a model", thief, "bedrock:ListFoundationModels", request={}, region=region)
        story.do("is it logged", thief, "bedrock:GetModelInvocationLoggingConfiguration", request={}, region=region)
        story.do(
            "does a call with a wrong length get through",
            thief,
            "bedrock:InvokeModel",
            request={"modelId": MODEL},
            region=region,
            error=("ValidationException", "max_tokens_to_sample: range: 1..1,000,000")
            if region in {"us-east-1", "us-west-2"}
            else ("AccessDeniedException", "You don't have access to the model with the specified model ID."),
        )
    story.several(
        "ask for the model",
        thief,
        [
            ("bedrock:GetUseCaseForModelAccess", {}),
            ("bedrock:PutUseCaseForModelAccess", {"formData": "HIDDEN_DUE_TO_SECURITY_REASONS"}),
            ("bedrock:ListFoundationModelAgreementOffers", {"modelId": MODEL}),
            (
                "bedrock:CreateFoundationModelAgreement",
                {"modelId": MODEL, "offerToken": "HIDDEN_DUE_TO_SECURITY_REASONS"},
            ),
            ("bedrock:PutFoundationModelEntitlement", {"modelId": MODEL}),
        ],
        region="us-east-1",
    )
    story.do(
        "no logs of prompts", thief, "bedrock:DeleteModelInvocationLoggingConfiguration", request={}, region="us-east-1"
    )
    for number in range(140):
        host = ("203.0.113.99", "203.0.113.100", "198.51.100.34")[number % 3]
        buyer = Caller(thief.identity, STAGING, host, thief.agent)
        story.do(
            "customers of the thief ask the model",
            buyer,
            "bedrock:InvokeModelWithResponseStream" if number % 2 else "bedrock:InvokeModel",
            request={"modelId": MODEL},
            region=("us-east-1", "us-west-2")[number % 5 == 0],
            error=("ThrottlingException", "Too many tokens, please wait before trying again.")
            if number % 9 == 8
            else None,
        )


@scenario
def sms_toll_fraud(story: Story) -> None:
    """Text messages to numbers that cost, by an application's key."""
    thief = stolen("ext-pham", "203.0.113.68", OLD_BOTO)
    story.at(23, "02:20", (0.5, 5))
    for region in ("us-east-1", "ap-northeast-1", "ap-southeast-1", "eu-west-1"):
        story.do("is texting enabled", thief, "sns:GetSMSAttributes", request={}, region=region)
        story.do("still in the sandbox", thief, "sns:GetSMSSandboxAccountStatus", request={}, region=region)
    story.do(
        "raise the spending limit",
        thief,
        "sns:SetSMSAttributes",
        request={"attributes": {"MonthlySpendLimit": "1000", "DefaultSMSType": "Promotional"}},
    )
    story.several(
        "pools and numbers",
        thief,
        [
            ("sms-voice:DescribePhoneNumbers", {}),
            ("sms-voice:DescribeSpendLimits", {}),
            ("sms-voice:RequestPhoneNumber", {"isoCountryCode": "US", "messageType": "PROMOTIONAL"}),
        ],
    )
    for number in range(40):
        story.do(
            "texts are sent",
            thief,
            "sns:Publish",
            request={"phoneNumber": "HIDDEN_DUE_TO_SECURITY_REASONS", "message": "HIDDEN_DUE_TO_SECURITY_REASONS"},
            error=("InternalErrorException", "Failed to send") if number % 11 == 10 else None,
        )


@scenario
def denied_only(story: Story) -> None:
    """A key with hardly any permission: everything that its finder tries is refused."""
    identity = user(SHOP, "sftp-batch", key_id(f"{SHOP} sftp-batch rotated", "AKIA"))
    thief = Caller(identity, SHOP, "203.0.113.5", KALI)
    story.at(21, "22:47", (0.3, 2))
    story.do("who am I", thief, "sts:GetCallerIdentity")
    tried: list[tuple[str, Any]] = [
        ("iam:ListUsers", None), ("iam:GetAccountAuthorizationDetails", None), ("iam:CreateUser", {"userName": "sysadm"}), ("iam:CreateAccessKey", {"userName": "tanaka.k"}), ("iam:AttachUserPolicy", {"userName": "sftp-batch", "policyArn": ADMIN_POLICY}), ("iam:PutUserPolicy", {"userName": "sftp-batch", "policyName": "a", "policyDocument": ALL}), ("iam:UpdateAssumeRolePolicy", {"roleName": "break-glass"}),
        ("ec2:DescribeInstances", {"instancesSet": {}, "filterSet": {}}), ("ec2:RunInstances", {"instancesSet": {"items": [{"imageId": "ami-0aaaabbbbccccdddd", "minCount": 1, "maxCount": 10}]}, "instanceType": "g5.12xlarge"}), ("ec2:DescribeSnapshots", {"snapshotSet": {}, "ownersSet": {}, "sharedUsersSet": {}, "filterSet": {}}), ("ec2:GetPasswordData", {"instanceId": "i-0a1b2c3d4e5f6a7b8"}), ("lambda:ListFunctions20150331", {}), ("lambda:CreateFunction20150331", {"functionName": "sync"}), ("secretsmanager:ListSecrets", {}), ("secretsmanager:GetSecretValue", {"secretId": "prod/payment/gateway"}), ("ssm:DescribeInstanceInformation", {}), ("ssm:SendCommand", {"documentName": "AWS-RunShellScript"}), ("rds:DescribeDBInstances", {}), ("rds:DescribeDBSnapshots", {}),
        ("cloudtrail:DescribeTrails", {}), ("cloudtrail:StopLogging", {"name": "org-trail"}), ("guardduty:ListDetectors", {}), ("guardduty:DeleteDetector", {"detectorId": "0a1b2c3d4e5f60718293a4b5c6d7e8f9"}), ("organizations:LeaveOrganization", None), ("sts:GetFederationToken", {"name": "x", "policy": ALL}), ("kms:ListKeys", {}), ("dynamodb:ListTables", {}), ("ecr:GetAuthorizationToken", {}), ("eks:ListClusters", {}), ("bedrock:ListFoundationModels", {}), ("route53:ListHostedZones", None), ("ses:GetSendQuota", None),
    ]  # fmt: skip
    for api, request in tried:
        story.do("refused", thief, api, request=request, denied="identity", on="*")


@scenario
def low_and_slow(story: Story) -> None:
    """Reconnaissance over five days, a few calls at a time in office hours, from an address in Japan."""
    thief = stolen(
        "kato.e", "198.51.100.84", "aws-cli/2.30.2 md/awscrt#0.27.6 ua/2.1 os/macos#24.6.0 md/arch#arm64", STAGING
    )
    plan: tuple[tuple[int, str, list[tuple[str, Any]]], ...] = (
        (8, "10:40", [("sts:GetCallerIdentity", None), ("iam:GetUser", None)]), (8, "16:25", [("iam:ListAttachedUserPolicies", {"userName": "kato.e"}), ("iam:ListRoles", {"maxItems": 100})]),
        (9, "11:10", [("s3:ListBuckets", {"Host": "s3.amazonaws.com"}), ("s3:GetBucketPolicy", {"bucketName": BUCKETS["state"], "policy": ""})]), (9, "17:50", [("ec2:DescribeInstanceAttribute", {"instanceId": "i-0a1b2c3d4e5f6a7b8", "attribute": "userData"}), ("ec2:DescribeVpcPeeringConnections", {})]),
        (10, "13:30", [("ssm:DescribeParameters", {"maxResults": 50}), ("ssm:GetParametersByPath", {"path": "/", "recursive": True, "withDecryption": True})]), (11, "09:55", [("secretsmanager:ListSecrets", {}), ("organizations:DescribeOrganization", None)]),
        (11, "15:05", [("iam:GetRole", {"roleName": "TerraformCloudApply"}), ("iam:GetRolePolicy", {"roleName": "TerraformCloudApply", "policyName": "apply"}), ("iam:SimulatePrincipalPolicy", {"policySourceArn": f"arn:aws:iam::{STAGING}:role/TerraformCloudApply", "actionNames": ["iam:CreateUser"]})]),
        (12, "14:20", [("lambda:GetFunction20150331v2", {"functionName": "stg-webhook"}), ("ecr:GetAuthorizationToken", {}), ("codebuild:ListProjects", {})]),
    )  # fmt: skip
    for day, time, calls in plan:
        story.at(day, time, (20, 200))
        story.several("a quiet look", thief, calls)
    story.at(12, "18:40")
    arn = f"arn:aws:iam::{SHOP}:role/OrganizationAccountAccessRole"
    story.do(
        "a try at production",
        thief,
        "sts:AssumeRole",
        request={"roleArn": arn, "roleSessionName": "kato"},
        denied="identity",
        on=arn,
    )


@scenario
def federation_to_console(story: Story) -> None:
    """A federation token from a developer's key, and with it the console: the session outlives the key."""
    thief = stolen("watanabe.h", "203.0.113.36", OLD_BOTO)
    story.at(17, "23:10")
    story.do("who am I", thief, "sts:GetCallerIdentity", region="us-east-1")
    arn, key = f"arn:aws:sts::{SHOP}:federated-user/watanabe", key_id("watanabe federated")
    answer = {
        "credentials": {
            "accessKeyId": key,
            "sessionToken": "IQoJb3JpZ2luX2VjEXAMPLE",
            "expiration": clock.long_text(story.now + 129_600),
        },
        "federatedUser": {"arn": arn, "federatedUserId": f"{SHOP}:watanabe"},
        "packedPolicySize": 4,
    }
    story.do(
        "a token for 36 hours",
        thief,
        "sts:GetFederationToken",
        request={"name": "watanabe", "policy": ALL, "durationSeconds": 129600},
        response=answer,
        region="us-east-1",
    )
    issuer = {
        "type": "IAMUser",
        **{name: thief.identity[name] for name in ("principalId", "arn", "accountId", "userName")},
    }
    identity = {
        "type": "FederatedUser",
        "principalId": f"{SHOP}:watanabe",
        "arn": arn,
        "accountId": SHOP,
        "accessKeyId": key,
        "sessionContext": {
            "sessionIssuer": issuer,
            "webIdFederationData": {},
            "attributes": {"creationDate": clock.text(story.now), "mfaAuthenticated": "false"},
        },
    }
    federated = Caller(identity, SHOP, "203.0.113.36", "Python-urllib/3.11")
    story.do(
        "a sign-in token of it",
        federated,
        "signin:GetSigninToken",
        response={"GetSigninToken": "Success"},
        extra={"MobileVersion": "No", "MFAUsed": "No"},
        kind="AwsConsoleSignIn",
        region="us-east-1",
    )
    browser = Caller(identity, SHOP, "203.0.113.37", CHROME)
    story.do(
        "into the console",
        browser,
        "signin:ConsoleLogin",
        response={"ConsoleLogin": "Success"},
        extra={"LoginTo": "https://console.aws.amazon.com/iam/home", "MobileVersion": "No", "MFAUsed": "No"},
        kind="AwsConsoleSignIn",
        region="us-east-1",
        read=False,
    )
    inside = Caller(identity, SHOP, "203.0.113.37", CHROME, console=True)
    story.several(
        "around in the console",
        inside,
        [
            ("ec2:DescribeInstances", {"instancesSet": {}, "filterSet": {}}),
            ("s3:ListBuckets", {"Host": "s3.amazonaws.com"}),
            ("rds:DescribeDBClusters", {}),
            ("logs:DescribeLogGroups", {"limit": 50}),
        ],
    )
    story.do(
        "federated users may not use IAM",
        inside,
        "iam:ListUsers",
        error=("InvalidClientTokenId", "The security token included in the request is invalid"),
    )
    story.do(
        "a key pair for later",
        inside,
        "ec2:ImportKeyPair",
        request={"keyName": "watanabe-mac", "publicKeyMaterial": "c3NoLWVkMjU1MTkgRVhBTVBMRQ=="},
        response={"keyName": "watanabe-mac", "keyPairId": new_id(story, "key")},
    )
