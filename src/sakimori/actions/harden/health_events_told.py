"""HB03: what AWS Health says of this account comes by mail, at home and where global services tell.

Abuse reports, exposed credentials, retirements and forced updates are events of the account; public ones (a disturbance of
some service in some Region) are left to AWS's own page, since they would be most of the mails. Health tells an event in
its own Region, global ones in us-east-1, and everything a second time in us-west-2 (events of us-west-2 in us-east-1): a
backup that would need a third topic which everybody confirms, and send most mails twice. Events of other Regions than
these two are therefore not told; a home in us-west-2 is told of all, some twice.
Source: AWS Health user guide, "Creating EventBridge rules for AWS Region coverage" and "AWS Health events Amazon
EventBridge schema" (types AWS Health Event and AWS Health Abuse Event; eventScopeCode).
"""

from collections.abc import Sequence
from typing import Final

from sakimori.actions.alerts import event_rules
from sakimori.actions.alerts.alert_topic import alert_regions
from sakimori.actions.alerts.event_rules import EventRule
from sakimori.actions.alerts.event_telling import TOPIC_READ, Telling, topics_missing
from sakimori.actions.looking import looked
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State, Step
from sakimori.model.action import Baseline
from sakimori.model.words import Scope

_ID: Final = "HB03"
_RULE: Final = EventRule(
    name="sakimori-health",
    # Whether an abuse report names its scope the schema leaves open: whatever is not said to be public is told.
    pattern={
        "source": ["aws.health"], "detail": {"eventScopeCode": [{"anything-but": "PUBLIC"}, {"exists": False}]}
    },
    told="harden_reach.told_health",
    facts="harden_reach.told_health_facts",
    paths={
        "account": "$.account", "time": "$.time", "region": "$.detail.eventRegion", "service": "$.detail.service",
        "code": "$.detail.eventTypeCode", "category": "$.detail.eventTypeCategory",
    },
    samples=tuple(
        {"source": "aws.health", "detail-type": kind, "detail.eventScopeCode": "ACCOUNT_SPECIFIC"}
        for kind in ("AWS Health Event", "AWS Health Abuse Event")
    ),
)  # fmt: skip


_TELLING: Final = Telling(step=_ID, rules=lambda _site, _region: (_RULE,))


def _cautions(site: Site, _state: State) -> Sequence[Caution]:
    limits = Caution(text="harden_reach.hb03_limits", values={"regions": list(alert_regions(site))})
    return [limits, *looked(lambda: topics_missing(site))]


STEP: Final = Step(
    id=_ID,
    order=275,
    texts="harden_reach.hb03",
    scope=Scope.ACCOUNT,
    baseline=Baseline.STARTER,
    reads=(*event_rules.READS, TOPIC_READ),
    writes=event_rules.WRITES,
    permissions=("events:TagResource",),
    read=_TELLING.read,
    wanted=_TELLING.wanted,
    towards=_TELLING.towards,
    lacks=_TELLING.lacks,
    cautions=_cautions,
    loses=_TELLING.loses,
    terraform=_TELLING.terraform,
)
