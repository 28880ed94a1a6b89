"""Facts of the trust policies of roles: who outside may take a role on."""

from collections.abc import Iterator
from typing import Final

from sakimori.analysis.facts.documents import trusting_statements
from sakimori.analysis.facts.fact import Event, Fact, FactType, Surroundings
from sakimori.analysis.facts.reach import EVERYONE, Own, admitted, own_of
from sakimori.collect.policy_document import Statement
from sakimori.collect.policy_reach import account_in
from sakimori.model.verdict import Text

_OIDC: Final = ":oidc-provider/"
_SAML: Final = ":saml-provider/"
# The issuer of a cluster of EKS speaks for the cluster's pods alone: `oidc.eks.<region>.amazonaws.com/id/…`.
_CLUSTER: Final = "oidc.eks."
# Issuers whose tokens anyone on Earth can get; the subject tells whose they are.
# Source: IAM User Guide, "Configuring a role for GitHub OIDC identity provider", "Available keys for AWS OIDC federation".
_SHARED_ISSUERS: Final = (
    "token.actions.githubusercontent.com",
    "gitlab.com",
    "app.terraform.io",
    "app.pulumi.com",
    "api.bitbucket.org",
    "accounts.google.com",
    "graph.facebook.com",
    "www.amazon.com",
    "cognito-identity.amazonaws.com",
    "oidc.circleci.com",
    "agent.buildkite.com",
    "oidc.vercel.com",
)
_TELLING_KEYS: Final = (
    ":sub", ":aud", ":repository", ":repository_owner", ":repository_id", ":project_path", ":namespace_path", ":oaud",
    ":job_workflow_ref", ":repository_owner_id", ":organization_id",
)  # fmt: skip
# GitHub, GitLab and others give every customer's token the audience of AWS; those below bind it to one application.
_AUDIENCE_TELLS: Final = (
    "accounts.google.com", "graph.facebook.com", "www.amazon.com", "cognito-identity.amazonaws.com", "oidc.circleci.com",
)  # fmt: skip
_EQUALITIES: Final = ("stringequals", "stringequalsignorecase", "stringlike")


def _outsiders(statement: Statement, own: Own) -> Iterator[str]:
    yield from (name for name in admitted(statement, own) if not own.holds(name))
    if not statement.is_allow or statement.principals.is_negated:
        return
    for provider in statement.principals.federated:
        if provider == "*":
            yield EVERYONE
        elif name := _provider(provider, own):
            yield name


def _provider(provider: str, own: Own) -> str:
    """`oidc:<issuer>` or `saml:<arn>` of an outsider; "" for one's own SAML provider and clusters."""
    is_own = own.holds(account_in(provider))
    if _SAML in provider:
        return "" if is_own else f"saml:{provider}"
    issuer = provider.partition(_OIDC)[2] or provider
    if is_own and issuer.startswith(_CLUSTER):
        return ""
    return f"oidc:{issuer}"


def _is_open_to_strangers(statement: Statement) -> bool:
    """Whether tokens of a shared issuer are accepted whoever got them."""
    if not statement.is_allow:
        return False
    return any(
        issuer.partition("/")[0] in _SHARED_ISSUERS and not _tells_whose(statement, issuer)
        for provider in statement.principals.federated
        if (issuer := provider.partition(_OIDC)[2] or provider)
    )


def _tells_whose(statement: Statement, issuer: str) -> bool:
    for condition in statement.conditions:
        key = condition.key.lower()
        if condition.operator.lower().removeprefix("foranyvalue:") not in _EQUALITIES or not key.endswith(
            _TELLING_KEYS
        ):
            continue
        if key.endswith(":aud") and issuer.partition("/")[0] not in _AUDIENCE_TELLS:
            continue
        if all(_names_someone(value) for value in condition.values):
            return True
    return False


def _names_someone(value: str) -> bool:
    """Whether something stands before the first wildcard beyond the word with which every subject begins."""
    fixed = value.partition("*")[0].partition("?")[0]
    return bool(fixed.removeprefix("repo:").removeprefix("project_path:").removeprefix("organization:").strip(":/"))


def _trusts_external(event: Event, surroundings: Surroundings) -> tuple[str, ...] | None:
    found = trusting_statements(event)
    own = own_of(event, surroundings)
    names = tuple(sorted({name for statement in found.statements for name in _outsiders(statement, own)}))
    return None if not names and not found.is_whole else names


def _trusts_strangers(event: Event, surroundings: Surroundings) -> bool | None:
    found = trusting_statements(event)
    own = own_of(event, surroundings)
    answer = any(
        EVERYONE in _outsiders(statement, own) or _is_open_to_strangers(statement) for statement in found.statements
    )
    return None if not answer and not found.is_whole else answer


_READS: Final = ("eventName", "requestParameters", "recipientAccountId", "userIdentity")

FACTS: Final = (
    Fact(
        name="fact.trusts_external",
        type=FactType.TEXTS,
        sentence=Text(
            en="Outsiders whom the role's trust policy lets in: account ids, organization:o-…, oidc:…, saml:…, all.",
            ja="ロールの信頼ポリシーが許可する外部の相手です（アカウント ID、organization:o-…、oidc:…、saml:…、all）。",
        ),
        reads=_READS,
        of=_trusts_external,
    ),
    Fact(
        name="fact.trusts_strangers",
        type=FactType.BOOLEAN,
        sentence=Text(
            en="Anyone may take the role on: all principals, or any token of an issuer such as GitHub.",
            ja="誰でもロールを引き受けられます（すべてのプリンシパル、または GitHub などの任意のトークン）。",
        ),
        reads=_READS,
        of=_trusts_strangers,
    ),
)
