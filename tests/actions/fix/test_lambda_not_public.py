import io
import json
import zipfile
from typing import Any

import pytest
from moto.awslambda.models import lambda_backends
from tests.actions.staging import HOME, Stage, holds_and_is_taken_back

from sakimori.actions.fix.lambda_not_public import STEP
from sakimori.actions.fix.lambda_url_signed import STEP as URL
from sakimori.actions.plan import Item, Standing

ACCOUNT = "606060606060"
NAME = "thumbnail"
ARN = f"arn:aws:lambda:{HOME}:{ACCOUNT}:function:{NAME}"
BUCKET = {"Principal": "s3.amazonaws.com", "SourceArn": "arn:aws:s3:::uploads-of-somebody"}
PARTNER = {"Principal": "arn:aws:iam::111122223333:root"}


def make_function(stage: Stage) -> Any:
    iam = stage.client("iam")
    role = iam.create_role(RoleName="thumbnail", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("main.py", "")
    client = stage.client("lambda")
    client.create_function(
        FunctionName=NAME, Runtime="python3.13", Role=role, Handler="main.main", Code={"ZipFile": archive.getvalue()}
    )
    return client


def let(client: Any, sid: str, **grant: Any) -> None:
    client.add_permission(FunctionName=NAME, StatementId=sid, Action="lambda:InvokeFunction", **grant)


def statements(client: Any) -> dict[str, Any]:
    return {each["Sid"]: each for each in json.loads(client.get_policy(FunctionName=NAME)["Policy"])["Statement"]}


def item_of(stage: Stage, resource: str = ARN) -> Item:
    (item,) = stage.plan(STEP, (HOME, resource)).items
    return item


@pytest.mark.parametrize(
    "grant",
    [
        {"Principal": "*"},
        {"Principal": "*", "FunctionUrlAuthType": "NONE"},
        {"Principal": "*", "InvokedViaFunctionUrl": True},
        BUCKET,
    ],
    ids=["everybody", "url", "called by url", "any bucket"],
)
def test_what_lets_everybody_call_is_taken_out_and_put_back(stage: Stage, grant: Any) -> None:
    client = make_function(stage)
    let(client, "partner", **PARTNER)
    let(client, "open", **grant)
    before = statements(client)
    holds_and_is_taken_back(stage, STEP, (HOME, ARN))
    assert statements(client) == before


def test_statements_for_those_who_were_chosen_stay(stage: Stage) -> None:
    client = make_function(stage)
    let(client, "partner", **PARTNER)
    let(client, "organization", Principal="*", PrincipalOrgID="o-a1b2c3d4e5")
    let(client, "uploads", **BUCKET, SourceAccount=ACCOUNT)
    assert item_of(stage).standing is Standing.AS_WANTED
    let(client, "open", Principal="*")
    stage.apply(stage.plan(STEP, (HOME, ARN)))
    assert list(statements(client)) == ["partner", "organization", "uploads"]


def test_what_was_added_after_the_fix_survives_the_undo(stage: Stage) -> None:
    client = make_function(stage)
    let(client, "open", Principal="*")
    stage.apply(stage.plan(STEP, (HOME, ARN)))
    let(client, "partner", **PARTNER)
    stage.undo()
    assert list(statements(client)) == ["partner", "open"]


def test_buckets_of_this_account_go_on_calling(stage: Stage) -> None:
    client = make_function(stage)
    let(client, "uploads", **BUCKET)
    stage.apply(stage.plan(STEP, (HOME, ARN)))
    (made,) = statements(client).values()
    assert made["Sid"] == "sakimori-uploads"
    assert made["Condition"]["StringEquals"] == {"AWS:SourceAccount": ACCOUNT}
    assert made["Condition"]["ArnLike"] == {"AWS:SourceArn": BUCKET["SourceArn"]}


def test_a_statement_that_could_not_be_written_again_is_left_to_a_person(stage: Stage) -> None:
    client = make_function(stage)
    let(client, "open", Principal="*")
    policy(stage).statements[0]["Action"] = ["lambda:InvokeFunction", "lambda:GetFunction"]
    item = item_of(stage)
    assert (item.standing, item.reason) == (Standing.UNSAID, "fix_data.lambda_not_public_by_hand")


def test_a_statement_of_which_nobody_can_say_whom_it_lets_in_stays(stage: Stage) -> None:
    client = make_function(stage)
    let(client, "unclear", Principal="*")
    policy(stage).statements[0]["Condition"] = {"StringNotEquals": {"aws:SourceVpc": "vpc-1"}}
    assert item_of(stage).standing is Standing.AS_WANTED


def test_a_function_without_a_policy_and_one_that_is_gone_are_left_alone(stage: Stage) -> None:
    make_function(stage)
    assert item_of(stage).standing is Standing.AS_WANTED
    assert item_of(stage, f"{ARN}-of-yesterday").standing is Standing.AS_WANTED


def test_it_is_said_who_is_refused_afterwards(stage: Stage) -> None:
    client = make_function(stage)
    let(client, "open", Principal="*", FunctionUrlAuthType="NONE")
    let(client, "uploads", **BUCKET)
    assert [each.text for each in item_of(stage).cautions] == [
        "fix_data.lambda_not_public_url",
        "fix_data.lambda_not_public_buckets",
        "fix_data.lambda_not_public_callers",
    ]


def test_a_function_url_asks_for_signatures_and_no_longer_after_an_undo(stage: Stage) -> None:
    client = make_function(stage)
    cors = {"AllowOrigins": ["https://example.com"]}
    client.create_function_url_config(FunctionName=NAME, AuthType="NONE", Cors=cors)
    holds_and_is_taken_back(stage, URL, (HOME, ARN))
    assert client.get_function_url_config(FunctionName=NAME)["Cors"] == cors


def test_a_function_url_that_asks_for_signatures_or_is_not_there_is_left_alone(stage: Stage) -> None:
    client = make_function(stage)
    assert [each.standing for each in stage.plan(URL, (HOME, ARN)).items] == [Standing.AS_WANTED]
    client.create_function_url_config(FunctionName=NAME, AuthType="AWS_IAM")
    assert [each.standing for each in stage.plan(URL, (HOME, ARN)).items] == [Standing.AS_WANTED]


def policy(stage: Stage) -> Any:
    """The policy as the simulated account keeps it, to write what AddPermission does not."""
    return lambda_backends[stage.door.account.id][HOME].get_function(NAME).policy
