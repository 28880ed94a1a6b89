"""Security Hub's standards and its finding aggregator, which moto does not keep."""

import secrets
from collections.abc import Iterable, Mapping
from typing import Any, Final

from moto.config.models import config_backends
from moto.securityhub.models import SecurityHubBackend, securityhub_backends

from sakimori.simulate.call import Answer, ServiceError
from sakimori.simulate.service_state import Aggregator
from sakimori.simulate.stand_ins.form import Desk, StandIn

_FSBP: Final = "standards/aws-foundational-security-best-practices/v/1.0.0"
# The first version of the CIS standard has an ARN without a Region.
_CIS_FIRST: Final = "ruleset/cis-aws-foundations-benchmark/v/1.2.0"
_OFFERED: Final = (
    _FSBP,
    "standards/cis-aws-foundations-benchmark/v/1.4.0",
    "standards/cis-aws-foundations-benchmark/v/3.0.0",
    "standards/cis-aws-foundations-benchmark/v/5.0.0",
    "standards/nist-800-53/v/5.0.0",
    "standards/pci-dss/v/4.0.1",
)
_LINKING_MODES: Final = ("ALL_REGIONS", "ALL_REGIONS_EXCEPT_SPECIFIED", "SPECIFIED_REGIONS", "NO_REGIONS")
_WITH_REGIONS: Final = ("ALL_REGIONS_EXCEPT_SPECIFIED", "SPECIFIED_REGIONS")


def require_hub(desk: Desk) -> None:
    """Refuse the call as every operation of Security Hub does while it is off in the Region."""
    if not _backend(desk).enabled:
        message = f"Account {desk.state.account_id} is not subscribed to AWS Security Hub"
        raise ServiceError("InvalidAccessException", message, 401)


def enable(desk: Desk) -> Answer:
    """Turn Security Hub on, with the standards that are enabled by default unless that is refused."""
    if _backend(desk).enabled:
        raise ServiceError("ResourceConflictException", "Account is already subscribed to Security Hub", 409)
    answer = desk.moto()
    if _backend(desk).enabled and desk.parameters().get("EnableDefaultStandards", True):
        _subscribe(desk, (_arn_of(desk, _FSBP), _arn_of(desk, _CIS_FIRST)))
    return answer


def disable(desk: Desk) -> Answer:
    """Turn it off, and every standard with it."""
    answer = desk.moto()
    desk.state.services.standards.pop(desk.call.region, None)
    return answer


def administrator(desk: Desk) -> Mapping[str, Any]:
    """The administrator whose member the account is; nothing for one that is nobody's."""
    require_hub(desk)
    found = desk.state.services.administrators.get("securityhub")
    return {"Administrator": {"AccountId": found, "MemberStatus": "ENABLED"}} if found else {}


def organization(desk: Desk) -> Mapping[str, Any]:
    """How the organisation is configured, which only its administrator may ask."""
    require_hub(desk)
    kind = desk.state.services.hub_configuration
    if not kind:
        message = "Account is not an administrator for this organization"
        raise ServiceError("InvalidAccessException", message, 401)
    is_local = kind == "LOCAL"
    return {
        "AutoEnable": is_local,
        "MemberAccountLimitReached": False,
        "AutoEnableStandards": "DEFAULT" if is_local else "NONE",
        "OrganizationConfiguration": {"ConfigurationType": kind, "Status": "ENABLED"},
    }


def enabled_standards(desk: Desk) -> Mapping[str, Any]:
    """The Region's subscriptions, all of them or those asked for."""
    require_hub(desk)
    wanted = desk.parameters().get("StandardsSubscriptionArns")
    return {"StandardsSubscriptions": [each for each in _shown(desk) if _is_among(each, wanted)]}


def offered_standards(desk: Desk) -> Mapping[str, Any]:
    """The standards that there are in the Region."""
    require_hub(desk)
    return {"Standards": [{"StandardsArn": arn, "Name": arn.rpartition("/v/")[0]} for arn in _offered(desk)]}


def enable_standards(desk: Desk) -> Mapping[str, Any]:
    """Enable standards; an ARN that is none is refused."""
    require_hub(desk)
    asked = [each["StandardsArn"] for each in desk.parameters()["StandardsSubscriptionRequests"]]
    offered = _offered(desk)
    for arn in asked:
        if arn not in offered:
            raise ServiceError("InvalidInputException", f"Invalid parameter 'StandardsArn': {arn}", 400)
    return {"StandardsSubscriptions": _subscribe(desk, asked)}


def disable_standards(desk: Desk) -> Mapping[str, Any]:
    """Disable standards by their subscriptions."""
    require_hub(desk)
    gone = [each for each in _shown(desk) if _is_among(each, desk.parameters()["StandardsSubscriptionArns"])]
    for each in gone:
        desk.state.services.standards[desk.call.region].pop(each["StandardsSubscriptionArn"])
    return {"StandardsSubscriptions": [{**each, "StandardsStatus": "DELETING"} for each in gone]}


def aggregators(desk: Desk) -> Mapping[str, Any]:
    """The aggregator, if there is one; from every Region where Security Hub is on."""
    require_hub(desk)
    found = desk.state.services.aggregator
    return {"FindingAggregators": [{"FindingAggregatorArn": found.arn}] if found else []}


def aggregator(desk: Desk) -> Mapping[str, Any]:
    """The aggregator by its ARN."""
    require_hub(desk)
    return _aggregator(desk).shown()


def create_aggregator(desk: Desk) -> Mapping[str, Any]:
    """Make this Region the home Region; an account has one at most."""
    require_hub(desk)
    mode, regions = _linking(desk)
    if desk.state.services.aggregator:
        raise ServiceError("LimitExceededException", "A finding aggregator already exists in the account.", 429)
    region = desk.call.region
    arn = f"arn:{desk.state.partition}:securityhub:{region}:{desk.state.account_id}:finding-aggregator/{secrets.token_hex(16)}"
    made = Aggregator(arn=arn, home_region=region, linking_mode=mode, regions=regions)
    desk.state.services.aggregator = made
    return made.shown()


def update_aggregator(desk: Desk) -> Mapping[str, Any]:
    """Link other Regions to the home Region, from there only."""
    require_hub(desk)
    found = _at_home(desk)
    found.linking_mode, found.regions = _linking(desk)
    return found.shown()


def delete_aggregator(desk: Desk) -> Mapping[str, Any]:
    """Stop the gathering, from the home Region only."""
    require_hub(desk)
    _at_home(desk)
    desk.state.services.aggregator = None
    return {}


STAND_INS: Final[Mapping[str, StandIn]] = {
    "securityhub:BatchDisableStandards": disable_standards,
    "securityhub:BatchEnableStandards": enable_standards,
    "securityhub:CreateFindingAggregator": create_aggregator,
    "securityhub:DeleteFindingAggregator": delete_aggregator,
    "securityhub:DescribeOrganizationConfiguration": organization,
    "securityhub:DescribeStandards": offered_standards,
    "securityhub:DisableSecurityHub": disable,
    "securityhub:EnableSecurityHub": enable,
    "securityhub:GetAdministratorAccount": administrator,
    "securityhub:GetEnabledStandards": enabled_standards,
    "securityhub:GetFindingAggregator": aggregator,
    "securityhub:ListFindingAggregators": aggregators,
    "securityhub:UpdateFindingAggregator": update_aggregator,
}


def _backend(desk: Desk) -> SecurityHubBackend:
    return securityhub_backends[desk.state.account_id][desk.call.region]


def _arn_of(desk: Desk, standard: str) -> str:
    region = "" if standard == _CIS_FIRST else desk.call.region
    return f"arn:{desk.state.partition}:securityhub:{region}::{standard}"


def _offered(desk: Desk) -> list[str]:
    lacking = desk.state.services.standards_not_offered.get(desk.call.region, ())
    return [_arn_of(desk, each) for each in (*_OFFERED, _CIS_FIRST) if each not in lacking]


def _subscribe(desk: Desk, arns: Iterable[str]) -> list[Mapping[str, Any]]:
    region, account = desk.call.region, desk.state.account_id
    kept = desk.state.services.standards.setdefault(region, {})
    made = []
    for arn in arns:
        name = arn.partition("::")[2].lstrip(":").partition("/")[2]
        subscription = f"arn:{desk.state.partition}:securityhub:{region}:{account}:subscription/{name}"
        kept[subscription] = {"StandardsSubscriptionArn": subscription, "StandardsArn": arn, "StandardsInput": {}}
        made.append(subscription)
    return [each for each in _shown(desk) if each["StandardsSubscriptionArn"] in made]


def _shown(desk: Desk) -> list[Mapping[str, Any]]:
    """Controls rest on Config: without a recorder that records, a standard stays incomplete."""
    recorders = config_backends[desk.state.account_id][desk.call.region].recorders.values()
    statuses: Iterable[Any] = [each.status for each in recorders]
    if any(status.recording for status in statuses):
        state: Mapping[str, Any] = {"StandardsStatus": "READY"}
    else:
        reason = {"StatusReasonCode": "NO_AVAILABLE_CONFIGURATION_RECORDER"}
        state = {"StandardsStatus": "INCOMPLETE", "StandardsStatusReason": reason}
    return [{**each, **state} for each in desk.state.services.standards.get(desk.call.region, {}).values()]


def _is_among(subscription: Mapping[str, Any], arns: Iterable[str] | None) -> bool:
    return arns is None or subscription["StandardsSubscriptionArn"] in arns


def _aggregator(desk: Desk) -> Aggregator:
    found = desk.state.services.aggregator
    if found is None or found.arn != desk.parameters()["FindingAggregatorArn"]:
        raise ServiceError("ResourceNotFoundException", "The finding aggregator was not found.", 404)
    return found


def _at_home(desk: Desk) -> Aggregator:
    found = _aggregator(desk)
    if found.home_region != desk.call.region:
        message = f"The finding aggregator can be changed in {found.home_region} only."
        raise ServiceError("InvalidInputException", message, 400)
    return found


def _linking(desk: Desk) -> tuple[str, tuple[str, ...]]:
    asked = desk.parameters()
    mode, regions = asked["RegionLinkingMode"], tuple(asked.get("Regions") or ())
    if mode not in _LINKING_MODES or bool(regions) != (mode in _WITH_REGIONS):
        raise ServiceError("InvalidInputException", "Invalid parameter 'RegionLinkingMode'", 400)
    return mode, regions
