"""Following a thief who goes on meanwhile."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.actions.respond.scripted import ScriptedDoor
from tests.analysis.incident.incident_events import ACCOUNT, HOUR, KEY, T0, VICTIM, Tale, role, session

from sakimori.actions.plan import Item, Standing
from sakimori.analysis.incident.event_history import TOO_MANY
from sakimori.analysis.incident.events import HeldEvents
from sakimori.analysis.incident.form import Looked
from sakimori.app.respond.case import StepLine, StepState, Suspect, Told
from sakimori.app.respond.case_files import CaseLog, new_case
from sakimori.app.respond.contain import Containment
from sakimori.app.respond.hands import Hands, Measure, Outcome
from sakimori.app.respond.identify import Identified
from sakimori.app.respond.telling import plain_error, told, value_words
from sakimori.app.respond.walk import Walk
from sakimori.app.settings import Settings
from sakimori.aws.local_keys import LocalKeys
from sakimori.cli.respond_pages import next_line
from sakimori.model.errors import ActionError
from sakimori.model.gap import Gap
from sakimori.model.words import GapKind
from sakimori.texts.language import Language, show_time

MACHINE = "i-0123456789abcdef0"
SUSPECT = Suspect(kind="key", key_id=KEY, user=VICTIM, account=ACCOUNT)
WHOLE = Looked(source="lookup", regions=("us-east-1",), regions_asked=1, days=1, days_asked=1)


@dataclass
class Hearing:
    """Somebody who hears all, says yes, and keeps what was said."""

    heard: list[tuple[str, StepLine]]

    def said(self, step: str, line: StepLine) -> None:
        self.heard.append((step, line))

    def changing(self, word: str, item: object, change: object) -> None: ...

    def show(self, step: str, plans: object) -> None: ...

    def agree(self, step: str) -> bool:  # noqa: ARG002 - the form of Conversation
        return True


@dataclass
class World:
    """An account in which every measure works, and a thief who does something at each look."""

    tale: Tale
    log: CaseLog
    goes_on: Callable[[int], None] = lambda _: None
    looked: tuple[Looked, ...] = (WHOLE,)
    looks: int = 0
    slept: list[float] = field(default_factory=list)
    heard: list[tuple[str, StepLine]] = field(default_factory=list)

    def now(self) -> datetime:
        return self.tale.at

    def events(self, _since: datetime) -> HeldEvents:
        self.looks += 1
        self.goes_on(self.looks)
        self.tale.at += timedelta(seconds=10)
        return HeldEvents(tuple(self.tale.events), self.looked)

    def containment(self, suspect: Suspect = SUSPECT) -> Containment:
        hands: Any = WorkingHands(
            log=self.log, doors={}, by="tanaka", clock=self.now, conversation=Hearing(self.heard), world=self
        )  # type: ignore[arg-type]
        return Containment(
            hands=hands, events=self.events, suspect=suspect, since=self.tale.at - HOUR, sleep=self.sleep
        )

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.tale.at += timedelta(seconds=seconds)


@dataclass(slots=True, kw_only=True)
class WorkingHands(Hands):
    """Whatever is asked for holds from then on, but what somebody broke; that holds again, unless it is broken `for ever`."""

    world: World
    broken: set[str] = field(default_factory=set)

    def carry_out(self, rail: str, measures: Sequence[Measure], *, revoked_before: str = "") -> Outcome:  # noqa: ARG002
        self.world.tale.at += timedelta(seconds=2)
        if "for ever" not in self.broken:
            self.broken -= {each.resource for each in measures}
        return Outcome(made=tuple(map(_item, measures)))

    def looked_at(self, measures: Sequence[Measure], *, revoked_before: str = "") -> tuple[Item, ...]:  # noqa: ARG002
        return tuple(_item(each) for each in measures if each.resource not in self.broken)


def _item(measure: Measure) -> Item:
    return Item(step=measure.step, region=measure.region, resource=measure.resource, standing=Standing.AS_WANTED)


def walk_of(world: World, containment: Containment) -> Walk:
    return Walk(
        hands=containment.hands, doors=(), events=world.events, here=LocalKeys(), home=Path(), settings=Settings(),
        containment=containment,
    )  # fmt: skip


def test_a_thief_who_makes_something_new_at_every_look_is_never_called_contained(tmp_path: Path) -> None:
    with new_case(tmp_path, {"by": "tanaka"}, clock=lambda: Tale().at) as log:
        world = World(Tale(), log)
        world.goes_on = lambda look: _takes_a_role(world.tale, look)
        containment = world.containment()
        containment.stop_at_once()
        assert containment.follow() is False
    line = log.case.steps["R13"]
    assert (line.state, line.detail) == (StepState.FAILED, "respond.still_making")
    assert line.values["newest"]
    assert log.case.contained_at is None
    assert log.case.open_ends == ("R13",)


def test_a_thief_who_stops_after_some_looks_is_contained(tmp_path: Path) -> None:
    with new_case(tmp_path, {"by": "tanaka"}, clock=lambda: Tale().at) as log:
        world = World(Tale(), log)
        world.goes_on = lambda look: _takes_a_role(world.tale, look) if look <= 3 else None
        containment = world.containment()
        containment.stop_at_once()
        assert containment.follow() is True
    assert log.case.contained_at is not None
    assert log.case.open_ends == ()


def test_what_was_stopped_in_several_rounds_is_told_with_its_sum(tmp_path: Path) -> None:
    with new_case(tmp_path, {"by": "tanaka"}, clock=lambda: Tale().at) as log:
        world = World(Tale(), log)
        world.goes_on = lambda look: _takes_a_role(world.tale, look) if look <= 3 else None
        containment = world.containment()
        containment.stop_at_once()
        containment.follow()
    line = log.case.steps["R14"]
    assert line.detail == "respond.step_done_at_last"
    assert line.values["total"] == sum(
        each.step not in {"key-deactivated", "user-denied"} for each, _ in containment.taken
    )
    assert line.values["total"] > line.values["count"]


def test_a_step_that_failed_in_an_earlier_walk_is_not_open_once_it_is_contained(tmp_path: Path) -> None:
    with new_case(tmp_path, {"by": "tanaka"}, clock=lambda: Tale().at) as log:
        log.write(Told.STEP, {"step": "R14", "state": "failed", "detail": "respond.step_in_part", "by": "tanaka"})
        world = World(Tale(), log)
        containment = world.containment()
        containment.stop_at_once()
        assert containment.follow() is True
    assert log.case.steps["R14"].state is StepState.DONE
    assert "R14" not in next_line(log.case, "en")


def test_what_acts_after_it_was_called_contained_takes_the_word_back(tmp_path: Path) -> None:
    with new_case(tmp_path, {"by": "tanaka"}, clock=lambda: Tale().at) as log:
        world = World(Tale(), log)
        containment = world.containment()
        containment.stop_at_once()
        assert containment.follow() is True
        world.tale.at += timedelta(minutes=4)
        world.tale.tell("ListBuckets", service="s3")
        assert walk_of(world, containment).contain_again() is False
    assert log.case.contained_at is None
    assert log.case.open_ends == ("R13", "R17")


def test_a_call_that_succeeds_while_iam_settles_is_waited_for_and_told_and_does_not_stay_loud(tmp_path: Path) -> None:
    with new_case(tmp_path, {"by": "tanaka"}, clock=lambda: Tale().at) as log:
        world = World(Tale(), log)
        world.goes_on = lambda look: _lists(world.tale) if look == 1 else None
        containment = world.containment()
        containment.stop_at_once()
        assert containment.follow() is True
        assert walk_of(world, containment).verify() is True
    assert len(world.slept) == 1
    assert 0 < world.slept[0] <= 181
    line = log.case.steps["R17"]
    assert (line.state, line.detail, line.values["early"]) == (StepState.DONE, "respond.quiet_management_settled", 1)


def test_a_call_that_succeeds_when_iam_long_holds_is_loud_at_once(tmp_path: Path) -> None:
    with new_case(tmp_path, {"by": "tanaka"}, clock=lambda: Tale().at) as log:
        world = World(Tale(), log)
        containment = world.containment()
        containment.stop_at_once()
        containment.follow()
        world.tale.at += timedelta(minutes=4)
        _lists(world.tale)
        containment.look()
        assert walk_of(world, containment).verify() is False
    assert world.slept == []
    assert log.case.steps["R17"].detail == "respond.still_acting"


def test_who_goes_on_after_the_wait_is_told_and_not_waited_for_again(tmp_path: Path) -> None:
    with new_case(tmp_path, {"by": "tanaka"}, clock=lambda: Tale().at) as log:
        world = World(Tale(), log)
        world.goes_on = lambda _: _lists(world.tale)
        containment = world.containment()
        containment.stop_at_once()
        assert containment.follow() is False
        assert walk_of(world, containment).verify() is False
    assert len(world.slept) == 1
    assert log.case.open_ends == ("R13", "R17")


def _machine(answers: Mapping[str, Any] | None) -> Any:
    """An account with one machine, or one that may not be asked for it."""
    found = ScriptedDoor({} if answers is None else {"ec2:DescribeInstances": lambda _: answers})
    return {ACCOUNT: found}


@pytest.mark.parametrize(
    ("answers", "left"),
    [
        ({"Reservations": [{"Instances": [{"InstanceId": MACHINE, "State": {"Name": "running"}}]}]}, f"arn:aws:ec2:us-east-1:{ACCOUNT}:instance/{MACHINE}"),
        ({"Reservations": [{"Instances": [{"InstanceId": MACHINE, "State": {"Name": "terminated"}}]}]}, ""),
        ({"Reservations": []}, ""),
        (None, f"arn:aws:ec2:?:{ACCOUNT}:instance/{MACHINE}"),
    ],
)  # fmt: skip
def test_a_machine_of_ours_that_gets_new_sessions_is_told_and_it_is_not_contained(
    answers: Mapping[str, Any] | None, left: str, tmp_path: Path
) -> None:
    with new_case(tmp_path, {"by": "tanaka"}, clock=lambda: Tale().at) as log:
        world = World(Tale(), log)
        world.tale.tell("ListBuckets", service="s3", key="ASIA" + "0" * 15 + "7", principal=session("web", MACHINE))
        containment = world.containment(Suspect(kind="role", role=role("web"), account=ACCOUNT))
        containment.hands.doors = _machine(answers)
        containment.follow()
        assert walk_of(world, containment).contain_again() is (not left)
    if left:
        assert log.case.steps["R16"].values["machines"] == [left]
        assert log.case.open_ends == ("R16",)


def given_by_service(tale: Tale, service: str, name: str, own: str) -> None:
    """A service takes the role for what runs with it, and that calls something."""
    key = "ASIA" + "0" * 15 + "7"
    response = {"credentials": {"accessKeyId": key}, "assumedRoleUser": {"arn": session(name, own)}}
    tale.tell(
        "AssumeRole", "", "", service="sts", request={"roleArn": role(name)}, response=response, resources=(role(name),),
        identity_type="AWSService", invoked_by=service, read_only=True,
    )  # fmt: skip
    tale.tell("ListBuckets", service="s3", key=key, principal=session(name, own), session_issuer=role(name))


FUNCTION = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:orders"
TRUSTS_LAMBDA = {"Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}}]}


@pytest.mark.parametrize(
    ("answers", "left"),
    [
        ({"lambda:ListFunctions": lambda _: {"Functions": [{"FunctionArn": FUNCTION, "FunctionName": "orders", "Role": role("fn")}]}}, FUNCTION),
        ({"lambda:ListFunctions": lambda _: {"Functions": [{"FunctionArn": FUNCTION, "FunctionName": "orders", "Role": role("other")}]}}, ""),
        ({}, f"arn:aws:lambda:?:{ACCOUNT}:function:?"),
    ],
)  # fmt: skip
def test_a_function_of_ours_that_gets_new_sessions_is_named_and_it_is_not_contained(
    answers: Mapping[str, Any], left: str, tmp_path: Path
) -> None:
    trust = {"iam:GetRole": lambda _: {"Role": {"AssumeRolePolicyDocument": TRUSTS_LAMBDA}}}
    with new_case(tmp_path, {"by": "tanaka"}, clock=lambda: Tale().at) as log:
        world = World(Tale(), log)
        given_by_service(world.tale, "lambda.amazonaws.com", "fn", "orders")
        containment = world.containment(Suspect(kind="role", role=role("fn"), account=ACCOUNT))
        doors: Any = {ACCOUNT: ScriptedDoor({**trust, **answers})}
        containment.hands.doors = doors
        containment.follow()
        assert walk_of(world, containment).contain_again() is (not left)
    if left:
        line = log.case.steps["R16"]
        assert (line.detail, line.values["machines"]) == ("respond.functions_held", [left])
        assert (f"--instance {left}" in next_line(log.case, "en")) is ("?" not in left)


def test_the_root_user_is_followed_and_never_called_contained_nor_unknown(tmp_path: Path) -> None:
    with new_case(tmp_path, {"by": "tanaka"}, clock=lambda: Tale().at) as log:
        log.write(Told.SUSPECT, {"kind": "root", "account": ACCOUNT})
        world = World(Tale(), log)
        root = f"arn:aws:iam::{ACCOUNT}:root"
        world.tale.makes_user("backup", by="ASIA" + "0" * 15 + "9", principal=root)
        containment = world.containment(Suspect(kind="root", account=ACCOUNT))
        assert containment.follow() is False
        assert walk_of(world, containment).verify() is False
        assert ("user-denied", f"arn:aws:iam::{ACCOUNT}:user/backup") in {
            (each.step, each.resource) for each, _ in containment.taken
        }
        assert "leaked-root-key" in next_line(log.case, "en")
    details = [log.case.steps[each].detail for each in ("R13", "R17")]
    assert details == ["respond.followed_root", "respond.root_may_act"]


def test_without_an_owner_it_is_never_called_quiet(tmp_path: Path) -> None:
    with new_case(tmp_path, {"by": "tanaka"}, clock=lambda: Tale().at) as log:
        world = World(Tale(), log)
        unknown = replace(SUSPECT, user="")
        walk = walk_of(world, world.containment(unknown))
        assert walk.verify() is False
    line = log.case.steps["R17"]
    assert (line.state, line.detail) == (StepState.OPEN, "respond.quiet_unknown")


def test_a_user_whom_nobody_agreed_to_deny_is_not_contained_and_not_quiet(tmp_path: Path) -> None:
    with new_case(tmp_path, {"by": "tanaka"}, clock=lambda: Tale().at) as log:
        world = World(Tale(), log)
        containment = world.containment(Suspect(kind="user", user=VICTIM, account=ACCOUNT))
        assert containment.follow() is False
        assert walk_of(world, containment).verify() is False
    assert [log.case.steps[each].detail for each in ("R13", "R17")] == ["respond.left", "respond.still_at_large"]
    said = told(log.case.steps["R13"], "en")
    assert f"not so yet: The user may do nothing any more ({VICTIM})" in said
    assert "user-denied" not in said


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize(("hours", "is_helped"), [(3, True), (0, False)])
def test_where_there_was_too_much_to_read_a_later_start_is_proposed_if_one_helps(
    hours: int, language: Language, tmp_path: Path, *, is_helped: bool
) -> None:
    gap = Gap(table="t", account=ACCOUNT, region="us-east-1", call="c", kind=GapKind.INTERRUPTED, code=TOO_MANY)
    cut = replace(WHOLE, regions=(), gaps=(gap,), cut_at=T0 - hours * HOUR)
    with new_case(tmp_path, {"by": "tanaka"}, clock=lambda: Tale().at) as log:
        world = World(Tale(), log, looked=(cut,))
        containment = world.containment()
        containment.stop_at_once()
        assert containment.follow() is False
        walk_of(world, containment).verify()
        since = f"sakimori respond do R13 --case {log.case.id} --since {T0 - hours * HOUR + timedelta(minutes=2):%Y-%m-%dT%H:%MZ}"
        name = "too_many" if is_helped else "too_busy"
        for step, text in (("R13", "followed"), ("R17", "quiet")):
            line = log.case.steps[step]
            assert line.detail == f"respond.{text}_{name}"
            assert (since in told(line, language)) is is_helped
        assert (since in next_line(log.case, language)) is is_helped
        assert "LookupEvents" not in told(log.case.steps["R13"], language)


@pytest.mark.parametrize(("counts", "said"), [((2, 1), ["3"]), ((2, 0), ["2"]), ((0, 0), [])])
def test_events_that_contradict_each_other_are_told_before_anything_is_called_contained(
    counts: tuple[int, int], said: list[str], tmp_path: Path
) -> None:
    with new_case(tmp_path, {"by": "tanaka"}, clock=lambda: Tale().at) as log:
        lake = replace(WHOLE, source="lake", contested=counts[0])
        world = World(Tale(), log, looked=(lake, replace(WHOLE, contested=counts[1])))
        containment = world.containment()
        containment.stop_at_once()
        # What lies in the lake alone does not hold it up: the event history tells the same hours.
        assert containment.follow() is (counts[1] == 0)
    lines = [line for step, line in world.heard if step == "R13"]
    found = [line for line in lines if line.detail == "respond.contested"]
    assert [f"{line.values['count']}" for line in found] == said
    for language in ("en", "ja"):
        assert all(
            f"{count}" in told(line, language) and "contested" in told(line, language)
            for line, count in zip(found, said, strict=True)
        )
    assert lines[-1] not in found


@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_key_that_is_used_too_much_to_read_is_told_with_how_far_it_was_read(
    language: Language, tmp_path: Path
) -> None:
    gap = Gap(table="t", account=ACCOUNT, region="us-east-1", call="c", kind=GapKind.INTERRUPTED, code=TOO_MANY)
    cut = replace(WHOLE, regions=(), gaps=(gap,), cut_at=T0 - HOUR)
    with new_case(tmp_path, {"by": "tanaka"}, clock=lambda: Tale().at) as log:
        world = World(Tale(), log, looked=(cut,))
        walk = walk_of(world, world.containment())
        door: Any = None
        walk.found = Identified(suspect=SUSPECT, door=door)
        walk._look_at_use()
    line = log.case.steps["R06"]
    assert (line.state, line.detail) == (StepState.FAILED, "respond.uses_too_many")
    assert show_time(T0 - HOUR, language) in told(line, language)


def test_what_was_refused_beside_too_much_is_told_first(tmp_path: Path) -> None:
    gaps = tuple(
        Gap(table="t", account=ACCOUNT, region="us-east-1", call="c", kind=GapKind.INTERRUPTED, code=code)
        for code in (TOO_MANY, "AccessDenied")
    )
    with new_case(tmp_path, {"by": "tanaka"}, clock=lambda: Tale().at) as log:
        world = World(Tale(), log, looked=(replace(WHOLE, regions=(), gaps=gaps, cut_at=T0 - HOUR),))
        containment = world.containment()
        containment.stop_at_once()
        containment.follow()
    assert log.case.steps["R13"].detail == "respond.followed_in_part"


def test_sessions_of_a_role_that_are_older_than_any_may_be_are_not_at_large(tmp_path: Path) -> None:
    with new_case(tmp_path, {"by": "tanaka"}, clock=lambda: Tale().at) as log:
        world = World(Tale(), log)
        used: dict[str, Any] = {"service": "s3", "principal": session("ops", "bob"), "session_issuer": role("ops")}
        for number, begun in enumerate((T0 - 13 * HOUR, T0 - HOUR)):
            world.tale.tell("ListBuckets", key="ASIA" + f"{number:016}", session_at=begun, **used)
        containment = world.containment(Suspect(kind="role", role=role("ops"), account=ACCOUNT))
        assert [each.id[-1] for each in containment.at_large().credentials] == ["1"]


def test_a_session_that_acts_after_its_latest_end_is_told_and_stopped(tmp_path: Path) -> None:
    with new_case(tmp_path, {"by": "tanaka"}, clock=lambda: Tale().at) as log:
        world = World(Tale(), log)
        used: dict[str, Any] = {"service": "s3", "principal": session("ops", "bob"), "session_issuer": role("ops")}
        world.tale.tell("ListBuckets", key="ASIA" + "0" * 16, session_at=T0 - 13 * HOUR, ip="203.0.113.9", **used)
        containment = world.containment(Suspect(kind="role", role=role("ops"), account=ACCOUNT))
        assert [each.id for each in containment.at_large().credentials] == ["ASIA" + "0" * 16]
        containment.follow()
    (line,) = [line for step, line in world.heard if (step, line.detail) == ("R13", "respond.outlived")]
    assert (line.values["count"], "bob" in told(line, "en"), "bob (ops)" in told(line, "ja")) == (1, True, True)


def test_a_key_that_somebody_made_inactive_by_hand_counts_as_stopped(tmp_path: Path) -> None:
    with new_case(tmp_path, {"by": "tanaka"}, clock=lambda: Tale().at) as log:
        containment = World(Tale(), log).containment()
        assert containment.at_large()
        containment.take_standing()
        assert not containment.at_large()


def test_a_session_of_a_suspect_role_is_found_although_it_was_taken_before_the_first_strange_use(
    tmp_path: Path,
) -> None:
    with new_case(tmp_path, {"by": "tanaka"}, clock=lambda: Tale().at) as log:
        world = World(Tale(), log)
        session_key = "ASIA" + "0" * 15 + "7"
        world.tale.assumes("", "", role("web"), session_key, invoked_by="ec2.amazonaws.com")
        world.tale.at += 2 * HOUR
        made = world.tale.makes_user("backup", by=session_key, principal=session("web", "i-0abc"))
        containment = world.containment(Suspect(kind="role", role=role("web"), account=ACCOUNT))
        containment.since = made.at
        containment.follow()
        assert session_key in containment.seen.closure.key_ids
        assert [each.id for each in containment.seen.made] == ["backup"]


def _lists(tale: Tale) -> None:
    tale.at += timedelta(seconds=5)
    tale.tell("ListBuckets", service="s3")


def _takes_a_role(tale: Tale, number: int) -> None:
    """CloudTrail tells late of a chain of sessions that the thief took before it was stopped."""
    by = (KEY, VICTIM) if number == 1 else (f"ASIA{number - 1:016}", session(f"r{number - 1}", "s"))
    now = tale.at
    tale.assumes(*by, role(f"r{number}"), f"ASIA{number:016}", at=T0)
    tale.at = now


def test_what_there_was_no_time_to_ask_holds_up_no_stop_and_is_told_with_the_command_to_go_on(tmp_path: Path) -> None:
    with new_case(tmp_path, {"by": "tanaka"}, clock=lambda: Tale().at) as log:
        world = World(Tale(), log, looked=(replace(WHOLE, regions=(), unasked=1_500),))
        world.tale.assumes(KEY, VICTIM, role("admin"), "ASIA1")
        containment = world.containment()
        containment.stop_at_once()
        assert containment.follow() is False
        assert walk_of(world, containment).verify()
    stopped = {(each.step, each.resource) for each, _ in containment.taken}
    assert ("role-sessions-revoked", role("admin")) in stopped
    followed = log.case.steps["R13"]
    assert (followed.state, followed.detail) == (StepState.FAILED, "respond.followed_cut")
    said = told(followed, "en")
    assert "1500 questions" in said
    assert f"sakimori respond do R13 --case {log.case.id} --patience 1h" in said
    assert next_line(log.case, "en").endswith(f"sakimori respond do R13 --case {log.case.id} --patience 1h")
    assert log.case.steps["R17"].detail == "respond.quiet_cut"
    assert log.case.contained_at is None


def test_a_lake_that_is_whole_does_not_stand_in_for_an_event_history_that_was_refused(tmp_path: Path) -> None:
    lake = Looked(source="lake", regions=("us-east-1", "us-west-2"), regions_asked=2, days=1, days_asked=1)
    refused = Looked(source="lookup", regions=("us-east-1",), regions_asked=2, days=1, days_asked=1)
    with new_case(tmp_path, {"by": "tanaka"}, clock=lambda: Tale().at) as log:
        world = World(Tale(), log, looked=(lake, refused))
        containment = world.containment()
        containment.stop_at_once()
        assert containment.follow() is False
    line = log.case.steps["R13"]
    assert (line.detail, line.values["regions"], line.values["regions_asked"]) == ("respond.followed_in_part", 1, 2)
    assert log.case.contained_at is None


def test_a_change_that_somebody_takes_back_at_once_is_not_sent_to_journals_that_do_not_have_it() -> None:
    error = ActionError("harden.not_verified", step="user-denied", region="global arn:aws:iam::123456789012:user/ci")
    told_in: dict[Language, str] = {"en": "taking it back", "ja": "元に戻している"}
    for language, words in told_in.items():
        said = value_words(plain_error(error), language)
        assert (words in said, "harden journal" in said) == (True, False)
