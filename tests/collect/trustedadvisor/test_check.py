"""Checks of Trusted Advisor."""

from collections.abc import Callable
from typing import Any

from sakimori.model.words import GapKind

CHECKS = {"checks": [{"id": f"c{number}", "name": "x", "category": "security"} for number in range(150)]}


def summaries(parameters: dict[str, Any]) -> dict[str, Any]:
    assert len(parameters["checkIds"]) <= 100
    return {"summaries": [{"checkId": each, "status": "ok"} for each in parameters["checkIds"] if each != "c7"]}


def test_summaries_are_asked_for_in_batches_and_a_missing_one_is_unknown(
    fake_door: Callable[..., Any], read: Callable[..., Any]
) -> None:
    door = fake_door(
        support__DescribeTrustedAdvisorChecks=CHECKS, support__DescribeTrustedAdvisorCheckSummaries=summaries
    )
    rows = {row["check_id"]: row for row in read("aws_trustedadvisor_check", door).rows.values()}
    assert len(rows) == 150
    assert door.count("support:DescribeTrustedAdvisorCheckSummaries") == 2
    assert (rows["c7"]["status"], rows["c7"]["has_problem"]) == (None, None)
    assert (rows["c8"]["status"], rows["c8"]["has_problem"]) == ("ok", False)


def test_an_account_without_a_paid_plan_is_a_gap_that_says_so(
    fake_door: Callable[..., Any], read: Callable[..., Any], refusal: Callable[..., Any]
) -> None:
    door = fake_door(
        support__DescribeTrustedAdvisorChecks=refusal("SubscriptionRequiredException", kind=GapKind.PAID_FEATURE)
    )
    unit = read("aws_trustedadvisor_check", door).unit
    assert [gap.kind for gap in unit.gaps] == [GapKind.PAID_FEATURE]
    assert not unit.is_read
