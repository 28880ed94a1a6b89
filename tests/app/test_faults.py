"""What AWS may do to a run: every fault leaves a complete report of everything else, and no false pass."""

from collections.abc import Iterable
from pathlib import Path

import pytest
from tests.app.company import assess_company, open_company, use_credentials
from tests.held_rulebook import held_rulebook

from sakimori.analysis.catalogue import catalogue
from sakimori.analysis.derived import needs_of
from sakimori.app.assess import AssessRequest, AssessResult, assess
from sakimori.app.clock import utc_now
from sakimori.app.permissions import actions_for, tables_of_rules
from sakimori.aws.actions import action_of
from sakimori.collect.catalogue import declarations
from sakimori.model.errors import AccessError
from sakimori.model.verdict import Verdict
from sakimori.model.words import GLOBAL, GapKind, Scope, Status
from sakimori.simulate.faults import Fault, Kind
from sakimori.simulate.refusals import Reason
from sakimori.simulate.server import SimulatedAccount

REGIONS = ("ap-northeast-1", "us-east-1", "eu-west-1")
BOOK = held_rulebook()
OPENING = ("sts:GetCallerIdentity", "ec2:DescribeRegions")


def decided(verdicts: Iterable[Verdict]) -> dict[tuple[str, str, str], Status]:
    return {
        (each.rule, each.region, each.resource): each.status for each in verdicts if each.status is not Status.UNKNOWN
    }


@pytest.fixture(scope="module")
def healthy(company: SimulatedAccount, tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str, str], Status]:
    company.faults.clear()
    with pytest.MonkeyPatch.context() as patch:
        use_credentials(company, "owner", patch)
        result = assess_company(company, tmp_path_factory.mktemp("healthy"), regions=REGIONS)
        return decided(result.assessment.verdicts)


def never_bolder(result: AssessResult, healthy: dict[tuple[str, str, str], Status]) -> None:
    """What is decided under a fault was decided the same way without it."""
    for place, status in decided(result.assessment.verdicts).items():
        assert healthy.get(place) is status, place


@pytest.mark.slow
def test_with_every_call_denied_every_rule_says_unknown_for_every_region_and_none_is_silent(
    as_owner: SimulatedAccount, tmp_path: Path
) -> None:
    """Slow: every rule is judged."""
    doors = open_company(as_owner, regions=REGIONS)
    as_owner.faults.add(Fault(kind=Kind.DENY))
    result = assess(AssessRequest(home=tmp_path), doors, clock=utc_now)
    assert {verdict.status for verdict in result.assessment.verdicts} == {Status.UNKNOWN}
    said = {(verdict.rule, verdict.region) for verdict in result.assessment.verdicts}
    for rule in BOOK.choose():
        is_regional = catalogue()[rule.judges].scope is Scope.REGION
        for region in REGIONS if is_regional else (GLOBAL,):
            assert (rule.id, region) in said
    assert result.assessment.score.controls == 0
    assert result.assessment.score.coverage == 0


@pytest.mark.slow
def test_even_who_we_are_may_be_denied_and_the_run_still_tells_what_it_does_not_know(
    as_owner: SimulatedAccount, tmp_path: Path
) -> None:
    """Slow: every rule is judged."""
    as_owner.faults.add(Fault(kind=Kind.DENY))
    result = assess_company(as_owner, tmp_path, regions=REGIONS)
    assert {verdict.status for verdict in result.assessment.verdicts} == {Status.UNKNOWN}
    assert {verdict.account for verdict in result.assessment.verdicts} == {as_owner.account_id}
    assert {"sts:GetCallerIdentity", "ec2:DescribeRegions"} <= {gap.call for gap in result.assessment.gaps}


@pytest.mark.slow
@pytest.mark.parametrize(
    "operation",
    sorted({operation for name in tables_of_rules() for operation in declarations()[name].operations} - set(OPENING)),
)
def test_no_rule_decides_anything_else_when_one_api_is_cut(
    as_owner: SimulatedAccount, tmp_path: Path, healthy: dict[tuple[str, str, str], Status], operation: str
) -> None:
    """Slow by number: one whole run for each operation that the rules need."""
    as_owner.faults.add(Fault(kind=Kind.DENY, match=operation))
    rules = tuple(
        rule.id
        for rule in BOOK.choose()
        if any(operation in declarations()[name].operations for name in needs_of(rule.tables))
    )
    result = assess_company(as_owner, tmp_path, regions=REGIONS, rules=rules)
    never_bolder(result, healthy)
    if any(f"{call.service}:{call.operation}" == operation for call in as_owner.calls):
        assert any(gap.call == operation for gap in result.assessment.gaps)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_random_denials_never_make_a_verdict_bolder(
    as_owner: SimulatedAccount, tmp_path: Path, healthy: dict[tuple[str, str, str], Status], seed: int
) -> None:
    """Slow: four whole assessments."""
    as_owner.faults.add(Fault(kind=Kind.DENY, ratio=0.5, seed=seed))
    result = assess_company(as_owner, tmp_path, regions=REGIONS)
    never_bolder(result, healthy)
    assert result.assessment.gaps


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault(kind=Kind.ERROR, match="s3:GetBucketPolicy"), GapKind.SERVICE_ERROR),
        (Fault(kind=Kind.GARBAGE, match="rds:DescribeDBInstances"), GapKind.MALFORMED),
        (Fault(kind=Kind.CUT, match="lambda:ListFunctions"), GapKind.UNREACHABLE),
        (Fault(kind=Kind.DENY, match="guardduty:*", reason=Reason.SERVICE_CONTROL), GapKind.DENIED_BY_ORGANIZATION),
    ],
    ids=lambda value: value.kind if isinstance(value, Fault) else str(value),
)
def test_a_broken_service_is_a_gap_of_its_kind_and_everything_else_is_told(
    as_owner: SimulatedAccount, tmp_path: Path, healthy: dict[tuple[str, str, str], Status], fault: Fault, kind: GapKind
) -> None:
    """Slow: a whole assessment for each kind of fault, with its retries."""
    as_owner.faults.add(fault)
    result = assess_company(as_owner, tmp_path, regions=("us-east-1", "ap-northeast-1"), rules=("aws.s3.*", "aws.rds.*", "aws.lambda.*", "aws.guardduty.*"))  # fmt: skip
    service = fault.match.partition(":")[0]
    assert {gap.kind for gap in result.assessment.gaps if gap.call.startswith(service)} == {kind}
    never_bolder(result, healthy)
    untouched = {rule.id for rule in BOOK.rules.values() if f"aws.{service}." not in rule.id}
    assert any(verdict.rule in untouched and verdict.status is Status.PASS for verdict in result.assessment.verdicts)


@pytest.mark.slow
def test_throttling_at_five_calls_a_second_loses_no_call(as_owner: SimulatedAccount, tmp_path: Path) -> None:
    """Slow: a hundred calls at five a second."""
    as_owner.faults.add(Fault(kind=Kind.THROTTLE, match="s3:*", calls_per_second=5))
    result = assess_company(as_owner, tmp_path, regions=("us-east-1",), rules=("aws.s3.bucket-*",))
    assert result.assessment.gaps == ()
    assert {verdict.status for verdict in result.assessment.verdicts} <= {Status.PASS, Status.FAIL}
    assert any(call.error_code == "SlowDown" for call in as_owner.calls)


@pytest.mark.slow
def test_half_the_regions_denied_leaves_the_other_half_whole(
    as_owner: SimulatedAccount, tmp_path: Path, healthy: dict[tuple[str, str, str], Status]
) -> None:
    """Slow: the whole company is read."""
    as_owner.faults.add(Fault(kind=Kind.DENY, match="*", regions="eu-*"))
    result = assess_company(as_owner, tmp_path, regions=REGIONS, rules=("aws.ec2.*", "aws.guardduty.*"))
    never_bolder(result, healthy)
    by_region = {
        verdict.region: verdict.status
        for verdict in result.assessment.verdicts
        if verdict.rule == "aws.guardduty.detector-enabled"
    }
    assert by_region["eu-west-1"] is Status.UNKNOWN
    assert Status.UNKNOWN not in {by_region["us-east-1"], by_region["ap-northeast-1"]}


@pytest.mark.slow
def test_wrong_credentials_are_an_error_that_names_the_next_command(
    company: SimulatedAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_credentials(company, "owner", monkeypatch)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIA" + "X" * 16)
    with pytest.raises(AccessError) as caught:
        open_company(company)
    assert caught.value.text.startswith("aws.")


@pytest.mark.slow
def test_the_derived_policy_is_enough_and_every_action_of_it_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, company: SimulatedAccount
) -> None:
    """The calls recorded are those declared: nothing is read that the policy does not name, and it names nothing more."""
    use_credentials(company, "owner", monkeypatch)
    assess_company(company, tmp_path, regions=REGIONS)
    called = {action_of(f"{call.service}:{call.operation}") for call in company.calls}
    declared = set(actions_for(tables_of_rules()))
    assert called <= declared
    # Details of things that the company does not have are not asked for.
    assert declared - called <= {"support:DescribeTrustedAdvisorCheckSummaries", "cloudtrail:GetTrail"}
