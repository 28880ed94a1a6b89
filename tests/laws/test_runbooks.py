"""Laws over runbooks and playbooks: nothing of GuardDuty is left out, every command can be typed, and no way ends open."""

import json
import re
import shlex
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import botocore.session
import click
import pytest
from tests.held_rulebook import held_rulebook

from sakimori.actions.catalogue import every_step, guides
from sakimori.app.runbook import filled
from sakimori.cli.main import command as root_command
from sakimori.model.errors import UsageError
from sakimori.model.verdict import Text
from sakimori.rules.questions import find_question
from sakimori.rules.runbooks.form import Approver, Move, Playbook, PlaybookStep, Reversible, Runbook
from sakimori.rules.runbooks.library import Library, load_library

TYPES = (Path(__file__).parent / "guardduty_types.txt").read_text(encoding="utf-8").split()
BEYOND = {
    "DefenseEvasion:Runtime/SensitiveFileModified", "Persistence:Runtime/SensitiveFileModified",
    "PrivilegeEscalation:Runtime/SensitiveFileModified", "Execution:Runtime/MaliciousFileExecuted.Custom",
    "OrganizationLeaveAttempt", "OrganizationPolicyDisabled",
}  # fmt: skip
"""Types that AWS has added since the list of the coverage map was made."""
KNOWN = {
    "finding": "3f9a21c04d5e", "account": "111122223333", "region": "ap-northeast-1", "key_id": "AKIAIOSFODNN7EXAMPLE",
    "principal": "arn:aws:iam::111122223333:role/deploy", "user": "alice", "role": "deploy", "ip": "203.0.113.7",
    "resource": "i-0123456789abcdef0", "instance": "i-0123456789abcdef0", "bucket": "example-bucket", "cluster": "prod",
    "function": "resize", "database": "orders", "group": "sg-0123456789abcdef0", "snapshot": "snap-0123456789abcdef0",
    "mail": "case.eml",
}  # fmt: skip
JAPANESE = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")
WORDS_OF_AWS_ALONE = re.compile(r"https://[!-~]+\Z")


@cache
def library() -> Library:
    return load_library()


RUNBOOKS = tuple(library().runbooks.values())
PLAYBOOKS = tuple(library().playbooks.values())
every_runbook = pytest.mark.parametrize("book", RUNBOOKS, ids=lambda book: book.id)
every_playbook = pytest.mark.parametrize("book", PLAYBOOKS, ids=lambda book: book.id)


def moves(book: Runbook) -> tuple[Move, ...]:
    return (*book.look, *book.contain, *book.close)


def told() -> Iterator[tuple[str, Move | PlaybookStep]]:
    for book in RUNBOOKS:
        yield from ((book.id, each) for each in moves(book))
    for story in PLAYBOOKS:
        yield from ((f"{story.id} {each.id}", each) for each in story.steps)


def commands() -> list[tuple[str, str]]:
    return sorted({(place, command) for place, each in told() for command in each.commands})


def test_every_file_is_whole() -> None:
    assert library().faults == ()
    assert len(RUNBOOKS) >= 35
    assert {story.id for story in PLAYBOOKS} == {
        "instance-attacks-others", "public-data", "open-ssh-port", "stolen-console-password", "leaked-root-key",
    }  # fmt: skip


def test_every_finding_type_belongs_to_exactly_one_runbook() -> None:
    named = Counter(name for book in RUNBOOKS for name in book.types)
    assert [name for name, count in named.items() if count > 1] == []
    assert named.keys() == {*TYPES, *BEYOND}


def test_every_type_is_found_by_its_own_name() -> None:
    for name in (*TYPES, *BEYOND):
        [meant] = library().meant(name)
        assert [each.name for each in meant.types] == [name]
        assert not meant.is_near


def test_types_of_custom_detection_rules_are_found_by_what_the_finding_carries() -> None:
    carried = {each.seen_as for book in RUNBOOKS for each in book.types.values() if each.seen_as}
    assert len(carried) == 25
    for name in carried:
        found = [each for meant in library().meant(name) for each in meant.types]
        rules = [each for book in RUNBOOKS for each in book.types.values() if each.seen_as == name]
        assert sorted(each.name for each in found) == sorted(each.name for each in rules)


@every_runbook
def test_a_runbook_looks_contains_and_closes(book: Runbook) -> None:
    assert book.look
    assert book.contain
    assert book.benign
    closing = [command for each in book.close for command in each.commands]
    assert any(command.startswith("sakimori findings close {finding} --as benign") for command in closing)
    suppressed = [command for command in closing if "suppress add" in command]
    assert all("--until" in command and "--reason" in command for command in suppressed)
    assert any(each.text.en.startswith("Lesson: ") for each in book.close)
    assert any(
        re.match("sakimori (respond|fix|runbook) ", command) for each in book.contain for command in each.commands
    )
    assert not book.playbook or book.playbook in library().playbooks


def texts() -> Iterator[tuple[str, Text]]:
    for book in RUNBOOKS:
        yield from ((book.id, each) for each in (book.title, book.means, book.danger, *book.benign))
        yield from ((book.id, each.means) for each in book.types.values())
    for story in PLAYBOOKS:
        yield from ((story.id, each) for each in (story.title, story.means))
        for step in story.steps:
            yield from ((f"{story.id} {step.id}", each) for each in (step.title, step.why, step.evidence))
            if step.only_if:
                yield step.id, step.only_if
    for place, each in told():
        if isinstance(each, Move):
            yield place, each.text
        if each.console and not WORDS_OF_AWS_ALONE.match(each.console.en):
            yield place, each.console


def test_every_sentence_stands_in_both_languages() -> None:
    found = list(texts())
    assert len(found) > 800
    for place, text in found:
        assert JAPANESE.search(text.ja), (place, text.ja)
        assert not JAPANESE.search(text.en), (place, text.en)


def test_sentences_are_short_enough_to_be_read_at_night() -> None:
    long = [(place, text.en) for place, text in texts() if len(text.en) > 330 or len(text.ja) > 200]
    assert long == []


# -- what is typed ---------------------------------------------------------------------


@pytest.mark.parametrize(("place", "command"), commands())
def test_every_command_can_be_typed(place: str, command: str) -> None:
    words = shlex.split(filled(command, KNOWN))
    if words[0] == "sakimori":
        _typed(words[1:])
    else:
        _known_to_aws(words)


NOT_HERE_YET = {
    "investigate": re.compile(r"(?:key|user|role|ip|resource|session) \S+(?: --since \S+)?\Z"),
    "respond": re.compile(r"(?:start --(?:key|user|role|mail|finding) \S+|reply --lang (?:ja|en)|eradicate|rotate)\Z"),
}
"""Commands whose words are agreed on; a verb that the program has is asked itself."""


def _typed(words: list[str]) -> None:
    if words[0] in NOT_HERE_YET and not _is_here(words):
        assert NOT_HERE_YET[words[0]].match(" ".join(words[1:])), words
        return
    found: click.Command = root_command
    while isinstance(found, click.Group) and words:
        context = click.Context(found)
        _, rest, _ = found.make_parser(context).parse_args(list(words))
        if not rest:
            break
        _, member, words = found.resolve_command(context, rest)
        assert member is not None
        found = member
    with found.make_context(found.name, list(words)) as checked:
        named = checked.params
    if found.name == "query":
        question = find_question(named["asked"])
        assert question.values(dict(pair.split("=", 1) for pair in named["parameters"])) is not None
    if found.name in {"fix", "explain"}:
        assert held_rulebook().find(named["identifier"])
    for pattern in named.get("rule") or ():
        assert held_rulebook().choose([pattern])
    if found.name == "plan" and named.get("only"):
        assert set(named["only"]) <= every_step().keys()
    if found.name == "guide":
        assert named["step"] in guides()
    if found.name == "runbook":
        assert named["playbook"] in library().playbooks or library().meant(named["asked"])


def _is_here(words: list[str]) -> bool:
    context = click.Context(root_command)
    if words[0] not in root_command.list_commands(context):
        return False
    group = root_command.get_command(context, words[0])
    return not isinstance(group, click.Group) or words[1] in group.list_commands(context)


def _known_to_aws(words: list[str]) -> None:
    """The service, the operation and each of its parameters stand in botocore's model of it."""
    model = botocore.session.get_session().get_service_model(words[1])
    operations = {botocore.xform_name(name, "-"): name for name in model.operation_names}
    shape = model.operation_model(operations[words[2]]).input_shape
    members = {botocore.xform_name(name, "-") for name in (shape.members if shape else {})} | {"region"}
    given = [word.removeprefix("--") for word in words if word.startswith("--")]
    assert given or words[2].startswith(("describe-", "list-")), words
    for name in given:
        assert name in members or name.removeprefix("no-") in members, (words, name)


@pytest.mark.parametrize(
    ("line", "refusal"),
    [
        ("findings close 3f9a --as maybe", click.BadParameter),
        ("assess --no-such", click.NoSuchOption),
        ("query --question cloudtrail.no-such", UsageError),
        ("fix aws.no.such", UsageError),
        ("runbook no-such-type-at-all", UsageError),
        ("harden plan --only HB99", AssertionError),
    ],
)
def test_a_wrong_command_would_be_refused(line: str, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        _typed(line.split())


@pytest.mark.slow
def test_a_wrong_command_of_aws_would_be_refused() -> None:
    with pytest.raises(AssertionError):
        _known_to_aws(["aws", "ec2", "modify-instance-attribute", "--no-such", "x"])
    with pytest.raises(KeyError):
        _known_to_aws(["aws", "ec2", "explode-instance"])


# -- playbooks ---------------------------------------------------------------------------


@every_playbook
def test_a_playbook_goes_from_looking_to_a_lesson(book: Playbook) -> None:
    assert book.steps[0].reversible is Reversible.READS
    assert book.steps[-1].title.en.startswith("Lesson: ")
    assert [each.id for each in book.steps] == sorted(each.id for each in book.steps)


@every_playbook
def test_times_of_a_playbook_go_up(book: Playbook) -> None:
    minutes = [int(each.within[:-1]) * {"m": 1, "h": 60, "d": 1440}[each.within[-1]] for each in book.steps]
    assert minutes == sorted(minutes)


@every_playbook
def test_what_changes_something_is_agreed_on(book: Playbook) -> None:
    for step in book.steps:
        if step.reversible is not Reversible.READS:
            assert step.approver is not Approver.NOBODY, step.id


@every_playbook
def test_the_actions_of_steps_exist(book: Playbook) -> None:
    for step in book.steps:
        assert not step.action or step.action in every_step(), step.id


def test_a_deletion_that_nobody_can_take_back_needs_two_people() -> None:
    """An answer that is sent and a decision of law are no deletions."""
    for book in PLAYBOOKS:
        for step in book.steps:
            if step.reversible is Reversible.NEVER and step.approver not in {Approver.LEAD, Approver.LEGAL}:
                assert step.approver is Approver.TWO, (book.id, step.id)


def test_root_has_a_branch_for_member_accounts_and_one_for_a_person() -> None:
    steps = library().playbooks["leaked-root-key"].steps
    typed = " ".join(command for step in steps for command in step.commands)
    assert "root-task/IAMDeleteRootUserCredentials" in typed
    assert any(step.console and "Deactivate" in step.console.en for step in steps)
    assert any(step.only_if and "member account" in step.only_if.en for step in steps)


def test_the_policy_that_denies_root_leaves_the_short_sessions_of_its_removal_alone() -> None:
    """Without `aws:AssumedRoot` it would deny the very session that deletes root's credentials in the step after it."""
    [line] = [
        filled(command, KNOWN)
        for step in library().playbooks["leaked-root-key"].steps
        for command in step.commands
        if "create-policy" in command
    ]
    words = shlex.split(line)
    [statement] = json.loads(words[words.index("--content") + 1])["Statement"]
    assert (statement["Effect"], statement["Action"], statement["Resource"]) == ("Deny", "*", "*")
    assert statement["Condition"] == {
        "ArnLike": {"aws:PrincipalArn": "arn:*:iam::*:root"},
        "Null": {"aws:AssumedRoot": "true"},
    }
