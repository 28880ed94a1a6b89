"""What a case takes back, and what somebody else changed meanwhile."""

from datetime import UTC, datetime

from sakimori.actions.plan import Item, Standing
from sakimori.app.respond.case import RunLine
from sakimori.app.respond.undo import Undoing, by_us
from sakimori.model.action import Call, Change

NOW = datetime(2026, 11, 23, tzinfo=UTC)
CALL = Call(operation="iam:DeleteRolePolicy", region="global", parameters={})


def cutoff(before: str, target: str, standing: Standing) -> Undoing:
    item = Item(
        step="role-sessions-revoked", region="global", resource="arn:aws:iam::111122223333:role/ops", standing=standing,
        before={"cutoff": before}, target={"cutoff": target}, changes=(Change(name="policy", call=CALL, undo=()),),
    )  # fmt: skip
    return Undoing(RunLine(account="111122223333", run=f"R-{target}", step="R14", at=NOW), (item,))


def test_a_cutoff_that_a_later_run_of_the_case_moved_is_nobody_elses_doing() -> None:
    later, earlier = by_us([cutoff("2", "3", Standing.TO_MAKE), cutoff("", "2", Standing.BLOCKED)])
    assert (later.changed_since, earlier.changed_since) == ((), ())
    assert earlier.items[0].standing is Standing.TO_MAKE


def test_what_somebody_else_wrote_between_or_after_still_holds_undo_up() -> None:
    later, earlier = by_us([cutoff("strange", "3", Standing.TO_MAKE), cutoff("", "2", Standing.BLOCKED)])
    assert not later.changed_since
    assert earlier.changed_since
    later, earlier = by_us([cutoff("2", "3", Standing.BLOCKED), cutoff("", "2", Standing.BLOCKED)])
    assert later.changed_since
    assert earlier.changed_since
