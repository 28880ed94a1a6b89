"""Assessments with frameworks and remedies: a plain one, and one in which every text is hostile."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from sakimori.model.assessment import Assessment, RuleSummary
from sakimori.model.framework import (
    Attested,
    ConditionResult,
    FrameworkResult,
    RequirementResult,
    RequirementRule,
    RequirementStatus,
    Served,
)
from sakimori.model.remedy import Remedy
from sakimori.model.verdict import Text
from sakimori.model.words import Story

NOW = datetime(2026, 11, 23, 5, 2, tzinfo=UTC)
ROOT_KEY, PUBLIC_BUCKET, DETECTOR = "aws.iam.root-no-access-key", "aws.s3.bucket-public-access-blocked", "aws.guardduty.detector-enabled"  # fmt: skip
STORIES = {ROOT_KEY: Story.LEAKED_KEY, PUBLIC_BUCKET: Story.EXPOSED_SERVICE}
ASKED = (("example-baseline", "1.1"), ("other-guide", "A-2"))


def remedy_of(text: str = "") -> Remedy:
    return Remedy(
        console=Text(
            en=f"1. Open the console.\n2. Choose it.{text}", ja=f"1. コンソールを開きます。\n2. 選びます。{text}"
        ),
        cli="aws s3api put-public-access-block --bucket {name} --region {region}\n",
        terraform=f'resource "aws_s3_bucket_public_access_block" "this" {{\n  # {text or "all four"}\n}}\n',
        breaks=Text(
            en=f"Websites that read the bucket stop.{text}", ja=f"バケットを直接読むサイトは止まります。{text}"
        ),
        undo=Text(en=f"Delete the block.{text}", ja=f"設定を削除します。{text}"),
    )


def enriched(rule: RuleSummary, text: str = "") -> RuleSummary:
    return replace(rule, remedy=remedy_of(text), story=STORIES.get(rule.id, Story.STOLEN_PASSWORD), frameworks=ASKED)


def requirement(identifier: str, status: RequirementStatus, name: str = "", **more: object) -> RequirementResult:
    values: dict[str, object] = {
        "title": Text(en=f"Requirement {identifier}{name}", ja=f"要件 {identifier}{name}"),
        "served_by": Served.RULES,
    }
    values.update(more)
    return RequirementResult(id=identifier, status=status, **values)  # pyright: ignore[reportArgumentType]


def framework(name: str = "") -> FrameworkResult:
    attested = Attested(
        question="q", signer=f"suzuki{name}", signed_at=NOW, valid_until=date(2027, 3, 31), note=f"drill{name}",
        evidence_name=f"drill.pdf{name}", evidence_sha256="0" * 64,
    )  # fmt: skip
    some = RequirementStatus
    return FrameworkResult(
        id="example-baseline", title=Text(en=f"Example Baseline{name}", ja=f"例示ベースライン{name}"), version="2.0",
        published_on=date(2026, 4, 1), source="https://example.org/baseline",
        requirements=(
            requirement("1.1", some.FAIL, name, level=1, section=Text(en="Identity", ja="認証"), rules=(
                RequirementRule(id=ROOT_KEY, failed=1),
                RequirementRule(id=PUBLIC_BUCKET, failed=13, muted=2, passed=3, parameters={"days": 90}),
            )),
            requirement("1.2", some.UNKNOWN, name, rules=(RequirementRule(id=DETECTOR, unknown=17),)),
            requirement("1.3", some.TO_ATTEST, name, served_by=Served.ATTESTATION, question="q", attested=(attested,),
                        question_text=Text(en=f"Is there a drill?{name}", ja=f"訓練をしていますか。{name}"),
                        accounts_to_attest=("444455556666",)),
            requirement("1.4", some.ATTESTED, name, served_by=Served.ATTESTATION, question="q", attested=(attested,)),
            requirement("2.1", some.PASS, name, rules=(RequirementRule(id="aws.iam.password-policy-strong", passed=1),)),
            requirement("2.2", some.NOTHING, name, rules=(RequirementRule(id="aws.rds.instance-encrypted"),)),
            requirement("2.3", some.NOT_ASSESSABLE, name, served_by=Served.NOTHING,
                        reason=Text(en=f"A matter of contracts.{name}", ja=f"契約の事項です。{name}")),
            requirement("2.4", some.RETIRED, name, served_by=Served.NOTHING, successors=("2.1",)),
        ),
        conditions=(
            ConditionResult(title=Text(en=f"Two of three{name}", ja=f"3 つのうち 2 つ{name}"), at_least=2,
                            requirements=("1.1", "1.2", "1.4"), held=1, is_met=None),
            ConditionResult(title=Text(en="One of these", ja="どれか 1 つ"), at_least=1, requirements=("2.1",), held=1,
                            is_met=True),
        ),
    )  # fmt: skip


@pytest.fixture
def framed(sample: Assessment) -> Assessment:
    """The sample with a framework of every status, and rules that tell how to mend."""
    return replace(sample, rules=tuple(enriched(rule) for rule in sample.rules), frameworks=(framework(),))


@pytest.fixture
def hostile_framed(hostile: Assessment, hostile_texts: tuple[str, ...]) -> Assessment:
    """Hostile in its frameworks and remedies too."""
    return replace(
        hostile,
        rules=tuple(enriched(rule, text) for rule, text in zip(hostile.rules, hostile_texts, strict=True)),
        frameworks=tuple(replace(framework(text), id=f"{text}") for text in hostile_texts),
    )
