"""Trust policies of roles: other accounts without an external id, and providers of identities trusted too widely.

Source: IAM User Guide, "Access to AWS accounts owned by third parties", "Configuring a role for GitHub OIDC identity provider", "Create a role
for OpenID Connect federation", "Create a role for SAML 2.0 federation", "Available keys for AWS OIDC federation"; GitHub Docs, "Configuring
OpenID Connect in Amazon Web Services" (`repo:ORGANISATION/REPOSITORY:…`).
"""

import re
from collections.abc import Sequence
from typing import Final

from sakimori.analysis.iam.lint.finding import Checked, Found
from sakimori.analysis.iam.lint.patterns import covers
from sakimori.analysis.iam.lint.statement import LintKind, LintPolicy, LintStatement, Word, has_wildcard, is_star

_ACCOUNT: Final = re.compile(r"(?:arn:[a-z-]+:(?:iam|sts)::)?([0-9]{12})(?:\Z|:)")
_GITHUB: Final = "token.actions.githubusercontent.com"
_ASSUME: Final = {
    "AWS": ("sts:assumerole",),
    "Service": ("sts:assumerole",),
    "oidc": ("sts:assumerolewithwebidentity",),
    "saml": ("sts:assumerolewithsaml",),
}
_EITHER: Final = ("sts:tagsession", "sts:setsourceidentity", "sts:setcontext")
# An account's own organisation, or one known session, makes an external id needless.
_INSTEAD_OF_ID: Final = frozenset(
    {
        "sts:externalid",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:multifactorauthpresent",
        "aws:multifactorauthage",
    }
)
# Providers that vouch for everybody who has an account with them: the audience is the application.
_AUDIENCES: Final = {
    "accounts.google.com": ("accounts.google.com:aud", "accounts.google.com:oaud"),
    "www.amazon.com": ("www.amazon.com:app_id",),
    "graph.facebook.com": ("graph.facebook.com:app_id",),
    "cognito-identity.amazonaws.com": ("cognito-identity.amazonaws.com:aud",),
}
_SUBJECTS_OF_GITHUB: Final = ("sub", "repository", "repository_id", "job_workflow_ref")


def check_trust(policy: LintPolicy) -> Checked:
    """Of each Allow of a role's trust policy."""
    if policy.kind is not LintKind.TRUST:
        return
    for statement in policy.statements:
        if statement.is_allow and not statement.is_not_principal:
            yield from _accounts(policy, statement)
            for word in statement.principals.get("Federated", ()):
                yield from _provider(statement, word)
            yield from _actions(statement)


def _accounts(policy: LintPolicy, statement: LintStatement) -> Checked:
    if statement.must_have & _INSTEAD_OF_ID:
        return
    for word in statement.principals.get("AWS", ()):
        match = _ACCOUNT.match(word.text)
        if match is None or match.group(1) == policy.owner:
            continue
        code = "no-external-id" if policy.owner else "no-external-id-unsure"
        yield Found(code, word.path, {"account": match.group(1)})


def _provider(statement: LintStatement, word: Word) -> Checked:
    text = word.text.lower()
    if ":saml-provider/" in text:
        if not _limited(statement, "saml:aud") and "sts:rolesessionname" not in statement.must_have:
            yield Found("saml-no-audience", word.path, {"provider": word.text})
        return
    provider = text.partition(":oidc-provider/")[2] or text
    if provider == _GITHUB or provider.startswith(f"{_GITHUB}/"):
        yield from _github(statement, word, provider)
        return
    audiences = _AUDIENCES.get(provider, (f"{provider}:aud",))
    if not any(_limited(statement, each) for each in audiences):
        yield Found("oidc-no-audience", word.path, {"provider": provider, "key": audiences[0]})
    if provider not in _AUDIENCES and not _limited(statement, f"{provider}:sub"):
        yield Found("oidc-no-subject", word.path, {"provider": provider})


def _github(statement: LintStatement, word: Word, provider: str) -> Checked:
    """Anybody with a GitHub account gets a token of this provider: only its subject says whose workflow runs."""
    if not _limited(statement, f"{provider}:aud"):
        yield Found("oidc-no-audience", word.path, {"provider": provider, "key": f"{provider}:aud"})
    keys = [f"{provider}:{name}" for name in _SUBJECTS_OF_GITHUB]
    conditions = [each for each in statement.conditions if each.is_positive and each.key.lower() in keys]
    if not conditions:
        yield Found("oidc-any-subject", word.path, {"provider": provider})
        return
    # Conditions must hold together: one that is narrow is enough.
    judged = [[(value, _breadth(value.text, each.operator)) for value in each.values] for each in conditions]
    if any(all(not breadth for _, breadth in values) for values in judged if values):
        return
    for values in judged[:1]:
        for value, breadth in values:
            if breadth:
                yield Found(breadth, value.path, {"provider": provider, "subject": value.text})


def _breadth(subject: str, operator: str) -> str:
    """`repo:ORG/REPO:…` is narrow where neither ORG nor REPO has a wildcard."""
    if "like" not in operator.lower() or not has_wildcard(subject):
        return ""
    head, colon, rest = subject.partition(":")
    name = rest if colon and head.lower() in {"repo", "repository"} else subject
    owner, slash, repository = name.partition("/")
    if not slash or has_wildcard(owner) or (colon and has_wildcard(head)):
        return "oidc-any-subject"
    bare = repository.partition(":")[0]
    return "oidc-broad-subject" if has_wildcard(bare) or not bare else ""


def _limited(statement: LintStatement, key: str) -> bool:
    """A condition asks for the key with values that are not just anything."""
    return any(
        each.is_positive
        and each.key.lower() == key
        and each.values
        and not any(is_star(word.text) for word in each.values)
        for each in statement.conditions
    )


def _actions(statement: LintStatement) -> Checked:
    """The operation of STS goes with the kind of principal; with another one nobody ever comes in."""
    wanted = set[str]()
    for kind, words in statement.principals.items():
        for word in words:
            wanted.update(_operations(kind, word.text))
    if not wanted or statement.is_not_action:
        return
    named: Sequence[Word] = [each for each in statement.actions if not covers_any(each.text, _EITHER)]
    if named and not any(covers_any(each.text, tuple(wanted)) for each in named):
        values = {"action": named[0].text, "instead": ", ".join(_CASED[each] for each in sorted(wanted))}
        yield Found("trust-action-mismatch", named[0].path, values)


_CASED: Final = {
    "sts:assumerole": "sts:AssumeRole",
    "sts:assumerolewithwebidentity": "sts:AssumeRoleWithWebIdentity",
    "sts:assumerolewithsaml": "sts:AssumeRoleWithSAML",
}


def _operations(kind: str, text: str) -> tuple[str, ...]:
    if is_star(text):
        return tuple(_CASED)
    if kind == "Federated":
        return _ASSUME["saml" if ":saml-provider/" in text.lower() else "oidc"]
    return _ASSUME.get(kind, ())


def covers_any(pattern: str, actions: Sequence[str]) -> bool:
    """A pattern of actions names one of these (lower case)."""
    return any(covers(pattern.lower(), each) for each in actions)
