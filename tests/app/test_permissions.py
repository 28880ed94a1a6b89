"""The derived policy is enough to assess, allows nothing but reading, and is the same in every form."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.app.company import assess_company, use_credentials

from sakimori.app.permissions import (
    OPENING,
    actions_for,
    actions_of_watch,
    cloudformation,
    policy_document,
    tables_of_rules,
)
from sakimori.aws.read_policy import MANAGED_POLICY_CHARACTERS, ROLE_POLICIES_CHARACTERS, length_of
from sakimori.collect.catalogue import declarations
from sakimori.model.words import Status
from sakimori.simulate.server import SimulatedAccount

ACTIONS = actions_for(tables_of_rules())
READING = re.compile(
    r"[a-z0-9-]+:(Get|List|Describe|GenerateCredentialReport|BatchGet|Lookup|Search|ViewBudget)\w*|apigateway:GET"
)


@pytest.fixture(scope="module")
def guarded() -> Iterator[SimulatedAccount]:
    """The messy company with an auditor who has exactly the derived policy."""
    with SimulatedAccount("messy-company", auditor_policy=policy_document(ACTIONS)) as simulated:
        yield simulated


@pytest.mark.slow
def test_an_auditor_with_the_derived_policy_reads_all_that_the_owner_reads(
    guarded: SimulatedAccount, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Slow: the company is seeded for it, and read twice."""
    seen: dict[str, set[tuple[str, str, str, Status]]] = {}
    for name in ("owner", "auditor"):
        use_credentials(guarded, name, monkeypatch)
        result = assess_company(guarded, tmp_path / name, regions=("us-east-1", "ap-northeast-1")).assessment
        assert {gap.kind for gap in result.gaps} <= {"paid_feature"}, name
        seen[name] = {(each.rule, each.region, each.resource, each.status) for each in result.verdicts}
    assert seen["auditor"] == seen["owner"]
    assert {status for *_, status in seen["auditor"]} >= {Status.PASS, Status.FAIL}


@pytest.mark.slow
def test_without_one_of_its_actions_something_is_unknown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Slow: the company is seeded for it."""
    fewer = [action for action in ACTIONS if action != "s3:GetBucketPublicAccessBlock"]
    assert len(fewer) == len(ACTIONS) - 1
    with SimulatedAccount("messy-company", auditor_policy=policy_document(fewer)) as simulated:
        use_credentials(simulated, "auditor", monkeypatch)
        result = assess_company(
            simulated, tmp_path, regions=("us-east-1",), rules=("aws.s3.bucket-public-access-blocked",)
        )
    assert {verdict.status for verdict in result.assessment.verdicts} == {Status.UNKNOWN}


@pytest.mark.parametrize("tables", [tables_of_rules(), tuple(declarations())], ids=["assess", "collect"])
def test_every_action_reads_and_none_is_a_pattern(tables: tuple[str, ...]) -> None:
    actions = actions_for(tables)
    assert actions == tuple(sorted(set(actions)))
    assert set(OPENING) <= set(actions)
    for action in actions:
        assert READING.fullmatch(action), action


def test_the_template_holds_the_same_policy_and_asks_for_an_external_id() -> None:
    template = json.loads(cloudformation(ACTIONS))
    assert template["AWSTemplateFormatVersion"] == "2010-09-09"
    role = template["Resources"]["Auditor"]["Properties"]
    [policy] = role["Policies"]
    written = json.dumps(policy["PolicyDocument"]).replace("${AWS::Partition}", "aws")
    plain = re.sub(r'\{"Fn::Sub": ("[^"]+")\}', r"\1", written)
    assert json.loads(plain) == policy_document(ACTIONS)
    [trust] = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Condition"] == {"StringEquals": {"sts:ExternalId": {"Ref": "ExternalId"}}}
    assert "aws:" not in json.dumps(trust["Principal"]).replace("arn:${AWS::Partition}:", "")
    assert template["Parameters"]["ExternalId"]["NoEcho"] is True
    references = set(re.findall(r'"Ref": "(\w+)"', json.dumps(template)))
    assert references <= template["Parameters"].keys()


def test_what_an_assessment_needs_fits_into_a_managed_policy_and_everything_into_an_inline_one_of_a_role() -> None:
    assert length_of(policy_document(actions_for(tables_of_rules()))) <= MANAGED_POLICY_CHARACTERS
    assert length_of(policy_document(actions_for(declarations()))) <= ROLE_POLICIES_CHARACTERS


def test_watching_needs_the_bucket_its_key_and_the_queue_and_nothing_else() -> None:
    assert set(actions_of_watch()) - set(OPENING) == {
        "kms:Decrypt", "s3:GetObject", "s3:ListBucket", "sqs:DeleteMessage", "sqs:ReceiveMessage",
    }  # fmt: skip
