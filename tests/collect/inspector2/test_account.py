from collections.abc import Callable
from typing import Any


def test_a_region_where_inspector_answers_for_no_account_is_a_row_that_knows_nothing(
    fake_door: Callable[..., Any], read: Callable[..., Any]
) -> None:
    failed = {"accounts": [], "failedAccounts": [{"accountId": "123456789012", "errorCode": "ACCESS_DENIED"}]}
    row = read("aws_inspector2_account", fake_door(inspector2__BatchGetAccountStatus=failed)).only
    assert {row["scans_ec2"], row["scans_ecr"], row["scans_lambda"], row["scans_lambda_code"]} == {None}


def test_a_type_that_aws_leaves_out_is_not_known(fake_door: Callable[..., Any], read: Callable[..., Any]) -> None:
    state = {"ec2": {"status": "ENABLED"}, "ecr": {"status": "SUSPENDED"}}
    answer = {"accounts": [{"accountId": "1", "state": {"status": "ENABLED"}, "resourceState": state}]}
    row = read("aws_inspector2_account", fake_door(inspector2__BatchGetAccountStatus=answer)).only
    assert (row["scans_ec2"], row["scans_ecr"], row["scans_lambda"]) == (True, False, None)
