"""What each user and role could do that hurts: the catalogue of powers, decided by the whole evaluation for each of them.

An action is asked about on a made-up resource of its type ("any"), and where that is not allowed, on resources that the
policies themselves name ("some"). Boundaries, SCPs and denials count. Policies of resources count where they are known and, of
those that must allow (KMS keys), always; a made-up resource has none. Whether a resource of the kind exists, and what a role
that may be passed is worth, is not asked here: that is for the paths.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import lru_cache
from itertools import islice
from typing import Final

from sakimori.analysis.iam.account import IamAccount, Identity
from sakimori.analysis.iam.ask import Answer, PolicyKind, ask, is_gated
from sakimori.analysis.iam.can import Asked, policies_for, request_of, without_doubts
from sakimori.analysis.iam.context import Context
from sakimori.analysis.iam.policy import Clause, Policy
from sakimori.analysis.iam.power_catalogue import Need, Power, PowerCatalogue, power_catalogue
from sakimori.analysis.iam.quarantine import Quarantine, attached_quarantines, quarantines
from sakimori.collect.kleene import every
from sakimori.collect.policy_document import Document
from sakimori.collect.policy_reach import account_in

_SAMPLE: Final = "sakimori-sample"
_REGION_KEY: Final = "aws:requestedregion"
_REGION: Final = re.compile(r"[a-z]{2}(?:-[a-z]+)+-[0-9]\Z")
_MOST_REGIONS: Final = 4
_MOST_TRIED: Final = 40
"""Resources that are tried for one action; with more of them a denial would not be proved, and is unknown."""
_HOME: Final[Mapping[str, str]] = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
# Services with one endpoint. Source: IAM User Guide, "AWS global condition context keys", aws:RequestedRegion.
_GLOBAL: Final = frozenset(
    {"account", "budgets", "ce", "cloudfront", "iam", "organizations", "route53", "route53domains"}
)
_VARIABLE: Final = re.compile(r"\$\{\s*([^},]*?)\s*(?:,\s*'([^']*)'\s*)?\}")
# Keys whose value is the same for all identities of an account, whatever their names begin with.
_SHARED_KEYS: Final = frozenset({"aws:principalaccount", "aws:principalorgid", "aws:principalorgpaths"})
_OWN_KEYS: Final = ("aws:principal", "aws:userid", "aws:username")


class Level(StrEnum):
    """How much power somebody has."""

    NONE = "none"
    """Its policies allow nothing."""
    ORDINARY = "ordinary"
    ESCALATING = "escalating"
    """It may give itself more than it has."""
    STRONG = "strong"
    """It holds so many powers, of so many categories, that it needs no more."""


_ORDER: Final = tuple(Level)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldAction:
    """One dangerous action that is allowed, or of which it is not known (`is_allowed` None).

    `is_any`: on any resource of its type; else `resource` is one on which it is. `keys`: condition keys of unknown value on
    which it hangs; `unread`: kinds of policies that were not read. `stays`: by generation of the quarantine policy (V2, V3),
    whether it is still allowed under it; of users alone, for it is users whose keys leak.
    """

    action: str
    is_allowed: bool | None
    is_any: bool
    resource: str
    keys: tuple[str, ...] = ()
    unread: tuple[PolicyKind, ...] = ()
    policies: tuple[str, ...] = ()
    stays: Mapping[str, bool | None] = field(default_factory=dict[str, "bool | None"])


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldPower:
    """A power and by which of its actions it is held."""

    power: Power
    actions: tuple[HeldAction, ...]

    @property
    def is_certain(self) -> bool:
        """One of them is allowed for sure."""
        return any(each.is_allowed for each in self.actions)

    def stays(self, generation: str) -> bool | None:
        """Whether it is left under the quarantine policy: False where all of its actions are denied then."""
        answers = [each.stays.get(generation, each.is_allowed) for each in self.actions]
        return True if True in answers else None if None in answers else False


@dataclass(frozen=True, slots=True, kw_only=True)
class PrincipalPowers:
    """`at_most` is above `level` where something is not known: then the truth lies between the two."""

    who: Identity
    level: Level
    at_most: Level
    held: tuple[HeldPower, ...]
    quarantined: tuple[str, ...] = ()
    """Names of AWS's quarantine policies that it has already; what is held counts them."""

    @property
    def is_certain(self) -> bool:
        """The level is known."""
        return self.level is self.at_most

    @property
    def categories(self) -> tuple[str, ...]:
        """In which it holds a power for sure, in the catalogue's order."""
        return tuple(dict.fromkeys(each.power.category for each in self.held if each.is_certain))


def powers_of(account: IamAccount, catalogue: PowerCatalogue | None = None) -> tuple[PrincipalPowers, ...]:
    """Every user and role, those with nothing too, in the order of the account. Those with the same policies are asked once."""
    known = catalogue or power_catalogue()
    guards = _Guards.of(account)
    found = dict[object, PrincipalPowers]()
    return tuple(_shared(found, _Asking(account, who, known, guards)) for who in (*account.users, *account.roles))


def _shared(found: dict[object, PrincipalPowers], asking: "_Asking") -> PrincipalPowers:
    key = asking.key()
    if key not in found:
        found[key] = asking.powers()
    return replace(found[key], who=asking.who, quarantined=attached_quarantines(asking.who))


@dataclass(frozen=True, slots=True)
class _Guards:
    """What is the same for all identities of the account."""

    policies: tuple[Policy, ...]
    is_personal: bool
    """An SCP or RCP looks at who asks."""

    @classmethod
    def of(cls, account: IamAccount) -> "_Guards":
        policies = tuple(each for levels in (account.scp, account.rcp) for level in levels or () for each in level)
        return cls(policies, any(_is_personal(each.document) for each in policies))


@dataclass(frozen=True, slots=True)
class _Found:
    """The best answer for an action."""

    is_allowed: bool | None
    resource: str = ""
    is_any: bool = False
    answer: Answer | None = None


_DENIED: Final = _Found(is_allowed=False)


class _Asking:
    def __init__(self, account: IamAccount, who: Identity, catalogue: PowerCatalogue, guards: _Guards) -> None:
        self.account, self.who, self.catalogue, self.guards = account, who, catalogue, guards
        boundary = (who.boundary,) if who.boundary else ()
        self.own = (*who.policies, *boundary)
        self.all = (*self.own, *guards.policies)
        self.is_unread = bool(who.unread)
        self.regions = tuple(islice(dict.fromkeys((*_regions(self.all), self._home)), _MOST_REGIONS))
        self.kept = dict[object, _Found]()

    @property
    def _home(self) -> str:
        return _HOME.get(self.account.partition, "us-east-1")

    def key(self) -> object:
        """Equal for identities that get the same answers."""
        who = self.who
        is_personal = self.guards.is_personal or any(_is_personal(each.document) for each in self.own)
        is_named = any(who.arn in clause.statement.resources for each in self.own for clause in each.allows)
        return (
            who.arn if is_personal or is_named else who.is_role,
            frozenset((each.name, each.document) for each in who.policies),
            who.boundary.document if who.boundary else None,
            (self.is_unread, who.is_boundary_unread, who.is_service_linked),
        )

    def powers(self) -> PrincipalPowers:
        held = tuple(each for power in self.catalogue.powers if (each := self._held(power)) is not None)
        level = self._level([each for each in held if each.is_certain])
        if level is Level.NONE and self.is_unread:
            level = Level.ORDINARY
        at_most = Level.STRONG if self.is_unread else self._level(held)
        return PrincipalPowers(who=self.who, level=level, at_most=max(level, at_most, key=_ORDER.index), held=held)

    def _level(self, held: Sequence[HeldPower]) -> Level:
        categories = {each.power.category for each in held}
        if len(categories) >= self.catalogue.strong_categories and len(held) >= self.catalogue.strong_powers:
            return Level.STRONG
        if "escalate" in categories:
            return Level.ESCALATING
        return Level.ORDINARY if any(each.allows for each in self.who.policies) else Level.NONE

    def _held(self, power: Power) -> HeldPower | None:
        actions = tuple(each for need in power.actions if (each := self._action(power, need)) is not None)
        return HeldPower(power=power, actions=actions) if actions else None

    def _action(self, power: Power, need: Need) -> HeldAction | None:
        needs = (need, *power.also)
        found = list[_Found]()
        for each in needs:
            found.append(self._best(power, each, None))
            if found[-1].is_allowed is False:
                return None
        reasons = [reason for each in found if each.answer for reason in each.answer.reasons]
        is_allowed = every(each.is_allowed for each in found)
        named = next((each for each in found if not each.is_any), found[0])
        return HeldAction(
            action=need.action,
            is_allowed=is_allowed,
            is_any=all(each.is_any for each in found),
            resource=named.resource,
            keys=tuple(sorted({key for each in reasons for key in each.keys})),
            unread=tuple(sorted({each.kind for each in reasons if each.is_unread})),
            policies=tuple(dict.fromkeys(each.policy.name for each in reasons if each.policy and each.is_allow)),
            stays={} if self.who.is_role else {
                each.generation: self._stays(power, needs, each, is_allowed=is_allowed) for each in quarantines()
            },
        )  # fmt: skip

    def _stays(self, power: Power, needs: Sequence[Need], guard: Quarantine, *, is_allowed: bool | None) -> bool | None:
        if not any(guard.names(each.action.lower()) for each in needs):
            return is_allowed
        return every(self._best(power, each, guard).is_allowed for each in needs)

    # -- one action, on the resource that gives the best answer ------------------------------

    def _best(self, power: Power, need: Need, guard: Quarantine | None) -> _Found:
        key = (need, tuple(power.carried.items()), power.is_on_others, guard.generation if guard else "")
        if key not in self.kept:
            self.kept[key] = self._find(power, need, guard)
        return self.kept[key]

    def _find(self, power: Power, need: Need, guard: Quarantine | None) -> _Found:
        action = need.action.lower()
        if not self.is_unread and not any(
            _speaks(each, action) for policy in self.who.policies for each in policy.allows
        ):
            return _DENIED
        best, tried = _DENIED, 0
        for resource, region, is_any in self._resources(need, action):
            if power.is_on_others and resource == self.who.arn:
                continue
            if (tried := tried + 1) > _MOST_TRIED:
                return best if best.is_allowed is None else _Found(is_allowed=None, resource=resource)
            answer = self._ask(power, need.action, resource, region, guard)
            if answer.is_allowed:
                return _Found(answer.is_allowed, resource, is_any, answer)
            if answer.is_allowed is None and best.is_allowed is False:
                best = _Found(None, resource, is_any, answer)
        return best

    def _ask(self, power: Power, action: str, resource: str, region: str, guard: Quarantine | None) -> Answer:
        places = {"partition": self.account.partition}
        values = {key: tuple(each.format_map(places) for each in told) for key, told in power.carried.items()}
        context = Context({_REGION_KEY: (region,), **values}, is_open=True)
        asked = Asked(
            action=action,
            resource=resource,
            context=context,
            resource_account=account_in(resource) or self.account.account,
        )
        policies = without_doubts(policies_for(self.account, self.who, asked), asked)
        if guard is not None:
            policies = replace(policies, identity=(*policies.identity, guard.policy))
        return ask(request_of(self.account, self.who, asked), policies)

    def _resources(self, need: Need, action: str) -> Iterator[tuple[str, str, bool]]:
        """Resources to ask about, with the Region of the call, and whether it stands for any; the general ones first."""
        is_global = action.partition(":")[0] in _GLOBAL
        regions = (self._home,) if is_global else self.regions
        for region in regions:
            sample = self._filled(need.resource, region)
            if not is_gated(action, sample):
                yield sample, region, True
                continue
            keys = [
                arn
                for arn in sorted(self.account.resource_policies)
                if _matches(self._filled(need.resource, "*", "*"), arn)
            ]
            yield from ((arn, arn.split(":")[3], False) for arn in keys[:_MOST_TRIED])
            if not keys:
                yield sample, region, True
        if need.resource == "*":
            return
        for pattern in self._named(action):
            for region in regions:
                if arn := _instance(
                    pattern, self._filled(need.resource, region, "*"), self._filled(need.resource, region)
                ):
                    yield arn, region, False

    def _filled(self, template: str, region: str, name: str = _SAMPLE) -> str:
        places = {"partition": self.account.partition, "region": region, "account": self.account.account}
        return template.replace("*", name).format_map(places) if template != "*" else template

    def _named(self, action: str) -> Iterator[str]:
        """Patterns of resources that the policies name for the action: what they allow, and what they spare."""
        seen = set[str]()
        for policy in self.all:
            for clause in (*policy.allows, *policy.denies):
                statement = clause.statement
                if statement.is_allow is statement.is_not_resource or not _speaks(clause, action):
                    continue
                for each in statement.resources:
                    pattern = self._own_words(each) if policy.document.has_variables else each
                    if pattern and pattern != "*" and pattern not in seen:
                        seen.add(pattern)
                        yield pattern

    def _own_words(self, pattern: str) -> str:
        """With what is known of the identity for its variables; "" where something is not."""
        if "${" not in pattern:
            return pattern
        known = {
            **{key: value[0] for key, value in self.who.context().items()},
            "aws:principalaccount": self.account.account,
        }
        if not self.who.is_role:
            known["aws:username"] = self.who.name
        filled = _VARIABLE.sub(lambda found: known.get(found[1].lower()) or found[2] or "${}", pattern)
        return "" if "${" in filled else filled


def _speaks(clause: Clause, action: str) -> bool:
    return clause.names_action(action) != clause.statement.is_not_action


@lru_cache(maxsize=16384)
def _is_personal(document: Document) -> bool:
    """Whether its answers depend on who asks, beyond the account."""
    for statement in document.statements:
        if document.has_variables and any("${" in each for each in statement.resources):
            return True
        for condition in statement.conditions:
            key = condition.key.lower()
            if key.startswith(_OWN_KEYS) and key not in _SHARED_KEYS:
                return True
            if document.has_variables and any("${" in each for each in condition.values):
                return True
    return False


def _regions(policies: Iterable[Policy]) -> Iterator[str]:
    """Regions that conditions speak of: where others are denied, these are not."""
    for policy in policies:
        for statement in policy.document.statements:
            for condition in statement.conditions:
                if condition.key.lower() == _REGION_KEY:
                    yield from (each for each in condition.values if _REGION.match(each))


@lru_cache(maxsize=65536)
def _instance(pattern: str, template: str, sample: str) -> str:
    """An ARN that both a policy's pattern and the template of a type match; "" where none is found."""
    ours, theirs = template.split(":", 5), pattern.split(":", 5)
    if len(ours) != len(theirs):
        return ""
    example = sample.split(":", 5)
    head = [mine if "*" in each or "?" in each else each for mine, each in zip(example[:5], theirs[:5], strict=True)]
    fillers = (_SAMPLE, f"{_SAMPLE}/{_SAMPLE}", example[5])
    for filler in fillers:
        arn = ":".join([*head, theirs[5].replace("*", filler).replace("?", "x")])
        if _matches(template, arn) and _matches(pattern, arn):
            return arn
    return ""


def _matches(pattern: str, text: str) -> bool:
    return _glob(pattern).fullmatch(text) is not None


@lru_cache(maxsize=65536)
def _glob(pattern: str) -> re.Pattern[str]:
    return re.compile(re.escape(re.sub(r"\*+", "*", pattern)).replace(r"\*", ".*").replace(r"\?", "."), re.DOTALL)
