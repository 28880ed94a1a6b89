"""An account's users, groups, roles and policies as IAM tells them: who is bound by what.

The form is the answer of `iam:GetAccountAuthorizationDetails`. A policy that is not understood, or was not told, leaves what it
belongs to partly unread; the rest is as good as before. A record that is not understood leaves the account not whole.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, cast

from sakimori.analysis.iam.access_points import AccessPoint
from sakimori.analysis.iam.ask import Policies, PolicyKind
from sakimori.analysis.iam.policy import FULL_ACCESS, Policy, policy_of
from sakimori.analysis.iam.principal import Principal, PrincipalKind, principal_of
from sakimori.collect.policy_document import NotUnderstoodError
from sakimori.model.arn import Arn

_FOUND: Final = frozenset({PrincipalKind.USER, PrincipalKind.ROLE, PrincipalKind.SESSION})
_SERVICE_LINKED: Final = "/aws-service-role/"
_TAGS: Final = "aws:principaltag/"
_NAMES: Final = ("Arn", "UserName", "RoleName", "GroupName", "PolicyName")
_GAPS: Final = frozenset({"form", "listing"})


@dataclass(frozen=True, slots=True)
class Unread:
    """What is not known, and why: mostly a policy, of which `words` say more (`reason` is document, group or not_told).

    With `form` it is a record that is not understood (`policy` is its ARN, or its place as #1), with `listing` a part of the listing
    that is not there.
    """

    policy: str
    reason: str
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A user, role or group. `policies` are its own and, of a user, its groups'; `unread` those that are not known."""

    principal: Principal
    path: str = "/"
    created_at: str = ""
    own_policies: tuple[Policy, ...] = ()
    groups: tuple[str, ...] = ()
    policies: tuple[Policy, ...] = ()
    boundary: Policy | None = None
    trust: Policy | None = None
    """Who may assume it, of a role."""
    tags: Mapping[str, str] = field(default_factory=dict[str, str])
    instance_profiles: tuple[str, ...] = ()
    unread: tuple[Unread, ...] = ()
    is_boundary_unread: bool = False
    is_trust_unread: bool = False
    raw: Mapping[str, Any] = field(default_factory=dict[str, Any], repr=False, compare=False)

    @property
    def arn(self) -> str:
        """Its ARN."""
        return self.principal.arn

    @property
    def name(self) -> str:
        """Its name, without path."""
        return self.principal.name

    @property
    def is_role(self) -> bool:
        """It is assumed, not signed in with."""
        return self.principal.kind is PrincipalKind.ROLE

    @property
    def is_service_linked(self) -> bool:
        """An AWS service made it for itself: SCPs and RCPs do not reach it."""
        return self.path.startswith(_SERVICE_LINKED)

    def context(self) -> Mapping[str, tuple[str, ...]]:
        """The condition keys that it carries into each request."""
        if self.is_tagged_by_sessions:
            return {}
        return {f"{_TAGS}{key.lower()}": (value,) for key, value in self.tags.items()}

    def settled(self) -> tuple[str, ...]:
        """Beginnings of condition keys of which `context` has all."""
        return () if self.is_tagged_by_sessions else (_TAGS,)

    @property
    def is_tagged_by_sessions(self) -> bool:
        """Whoever assumes the role may bring tags, which stand in place of its own of the same names.

        Source: IAM User Guide, "Pass session tags in AWS STS": the role's trust must allow sts:TagSession.
        """
        if not self.is_role:
            return False
        allows = self.trust.allows if self.trust else ()
        return self.trust is None or any(
            each.names_action("sts:tagsession") is not each.statement.is_not_action for each in allows
        )

    def bound_by(self) -> Policies:
        """The policies that go with it, without those of the organisation and of what it touches."""
        unread = {PolicyKind.IDENTITY} if self.unread else set[PolicyKind]()
        if self.is_boundary_unread:
            unread.add(PolicyKind.BOUNDARY)
        return Policies(
            identity=self.policies,
            boundary=(self.boundary,) if self.boundary else None,
            unread=frozenset(unread),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A group; it makes no requests, its users do."""

    arn: str
    name: str
    policies: tuple[Policy, ...] = ()
    unread: tuple[Unread, ...] = ()


@dataclass(frozen=True, kw_only=True)
class IamAccount:
    """Everything that one account's IAM tells. `managed` has customer managed policies and those of AWS that were told."""

    account: str
    partition: str
    identities: Mapping[str, Identity]
    """Users and roles by ARN."""
    groups: Mapping[str, Group]
    """By name."""
    managed: Mapping[str, Policy]
    """By ARN: the version in force."""
    unread: tuple[Unread, ...] = ()
    scp: tuple[tuple[Policy, ...], ...] | None = None
    """Levels from the organisation's root to the account; None: none apply, or none were told."""
    rcp: tuple[tuple[Policy, ...], ...] | None = None
    resource_policies: Mapping[str, Policy] = field(default_factory=dict[str, Policy])
    """By the ARN of the resource; roles keep theirs themselves."""
    is_management_account: bool | None = False
    unread_kinds: frozenset[PolicyKind] = frozenset()
    """SCP, RCP, RESOURCE: of which all could not be read."""
    read_places: frozenset[str] = frozenset()
    """Where policies of resources were read, as `service/Region` (`s3/`): a resource without one there has none."""
    keys_with_grants: frozenset[str] = frozenset()
    """ARNs of KMS keys whose grants are all known: they stand among the statements of their policies."""
    buckets: frozenset[str] = frozenset()
    """ARNs of the account's own buckets, as far as they were told."""
    access_points: Mapping[str, AccessPoint] = field(default_factory=dict[str, AccessPoint])
    """Of S3, by ARN, as far as they were told."""
    assumes_no_resource_policies: bool = False
    """Somebody says that resources have no policies but those told, and that buckets are the account's own."""
    unread_resources: frozenset[str] = frozenset()
    """Where policies of resources could not be read: single ARNs, or `service/Region` (`s3/`) for all there."""

    @cached_property
    def is_whole(self) -> bool:
        """Every user, role, group and policy of the listing is here: who is not found is not in the account."""
        return not any(each.reason in _GAPS for each in self.unread)

    @cached_property
    def users(self) -> tuple[Identity, ...]:
        """In the order of their ARNs."""
        return tuple(each for each in self._ordered if not each.is_role)

    @cached_property
    def roles(self) -> tuple[Identity, ...]:
        """In the order of their ARNs."""
        return tuple(each for each in self._ordered if each.is_role)

    @cached_property
    def _ordered(self) -> tuple[Identity, ...]:
        return tuple(self.identities[arn] for arn in sorted(self.identities))

    def find(self, words: str) -> tuple[Identity, ...]:
        """Whom somebody may mean: an ARN, also of a session; `user/NAME`, `role/NAME`, or a name."""
        if words in self.identities:
            return (self.identities[words],)
        if not words.startswith("arn:"):
            kind, _, name = words.rpartition("/")
            return tuple(
                each for each in self._ordered if each.name == name and kind in {"", each.principal.kind.value}
            )
        try:
            told = principal_of(words)
        except ValueError:
            return ()
        return tuple(
            each for each in self._ordered
            if told.kind in _FOUND
            and (each.principal.partition, each.principal.account, each.name, each.is_role)
            == (told.partition, told.account, told.name, told.has_role)
        )  # fmt: skip


def iam_account(records: Iterable[Mapping[str, Any]], extra: Mapping[str, Policy] | None = None) -> IamAccount:
    """From the users, groups, roles and policies of the answer, in any order; a record of no known form is left out as unread.

    `extra` are managed policies that are known from elsewhere, by ARN.
    """
    reading = _Reading(dict(extra or {}))
    for place, record in sorted(enumerate(records), key=lambda each: _order(each[1])):
        reading.take(record, place)
    return reading.whole()


def _order(record: object) -> int:
    """Policies before groups, groups before users and roles."""
    if not isinstance(record, Mapping):
        return 2
    if "PolicyVersionList" in record:
        return 0
    return 1 if "GroupName" in record else 2


def _listed(record: Mapping[str, Any], member: str) -> Sequence[Any]:
    """A list of a record; none where the member is left out. TypeError for anything else: it may stand for something."""
    told = record.get(member)
    if told is not None and not isinstance(told, list | tuple):
        raise TypeError(member)
    return cast("Sequence[Any]", told or ())


def _named(record: object) -> str:
    """By what a record of no known form is told; "" where nothing in it names it."""
    told: Mapping[str, Any] = cast("Mapping[str, Any]", record) if isinstance(record, Mapping) else {}
    return next((str(told[each])[:200] for each in _NAMES if told.get(each)), "")


class _Reading:
    def __init__(self, managed: dict[str, Policy]) -> None:
        self.managed = managed
        self.unread_managed = dict[str, Unread]()
        self.unread = list[Unread]()
        self.groups, self.identities = dict[str, Group](), dict[str, Identity]()

    def take(self, record: Mapping[str, Any], place: int) -> None:
        try:
            Arn.parse(str(record["Arn"]))
            if "PolicyVersionList" in record:
                self._managed(record)
            elif "GroupName" in record:
                own, unread = self._own(record, "GroupPolicyList")
                name = str(record["GroupName"])
                self.groups[name] = Group(arn=str(record["Arn"]), name=name, policies=own, unread=unread)
            else:
                self._identity(record)
        except (KeyError, TypeError, ValueError, AttributeError):
            self.unread.append(Unread(_named(record) or f"#{place + 1}", "form"))

    def _managed(self, record: Mapping[str, Any]) -> None:
        arn = str(record["Arn"])
        versions = _listed(record, "PolicyVersionList")
        document = next((each.get("Document") for each in versions if each.get("IsDefaultVersion")), None)
        try:
            self.managed[arn] = policy_of(arn.rpartition("/")[2], document, arn)
        except NotUnderstoodError as error:
            self.unread_managed[arn] = Unread(arn, "document", str(error))

    def _identity(self, record: Mapping[str, Any]) -> None:
        is_role = "RoleName" in record
        unique = str(record.get("RoleId" if is_role else "UserId") or "")
        principal = principal_of(str(record["Arn"]), unique)
        own, unread = self._own(record, "RolePolicyList" if is_role else "UserPolicyList")
        groups = tuple(str(each) for each in _listed(record, "GroupList"))
        of_groups = [self.groups[each] for each in groups if each in self.groups]
        missing = [Unread(each, "group") for each in groups if each not in self.groups]
        bounded: Mapping[str, Any] | None = record.get("PermissionsBoundary")
        # One without its ARN is one that is not known.
        boundary = self._find(str(bounded.get("PermissionsBoundaryArn") or "")) if bounded is not None else None
        trust, is_trust_unread = self._trust(record) if is_role else (None, False)
        self.identities[principal.arn] = Identity(
            principal=principal,
            path=str(record.get("Path") or "/"),
            created_at=str(record.get("CreateDate") or ""),
            own_policies=own,
            groups=groups,
            policies=(*own, *(policy for each in of_groups for policy in each.policies)),
            boundary=boundary if isinstance(boundary, Policy) else None,
            trust=trust,
            tags={str(each["Key"]): str(each["Value"]) for each in _listed(record, "Tags")},
            instance_profiles=tuple(str(each["Arn"]) for each in _listed(record, "InstanceProfileList")),
            unread=(*unread, *missing, *(one for each in of_groups for one in each.unread)),
            is_boundary_unread=isinstance(boundary, Unread),
            is_trust_unread=is_trust_unread,
            raw=record,
        )

    def _trust(self, record: Mapping[str, Any]) -> tuple[Policy | None, bool]:
        try:
            return policy_of("AssumeRolePolicyDocument", record.get("AssumeRolePolicyDocument")), False
        except NotUnderstoodError:
            return None, True

    def _own(self, record: Mapping[str, Any], inline: str) -> tuple[tuple[Policy, ...], tuple[Unread, ...]]:
        found, unread = list[Policy](), list[Unread]()
        for each in _listed(record, inline):
            name = str(each.get("PolicyName", ""))
            try:
                found.append(policy_of(name, each.get("PolicyDocument")))
            except NotUnderstoodError as error:
                unread.append(Unread(f"{record['Arn']}/{name}", "document", str(error)))
        for each in _listed(record, "AttachedManagedPolicies"):
            policy = self._find(str(each["PolicyArn"]))
            if isinstance(policy, Policy):
                found.append(policy)
            else:
                unread.append(policy)
        return tuple(found), tuple(unread)

    def _find(self, arn: str) -> Policy | Unread:
        if arn in self.managed:
            return self.managed[arn]
        if arn.endswith(":iam::aws:policy/AdministratorAccess"):
            # It has always been the same, and a listing without AWS's own policies is common.
            return self.managed.setdefault(arn, policy_of("AdministratorAccess", FULL_ACCESS, arn))
        return self.unread_managed.get(arn) or Unread(arn, "not_told")

    def whole(self) -> IamAccount:
        arns = [*self.identities, *(each.arn for each in self.groups.values())]
        first = Arn.parse(min(arns)) if arns else None
        return IamAccount(
            account=first.account_id if first else "",
            partition=first.partition if first else "aws",
            identities=self.identities,
            groups=self.groups,
            managed=self.managed,
            unread=(*self.unread, *self.unread_managed.values()),
        )
