"""Filter patterns: which of the watched things one counts."""

import itertools
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sakimori.collect.cloudtrail.watched import WATCHED
from sakimori.collect.logs.pattern import watched_by

NAMES = {watched.name for watched in WATCHED}
PARTS = ('$.userIdentity.type = "Root"', "$.userIdentity.invokedBy NOT EXISTS", '$.eventType != "AwsServiceEvent"')


def any_of(names: str) -> str:
    return " || ".join(f"($.eventName = {name})" for name in names.split())


BENCHMARK = {
    "root-use": '{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != "AwsServiceEvent" }',
    "unauthorized-calls": '{ ($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*") }',
    "console-sign-in-without-mfa": '{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") && '
    '($.userIdentity.type = "IAMUser") && ($.responseElements.ConsoleLogin = "Success") }',
    "iam-policy-changes": "{ ($.eventSource = iam.amazonaws.com) && ("
    + any_of(
        "DeleteGroupPolicy DeleteRolePolicy DeleteUserPolicy PutGroupPolicy PutRolePolicy PutUserPolicy CreatePolicy "
        "DeletePolicy CreatePolicyVersion DeletePolicyVersion AttachRolePolicy DetachRolePolicy AttachUserPolicy "
        "DetachUserPolicy AttachGroupPolicy DetachGroupPolicy"
    )
    + ") }",
    "cloudtrail-changes": f"{{ {any_of('CreateTrail UpdateTrail DeleteTrail StartLogging StopLogging')} }}",
    "console-sign-in-failures": '{ ($.eventName = ConsoleLogin) && ($.errorMessage = "Failed authentication") }',
    "kms-key-deletion": f"{{ ($.eventSource = kms.amazonaws.com) && ({any_of('DisableKey ScheduleKeyDeletion')}) }}",
    "bucket-policy-changes": "{ ($.eventSource = s3.amazonaws.com) && ("
    + any_of(
        "PutBucketAcl PutBucketPolicy PutBucketCors PutBucketLifecycle PutBucketReplication DeleteBucketPolicy "
        "DeleteBucketCors DeleteBucketLifecycle DeleteBucketReplication"
    )
    + ") }",
    "config-changes": "{ ($.eventSource = config.amazonaws.com) && ("
    + any_of("StopConfigurationRecorder DeleteDeliveryChannel PutDeliveryChannel PutConfigurationRecorder")
    + ") }",
    "security-group-changes": "{ "
    + any_of(
        "AuthorizeSecurityGroupIngress AuthorizeSecurityGroupEgress RevokeSecurityGroupIngress "
        "RevokeSecurityGroupEgress CreateSecurityGroup DeleteSecurityGroup"
    )
    + " }",
    "network-acl-changes": "{ "
    + any_of(
        "CreateNetworkAcl CreateNetworkAclEntry DeleteNetworkAcl DeleteNetworkAclEntry ReplaceNetworkAclEntry "
        "ReplaceNetworkAclAssociation"
    )
    + " }",
    "gateway-changes": "{ "
    + any_of(
        "CreateCustomerGateway DeleteCustomerGateway AttachInternetGateway CreateInternetGateway "
        "DeleteInternetGateway DetachInternetGateway"
    )
    + " }",
    "route-table-changes": "{ ($.eventSource = ec2.amazonaws.com) && ("
    + any_of(
        "CreateRoute CreateRouteTable ReplaceRoute ReplaceRouteTableAssociation DeleteRouteTable DeleteRoute "
        "DisassociateRouteTable"
    )
    + ") }",
    "vpc-changes": "{ "
    + any_of(
        "CreateVpc DeleteVpc ModifyVpcAttribute AcceptVpcPeeringConnection CreateVpcPeeringConnection "
        "DeleteVpcPeeringConnection RejectVpcPeeringConnection AttachClassicLinkVpc DetachClassicLinkVpc "
        "DisableVpcClassicLink EnableVpcClassicLink"
    )
    + " }",
    "organizations-changes": "{ ($.eventSource = organizations.amazonaws.com) && ("
    + any_of(
        "AcceptHandshake AttachPolicy CreateAccount CreateOrganizationalUnit CreatePolicy DeclineHandshake "
        "DeleteOrganization DeleteOrganizationalUnit DeletePolicy DetachPolicy DisablePolicyType EnablePolicyType "
        "InviteAccountToOrganization LeaveOrganization MoveAccount RemoveAccountFromOrganization UpdatePolicy "
        "UpdateOrganizationalUnit"
    )
    + ") }",
}
"""As Security Hub and CIS write them."""


def test_there_is_a_benchmarks_pattern_for_everything_that_is_watched() -> None:
    assert set(BENCHMARK) == NAMES


@pytest.mark.parametrize("name", BENCHMARK)
def test_the_benchmarks_pattern_counts_its_own_thing_and_no_other(name: str) -> None:
    found = watched_by(BENCHMARK[name])
    assert {watched for watched, counts in found.items() if counts} == {name}
    assert None not in found.values()


@pytest.mark.parametrize("order", list(itertools.permutations(PARTS)))
def test_the_order_of_the_parts_has_no_meaning(order: tuple[str, ...]) -> None:
    assert watched_by("{" + " && ".join(order) + "}")["root-use"] is True


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        (
            "root-use",
            "{$.userIdentity.type=Root&&$.userIdentity.invokedBy NOT EXISTS&&$.eventType!=AwsServiceEvent}",
        ),
        (
            "root-use",
            '{ ((($.userIdentity.type = "Root") && ($.userIdentity.invokedBy NOT EXISTS))) && $.eventType != "AwsServiceEvent" }',
        ),
        (
            "root-use",
            '{\n$.userIdentity.type = "Root"\t&& $.userIdentity.invokedBy not exists && $.eventType != "AwsServiceEvent" }',
        ),
        (
            "root-use",
            "{ $['userIdentity']['type'] = \"Root\" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != AwsServiceEvent }",
        ),
        ("root-use", '{ $.userIdentity.type = "Root" }'),
        ("root-use", '{ $.userIdentity.type = "Roo*" && $.userIdentity.invokedBy NOT EXISTS }'),
        ("root-use", '{ $.userIdentity.type = "Root" || $.eventName = "DeleteTrail" }'),
        ("cloudtrail-changes", "{ $.eventName = *Trail || $.eventName = St*Logging }"),
        ("cloudtrail-changes", '{ $.eventSource = "cloudtrail.amazonaws.com" && $.readOnly IS FALSE }'),
        (
            "cloudtrail-changes",
            "{ ($.eventName = Stop*) || ($.eventName = StartLogging) || ($.eventName = *Trail) && ($.errorCode NOT EXISTS) }",
        ),
        ("cloudtrail-changes", "{ $.eventSource = cloudtrail.amazonaws.com && $.eventName != %^Get|^List|^Lookup% }"),
        ("cloudtrail-changes", "{ $.eventName = %^[CUD][a-z]+Trail$|Logging$% }"),
        ("root-use", "{ $.userIdentity.type = %Ro+t% }"),
        ("kms-key-deletion", "{ $.eventName = ScheduleKeyDeletion || $.eventName = DisableKey* }"),
        ("console-sign-in-failures", '{ $.responseElements.ConsoleLogin = "Failure" }'),
        ("console-sign-in-failures", "{ $.eventName = ConsoleLogin }"),
        ("console-sign-in-without-mfa", "{ $.eventName = ConsoleLogin && $.additionalEventData.MFAUsed = No }"),
        (
            "unauthorized-calls",
            (
                '{ ($.errorCode ="*UnauthorizedOperation") || ($.errorCode ="AccessDenied*") && '
                '($.sourceIPAddress!="delivery.logs.amazonaws.com") && ($.eventName!="HeadBucket") }'
            ),
        ),
        ("vpc-changes", "{ $.eventName = *Vpc || $.eventName = *VpcPeeringConnection || $.eventName = ModifyVpc* }"),
    ],
)
def test_what_lets_every_sample_through_watches_it_however_it_is_written(name: str, pattern: str) -> None:
    assert watched_by(pattern)[name] is True


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("root-use", '{ $.userIdentity.type = "IAMUser" }'),
        ("root-use", '{ $.userIdentity.type != "Root" }'),
        ("root-use", '{ $.userIdentity.type = "root" }'),
        ("root-use", '{ $.userIdentity.type = "Root" && $.eventName = "ConsoleLogin" }'),
        ("root-use", '{ $.userIdentity.type = "Root" && $.eventType = "AwsConsoleSignIn" }'),
        ("root-use", '{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy EXISTS }'),
        ("root-use", '{ $.userIdentity.type = "Root" && $.responseTime > 100 }'),
        ("root-use", '{ $.eventName = "DeleteTrail" }'),
        # One operation is missing.
        ("cloudtrail-changes", f"{{ {any_of('CreateTrail UpdateTrail DeleteTrail StopLogging')} }}"),
        # One kind of person is left out.
        ("cloudtrail-changes", '{ $.eventName = *Trail || $.eventName = *Logging && $.userIdentity.type = "IAMUser" }'),
        # Only one user's acts, or one Region's.
        ("cloudtrail-changes", '{ ($.eventName = *) && $.userIdentity.userName = "sato" }'),
        ("kms-key-deletion", "{ ($.eventName = DisableKey || $.eventName = ScheduleKeyDeletion) && $.awsRegion = x }"),
        ("kms-key-deletion", "{ ($.eventName = DisableKey || $.eventName = ScheduleKeyDeletion) && $.errorCode EXISTS }"),
        ("console-sign-in-without-mfa", "{ $.eventName = ConsoleLogin && $.additionalEventData.MFAUsed = Yes }"),
        ("unauthorized-calls", '{ $.errorCode = "AccessDenied" }'),
        ("security-group-changes", "{ $.eventName = *SecurityGroupIngress }"),
        ("cloudtrail-changes", "{ $.eventName = %^Trail$|Logging% }"),
    ],
)  # fmt: skip
def test_what_misses_a_sample_does_not_watch_it(name: str, pattern: str) -> None:
    assert watched_by(pattern)[name] is False


@pytest.mark.parametrize(
    "pattern", ["{ $.userIdentity.type = * }", "{ $.eventName = * }", "{ $.errorCode NOT EXISTS }", "{ $.a EXISTS }"]
)
def test_what_catches_everyday_events_as_well_watches_nothing(pattern: str) -> None:
    assert set(watched_by(pattern).values()) == {False}


@pytest.mark.parametrize(
    "pattern",
    [
        "",
        "Root",
        "[ip, user, ...]",
        "{",
        "{ }",
        '{ $.userIdentity.type = "Root" } more',
        '{ $.userIdentity.type = "Root" && $.eventType MAYBE }',
        "{ " + "(" * 500 + '$.userIdentity.type = "Root"' + ")" * 500 + " }",
    ],
)
def test_a_pattern_of_another_kind_is_unknown_of_everything(pattern: str) -> None:
    assert watched_by(pattern) == dict.fromkeys(NAMES)


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        # Groups are not CloudWatch's; counted or many repeats are not followed.
        ("cloudtrail-changes", "{ $.eventSource = cloudtrail.amazonaws.com && $.eventName != %^(Get|List)% }"),
        ("root-use", "{ $.userIdentity.type = %Ro{2}t% }"),
        ("root-use", "{ $.userIdentity.type = %R.*o.*o.*t% }"),
        ("root-use", "{ $.userIdentity.type = %[% }"),
        ("root-use", '{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy != "x" }'),
        ("kms-key-deletion", "{ $.eventSource = kms.amazonaws.com && $.readOnly = false }"),
    ],
)
def test_a_test_that_is_not_followed_makes_unknown_what_hangs_on_it(name: str, pattern: str) -> None:
    assert watched_by(pattern)[name] is None


def test_a_test_that_is_not_followed_does_not_matter_where_the_rest_decides() -> None:
    either = (
        BENCHMARK["kms-key-deletion"]
        .replace("{", "{ $.eventName = %^x{9}% && $.eventSource = x || (")
        .replace("}", ") }")
    )
    assert watched_by(either)["kms-key-deletion"] is True
    both = BENCHMARK["kms-key-deletion"].replace("{", "{ $.eventName = %^x{9}% && (").replace("}", ") }")
    assert watched_by(both)["cloudtrail-changes"] is False
    assert watched_by(both)["kms-key-deletion"] is None


def test_many_stars_do_not_take_long() -> None:
    started = time.thread_time()
    watched_by("{ $.eventName = " + "*a" * 400 + " }")
    watched_by("{ $.eventName = %" + ".*" * 400 + "x% }")
    assert time.thread_time() - started < 2


@pytest.mark.parametrize("repeat", [".?", r"\w?", "[A-Z]?", r"\\?.?"])
def test_many_question_marks_do_not_take_long(repeat: str) -> None:
    started = time.thread_time()
    assert watched_by("{ $.eventName = %" + repeat * 24 + "@% }")["root-use"] is None
    assert time.thread_time() - started < 2


def test_one_question_mark_is_followed() -> None:
    assert watched_by("{ $.eventName = %^StartLoggings?$% || $.eventName = %^StopLogging$% || $.eventName = *Trail }")[
        "cloudtrail-changes"
    ]


@pytest.mark.slow
@given(
    st.lists(
        st.sampled_from(
            ["{", "}", "(", ")", "&&", "||", "=", "!=", "<", "$.a", "$.eventType", '"x"', "NOT", "EXISTS", "%a%", "*"]
        ),
        max_size=14,
    ).map(" ".join)
    | st.text(max_size=60)
)
def test_any_text_gives_one_of_three_values(pattern: str) -> None:
    assert set(watched_by(pattern).values()) <= {True, False, None}
