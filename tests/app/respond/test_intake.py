"""What a case begins with."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tests.findings.mail import samples

from sakimori.app.respond.case import Suspect
from sakimori.app.respond.identify import door_for
from sakimori.app.respond.intake import by_finding, by_key, by_mail, by_principal
from sakimori.aws.refusal import Refusal
from sakimori.findings.detections import record_detections
from sakimori.model.detection import Detection
from sakimori.model.errors import UsageError
from sakimori.model.verdict import Text
from sakimori.model.words import Confidence, GapKind, Severity
from sakimori.state.store import open_store

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
KEY = "AKIAIOSFODNN7EXAMPLE"


def detection(**more: object) -> Detection:
    told: dict[str, object] = {
        "rule": "UnauthorizedAccess:IAMUser/MaliciousIPCaller", "title": Text(en="t", ja="t"), "severity": Severity.HIGH,
        "confidence": Confidence.HIGH, "first_at": NOW, "last_at": NOW, "count": 1, "account": "111122223333",
        "region": "us-east-1", "message": Text(en="m", ja="m"), "producer": "guardduty", "native_id": "abc",
    }  # fmt: skip
    return Detection(**{**told, **more})  # type: ignore[arg-type]


def test_a_key_names_its_account_where_its_id_tells_it() -> None:
    assert by_key(" ASIAQNZGKIQY56JQ7WML ").suspect.account == "029608264753"
    assert by_key(KEY).suspect.account == ""  # of the old form, which tells none


@pytest.mark.parametrize(
    ("told", "text"),
    [
        ("AIDAIOSFODNN7EXAMPLE", "respond.no_key_user"),
        ("AROAIOSFODNN7EXAMPLE", "respond.no_key_role"),
        ("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "respond.no_key"),
        ("AKIA", "respond.no_key"),
    ],
)
def test_what_is_no_key_is_named_for_what_it_is_and_never_repeated_whole(told: str, text: str) -> None:
    with pytest.raises(UsageError) as caught:
        by_key(told)
    assert caught.value.text == text
    assert len(str(caught.value.values["key"])) <= 4


def test_a_principal_is_meant_by_arn_or_name() -> None:
    arn = "arn:aws:iam::111122223333:user/ci/deploy"
    assert by_principal(arn, "user").suspect.user_name == "deploy"
    assert by_principal(arn, "user").suspect.account == "111122223333"
    assert by_principal("deploy", "role").suspect.role == "deploy"
    assert by_principal("arn:aws:iam::111122223333:root", "user").suspect == Suspect(
        kind="root", account="111122223333"
    )
    for told, kind in ((arn, "role"), ("a b", "user"), ("arn:x", "user")):
        with pytest.raises(UsageError):
            by_principal(told, kind)


def test_a_mail_of_aws_gives_key_user_and_deadline(tmp_path: Path) -> None:
    path = tmp_path / "notice.eml"
    path.write_bytes(samples.genuine())
    found = by_mail(path, NOW)
    assert found.suspect.key_id.startswith("AKIA")
    assert found.deadline_at is not None
    assert found.subject


def test_a_mail_that_does_not_concern_aws_opens_no_case(tmp_path: Path) -> None:
    path = tmp_path / "lunch.eml"
    path.write_bytes(samples.mail("Lunch?", "At noon.", sender="a <a@example.co.jp>"))
    with pytest.raises(UsageError, match=r"respond\.no_mail_of_aws"):
        by_mail(path, NOW)


def test_a_finding_gives_the_key_that_it_names_else_its_principal(tmp_path: Path) -> None:
    user = "arn:aws:iam::111122223333:user/deploy"
    with open_store(tmp_path / "state.db") as store:
        found = [detection(resources=(KEY,), principal=user), detection(principal=user, native_id="b", rule="r2")]
        record_detections(store, found, NOW)
        by_id = {each.id: by_finding(store, each.id, (), lambda: NOW).suspect for each in found}
    first, second = (by_id[each.id] for each in found)
    assert (first.kind, first.key_id, first.user) == ("key", KEY, user)
    assert (second.kind, second.key_id, second.user) == ("user", "", user)


def test_a_finding_about_no_credential_opens_no_case(tmp_path: Path) -> None:
    with open_store(tmp_path / "state.db") as store:
        found = detection(resources=("i-0123456789abcdef0",))
        record_detections(store, [found], NOW)
        with pytest.raises(UsageError, match="finding_names_nobody"):
            by_finding(store, found.id, (), lambda: NOW)


def test_a_report_of_abuse_names_its_own_playbook(tmp_path: Path) -> None:
    path = tmp_path / "abuse.eml"
    path.write_bytes(samples.mail(*samples.BY_KIND["abuse-report"][0]))
    with pytest.raises(UsageError, match="mail_is_abuse"):
        by_mail(path, NOW)


def account(number: str, answer: str = "") -> Any:
    """A door whose GetUser and GetRole answer, or are refused with this code."""

    def call(operation: str, _region: str, _parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        if answer:
            raise Refusal(call=operation, kind=GapKind.REFUSED, code=answer, message="")
        return {}

    return SimpleNamespace(account=SimpleNamespace(id=number), call=call)


@pytest.mark.parametrize("kind", ["user", "role"])
def test_of_several_accounts_the_one_that_has_the_name_is_meant(kind: str) -> None:
    doors = [account("111111111111", "NoSuchEntity"), account("222222222222"), account("333333333333", "NoSuchEntity")]
    assert door_for(Suspect(kind=kind, **{kind: "deploy"}), doors).account.id == "222222222222"


@pytest.mark.parametrize(
    ("answers", "text", "has", "unread"),
    [
        (("", ""), "respond.user_in_several", ["1", "2"], ["—"]),
        (("", "AccessDenied"), "respond.user_in_several", ["1"], ["2"]),
        (("NoSuchEntity", "AccessDenied"), "respond.user_nowhere", [], ["2"]),
        (("NoSuchEntity", "NoSuchEntity"), "respond.user_nowhere", [], ["—"]),
    ],
)
def test_a_name_that_is_not_in_one_account_alone_says_who_has_it_and_who_was_not_asked(
    answers: tuple[str, ...], text: str, has: list[str], unread: list[str]
) -> None:
    doors = [account(str(number), answer) for number, answer in enumerate(answers, 1)]
    with pytest.raises(UsageError) as caught:
        door_for(Suspect(kind="user", user="deploy"), doors)
    assert (caught.value.text, caught.value.values["has"], caught.value.values["unread"]) == (text, has, unread)
