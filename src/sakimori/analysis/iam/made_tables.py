"""Working out the tables of `tables`, from one reading of the account."""

import json
from collections.abc import Collection, Iterator, Sequence
from typing import Final

from sakimori.analysis.derivation import Made
from sakimori.analysis.iam.compute import compute_of
from sakimori.analysis.iam.external import Around, ExternalAccess, Verdict
from sakimori.analysis.iam.external_account import all_external
from sakimori.analysis.iam.openings import openings_of
from sakimori.analysis.iam.paths.finder import PathFinder, Surroundings
from sakimori.analysis.iam.paths.found import Certainty, Path, PathsFound
from sakimori.analysis.iam.paths.goals import Goal
from sakimori.analysis.iam.paths.search import Limits
from sakimori.analysis.iam.paths.world import policy_versions
from sakimori.analysis.iam.snapshot_account import SnapshotAccount, passwords_of, read_snapshot
from sakimori.analysis.iam.tables import EFFECTIVE_ACCESS, EXTERNAL_ACCESS, PATH
from sakimori.lake.facts import Facts
from sakimori.lake.rows import Row

_LIMITS: Final = Limits(paths=3)
"""Of each principal: a rule needs one path, and a question the shortest."""


def made_tables(facts: Facts, account: str, names: Collection[str]) -> Made:
    """Those of the tables that are asked for; none where the account's policies could not be read."""
    known = read_snapshot(facts, account)
    if known is None:
        return {}
    made = dict[str, Sequence[Row]]()
    if EXTERNAL_ACCESS.name in names:
        around = Around(now=known.as_of, organization=known.organization)
        found = all_external(known.account, around, openings_of(facts, account))
        made[EXTERNAL_ACCESS.name] = [_external_row(each) for each in found]
    if not {EFFECTIVE_ACCESS.name, PATH.name}.isdisjoint(names):
        surroundings = Surroundings(
            compute=compute_of(facts, known.account),
            versions=policy_versions(known.records),
            passwords=passwords_of(known.credentials),
        )
        found = PathFinder(known.account, surroundings).find(None, Goal(), _LIMITS)
        made[EFFECTIVE_ACCESS.name] = list(_access(known, found))
        made[PATH.name] = list(_paths(found))
    return made


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
