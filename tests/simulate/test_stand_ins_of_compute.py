"""What moto lacks of functions, platforms and registries is answered from state that calls change."""

import io
import zipfile
from typing import Any

from sakimori.simulate.server import SimulatedAccount


def _function(account: SimulatedAccount) -> Any:
    client = account.client("lambda")
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("main.py", "")
    client.create_function(
        FunctionName="f",
        Runtime="python3.13",
        Handler="main.handler",
        Role=f"arn:aws:iam::{account.account_id}:role/r",
        Code={"ZipFile": code.getvalue()},
    )
    return client


def test_the_url_of_a_function_is_listed_as_it_stands(account: SimulatedAccount, refusal_of: Any) -> None:
    account.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument="{}")
    client = _function(account)
    assert client.list_function_url_configs(FunctionName="f")["FunctionUrlConfigs"] == []
    client.create_function_url_config(FunctionName="f", AuthType="NONE")
    (url,) = client.list_function_url_configs(FunctionName="f")["FunctionUrlConfigs"]
    assert (url["AuthType"], url["InvokeMode"]) == ("NONE", "BUFFERED")
    client.update_function_url_config(FunctionName="f", AuthType="AWS_IAM")
    assert client.list_function_url_configs(FunctionName="f")["FunctionUrlConfigs"][0]["AuthType"] == "AWS_IAM"
    client.delete_function_url_config(FunctionName="f")
    assert client.list_function_url_configs(FunctionName="f")["FunctionUrlConfigs"] == []
    missing = refusal_of(client.list_function_url_configs, FunctionName="none")
    assert missing[::2] == ("ResourceNotFoundException", 404)
