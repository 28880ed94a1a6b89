"""Policies of an identity of SES: several of them, told as one."""

import json
from collections.abc import Callable
from typing import Any

from sakimori.model.words import GapKind

_TABLE = "aws_ses_identity_policy_statement"
_ARN = "arn:aws:ses:us-east-1:123456789012:identity/a.example"


def _document(principal: str, version: str = "2012-10-17", resource: str = _ARN) -> str:
    allow = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "ses:SendEmail", "Resource": resource}
    return json.dumps({"Version": version, "Statement": [allow]})


def _read(fake_door: Callable[..., Any], read: Callable[..., Any], policies: Any) -> Any:
    listed = {"EmailIdentities": [{"IdentityName": "a.example"}]}
    answers = {"sesv2__ListEmailIdentities": listed, "sesv2__GetEmailIdentityPolicies": {"Policies": policies}}
    return read(_TABLE, fake_door(**answers))


def test_several_policies_are_numbered_through_and_name_whom_they_let_in(
    fake_door: Callable[..., Any], read: Callable[..., Any]
) -> None:
    found = _read(fake_door, read, {"b": _document("222233334444"), "a": _document("111122223333")})
    told = {key: row["external_account_ids"] for key, row in found.rows.items()}
    assert told == {f"{_ARN}#0": "111122223333", f"{_ARN}#1": "222233334444"}
    assert found.unit.gaps == ()


def test_an_identity_without_policies_has_no_rows_and_no_gap(
    fake_door: Callable[..., Any], read: Callable[..., Any]
) -> None:
    found = _read(fake_door, read, {})
    assert (found.rows, found.unit.gaps) == ({}, ())


def test_what_is_plain_text_in_one_version_and_a_variable_in_the_other_is_a_gap(
    fake_door: Callable[..., Any], read: Callable[..., Any]
) -> None:
    policies = {
        "new": _document("111122223333"),
        "old": _document("111122223333", "2008-10-17", f"{_ARN}${{aws:username}}"),
    }
    found = _read(fake_door, read, policies)
    assert [(gap.kind, gap.parent) for gap in found.unit.gaps] == [(GapKind.MALFORMED, _ARN)]
