"""Findings in the AWS Security Finding Format (version 2018-10-08), one JSON array, for Security Hub.

BatchImportFindings takes at most 100 findings a call, of the account that calls and for the
Region that it calls; the product ARN of each finding names both. Sources: the model of
the service `securityhub` in botocore (`AwsSecurityFinding`, with the greatest lengths in
its documentation) and the Security Hub partner guide, "Guidelines for using the
BatchImportFindings API".
"""

import re
from collections.abc import Iterator
from typing import Final, TextIO

from sakimori.model.account import Account
from sakimori.model.assessment import Assessment, RuleSummary
from sakimori.model.verdict import Verdict
from sakimori.model.words import GLOBAL, Confidence, Severity, Status
from sakimori.outputs.report.framework_words import related
from sakimori.outputs.report.plain_values import as_json, utc
from sakimori.texts.language import Language, clean
from sakimori.texts.sentences import say

VERSION: Final = "2018-10-08"
TYPES: Final = ("Software and Configuration Checks/AWS Security Best Practices",)
RESOURCE_TYPES: Final = tuple(
    "Aws" + name
    for name in (  # noqa: SIM905 - a hundred quoted names would be four pages
        "Account AmazonMqBroker ApiGatewayRestApi ApiGatewayStage ApiGatewayV2Api ApiGatewayV2Stage AppSyncGraphQlApi "
        "AthenaWorkGroup AutoScalingAutoScalingGroup AutoScalingLaunchConfiguration BackupBackupPlan BackupBackupVault "
        "BackupRecoveryPoint CertificateManagerCertificate CloudFormationStack CloudFrontDistribution CloudTrailTrail "
        "CloudWatchAlarm CodeBuildProject DmsEndpoint DmsReplicationInstance DmsReplicationTask DynamoDbTable "
        "Ec2ClientVpnEndpoint Ec2Eip Ec2Instance Ec2LaunchTemplate Ec2NetworkAcl Ec2NetworkInterface Ec2RouteTable "
        "Ec2SecurityGroup Ec2Subnet Ec2TransitGateway Ec2Volume Ec2Vpc Ec2VpcEndpointService Ec2VpcPeeringConnection "
        "Ec2VpnConnection EcrContainerImage EcrRepository EcsCluster EcsContainer EcsService EcsTask EcsTaskDefinition "
        "EfsAccessPoint EksCluster ElasticBeanstalkEnvironment ElasticsearchDomain ElbLoadBalancer Elbv2LoadBalancer "
        "EventSchemasRegistry EventsEndpoint EventsEventbus GuardDutyDetector IamAccessKey IamGroup IamPolicy IamRole "
        "IamUser KinesisStream KmsKey LambdaFunction LambdaLayerVersion MskCluster NetworkFirewallFirewall "
        "NetworkFirewallFirewallPolicy NetworkFirewallRuleGroup OpenSearchServiceDomain RdsDbCluster "
        "RdsDbClusterSnapshot RdsDbInstance RdsDbSecurityGroup RdsDbSnapshot RdsEventSubscription RedshiftCluster "
        "Route53HostedZone S3AccessPoint S3AccountPublicAccessBlock S3Bucket S3Object SageMakerNotebookInstance "
        "SecretsManagerSecret SnsTopic SqsQueue SsmPatchCompliance StepFunctionStateMachine WafRateBasedRule "
        "WafRegionalRateBasedRule WafRegionalRule WafRegionalRuleGroup WafRegionalWebAcl WafRule WafRuleGroup "
        "WafWebAcl Wafv2RuleGroup Wafv2WebAcl XrayEncryptionConfig"
    ).split()
)
"""The types of resource that Security Hub knows, as it spells them."""

_OTHER_NAMES: Final = {
    "awselasticloadbalancingloadbalancer": "AwsElbLoadBalancer",
    "awselasticloadbalancingv2loadbalancer": "AwsElbv2LoadBalancer",
    "awsstepfunctionsstatemachine": "AwsStepFunctionStateMachine",
}
_TYPE_OF: Final = {name.casefold(): name for name in RESOURCE_TYPES} | _OTHER_NAMES
_LEAD_REGIONS: Final = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
"""Where the services live that have no Region."""
_PARTITIONS: Final = frozenset({"aws", "aws-cn", "aws-us-gov", "aws-us-iso", "aws-us-iso-b"})
_COMPLIANCE: Final = {Status.PASS: "PASSED", Status.FAIL: "FAILED", Status.UNKNOWN: "NOT_AVAILABLE"}
_CONFIDENCE: Final = {Confidence.LOW: 30, Confidence.MEDIUM: 60, Confidence.HIGH: 90}
_REGION: Final = re.compile(r"[a-z]{2,4}(-[a-z]+)+-\d{1,2}\Z")
_NAME: Final = 512
_TITLE: Final = 256
_DESCRIPTION: Final = 1024
_NOTE: Final = 512
_REQUIREMENTS: Final = 32
_REQUIREMENT: Final = 64
_PARAMETER: Final = 256


def write_asff(assessment: Assessment, stream: TextIO, language: Language) -> None:
    """One finding per verdict, and an archived one for each fixed finding whose resource is no longer there."""
    stream.write("[")
    for number, finding in enumerate(_Findings(assessment, language).all()):
        stream.write(",\n" if number else "\n")
        stream.write(as_json(finding))
    stream.write("\n]\n")


class _Findings:
    def __init__(self, assessment: Assessment, language: Language) -> None:
        self._assessment = assessment
        self._language: Language = language
        self._rules: dict[str, RuleSummary] = {rule.id: rule for rule in assessment.rules}
        self._accounts = {covered.account.id: covered.account for covered in assessment.accounts}
        self._as_of = utc(assessment.as_of)

    def all(self) -> Iterator[dict[str, object]]:
        gone = {verdict.id: verdict for verdict in self._assessment.changes.fixed}
        for verdict in self._assessment.verdicts:
            identity = verdict.id
            gone.pop(identity, None)
            yield self._finding(verdict, identity)
        for identity, verdict in gone.items():
            yield self._finding(verdict, identity) | {"RecordState": "ARCHIVED", "Workflow": {"Status": "RESOLVED"}}

    def _finding(self, verdict: Verdict, identity: str) -> dict[str, object]:
        rule = self._rules.get(verdict.rule)
        region = self._region(verdict)
        partition, account = _text(verdict.partition, 20), _text(verdict.account, 12)
        severity = _severity(verdict)
        finding: dict[str, object] = {
            "SchemaVersion": VERSION,
            "Id": identity,
            "ProductArn": f"arn:{partition}:securityhub:{region}:{account}:product/{account}/default",
            "GeneratorId": _text(verdict.rule, _NAME),
            "AwsAccountId": account,
            "Types": TYPES,
            "CreatedAt": utc(verdict.first_seen) or self._as_of,
            "UpdatedAt": self._as_of,
            "Severity": severity,
            "FindingProviderFields": {"Severity": severity, "Types": TYPES, "Confidence": _CONFIDENCE[verdict.confidence]},
            "Title": _text(rule.title.in_(self._language) if rule else verdict.rule, _TITLE),
            "Description": _text(verdict.message.in_(self._language), _DESCRIPTION),
            "Resources": [_resource(verdict, partition, region)],
            "Compliance": self._compliance(verdict, rule),
            "Workflow": {"Status": _workflow(verdict)},
            "RecordState": "ACTIVE",
        }  # fmt: skip
        if rule is not None:
            finding["Remediation"] = {"Recommendation": self._recommendation(rule)}
        if verdict.mute is not None:
            author = _text(verdict.mute.owner or "sakimori", _NOTE)
            note = _text(verdict.mute.reason, _NOTE)
            finding["Note"] = {"Text": note, "UpdatedBy": author, "UpdatedAt": self._as_of}
        return finding

    def _region(self, verdict: Verdict) -> str:
        """Its own; for what has none, the lead Region of the partition, or the first that was read."""
        if _REGION.match(verdict.region):
            return verdict.region
        lead = _LEAD_REGIONS.get(verdict.partition, "us-east-1")
        account: Account | None = self._accounts.get(verdict.account)
        read = [region for region in account.selected or account.regions if _REGION.match(region)] if account else []
        return lead if lead in read or not read else read[0]

    def _compliance(self, verdict: Verdict, rule: RuleSummary | None) -> dict[str, object]:
        compliance: dict[str, object] = {"Status": _COMPLIANCE[verdict.status]}
        if rule is not None and rule.frameworks:
            asked = related(rule.frameworks)[:_REQUIREMENTS]
            compliance["RelatedRequirements"] = [_text(each, _REQUIREMENT) for each in asked]
        if verdict.status is Status.UNKNOWN:
            reason = say(f"report.kind_{verdict.reason}", self._language)
            compliance["StatusReasons"] = [
                {"ReasonCode": (verdict.reason or "value_unknown").upper(), "Description": reason}
            ]
        if verdict.parameters:
            compliance["SecurityControlParameters"] = [
                {"Name": _text(name, _PARAMETER), "Value": [_text(str(value), _PARAMETER)]}
                for name, value in verdict.parameters.items()
            ]
        return compliance

    def _recommendation(self, rule: RuleSummary) -> dict[str, str]:
        links = [link for link in rule.references if link.startswith("https://")]
        text = _text(rule.fix.in_(self._language), _NOTE)
        return {"Text": text, "Url": links[0]} if links else {"Text": text}


def _severity(verdict: Verdict) -> dict[str, str]:
    shown = Severity.INFORMATIONAL if verdict.status is Status.PASS else verdict.severity
    return {"Label": shown.upper(), "Original": str(verdict.severity)}


def _workflow(verdict: Verdict) -> str:
    if verdict.status is Status.PASS:
        return "RESOLVED"
    return "SUPPRESSED" if verdict.mute else "NEW"


def _resource(verdict: Verdict, partition: str, region: str) -> dict[str, object]:
    kind = _TYPE_OF.get(verdict.resource_type.replace(":", "").casefold(), "Other")
    name = verdict.resource
    if kind == "AwsAccount":
        name = f"AWS::::Account:{verdict.account}"
    resource: dict[str, object] = {"Type": kind, "Id": _text(name, _NAME)}
    if partition in _PARTITIONS:
        resource["Partition"] = partition
    if verdict.region != GLOBAL:
        resource["Region"] = region
    return resource


def _text(text: str, limit: int) -> str:
    """Never empty: Security Hub takes no text that is."""
    shown = clean(text, limit)
    return shown if shown.strip() else "-"
