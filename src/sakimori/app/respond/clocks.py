"""The clocks of a case: when it began, was noticed, told and contained. Status, closing and reports count from the same moments."""

from datetime import datetime, timedelta

from sakimori.app.respond.case import Case, moment_of


def began_of(case: Case) -> datetime | None:
    """The first misuse: as the investigation found it, else the first strange use that the first look saw. None where nobody knows."""
    told = case.answers.get("investigation") or {}
    line = case.steps.get("R06")
    return moment_of(told.get("since")) or (moment_of(line.values.get("since")) if line else None)


def detected_at(case: Case) -> datetime:
    """When it was noticed: AWS's mail was sent, the finding seen; without them the opening."""
    return case.occurred_at or case.opened_at


def clocks_of(case: Case) -> tuple[tuple[str, timedelta], ...]:
    """TTD from the first misuse, TTN and TTC from when it was noticed; those alone that are known."""
    began, detected = began_of(case), detected_at(case)
    pairs = (("ttd", began, detected), ("ttn", detected, case.notified_at), ("ttc", detected, case.contained_at))
    return tuple((name, until - since) for name, since, until in pairs if since and until)
