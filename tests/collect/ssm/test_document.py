"""Whom documents are shared with."""

from collections.abc import Callable
from typing import Any

import pytest


@pytest.mark.parametrize(
    ("permission", "expected"),
    [
        ({"AccountIds": []}, (False, "")),
        ({"AccountIds": ["111122223333"]}, (False, "111122223333")),
        ({"AccountIds": ["all"]}, (True, "all")),
        ({"AccountIds": ["All"]}, (True, "all")),
        ({"AccountIds": ["111122223333"], "NextToken": "more"}, (None, None)),
        ({}, (None, None)),
        ({"AccountIds": [{}]}, (None, None)),
    ],
)
def test_everyone_is_written_in_any_case_and_an_answer_cut_short_is_not_known(
    fake_door: Callable[..., Any], read: Callable[..., Any], permission: dict[str, Any], expected: tuple[Any, Any]
) -> None:
    door = fake_door(
        ssm__ListDocuments={"DocumentIdentifiers": [{"Name": "setup"}]}, ssm__DescribeDocumentPermission=permission
    )
    row = read("aws_ssm_document", door).only
    assert (row["is_public"], row["shared_with"]) == expected
