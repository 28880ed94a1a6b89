"""CloudFront, load balancers, AWS WAF and Systems Manager: what moto lacks is answered from state that calls change."""

import json
from typing import Any

import pytest

from sakimori.simulate.server import SimulatedAccount
from sakimori.simulate.state import ManagedNode

TOKYO = "ap-northeast-1"
SETTING = "/ssm/documents/console/public-sharing-permission"
CONTROL = {
    "Name": "oac",
    "SigningProtocol": "sigv4",
    "SigningBehavior": "always",
    "OriginAccessControlOriginType": "s3",
}


def _config(**origin: Any) -> dict[str, Any]:
    item = {"Id": "o", "DomainName": "site.s3.amazonaws.com", "S3OriginConfig": {"OriginAccessIdentity": ""}, **origin}
    return {
        "CallerReference": "x",
        "Comment": "",
        "Enabled": True,
        "Origins": {"Quantity": 1, "Items": [item]},
        "DefaultCacheBehavior": {"TargetOriginId": "o", "ViewerProtocolPolicy": "https-only"},
    }


def test_an_origin_keeps_how_its_bucket_is_read_also_after_a_change(account: SimulatedAccount) -> None:
    cloudfront = account.client("cloudfront")
    control = cloudfront.create_origin_access_control(OriginAccessControlConfig=CONTROL)["OriginAccessControl"]["Id"]
    made = cloudfront.create_distribution(DistributionConfig=_config(OriginAccessControlId=control))
    asked = made["Distribution"]["Id"]

    def origin() -> Any:
        return cloudfront.list_distributions()["DistributionList"]["Items"][0]["Origins"]["Items"][0]

    assert (origin()["OriginAccessControlId"], origin()["S3OriginConfig"]["OriginAccessIdentity"]) == (control, "")
    identity = {"S3OriginConfig": {"OriginAccessIdentity": "origin-access-identity/cloudfront/E1"}}
    cloudfront.update_distribution(Id=asked, IfMatch=made["ETag"], DistributionConfig=_config(**identity))
    assert origin()["OriginAccessControlId"] == ""
    assert origin()["S3OriginConfig"]["OriginAccessIdentity"] == "origin-access-identity/cloudfront/E1"


def test_a_distribution_cannot_name_what_is_not_there(account: SimulatedAccount, refusal_of: Any) -> None:
    create = account.client("cloudfront").create_distribution
    unsigned = _config(OriginAccessControlId="E404")
    assert refusal_of(create, DistributionConfig=unsigned)[0] == "InvalidOriginAccessControl"
    unguarded = {**_config(), "WebACLId": "arn:aws:wafv2:us-east-1:123456789012:global/webacl/none/1"}
    assert refusal_of(create, DistributionConfig=unguarded)[0] == "InvalidWebACLId"


@pytest.mark.slow
def test_documents_are_public_where_the_region_lets_them(account: SimulatedAccount, refusal_of: Any) -> None:
    ssm = account.client("ssm", region=TOKYO)
    content = json.dumps({"schemaVersion": "2.2", "description": "x", "mainSteps": []})
    ssm.create_document(Name="setup", DocumentType="Command", DocumentFormat="JSON", Content=content)
    share = {"Name": "setup", "PermissionType": "Share"}
    ssm.modify_document_permission(**share, AccountIdsToAdd=["all"])
    assert ssm.describe_document_permission(**share)["AccountIds"] == ["all"]
    ssm.modify_document_permission(**share, AccountIdsToRemove=["all"])
    ssm.update_service_setting(SettingId=SETTING, SettingValue="Disable")
    assert refusal_of(ssm.modify_document_permission, **share, AccountIdsToAdd=["All"])[0] == "DocumentPermissionLimit"
    ssm.modify_document_permission(**share, AccountIdsToAdd=["111122223333"])
    assert ssm.describe_document_permission(**share)["AccountIds"] == ["111122223333"]


def test_a_service_setting_belongs_to_a_region_and_can_be_reset(account: SimulatedAccount, refusal_of: Any) -> None:
    ssm, other = account.client("ssm", region=TOKYO), account.client("ssm")

    def setting(client: Any, name: str = SETTING) -> tuple[str, str]:
        found = client.get_service_setting(SettingId=name)["ServiceSetting"]
        return found["SettingValue"], found["Status"]

    ssm.update_service_setting(SettingId=SETTING, SettingValue="Disable")
    assert (setting(ssm), setting(other)) == (("Disable", "Customized"), ("Enable", "Default"))
    arn = ssm.get_service_setting(SettingId=SETTING)["ServiceSetting"]["ARN"]
    assert setting(ssm, arn) == ("Disable", "Customized")
    assert ssm.reset_service_setting(SettingId=SETTING)["ServiceSetting"]["SettingValue"] == "Enable"
    assert setting(ssm) == ("Enable", "Default")
    assert refusal_of(ssm.get_service_setting, SettingId="/ssm/none")[0] == "ServiceSettingNotFound"
    wrong = {"SettingId": SETTING, "SettingValue": "Maybe"}
    assert refusal_of(ssm.update_service_setting, **wrong)[0] == "ValidationException"


@pytest.mark.slow
def test_only_running_instances_report_and_only_those_that_have_registered(account: SimulatedAccount) -> None:
    ec2 = account.client("ec2", region=TOKYO)
    made = ec2.run_instances(ImageId="ami-00000000000000000", MinCount=8, MaxCount=8)["Instances"]
    stopped, unknown, *running = [instance["InstanceId"] for instance in made]
    for instance in (stopped, *running):
        account.state.managed_nodes[instance] = ManagedNode(at=account.state.clock())
    ec2.stop_instances(InstanceIds=[stopped])
    ssm = account.client("ssm", region=TOKYO)
    pages = list(ssm.get_paginator("describe_instance_information").paginate(PaginationConfig={"PageSize": 5}))
    found = [each["InstanceId"] for page in pages for each in page["InstanceInformationList"]]
    assert (len(pages), sorted(found), unknown in found) == (2, sorted(running), False)
    assert account.client("ssm").describe_instance_information()["InstanceInformationList"] == []


@pytest.mark.slow
def test_access_logs_are_off_until_a_bucket_lets_them_in(account: SimulatedAccount, refusal_of: Any) -> None:
    found = account.client("ec2", region=TOKYO).describe_subnets()["Subnets"][:2]
    elbv2 = account.client("elbv2", region=TOKYO)
    made = elbv2.create_load_balancer(Name="web", Subnets=[subnet["SubnetId"] for subnet in found])
    balancer = {"LoadBalancerArn": made["LoadBalancers"][0]["LoadBalancerArn"]}

    def logs() -> str:
        listed = elbv2.describe_load_balancer_attributes(**balancer)["Attributes"]
        return {each["Key"]: each["Value"] for each in listed}["access_logs.s3.enabled"]

    assert logs() == "false"
    bucket = {"Key": "access_logs.s3.bucket", "Value": "alb-logs-1"}
    wanted = {**balancer, "Attributes": [{"Key": "access_logs.s3.enabled", "Value": "true"}, bucket]}
    assert refusal_of(elbv2.modify_load_balancer_attributes, **wanted)[0] == "InvalidConfigurationRequest"
    s3 = account.client("s3", region=TOKYO)
    s3.create_bucket(Bucket="alb-logs-1", CreateBucketConfiguration={"LocationConstraint": TOKYO})
    assert refusal_of(elbv2.modify_load_balancer_attributes, **wanted)[0] == "InvalidConfigurationRequest"
    delivery = {
        "Effect": "Allow",
        "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": "arn:aws:s3:::alb-logs-1/*",
    }
    s3.put_bucket_policy(Bucket="alb-logs-1", Policy=json.dumps({"Statement": [delivery]}))
    elbv2.modify_load_balancer_attributes(**wanted)
    assert logs() == "true"


def test_logs_of_a_web_acl_are_the_accounts_own_and_no_other_services(
    account: SimulatedAccount, refusal_of: Any
) -> None:
    wafv2 = account.client("wafv2", region=TOKYO)
    seen = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": "web"}
    made = wafv2.create_web_acl(
        Name="web", Scope="REGIONAL", DefaultAction={"Allow": {}}, VisibilityConfig=seen, Rules=[]
    )
    asked = {"ResourceArn": made["Summary"]["ARN"]}
    assert refusal_of(wafv2.get_logging_configuration, **asked)[0] == "WAFNonexistentItemException"
    group = f"arn:aws:logs:{TOKYO}:123456789012:log-group:aws-waf-logs-web"
    wafv2.put_logging_configuration(LoggingConfiguration={**asked, "LogDestinationConfigs": [group]})
    assert wafv2.get_logging_configuration(**asked)["LoggingConfiguration"]["LogDestinationConfigs"] == [group]
    lake = {**asked, "LogScope": "SECURITY_LAKE"}
    assert refusal_of(wafv2.get_logging_configuration, **lake)[0] == "WAFNonexistentItemException"
