"""The messy company against its truth: every planted fault is found, and no neighbour is blamed.

Slow: the whole company is read and judged by every rule.
"""

from collections import defaultdict
from collections.abc import Iterator

import pytest
from tests.app.company import assess_company
from tests.held_rulebook import held_rulebook

from sakimori.app.assess import AssessResult
from sakimori.model.words import Status
from sakimori.simulate.server import SimulatedAccount

pytestmark = pytest.mark.slow
ASSESSED = tuple(rule.id for rule in held_rulebook().choose())
"""Rules on request judge what an assessment does not read."""


@pytest.fixture(scope="module")
def result(company: SimulatedAccount, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AssessResult]:
    company.faults.clear()
    with pytest.MonkeyPatch.context() as patch:
        for variable, value in company.environment("owner").items():
            if variable.startswith("AWS_"):
                patch.setenv(variable, value)
        yield assess_company(company, tmp_path_factory.mktemp("home"))


def test_the_truth_speaks_of_every_built_in_rule(company: SimulatedAccount) -> None:
    assert set(company.truth) == set(ASSESSED)


@pytest.fixture(scope="module")
def found(result: AssessResult) -> dict[str, dict[str, set[Status]]]:
    """What was said of each resource and in each Region, by rule."""
    said: dict[str, dict[str, set[Status]]] = defaultdict(lambda: defaultdict(set))
    for verdict in result.assessment.verdicts:
        said[verdict.rule][verdict.resource].add(verdict.status)
        said[verdict.rule][verdict.region].add(verdict.status)
    return said


@pytest.mark.parametrize("rule", ASSESSED)
def test_every_planted_fault_fails_and_every_neighbour_passes(
    company: SimulatedAccount, found: dict[str, dict[str, set[Status]]], rule: str
) -> None:
    for status, resources in company.truth[rule].items():
        for resource in resources:
            assert found[rule][resource] == {Status(status)}, resource


def test_nothing_is_refused_to_the_owner_but_what_needs_a_plan(result: AssessResult) -> None:
    assert {(gap.call.partition(":")[0], gap.kind) for gap in result.assessment.gaps} == {("support", "paid_feature")}


def test_the_numbers_agree_with_the_verdicts(result: AssessResult) -> None:
    assessment = result.assessment
    counted = [sum(verdict.status is status for verdict in assessment.verdicts) for status in Status]
    summed = [sum(getattr(rule, name) for rule in assessment.rules) for name in ("passed", "failed", "unknown")]
    assert counted == summed
    assert len(assessment.verdicts) == sum(counted)
    score = assessment.score
    assert score.controls_passed + score.controls_failed + score.controls_unknown == len(assessment.rules)


def test_the_worst_comes_first(result: AssessResult) -> None:
    ranks = [verdict.severity.rank for verdict in result.assessment.verdicts if verdict.status is Status.FAIL]
    assert ranks == sorted(ranks, reverse=True)
    order = [verdict.status for verdict in result.assessment.verdicts]
    assert order == sorted(order, key=[Status.FAIL, Status.UNKNOWN, Status.PASS].index)
