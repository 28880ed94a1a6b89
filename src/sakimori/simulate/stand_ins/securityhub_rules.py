"""Automation rules of Security Hub, which moto has not. They are kept and told; no finding is changed by them.

Source: Security Hub API reference, CreateAutomationRule, BatchGetAutomationRules and their neighbours; user
guide, "Understanding automation rules in Security Hub CSPM" (100 rules for an administrator's account).
"""

import uuid
from collections.abc import Mapping
from typing import Any, Final

from sakimori.simulate.call import ServiceError
from sakimori.simulate.stand_ins.form import Desk, StandIn
from sakimori.simulate.stand_ins.securityhub import require_hub

_MOST: Final = 100
_PAGE: Final = 100
_NOT_FOUND: Final = 404
_IN_LISTS: Final = (
    "RuleArn", "RuleStatus", "RuleOrder", "RuleName", "Description", "IsTerminal", "CreatedAt", "UpdatedAt", "CreatedBy",
)  # fmt: skip
_SETTINGS: Final = ("RuleStatus", "RuleOrder", "RuleName", "Description", "IsTerminal", "Criteria", "Actions")


def create(desk: Desk) -> Mapping[str, Any]:
    """Make a rule, on unless that is refused."""
    require_hub(desk)
    kept = _kept(desk)
    if len(kept) >= _MOST:
        raise ServiceError("LimitExceededException", "The request was rejected because it exceeds the limit.", 429)
    region, account, now = desk.call.region, desk.state.account_id, desk.state.clock()
    arn = f"arn:{desk.state.partition}:securityhub:{region}:{account}:automation-rule/{uuid.uuid4()}"
    usual = {"RuleArn": arn, "RuleStatus": "ENABLED", "IsTerminal": False}
    kept[arn] = {
        **usual,
        **_settings(desk.parameters()),
        "CreatedAt": now,
        "UpdatedAt": now,
        "CreatedBy": desk.principal,
    }
    return {"RuleArn": arn}


def listed(desk: Desk) -> Mapping[str, Any]:
    """A page of the Region's rules without what they match and change."""
    require_hub(desk)
    asked, rules = desk.parameters(), list(_kept(desk).values())
    start, size = int(asked.get("NextToken") or 0), int(asked.get("MaxResults") or _PAGE)
    told = [{name: rule[name] for name in _IN_LISTS} for rule in rules[start : start + size]]
    page = {"AutomationRulesMetadata": told}
    return {**page, "NextToken": str(start + size)} if start + size < len(rules) else page


def shown(desk: Desk) -> Mapping[str, Any]:
    """Rules whole, by their ARNs."""
    require_hub(desk)
    arns = desk.parameters()["AutomationRulesArns"]
    known = _kept(desk)
    return {"Rules": [known[arn] for arn in arns if arn in known], "UnprocessedAutomationRules": _missing(desk, arns)}


def update(desk: Desk) -> Mapping[str, Any]:
    """Change what is named of each rule; the rest stays."""
    require_hub(desk)
    asked = {each["RuleArn"]: each for each in desk.parameters()["UpdateAutomationRulesRequestItems"]}
    known = _kept(desk)
    done = [arn for arn in asked if arn in known]
    for arn in done:
        known[arn] = {**known[arn], **_settings(asked[arn]), "UpdatedAt": desk.state.clock()}
    return {"ProcessedAutomationRules": done, "UnprocessedAutomationRules": _missing(desk, asked)}


def delete(desk: Desk) -> Mapping[str, Any]:
    """Remove rules."""
    require_hub(desk)
    arns = desk.parameters()["AutomationRulesArns"]
    missing = _missing(desk, arns)
    done = [arn for arn in arns if _kept(desk).pop(arn, None)]
    return {"ProcessedAutomationRules": done, "UnprocessedAutomationRules": missing}


STAND_INS: Final[Mapping[str, StandIn]] = {
    "securityhub:BatchDeleteAutomationRules": delete,
    "securityhub:BatchGetAutomationRules": shown,
    "securityhub:BatchUpdateAutomationRules": update,
    "securityhub:CreateAutomationRule": create,
    "securityhub:ListAutomationRules": listed,
}


def _kept(desk: Desk) -> dict[str, dict[str, Any]]:
    return desk.state.services.automation_rules.setdefault(desk.call.region, {})


def _settings(asked: Mapping[str, Any]) -> dict[str, Any]:
    return {name: asked[name] for name in _SETTINGS if name in asked}


def _missing(desk: Desk, arns: Any) -> list[Mapping[str, Any]]:
    known = _kept(desk)
    return [
        {"RuleArn": arn, "ErrorCode": _NOT_FOUND, "ErrorMessage": "Rule not found"} for arn in arns if arn not in known
    ]
