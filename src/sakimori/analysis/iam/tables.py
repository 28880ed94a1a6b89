"""What is worked out of an account's policies, as tables that rules and questions can join. How: `made_tables`."""

from collections.abc import Collection
from typing import Final

from sakimori.analysis.derivation import Derivation, Made
from sakimori.analysis.iam.read_tables import COMPUTE_TABLES, OPENING_TABLES, TABLES
from sakimori.lake.facts import Facts
from sakimori.lake.table import Column, Table, Type
from sakimori.model.words import Scope


def _column(name: str, type_: Type, sentence: str) -> Column:
    return Column(name=name, type=type_, sentence=sentence)


EFFECTIVE_ACCESS: Final = Table(
    name="iam_effective_access",
    sentence="What each user and role can make of itself, with all policies counted that bear on it.",
    key="principal_arn",
    scope=Scope.ACCOUNT,
    resource_type="AWS::IAM::Role",
    producer="analysis",
    own_columns=(
        _column("principal_arn", Type.TEXT, "The user or role."),
        _column("principal_kind", Type.TEXT, "user or role."),
        _column("principal_name", Type.TEXT, "Its name, without path."),
        _column("is_service_linked", Type.BOOLEAN, "An AWS service made it for itself."),
        _column("is_admin", Type.BOOLEAN, "It rules the account as it is; NULL where that hangs on what is not known."),
        _column("becomes_admin", Type.BOOLEAN,
                "It does not rule the account, but can get there step by step; NULL where it may."),
        _column("steps_to_admin", Type.INTEGER, "Steps of the shortest such way; NULL where there is none."),
        _column("first_step", Type.TEXT, "How that way begins, as `sakimori iam paths` names it; '' where there is none."),
        _column("first_actions", Type.TEXT, "The permissions of that step, separated by commas; '' where there is none."),
        _column("first_target", Type.TEXT, "What that step aims at; '' where there is none."),
    ),
)  # fmt: skip

PATH: Final = Table(
    name="iam_path",
    sentence="Ways on which a user or role becomes an administrator of the account, the three shortest of each.",
    key="id",
    parent="from_arn",
    scope=Scope.ACCOUNT,
    resource_type="AWS::IAM::Role",
    producer="analysis",
    own_columns=(
        _column("id", Type.TEXT, "Where the way begins, and its place among the ways from there."),
        _column("from_arn", Type.TEXT, "The user or role at its beginning."),
        _column("to_arn", Type.TEXT, "Who rules the account at its end."),
        _column("goal", Type.TEXT, "What the way leads to: admin."),
        _column("is_proven", Type.BOOLEAN, "Every step is allowed for certain; false: a step hangs on what is not known."),
        _column("length", Type.INTEGER, "Its steps."),
        _column("methods", Type.TEXT, "How each step is made, separated by commas, as `sakimori iam paths` names it."),
        _column("edges", Type.TEXT, "The steps as JSON: from, to, method, actions."),
    ),
)  # fmt: skip


EXTERNAL_ACCESS: Final = Table(
    name="iam_external_access",
    sentence="What may be reached from outside the account: by policies, trusts of roles, grants, ACLs and sharing.",
    key="resource",
    scope=Scope.ACCOUNT,
    resource_type="AWS::IAM::Role",
    producer="analysis",
    own_columns=(
        _column("resource", Type.TEXT, "The resource or role."),
        _column("verdict", Type.TEXT, "public, cross_account, closed or unknown."),
        _column("is_public", Type.BOOLEAN, "Anyone is let in, whom nobody named; NULL where it is not known."),
        _column("is_closed", Type.BOOLEAN, "Proved: nobody from outside is let in; NULL where it is not known."),
        _column("principals", Type.TEXT, "Who from outside is let in, separated by commas; '' for nobody."),
        _column("witness", Type.TEXT, "A request from outside that is allowed, as JSON; '' where there is none."),
        _column("why", Type.TEXT, "What the verdict rests on, in English."),
    ),
)  # fmt: skip


def _make(facts: Facts, account: str, names: Collection[str]) -> Made:
    # Policies, ways and the solver are loaded where tables are worked out, not wherever one looks up what tables there are.
    from sakimori.analysis.iam.made_tables import made_tables  # noqa: PLC0415

    return made_tables(facts, account, names)


_OF_PATHS: Final = (*TABLES, *COMPUTE_TABLES)
IAM: Final = Derivation(
    needs={EFFECTIVE_ACCESS: _OF_PATHS, PATH: _OF_PATHS, EXTERNAL_ACCESS: (*TABLES, *OPENING_TABLES)}, make=_make
)
