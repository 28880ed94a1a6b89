from sakimori.model.gap import Gap
from sakimori.model.words import GapKind
from sakimori.outputs.report.gap_groups import group_gaps

ONE = {"1": "production"}
TWO = {"1": "production", "2": "2"}


def denied(region: str, account: str = "1", parent: str = "") -> Gap:
    return Gap(table="aws_guardduty_detector", account=account, region=region, parent=parent,
               call="guardduty:ListDetectors", kind=GapKind.DENIED, code="AccessDenied")  # fmt: skip


def test_one_cause_in_many_regions_is_one_line() -> None:
    (group,) = group_gaps([denied(f"r-{number}") for number in range(17)])
    assert group.sentence("en", ONE) == "17 Regions: GuardDuty: access denied (guardduty:ListDetectors)"
    assert group.sentence("ja", ONE) == "17 リージョン: GuardDuty: アクセスが拒否されました（guardduty:ListDetectors）"


def test_a_single_region_is_named() -> None:
    (group,) = group_gaps([denied("us-east-1")])
    assert group.where("en", ONE) == "us-east-1"


def test_a_single_account_of_several_is_named() -> None:
    (group,) = group_gaps([denied("us-east-1")])
    assert group.where("en", TWO) == "production, us-east-1"


def test_account_wide_gaps_say_so() -> None:
    (alone,) = group_gaps([denied("global")])
    (both,) = group_gaps([denied("global"), denied("global", "2")])
    assert (alone.where("en", ONE), both.where("en", TWO)) == ("account-wide", "2 accounts")


def test_details_that_could_not_be_read_are_counted_by_resource() -> None:
    (group,) = group_gaps([denied("global", parent=f"bucket-{number}") for number in range(3)])
    assert group.where("en", ONE) == "3 resources"


def test_another_code_of_a_refusal_is_another_cause() -> None:
    refused = [
        Gap(table="t", account="1", region="r", call="s3:GetBucketAcl", kind=GapKind.REFUSED, code=code)
        for code in ("InvalidBucketState", "MethodNotAllowed")
    ]
    assert [group.code for group in group_gaps(refused)] == ["InvalidBucketState", "MethodNotAllowed"]


def test_what_was_left_out_as_asked_comes_last() -> None:
    left_out = [Gap(table=f"t{n}", account="1", region=f"r{n}", kind=GapKind.NOT_SELECTED) for n in range(20)]
    groups = group_gaps([*left_out, denied("us-east-1")])
    assert [group.kind for group in groups] == [GapKind.DENIED, GapKind.NOT_SELECTED]
    assert groups[1].sentence("en", ONE) == "20 Regions: left out of this run, as asked"
