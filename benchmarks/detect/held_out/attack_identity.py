"""Attacks on identities and on the organisation: sessions of the console, root, Identity Center, the domain, the account."""

import clock
from company import MAC, PEOPLE, SHOP, STAGING
from record import Caller, root
from story import Story, hijacked, new_id, scenario


@scenario
def console_session_thief(story: Story) -> None:
    """A session out of a browser: CloudShell, secrets, MFA of the thief, and the alarms go off."""
    person = PEOPLE["sato.y"]
    thief = hijacked(
        person,
        clock.Day(6).at("09:50"),
        "198.51.100.117",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Safari/537.36 Edg/139.0.0.0",
    )
    story.at(6, "19:40", (5, 40))
    story.several(
        "look around",
        thief,
        [
            ("iam:ListUsers", {"maxItems": 100}),
            ("organizations:DescribeOrganization", None),
            ("ssm:DescribeParameters", {"maxResults": 50}),
            ("secretsmanager:ListSecrets", {}),
        ],
    )
    story.several(
        "a shell in the browser",
        thief,
        [("cloudshell:CreateEnvironment", {}), ("cloudshell:CreateSession", {}), ("cloudshell:PutCredentials", {})],
    )
    shell = Caller(thief.identity, SHOP, "192.0.2.90", "aws-cli/2.31.0 exec-env/CloudShell")
    for name in ("prod/cart/db", "prod/order/db", "prod/payment/gateway", "prod/mail/smtp"):
        story.do("secrets, one by one", shell, "secretsmanager:GetSecretValue", request={"secretId": name})
    story.several(
        "an MFA of the thief",
        thief,
        [
            ("iam:CreateVirtualMFADevice", {"virtualMFADeviceName": "Pixel"}),
            ("iam:EnableMFADevice", {"userName": "sato.y", "serialNumber": f"arn:aws:iam::{SHOP}:mfa/Pixel"}),
        ],
    )
    detector = {"detectorId": "0a1b2c3d4e5f60718293a4b5c6d7e8f9"}
    story.do("the detector", thief, "guardduty:UpdateDetector", request={**detector, "enable": False}, denied="scp")
    story.several(
        "blind it instead",
        thief,
        [
            (
                "guardduty:CreateFilter",
                {
                    **detector,
                    "name": "noise",
                    "action": "ARCHIVE",
                    "rank": 1,
                    "findingCriteria": {"criterion": {"severity": {"gte": 1}}},
                },
            ),
            (
                "guardduty:CreateIPSet",
                {
                    **detector,
                    "name": "office2",
                    "format": "TXT",
                    "activate": True,
                    "location": "s3://example-bucket-outside/ok.txt",
                },
            ),
            ("monitoring:DisableAlarmActions", {"alarmNames": ["root-login", "trail-changed"]}),
            ("events:DisableRule", {"name": "security-alerts"}),
            (
                "ec2:DeleteFlowLogs",
                {"DeleteFlowLogsRequest": {"FlowLogId": {"content": "fl-0a1b2c3d4e5f6a7b8", "tag": 1}}},
            ),
            ("config:StopConfigurationRecorder", {"configurationRecorderName": "default"}),
            ("logs:DeleteLogGroup", {"logGroupName": "/vpc/flow"}),
        ],
    )
    story.do("code of the shop", shell, "codeconnections:ListConnections", request={})


@scenario
def root_taken_over(story: Story) -> None:
    """The mailbox of an account is read: root's password is reset, and root signs in without MFA."""
    story.at(16, "03:05", (10, 60))
    plain = Caller(root(STAGING), STAGING, "198.51.100.44", MAC)
    for kind in ("PasswordRecoveryRequested", "PasswordRecoveryCompleted"):
        story.do(
            "a new password by mail",
            plain,
            f"signin:{kind}",
            response={kind: "Success"},
            kind="AwsConsoleSignIn",
            region="us-east-1",
            read=False,
        )
    story.do(
        "first the wrong one",
        plain,
        "signin:ConsoleLogin",
        response={"ConsoleLogin": "Failure"},
        extra={"LoginTo": "https://console.aws.amazon.com/console/home", "MobileVersion": "No", "MFAUsed": "No"},
        kind="AwsConsoleSignIn",
        region="us-east-1",
        read=False,
    )
    story.do(
        "root signs in",
        plain,
        "signin:ConsoleLogin",
        response={"ConsoleLogin": "Success"},
        extra={"LoginTo": "https://console.aws.amazon.com/console/home", "MobileVersion": "No", "MFAUsed": "No"},
        kind="AwsConsoleSignIn",
        region="us-east-1",
        read=False,
    )
    inside = Caller(root(STAGING, story.now), STAGING, "198.51.100.44", MAC, console=True)
    story.several(
        "root at work",
        inside,
        [
            ("iam:GetAccountSummary", None),
            ("iam:ListUsers", {"maxItems": 100}),
            ("iam:CreateAccessKey", None),
            ("iam:CreateVirtualMFADevice", {"virtualMFADeviceName": "root-account-mfa-device"}),
            (
                "iam:EnableMFADevice",
                {"serialNumber": f"arn:aws:iam::{STAGING}:mfa/root-account-mfa-device", "userName": "root"},
            ),
        ],
    )
    story.several(
        "nobody is told",
        inside,
        [
            (
                "account:PutAlternateContact",
                {"AlternateContactType": "SECURITY", "EmailAddress": "HIDDEN_DUE_TO_SECURITY_REASONS"},
            ),
            ("account:PutContactInformation", {"ContactInformation": "HIDDEN_DUE_TO_SECURITY_REASONS"}),
            ("support:DescribeCases", {}),
        ],
    )
    story.do(
        "another mail address",
        inside,
        "signin:EmailUpdated",
        kind="AwsConsoleSignIn",
        region="us-east-1",
        read=False,
        response={"EmailUpdated": "Success"},
    )


@scenario
def password_spray(story: Story) -> None:
    """One password after another for many users, from many addresses; one fits, and it has no MFA."""
    story.at(25, "00:10", (4, 90))
    names = (
        "tanaka.k",
        "suzuki.m",
        "sato.y",
        "watanabe.h",
        "kobayashi.t",
        "yamamoto.r",
        "ext-pham",
        "admin",
        "jenkins",
    )
    extra = {"LoginTo": "https://console.aws.amazon.com/console/home", "MobileVersion": "No", "MFAUsed": "No"}
    for number in range(54):
        name = names[number % len(names)]
        unknown = name in {"admin", "jenkins"}
        identity = {
            "type": "IAMUser",
            "accountId": SHOP,
            "accessKeyId": "",
            "userName": "HIDDEN_DUE_TO_SECURITY_REASONS" if unknown else name,
        }
        if not unknown:
            identity |= {"principalId": PEOPLE[name].console(0, 0).identity["principalId"]}
        ip = f"198.51.100.{113 + number % 14}"
        caller = Caller(
            identity,
            SHOP,
            ip,
            "Mozilla/5.0 (Windows NT 6.1; Win64; x64) AppleWebKit/537.36 Chrome/109.0.0.0 Safari/537.36",
        )
        message = "No username found in supplied account" if unknown else "Failed authentication"
        record = story.do(
            "a guess",
            caller,
            "signin:ConsoleLogin",
            response={"ConsoleLogin": "Failure"},
            extra=extra,
            kind="AwsConsoleSignIn",
            region="us-east-1",
            read=False,
        )
        record["errorMessage"] = message
    inside = hijacked(PEOPLE["kobayashi.t"], story.now, "198.51.100.120", MAC)
    identity = {name: inside.identity[name] for name in ("type", "principalId", "arn", "accountId", "userName")}
    story.do(
        "a password fits",
        Caller(identity, SHOP, "198.51.100.120", MAC),
        "signin:ConsoleLogin",
        response={"ConsoleLogin": "Success"},
        extra=extra,
        kind="AwsConsoleSignIn",
        region="us-east-1",
        read=False,
    )
    context = {"attributes": {"creationDate": clock.text(story.now), "mfaAuthenticated": "false"}}
    inside = Caller({**inside.identity, "sessionContext": context}, SHOP, "198.51.100.120", MAC, console=True)
    story.several(
        "around",
        inside,
        [
            ("s3:ListBuckets", {"Host": "s3.amazonaws.com"}),
            ("iam:ChangePassword", None),
            ("iam:CreateAccessKey", {"userName": "kobayashi.t"}),
            ("ec2:GetPasswordData", {"instanceId": new_id(story, "i")}),
        ],
    )
