import pytest
from hypothesis import given
from hypothesis import strategies as st

from sakimori.analysis.iam import event_actions
from sakimori.analysis.iam.action_table import action_table
from sakimori.analysis.iam.event_actions import Mapped, action_rows, actions_of


@pytest.mark.parametrize(
    ("source", "name", "actions"),
    [
        ("s3.amazonaws.com", "GetObject", ("s3:GetObject",)),
        ("S3.amazonaws.com.cn", "getobject", ("s3:GetObject",)),
        ("s3.amazonaws.com", "ListObjects", ("s3:ListBucket",)),
        ("s3.amazonaws.com", "ListObjectsV2", ("s3:ListBucket",)),
        ("s3.amazonaws.com", "HeadBucket", ("s3:ListBucket",)),
        ("s3.amazonaws.com", "HeadObject", ("s3:GetObject",)),
        ("s3.amazonaws.com", "ListBuckets", ("s3:ListAllMyBuckets",)),
        ("s3.amazonaws.com", "GetBucketEncryption", ("s3:GetEncryptionConfiguration",)),
        ("s3.amazonaws.com", "CompleteMultipartUpload", ("s3:PutObject",)),
        ("s3.amazonaws.com", "CopyObject", ("s3:GetObject", "s3:PutObject")),
        ("s3.amazonaws.com", "DeleteBucketCors", ("s3:PutBucketCORS",)),
        ("s3.amazonaws.com", "GetObjectAttributes", ("s3:GetObject", "s3:GetObjectAttributes")),
        ("s3.amazonaws.com", "PostObject", ("s3:PutObject",)),
        ("autoscaling.amazonaws.com", "CreateAutoScalingGroup", ("autoscaling:CreateAutoScalingGroup",)),
        ("autoscaling.amazonaws.com", "RegisterScalableTarget", ("application-autoscaling:RegisterScalableTarget",)),
        ("s3express.amazonaws.com", "PutObject", ("s3express:CreateSession",)),
        ("s3express.amazonaws.com", "CreateBucket", ("s3express:CreateBucket",)),
        ("lambda.amazonaws.com", "ListFunctions20150331", ("lambda:ListFunctions",)),
        ("lambda.amazonaws.com", "UpdateFunctionCode20150331v2", ("lambda:UpdateFunctionCode",)),
        ("lambda.amazonaws.com", "Invoke", ("lambda:InvokeFunction",)),
        ("cloudfront.amazonaws.com", "UpdateDistribution2020_05_31", ("cloudfront:UpdateDistribution",)),
        ("monitoring.amazonaws.com", "PutMetricAlarm", ("cloudwatch:PutMetricAlarm",)),
        ("tagging.amazonaws.com", "GetResources", ("tag:GetResources",)),
        ("apigateway.amazonaws.com", "CreateRestApi", ("apigateway:POST",)),
        ("apigateway.amazonaws.com", "GetRestApis", ("apigateway:GET",)),
        ("apigateway.amazonaws.com", "UpdateStage", ("apigateway:PATCH",)),
        ("apigateway.amazonaws.com", "PutIntegration", ("apigateway:PUT",)),
        ("apigateway.amazonaws.com", "FlushStageCache", ("apigateway:DELETE",)),
        ("kms.amazonaws.com", "ReEncrypt", ("kms:ReEncryptFrom", "kms:ReEncryptTo")),
        ("sts.amazonaws.com", "AssumeRoleWithSAML", ("sts:AssumeRoleWithSAML",)),
        ("dynamodb.amazonaws.com", "TransactGetItems", ("dynamodb:GetItem",)),
        ("amazonmq.amazonaws.com", "CreateBroker", ("mq:CreateBroker",)),
    ],
)
def test_an_event_needs_these_actions(source: str, name: str, actions: tuple[str, ...]) -> None:
    assert actions_of(source, name) == Mapped("actions", actions)


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("sts.amazonaws.com", "GetCallerIdentity"),
        ("sts.amazonaws.com", "GetSessionToken"),
        ("signin.amazonaws.com", "ConsoleLogin"),
        ("sso.amazonaws.com", "GetRoleCredentials"),
        ("cognito-idp.amazonaws.com", "InitiateAuth"),
    ],
)
def test_an_operation_that_no_policy_authorises_needs_none(source: str, name: str) -> None:
    assert actions_of(source, name) == Mapped("none")
    assert actions_of(source, name).is_mapped


def test_what_a_service_does_by_itself_needs_no_action() -> None:
    assert actions_of("kms.amazonaws.com", "RotateKey", "AwsServiceEvent") == Mapped("none")
    assert not actions_of("kms.amazonaws.com", "RotateKey", "AwsApiCall").is_mapped


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("s3.amazonaws.com", "NoSuchOperation"),
        ("nosuch.amazonaws.com", "GetObject"),
        ("s3.amazonaws.com.attacker.example", "GetObject"),
        ("s3", "GetObject"),
        ("", ""),
        ("s3.amazonaws.com", ""),
        ("s3.amazonaws.com", "*"),
        ("\u212ams.amazonaws.com", "Decrypt"),
        ("kms.amazonaws.com", "Dec\u212arypt"),
        # What these need stands in their statements, and whose tags these are in the resource.
        ("dynamodb.amazonaws.com", "TransactWriteItems"),
        ("dynamodb.amazonaws.com", "ExecuteStatement"),
        ("apigateway.amazonaws.com", "TagResource"),
    ],
)
def test_what_is_not_known_is_not_mapped(source: str, name: str) -> None:
    assert actions_of(source, name) == Mapped("not_mapped")


@pytest.mark.slow
@given(st.text(max_size=40), st.text(max_size=40))
def test_no_event_breaks_it_and_what_it_names_is_in_the_table(source: str, name: str) -> None:
    for each in (source, f"{source}.amazonaws.com"):
        mapped = actions_of(each, name)
        assert (mapped.need == "actions") == bool(mapped.actions)
        assert all(action_table().find(action) for action in mapped.actions)


@given(st.sampled_from(action_table().matching("*")), st.sampled_from(["", "20150331", "20150331v2", "2020_05_31"]))
def test_an_action_is_found_from_an_event_of_its_name_unless_the_file_says_otherwise(
    action: object, version: str
) -> None:
    service, name = str(getattr(action, "service", "")), str(getattr(action, "name", ""))
    mapped = event_actions.mapped_by(action_table(), f"{service}.amazonaws.com", name + version)
    rules = event_actions._rules()
    differs = name.lower() in rules.actions.get(service, {}) or name.lower() in rules.without.get(service, ())
    if service in rules.sources or "." in service:
        return
    assert mapped.is_mapped
    assert differs or mapped.actions == (f"{service}:{name}",)


def test_each_action_and_prefix_of_the_file_is_in_the_table() -> None:
    table, rules = action_table(), event_actions._rules()
    named = {action for differing in rules.actions.values() for needed in differing.values() for action in needed}
    assert len(named) > 60
    assert [action for action in named if table.find(action) is None] == []
    assert all(table.service(prefix) for prefixes in rules.sources.values() for prefix in prefixes)


def test_rows_for_a_join_stand_once_and_leave_the_unmapped_to_be_counted() -> None:
    events = [
        ("s3.amazonaws.com", "CopyObject"),
        ("sts.amazonaws.com", "GetCallerIdentity"),
        ("s3.amazonaws.com", "Unheard"),
        ("s3.amazonaws.com", "CopyObject"),
    ]
    rows = list(action_rows(events))
    assert rows == [
        ("s3.amazonaws.com", "CopyObject", ("s3:GetObject", "s3:PutObject")),
        ("sts.amazonaws.com", "GetCallerIdentity", ()),
        ("s3.amazonaws.com", "Unheard", None),
    ]
