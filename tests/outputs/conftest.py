"""Sample assessments for the tests of outputs: a plain one, a hostile one and very large ones."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from typing import overload

import pytest

from sakimori.model.account import Account
from sakimori.model.assessment import AccountCoverage, Assessment, Changes, RuleSummary, Score
from sakimori.model.gap import Gap
from sakimori.model.verdict import Mute, Text, Verdict
from sakimori.model.words import Confidence, GapKind, Severity, Status

NOW = datetime(2026, 11, 23, 5, 2, tzinfo=UTC)
REGIONS = (
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-north-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
)
MAIN = Account(id="111122223333", partition="aws", alias="production", regions=REGIONS, selected=REGIONS)
OTHER = Account(id="444455556666", partition="aws", regions=REGIONS, selected=REGIONS[:2], regions_are_known=False)

ROOT_KEY = "aws.iam.root-no-access-key"
PUBLIC_BUCKET = "aws.s3.bucket-public-access-blocked"
OPEN_PORT = "aws.ec2.security-group-no-open-admin-port"
NO_CONTACT = "aws.account.security-contact-set"
DETECTOR = "aws.guardduty.detector-enabled"
PASSWORD = "aws.iam.password-policy-strong"  # noqa: S105 - a rule's id

HOSTILE = (
    "<script>alert(1)</script>",
    "[red]bold[/red][link=https://evil.example]x[/link]",
    "\x1b[2J\x1b[31mred\x07",
    "\u202egnp.exe\u202c\u2066",
    '=HYPERLINK("https://evil.example","click")',
    "＝1+1",
    "</textarea>{{ 7*7 }}{% raw %}'\"><img src=x onerror=alert(1)>",
    "a\r\nb\tc\x00d",
    "x" * 5000,
    "顧客データ・本番（東京）",
    "https://evil.example/pixel.gif",
    "\ud800lone",
)


def rule(identifier: str, severity: Severity, title: Text, **counts: int) -> RuleSummary:
    return RuleSummary(
        id=identifier,
        title=title,
        severity=severity,
        confidence=Confidence.HIGH,
        why=Text(en="An intruder needs only this one thing.", ja="侵入者にはこれ一つで足りてしまいます。"),
        fix=Text(en="Turn it off, then check who used it.", ja="無効にしてから、誰が使ったかを確かめます。"),
        references=("https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-user.html",),
        **counts,
    )


def verdict(
    identifier: str, status: Status, severity: Severity, message: Text, resource: str, **more: object
) -> Verdict:
    values: dict[str, object] = {
        "partition": "aws",
        "account": MAIN.id,
        "region": "ap-northeast-1",
        "resource_type": "AWS::S3::Bucket",
        "confidence": Confidence.HIGH,
        "evidence": {"name": resource, "blocked": False, "checked_at": NOW, "age": None},
    }
    values.update(more)
    return Verdict(rule=identifier, status=status, severity=severity, message=message, resource=resource, **values)  # pyright: ignore[reportArgumentType]


def bucket_text(name: str) -> Text:
    return Text(
        en=f"{name} can be made public (block ACLs no, block policy no).",
        ja=f"{name} は公開されうる状態です（ACL 拒否 いいえ、ポリシー拒否 いいえ）。",
    )


def sample_verdicts() -> tuple[Verdict, ...]:
    root = verdict(
        ROOT_KEY,
        Status.FAIL,
        Severity.CRITICAL,
        Text(
            en="The root user has an active access key, last used on 2026-11-20. Whoever holds it owns the account.",
            ja="ルートユーザーに有効なアクセスキーがあり、2026-11-20 に使われました。"
            "このキーを持つ人はアカウントのすべてを操作できます。",
        ),
        f"arn:aws:iam::{MAIN.id}:root",
        region="global",
        resource_type="AWS::IAM::User",
        first_seen=NOW,
        last_seen=NOW,
    )
    buckets = tuple(
        verdict(
            PUBLIC_BUCKET,
            Status.FAIL,
            Severity.HIGH,
            bucket_text(name),
            f"arn:aws:s3:::{name}",
            first_seen=NOW,
            account=MAIN.id if number % 2 else OTHER.id,
        )
        for number, name in enumerate(["customer-data", *(f"backup-{n:02}" for n in range(12))])
    )
    port = verdict(
        OPEN_PORT,
        Status.FAIL,
        Severity.MEDIUM,
        Text(
            en="sg-0a1b2c3d lets anyone on the internet reach port 22.",
            ja="sg-0a1b2c3d はインターネットの誰からでもポート 22 に届きます。",
        ),
        f"arn:aws:ec2:us-east-1:{MAIN.id}:security-group/sg-0a1b2c3d",
        region="us-east-1",
        resource_type="AWS::EC2::SecurityGroup",
    )
    muted = verdict(
        NO_CONTACT,
        Status.FAIL,
        Severity.LOW,
        Text(en="No security contact is set.", ja="セキュリティの連絡先が登録されていません。"),
        MAIN.id,
        region="global",
        resource_type="AWS::Account",
        mute=Mute(reason="Registered with the reseller", owner="suzuki", until=date(2026, 12, 31)),
    )
    unknown = tuple(
        verdict(
            DETECTOR,
            Status.UNKNOWN,
            Severity.HIGH,
            Text(
                en=f"Whether GuardDuty is on in {region} could not be read.",
                ja=f"{region} で GuardDuty が有効かどうかを読めませんでした。",
            ),
            f"{MAIN.id}/{region}",
            region=region,
            reason="denied",
            evidence={},
            resource_type="AWS::GuardDuty::Detector",
        )
        for region in REGIONS
    )
    passed = verdict(
        PASSWORD,
        Status.PASS,
        Severity.MEDIUM,
        Text(en="The password policy asks for 14 characters.", ja="パスワードポリシーは 14 文字以上を求めています。"),
        MAIN.id,
        region="global",
        resource_type="AWS::IAM::AccountPasswordPolicy",
    )
    return (root, *buckets, port, muted, *unknown, passed)


def sample_rules() -> tuple[RuleSummary, ...]:
    return (
        rule(
            ROOT_KEY,
            Severity.CRITICAL,
            Text(en="The root user has no access key", ja="ルートユーザーにアクセスキーがない"),
            failed=1,
        ),
        rule(
            PUBLIC_BUCKET,
            Severity.HIGH,
            Text(en="S3 buckets block public access", ja="S3 バケットがパブリックアクセスをブロックしている"),
            failed=13,
        ),
        rule(
            OPEN_PORT,
            Severity.MEDIUM,
            Text(en="No admin port is open to the world", ja="管理用ポートが世界に開いていない"),
            failed=1,
        ),
        rule(
            NO_CONTACT,
            Severity.LOW,
            Text(en="A security contact is set", ja="セキュリティの連絡先が登録されている"),
            failed=1,
            muted=1,
        ),
        rule(DETECTOR, Severity.HIGH, Text(en="GuardDuty is enabled", ja="GuardDuty が有効である"), unknown=17),
        rule(
            PASSWORD,
            Severity.MEDIUM,
            Text(en="The password policy is strong", ja="パスワードポリシーが十分に強い"),
            passed=1,
        ),
    )


def sample_gaps() -> tuple[Gap, ...]:
    denied = tuple(
        Gap(
            table="aws_guardduty_detector",
            account=MAIN.id,
            region=region,
            call="guardduty:ListDetectors",
            kind=GapKind.DENIED,
            code="AccessDeniedException",
            message="User is not authorized",
        )
        for region in REGIONS
    )
    return (
        *denied,
        Gap(
            table="aws_s3_bucket",
            account=MAIN.id,
            region="global",
            parent="arn:aws:s3:::odd",
            call="s3:GetBucketAcl",
            kind=GapKind.REFUSED,
            code="InvalidBucketState",
            message="The bucket is in an odd state",
        ),
        Gap(
            table="aws_trustedadvisor_check",
            account=MAIN.id,
            region="global",
            call="support:DescribeTrustedAdvisorChecks",
            kind=GapKind.PAID_FEATURE,
            code="SubscriptionRequiredException",
        ),
        *(
            Gap(table="aws_ec2_vpc", account=OTHER.id, region=region, kind=GapKind.NOT_SELECTED)
            for region in REGIONS[2:]
        ),
    )


def assessment(verdicts: Sequence[Verdict], **more: object) -> Assessment:
    values: dict[str, object] = {
        "run": "20261123T050200Z-7f3a",
        "snapshot": "20261123T050100Z",
        "as_of": NOW,
        "thresholds": "seed",
        "accounts": (
            AccountCoverage(account=MAIN, units_read=580, units_wanted=597),
            AccountCoverage(account=OTHER, units_read=70, units_wanted=70),
        ),
        "rules": sample_rules(),
        "gaps": sample_gaps(),
        "score": Score(
            controls=1 / 6, risk_weighted=0.29, coverage=0.48, controls_passed=1, controls_failed=3, controls_unknown=2
        ),
        "next_step": Text(
            en="Deactivate the root user's access key, then delete it.",
            ja="ルートユーザーのアクセスキーを無効化し、そのあと削除します。",
        ),
        "next_command": f"sakimori rules show {ROOT_KEY}",
    }
    values.update(more)
    return Assessment(verdicts=verdicts, **values)  # pyright: ignore[reportArgumentType]


@pytest.fixture
def sample() -> Assessment:
    verdicts = sample_verdicts()
    gone = verdict(PUBLIC_BUCKET, Status.FAIL, Severity.HIGH, bucket_text("old-logs"), "arn:aws:s3:::old-logs")
    return assessment(
        verdicts,
        changes=Changes(
            previous_run_at=datetime(2026, 11, 22, 5, 2, tzinfo=UTC),
            new=frozenset({verdicts[1].id}),
            still_open=frozenset(v.id for v in (verdicts[0], *verdicts[2:15])),
            fixed=(gone,),
        ),
    )


@pytest.fixture
def hostile() -> Assessment:
    """Every text that an outsider, a member account or AWS can choose is hostile."""
    verdicts = tuple(
        verdict(
            f"aws.s3.rule-{number}",
            status,
            Severity.HIGH,
            bucket_text(name),
            f"arn:aws:s3:::{name}".replace("\ud800", "?"),
            evidence={"name": name, "tags": [name], name: 1},
            region=name.replace("\ud800", "?"),
            account=MAIN.id,
            resource_type=name,
            reason="denied" if status is Status.UNKNOWN else "",
            mute=Mute(reason=name, owner=name) if number % 3 == 0 else None,
        )
        for status in (Status.FAIL, Status.UNKNOWN, Status.PASS)
        for number, name in enumerate(HOSTILE)
    )
    gaps = tuple(
        Gap(
            table="aws_s3_bucket",
            account=MAIN.id,
            region=name,
            parent=name,
            call=f"s3:{name}",
            kind=GapKind.REFUSED,
            code=name,
            message=name,
        )
        for name in HOSTILE
    )
    rules = tuple(
        rule(f"aws.s3.rule-{number}", Severity.HIGH, bucket_text(name), failed=1, unknown=1, passed=1)
        for number, name in enumerate(HOSTILE)
    )
    account = Account(id=MAIN.id, partition="aws", alias=HOSTILE[0], regions=HOSTILE)
    return assessment(
        verdicts,
        rules=rules,
        gaps=gaps,
        next_step=bucket_text(HOSTILE[2]),
        next_command=HOSTILE[1],
        accounts=(AccountCoverage(account=account, units_read=1, units_wanted=2),),
    )


class ManyVerdicts(Sequence[Verdict]):
    """`size` verdicts made when asked for, a tenth of them failures: what a lazy sequence over a store gives."""

    def __init__(self, size: int) -> None:
        self._size = size

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[Verdict]:
        return (self[number] for number in range(self._size))

    @overload
    def __getitem__(self, index: int) -> Verdict: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Verdict]: ...
    def __getitem__(self, index: int | slice) -> Verdict | Sequence[Verdict]:
        if isinstance(index, slice):
            return [self[number] for number in range(*index.indices(self._size))]
        failing = index < self._size // 10
        name = f"bucket-{index:07}"
        number = index * 100 // self._size
        return verdict(
            f"aws.s3.rule-{number:03}",
            Status.FAIL if failing else Status.PASS,
            Severity.HIGH,
            bucket_text(name),
            f"arn:aws:s3:::{name}",
            first_seen=NOW,
        )


def many(size: int) -> Assessment:
    rules = tuple(
        rule(
            f"aws.s3.rule-{n:03}",
            Severity.HIGH,
            bucket_text("A bucket"),
            failed=size // 100 if n < 10 else 0,
            passed=0 if n < 10 else size // 100,
        )
        for n in range(100)
    )
    return assessment(ManyVerdicts(size), rules=rules)


@pytest.fixture(name="many")
def many_fixture() -> Callable[[int], Assessment]:
    return many


@pytest.fixture
def hostile_texts() -> Sequence[str]:
    return HOSTILE


@pytest.fixture
def build() -> Callable[..., Assessment]:
    """An assessment over given verdicts; keywords replace its other parts."""
    return assessment


@pytest.fixture
def build_verdict() -> Callable[..., Verdict]:
    """`(rule, status, severity, message, resource, **more)`."""
    return verdict
