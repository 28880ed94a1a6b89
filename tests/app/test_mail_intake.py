"""Mails taken in from files and mailboxes."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.app.imap_server import Mailbox, imap_server
from tests.findings.mail import samples

from sakimori.app.mail_intake import Intake, read_mailbox, record, take_files
from sakimori.app.mailbox import Place, fetch, place_of
from sakimori.findings.detections import find_detections
from sakimori.findings.mail.message import MAX_MAIL_BYTES, MailFault, Passing
from sakimori.model.errors import AccessError, UsageError
from sakimori.state.store import Store, open_store

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
LUNCH = samples.mail("Lunch?", "At noon.", sender="a <a@example.co.jp>")


@pytest.fixture
def store(tmp_path: Path):  # noqa: ANN201
    with open_store(tmp_path / "state.db") as opened:
        yield opened


def place(box: Mailbox, mailbox: str = "INBOX") -> Place:
    return place_of(f"imap://root@127.0.0.1:{box.port}/{mailbox}")


def attached(inner: bytes, subject: str = "please look") -> bytes:
    head = f"From: Tanaka <tanaka@example.co.jp>\r\nSubject: {subject}\r\nMessage-ID: <outer@example.co.jp>\r\nContent-Type: multipart/mixed; boundary=o\r\n\r\n"
    return head.encode() + b"--o\r\n\r\nlook\r\n--o\r\nContent-Type: message/rfc822\r\n\r\n" + inner + b"\r\n--o--\r\n"


def test_files_and_folders_are_read_and_recorded_once(tmp_path: Path, store: Store) -> None:
    folder = tmp_path / "mails"
    folder.mkdir()
    for name, data in (
        ("a.eml", samples.genuine()),
        ("b.eml", LUNCH),
        ("c.eml", samples.phishing()),
        ("d.eml", b""),
        ("e.eml", samples.genuine()),
    ):
        (folder / name).write_bytes(data)
    intake = take_files([str(folder)], NOW)
    record(store, intake, NOW)
    assert (intake.read_count, intake.unrelated_count, len(intake.told)) == (4, 1, 3)
    assert [(each.location, each.fault) for each in intake.bad] == [(str(folder / "d.eml"), MailFault.EMPTY)]
    assert not intake.is_whole
    assert {each.detection.rule for each in find_detections(store)} == {"aws-mail/key-exposed", "aws-mail/phishing"}
    again = take_files([str(folder)], NOW)
    record(store, again, NOW)
    assert (again.new_ids, again.known_count) == (set(), 2)


def test_a_mail_that_was_attached_opens_the_finding_of_the_first_one(tmp_path: Path, store: Store) -> None:
    paths = [tmp_path / "direct.eml", tmp_path / "attached.eml"]
    for path, data in zip(
        paths, (samples.genuine(), attached(samples.genuine(), "Fwd: Your AWS Access Key is Exposed")), strict=True
    ):
        path.write_bytes(data)
    intake = take_files([str(path) for path in paths], NOW)
    assert [each.mail.passing for each in intake.told] == [Passing.DIRECT, Passing.ATTACHED]
    record(store, intake, NOW)
    assert len(find_detections(store)) == 1


@pytest.mark.slow
def test_a_mailbox_is_only_read_and_only_once(store: Store) -> None:
    with imap_server(m3=samples.genuine(), m5=LUNCH) as box:
        first = read_mailbox(store, place(box), box.password, NOW)
        assert (first.read_count, len(first.told), first.unrelated_count, len(first.new_ids or ())) == (2, 1, 1, 1)
        box.mails[9] = samples.phishing()
        second = read_mailbox(store, place(box), box.password, NOW)
        assert (second.read_count, [each.rule for each in second.told]) == (1, ["aws-mail/phishing"])
        assert read_mailbox(store, place(box), box.password, NOW).read_count == 0
        assert not [line for line in box.asked if line.startswith(("SELECT", "STORE", "UID STORE")) or "BODY[" in line]
        assert any("BODY.PEEK[]" in line for line in box.asked)


@pytest.mark.slow
def test_a_mailbox_that_was_made_anew_is_read_from_the_beginning(store: Store) -> None:
    with imap_server(m3=samples.genuine()) as box:
        read_mailbox(store, place(box), box.password, NOW)
        box.validity += 1
        again = read_mailbox(store, place(box), box.password, NOW)
    assert (again.read_count, again.new_ids, again.known_count) == (1, set(), 1)


@pytest.mark.slow
def test_only_looking_leaves_no_trace(store: Store) -> None:
    with imap_server(m3=samples.genuine()) as box:
        for _ in range(2):
            assert read_mailbox(store, place(box), box.password, NOW, is_kept=False).read_count == 1
    assert find_detections(store) == ()


@pytest.mark.slow
def test_a_mail_beyond_the_limit_is_told_and_the_next_one_is_read(store: Store) -> None:
    with imap_server(m1=b"x", m2=samples.genuine()) as box:
        box.sizes[1] = MAX_MAIL_BYTES + 1
        intake = read_mailbox(store, place(box), box.password, NOW)
    assert [(each.number, each.fault) for each in intake.bad] == [(1, MailFault.TOO_LARGE)]
    assert len(intake.told) == 1


@pytest.mark.slow
def test_a_server_that_sends_more_than_it_said_is_not_believed() -> None:
    with imap_server(m1=b"x" * (MAX_MAIL_BYTES + 10_000)) as box:
        box.sizes[1] = 10
        with pytest.raises(AccessError, match="mailbox_unreachable"):
            fetch(place(box), box.password, "", NOW)


@pytest.mark.parametrize(
    ("password", "mailbox", "text"),
    [("wrong", "INBOX", "mailbox_refused"), ("not-a-secret", "Other", "mailbox_unknown")],
)
def test_a_refusal_is_a_sentence_without_the_password(password: str, mailbox: str, text: str) -> None:
    with imap_server() as box, pytest.raises(AccessError, match=text) as error:
        fetch(place(box, mailbox), password, "", NOW)
    assert password not in str(error.value)


def test_a_server_that_is_not_there_is_a_sentence() -> None:
    with imap_server() as box:
        gone = place(box)
    with pytest.raises(AccessError, match="mailbox_unreachable"):
        fetch(gone, "x", "", NOW)


def test_no_password_goes_to_another_machine_without_encryption(monkeypatch: pytest.MonkeyPatch) -> None:
    with imap_server() as box:
        monkeypatch.setattr("sakimori.app.mailbox._LOOPBACK", frozenset())
        with pytest.raises(AccessError, match="mailbox_not_encrypted"):
            fetch(place(box), box.password, "", NOW)
    assert "LOGIN" not in box.asked


def test_an_address_says_where_and_never_a_password() -> None:
    found = place_of("imaps://aws%40example.com@mail.example.com/INBOX%2FAWS")
    assert (found.user, found.host, found.port, found.mailbox, found.is_encrypted) == (
        "aws@example.com",
        "mail.example.com",
        993,
        "INBOX/AWS",
        True,
    )
    with pytest.raises(UsageError, match="password_in_url") as error:
        place_of("imaps://root:hunter2@mail.example.com/")
    assert "hunter2" not in repr(error.value.values) + str(error.value)


@pytest.mark.parametrize(
    "address",
    [
        "imaps://",
        "imaps://host/",
        "imaps://u@h:99999/",
        "imaps://u@h/a\r\nb%0d%0ac",
        "imaps://u%0a@h/",
        "imaps://u@h/?x",
        "imaps://u%3ap@h/",
        "imaps://u@[::1/",
    ],
)
def test_a_wrong_address_is_a_sentence(address: str) -> None:
    with pytest.raises(UsageError, match="bad_mailbox"):
        place_of(address)


def test_an_intake_is_whole_where_nothing_was_lost() -> None:
    assert Intake().is_whole
