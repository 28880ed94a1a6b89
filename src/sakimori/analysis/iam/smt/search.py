"""Looks for a request that a resource's policy allows to a caller, and proves that there is none.

What is found is asked of `ask`: a request that it does not confirm is no witness.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Final

from sakimori.analysis.iam.ask import MAYBE_UNDER_RCP, UNDER_RCP, Decision, Policies, PolicyKind, ask
from sakimori.analysis.iam.context import Context, Missing
from sakimori.analysis.iam.policy import Clause, Policy, policy_of
from sakimori.analysis.iam.principal import Principal, PrincipalKind, grant_of, principal_of
from sakimori.analysis.iam.request import Request
from sakimori.analysis.iam.smt.actions import (  # fmt: skip
    Target,
    assuming,
    service_of,
    symbolic_action,
    targets_of,
    witness_actions,
)
from sakimori.analysis.iam.smt.callers import Caller
from sakimori.analysis.iam.smt.conditions import Place, condition_truth, statement_truth
from sakimori.analysis.iam.smt.request import RequestScene
from sakimori.analysis.iam.smt.scene import Setting
from sakimori.analysis.iam.smt.text import as_text
from sakimori.analysis.iam.smt.truth import Solved, Term, Truth, all_of, known, solve, some_of, z3
from sakimori.analysis.iam.smt.values import Fixed
from sakimori.collect.policy_document import Condition, Statement

# A stranger rules their own account: there everything is allowed.
_RULER: Final = policy_of(
    "*", {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
)


class Doubt(StrEnum):
    """Why something could be neither shown nor ruled out."""

    TIMEOUT = "timeout"
    NOT_MODELLED = "not_modelled"
    UNCONFIRMED = "unconfirmed"
    RCP_UNREAD = "rcp_unread"


# What says more than that nothing could be proved.
_TELLING: Final = frozenset({Doubt.UNCONFIRMED, Doubt.RCP_UNREAD})


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """One request that is allowed. `context` by keys as the policy writes them; a key that is not there is absent."""

    principal: str
    action: str
    resource: str
    context: Mapping[str, tuple[str, ...]]

    def as_json(self) -> dict[str, object]:
        """A key of one value without brackets."""
        context = {key: values[0] if len(values) == 1 else list(values) for key, values in self.context.items()}
        return {"principal": self.principal, "action": self.action, "resource": self.resource, "context": context}


@dataclass(frozen=True, slots=True)
class Outcome:
    """A witness, a doubt, or neither: then it is proved that no such caller is allowed anything."""

    witness: Witness | None = None
    doubt: Doubt | None = None

    @property
    def is_closed(self) -> bool:
        """Proved."""
        return self.witness is None and self.doubt is None


@dataclass(slots=True)
class Budget:
    """The solver's time for one question and for a whole policy; counts what was asked of it."""

    milliseconds: int
    questions_left: int
    asked: int = 0

    def solve(self, formulas: list[Term], wishes: list[Term]) -> Solved:
        """As `solve`; gives up where the whole policy has had its share."""
        if self.questions_left <= 0:
            return Solved(answer=None)
        self.asked += 1
        found = solve(formulas, self.milliseconds, wishes)
        # A question that took all its time weighs as much as many that are answered.
        self.questions_left -= 40 if found.answer is None else 1
        return found


@dataclass(frozen=True, kw_only=True)
class Search:
    """Over one policy of one resource."""

    policy: Policy
    setting: Setting
    rcp: tuple[tuple[Policy, ...], ...] | None
    is_rcp_unread: bool
    budget: Budget
    _spelt: dict[str, str] = field(default_factory=dict[str, str])

    @cached_property
    def service(self) -> str:
        """Of the resource; `iam` for a role."""
        return service_of(self.setting.resource)

    def outcome(self, caller: Caller, *, is_stranger: bool, pin: Condition | None = None) -> Outcome:
        """Whether such a caller is allowed anything; with `pin` whether one is who fulfils it."""
        allows = [(clause, named) for clause, named in self.speaking(self.policy.allows, caller) if named is not False]
        if not allows:
            return Outcome()
        asking = _Asking(self, caller, is_stranger, pin, allows)
        first = asking.witness(1)
        if first.witness is not None:
            return first
        doubt = asking.doubt()
        if doubt is None:
            return Outcome()
        second = asking.witness(None)
        return second if second.witness or second.doubt in _TELLING else Outcome(doubt=doubt)

    def speaking(self, clauses: Sequence[Clause], caller: Caller) -> list[tuple[Clause, bool | None]]:
        """With whether their principals are such a caller."""
        who = caller.representative(self.setting.names.stranger)
        return [(each, grant_of(each.statement.principals, who)[0]) for each in clauses]

    def confirms(self, witness: Witness, context: Context, told: Principal | None) -> bool:
        """Whether `ask` allows it, to someone whose own account allows them everything."""
        unread = frozenset({PolicyKind.RCP}) if self.is_rcp_unread else frozenset[PolicyKind]()
        request = Request(
            principal=told or principal_of(witness.principal),
            action=witness.action,
            resource=witness.resource,
            context=context,
            resource_account=self.setting.account,
        )
        # A federated user has only what the session was given: here too, everything.
        session = (_RULER,) if request.principal.kind is PrincipalKind.FEDERATED_USER else None
        policies = Policies(identity=(_RULER,), session=session, resource=self.policy, rcp=self.rcp, unread=unread)
        return ask(request, policies).decision is Decision.ALLOWED

    def spelt(self, key: str) -> str:
        """A key as the policy writes it."""
        if not self._spelt:
            statements = [
                *self.policy.document.statements,
                *(each for one in self.guards() for each in one.document.statements),
            ]
            self._spelt.update({each.key.lower(): each.key for one in statements for each in one.conditions})
        return self._spelt.get(key, key)

    def guards(self) -> Iterator[Policy]:
        """The RCPs."""
        yield from (policy for level in self.rcp or () for policy in level)


@dataclass(frozen=True)
class _Asking:
    search: Search
    caller: Caller
    is_stranger: bool
    pin: Condition | None
    allows: list[tuple[Clause, bool | None]]

    @property
    def _statements(self) -> list[Statement]:
        """Those that may speak of the caller, and all that deny."""
        return [
            *(clause.statement for clause, _ in self.allows),
            *(each.statement for each in self.search.policy.denies),
        ]

    def doubt(self) -> Doubt | None:
        """None where it is proved that nothing is allowed."""
        for target in targets_of(self.search.setting.resource):
            scene = RequestScene(self.search.setting, self.caller, self.is_stranger, is_witness=False)
            if self.search.service == "iam":
                action, ties = assuming(self.caller).lower(), list[Term]()
            else:
                action, ties = symbolic_action([each.statement for each, _ in self.allows], target)
            resource = target.term()
            allowed = self._allowed(Place(action, resource), scene).may
            found = self.search.budget.solve([allowed, *ties, *target.ties(resource), *scene.ties], [])
            if found.answer is not False:
                return Doubt.TIMEOUT if found.answer is None else Doubt.NOT_MODELLED
        return None

    def witness(self, most: int | None) -> Outcome:
        """A request that is allowed, by so many actions for each target."""
        doubt: Doubt | None = None
        for target in targets_of(self.search.setting.resource):
            is_role = self.search.service == "iam"
            actions = [assuming(self.caller)] if is_role else witness_actions(self._statements, target)
            for action in actions[:most]:
                found = self._witness_of(action, target)
                if found.witness is not None:
                    return found
                doubt = doubt or found.doubt
        return Outcome(doubt=doubt)

    def _witness_of(self, action: str, target: Target) -> Outcome:
        scene = RequestScene(self.search.setting, self.caller, self.is_stranger, is_witness=True)
        scene.show()
        resource = target.term()
        allowed = self._allowed(Place(action.lower(), resource), scene).must
        wishes = [*scene.wishes, *target.example(resource)]
        found = self.search.budget.solve([allowed, *target.ties(resource), *scene.ties], wishes)
        if not found.answer:
            return Outcome(doubt=Doubt.TIMEOUT if found.answer is None else None)
        model = found.model
        context = _context_of(scene, model)
        shown = {self.search.spelt(key): values for key, values in context.values.items() if values}
        witness = Witness(
            principal=scene.principal_text(model),
            action=action,
            resource=resource if isinstance(resource, str) else as_text(model.eval(resource, model_completion=True)),
            context=shown,
        )
        if self.search.confirms(witness, context, self.caller.told):
            return Outcome(witness=witness)
        return Outcome(doubt=Doubt.RCP_UNREAD if self.search.is_rcp_unread else Doubt.UNCONFIRMED)

    def _allowed(self, place: Place, scene: RequestScene) -> Truth:
        search = self.search
        allowed = some_of(self._holds(clause, named, place, scene) for clause, named in self.allows)
        denies = search.speaking(search.policy.denies, self.caller)
        denied = [self._holds(clause, named, place, scene) for clause, named in denies if named is not False]
        # To assume a role is asked of STS.
        service = "sts" if search.service == "iam" else search.service
        reach = True if service in UNDER_RCP else None if service in MAYBE_UNDER_RCP else False
        for policy in search.guards() if reach is not False else ():
            has_variables = policy.document.has_variables
            for clause in policy.denies:
                truth = statement_truth(clause.statement, place, scene, has_variables=has_variables)
                denied.append(all_of([known(reach), truth]))
        whole = all_of([allowed, some_of(denied).opposite])
        if self.pin is None:
            return whole
        return all_of([whole, condition_truth(self.pin, scene, has_variables=False)])

    def _holds(self, clause: Clause, named: bool | None, place: Place, scene: RequestScene) -> Truth:  # noqa: FBT001
        has_variables = self.search.policy.document.has_variables
        return all_of([known(named), statement_truth(clause.statement, place, scene, has_variables=has_variables)])


def _context_of(scene: RequestScene, model: Term) -> Context:
    """What the model gives to the keys; an empty tuple where a key is absent."""
    values, unknown = dict[str, tuple[str, ...]](), set[str]()
    for name, key in scene.made.items():
        if isinstance(key, Fixed):
            if isinstance(key.known, tuple):
                values[name] = key.known
            elif key.known is Missing.UNKNOWN:
                unknown.add(name)
            else:
                values[name] = ()
            continue
        is_there = _is_true(model, key.present)
        values[name] = tuple(each.text(model) for used, each in key.values if _is_true(model, used)) if is_there else ()
    return Context(values, frozenset(unknown))


def _is_true(model: Term, term: Term) -> bool:
    return term if isinstance(term, bool) else bool(z3().is_true(model.eval(term, model_completion=True)))
