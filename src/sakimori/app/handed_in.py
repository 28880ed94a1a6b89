"""Assess with a session that a Python program hands in."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sakimori.app.assess import AssessRequest, assess
from sakimori.app.clock import utc_now
from sakimori.aws.account import BotoDoor
from sakimori.model.assessment import Assessment
from sakimori.model.errors import UsageError
from sakimori.rules.rule import PROFILES


def assess_session(  # noqa: PLR0913 - the public form, named
    session: Any,
    *,
    regions: Sequence[str],
    rules: Sequence[str],
    frameworks: Sequence[str],
    thresholds: str | None,
    home: Path | str | None,
) -> Assessment:
    """The assessment; without a home everything is written to a directory that goes away at once.

    `session` is a boto3.Session. The facts stay in memory for as long as the result does.
    """
    if frameworks:
        raise UsageError("app.no_frameworks", name=frameworks[0])
    door = BotoDoor.of_session(session, regions=tuple(regions))
    wanted = {"rules": tuple(rules), "thresholds": thresholds or PROFILES[0]}
    if home is not None:
        return assess(AssessRequest(home=Path(home), **wanted), (door,), clock=utc_now).assessment
    with tempfile.TemporaryDirectory(prefix="sakimori-") as directory:
        return assess(AssessRequest(home=Path(directory), **wanted), (door,), clock=utc_now).assessment
