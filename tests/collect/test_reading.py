"""Reading one unit: what is absent, what is refused, and that neither is taken for the other."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sakimori.aws.refusal import Refusal
from sakimori.collect.declaration import (
    BOOLEAN,
    ITSELF,
    TEXT,
    Call,
    Context,
    Declaration,
    Malformed,
    Reader,
    Record,
    call,
    col,
    table,
)
from sakimori.collect.memo import CallMemo, means_absent
from sakimori.model.words import GapKind, Scope

LIST = call("box:List", "Boxes")
LOCK = call("box:GetLock", "Lock", with_={"Name": "Name"}, absent=("NoLock", "Odd:there is no lock"))


def boxes(**changes: Any) -> Declaration:
    declared: dict[str, Any] = {
        "key": "name",
        "scope": Scope.REGION,
        "rows": LIST,
        "each": [LOCK],
        "columns": [
            col("name", TEXT, "Its name.", "Name"),
            col("color", TEXT, "Its color.", "Color"),
            col("label", TEXT, "Its label; '' where it has none.", "Label", when_absent=""),
            col("is_locked", BOOLEAN, "It is locked.", "Lock.Closed", when_absent=False),
            col("has_lock", BOOLEAN, "It has a lock.", lambda record, _: "Lock" in record, needs=["Lock"]),
        ],
    }
    return table("box", "Boxes.", **{**declared, **changes})


TWO = {"Boxes": [{"Name": "a", "Color": "red"}, {"Name": "b"}]}


def test_what_aws_leaves_out_is_unknown_unless_absence_has_a_value(
    fake_door: Callable[..., Any], read: Callable[..., Any]
) -> None:
    found = read(boxes(), fake_door(box__List=TWO, box__GetLock={"Lock": {"Closed": True}}))
    assert found.rows["a"]["color"] == "red"
    assert found.rows["b"]["color"] is None
    assert found.rows["b"]["label"] == ""
    assert found.rows["b"]["is_locked"] is True
    assert found.unit.is_read
    assert found.unit.row_count == 2


@pytest.mark.parametrize(("code", "message"), [("NoLock", "none"), ("Odd", "Sorry, There Is No Lock here")])
def test_a_detail_that_aws_calls_absent_is_a_value_and_no_gap(
    fake_door: Callable[..., Any], read: Callable[..., Any], refusal: Callable[..., Any], code: str, message: str
) -> None:
    found = read(boxes(), fake_door(box__List=TWO, box__GetLock=refusal(code, message)))
    assert (found.rows["a"]["is_locked"], found.rows["a"]["has_lock"]) == (False, False)
    assert found.unit.gaps == ()


@pytest.mark.parametrize(("code", "message"), [("AccessDenied", "there is no lock"), ("Odd", "another trouble")])
def test_a_detail_that_is_refused_is_unknown_and_a_gap_of_that_row(
    fake_door: Callable[..., Any], read: Callable[..., Any], refusal: Callable[..., Any], code: str, message: str
) -> None:
    door = fake_door(
        box__List=TWO,
        box__GetLock=lambda asked: refusal(code, message) if asked["Name"] == "a" else {"Lock": {"Closed": True}},
    )
    found = read(boxes(), door)
    assert (found.rows["a"]["is_locked"], found.rows["a"]["has_lock"]) == (None, None)
    assert found.rows["b"]["is_locked"] is True
    (gap,) = found.unit.gaps
    assert (gap.parent, gap.call, gap.code, gap.region) == ("a", "box:GetLock", code, "us-east-1")
    assert found.unit.is_read


def test_a_refused_listing_leaves_the_unit_unread_without_rows(
    fake_door: Callable[..., Any], read: Callable[..., Any], refusal: Callable[..., Any]
) -> None:
    found = read(boxes(), fake_door(box__List=refusal()))
    assert found.rows == {}
    assert not found.unit.is_read


def test_a_listing_refused_on_its_second_page_keeps_no_half(
    fake_door: Callable[..., Any], read: Callable[..., Any], refusal: Callable[..., Any]
) -> None:
    found = read(boxes(), fake_door(box__List=[TWO, refusal()], box__GetLock={}))
    assert found.rows == {}
    assert not found.unit.is_read


def test_an_item_without_a_key_is_a_gap_of_the_whole_unit(
    fake_door: Callable[..., Any], read: Callable[..., Any]
) -> None:
    found = read(
        boxes(each=[], columns=[col("name", TEXT, "Its name.", "Name")]),
        fake_door(box__List={"Boxes": [{"Color": "red"}]}),
    )
    assert found.rows == {}
    assert [gap.kind for gap in found.unit.gaps] == [GapKind.MALFORMED]
    assert not found.unit.is_read


def test_a_detail_without_meaning_for_an_item_is_not_asked_for(
    fake_door: Callable[..., Any], read: Callable[..., Any]
) -> None:
    lock = call("box:GetLock", "Lock", when="Color")
    door = fake_door(box__List=TWO, box__GetLock={"Lock": {"Closed": True}})
    found = read(boxes(each=[lock]), door)
    assert (found.rows["a"]["is_locked"], found.rows["b"]["is_locked"]) == (True, False)
    assert door.count("box:GetLock") == 1


def test_a_detail_that_hangs_on_an_unread_one_is_unread_too(
    fake_door: Callable[..., Any], read: Callable[..., Any], refusal: Callable[..., Any]
) -> None:
    kind = call("box:GetKind", "Kind")
    lock = call("box:GetLock", "Lock", when="Kind.Lockable")
    found = read(boxes(each=[kind, lock]), fake_door(box__List=TWO, box__GetKind=refusal()))
    assert found.rows["a"]["is_locked"] is None


def chain(second: Call) -> Declaration:
    columns = [col("name", TEXT, "Its name.", "Name"), col("shelf", TEXT, "Its shelf.", "shelf")]
    return boxes(rows=[call("box:ListShelves", "Shelves"), second], each=[], columns=columns)


def test_a_chain_asks_for_each_item_of_the_call_before_and_keeps_what_it_needs(
    fake_door: Callable[..., Any], read: Callable[..., Any]
) -> None:
    second = call("box:ListOnShelf", "Boxes", with_={"Shelf": "Id"}, keep={"shelf": "Id"})
    door = fake_door(
        box__ListShelves={"Shelves": [{"Id": "top"}, {"Id": "low"}]},
        box__ListOnShelf=lambda asked: {"Boxes": [{"Name": f"{asked['Shelf']}-1"}]},
    )
    assert {name: row["shelf"] for name, row in read(chain(second), door).rows.items()} == {
        "top-1": "top",
        "low-1": "low",
    }


def test_a_chain_in_batches_asks_for_so_many_at_a_time(fake_door: Callable[..., Any], read: Callable[..., Any]) -> None:
    second = call("box:BatchGet", "Boxes", batch="Names", batch_size=2)
    door = fake_door(
        box__ListShelves=[{"Shelves": ["a", "b"]}, {"Shelves": ["c"]}],
        box__BatchGet=lambda asked: {"Boxes": [{"Name": name} for name in asked["Names"]]},
    )
    assert set(read(chain(second), door).rows) == {"a", "b", "c"}
    assert [asked["Names"] for operation, _, asked in door.asked if operation == "box:BatchGet"] == [["a", "b"], ["c"]]


def test_one_refused_link_leaves_the_whole_unit_unread(
    fake_door: Callable[..., Any], read: Callable[..., Any], refusal: Callable[..., Any]
) -> None:
    second = call("box:ListOnShelf", "Boxes", with_={"Shelf": "Id"})
    door = fake_door(
        box__ListShelves={"Shelves": [{"Id": "top"}, {"Id": "low"}]},
        box__ListOnShelf=lambda asked: refusal() if asked["Shelf"] == "low" else {"Boxes": [{"Name": "a"}]},
    )
    found = read(chain(second), door)
    assert found.rows == {}
    assert not found.unit.is_read


def _items(record: Record, _context: Context) -> Iterator[Record | Malformed]:
    for name in record.get("Items", ()):
        yield (
            Malformed(parent=record["Name"], words="an odd thing")
            if name == "?"
            else {"id": name, "box": record["Name"]}
        )


def child(**changes: Any) -> Declaration:
    columns = [col("id", TEXT, "Its id.", "id"), col("box", TEXT, "Its box.", "box")]
    declared = {"key": "id", "parent": "box", "parent_key": "Name", "expand": _items, "columns": columns, "each": []}
    return boxes(**{**declared, **changes})


def test_an_expansion_makes_rows_and_says_which_parent_it_did_not_understand(
    fake_door: Callable[..., Any], read: Callable[..., Any]
) -> None:
    door = fake_door(
        box__List={"Boxes": [{"Name": "a", "Items": ["x", "y"]}, {"Name": "b", "Items": ["z", "?"]}, {"Name": "c"}]}
    )
    found = read(child(), door)
    assert {key: row["box"] for key, row in found.rows.items()} == {"x": "a", "y": "a", "z": "b"}
    assert [(gap.parent, gap.kind, gap.message) for gap in found.unit.gaps] == [
        ("b", GapKind.MALFORMED, "an odd thing")
    ]


def test_an_expansion_without_its_detail_makes_no_row_but_a_gap_of_that_parent(
    fake_door: Callable[..., Any], read: Callable[..., Any], refusal: Callable[..., Any]
) -> None:
    declared = child(each=[call("box:GetItems", "Items", with_={"Name": "Name"})], expand_needs=["Items"])
    door = fake_door(box__List=TWO, box__GetItems=lambda asked: refusal() if asked["Name"] == "a" else {"Items": ["x"]})
    found = read(declared, door)
    assert list(found.rows) == ["x"]
    assert [gap.parent for gap in found.unit.gaps] == ["a"]


def test_rows_carry_their_own_region_and_details_are_asked_for_there(
    fake_door: Callable[..., Any], read: Callable[..., Any]
) -> None:
    declared = boxes(scope=Scope.RESOURCE_REGION, row_region="Color", each=[LOCK])
    door = fake_door(box__List={"Boxes": [{"Name": "a", "Color": "eu-west-1"}]}, box__GetLock={})
    assert read(declared, door).only["region"] == "eu-west-1"
    assert [region for _, region, _ in door.asked] == ["global", "eu-west-1"]


def test_a_table_of_the_account_itself_has_one_row_with_the_accounts_own_id(
    fake_door: Callable[..., Any], read: Callable[..., Any]
) -> None:
    declared = boxes(
        rows=ITSELF,
        each=[call("box:GetLock", "Lock", AccountId="$account_id")],
        columns=[
            col("name", TEXT, "The account.", lambda _, context: context.account_id),
            col("is_locked", BOOLEAN, "It is locked.", "Lock", when_absent=False),
        ],
    )
    door = fake_door(box__GetLock={"Lock": True})
    assert read(declared, door).only["is_locked"] is True
    assert door.asked == [("box:GetLock", "us-east-1", {"AccountId": "123456789012"})]


def test_a_readers_refusal_is_a_gap_of_the_unit(fake_door: Callable[..., Any], read: Callable[..., Any]) -> None:
    def fail(_door: object, _region: str) -> list[Record]:
        raise Refusal(call="box:Read", kind=GapKind.THROTTLED, code="Throttling", message="slow")

    unit = read(boxes(rows=Reader(function=fail, operations=("box:Read",)), each=[]), fake_door()).unit
    assert [(gap.call, gap.kind, gap.parent) for gap in unit.gaps] == [("box:Read", GapKind.THROTTLED, "")]


def test_a_call_is_made_once_and_its_refusal_is_remembered(
    fake_door: Callable[..., Any], refusal: Callable[..., Any]
) -> None:
    door = fake_door(box__List=TWO, box__GetLock=refusal())
    memo = CallMemo(door)
    assert memo.pages("box:List", "us-east-1", {"a": 1, "b": 2}) == memo.pages(
        "box:List", "us-east-1", {"b": 2, "a": 1}
    )
    for _ in range(2):
        with pytest.raises(Refusal):
            memo.call("box:GetLock", "us-east-1", {})
    memo.pages("box:List", "eu-west-1", {"a": 1, "b": 2})
    assert (door.count("box:List"), door.count("box:GetLock")) == (2, 1)


def test_only_the_named_codes_mean_absent(refusal: Callable[..., Any]) -> None:
    assert means_absent(LOCK, refusal("NoLock"))
    assert not means_absent(LOCK, refusal("NoLockAtAll"))
    assert not means_absent(call("box:GetLock", "Lock"), refusal("NoLock"))
