"""Telling beside other work."""

import time

import pytest

from sakimori.app.notify import Notifier, NotifierThread
from sakimori.model.errors import LakeError, SakimoriError
from sakimori.outputs.notify.delivery import Delivered


class _Told:
    """A notifier whose rounds end as they are told to."""

    def __init__(self, *ends: object) -> None:
        self.ends = list(ends)
        self.plans = 0

    def plan(self) -> int:
        self.plans += 1
        return 0

    def deliver(self) -> Delivered:
        end = self.ends.pop(0)
        if isinstance(end, float):
            time.sleep(end)
            return Delivered(sent=1)
        if isinstance(end, Exception):
            raise end
        return Delivered(sent=2)


def _thread(told: _Told) -> NotifierThread:
    stand_in: Notifier = told  # type: ignore[assignment]
    return NotifierThread(stand_in)


def test_a_defect_of_a_channel_is_a_sentence_and_the_next_round_goes_on() -> None:
    thread = _thread(_Told(ZeroDivisionError(), None))
    thread.go_round()
    with pytest.raises(SakimoriError) as caught:
        thread.finished(5.0)
    assert (caught.value.text, caught.value.values) == ("notify.round_failed", {"kind": "ZeroDivisionError"})
    thread.go_round()
    assert thread.finished(5.0) == Delivered(sent=2)


def test_a_fault_of_the_store_is_told_as_it_is() -> None:
    thread = _thread(_Told(LakeError("findings.store_full", store="s", reason="r")))
    thread.go_round()
    with pytest.raises(LakeError):
        thread.finished(5.0)


@pytest.mark.slow
def test_what_is_new_is_planned_while_a_round_is_under_way() -> None:
    told = _Told(0.5)
    thread = _thread(told)
    assert thread.go_round() is None
    assert thread.go_round() is None
    assert told.plans == 2
    assert thread.finished(5.0) == Delivered(sent=1)
    assert thread.finished(0.0) is None
