"""The second sweep calls nothing gone that it did not see to be gone."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tests.analysis.incident.incident_events import ACCOUNT, KEY, T0
from tests.app.respond.test_containment import Hearing

from sakimori.actions.plan import Item, Standing
from sakimori.app.respond.case import StepState, Told
from sakimori.app.respond.case_files import CaseLog, new_case
from sakimori.app.respond.hands import Hands, Measure
from sakimori.app.respond.sweep import sweep
from sakimori.app.respond.telling import told
from sakimori.texts.language import LANGUAGES

OTHER = "222233334444"


def _user(account: str) -> dict[str, Any]:
    return {
        "kind": "AWS::IAM::User", "id": "svc-backup", "arn": f"arn:aws:iam::{account}:user/svc-backup", "account": account,
        "region": "us-east-1", "is_created": True, "by": KEY, "change": "CreateUser", "at": T0.isoformat(), "event_ids": [account],
        "told": {},
    }  # fmt: skip


@dataclass(slots=True, kw_only=True)
class Looking(Hands):
    """Sees every place of the accounts that were entered as `standing`."""

    standing: Standing

    def looked_at(self, measures: Sequence[Measure], *, revoked_before: str = "") -> tuple[Item, ...]:  # noqa: ARG002
        entered = [each for each in measures if each.account in self.doors]
        return tuple(
            Item(step=each.step, region=each.region, resource=each.resource, standing=self.standing) for each in entered
        )


def swept(log: CaseLog, standing: Standing) -> bool:
    door: Any = SimpleNamespace(account=SimpleNamespace(id=ACCOUNT, selected=("us-east-1",)))
    conversation: Any = Hearing([])
    return sweep(Looking(log=log, doors={ACCOUNT: door}, by="tanaka", clock=lambda: T0, conversation=conversation, standing=standing))  # fmt: skip


@pytest.mark.parametrize("standing", list(Standing))
def test_what_is_not_seen_to_be_gone_is_left_or_unknown(standing: Standing, tmp_path: Path) -> None:
    with new_case(tmp_path, {"by": "tanaka"}, clock=lambda: T0) as log:
        log.write(Told.MADE, {"made": [_user(ACCOUNT)]})
        assert swept(log, standing) is (standing is Standing.AS_WANTED)
    values = log.case.steps["R64"].values
    is_unread = standing is Standing.UNREADABLE
    assert bool(values["unread"]) is is_unread
    assert bool(values["left"]) is (not is_unread and standing is not Standing.AS_WANTED)


def test_an_account_that_nobody_entered_is_named_and_never_called_clear(tmp_path: Path) -> None:
    with new_case(tmp_path, {"by": "tanaka"}, clock=lambda: T0) as log:
        log.write(Told.MADE, {"made": [_user(ACCOUNT), _user(OTHER)]})
        assert swept(log, Standing.AS_WANTED) is False
    line = log.case.steps["R64"]
    assert (line.state, log.case.answers["sweep"]["left"]) == (StepState.FAILED, 1)
    assert all(f"--account {OTHER}" in told(line, language) for language in LANGUAGES)
