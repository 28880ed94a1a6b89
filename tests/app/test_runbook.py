"""A runbook for a finding of the store: what is known stands in its commands, and nothing of an outsider's making."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.findings.inbox_world import act, keep

from sakimori.app.runbook import answer, filled
from sakimori.model.detection import Detection
from sakimori.model.errors import UsageError
from sakimori.rules.runbooks.form import VARIABLES
from sakimori.state.store import open_store

TYPE = "UnauthorizedAccess:IAMUser/MaliciousIPCaller"
KEY = "AKIAIOSFODNN7EXAMPLE"
DETECTOR = "arn:aws:guardduty:ap-northeast-1:111122223333:detector/" + "ab" * 16
NATIVE = "9cb1f0a2" * 4


def guardduty(**more: Any) -> Detection:
    usual = {
        "rule": TYPE, "producer": "guardduty", "native_id": f"{DETECTOR}/finding/{NATIVE}", "source": "",
        "origins": ("203.0.113.7",), "evidence": {"access_key_id": KEY},
    }  # fmt: skip
    return act(**{**usual, **more})


def home_with(home: Path, *found: Detection) -> Path:
    with open_store(home / "state.db") as store:
        keep(store, *found)
    return home


def test_a_type_is_answered_without_a_store_and_none_is_made(tmp_path: Path) -> None:
    found = answer(tmp_path, TYPE)
    assert [each.runbook.id for each in found.meant] == ["iam-bad-address"]
    assert (found.finding, dict(found.values)) == (None, {})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_finding_is_known_by_our_id_its_beginning_guarddutys_id_and_its_arn(tmp_path: Path) -> None:
    told = guardduty()
    home = home_with(tmp_path, told)
    for asked in (told.id, told.id[:8], told.id[:8].upper(), NATIVE, f"{DETECTOR}/finding/{NATIVE}"):
        found = answer(home, asked)
        assert found.finding is not None
        assert found.finding.id == told.id
        assert [kind.name for each in found.meant for kind in each.types] == [TYPE]


@pytest.mark.slow
def test_what_the_finding_tells_is_filled_in(tmp_path: Path) -> None:
    instance = "arn:aws:ec2:ap-northeast-1:111122223333:instance/i-0123456789abcdef0"
    told = guardduty(resources=(instance, "arn:aws:s3:::example-bucket/some/key"))
    values = answer(home_with(tmp_path, told), told.id).values
    assert values["key_id"] == KEY
    assert values["user"] == "alice"
    assert values["ip"] == "203.0.113.7"
    assert values["instance"] == "i-0123456789abcdef0"
    assert values["bucket"] == "example-bucket"
    assert values["resource"] == instance
    assert filled("sakimori investigate key {key_id}", values) == f"sakimori investigate key {KEY}"
    assert "role" not in values


def test_the_role_is_that_of_the_principal_or_of_the_instance(tmp_path: Path) -> None:
    profile = {"instance_profile": "arn:aws:iam::111122223333:instance-profile/web"}
    told = guardduty(principal="", evidence=profile)
    assert answer(home_with(tmp_path, told), told.id).values["role"] == "web"


@pytest.mark.parametrize(
    "hostile", ["$(reboot)", "a; rm -rf /", "--yes", "a\nb", "`id`", "x y", "a'b", "a\u202eb", "[31m", "", "a" * 300]
)  # fmt: skip
def test_what_could_do_harm_in_a_shell_is_left_out(tmp_path: Path, hostile: str) -> None:
    told = guardduty(
        principal=f"arn:aws:iam::111122223333:user/{hostile}", origins=(hostile,), resources=(f"arn:aws:s3:::{hostile}",),
        evidence={"access_key_id": hostile},
    )  # fmt: skip
    values = answer(home_with(tmp_path, told), told.id).values
    assert not {"key_id", "ip", "user", "bucket"} & values.keys()
    assert filled("sakimori investigate key {key_id}", values) == "sakimori investigate key KEY-ID"


@pytest.mark.slow
@given(st.text(max_size=40))
def test_only_plain_texts_ever_stand_in_a_command(text: str) -> None:
    from sakimori.app.runbook import _values  # noqa: PLC0415

    told = guardduty(
        principal=f"arn:aws:iam::111122223333:role/{text}", origins=(text,), resources=(text, f"arn:aws:s3:::{text}"),
        evidence={"access_key_id": text, "instance_profile": f"x:instance-profile/{text}"}, region=text,
    )  # fmt: skip
    for value in dict(_values(told)).values():
        assert not set(value) & set(" \t\r\n;|&$`'\"\\<>()*?[]{}!#~")
        assert not value.startswith("-")


def test_a_type_that_no_runbook_names_gives_those_of_the_same_resource(tmp_path: Path) -> None:
    told = guardduty(rule="Backdoor:EC2/MadeLater")
    found = answer(home_with(tmp_path, told), told.id)
    assert [each.runbook.id for each in found.meant] == ["ec2-backdoor"]
    assert all(each.is_near for each in found.meant)


def test_a_finding_of_others_is_refused_with_the_way_to_see_it(tmp_path: Path) -> None:
    told = act()
    with pytest.raises(UsageError) as refused:
        answer(home_with(tmp_path, told), told.id)
    assert refused.value.text == "runbook.not_guardduty"


@pytest.mark.slow
def test_an_id_that_is_in_no_store_is_refused(tmp_path: Path) -> None:
    for home in (tmp_path, home_with(tmp_path, guardduty())):
        with pytest.raises(UsageError) as refused:
            answer(home, "0123456789ab")
        assert refused.value.text == "runbook.nothing_meant"


def test_every_place_of_a_command_has_a_word_where_nothing_is_known() -> None:
    for name, word in VARIABLES.items():
        assert filled(f"{{{name}}}", {}) == word
