"""A case as an investigation leaves it: the leaked key of the acceptance scenario, with fake names."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from sakimori.model.verdict import Text
from sakimori.outputs.case.facts import (
    CaseFacts,
    Claim,
    DataEvents,
    DigestResult,
    DoneStep,
    Item,
    ItemState,
    KeyRotation,
    Moment,
    Negative,
    OtherItem,
    Prevention,
    Review,
    RevokedRole,
    RogueCost,
    RootCause,
    Sweep,
)

START: Final = datetime(2026, 11, 23, 2, 14, tzinfo=UTC)
KEY: Final = "AKIAIOSFODNN7EXAMPLE"


def at(minutes: int) -> datetime:
    return START + timedelta(minutes=minutes)


def instance(number: int, **more: Any) -> Item:
    told: dict[str, Any] = {
        "kind": "AWS::EC2::Instance", "id": f"i-0{number:016x}", "account": "111122223333", "region": "sa-east-1", "at": at(20 + number),
        "change": "RunInstances", "state": ItemState.DELETED, "state_at": at(300), "hourly": Decimal("32.77"), "evidence": ("E-007",),
    }  # fmt: skip
    return Item(**(told | more))


def review(**more: Any) -> Claim[Review]:
    told: dict[str, Any] = {
        "since": at(-1440), "until": at(400), "regions": 17, "regions_enabled": 17, "events": 12_345, "digest": DigestResult.VERIFIED,
        "digest_files": (288, 288),
    }  # fmt: skip
    return Claim(Review(**(told | more)), ("E-004", "E-005"))


def whole(**more: Any) -> CaseFacts:
    """Everything done, data events off."""
    rogue = Item(
        kind="AWS::IAM::User", id="svc-backup", account="111122223333", region="us-east-1", at=at(9), change="CreateUser", by=KEY,
        state=ItemState.DELETED, state_at=at(290), evidence=("E-006",),
    )  # fmt: skip
    facts = CaseFacts(
        case="SKM-20261123-R01", accounts=("111122223333",), aws_case="17012345678", subject="Action Required: Your AWS Access Key is Exposed",
        deadline=at(1440), began=at(0), detected=at(30), opened=at(31), notified=at(36), contained=at(34), recovered=at(500),
        key_id=KEY, user="deploy", deactivated=Claim(at(33), ("E-001",)), deleted=Claim(at(420), ("E-012",)), denied=Claim(at(34), ("E-002",)),
        roles=(RevokedRole(arn="arn:aws:iam::111122223333:role/build", at=at(35), evidence=("E-003",)),), roles_assumed=Claim(1, ("E-004",)),
        keys=Claim((KeyRotation(key_id=KEY, user="deploy", rotated_at=at(430), evidence=("E-012",)), KeyRotation(key_id="AKIAI44QH8DHBEXAMPLE", user="mail", rotated_at=at(440), evidence=("E-013",))), ("E-011",)),
        review=review(), iam_items=Claim((rogue,), ("E-004",)), resources=Claim(tuple(map(instance, range(8))), ("E-004",)),
        others=(OtherItem(kind="AWS::S3::Bucket", id="invoices-2026", account="111122223333", region="ap-northeast-1", at=at(15), by="arn:aws:iam::111122223333:user/kimura"),),
        second_sweep=Claim(Sweep(at=at(410), regions=17, regions_enabled=17, left=0), ("E-010",)),
        prevention=Prevention(cost_services=Claim(("budgets", "cloudtrail"), ("E-014",)), security_services=Claim(("guardduty",), ("E-014",))),
        cause=RootCause(cause="repository-commit", fix=Text(en="CI now assumes a role through OIDC.", ja="CI は OIDC のロールに切り替えました。"), note="小林さんの個人リポジトリ", evidence=("E-015",)),
        costs=(RogueCost(account="111122223333", region="sa-east-1", usage="SAE1-BoxUsage:p4d.24xlarge", resource="8 instances", amount=Decimal("1234.50"), evidence=("E-016",)),),
        steps=(DoneStep(id="R10", title=Text(en="Deactivate the key", ja="キーの無効化"), at=at(33), by="kimura", approved_by=("sato",), run="R-1", evidence=("E-001",)),),
        moments=(Moment(at=at(8), what=Text(en="GetCallerIdentity from an unknown address", ja="未知の IP アドレスから GetCallerIdentity"), source="CloudTrail", actor="198.51.100.7", account="111122223333", region="us-east-1", tags=("recon",), evidence=("E-004",)),),
        negatives=(Negative(question=Text(en="Was logging stopped?", ja="ログの停止はあったか"), coverage=Text(en="17 of 17 Regions, 2 of 2 days, data events off", ja="17/17 リージョン、2/2 日、データイベントなし"), is_complete=True, evidence=("E-004",)),),
        open_questions=(Text(en="Who forked the repository?", ja="リポジトリをフォークしたのは誰か"),),
    )  # fmt: skip
    return replace(facts, **more)


def with_data_events() -> CaseFacts:
    return whole(review=review(data_events=DataEvents.FULL, data_reads=0))
