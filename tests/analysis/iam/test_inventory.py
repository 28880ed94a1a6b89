"""What is unused, what may go in which order, and who left."""

import io
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from tests.analysis.iam.power_world import (
    ADMIN,
    allow,
    group,
    managed,
    policy_arn,
    role,
    role_arn,
    user,
    user_arn,
)

from sakimori.analysis.iam.account import iam_account
from sakimori.analysis.iam.cleanup import Phase, Step, cleanup_of
from sakimori.analysis.iam.inventory import Advice, Asking, Item, Kind, Use, inventory_of
from sakimori.analysis.iam.leavers import Leavers, Sureness, match_leavers, read_leavers, weighed
from sakimori.analysis.iam.powers import Level, powers_of
from sakimori.model.errors import UsageError

NOW = datetime(2026, 11, 27, tzinfo=UTC)
OLD = "2024-01-01T00:00:00+00:00"


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def credential(
    name: str, kind: str, used: float | None = None, made: float | None = 500, **more: Any
) -> dict[str, Any]:
    """A row of aws_iam_credential; `used` and `made` in days ago."""
    return {
        "user_arn": user_arn(name), "user_name": name, "kind": kind, "is_root": False, "is_active": made is not None,
        "has_mfa": False, "was_used": used is not None, "last_used_at": None if used is None else ago(used),
        "rotated_at": None if made is None else ago(made), "created_at": ago(900), **more,
    }  # fmt: skip


def credentials(name: str, **used: float | None) -> list[dict[str, Any]]:
    """All three of a user: those that are named exist."""
    kinds = ("password", "access_key_1", "access_key_2")
    return [credential(name, kind, used.get(kind), 500 if kind in used else None) for kind in kinds]


def take(
    *records: dict[str, Any], rows: Sequence[dict[str, Any]] | None = None, **more: Any
) -> dict[tuple[Kind, str], Item]:
    account = iam_account(records)
    given = {"unused_days": 90, "credentials": rows, **more}
    items = inventory_of(Asking(account=account, powers=powers_of(account), now=NOW, **given))
    return {(each.kind, each.name): each for each in items}


def plan(*records: dict[str, Any], rows: Sequence[dict[str, Any]] | None = None) -> tuple[Step, ...]:
    account = iam_account(records)
    asking = Asking(account=account, powers=powers_of(account), now=NOW, unused_days=90, credentials=rows)
    return cleanup_of(account, inventory_of(asking))


class TestUsers:
    def test_a_user_without_a_report_is_unknown_and_is_not_to_be_deleted(self) -> None:
        item = take(user("alice"))[Kind.USER, "alice"]
        assert (item.use, item.advice, item.because, item.has_mfa) == (Use.UNKNOWN, Advice.LOOK, "no_report", None)

    def test_a_user_whose_keys_and_password_are_idle_is_to_be_deleted(self) -> None:
        found = take(user("alice"), rows=credentials("alice", password=200, access_key_1=91))
        assert found[Kind.USER, "alice"].use is Use.UNUSED
        assert found[Kind.USER, "alice"].last_used_at == ago(91)
        assert found[Kind.USER, "alice"].advice is Advice.DELETE
        assert found[Kind.PASSWORD, "alice"].advice is Advice.DEACTIVATE

    def test_one_credential_in_use_keeps_the_user_and_the_idle_one_goes(self) -> None:
        found = take(user("alice"), rows=credentials("alice", password=3, access_key_2=200))
        assert found[Kind.USER, "alice"].advice is Advice.KEEP
        assert found[Kind.ACCESS_KEY, "alice/2"].advice is Advice.DEACTIVATE
        assert (Kind.ACCESS_KEY, "alice/1") not in found

    def test_a_credential_whose_use_could_not_be_read_makes_the_user_unknown(self) -> None:
        rows = credentials("alice", password=200)
        rows[0].update(was_used=None, last_used_at=None)
        found = take(user("alice"), rows=rows)
        assert found[Kind.USER, "alice"].use is Use.UNKNOWN
        assert found[Kind.PASSWORD, "alice"].advice is Advice.LOOK

    def test_a_user_that_is_younger_than_the_days_is_new(self) -> None:
        young = user("alice", CreateDate=ago(10).isoformat())
        rows = [credential("alice", "access_key_1", None, 10)]
        found = take(young, rows=rows)
        assert found[Kind.USER, "alice"].use is Use.NEW
        assert found[Kind.ACCESS_KEY, "alice/1"].advice is Advice.KEEP

    def test_the_days_are_those_that_were_asked_for(self) -> None:
        rows = credentials("alice", password=60)
        assert take(user("alice"), rows=rows)[Kind.USER, "alice"].use is Use.USED
        assert take(user("alice"), rows=rows, unused_days=45)[Kind.USER, "alice"].use is Use.UNUSED

    def test_an_event_in_the_lake_is_a_use(self) -> None:
        found = take(user("alice"), rows=credentials("alice", password=200), seen_at={user_arn("alice"): ago(5)})
        assert (found[Kind.USER, "alice"].use, found[Kind.USER, "alice"].last_used_at) == (Use.USED, ago(5))

    def test_a_key_of_the_root_user_is_to_be_deleted_though_it_is_used(self) -> None:
        root = {"user_arn": "arn:aws:iam::111122223333:root", "is_root": True, "user_name": "<root_account>"}
        found = take(rows=[credential("x", "access_key_1", 1, **root), credential("x", "password", 1, **root)])
        assert found[Kind.ACCESS_KEY, "root/1"].advice is Advice.DELETE
        assert found[Kind.PASSWORD, "root"].advice is Advice.KEEP
        assert found[Kind.ROOT, "root"].level is Level.STRONG

    def test_power_and_owner_stand_beside(self) -> None:
        tagged = user(
            "alice", attached=[ADMIN], Tags=[{"Key": "担当", "Value": "山田"}, {"Key": "Team", "Value": "web"}]
        )
        item = take(tagged)[Kind.USER, "alice"]
        assert (item.level, item.owner, item.owner_tag) == (Level.STRONG, "web", "Team")


class TestRoles:
    def test_the_last_use_that_iam_tells_counts(self) -> None:
        used, idle = {"LastUsedDate": ago(3).isoformat(), "Region": "us-east-1"}, {"LastUsedDate": ago(120).isoformat()}
        found = take(role("app", RoleLastUsed=used), role("old", RoleLastUsed=idle), role("never"))
        assert [found[Kind.ROLE, name].use for name in ("app", "old", "never")] == [Use.USED, Use.UNUSED, Use.NEVER]

    def test_a_role_of_which_no_use_was_told_is_unknown(self) -> None:
        silent = role("app")
        del silent["RoleLastUsed"]
        item = take(silent)[Kind.ROLE, "app"]
        assert (item.use, item.advice, item.because) == (Use.UNKNOWN, Advice.LOOK, "no_last_use")

    def test_beyond_what_iam_tracks_nothing_is_said(self) -> None:
        assert take(role("app"), unused_days=500)[Kind.ROLE, "app"].because == "beyond_tracking"

    @pytest.mark.parametrize("path", ["/aws-service-role/ec2.amazonaws.com/", "/aws-reserved/sso.amazonaws.com/"])
    def test_what_aws_looks_after_is_never_to_be_deleted(self, path: str) -> None:
        assert take(role("x", path=path))[Kind.ROLE, "x"].advice is Advice.LEAVE_TO_AWS
        assert plan(role("x", path=path)) == ()

    @pytest.mark.parametrize("name", ["break-glass", "BreakGlassAdmin", "emergency-access"])
    def test_who_is_for_emergencies_is_looked_at_first(self, name: str) -> None:
        assert take(role(name))[Kind.ROLE, name].advice is Advice.LOOK


class TestGroupsAndPolicies:
    def test_an_empty_group_and_an_unattached_policy_may_go(self) -> None:
        found = take(
            managed("free", allow("s3:*")), managed("held", allow("s3:*")), managed("edge", allow("*")), group("crowd"),
            group("void"), user("alice", attached=[policy_arn("held")], GroupList=["crowd"],
                PermissionsBoundary={"PermissionsBoundaryArn": policy_arn("edge")}),
        )  # fmt: skip
        assert {name: item.advice for (kind, name), item in found.items() if kind in {Kind.GROUP, Kind.POLICY}} == {
            "crowd": Advice.KEEP, "void": Advice.DELETE, "free": Advice.DELETE, "held": Advice.KEEP, "edge": Advice.KEEP,
        }  # fmt: skip

    def test_a_policy_that_is_not_understood_still_counts_as_attached(self) -> None:
        broken = managed("odd")
        broken["PolicyVersionList"][0]["Document"] = "{"
        found = take(broken, user("alice", attached=[policy_arn("odd")]))
        assert (found[Kind.POLICY, "odd"].count, found[Kind.POLICY, "odd"].advice) == (1, Advice.KEEP)

    def test_where_a_holder_could_not_be_read_no_policy_is_unattached(self) -> None:
        broken = {**user("alice"), "UserName": "alice", "Arn": "arn:aws:iam::111122223333:user/alice", "GroupList": 3}
        assert take(managed("free", allow("*")), broken)[Kind.POLICY, "free"].advice is Advice.LOOK


class TestOrder:
    def test_first_what_can_be_given_back_then_a_wait_then_users_before_what_they_held(self) -> None:
        steps = plan(
            managed("free", allow("*")), group("void"), role("old", allow("s3:*")),
            user("alice", allow("s3:*"), attached=[ADMIN], GroupList=["crowd"]), group("crowd"),
            rows=credentials("alice", password=200, access_key_1=300),
        )  # fmt: skip
        assert [each.phase for each in steps] == sorted(each.phase for each in steps)
        assert {each.phase for each in steps} == set(Phase)
        calls = [each.call for each in steps]
        assert calls[0] == "iam:UpdateAccessKey"
        for before in (
            "DeleteAccessKey",
            "DetachUserPolicy",
            "DeleteUserPolicy",
            "RemoveUserFromGroup",
            "DeactivateMFADevice",
        ):
            assert calls.index(f"iam:{before}") < calls.index("iam:DeleteUser")
        assert calls.index("iam:DeleteLoginProfile") < calls.index("iam:DeleteAccessKey")

    def test_a_role_leaves_its_instance_profile_before_it_is_deleted(self) -> None:
        profile = {"Arn": "arn:aws:iam::111122223333:instance-profile/web"}
        calls = [each.call for each in plan(role("web", InstanceProfileList=[profile]))]
        places = [
            calls.index(f"iam:{name}")
            for name in ("RemoveRoleFromInstanceProfile", "DeleteInstanceProfile", "DeleteRole")
        ]
        assert places == sorted(places)

    def test_without_anything_to_delete_there_are_no_steps(self) -> None:
        assert plan(user("alice"), rows=credentials("alice", password=1)) == ()


# -- leavers ---------------------------------------------------------------------------------------


def leaving(text: str, *records: dict[str, Any], encoding: str = "utf-8", name: str = "list.csv") -> Leavers:
    return match_leavers(iam_account(records), *read_leavers(text.encode(encoding), name))


def tags(**values: str) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in values.items()]


class TestLeavers:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "utf-16"])
    def test_a_japanese_name_in_a_tag_is_found_in_any_encoding(self, encoding: str) -> None:
        yamada = user("u1001", Tags=tags(氏名="山田 太郎"))
        found = leaving("山田　太郎\n鈴木 花子\n", yamada, encoding=encoding, name="list.txt")
        (match,) = found.matches
        assert (match.who.name, match.sureness, match.where) == ("u1001", Sureness.LIKELY, "tag:氏名")
        assert [line.number for line in found.unmatched] == [2]

    @pytest.mark.parametrize(
        ("text", "name", "sureness"),
        [
            ("taro.yamada@example.co.jp", "taro.yamada@example.co.jp", Sureness.CERTAIN),
            ("Taro.Yamada@example.co.jp", "taro.yamada", Sureness.LIKELY),
            ("Yamada Taro", "taro_yamada", Sureness.LIKELY),
            ("Taro Yamada", "yamadataro", Sureness.LIKELY),
            ("Taro Yamada", "t-yamada", Sureness.POSSIBLE),
            ("Taro Yamada", "yamada.t", Sureness.POSSIBLE),
            ("10234", "10234", Sureness.CERTAIN),
        ],
    )
    def test_user_names_are_found_by_what_they_are_made_of(self, text: str, name: str, sureness: Sureness) -> None:
        (match,) = leaving(text + "\n", user(name)).matches
        assert match.sureness is sureness

    def test_columns_that_name_nobody_do_not_count(self) -> None:
        found = leaving("氏名,部署\n佐藤 健,admin\n", user("admin"))
        assert (found.matches, found.heading) == ((), ("氏名",))

    def test_without_a_heading_all_cells_count(self) -> None:
        assert leaving("Web,mori.yuto\n", user("mori.yuto")).matches[0].who.name == "mori.yuto"

    def test_a_role_of_the_leaver_is_named_as_the_leavers(self) -> None:
        owned = role("batch", Tags=tags(Owner="taro.yamada@example.co.jp"))
        (match,) = leaving("taro.yamada@example.co.jp\n", owned).matches
        assert (match.is_owner, match.who.arn) == (True, role_arn("batch"))

    def test_another_person_is_not_found(self) -> None:
        assert leaving("Jiro Yamada\n", user("taro.yamada"), user("ito")).matches == ()

    def test_who_surely_left_goes_though_the_keys_are_used_and_who_perhaps_left_is_looked_at(self) -> None:
        account = iam_account([user("taro@example.co.jp"), user("ito.aya"), user("mori")])
        rows = [row for name in ("taro@example.co.jp", "ito.aya", "mori") for row in credentials(name, access_key_1=1)]
        asking = Asking(account=account, powers=(), now=NOW, unused_days=90, credentials=rows)
        left = match_leavers(account, *read_leavers(b"taro@example.co.jp\nAya Ito\n", "list.txt"))
        items = weighed(inventory_of(asking), left)
        advice = {(each.kind, each.name): each.advice for each in items}
        assert advice[Kind.USER, "taro@example.co.jp"] is Advice.DELETE
        assert advice[Kind.ACCESS_KEY, "taro@example.co.jp/1"] is Advice.DEACTIVATE
        assert advice[Kind.USER, "ito.aya"] is Advice.LOOK
        assert advice[Kind.USER, "mori"] is Advice.KEEP
        steps = cleanup_of(account, items)
        assert (steps[0].call, steps[0].subject) == ("iam:UpdateAccessKey", "taro@example.co.jp/1")
        assert {each.subject for each in steps} <= {"", "taro@example.co.jp", "taro@example.co.jp/1"}

    def test_without_a_report_the_keys_of_a_leaver_are_still_to_be_deactivated_first(self) -> None:
        account = iam_account([user("taro@example.co.jp")])
        asking = Asking(account=account, powers=(), now=NOW, unused_days=90)
        left = match_leavers(account, *read_leavers(b"taro@example.co.jp", "list.txt"))
        steps = cleanup_of(account, weighed(inventory_of(asking), left))
        assert [each.says for each in steps[:2]] == ["deactivate_all", "wait"]

    def test_a_workbook_is_read(self) -> None:
        book, content = Workbook(), io.BytesIO()
        sheet = book.active
        assert sheet is not None
        sheet.append(["社員番号", "氏名", "退職日"])
        sheet.append([10234, "森 勇人", "2026-10-31"])
        book.save(content)
        lines, heading = read_leavers(content.getvalue(), "list.xlsx")
        found = match_leavers(iam_account([user("mori", Tags=tags(EmployeeId="10234"))]), lines, heading)
        assert [each.sureness for each in found.matches] == [Sureness.CERTAIN]
        assert found.heading == ("社員番号", "氏名")

    @pytest.mark.parametrize("content", [b"\x81", b"PK\x03\x04 no archive", b"a" * 20_000_001])
    def test_what_is_no_list_is_refused(self, content: bytes) -> None:
        with pytest.raises(UsageError):
            read_leavers(content, "list.csv")


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(st.one_of(st.binary(max_size=400), st.text(max_size=300).map(lambda text: text.encode("utf-8", "replace"))))
def test_any_bytes_are_a_list_or_are_refused_and_no_line_is_lost(content: bytes) -> None:
    try:
        lines, heading = read_leavers(content, "list.csv")
    except UsageError:
        return
    found = match_leavers(iam_account([user("alice"), user("bob")]), lines, heading)
    met = {each.line.number for each in found.matches}
    assert met | {line.number for line in found.unmatched} == {line.number for line in lines}


_ROWS = st.lists(
    st.builds(
        credential, st.sampled_from(["alice", "bob"]), st.sampled_from(["password", "access_key_1"]),
        st.one_of(st.none(), st.floats(0, 1000)), st.one_of(st.none(), st.floats(0, 1000)),
        was_used=st.sampled_from([None, True, False]), is_active=st.sampled_from([None, True, False]),
    ), max_size=6,
)  # fmt: skip


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(_ROWS, st.integers(1, 400))
def test_less_knowledge_never_condemns_a_user(rows: list[dict[str, Any]], days: int) -> None:
    """Blanking what was read of a credential may save a user from deletion, or leave it as it was."""
    records = [user("alice"), user("bob")]
    before = take(*records, rows=rows, unused_days=days)
    blank = [{**row, "was_used": None, "last_used_at": None} for row in rows]
    after = take(*records, rows=blank, unused_days=days)
    for name in ("alice", "bob"):
        if after[Kind.USER, name].advice is Advice.DELETE:
            assert before[Kind.USER, name].advice is Advice.DELETE
