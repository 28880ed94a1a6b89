from collections.abc import Callable
from typing import Any

import pytest

from sakimori.aws.refusal import Refusal


def test_off_and_denied_have_the_same_code_and_are_told_apart_by_words(
    fake_door: Callable[..., Any], read: Callable[..., Any], refusal: Callable[..., Refusal]
) -> None:
    def answered(words: str) -> tuple[bool | None, int]:
        no = refusal(code="AccessDeniedException", message=words)
        found = read("aws_macie2_session", fake_door(macie2__GetMacieSession=no))
        return found.only["is_enabled"], len(found.unit.gaps)

    assert answered("Macie is not enabled.") == (False, 0)
    assert answered("User: x is not authorized to perform: macie2:GetMacieSession") == (None, 1)


@pytest.mark.parametrize(("status", "is_enabled"), [("ENABLED", True), ("PAUSED", False), (None, None)])
def test_a_session_works_unless_it_is_paused(
    fake_door: Callable[..., Any], read: Callable[..., Any], status: str | None, is_enabled: bool | None
) -> None:
    row = read("aws_macie2_session", fake_door(macie2__GetMacieSession={"status": status})).only
    assert row["is_enabled"] is is_enabled
