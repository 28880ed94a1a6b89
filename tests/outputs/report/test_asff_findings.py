"""Findings against the model of Security Hub that botocore ships, and the greatest lengths in its documentation."""

import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import botocore.session
import pytest
from botocore.model import ListShape, MapShape, Shape, StructureShape
from botocore.validate import ParamValidator

from sakimori.model.assessment import Assessment
from sakimori.model.verdict import Text
from sakimori.outputs.report.asff_findings import RESOURCE_TYPES, write_asff

SERVICE = botocore.session.get_session().get_service_model("securityhub")
INPUT = SERVICE.operation_model("BatchImportFindings").input_shape
FINDING = INPUT.members["Findings"].member  # pyright: ignore[reportOptionalMemberAccess]
LENGTH = re.compile(r"Maximum(?: length)? of (\d+)(?: length)?\.|Length Constraints: (\d+)\.")


def findings(assessment: Assessment) -> list[dict[str, Any]]:
    stream = io.StringIO()
    write_asff(assessment, stream, "en")
    return json.loads(stream.getvalue())


def too_long(value: Any, shape: Shape, path: str = "") -> Iterator[str]:
    """What the documentation of the model forbids: lengths, words that no enumeration has, blank texts."""
    if isinstance(shape, StructureShape):
        for name, item in value.items():
            yield from too_long(item, shape.members[name], f"{path}.{name}")
    elif isinstance(shape, ListShape):
        for item in value:
            yield from too_long(item, shape.member, path)
    elif isinstance(shape, MapShape):
        for item in value.values():
            yield from too_long(item, shape.value, path)
    elif isinstance(value, str):
        yield from wrong_text(value, shape, path)


def wrong_text(value: str, shape: Shape, path: str) -> Iterator[str]:
    limits = [int(number) for match in LENGTH.findall(shape.documentation) for number in match if number]
    if limits and len(value) > limits[0]:
        yield f"{path}: {len(value)} > {limits[0]}"
    if shape.metadata.get("enum") and value not in shape.metadata["enum"]:
        yield f"{path}: {value}"
    if not value.strip():
        yield f"{path}: blank"


@pytest.mark.parametrize("which", ["sample", "hostile", "framed", "hostile_framed"])
def test_every_finding_is_what_security_hub_takes(which: str, request: pytest.FixtureRequest) -> None:
    made = findings(request.getfixturevalue(which))
    assert made
    for start in range(0, len(made), 100):
        report = ParamValidator().validate({"Findings": made[start : start + 100]}, INPUT)
        assert not report.has_errors(), report.generate_report()
    for finding in made:
        assert list(too_long(finding, FINDING)) == []
        assert len(json.dumps(finding).encode()) < 240_000
        assert re.fullmatch(
            r"arn:aws:securityhub:[a-z]{2}-[a-z]+-\d:\d{12}:product/\d{12}/default", finding["ProductArn"]
        )


def test_the_check_of_lengths_sees_what_is_too_long(sample: Assessment) -> None:
    finding = findings(sample)[0]
    for broken in ({"Title": "x" * 257}, {"Description": "x" * 1025}, {"RecordState": "x"}, {"GeneratorId": " "},
                   {"Remediation": {"Recommendation": {"Text": "x" * 513}}}, {"AwsAccountId": "1" * 13}):  # fmt: skip
        assert len(list(too_long({**finding, **broken}, FINDING))) == 1, broken


def test_identities_are_those_of_the_findings_and_different(sample: Assessment) -> None:
    made = findings(sample)
    assert made[0]["Id"] == sample.verdicts[0].id
    assert len({finding["Id"] for finding in made}) == len(made) == len(sample.verdicts) + 1


def test_fail_muted_unknown_and_pass_keep_apart(framed: Assessment) -> None:
    made = findings(framed)
    states = {
        name: (made[at]["Compliance"]["Status"], made[at]["Workflow"]["Status"], made[at]["Severity"]["Label"])
        for name, at in {"fail": 0, "muted": 15, "unknown": 16, "pass": 33}.items()
    }
    assert states == {
        "fail": ("FAILED", "NEW", "CRITICAL"),
        "muted": ("FAILED", "SUPPRESSED", "LOW"),
        "unknown": ("NOT_AVAILABLE", "NEW", "HIGH"),
        "pass": ("PASSED", "RESOLVED", "INFORMATIONAL"),
    }
    assert made[0]["Compliance"]["RelatedRequirements"] == ["example-baseline 1.1", "other-guide A-2"]
    assert made[16]["Compliance"]["StatusReasons"] == [{"ReasonCode": "DENIED", "Description": "access denied"}]
    assert made[15]["Note"]["UpdatedBy"] == "suzuki"


def test_what_is_gone_is_archived(sample: Assessment) -> None:
    gone = findings(sample)[-1]
    assert (gone["Resources"][0]["Id"], gone["RecordState"]) == ("arn:aws:s3:::old-logs", "ARCHIVED")


def test_the_product_is_that_of_the_account_and_region(sample: Assessment) -> None:
    made = findings(sample)
    assert made[14]["ProductArn"] == "arn:aws:securityhub:us-east-1:111122223333:product/111122223333/default"
    assert made[0]["ProductArn"].split(":")[3] == "us-east-1", "what has no Region goes to the lead Region"
    assert "Region" not in made[0]["Resources"][0]


def test_without_the_lead_region_the_first_one_read_takes_what_has_none(sample: Assessment) -> None:
    [covered, *_] = sample.accounts
    narrow = replace(covered, account=replace(covered.account, selected=("ap-northeast-1",)))
    made = findings(replace(sample, accounts=(narrow,)))
    assert made[0]["ProductArn"].split(":")[3] == "ap-northeast-1"


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("AWS::S3::Bucket", "AwsS3Bucket"), ("AWS::EC2::VPC", "AwsEc2Vpc"), ("AWS::RDS::DBInstance", "AwsRdsDbInstance"),
        ("AWS::ElasticLoadBalancingV2::LoadBalancer", "AwsElbv2LoadBalancer"), ("AWS::Account", "AwsAccount"),
        ("AWS::IAM::AccountPasswordPolicy", "Other"), ("<script>", "Other"),
    ],
)  # fmt: skip
def test_resources_have_the_names_of_security_hub(sample: Assessment, kind: str, expected: str) -> None:
    [finding] = findings(replace(sample, verdicts=[replace(sample.verdicts[0], resource_type=kind)]))[:1]
    assert finding["Resources"][0]["Type"] == expected


def test_the_types_are_those_of_the_model() -> None:
    details = FINDING.members["Resources"].member.members["Details"].members
    assert set(RESOURCE_TYPES) - set(details) == {"AwsAccount"}


def test_long_names_are_cut_to_what_security_hub_takes(sample: Assessment) -> None:
    long = "n" * 100_000
    verdict = replace(sample.verdicts[0], resource=long, message=Text(long, long), parameters={long: long})
    [finding] = findings(replace(sample, verdicts=[verdict]))[:1]
    assert list(too_long(finding, FINDING)) == []
    assert len(finding["Resources"][0]["Id"]) == 512
