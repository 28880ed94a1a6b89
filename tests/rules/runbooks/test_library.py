"""What somebody means who types a finding type, a part of one, or a word."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sakimori.model.errors import UsageError
from sakimori.rules.runbooks.library import load_library

LIBRARY = load_library()
NAMES = sorted(name for book in LIBRARY.runbooks.values() for name in book.types)
EXFILTRATION = "UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS"


def ids(asked: str) -> list[str]:
    return [each.runbook.id for each in LIBRARY.meant(asked)]


def test_a_type_is_known_in_whatever_letters() -> None:
    assert (
        ids(EXFILTRATION) == ids(EXFILTRATION.lower()) == ids(f" {EXFILTRATION.upper()} ") == ["iam-credential-theft"]
    )


def test_a_type_that_begins_another_is_itself() -> None:
    [meant] = LIBRARY.meant("Recon:IAMUser/MaliciousIPCaller")
    assert [each.name for each in meant.types] == ["Recon:IAMUser/MaliciousIPCaller"]


def test_a_beginning_stands_for_all_that_begin_so() -> None:
    [meant] = LIBRARY.meant("UnauthorizedAccess:IAMUser/InstanceCredential")
    assert {each.name.rpartition(".")[2] for each in meant.types} == {"OutsideAWS", "InsideAWS"}


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("ec2-cryptocurrency", "ec2-cryptocurrency"), ("bitcoin", "ec2-cryptocurrency"), ("portscan", "ec2-brute-force"),
        ("マイニング", "runtime-cryptocurrency"), ("rds", "rds-login"), ("踏み台", "ec2-backdoor"), ("mfa", "custom-identity"),
    ],
)  # fmt: skip
def test_a_word_finds_its_runbooks(asked: str, expected: str) -> None:
    assert expected in ids(asked)


def test_a_family_stands_for_all_of_its_runbooks() -> None:
    assert set(ids("s3")) >= {"s3-data-access", "s3-destruction", "s3-public", "s3-blinded"}


def test_one_type_of_two_custom_rules_in_two_runbooks_gives_both() -> None:
    found = LIBRARY.meant("DefenseImpairment:EC2/DisableOrModifyTools")
    assert {each.name for meant in found for each in meant.types} == {
        "EC2TerminationProtectionEnabled",
        "VPCFlowLogsDeleted",
    }
    assert len(found) == 2


def test_a_type_that_aws_made_later_gives_what_speaks_of_the_same_resource_and_purpose() -> None:
    found = LIBRARY.meant("CryptoCurrency:EC2/SomethingNew")
    assert [each.runbook.id for each in found] == ["ec2-cryptocurrency"]
    assert all(each.is_near for each in found)
    others = LIBRARY.meant("NewPurpose:S3/SomethingNew")
    assert all(each.is_near for each in others)
    assert {each.runbook.family for each in others} >= {"s3"}


@pytest.mark.parametrize("asked", ["", "   ", "no such thing", "Some:Toaster/Thing", ":/", "x" * 10_000])
def test_what_means_nothing_is_refused_with_a_sentence(asked: str) -> None:
    with pytest.raises(UsageError) as told:
        LIBRARY.meant(asked)
    assert told.value.text == "runbook.nothing_meant"
    assert len(str(told.value.values["asked"])) <= 200


def test_a_slip_is_answered_with_what_was_meant() -> None:
    with pytest.raises(UsageError) as told:
        LIBRARY.meant("ec2-cryptocurency")
    assert told.value.values["near"] == "ec2-cryptocurrency"


def test_a_playbook_is_known_by_its_id_or_the_only_one_with_a_word() -> None:
    assert LIBRARY.playbook("leaked-root-key").id == "leaked-root-key"
    assert LIBRARY.playbook("フィッシング").id == "stolen-console-password"
    assert LIBRARY.playbook("Abuse Report").id == "instance-attacks-others"
    for asked in ("", "toaster", "-"):
        with pytest.raises(UsageError) as told:
            LIBRARY.playbook(asked)
        assert told.value.text == "runbook.no_such_playbook"


@settings(deadline=None)
@given(st.sampled_from([name for name in NAMES if ":" in name]), st.integers(0, 60))
def test_every_beginning_of_a_type_from_its_colon_on_finds_its_runbook(name: str, length: int) -> None:
    beginning = name[: name.index(":") + 1 + length]
    book = LIBRARY.of_type(name)[0].runbook.id
    found = LIBRARY.meant(beginning)
    exact = [each for each in found if any(kind.name.lower() == beginning.lower() or kind.seen_as.lower() == beginning.lower() for kind in each.types)]  # fmt: skip
    assert exact or beginning.lower() in LIBRARY.runbooks or book in {each.runbook.id for each in found}


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60))
def test_whatever_is_typed_is_answered_or_refused(asked: str) -> None:
    try:
        found = LIBRARY.meant(asked)
    except UsageError:
        return
    assert found
