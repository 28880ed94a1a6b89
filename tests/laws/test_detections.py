"""Laws over every detection of the rulebook: each is whole, says in both languages what it saw, and can see what it asks for."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from botocore.model import Shape
from botocore.session import get_session

from sakimori.analysis.facts.catalogue import facts
from sakimori.model.words import Confidence, Severity
from sakimori.rules.detections.check import check_examples
from sakimori.rules.detections.condition import Condition, anchor_of, fields_of
from sakimori.rules.detections.load import built_in_detections, load_detections
from sakimori.rules.detections.rule import Correlation, DetectionRule
from sakimori.texts.bounded_yaml import read_yaml_documents

LOADED = load_detections()
FILES = built_in_detections()
ROOT = Path(*FILES[0].parts[: FILES[0].parts.index("detections") + 1])
KEBAB = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\Z")
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\Z")
TACTICS = {
    "reconnaissance", "resource-development", "initial-access", "execution", "persistence", "privilege-escalation",
    "defense-evasion", "credential-access", "discovery", "lateral-movement", "collection", "command-and-control",
    "exfiltration", "impact",
}  # fmt: skip
TECHNIQUE = re.compile(r"T\d{4}(\.\d{3})?\Z")
FACT = re.compile(r"\bfact\.[a-z0-9_]+")


def _all_of(path: Path) -> list[DetectionRule | Correlation]:
    known = (*LOADED.detections.rules.values(), *LOADED.detections.correlations.values())
    return [each for each in known if each.head.path == path]


def _documents(path: Path) -> list[dict[str, Any]]:
    return [each.data for each in read_yaml_documents(path) if isinstance(each.data, dict)]


each_file = pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))


@each_file
def test_a_file_loads_without_a_fault_and_its_examples_hold(path: Path) -> None:
    assert [fault for fault in LOADED.faults if fault.file == str(path)] == []
    found = _all_of(path)
    assert found
    assert [fault for each in found for fault in check_examples(each, LOADED.detections)] == []


def _is_called_as_one_of_its_rules(path: Path) -> None:
    assert path.stem.replace("_", "-") in [document["name"] for document in _documents(path)]
    for document in _documents(path):
        assert KEBAB.match(document["name"])
        assert UUID.match(document["id"])


def _says_how_bad_and_how_sure_it_is_and_what_to_do(path: Path) -> None:
    speaking = {each.name for each in _all_of(path) if each.head.is_alone}
    for document in _documents(path):
        if document["name"] in speaking:
            assert document["level"] in set(Severity)
            assert document["sakimori"]["confidence"] in set(Confidence)
            assert KEBAB.match(document["sakimori"]["respond"])


def _speaks_both_languages(path: Path) -> None:
    for each in _all_of(path):
        for told in (each.head.title, each.head.description, each.head.message, *each.head.falsepositives):
            assert told.en
            assert re.search(r"[\u3041-\u30ff\u4e00-\u9fff]", told.ja)
            assert not re.search(r"[\u3041-\u30ff\u4e00-\u9fff]", told.en)


def _has_references_and_names_of_attack(path: Path) -> None:
    for each in _all_of(path):
        head = each.head
        assert all(re.match(r"https://[!-~]+\Z", reference) for reference in head.references)
        if head.is_alone:
            assert head.references
            # A test of the alerts tells of no attack: it has no tactic, and adds to nobody's risk.
            assert bool(head.tactics) == (head.respond != "nothing-to-do")
        assert set(head.tactics) <= TACTICS
        assert all(TECHNIQUE.match(technique) for technique in head.techniques)


def _names_facts_and_rules_that_exist(path: Path) -> None:
    assert set(FACT.findall(path.read_text())) <= facts().keys()
    for each in _all_of(path):
        if isinstance(each, Correlation):
            assert set(each.rules) <= LOADED.detections.rules.keys() | LOADED.detections.correlations.keys()


@each_file
def test_a_file_is_whole(path: Path) -> None:
    _is_called_as_one_of_its_rules(path)
    _says_how_bad_and_how_sure_it_is_and_what_to_do(path)
    _speaks_both_languages(path)
    _has_references_and_names_of_attack(path)
    _names_facts_and_rules_that_exist(path)


@pytest.mark.slow
def test_no_id_is_had_by_two() -> None:
    ids = [document["id"] for path in FILES for document in _documents(path)]
    assert sorted({each for each in ids if ids.count(each) > 1}) == []


# -- paths of requestParameters against the models of the services ---------

SERVICES: Mapping[str, tuple[str, ...]] = {
    "monitoring": ("cloudwatch",), "ses": ("ses", "sesv2"), "elasticloadbalancing": ("elb", "elbv2"),
    "s3": ("s3", "s3control"), "signin": ("signin",), "ecr-public": ("ecr-public",), "sso": ("sso-admin", "sso"),
    "states": ("stepfunctions",), "elasticfilesystem": ("efs",), "bedrock": ("bedrock", "bedrock-runtime"),
    "cognito-idp": ("cognito-idp",), "apigateway": ("apigateway", "apigatewayv2"), "streams": ("dynamodbstreams",),
    "tagging": ("resourcegroupstaggingapi",), "runtime.sagemaker": ("sagemaker-runtime",), "dms": ("dms",),
    "airflow": ("mwaa",), "elasticmapreduce": ("emr",), "servicecatalog-appregistry": ("servicecatalog-appregistry",),
    "access-analyzer": ("accessanalyzer",), "waf": ("waf",), "es": ("es", "opensearch"), "ssm": ("ssm",),
    "route53resolver": ("route53resolver",), "redshift-data": ("redshift-data",), "lambda": ("lambda",),
    "securitylake": ("securitylake",), "catalog.marketplace": ("marketplace-catalog",),
    "identitystore": ("identitystore",), "sso-directory": ("identitystore",),
}  # fmt: skip
"""Services whose event source is not called as their model."""
OPERATIONS: Mapping[str, str] = {
    # CloudTrail calls operations of S3 by older names:
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/cloudtrail-logging-s3-info.html
    "putaccountpublicaccessblock": "putpublicaccessblock",
    "deleteaccountpublicaccessblock": "deletepublicaccessblock",
    "putbucketpublicaccessblock": "putpublicaccessblock",
    "deletebucketpublicaccessblock": "deletepublicaccessblock",
    "putbucketobjectlockconfiguration": "putobjectlockconfiguration",
}
ALLOWED: Mapping[tuple[str, str], str] = {
    ("s3.amazonaws.com", "bucketName"): "S3 writes the bucket of the address under this name",
}
VERSION = re.compile(r"(_v\d+|20\d{6}(v\d+)?)\Z")


@cache
def _operations(service: str) -> Mapping[str, Shape | None]:
    session = get_session()
    if service not in session.get_available_services():
        return {}
    model = session.get_service_model(service)
    return {name.lower(): model.operation_model(name).input_shape for name in model.operation_names}


def _inputs(sources: frozenset[str], names: frozenset[str]) -> Iterator[tuple[str, Shape | None]]:
    for source in sources:
        head = source.removesuffix(".amazonaws.com")
        for service in SERVICES.get(head, (head,)):
            for name in names:
                bare = VERSION.sub("", name)
                operation = OPERATIONS.get(bare, bare)
                if operation in _operations(service):
                    yield name, _operations(service)[operation]


def _has(shape: Any, path: tuple[str, ...]) -> bool:
    """Whether a path leads somewhere in a shape, in whatever case: CloudTrail lowers the first letter, or all of a list's."""
    if not path or (shape is not None and (shape.type_name == "map" or getattr(shape, "is_document_type", False))):
        return True
    if shape is None:
        return False
    if shape.type_name == "list":
        following = path[1:] if path[0] in ("items", "member") else path
        return _has(shape.member, following)
    key = path[0].lower()
    return shape.type_name == "structure" and any(
        key in (name.lower(), str(member.serialization.get("name", "")).lower()) and _has(member, path[1:])
        for name, member in shape.members.items()
    )


def _is_there(name: str, shape: Shape | None, path: tuple[str, ...]) -> bool:
    # EC2 wraps what newer operations ask for into one member.
    if len(path) > 1 and path[0].lower() == f"{name}request":
        path = path[1:]
    return _has(shape, path)


def _asked(condition: Condition) -> Iterator[tuple[frozenset[str], frozenset[str], tuple[str, ...]]]:
    names, sources = anchor_of(condition, "event_name"), anchor_of(condition, "event_source")
    for field in fields_of(condition):
        if names and sources and field.column == "request_parameters" and field.path:
            yield sources, names, field.path


@each_file
def test_a_rule_asks_for_parameters_that_one_of_its_operations_has(path: Path) -> None:
    """An event whose operation no model holds (a sign-in, an event of a service) is not looked at."""
    for rule in (each for each in _all_of(path) if isinstance(each, DetectionRule)):
        for form, condition in rule.conditions:
            for sources, names, parameter in _asked(condition) if form.heads else ():
                inputs = list(_inputs(sources, names))
                is_allowed = any((source, ".".join(parameter)) in ALLOWED for source in sources)
                found = any(_is_there(name, shape, parameter) for name, shape in inputs)
                assert found or is_allowed or not inputs, (rule.name, ".".join(parameter), sorted(names))
