"""Who may call from outside an account, and which of their keys they choose, carry or lack.

Sources: IAM User Guide, "AWS global condition context keys" (the availability of each: aws:SourceAccount and its like only where
a service's principal calls) and "AWS JSON policy elements: Principal"; S3 User Guide, "The meaning of public".
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sakimori.analysis.iam.principal import ANONYMOUS, Principal, PrincipalKind, principal_of

_SHARED_ALIAS: Final = "cognito-identity.amazonaws.com"


@dataclass(frozen=True, slots=True)
class SubjectForm:
    """How a provider that everybody may use writes its subjects: a head, the owner, then one of the ends."""

    head: str
    end: str


# Providers from which anybody gets tokens. Whose owner stands in the subject is told by it; of the others the audience tells.
# Sources: GitHub Docs, "OpenID Connect reference"; GitLab Docs, "OpenID Connect (OIDC) authentication using ID tokens";
# HashiCorp, "Workload identity tokens"; IAM User Guide, "Create a role for web identity or OpenID Connect Federation".
SHARED_PROVIDERS: Final = {
    "token.actions.githubusercontent.com": SubjectForm("repo:", "/"),
    "gitlab.com": SubjectForm("project_path:", "/"),
    "app.terraform.io": SubjectForm("organization:", ":"),
    "accounts.google.com": None,
    "graph.facebook.com": None,
    "www.amazon.com": None,
    _SHARED_ALIAS: None,
}
BUILT_IN_PROVIDERS: Final = ("accounts.google.com", "graph.facebook.com", "www.amazon.com", _SHARED_ALIAS)

WITH_IDENTITY: Final = frozenset(
    {PrincipalKind.USER, PrincipalKind.ROLE, PrincipalKind.SESSION, PrincipalKind.FEDERATED_USER, PrincipalKind.ROOT}
)
_OF_ACCOUNTS: Final = (PrincipalKind.USER, PrincipalKind.ROLE, PrincipalKind.ROOT, PrincipalKind.FEDERATED_USER)


@dataclass(frozen=True, slots=True)
class Caller:
    """`account` "" where the solver chooses it; `told` a principal that is known by name, of which nothing is to be chosen."""

    kind: PrincipalKind
    account: str = ""
    told: Principal | None = None

    @property
    def provider(self) -> str:
        """The host of a provider of identities."""
        text = self.told.arn if self.told else ""
        return text.partition(":oidc-provider/")[2] or text

    @property
    def is_saml(self) -> bool:
        """It is vouched for by SAML."""
        return self.told is not None and ":saml-provider/" in self.told.arn

    def representative(self, stranger: str) -> Principal:
        """Someone of whom the principals of statements say what they say of every such caller."""
        if self.told is not None:
            return self.told
        if self.kind is PrincipalKind.ANONYMOUS:
            return ANONYMOUS
        return principal_of(arn_of(self.kind, "aws", self.account or stranger, "nobody-named-this"))


def arn_of(kind: PrincipalKind, partition: str, account: str, name: str) -> str:
    """The ARN of a principal that belongs to an account."""
    if kind is PrincipalKind.ROOT:
        return f"arn:{partition}:iam::{account}:root"
    if kind is PrincipalKind.FEDERATED_USER:
        return f"arn:{partition}:sts::{account}:federated-user/{name}"
    return f"arn:{partition}:iam::{account}:{kind.value}/{name}"


def anyone(service: str) -> Iterator[Caller]:
    """Callers of whom nothing is known, those first that tell most.

    Whose requests must be signed, and who cannot assume a role, are left out.
    """
    if service not in _SIGNED_ONLY:
        yield Caller(PrincipalKind.ANONYMOUS)
    yield from of_account("", service)


# Source: the API references of the services, "Authenticating requests": none of these takes an unsigned one.
_SIGNED_ONLY: Final = frozenset({"kms", "secretsmanager", "iam", "ecr", "dynamodb", "backup", "logs"})


def of_account(account: str, service: str) -> Iterator[Caller]:
    """The principals of an account; the root user cannot assume a role (IAM User Guide, "Methods to assume a role")."""
    for kind in _OF_ACCOUNTS:
        if service != "iam" or kind is not PrincipalKind.ROOT:
            yield Caller(kind, account)


def provider_of(text: str) -> Caller:
    """A provider of identities, as Principal.Federated names it. Raises ValueError."""
    if ":" not in text and text in SHARED_PROVIDERS:
        # One of them, www.amazon.com, has the form of a service.
        return Caller(PrincipalKind.WEB, "", Principal(kind=PrincipalKind.WEB, arn=text))
    return named(text, PrincipalKind.WEB)


def named(text: str, kind: PrincipalKind | None = None) -> Caller:
    """A principal by the name that a policy gives it. Raises ValueError for none, or one of another kind."""
    found = principal_of(text)
    if kind is not None and found.kind is not kind:
        raise ValueError(text)
    return Caller(found.kind, found.account, found)
