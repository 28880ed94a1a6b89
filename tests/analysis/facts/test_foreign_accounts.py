from typing import Any

import pytest
from tests.analysis.facts.events import OWN, SIBLING, STRANGER, call, told

KEY = "arn:aws:kms:ap-northeast-1:{}:key/1"


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (None, ()),
        ("text", ()),
        ({"keyId": KEY.format(STRANGER)}, (STRANGER,)),
        ({"keyId": KEY.format(OWN), "other": [{"deep": KEY.format(SIBLING)}]}, ()),
        ({"keyId": "alias/x", "roleArn": "arn:aws-cn:iam::999988887777:role/r"}, (STRANGER,)),
        ({"policy": f'{{"Principal": "{KEY.format(STRANGER)}", "Resource": "{KEY.format(SIBLING)}"}}'}, (STRANGER,)),
        ({"policyArn": "arn:aws:iam::aws:policy/AdministratorAccess", "bucket": "arn:aws:s3:::elsewhere"}, ()),
        ({"Rule": [{"Destination": {"Account": STRANGER}}, {"Destination": {"Account": SIBLING}}]}, (STRANGER,)),
        ({"registryId": STRANGER, "name": "123456789012"}, (STRANGER,)),
        ({"accountId": "12345", "Account": 999988887777}, (STRANGER,)),
    ],
)
def test_accounts_of_others_that_a_request_names(asked: Any, found: tuple[str, ...]) -> None:
    assert told("foreign_accounts", call("Any", asked)) == found


def test_the_accounts_are_bounded_and_told_once() -> None:
    asked = {"arns": [KEY.format(f"{number:012}") for number in range(1000)] * 2}
    found = told("foreign_accounts", call("Any", asked))
    assert isinstance(found, tuple)
    assert len(found) == len(set(found)) == 50
