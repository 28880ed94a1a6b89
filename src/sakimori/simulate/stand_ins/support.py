"""AWS Support's API, which a plan opens, and what Trusted Advisor found."""

from collections.abc import Mapping
from typing import Any, Final

from sakimori.simulate.call import Answer, ServiceError
from sakimori.simulate.stand_ins.form import Desk, StandIn
from sakimori.simulate.state import SupportPlan

_PLANS_WITH_API: Final = (SupportPlan.BUSINESS, SupportPlan.ENTERPRISE)
_MESSAGE: Final = "Amazon Web Services Premium Support Subscription is required to use this service."


def behind_the_plan(desk: Desk) -> Answer:
    """Moto's answer, where the account's plan includes the API at all."""
    _require_plan(desk)
    return desk.moto()


def check_summaries(desk: Desk) -> Mapping[str, Any]:
    """One summary for each check that was asked for; not_available where it was never refreshed."""
    _require_plan(desk)
    return {"summaries": [_summary(desk, check) for check in desk.parameters()["checkIds"]]}


STAND_INS: Final[Mapping[str, StandIn]] = {"support:DescribeTrustedAdvisorCheckSummaries": check_summaries}


def _require_plan(desk: Desk) -> None:
    if desk.state.support_plan not in _PLANS_WITH_API:
        raise ServiceError("SubscriptionRequiredException", _MESSAGE)


def _summary(desk: Desk, check: str) -> Mapping[str, Any]:
    known = desk.state.advisor.get(check)
    flagged, processed = (known.flagged, known.processed) if known else (0, 0)
    return {
        "checkId": check,
        "timestamp": known.at.strftime("%Y-%m-%dT%H:%M:%SZ") if known else "",
        "status": known.status if known else "not_available",
        "hasFlaggedResources": flagged > 0,
        "resourcesSummary": {
            "resourcesProcessed": processed,
            "resourcesFlagged": flagged,
            "resourcesIgnored": 0,
            "resourcesSuppressed": 0,
        },
        "categorySpecificSummary": {
            "costOptimizing": {"estimatedMonthlySavings": 0.0, "estimatedPercentMonthlySavings": 0.0}
        },
    }
