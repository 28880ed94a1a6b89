"""Findings of AWS's services as detections: the same thing told in several forms is one."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.findings.imported import samples
from tests.findings.imported.samples import ACCOUNT, GUARDDUTY_ARN, REGION

from sakimori.findings.detections import record_detections
from sakimori.findings.imported.forms import FORMS, detection_in, findings_in
from sakimori.findings.imported.told import Where
from sakimori.model.detection import Detection
from sakimori.model.words import Confidence, Severity
from sakimori.state.store import Store

ALICE = f"arn:aws:iam::{ACCOUNT}:user/alice"
INSTANCE = f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/i-0123456789abcdef0"
MAKERS: dict[str, Callable[..., dict[str, Any]]] = {
    "guardduty": samples.guardduty,
    "asff": samples.asff,
    "control": samples.control,
    "ocsf": samples.ocsf,
    "inspector": samples.inspector,
    "macie": samples.macie,
    "access-analyzer": samples.access_analyzer,
}


def made(found: dict[str, Any], where: Where | None = None, kind: str = "auto") -> Detection:
    detection = detection_in(found, where or Where(), kind)
    assert detection is not None
    return detection


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 10, 1, hour, minute, tzinfo=UTC)


def test_a_finding_of_guardduty_tells_who_from_where_and_how_often() -> None:
    found = made(samples.guardduty())
    assert (found.producer, found.native_id) == ("guardduty", GUARDDUTY_ARN)
    assert found.rule == "UnauthorizedAccess:IAMUser/MaliciousIPCaller.Custom"
    assert (found.severity, found.confidence) == (Severity.MEDIUM, Confidence.MEDIUM)
    assert (found.first_at, found.last_at, found.updated_at, found.count) == (at(1), at(2), at(2, 10), 7)
    assert (found.principal, found.origins) == (ALICE, ("198.51.100.7",))
    assert (found.partition, found.account, found.region) == ("aws", ACCOUNT, REGION)
    assert found.tactics == ("initial-access",)
    assert found.evidence["api"] == "ListBuckets"
    assert found.title.ja == "GuardDuty の検出結果: UnauthorizedAccess:IAMUser/MaliciousIPCaller.Custom"
    assert found.message.en.startswith("The API ListBuckets was invoked")
    assert "検出しました" in found.message.ja


def test_get_findings_and_the_export_tell_the_same() -> None:
    assert made(samples.capitalised(samples.guardduty())) == made(samples.guardduty())


@pytest.mark.parametrize("form", [samples.asff, samples.ocsf])
def test_what_security_hub_passes_on_is_the_finding_of_the_service_itself(
    store: Store, form: Callable[..., dict[str, Any]]
) -> None:
    own, passed_on = made(samples.guardduty()), made(form())
    assert passed_on.id == own.id
    for name in (
        "rule",
        "severity",
        "principal",
        "origins",
        "account",
        "region",
        "first_at",
        "last_at",
        "count",
        "tactics",
    ):
        assert getattr(passed_on, name) == getattr(own, name), name
    assert len(record_detections(store, [own], at(3)).new) == 1
    assert record_detections(store, [passed_on], at(4)).new == ()


@pytest.mark.parametrize(
    ("value", "severity"),
    [(9.5, "critical"), (9, "critical"), (8.9, "high"), (7, "high"), (6.9, "medium"), (4, "medium"), (3.9, "low"),
     (1, "low"), (0, "informational"), ("8", "high"), (None, "medium"), ("grave", "medium")],
)  # fmt: skip
def test_the_number_of_guardduty_is_a_severity(value: object, severity: str) -> None:
    assert made(samples.guardduty(severity=value)).severity == severity


@pytest.mark.parametrize(
    ("key", "principal"),
    [
        ({"userType": "Root", "userName": "Root", "principalId": ACCOUNT}, f"arn:aws-cn:iam::{ACCOUNT}:root"),
        (
            {"userType": "AssumedRole", "userName": "ci", "principalId": "AROAX:run"},
            f"arn:aws-cn:iam::{ACCOUNT}:role/ci",
        ),
        ({"userType": "IAMUser", "userName": "bob"}, f"arn:aws-cn:iam::{ACCOUNT}:user/bob"),
        ({"userType": "AWSService", "userName": "", "principalId": "ec2.amazonaws.com"}, "ec2.amazonaws.com"),
        ({}, ""),
        ("bob", ""),
    ],
)
def test_the_principal_is_whoever_stands_behind_the_key(key: object, principal: str) -> None:
    resource = {"resourceType": "AccessKey", "accessKeyDetails": key}
    assert made(samples.guardduty(partition="aws-cn", resource=resource)).principal == principal


def test_the_resource_of_guardduty_is_named_by_its_arn() -> None:
    resource = {
        "resourceType": "Instance",
        "instanceDetails": {"instanceId": "i-0123456789abcdef0"},
        "s3BucketDetails": [{"arn": "arn:aws:s3:::a"}, {"name": "b"}],
    }
    assert made(samples.guardduty(resource=resource)).resources == (INSTANCE, "arn:aws:s3:::a", "b")


def test_an_attack_sequence_tells_its_actor_endpoints_and_techniques() -> None:
    sequence = {
        "uid": "1",
        "actors": [{"id": "a", "user": {"name": "ci", "type": "AssumedRole", "account": {"uid": ACCOUNT}}}],
        "resources": [{"uid": "arn:aws:s3:::a", "resourceType": "S3_BUCKET"}],
        "endpoints": [{"id": "e", "ip": "198.51.100.9"}],
        "sequenceIndicators": [
            {"key": "ATTACK_TACTIC", "values": ["Exfiltration", "Credential Access"]},
            {"key": "ATTACK_TECHNIQUE", "values": ["T1530"]},
        ],
    }
    service = {**samples.guardduty()["service"], "action": None, "detection": {"sequence": sequence}}
    found = made(samples.guardduty(type="AttackSequence:S3/CompromisedData", severity=9, resource={}, service=service))
    assert found.severity is Severity.CRITICAL
    assert (found.principal, found.resources) == (f"arn:aws:iam::{ACCOUNT}:role/ci", ("arn:aws:s3:::a",))
    assert (found.tactics, found.techniques) == (("exfiltration", "credential-access"), ("T1530",))
    assert found.origins == ("198.51.100.9",)


def test_a_sample_is_unlikely_and_an_archived_finding_closed() -> None:
    service = samples.guardduty()["service"]
    shown = made(samples.guardduty(service={**service, "archived": True, "additionalInfo": {"sample": True}}))
    assert (shown.confidence, shown.is_closed, shown.evidence["is_sample"]) == (Confidence.LOW, True, True)


def test_a_control_of_security_hub_is_named_by_its_id_and_closed_once_it_passes() -> None:
    failed = made(samples.control())
    assert (failed.producer, failed.rule, failed.severity) == ("securityhub", "S3.1", Severity.MEDIUM)
    assert not failed.is_closed
    assert made(samples.control(Compliance={"Status": "PASSED", "SecurityControlId": "S3.1"})).is_closed


@pytest.mark.parametrize(
    "more", [{"RecordState": "ARCHIVED"}, {"Workflow": {"Status": "SUPPRESSED"}}, {"Workflow": {"Status": "RESOLVED"}}]
)
def test_what_security_hub_holds_for_settled_is_closed(more: dict[str, Any]) -> None:
    assert made(samples.asff(**more)).is_closed


def test_inspector_macie_and_access_analyzer_tell_theirs() -> None:
    vulnerable = made(samples.inspector())
    assert vulnerable.rule == "PACKAGE_VULNERABILITY:CVE-2021-44228"
    assert (vulnerable.severity, vulnerable.resources) == (Severity.CRITICAL, (INSTANCE,))
    assert made(samples.inspector(severity="UNTRIAGED", status="CLOSED")).is_closed
    opened = made(samples.macie())
    assert (opened.principal, opened.origins) == (f"arn:aws:iam::{ACCOUNT}:role/teams/ci", ("198.51.100.8",))
    assert (opened.severity, opened.count, opened.resources) == (Severity.HIGH, 2, ("arn:aws:s3:::example-photos",))
    public = made(samples.access_analyzer())
    assert (public.rule, public.severity) == ("ExternalAccess", Severity.HIGH)
    assert public.resources == opened.resources
    unused = made(samples.access_analyzer(findingType="UnusedIAMRole", isPublic=None), Where(region="eu-west-1"))
    assert unused.severity is Severity.LOW


def test_a_vulnerability_is_one_detection_through_security_hub_too() -> None:
    direct = made(samples.inspector())
    through = made(
        samples.asff(
            Id=direct.native_id,
            ProductArn=f"arn:aws:securityhub:{REGION}::product/aws/inspector",
            Vulnerabilities=[{"Id": "CVE-2021-44228"}],
        )
    )
    assert (through.id, through.rule) == (direct.id, direct.rule)


def test_an_event_tells_the_place_that_its_finding_does_not() -> None:
    detail = {name: value for name, value in samples.access_analyzer().items() if name not in {"accountId", "region"}}
    ((found, where),) = findings_in(samples.event("Access Analyzer Finding", detail), Where())
    detection = detection_in(found, where)
    assert detection is not None
    assert (detection.account, detection.region) == (ACCOUNT, REGION)


def test_what_this_program_wrote_itself_does_not_come_back() -> None:
    own = samples.control(
        ProductArn=f"arn:aws:securityhub:{REGION}:{ACCOUNT}:product/{ACCOUNT}/default",
        GeneratorId="aws.s3.bucket-public-access-blocked",
    )
    assert list(findings_in({"Findings": [own]}, Where())) == []
    assert list(findings_in(samples.ocsf(metadata={"product": {"name": "sakimori"}}), Where())) == []


def test_a_finding_of_another_kind_than_asked_for_is_none() -> None:
    assert detection_in(samples.macie(), Where(), "guardduty") is None
    assert detection_in({"eventName": "StopLogging"}, Where()) is None
    assert detection_in("text", Where()) is None


@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize("what", ["no time", "no identity"])
def test_a_finding_without_identity_or_time_is_refused(name: str, what: str) -> None:
    found = MAKERS[name]()
    dropped = {"no time": _without_times, "no identity": _without_identity}[what](found)
    assert detection_in(dropped, Where()) is None


def _without_times(value: Any) -> Any:
    if isinstance(value, dict):
        kept = {
            name: _without_times(each)
            for name, each in value.items()
            if not name.lower().endswith(("at", "time", "_dt"))
        }
        kept = {
            name: each for name, each in kept.items() if name not in {"eventFirstSeen", "eventLastSeen", "firstSeen"}
        }
        return {**kept, "analyzedAt": None} if "resource" in kept else kept
    return [_without_times(each) for each in value] if isinstance(value, list) else value


def _without_identity(found: dict[str, Any]) -> dict[str, Any]:
    lost = dict.fromkeys(found.keys() & {"id", "arn", "Id", "findingArn", "finding_info"})
    return {**found, **lost}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.slow
@given(data=st.data(), name=st.sampled_from(sorted(MAKERS)))
def test_whatever_stands_in_a_finding_nothing_breaks(data: st.DataObject, name: str) -> None:
    found = _spoiled(MAKERS[name](), data)
    for kind in (*FORMS, "auto"):
        detection = detection_in(found, Where(), kind)
        if detection is not None:
            assert detection.first_at <= detection.last_at
            assert replace(detection) == detection
            assert len(detection.message.en) <= 2_000
            assert "\x00" not in detection.rule + detection.principal + detection.title.en


def _spoiled(value: Any, data: st.DataObject) -> Any:
    if data.draw(st.integers(0, 9)) == 0:
        return data.draw(JSON)
    if isinstance(value, dict):
        return {name: _spoiled(each, data) for name, each in value.items()}
    return [_spoiled(each, data) for each in value] if isinstance(value, list) else value
