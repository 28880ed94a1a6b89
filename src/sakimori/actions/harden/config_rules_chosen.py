"""HB36: rules judge what AWS Config records, in every Region where it records.

Rules that Security Hub CSPM or a conformance pack made count. Where nothing records (HB12) AWS says neither yes nor no.
Source: AWS Config Developer Guide, "Evaluating resources with AWS Config rules"; DescribeConfigurationRecorderStatus.
"""

from typing import Final

from sakimori.actions.site import Site
from sakimori.actions.step import Guide
from sakimori.model.action import Baseline

_STATUS: Final = "config:DescribeConfigurationRecorderStatus"
_RULES: Final = "config:DescribeConfigRules"
_AT_WORK: Final = frozenset({"ACTIVE", "EVALUATING"})


def _holds(site: Site) -> bool | None:
    recorded = [each for each in map(site.at, site.account.selected) if _records(each)]
    return all(map(_is_judged, recorded)) if recorded else None


def _records(site: Site) -> bool:
    return any(each.get("recording") for each in (site.call(_STATUS) or {}).get("ConfigurationRecordersStatus") or ())


def _is_judged(site: Site) -> bool:
    return any(each.get("ConfigRuleState") in _AT_WORK for each in site.all_of(_RULES, "ConfigRules"))


GUIDE: Final = Guide(
    id="HB36",
    order=360,
    texts="harden_guides.hb36",
    baseline=Baseline.STRICT,
    rules=("aws.config.rules-exist",),
    reads=(_STATUS, _RULES),
    holds=_holds,
)
