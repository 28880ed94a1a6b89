"""What may be reached from outside an account, by the policy of each resource: shown by a request, proved closed, or unknown.

Anyone who belongs to another account, or to none, is outside. So is a service that acts for another account's resource (the
confused deputy), but not one that assumes a role, because roles are passed to services within one account only (IAM User Guide,
"Grant a user permissions to pass a role to an AWS service"). A principal whose unique id alone is left has been deleted and
names nobody (IAM User Guide, "AWS JSON policy elements: Principal").
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Final

from msgspec import structs

from sakimori.analysis.iam.external_parties import Parties, parties_of
from sakimori.analysis.iam.policy import Policy
from sakimori.analysis.iam.principal import PrincipalKind
from sakimori.analysis.iam.smt.actions import service_of
from sakimori.analysis.iam.smt.callers import SHARED_PROVIDERS, Caller, anyone, of_account
from sakimori.analysis.iam.smt.names import Names, names_of
from sakimori.analysis.iam.smt.scene import Setting
from sakimori.analysis.iam.smt.search import Budget, Doubt, Outcome, Search, Witness
from sakimori.analysis.iam.smt.solving import uses_of
from sakimori.analysis.iam.smt.truth import has_solver
from sakimori.collect.kleene import some
from sakimori.collect.policy_document import Document
from sakimori.collect.policy_reach import is_public
from sakimori.model.verdict import Text
from sakimori.texts.sentences import say_both

_MOST_VALUES: Final = 3000
_MOST_STATEMENTS: Final = 300
_MOST_QUESTIONS: Final = 400
_MOST_NAMES: Final = 100
_ACCOUNT_WIDE: Final = "role/any"


class Verdict(StrEnum):
    """How far a resource's policy reaches beyond the account."""

    PUBLIC = "public"
    """Anyone, whom nobody named."""
    CROSS_ACCOUNT = "cross_account"
    """Others who are named: accounts, principals, services, providers, organisations, networks."""
    CLOSED = "closed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What is known beside the policy; all of it can only narrow what is found.

    `restricts_public`: RestrictPublicBuckets holds for the bucket. `owned`: ARNs of the account's own buckets.
    `seconds`: the solver's time for each question.
    """

    rcp: tuple[tuple[Policy, ...], ...] | None = None
    is_rcp_unread: bool = False
    restricts_public: bool = False
    restricted: frozenset[str] = frozenset()
    organization: str = ""
    owned: frozenset[str] = frozenset()
    now: datetime | None = None
    seconds: float = 2.0


_NOTHING: Final = Around()


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalAccess:
    """`principals`: who from outside is allowed something, each shown by a request; `*` for anyone. `why`: sentences."""

    resource: str
    verdict: Verdict
    principals: tuple[str, ...] = ()
    witness: Witness | None = None
    why: tuple[Text, ...] = ()

    def as_json(self, language: str = "en") -> dict[str, object]:
        """The form of `sakimori iam external --format json`; `witness` is null where there is none."""
        return {
            "resource": self.resource,
            "verdict": self.verdict.value,
            "principals": list(self.principals),
            "witness": self.witness.as_json() if self.witness else None,
            "why": ("" if language == "ja" else " ").join(
                each.ja if language == "ja" else each.en for each in self.why
            ),
        }


def external_access(policy: Policy, resource: str, account: str, around: Around = _NOTHING) -> ExternalAccess:
    """Who from outside the account the policy of its resource lets in."""
    document = policy.document
    # Roles of one trust are one question; a trust policy does not name its role.
    asked = (
        f"arn:{resource.split(':')[1]}:iam::{account}:{_ACCOUNT_WIDE}" if service_of(resource) == "iam" else resource
    )
    plain = tuple(structs.replace(each, sid="", index=place) for place, each in enumerate(document.statements))
    found = _decided(Document(statements=plain, has_variables=document.has_variables), asked, account, around)
    if asked == resource:
        return found
    witness = replace(found.witness, resource=resource) if found.witness else None
    return replace(found, resource=resource, witness=witness)


@lru_cache(maxsize=4096)
def _decided(document: Document, resource: str, account: str, around: Around) -> ExternalAccess:
    guards = [each for level in around.rcp or () for policy in level for each in policy.document.statements]
    parties = parties_of(document.statements, account, service_of(resource), guards)
    if parties.is_nobody:
        why = "closed_services" if parties.has_role_services else "closed_nobody"
        return ExternalAccess(resource=resource, verdict=Verdict.CLOSED, why=(say_both(f"iam_external.{why}"),))
    size = sum(len(each.values) for one in document.statements for each in one.conditions)
    if size > _MOST_VALUES or len(document.statements) > _MOST_STATEMENTS or not has_solver():
        why = say_both("iam_external.too_large" if has_solver() else "iam_external.no_solver")
        return ExternalAccess(resource=resource, verdict=Verdict.UNKNOWN, why=(why,))
    return _Deciding(Policy(name="", document=document), resource, account, around, parties).decided()


@dataclass(slots=True)
class _Deciding:
    policy: Policy
    resource: str
    account: str
    around: Around
    parties: Parties
    witnesses: dict[str, Witness] = field(default_factory=dict[str, Witness])
    doubts: dict[str, tuple[str, dict[str, str]]] = field(default_factory=dict[str, tuple[str, dict[str, str]]])
    """What could be neither shown nor ruled out: the name of its sentence, with its values."""

    def decided(self) -> ExternalAccess:
        search = self._search()
        limit = self._public_block()
        stranger = Outcome() if limit is True else self._stranger(search)
        if stranger.witness is not None:
            return self._public(stranger.witness, limit)
        if stranger.doubt is not None:
            self._doubt(stranger.doubt, search.setting.names)
        self._others(search, services_only=limit is True)
        return self._whole(search.setting.names, limit, maybe_public=stranger.doubt is not None)

    def _search(self) -> Search:
        guards = [each for level in self.around.rcp or () for policy in level for each in policy.document.statements]
        statements = [*self.policy.document.statements, *guards]
        setting = Setting(
            resource=self.resource,
            account=self.account,
            names=names_of(statements),
            uses=uses_of(statements),
            organization=self.around.organization,
            owned=self.around.owned,
            now=self.around.now,
        )
        return Search(
            policy=self.policy,
            setting=setting,
            rcp=self.around.rcp,
            is_rcp_unread=self.around.is_rcp_unread,
            budget=Budget(milliseconds=int(self.around.seconds * 1000), questions_left=_MOST_QUESTIONS),
        )

    def _public_block(self) -> bool | None:
        """Whether RestrictPublicBuckets shuts out all but services: it does where S3 takes the policy for public."""
        if not self.around.restricts_public or service_of(self.resource) != "s3":
            return False
        return some(is_public(each) for each in self.policy.document.statements)

    # -- who -----------------------------------------------------------------------------------

    def _stranger(self, search: Search) -> Outcome:
        doubt: Doubt | None = None
        for caller in self._strangers(search):
            found = search.outcome(caller, is_stranger=True)
            if found.witness is not None:
                return found
            doubt = doubt or found.doubt
        return Outcome(doubt=doubt)

    def _strangers(self, search: Search) -> Iterator[Caller]:
        if self.parties.is_everyone:
            yield from anyone(search.service)
            yield from self.parties.unnamed_services
        yield from (each for _, each in self.parties.providers if each.provider in SHARED_PROVIDERS)

    def _others(self, search: Search, *, services_only: bool) -> None:
        for label, callers in self._named(search, services_only=services_only):
            found = self._first(search, callers)
            if found.witness is not None:
                self.witnesses[label] = found.witness
            elif found.doubt is not None:
                self._doubt(found.doubt, search.setting.names)
        if self.parties.is_everyone:
            self._everyone_else(search, services_only=services_only)
        if not services_only:
            for each in self.parties.unknown:
                self.doubts.setdefault(f"principal {each}", ("principal", {"name": each}))

    def _named(self, search: Search, *, services_only: bool) -> Iterator[tuple[str, list[Caller]]]:
        yield from ((each.told.arn if each.told else "", [each]) for each in self.parties.services)
        if services_only:
            return
        for account in self.parties.accounts:
            yield account, list(of_account(account, search.service))
        yield from ((label, [each]) for label, each in (*self.parties.members, *self.parties.providers))

    def _everyone_else(self, search: Search, *, services_only: bool) -> None:
        """Who is let in because a statement for everyone names something that they have."""
        services = list(self.parties.unnamed_services)
        callers = services if services_only else [*anyone(search.service), *services]
        open_callers = [(each, search.outcome(each, is_stranger=False)) for each in callers]
        open_callers = [(each, found) for each, found in open_callers if not found.is_closed]
        shown = list[Witness]()
        for label, pin in self.parties.pins[:_MOST_NAMES]:
            found = next(
                (
                    one.witness
                    for each, _ in open_callers
                    if (one := search.outcome(each, is_stranger=False, pin=pin)).witness
                ),
                None,
            )
            if found is not None:
                self.witnesses.setdefault(label, found)
                shown.append(found)
        for caller, found in open_callers:
            if found.witness is not None and not shown:
                self.witnesses.setdefault(self._label(caller, found.witness), found.witness)
            elif found.doubt is not None:
                self._doubt(found.doubt, search.setting.names)

    def _label(self, caller: Caller, witness: Witness) -> str:
        """Whom to name where no value of the policy does."""
        if caller.kind is PrincipalKind.SERVICE:
            return "*.amazonaws.com"
        told = {value for values in witness.context.values() for value in values}
        return self.around.organization if self.around.organization in told else witness.principal

    def _first(self, search: Search, callers: Iterable[Caller]) -> Outcome:
        doubt: Doubt | None = None
        for caller in callers:
            found = search.outcome(caller, is_stranger=False)
            if found.witness is not None:
                return found
            doubt = doubt or found.doubt
        return Outcome(doubt=doubt)

    # -- what is said --------------------------------------------------------------------------

    def _doubt(self, doubt: Doubt, names: Names) -> None:
        buckets = sorted(each for each in names.buckets if f"arn:aws:s3:::{each}" not in self.around.owned)
        if doubt is Doubt.NOT_MODELLED and buckets:
            told = "bucket", {"names": ", ".join(buckets[:10])}
        elif doubt is Doubt.NOT_MODELLED and self._asks_own_organization():
            told = "organization", dict[str, str]()
        elif doubt is Doubt.NOT_MODELLED and names.texts:
            told = "not_modelled", {"keys": ", ".join(sorted(names.texts))}
        elif doubt is Doubt.NOT_MODELLED:
            told = "not_modelled_bare", dict[str, str]()
        else:
            told = doubt.value, dict[str, str]()
        self.doubts.setdefault(doubt.value, told)

    def _asks_own_organization(self) -> bool:
        """A variable stands for the resource's organisation, which is not known."""
        conditions = [each for one in self.policy.document.statements for each in one.conditions]
        texts = [value.lower() for each in conditions for value in (each.key, *each.values)]
        return not self.around.organization and any("aws:resourceorg" in each for each in texts)

    def _public(self, witness: Witness, limit: bool | None) -> ExternalAccess:  # noqa: FBT001 - three-valued
        why = [say_both("iam_external.public", action=witness.action)]
        if limit is None:
            why.append(say_both("iam_external.restricts_unsure"))
        elif self.around.restricts_public:
            why.append(say_both("iam_external.restricts_not"))
        verdict = Verdict.UNKNOWN if limit is None else Verdict.PUBLIC
        return ExternalAccess(
            resource=self.resource, verdict=verdict, principals=("*",), witness=witness, why=tuple(why)
        )  # fmt: skip

    def _whole(self, names: Names, limit: bool | None, *, maybe_public: bool) -> ExternalAccess:  # noqa: FBT001
        shown = tuple(sorted(self.witnesses))
        why = [say_both("iam_external.restricts")] if limit is True else list[Text]()
        if shown:
            why.append(say_both("iam_external.cross_account", names=", ".join(shown[:10]), count=len(shown)))
            why += self._remarks(names)
            if maybe_public:
                why.append(say_both("iam_external.maybe_public"))
        undecided = maybe_public or (not shown and bool(self.doubts))
        # Beside a verdict that stands, a doubt says that there may be more.
        why += [
            say_both(f"iam_external.{name}" if undecided else f"iam_reasons.more_{name}", **values)
            for name, values in self.doubts.values()
        ]
        if not shown and not self.doubts:
            why.append(say_both("iam_external.closed"))
        verdict = Verdict.UNKNOWN if undecided else Verdict.CROSS_ACCOUNT if shown else Verdict.CLOSED
        witness = self.witnesses[shown[0]] if shown else None
        return ExternalAccess(
            resource=self.resource, verdict=verdict, principals=shown, witness=witness, why=tuple(why)
        )  # fmt: skip

    def _remarks(self, names: Names) -> Iterator[Text]:
        ranges = sorted({str(each) for each in names.networks} & {_range(each) for each in self.witnesses})
        if ranges:
            yield say_both("iam_external.addresses", ranges=", ".join(ranges[:10]))
        deputies = sorted(
            each.told.arn for each in self.parties.services if each.told and each.told.arn in self.witnesses
        )
        if deputies:
            yield say_both("iam_external.deputies", services=", ".join(deputies[:10]))


def _range(label: str) -> str:
    return label if "/" in label or ":" in label else f"{label}/32"
