"""Attacks on what stands above the accounts: the organisation, Identity Center, the domains."""

from typing import Final

import clock
from company import DATA, MAC, PAYER, PEOPLE, SHOP, STAGING
from record import Caller, session
from story import ADMIN_POLICY, OUTSIDE, Story, hijacked, scenario, stolen

INSTANCE: Final = "arn:aws:sso:::instance/ssoins-7758example0001"
STORE: Final = "d-95670example"


@scenario
def organisation_left(story: Story) -> None:
    """The data account is taken out of the organisation, where no policy of it holds any more."""
    identity = session(DATA, "OrganizationAccountAccessRole", "ogawa.d", clock.Day(24).at("22:00"))
    thief = Caller(identity, DATA, "203.0.113.102", "aws-cli/2.28.1")
    story.at(24, "22:35")
    story.several(
        "which organisation", thief, [("sts:GetCallerIdentity", None), ("organizations:DescribeOrganization", None)]
    )
    story.do("leave", thief, "organizations:LeaveOrganization", denied="scp")
    above = hijacked(PEOPLE["ogawa.d"], clock.Day(24).at("19:00"), "203.0.113.102", MAC)
    story.several(
        "from above",
        above,
        [
            ("organizations:ListPoliciesForTarget", {"targetId": DATA, "filter": "SERVICE_CONTROL_POLICY"}),
            ("organizations:DetachPolicy", {"policyId": "p-hx4guard1", "targetId": DATA}),
            (
                "organizations:UpdatePolicy",
                {"policyId": "p-hx4guard2", "content": '{"Version":"2012-10-17","Statement":[]}'},
            ),
        ],
    )
    story.do(
        "leave again",
        thief,
        "organizations:LeaveOrganization",
        error=(
            "ConstraintViolationException",
            "You provided a value that violates a constraint: MEMBER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED",
        ),
    )
    story.do("put out", above, "organizations:RemoveAccountFromOrganization", request={"accountId": DATA})
    story.do(
        "a foreign one joins",
        above,
        "organizations:InviteAccountToOrganization",
        request={"target": {"id": OUTSIDE, "type": "ACCOUNT"}, "notes": "HIDDEN_DUE_TO_SECURITY_REASONS"},
    )
    story.do(
        "a delegate",
        above,
        "organizations:RegisterDelegatedAdministrator",
        request={"accountId": STAGING, "servicePrincipal": "member.org.stacksets.cloudformation.amazonaws.com"},
    )


@scenario
def identity_center_persistence(story: Story) -> None:
    """A person who does not exist gets a permission set for every account."""
    thief = hijacked(
        PEOPLE["ogawa.d"],
        clock.Day(13).at("18:00"),
        "198.51.100.43",
        "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    )
    story.at(13, "21:15")
    story.several(
        "who is there",
        thief,
        [
            ("sso-directory:SearchUsers", {"identityStoreId": STORE}),
            ("sso:ListPermissionSets", {"instanceArn": INSTANCE}),
        ],
    )
    story.do(
        "a person",
        thief,
        "sso-directory:CreateUser",
        request={
            "identityStoreId": STORE,
            "userName": "HIDDEN_DUE_TO_SECURITY_REASONS",
            "displayName": "HIDDEN_DUE_TO_SECURITY_REASONS",
        },
        response={"userId": "9767example-0001", "identityStoreId": STORE},
    )
    story.do(
        "into the administrators",
        thief,
        "sso-directory:AddMemberToGroup",
        request={"identityStoreId": STORE, "groupId": "9767example-admins", "memberId": "9767example-0001"},
    )
    story.do(
        "a permission set",
        thief,
        "sso:CreatePermissionSet",
        request={"instanceArn": INSTANCE, "name": "AuditHelper", "sessionDuration": "PT12H"},
        response={
            "permissionSet": {
                "permissionSetArn": "arn:aws:sso:::permissionSet/ssoins-7758example0001/ps-0example",
                "name": "AuditHelper",
            }
        },
    )
    story.do(
        "of an administrator",
        thief,
        "sso:AttachManagedPolicyToPermissionSet",
        request={
            "instanceArn": INSTANCE,
            "permissionSetArn": "arn:aws:sso:::permissionSet/ssoins-7758example0001/ps-0example",
            "managedPolicyArn": ADMIN_POLICY,
        },
    )
    for account in (PAYER, SHOP, DATA):
        story.do(
            "in each account",
            thief,
            "sso:CreateAccountAssignment",
            request={
                "instanceArn": INSTANCE,
                "targetId": account,
                "targetType": "AWS_ACCOUNT",
                "principalType": "USER",
                "principalId": "9767example-0001",
                "permissionSetArn": "arn:aws:sso:::permissionSet/ssoins-7758example0001/ps-0example",
            },
        )
    story.do(
        "no more factors",
        thief,
        "sso:UpdateSsoConfiguration",
        request={"instanceArn": INSTANCE, "mfaMode": "DISABLED", "ssoConfiguration": {"mfaMode": "DISABLED"}},
    )
    new = {
        "type": "IdentityCenterUser",
        "accountId": PAYER,
        "onBehalfOf": {
            "userId": "9767example-0001",
            "identityStoreArn": f"arn:aws:identitystore::{PAYER}:identitystore/{STORE}",
        },
        "credentialId": story.pen.uuid(),
    }
    story.do(
        "and comes in",
        Caller(new, PAYER, "198.51.100.43", MAC),
        "sso:Federate",
        details={"role_name": "AuditHelper", "account_id": SHOP},
        kind="AwsServiceEvent",
        read=False,
    )
    inside = Caller(
        session(
            SHOP,
            "AWSReservedSSO_AuditHelper_0f1e2d3c4b5a6978",
            "helper",
            story.now,
            path="aws-reserved/sso.amazonaws.com/",
        ),
        SHOP,
        "198.51.100.43",
        MAC,
        console=True,
    )
    story.do("into the shop", inside, "s3:ListBuckets", request={"Host": "s3.amazonaws.com"})


@scenario
def domain_takeover(story: Story) -> None:
    """Mail and web are led elsewhere: records, name servers, the lock of the domain, its transfer."""
    thief = stolen("suzuki.m", "198.51.100.89", "aws-cli/2.27.0 md/awscrt#0.26.1 ua/2.1 os/linux")
    story.at(22, "04:00")

    def change(name: str, kind: str, value: str) -> dict[str, object]:
        record = {"name": name, "type": kind, "tTL": 60, "resourceRecords": [{"value": value}]}
        return {
            "hostedZoneId": "Z0EXAMPLEMAIL",
            "changeBatch": {"changes": [{"action": "UPSERT", "resourceRecordSet": record}]},
        }

    story.several(
        "which domains",
        thief,
        [
            ("route53domains:ListDomains", {}),
            ("route53:ListHostedZones", None),
            ("route53:ListResourceRecordSets", {"hostedZoneId": "Z0EXAMPLEMAIL"}),
            ("route53domains:GetDomainDetail", {"domainName": "hinode-mail.example"}),
        ],
    )
    story.several(
        "records",
        thief,
        [
            ("route53:ChangeResourceRecordSets", change("hinode-mail.example.", "MX", "10 mx.parcel-notice.example")),
            ("route53:ChangeResourceRecordSets", change("_acme-challenge.hinode-shop.example.", "TXT", '"token"')),
            ("route53:ChangeResourceRecordSets", change("login.hinode-shop.example.", "A", "198.51.100.89")),
        ],
    )
    story.do(
        "a certificate",
        thief,
        "acm:RequestCertificate",
        request={"domainName": "*.hinode-shop.example", "validationMethod": "DNS"},
    )
    story.do(
        "and its private key",
        thief,
        "acm:ExportCertificate",
        request={
            "certificateArn": f"arn:aws:acm:ap-northeast-1:{SHOP}:certificate/shop-example",
            "passphrase": "HIDDEN_DUE_TO_SECURITY_REASONS",
        },
    )
    story.several(
        "the domain itself",
        thief,
        [
            ("route53domains:DisableDomainTransferLock", {"domainName": "hinode-mail.example"}),
            ("route53domains:RetrieveDomainAuthCode", {"domainName": "hinode-mail.example"}),
            (
                "route53domains:TransferDomainToAnotherAwsAccount",
                {"domainName": "hinode-mail.example", "accountId": OUTSIDE},
            ),
            (
                "route53domains:UpdateDomainNameservers",
                {"domainName": "hinode-shop.example", "nameservers": [{"name": "ns1.parcel-notice.example"}]},
            ),
        ],
    )
    story.do(
        "no more query log",
        thief,
        "route53resolver:DisassociateResolverQueryLogConfig",
        request={"resolverQueryLogConfigId": "rqlc-0a1b2c3d4e5f6a7b8", "resourceId": "vpc-0a1b2c3d4e5f6a7b8"},
    )
