"""HB07: two budgets of all costs tell by mail when more is spent than was meant: one of the month, one of each day.

A budget of the same kind that tells somebody serves, whoever made it and whatever its amount. Where there is none, ours
counts what was used before credits and refunds: stolen use that a credit pays is still stolen. The day may cost a tenth
of the month, three times the average day, so that what is charged once a month on its first day keeps quiet and a thief
does not; of days AWS gives no forecast. Budgets cost nothing today, and neither does reading them.
A reseller's customer (請求代行) and a user without access to billing are refused by AccessDeniedException: then a sentence
says what to do instead. A linked account may read and still not create before its payer has used Budgets.
Source: botocore's model of budgets; AWS Cost Management user guide, "Best practices for AWS Budgets"; org-formation/
org-formation-cli pull request 198 for linked accounts.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sakimori.actions.money import budget_form
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State, Step
from sakimori.actions.terraform import Resource, argument_name
from sakimori.aws.refusal import Refusal
from sakimori.model.action import Baseline, Change
from sakimori.model.words import GapKind, Scope

_ID: Final = "HB07"
_NAMES: Final = {"MONTHLY": "sakimori-monthly", "DAILY": "sakimori-daily"}
_SHARE: Final = {"MONTHLY": 1.0, "DAILY": 0.1}
_LEAST_USD: Final = 1.0
_ALERTS: Final = {
    "MONTHLY": (
        "ACTUAL GREATER_THAN 80.0 PERCENTAGE", "ACTUAL GREATER_THAN 100.0 PERCENTAGE",
        "FORECASTED GREATER_THAN 100.0 PERCENTAGE",
    ),
    "DAILY": ("ACTUAL GREATER_THAN 100.0 PERCENTAGE",),
}  # fmt: skip


def _read(site: Site) -> State:
    try:
        budgets = budget_form.listed(site)
    except Refusal as refusal:
        if refusal.kind in (GapKind.DENIED, GapKind.DENIED_BY_ORGANIZATION):
            return {"is_closed": True}
        raise
    ours: dict[str, Any] = dict.fromkeys(_NAMES)
    others: dict[str, list[str]] = {unit: [] for unit in _NAMES}
    for each in budgets:
        name = str(each["BudgetName"])
        for unit, own in _NAMES.items():
            if name == own:
                ours[unit] = budget_form.normal(site, each)
            elif budget_form.counts_all_costs(each, unit) and _tells(budget_form.alerts(site, name)):
                others[unit].append(name)
    return {"is_closed": False, "ours": ours, "others": {unit: sorted(names) for unit, names in others.items()}}


def _tells(alerts: Mapping[str, Sequence[str]]) -> bool:
    return any(people for alert, people in alerts.items() if " GREATER_THAN " in alert)


def _lacks(site: Site) -> str:
    state = _read(site)
    if state["is_closed"]:
        return "harden_reach.hb07_closed"
    is_said = bool(site.wishes.emails) and site.wishes.budget_usd > 0
    return "" if is_said or not any(_is_open(state, unit) for unit in _NAMES) else "harden_reach.hb07_lacks"


def _is_open(state: State, unit: str) -> bool:
    """Whether nobody would be told."""
    own = state["ours"][unit]
    return not state["others"][unit] and not (own and _tells(own["alerts"]))


def _wanted(site: Site, state: State) -> State:
    wishes = site.wishes
    if state["is_closed"] or not wishes.emails or not wishes.budget_usd:
        return state
    # One of ours beside another's that serves is left as it is: the person who made the other one chose.
    ours = {
        unit: own if state["others"][unit] else _budget(site, unit, own) for unit, own in state["ours"].items()
    }  # fmt: skip
    return {**state, "ours": ours}


def _budget(site: Site, unit: str, own: State | None) -> State:
    amount = max(round(site.wishes.budget_usd * _SHARE[unit], 2), _LEAST_USD)
    mails = [f"EMAIL {each}" for each in site.wishes.emails[: budget_form.MOST_MAILS]]
    told = dict(own["alerts"]) if own else {}
    for alert in _ALERTS[unit]:
        known = told.get(alert, [])
        told[alert] = sorted({*known, *mails[: max(0, budget_form.MOST_MAILS - _foreign(known, mails))]})
    definition = {
        "BudgetType": "COST", "TimeUnit": unit, "BudgetLimit": {"Amount": str(amount), "Unit": "USD"},
        "CostTypes": budget_form.cost_types(("Credit", "Refund")),
    }  # fmt: skip
    return {"definition": definition, "ends": "", "alerts": told}


def _foreign(known: Sequence[str], mails: Sequence[str]) -> int:
    return len([each for each in known if each.startswith("EMAIL ") and each not in mails])


def _towards(site: Site, now: State, target: State) -> Sequence[Change]:
    if now["is_closed"] or target["is_closed"]:
        return ()
    found: list[Change] = []
    for unit, name in _NAMES.items():
        found += budget_form.changes(site, name, now["ours"][unit], target["ours"][unit], _ID)
    return found


def _cautions(site: Site, _state: State) -> Sequence[Caution]:
    late = Caution(text="harden_reach.hb07_late")
    left = list(site.wishes.emails[budget_form.MOST_MAILS :])
    return [late, Caution(text="harden_reach.hb07_too_many", values={"left": left})] if left else [late]


def _terraform(_site: Site, target: State) -> Sequence[Resource]:
    return [_resource(_NAMES[unit], own) for unit, own in target["ours"].items() if own is not None]


def _resource(name: str, own: State) -> Resource:
    limit = own["definition"]["BudgetLimit"]
    counted = {argument_name(key): value for key, value in own["definition"]["CostTypes"].items()}
    blocks: list[tuple[str, Mapping[str, Any]]] = [("cost_types", counted)]
    for alert, people in own["alerts"].items():
        kind, comparison, threshold, unit = alert.split(" ")
        arguments: dict[str, Any] = {
            "notification_type": kind, "comparison_operator": comparison, "threshold": float(threshold),
            "threshold_type": unit,
            "subscriber_email_addresses": [each[6:] for each in people if each.startswith("EMAIL ")],
            "subscriber_sns_topic_arns": [each[4:] for each in people if each.startswith("SNS ")],
        }  # fmt: skip
        blocks.append(("notification", arguments))
    return Resource(
        type="aws_budgets_budget", name=name, blocks=blocks,
        arguments={
            "name": name, "budget_type": "COST", "time_unit": own["definition"]["TimeUnit"],
            "limit_amount": limit["Amount"], "limit_unit": limit["Unit"], "tags": {"sakimori": _ID},
        },
    )  # fmt: skip


STEP: Final = Step(
    id=_ID,
    order=70,
    texts="harden_reach.hb07",
    scope=Scope.ACCOUNT,
    baseline=Baseline.STARTER,
    rules=("aws.budgets.budget-with-notification", "aws.budgets.daily-budget-with-notification"),
    reads=budget_form.READS,
    writes=budget_form.WRITES,
    permissions=("budgets:TagResource",),
    read=_read,
    wanted=_wanted,
    towards=_towards,
    lacks=_lacks,
    cautions=_cautions,
    terraform=_terraform,
)
