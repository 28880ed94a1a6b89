"""What a case takes back, and what somebody else changed meanwhile."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from sakimori.actions.plan import Item, Standing
from sakimori.app.harden import Approver
from sakimori.app.respond.case import RunLine
from sakimori.app.respond.undo import Undo, Undoing, by_us
from sakimori.model.action import Call, Change
from sakimori.model.errors import ActionError

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


def test_beneath_a_denial_that_stays_no_older_run_brings_back_what_was_before(monkeypatch: pytest.MonkeyPatch) -> None:
    later, earlier = by_us([cutoff("2", "3", Standing.TO_MAKE), cutoff("", "2", Standing.BLOCKED)])
    undone: list[str] = []

    def taking_back(run: RunLine) -> Any:
        def undo(name: str, *_: Any) -> tuple[Item, ...]:
            if name == later.run.run:
                raise ActionError(
                    "x", code="StolenSessionsMayLiveUntil 2026-11-24T00:00:00Z", step="role-sessions-revoked"
                )
            undone.append(name)
            return ()

        return SimpleNamespace(undo=undo, run=run)

    monkeypatch.setattr(Undo, "_hardening", lambda _self, run: taking_back(run))
    log: Any = SimpleNamespace(case=SimpleNamespace(id="SKM-1"))
    undo = Undo(log, {}, lambda: NOW, lambda *_: None, is_recovery=True)
    with pytest.raises(ActionError, match=r"respond\.sessions_may_live"):
        undo.take_back([later, earlier], Approver("ana"), lambda _: False)
    assert undone == []
