"""The runs that were recorded: what each covered, and which of two runs speaks for a place."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, insert, select

from sakimori.findings.scope import Ground, RunScope
from sakimori.findings.tables import GROUND, RUN
from sakimori.state.store import insert_into

_LOOK_BACK: Final = 1_000
"""Runs that are searched for the previous one of equal ground; further back nobody remembers."""


@dataclass(frozen=True, slots=True)
class Later:
    """Runs recorded earlier that had read AWS later: where they looked, an older reading says nothing."""

    grounds: tuple[Ground, ...]

    def speak_for(self, *, rule: str, parameters: str, account: str, region: str) -> bool:
        """Whether one of them judged this rule, with these parameters (canonical), at this place."""
        return any(
            (rule, parameters) in ground.rules and ground.covers_place(account, region) for ground in self.grounds
        )


def run_number(connection: Connection, run: str) -> int | None:
    """The number under which the run was recorded, None if it was not."""
    return connection.execute(select(RUN.c.number).where(RUN.c.id == run)).scalar()


def remember_run(connection: Connection, scope: RunScope, ground: Ground) -> int:
    """Record that the run was; its number."""
    body = ground.to_json()
    digest = hashlib.sha256(body.encode()).hexdigest()
    connection.execute(insert_into(connection, GROUND).values(digest=digest, body=body).on_conflict_do_nothing())
    done = connection.execute(insert(RUN).values(id=scope.run, at=scope.at, ground=digest))
    assert done.inserted_primary_key is not None  # noqa: S101 - of a single-row insert it never is
    return int(done.inserted_primary_key[0])


def previous_run_at(connection: Connection, scope: RunScope, ground: Ground, number: int) -> datetime | None:
    """The time of the last run, of those recorded before `number`, that covered all of `ground`."""
    newest_first = (RUN.c.at.desc(), RUN.c.number.desc())
    query = select(RUN.c.at, RUN.c.ground).where(RUN.c.number < number, RUN.c.at <= scope.at).order_by(*newest_first)
    covers: dict[str, bool] = {}
    for row in connection.execute(query.limit(_LOOK_BACK)):
        digest: str = row.ground
        if digest not in covers:
            covers[digest] = _read_ground(connection, digest).covers(ground)
        if covers[digest]:
            return row.at
    return None


def later_runs(connection: Connection, at: datetime, number: int) -> Later:
    """Those of the runs recorded before `number` that had read AWS after `at`."""
    query = select(RUN.c.ground).distinct().where(RUN.c.number < number, RUN.c.at > at)
    digests = connection.execute(query).scalars().all()
    return Later(tuple(_read_ground(connection, digest) for digest in digests))


def _read_ground(connection: Connection, digest: str) -> Ground:
    return Ground.from_json(connection.execute(select(GROUND.c.body).where(GROUND.c.digest == digest)).scalar_one())
