"""What the simulated account knows of the services that watch it and its money, where moto knows nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    # It writes roles into accounts, whose state this is.
    from sakimori.simulate.identity_center import IdentityCenter


@dataclass(slots=True, kw_only=True)
class Aggregator:
    """Security Hub's finding aggregator: one for the account, seen from every Region."""

    arn: str
    home_region: str
    linking_mode: str
    regions: tuple[str, ...] = ()

    def shown(self) -> Mapping[str, Any]:
        """As GetFindingAggregator tells it."""
        return {
            "FindingAggregatorArn": self.arn,
            "FindingAggregationRegion": self.home_region,
            "RegionLinkingMode": self.linking_mode,
            "Regions": list(self.regions),
        }


@dataclass(slots=True, kw_only=True)
class ServiceState:
    """Mutable; everything is as in a new account until a call changes it."""

    contact: Mapping[str, str] | None = field(default_factory=lambda: _SIGNED_UP_WITH)
    """Members of ContactInformation; whoever opens an account must give them."""
    standards: dict[str, dict[str, Mapping[str, Any]]] = field(default_factory=dict)
    """By Region and ARN of the subscription: Security Hub's enabled standards."""
    standards_not_offered: dict[str, frozenset[str]] = field(default_factory=dict)
    """By Region: the standards that there are elsewhere, by the end of their ARN."""
    aggregator: Aggregator | None = None
    declared_settings: set[str] = field(default_factory=set)
    """Of EC2's `snapshots`, `images` and `metadata`, those that a declarative policy of the organisation manages."""
    administrators: dict[str, str] = field(default_factory=dict)
    """By service (`inspector2`, `macie2`, `securityhub`): the account whose member this one is."""
    hub_configuration: str = ""
    """LOCAL or CENTRAL where this account is Security Hub's administrator of its organisation."""
    monitors: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    """By ARN: monitors of Cost Anomaly Detection."""
    subscriptions: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    """By ARN: who is told of cost anomalies."""
    exports: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    """By ARN: data exports of Billing and Cost Management."""
    reports: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    """By name: legacy Cost and Usage Reports."""
    vault_policies: dict[tuple[str, str, str], str] = field(default_factory=dict)
    """By service (`backup`, `glacier`), Region and name of the vault."""
    artifacts: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By ARN: domains and repositories of CodeArtifact, what is `told` of each and its `policy`."""
    graphs: dict[str, str] = field(default_factory=dict)
    """By Region: the ARN of Detective's behavior graph that the account administers."""
    invitations: dict[str, list[Mapping[str, Any]]] = field(default_factory=dict)
    """By Region: what Detective's administrators elsewhere ask of the account."""
    destinations: dict[str, list[Mapping[str, Any]]] = field(default_factory=dict)
    """By id of GuardDuty's detector: where its findings are exported."""
    guardduty_findings: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    """By id of GuardDuty's detector, and by their own: its findings."""
    filter_tags: dict[tuple[str, str], Mapping[str, str]] = field(default_factory=dict)
    """By id of GuardDuty's detector and name of the filter: its tags."""
    automation_rules: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    """By Region and ARN: Security Hub's automation rules, in the form of AutomationRulesConfig."""
    macie: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    """By Region: Macie's session, which moto has from the beginning and AWS has not."""
    organization_features: set[str] = field(default_factory=set)
    """Of RootCredentialsManagement and RootSessions, those that are on."""
    log_classes: dict[tuple[str, str], str] = field(default_factory=dict)
    """By Region and name of the log group: its class."""
    identity_center: "IdentityCenter | None" = None
    """The organisation's instance, in its management account; None where it was never enabled."""


_SIGNED_UP_WITH: Mapping[str, str] = {
    "FullName": "Example Owner",
    "AddressLine1": "1-1-1 Example",
    "City": "Chiyoda-ku",
    "StateOrRegion": "Tokyo",
    "PostalCode": "100-0001",
    "CountryCode": "JP",
    "PhoneNumber": "+81300000000",
}
