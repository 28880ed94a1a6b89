from tests.actions.staging import HOME, Stage, holds_and_is_taken_back

from sakimori.actions.fix.table_recoverable import STEP
from sakimori.actions.plan import Item, Standing
from sakimori.simulate.faults import Fault, Kind

NAME = "orders"
ARN = f"arn:aws:dynamodb:{HOME}:606060606060:table/{NAME}"


def make_table(stage: Stage) -> None:
    stage.client("dynamodb").create_table(
        TableName=NAME,
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )


def turn_on(stage: Stage, days: int) -> None:
    setting = {"PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": days}
    stage.client("dynamodb").update_continuous_backups(TableName=NAME, PointInTimeRecoverySpecification=setting)


def item_of(stage: Stage) -> Item:
    (item,) = stage.plan(STEP, (HOME, ARN)).items
    return item


def test_the_table_can_be_brought_back_and_no_longer_after_an_undo(stage: Stage) -> None:
    make_table(stage)
    holds_and_is_taken_back(stage, STEP, (HOME, ARN))


def test_a_table_that_can_be_brought_back_keeps_its_days_and_one_that_is_gone_is_left_alone(stage: Stage) -> None:
    assert item_of(stage).standing is Standing.AS_WANTED
    make_table(stage)
    turn_on(stage, 7)
    assert item_of(stage).standing is Standing.AS_WANTED


def test_an_undo_asks_for_the_name_of_the_table(stage: Stage) -> None:
    make_table(stage)
    plan = stage.plan(STEP, (HOME, ARN))
    assert stage.hand().loses(plan.items[0]) == ""
    stage.apply(plan)
    assert stage.hand().loses(plan.items[0]) == NAME


def test_it_is_said_what_it_is_charged_by_or_that_this_could_not_be_looked_at(stage: Stage) -> None:
    make_table(stage)
    (caution,) = item_of(stage).cautions
    assert (caution.text, caution.values) == ("fix_data.table_recoverable_cost", {"name": NAME, "gb": 0.0})
    stage.simulated.faults.add(Fault(kind=Kind.DENY, match="dynamodb:DescribeTable"))
    assert [each.text for each in item_of(stage).cautions] == ["fix_data.table_recoverable_unseen"]
