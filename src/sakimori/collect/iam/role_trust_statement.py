"""Statements of the trust policies of roles: who may take a role on."""

import re
from collections.abc import Iterator

from sakimori.collect.declaration import BOOLEAN, TEXT, Context, Malformed, Record, col, table
from sakimori.collect.iam.authorization import details
from sakimori.collect.policy_columns import ACTIONS, EXTERNAL_ACCOUNT_IDS, HAS_CONDITION, STATEMENT, statement_rows
from sakimori.collect.policy_document import Statement
from sakimori.collect.policy_reach import covers, is_public, reaches_other_account
from sakimori.model.words import Scope

_ASSUME = ("sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity")
# An operator that also holds where the key is missing (…IfExists) demands nothing.
_DEMANDS = frozenset({"stringequals", "stringequalsignorecase", "stringlike"})
_EXTERNAL_ID = frozenset({"sts:externalid"})
_OIDC = ":oidc-provider/"
# A subject that says whose it is: repo:company/… and not repo:*, nor repo:comp*, which a stranger's name may match.
_NAMED_SUBJECT = re.compile(r"[^*?:]+:[^*?:/@]+([:/@]|\Z)")
_ORGANIZATION = frozenset({"aws:principalorgid", "aws:principalorgpaths"})


def _statements(record: Record, _context: Context) -> Iterator[Record | Malformed]:
    role = str(record.get("Arn", ""))
    yield from statement_rows(role, record.get("AssumeRolePolicyDocument"), name="the trust policy")


def lets_assume(statement: Statement) -> bool:
    """Whether it allows taking the role on; sts:TagSession alone, for one, does not."""
    return statement.is_allow and any(covers(statement, action) for action in _ASSUME)


def demands(statement: Statement, keys: frozenset[str]) -> bool:
    """Whether a condition demands a value of one of `keys` that is more than wildcards."""
    return any(
        condition.key.lower() in keys
        and condition.operator.lower().removeprefix("foranyvalue:") in _DEMANDS
        and all(value.strip("*?") for value in condition.values)
        and bool(condition.values)
        for condition in statement.conditions
    )


def trusts_oidc_provider(statement: Statement) -> bool:
    """Whether it lets callers with a token of an OpenID Connect provider take the role on."""
    return lets_assume(statement) and bool(_oidc_hosts(statement))


def demands_oidc_subject(statement: Statement) -> bool:
    """Whether conditions name the subject of the tokens of every provider that is trusted."""
    hosts = _oidc_hosts(statement)
    return bool(hosts) and all(
        any(
            condition.key.lower() == f"{host}:sub"
            and condition.operator.lower().removeprefix("foranyvalue:") in _DEMANDS
            and bool(condition.values)
            and all(_NAMED_SUBJECT.match(value) for value in condition.values)
            for condition in statement.conditions
        )
        for host in hosts
    )


def _oidc_hosts(statement: Statement) -> list[str]:
    return [each.partition(_OIDC)[2].lower() for each in statement.principals.federated if _OIDC in each]


def _is_public(statement: Statement) -> bool | None:
    return is_public(statement) if lets_assume(statement) else False


def _lets_other_account(statement: Statement, own_account: str) -> bool | None:
    return reaches_other_account(statement, own_account) if lets_assume(statement) else False


TABLE = table(
    "aws_iam_role_trust_statement",
    "Statements of the trust policies of roles.",
    key="id",
    parent="role_arn",
    parent_key="Arn",
    scope=Scope.ACCOUNT,
    resource_type="AWS::IAM::Role",
    rows=details("RoleDetailList"),
    expand=_statements,
    columns=[
        col("id", TEXT, "The role's ARN and the statement's place in its trust policy.",
            lambda row, _: f"{row['resource']}#{row['statement'].index}"),
        col("role_arn", TEXT, "The role that the policy opens.", "resource"),
        *STATEMENT,
        ACTIONS,
        col("lets_assume", BOOLEAN, "It allows taking the role on, and not only tagging a session.",
            lambda row, _: lets_assume(row["statement"])),
        HAS_CONDITION,
        col("is_public", BOOLEAN, "It lets anyone take the role on; NULL where its conditions do not tell.",
            lambda row, _: _is_public(row["statement"])),
        col("lets_other_account_assume", BOOLEAN,
            "It lets another account take the role on; NULL where its conditions do not tell.",
            lambda row, account: _lets_other_account(row["statement"], account.account_id)),
        EXTERNAL_ACCOUNT_IDS,
        col("demands_external_id", BOOLEAN, "It demands an external id (sts:ExternalId).",
            lambda row, _: demands(row["statement"], _EXTERNAL_ID)),
        col("demands_organization", BOOLEAN, "It demands that the caller belongs to a named AWS organisation.",
            lambda row, _: demands(row["statement"], _ORGANIZATION)),
        col("trusts_oidc_provider", BOOLEAN, "It lets callers with a token of an OpenID Connect provider take the role on.",
            lambda row, _: trusts_oidc_provider(row["statement"])),
        col("demands_oidc_subject", BOOLEAN, "It names whose tokens of the provider count (the key …:sub).",
            lambda row, _: demands_oidc_subject(row["statement"])),
    ],
)  # fmt: skip
