"""The keys that tell who calls, and for whom a service does.

Source: IAM User Guide, "AWS global condition context keys", the availability of each.
"""

from collections.abc import Callable, Mapping
from typing import Final

from sakimori.analysis.iam.principal import PrincipalKind
from sakimori.analysis.iam.smt.callers import WITH_IDENTITY
from sakimori.analysis.iam.smt.names import is_plain
from sakimori.analysis.iam.smt.scene import ABSENT, LETTERS_OF_NAMES, UNKNOWN, Scene, letters_of, of_text
from sakimori.analysis.iam.smt.solving import Use, symbolic
from sakimori.analysis.iam.smt.text import among, literal
from sakimori.analysis.iam.smt.truth import Term, both, either, negated, z3
from sakimori.analysis.iam.smt.values import Fixed, Key, Symbolic, TextValue

_SESSION: Final = frozenset(
    {"aws:multifactorauthpresent", "aws:multifactorauthage", "aws:tokenissuetime", "aws:federatedprovider",
     "aws:sourceidentity", "aws:signinsessionarn", "aws:assumedroot"}
)  # fmt: skip
_SOURCES: Final = frozenset(
    {"aws:sourceaccount", "aws:sourceowner", "aws:sourcearn", "aws:sourceorgid", "aws:sourceorgpaths"}
)
_TYPES: Final = {
    PrincipalKind.USER: "User", PrincipalKind.ROLE: "AssumedRole", PrincipalKind.SESSION: "AssumedRole",
    PrincipalKind.FEDERATED_USER: "FederatedUser", PrincipalKind.ROOT: "Account",
}  # fmt: skip


class CallerScene(Scene):
    """Adds them."""

    __slots__ = ()

    def __call__(self, name: str) -> Key:
        """The key of this name in lower case."""
        if name not in self.made:
            self.made[name] = self._made(name)
        return self.made[name]

    def _made(self, name: str) -> Key:
        return self._of_caller(name) or self._of_source(name) or self._not_chosen(name)

    def _of_caller(self, name: str) -> Key | None:
        kind = self.caller.kind
        if name == "aws:principalisawsservice":
            return Fixed(("true" if kind is PrincipalKind.SERVICE else "false",))
        if name in {"aws:principalservicename", "aws:principalservicenameslist"}:
            told = self.caller.told
            return Fixed((told.arn,)) if told and kind is PrincipalKind.SERVICE else ABSENT
        if kind not in WITH_IDENTITY:
            return self._without_identity(name)
        made = _OF_IDENTITY.get(name)
        return made(self) if made else self._of_organization(name)

    def with_account(self) -> Key:
        """The account, as a key of one text."""
        return of_text(self.account())

    def with_arn(self) -> Key:
        """The ARN of the principal."""
        return of_text(self._arn())

    def with_type(self) -> Key:
        """The kind of principal."""
        return Fixed((_TYPES[self.caller.kind],))

    def user_name(self) -> Key:
        """The name of a user; nobody else has one."""
        if self.caller.kind is not PrincipalKind.USER:
            return ABSENT
        return Fixed((self.caller.told.name,)) if self.caller.told else of_text(self._term("name", self._name))

    def _without_identity(self, name: str) -> Key | None:
        if name == "aws:principaltype" and self.caller.kind is PrincipalKind.ANONYMOUS:
            return Fixed(("Anonymous",))
        if name == "aws:userid":
            return self._foreign_id()
        tied = {"aws:principalaccount", "kms:calleraccount", "aws:principalarn", "aws:principalorgid", "aws:username",
                "aws:principalorgpaths", "aws:principaltype"}  # fmt: skip
        is_absent = name in tied or (name in _SESSION and self.caller.kind is not PrincipalKind.WEB)
        is_absent = is_absent or name.startswith("aws:principaltag/")
        if name == "aws:sourceowner" and self.caller.kind is PrincipalKind.ANONYMOUS:
            return ABSENT
        return ABSENT if is_absent else None

    def user_id(self) -> Key:
        """A stranger's is none that is named, nor of a role that is; everyone chooses the name of their session."""
        if self.caller.kind is PrincipalKind.ROOT:
            return of_text(self.account())
        term, solver = z3().String("userid"), z3()
        upper = solver.Plus(solver.Union(solver.Range("A", "Z"), solver.Range("0", "9")))
        head = "AROA" if self.caller.kind is PrincipalKind.ROLE else "AIDA"
        if not self.is_stranger:
            return of_text(term)
        end = [solver.Re(":"), letters_of(LETTERS_OF_NAMES)] if head == "AROA" else []
        if self.caller.kind in {PrincipalKind.USER, PrincipalKind.ROLE}:
            self.ties.append(solver.InRe(term, solver.Concat(solver.Re(head), upper, *end)))
        self._tie_foreign(term)
        return of_text(term)

    def _foreign_id(self) -> Key:
        """Of who has no identity in IAM: not told, but none that is named."""
        if self.is_witness:
            return UNKNOWN
        term = z3().String("userid")
        self._tie_foreign(term)
        return of_text(term)

    def _tie_foreign(self, term: Term) -> None:
        for each in sorted({text.partition(":")[0] for text in self.setting.names.all_of("aws:userid")}):
            if is_plain(each):
                self.ties += [term != literal(each), negated(z3().PrefixOf(literal(f"{each}:"), term))]

    def _of_organization(self, name: str) -> Key | None:
        if name not in {"aws:principalorgid", "aws:principalorgpaths"}:
            return None
        member = z3().Bool("in organization")
        key = self._listed(name) if name.endswith("paths") else symbolic(name, Use())
        organization, is_path = self._term("organization", self._organization), name.endswith("paths")
        candidates = self._organizations()
        for _, value in key.values:
            if not isinstance(value, TextValue):
                continue
            if not is_path:
                self.ties.append(value.term == organization)
            elif candidates is None:
                self.ties.append(z3().PrefixOf(z3().Concat(organization, literal("/")), value.term))
            else:
                heads = (both([organization == each, z3().PrefixOf(f"{each}/", value.term)]) for each in candidates)
                self.ties.append(either(heads))
        return Symbolic(member, key.values)

    def _organizations(self) -> tuple[str, ...] | None:
        """One for all that nobody named, and those that are; None where the policy may tell the unnamed apart."""
        names, own = self.setting.names, self.setting.organization
        if names.has_parts_of_organizations:
            return None
        named = frozenset[str]() if self.is_stranger else names.organizations | ({own} - {""})
        return (names.strange_organization, *sorted(named))

    def _organization(self) -> Term:
        """A stranger's is neither named nor the resource's."""
        organization, setting, candidates = z3().String("organization"), self.setting, self._organizations()
        if candidates is not None:
            self.ties.append(either(organization == each for each in candidates))
        elif self.is_stranger:
            self.ties.append(z3().InRe(organization, z3().Concat(z3().Re("o-"), letters_of("a-z0-9"))))
            self.ties += [organization != literal(each) for each in sorted(setting.names.organizations)]
            if setting.organization:
                self.ties.append(organization != literal(setting.organization))
            own = self("aws:resourceorgid")
            if isinstance(own, Symbolic) and isinstance(own.values[0][1], TextValue):
                self.ties.append(organization != own.values[0][1].term)
        self.wishes.append(organization == setting.names.strange_organization)
        return organization

    # -- for whom a service calls --------------------------------------------------------------

    def _of_source(self, name: str) -> Key | None:
        """A call for another's resource tells whose it is; nobody but a service can carry these keys."""
        if name not in _SOURCES:
            return None
        if self.caller.kind is not PrincipalKind.SERVICE:
            return ABSENT
        if name in {"aws:sourceaccount", "aws:sourceowner"}:
            return of_text(self.account())
        if name == "aws:sourcearn":
            return of_text(self._term("source", self._source))
        member, key = z3().Bool("source in organization"), self._listed(name)
        if self.is_stranger:
            for _, value in key.values:
                if isinstance(value, TextValue):
                    named = sorted(self.setting.names.organizations | ({self.setting.organization} - {""}))
                    self.ties += [negated(among(value.term, (each, f"{each}/*"))) for each in named]
        return Symbolic(member, key.values)

    def _source(self) -> Term:
        """Of an account, or a bucket, whose ARN tells none: a stranger's is not named, an outsider's not the account's."""
        solver, term = z3(), z3().String("source")
        names, setting = self.setting.names, self.setting
        word = solver.Star(solver.Union(solver.Range("a", "z"), solver.Range("0", "9"), solver.Re("-")))
        shape = [solver.Re("arn:"), word, solver.Re(":"), word, solver.Re(":"), word, solver.Re(":")]
        candidates, account = self._candidates(), self.account()
        if candidates is None:
            head = solver.String("source head")
            whole = solver.Concat(head, account, literal(":"))
            of_account = both([solver.InRe(head, solver.Concat(*shape)), solver.PrefixOf(whole, term)])
        else:
            anything = solver.Plus(solver.AllChar(solver.ReSort(solver.StringSort())))
            of_account = either(
                both([account == each, solver.InRe(term, solver.Concat(*shape, solver.Re(f"{each}:"), anything))])
                for each in candidates
            )
        bucket_head = f"arn:{setting.partition}:s3:::"
        left_out = {each for each in setting.owned if each.startswith(bucket_head)}
        if self.is_stranger or self.is_witness:
            # Whose a bucket is that is named, cannot be told from its name.
            left_out |= {bucket_head + each for each in sorted(names.buckets)}
        of_bucket = both(
            [solver.InRe(term, solver.Concat(solver.Re(bucket_head), letters_of("a-z0-9.-"))),
             *(term != literal(each) for each in sorted(left_out))]
        )  # fmt: skip
        self.ties.append(either([of_account, of_bucket]))
        return term


_OF_IDENTITY: Final[Mapping[str, Callable[[CallerScene], Key]]] = {
    "aws:principalaccount": CallerScene.with_account, "kms:calleraccount": CallerScene.with_account,
    "aws:sourceowner": CallerScene.with_account, "aws:principalarn": CallerScene.with_arn,
    "aws:principaltype": CallerScene.with_type, "aws:username": CallerScene.user_name, "aws:userid": CallerScene.user_id,
}  # fmt: skip
