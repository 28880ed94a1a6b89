"""Credentials of an investigation, as a person reads them."""

from datetime import UTC, datetime, timedelta

import pytest

from sakimori.analysis.incident.form import Credential, CredentialKind
from sakimori.outputs.report.investigation_text import credential_lines, first_credentials
from sakimori.texts.language import LANGUAGES, Language

AT = datetime(2026, 10, 1, 2, tzinfo=UTC)


def session(number: int, name: str, issued_at: datetime | None = AT) -> Credential:
    return Credential(
        id=f"ASIA{number:016}", kind=CredentialKind.ROLE_SESSION, principal=f"arn:aws:sts::111122223333:assumed-role/ops/{name}",
        role="arn:aws:iam::111122223333:role/ops", issued_at=issued_at,
    )  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_many_sessions_of_one_name_are_one_line_with_their_number_and_few_are_told_each(language: Language) -> None:
    many = [session(number, "bob", AT + timedelta(hours=number)) for number in range(14)]
    few = [session(100 + number, "carol") for number in range(3)]
    key = Credential(id="AKIA" + "0" * 16, kind=CredentialKind.USER_KEY)
    lines = credential_lines([key, *many, *few], language)
    assert [count for _, count in lines] == [1, 14, 1, 1, 1]
    assert all(each in lines[1][0] for each in ("ops/bob", "14", "2026-10-01", "--format json"))
    assert "ASIA" not in lines[1][0]
    assert few[0].id in lines[2][0]


def test_what_stands_in_one_line_with_others_is_told_and_only_the_rest_is_counted() -> None:
    many = [session(number, "bob") for number in range(14)]
    others = [session(100 + number, f"carol-{number}") for number in range(3)]
    lines, untold = first_credentials([*many, *others], 2, "en")
    assert (len(lines), untold) == (2, 2)


def test_sessions_of_which_nobody_knows_since_when_they_are_claim_no_time() -> None:
    ((line, count),) = credential_lines([session(number, "bob", AT if number else None) for number in range(5)], "en")
    assert (count, "2026" in line, "not told when" in line) == (5, False, True)
