"""What one plan asks of AWS only once."""

from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from tests.actions.respond.scripted import ScriptedDoor

from sakimori.actions.asked_once import AskedOnce
from sakimori.aws.refusal import Refusal
from sakimori.model.words import GLOBAL, GapKind

CALLER = "sts:GetCallerIdentity"


def test_who_asks_is_asked_once_and_what_changes_is_asked_anew() -> None:
    asked = Counter[str]()

    def answer(name: str) -> Any:
        def told(_parameters: Mapping[str, object]) -> Mapping[str, object]:
            asked[name] += 1
            return {"Arn": "arn"}

        return told

    door: Any = ScriptedDoor({each: answer(each) for each in (CALLER, "iam:GetUser")})
    once = AskedOnce(door)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: once.call(CALLER, GLOBAL, {}), range(20)))
    for _ in range(3):
        once.call("iam:GetUser", GLOBAL, {"UserName": "a"})
    assert asked == {CALLER: 1, "iam:GetUser": 3}


def test_a_refusal_is_not_kept() -> None:
    answers: list[Any] = [
        {"Arn": "arn"},
        Refusal(call=CALLER, kind=GapKind.UNREACHABLE, code="ServiceUnavailable", message=""),
    ]

    def told(_parameters: Mapping[str, object]) -> Mapping[str, object]:
        found = answers.pop()
        if isinstance(found, Refusal):
            raise found
        return found

    door: Any = ScriptedDoor({CALLER: told})
    once = AskedOnce(door)
    with pytest.raises(Refusal):
        once.call(CALLER, GLOBAL, {})
    assert once.call(CALLER, GLOBAL, {}) == {"Arn": "arn"}
