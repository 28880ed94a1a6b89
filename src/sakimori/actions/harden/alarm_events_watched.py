"""HB27: EventBridge writes to the alert topic at once what a thief does first, at home and where global services tell.

Single events, and so no metric filters: a rule has no log group whose link could break. It needs a trail that logs
management events (HB11), which AWS gives EventBridge only then. Bursts of refused calls and failed sign-ins are counts,
and found by `sakimori watch`; other Regions than these two are not covered by these rules.
Rules on events of AWS's own services cost nothing; SNS sends 1,000 mails a month for nothing.
Source: Amazon EventBridge and SNS pricing (rulebook/prices.yaml); EventBridge user guide, "AWS service events
delivered via AWS CloudTrail".
"""

from collections.abc import Sequence
from typing import Final

from sakimori.actions.alerts import event_rules
from sakimori.actions.alerts.alarm_events import ALARM_RULES
from sakimori.actions.alerts.alert_topic import alert_regions, global_region
from sakimori.actions.alerts.event_rules import EventRule
from sakimori.actions.alerts.event_telling import TOPIC_READ, Telling, topics_missing
from sakimori.actions.looking import looked
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State, Step
from sakimori.model.action import Baseline, Quantity
from sakimori.model.words import Scope

_ID: Final = "HB27"
_TRAILS: Final = "cloudtrail:DescribeTrails"
_TRAIL: Final = "cloudtrail:GetTrailStatus"


def _rules(site: Site, region: str) -> Sequence[EventRule]:
    is_global = region == global_region(site)
    return [each.rule for each in ALARM_RULES if is_global or not each.is_global]


_TELLING: Final = Telling(step=_ID, rules=_rules)


def _cautions(site: Site, _state: State) -> Sequence[Caution]:
    limits = Caution(text="harden_reach.hb27_limits", values={"regions": list(alert_regions(site))})
    return [limits, *looked(lambda: topics_missing(site), lambda: _trails(site))]


def _trails(site: Site) -> Sequence[Caution]:
    """Whether CloudTrail gives EventBridge anything: some trail must log."""
    home = site.at(site.home)
    trails = (home.call(_TRAILS) or {}).get("trailList") or []
    gone = ("TrailNotFoundException",)
    is_logging = any((home.call(_TRAIL, gone, Name=each["TrailARN"]) or {}).get("IsLogging") for each in trails)
    return [] if is_logging else [Caution(text="harden_reach.hb27_no_trail")]


def _costs(_site: Site, _state: State) -> Sequence[Quantity]:
    """No event is custom; how often somebody will do what is told, nobody knows."""
    return (Quantity("eventbridge.events", 0.0), Quantity("sns.emails", None))


STEP: Final = Step(
    id=_ID,
    order=280,
    texts="harden_reach.hb27",
    scope=Scope.ACCOUNT,
    baseline=Baseline.STARTER,
    rules=("aws.cloudwatch.iam-policy-changes-alarmed", "aws.cloudwatch.organizations-changes-alarmed"),
    reads=(*event_rules.READS, TOPIC_READ, _TRAILS, _TRAIL),
    writes=event_rules.WRITES,
    permissions=("events:TagResource",),
    read=_TELLING.read,
    wanted=_TELLING.wanted,
    towards=_TELLING.towards,
    lacks=_TELLING.lacks,
    cautions=_cautions,
    costs=_costs,
    loses=_TELLING.loses,
    terraform=_TELLING.terraform,
)
