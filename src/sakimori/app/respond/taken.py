"""What the runs of a case did and did not take back, by its own journals: the measures that hold, and since when."""

from datetime import datetime

from sakimori.actions.applying import made_places
from sakimori.actions.journal import Entry, journal_path, read_journal
from sakimori.actions.plan import place_of
from sakimori.app.respond.case import moment_of
from sakimori.app.respond.case_files import CaseLog
from sakimori.app.respond.hands import Measure


def measures_made(log: CaseLog) -> list[tuple[Measure, datetime]]:
    """The measures of all runs that stand, each with the moment at which it was seen to hold, or up to which it revokes."""
    found: dict[Measure, datetime] = {}
    for run in log.case.runs:
        path = journal_path(log.directory, run.account, run.run)
        if not path.exists():
            continue
        lines = read_journal(path)
        standing = made_places(lines)
        cutoff = next(
            (str(line.body["wishes"].get("revoked_before", "")) for line in lines if line.kind is Entry.BEGIN), ""
        )
        for line in lines:
            if line.kind is Entry.VERIFIED and place_of(line.body) in standing and not line.body["undone"]:
                step, region, resource = place_of(line.body)
                at = moment_of(cutoff) or line.at
                found[Measure(account=run.account, step=step, resource=resource, region=region)] = at
    return list(found.items())
