"""What is worked out of an account's policies, as tables that rules and questions can join."""

import json
from collections.abc import Iterator
from typing import Final

from sakimori.analysis.derivation import Derivation, Made
from sakimori.analysis.iam.compute import COMPUTE_TABLES, compute_of
from sakimori.analysis.iam.external import Around, ExternalAccess, Verdict, all_external
from sakimori.analysis.iam.paths.finder import PathFinder, Surroundings
from sakimori.analysis.iam.paths.found import Certainty, Path, PathsFound
from sakimori.analysis.iam.paths.goals import Goal
from sakimori.analysis.iam.paths.search import Limits
from sakimori.analysis.iam.paths.world import policy_versions
from sakimori.analysis.iam.snapshot_account import (
    BUCKET_TABLES,
    TABLES,
    SnapshotAccount,
    read_snapshot,
    restricted_buckets,
)
from sakimori.lake.facts import Facts
from sakimori.lake.rows import Row
from sakimori.lake.table import Column, Table, Type
from sakimori.model.words import Scope

_LIMITS: Final = Limits(paths=3)
"""Of each principal: a rule needs one path, and a question the shortest."""


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
    sentence="What may be reached from outside the account, by the policy of each resource and the trust of each role.",
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


def _external(facts: Facts, account: str) -> Made:
    known = read_snapshot(facts, account)
    if known is None:
        return {}
    around = Around(now=known.as_of, restricted=restricted_buckets(facts, account))
    return {EXTERNAL_ACCESS.name: ([_external_row(each) for each in all_external(known.account, around)], ())}


def _external_row(found: ExternalAccess) -> Row:
    is_unknown = found.verdict is Verdict.UNKNOWN
    return {
        "resource": found.resource,
        "verdict": found.verdict.value,
        "is_public": None if is_unknown else found.verdict is Verdict.PUBLIC,
        "is_closed": None if is_unknown else found.verdict is Verdict.CLOSED,
        "principals": ", ".join(found.principals),
        "witness": json.dumps(found.witness.as_json(), ensure_ascii=False) if found.witness else "",
        "why": " ".join(each.en for each in found.why),
    }


def _make(facts: Facts, account: str) -> Made:
    known = read_snapshot(facts, account)
    if known is None:
        return {}
    around = Surroundings(compute=compute_of(facts, known.account), versions=policy_versions(known.records))
    found = PathFinder(known.account, around).find(None, Goal(), _LIMITS)
    return {EFFECTIVE_ACCESS.name: (list(_access(known, found)), ()), PATH.name: (list(_paths(found)), ())}


def _access(known: SnapshotAccount, found: PathsFound) -> Iterator[Row]:
    ways: dict[str, list[Path]] = {}
    for path in found.paths:
        ways.setdefault(path.source, []).append(path)
    for who in (*known.account.users, *known.account.roles):
        is_admin = True if who.arn in found.at_goal else None if who.arn in found.maybe_at_goal else False
        own = sorted(ways.get(who.arn, ()), key=lambda path: (path.certainty is not Certainty.PROVEN, len(path.edges)))
        first = own[0] if own else None
        yield {
            "principal_arn": who.arn,
            "principal_kind": who.principal.kind.value,
            "principal_name": who.name,
            "is_service_linked": who.is_service_linked,
            "is_admin": is_admin,
            "becomes_admin": _becomes(first, is_whole=who.arn not in found.cut_short and not who.unread),
            "steps_to_admin": len(first.edges) if first else None,
            "first_step": first.edges[0].method if first else "",
            "first_actions": ", ".join(first.edges[0].actions) if first else "",
            "first_target": first.edges[0].target if first else "",
        }


def _becomes(first: Path | None, *, is_whole: bool) -> bool | None:
    if first is not None and first.certainty is Certainty.PROVEN:
        return True
    return None if first is not None or not is_whole else False


def _paths(found: PathsFound) -> Iterator[Row]:
    places: dict[str, int] = {}
    for path in found.paths:
        place = places[path.source] = places.get(path.source, -1) + 1
        yield {
            "id": f"{path.source}#{place}",
            "from_arn": path.source,
            "to_arn": path.target,
            "goal": path.goal,
            "is_proven": path.certainty is Certainty.PROVEN,
            "length": len(path.edges),
            "methods": ", ".join(each.method for each in path.edges),
            "edges": json.dumps(path.as_json()["edges"], ensure_ascii=False),
        }


IAM: Final = Derivation(tables=(EFFECTIVE_ACCESS, PATH), needs=(*TABLES, *COMPUTE_TABLES), make=_make)
EXTERNAL: Final = Derivation(tables=(EXTERNAL_ACCESS,), needs=(*TABLES, *BUCKET_TABLES), make=_external)
