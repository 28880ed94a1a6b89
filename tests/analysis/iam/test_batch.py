import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.analysis.iam.policies import ALICE, OBJECT, allow, document
from tests.analysis.iam.test_account import inline, user

from sakimori.analysis.iam.account import iam_account
from sakimori.analysis.iam.answer import Decision
from sakimori.analysis.iam.batch import LineError, answer_line, plain_answer

LINE: dict[str, Any] = {
    "principal_arn": ALICE, "action": "s3:GetObject", "resource": OBJECT, "policies": {"identity": [document(allow("s3:*"))]},
}  # fmt: skip


def test_answer_has_a_decision_and_its_reasons() -> None:
    told = plain_answer(answer_line(json.dumps(LINE).encode()))
    assert told == {
        "decision": "allowed",
        "reasons": [{"kind": "identity", "effect": "Allow", "policy": "identity[0]", "statement": 0, "line": 4}],
    }


def test_principal_of_a_given_account_needs_no_policies() -> None:
    account = iam_account([user("alice", UserPolicyList=inline(allow("iam:*")))])
    line = json.dumps({"principal": "alice", "action": "iam:CreateUser", "resource": ALICE}).encode()
    assert answer_line(line, account).decision == "allowed"
    with pytest.raises(LineError, match="no_policies"):
        answer_line(line)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"action": "GetObject"}, "action"),
        ({"action": 3}, "not_read"),
        ({"principal_arn": "alice"}, "principal"),
        ({"context": {"k": {}}}, "context"),
        ({"policies": {"identity": [{}]}}, "document"),
        ({"policies": {"identities": []}}, "policies"),
        ({"policies": 3}, "policies"),
        ({"policies": {"resource": [document(allow("s3:*"))]}}, "policies"),
        ({"sesion": []}, "not_read"),
        ({"context": {"A": 1, "a": 2}}, "context_twice"),
        ({"context": {"A": None, "a": 2}}, "context_twice"),
        ({"principal": "alice"}, "beside_principal"),
    ],
)
def test_line_that_is_not_understood_says_what_is_wrong(change: dict[str, Any], reason: str) -> None:
    with pytest.raises(LineError) as caught:
        answer_line(json.dumps({**LINE, **change}).encode())
    assert caught.value.reason == reason


@given(st.binary(max_size=80))
def test_bytes_that_are_no_request_are_refused(line: bytes) -> None:
    with pytest.raises(LineError):
        answer_line(line)


def test_empty_list_of_boundaries_or_session_policies_is_none() -> None:
    line = {
        **LINE,
        "policies": {**LINE["policies"], "boundary": [], "session": [], "scp": [], "rcp": [], "resource": None},
    }
    assert answer_line(json.dumps(line).encode()).decision == "allowed"


def test_key_whose_policy_was_not_told_is_unknown() -> None:
    line = {**LINE, "action": "kms:Decrypt", "resource": "arn:aws:kms:us-east-1:111122223333:key/1", "policies": {"identity": [document(allow("kms:*"))]}}  # fmt: skip
    assert answer_line(json.dumps(line).encode()).decision == "unknown"


def test_document_half_in_url_encoding_is_read_with_its_lines() -> None:
    text = "{%22Statement%22:[{%22Effect%22:%22Allow%22,%22Action%22:%22s3:*%22,%22Resource%22:%22*%22}]}"
    line = json.dumps({**LINE, "policies": {"identity": [text]}}).encode()
    assert plain_answer(answer_line(line))["decision"] == "allowed"


def test_document_nested_without_end_is_refused_as_a_document() -> None:
    text = '{"Statement":' + "[" * 3000 + "]" * 3000 + "}"
    with pytest.raises(LineError) as caught:
        answer_line(json.dumps({**LINE, "policies": {"identity": [text]}}).encode())
    assert caught.value.reason == "document"


def test_deep_line_is_refused() -> None:
    with pytest.raises(LineError):
        answer_line(b'{"action":"s3:GetObject","context":{"k":' + b"[" * 5000 + b"]" * 5000 + b"}}")


def test_line_that_names_somebody_of_the_account_takes_nothing_beside_it() -> None:
    account = iam_account([user("alice", UserPolicyList=inline(allow("s3:*")))])
    for more in (
        {"policies": {}},
        {"principal_arn": ALICE},
        {"is_management_account": None},
        {"is_service_linked": False},
    ):
        line = json.dumps({"principal": "alice", "action": "s3:GetObject", "resource": OBJECT, **more}).encode()
        with pytest.raises(LineError) as caught:
            answer_line(line, account)
        assert (caught.value.reason, caught.value.words) == ("beside_principal", next(iter(more)))


def test_who_is_not_in_a_listing_that_is_not_whole_may_exist() -> None:
    line = json.dumps({"principal": "bob", "action": "s3:GetObject"}).encode()
    for records, reason in (([], "no_such_principal"), ([{"UserName": "bob"}], "no_such_principal_partly")):
        with pytest.raises(LineError) as caught:
            answer_line(line, iam_account([user("alice"), *records]))
        assert caught.value.reason == reason


@pytest.mark.parametrize(
    "text",
    [
        '{"action": "s3:GetObject", "action": "s3:PutObject", "resource": "*", "policies": {}}',
        '{"action": "s3:GetObject", "context": {"aws:SourceIp": "1.2.3.4", "aws:SourceIp": "5.6.7.8"}, "policies": {}}',
        '{"action": "s3:GetObject", "policies": {"identity": [], "identity": [{}]}}',
        (
            '{"action": "s3:GetObject", "policies": {"identity": [{"Statement": [{"Effect": "Deny", "Effect": "Allow", '
            '"Action": "*", "Resource": "*"}]}]}}'
        ),
    ],
)
def test_what_stands_twice_in_one_object_is_refused(text: str) -> None:
    with pytest.raises(LineError) as caught:
        answer_line(text.encode())
    assert "twice" in caught.value.words


def test_a_line_that_names_no_resource_asks_of_any() -> None:
    some = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/x*"}],
    }
    whole = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
    line = {"principal_arn": "arn:aws:iam::111122223333:user/alice", "action": "s3:GetObject"}

    def decided(policy: object) -> Decision:
        return answer_line(json.dumps({**line, "policies": {"identity": [policy]}}).encode()).decision

    assert (decided(some), decided(whole)) == (Decision.UNKNOWN, Decision.ALLOWED)
    literal = json.dumps({**line, "resource": "*", "policies": {"identity": [some]}})
    assert answer_line(literal.encode()).decision is Decision.IMPLICIT_DENY


_NAMES = st.sampled_from(['"a"', '"A"', '"b"', r'"\u0061"', r'"\u00e9"', '"é"', '"policies"'])
_VALUES = st.sampled_from(
    ['"x"', "1", "1.0", "1e2", "true", "null", "[]", '["a", "b"]', r'"\u0061"', '"\\"policies\\": 0"']
)


@pytest.mark.slow
@given(pairs=st.lists(st.tuples(_NAMES, _VALUES), max_size=4), blank=st.sampled_from(["", " ", "\n  "]))
def test_a_name_twice_is_found_however_it_is_written(pairs: list[tuple[str, str]], blank: str) -> None:
    context = "{" + ("," + blank).join(f"{name}:{blank}{value}" for name, value in pairs) + "}"
    rest = {**LINE, "context": 0}
    line = json.dumps(rest, ensure_ascii=False).replace('"context": 0', f'"context":{blank}{context}')
    names = [json.loads(name) for name, _ in pairs]
    if len(set(map(str.lower, names))) == len(names):
        assert answer_line(line.encode()).decision is Decision.ALLOWED
    else:
        with pytest.raises(LineError):
            answer_line(line.encode())


@pytest.mark.parametrize("name", ['"policies"', r'"policie\u0073"', '"policies" '])
def test_policies_are_found_under_any_spelling_of_their_name(name: str) -> None:
    line = json.dumps({"context": {"a": '"policies": {}'}, **LINE}).replace('"policies": {"id', f'{name}:   {{"id')
    assert answer_line(line.encode()).decision is Decision.ALLOWED
    with pytest.raises(LineError, match="not_read"):
        answer_line((line[:-1] + ', "policies": {}}').encode())
