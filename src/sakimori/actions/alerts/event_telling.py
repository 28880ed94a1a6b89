"""A step made of rules of EventBridge that write to the alert topic, wherever the topic lies."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sakimori.actions.alerts import event_rules
from sakimori.actions.alerts.alert_topic import NO_TOPIC, alert_regions, topic_arn
from sakimori.actions.alerts.event_rules import EventRule
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State
from sakimori.actions.terraform import Resource
from sakimori.model.action import Change

TOPIC_READ = "sns:GetTopicAttributes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """The functions of such a step; `rules` gives those of one Region."""

    step: str
    rules: Callable[[Site, str], Sequence[EventRule]]

    def read(self, site: Site) -> State:
        """By Region: our rules, and who serves in their place."""
        regions = alert_regions(site)
        return {
            "regions": {region: event_rules.read_rules(site, region, self.rules(site, region)) for region in regions}
        }

    def wanted(self, site: Site, state: State) -> State:
        """Every rule that nobody else serves."""
        regions: dict[str, State] = {}
        for region, found in state["regions"].items():
            known, served = found["ours"], found["served"]
            ours = {
                rule.name: known[rule.name] if served[rule.name] else rule.wanted(site, region, known[rule.name])
                for rule in self.rules(site, region)
            }
            regions[region] = {**found, "ours": ours}
        return {"regions": regions}

    def towards(self, site: Site, now: State, target: State) -> Sequence[Change]:
        """Rule by rule."""
        found: list[Change] = []
        for region, before in now["regions"].items():
            wanted = target["regions"][region]["ours"]
            for name, rule in before["ours"].items():
                found += event_rules.changes(site.at(region), name, rule, wanted[name], self.step)
        return found

    def lacks(self, site: Site) -> str:
        """Rules that tell nobody would only look as if someone watched."""
        is_told = bool(site.wishes.emails) or not _without_topic(site)
        return "" if is_told else "harden_reach.lacks_emails"

    def loses(self, _site: Site, before: State, now: State) -> str:
        """A rule that would go with what somebody else hung on it."""
        found = (
            event_rules.loses(before["regions"][name]["ours"], each["ours"]) for name, each in now["regions"].items()
        )
        return next((name for name in found if name), "")

    def terraform(self, _site: Site, target: State) -> Sequence[Resource]:
        """Rules and targets as code."""
        found: list[Resource] = []
        for region, each in target["regions"].items():
            ours = [(name, rule) for name, rule in each["ours"].items() if rule is not None]
            found += event_rules.terraform(region, ours, self.step)
        return found


def topics_missing(site: Site) -> Sequence[Caution]:
    """A caution naming the Regions that have no alert topic yet."""
    missing = _without_topic(site)
    return [Caution(text="harden_reach.no_topic_yet", values={"regions": missing})] if missing else []


def _without_topic(site: Site) -> list[str]:
    return [
        region for region in alert_regions(site)
        if site.at(region).call(TOPIC_READ, NO_TOPIC, TopicArn=topic_arn(site, region)) is None
    ]  # fmt: skip
