import json
from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.ingest.service_logs import (
    FOREIGN,
    STORED,
    garbage,
    line_of_garbage,
    read,
    read_in_pieces,
    sample,
    samples_of_others,
    told,
)

from sakimori.ingest.place import Place
from sakimori.ingest.source import Reason
from sakimori.ingest.ssm_session.source import SOURCE
from sakimori.ingest.ssm_session.terminal import shown

NAME = "bucket/sessions/hanako-05ba181f37a0fb8d2.log"
EVENT = {
    "eventVersion": "1.0",
    "eventTime": "2026-10-01T10:24:01Z",
    "sessionId": "hanako-05ba181f37a0fb8d2",
    "sessionData": ["here"],
}


# -- transcripts -------------------------------------------------------------------------


def test_a_line_of_a_transcript_becomes_a_row() -> None:
    rows, refused = read(SOURCE, sample("ssm_session.transcript.log"), location=NAME)
    assert refused == []
    assert len(rows) == 15
    assert told(rows[4]) == {
        "account_id": "111122223333",
        "region": "ap-northeast-1",
        "event_time": datetime(2026, 10, 1, 9, 15, 2),  # noqa: DTZ001
        "time_is_of_file": True,
        "session_id": "hanako-05ba181f37a0fb8d2",
        "line_offset": 107,
        "line_number": 5,
        "text": "[root@ip-10-0-1-11 ~]# cat /etc/shadow | head -1",
        "session_data": rows[4]["session_data"],
    }
    assert "\x1b]0;root@ip-10-0-1-11" in rows[4]["session_data"]
    assert [row["line_number"] for row in rows[5:7]] == [6, 8]


def test_the_time_of_a_transcript_is_that_of_its_making_or_of_its_storing() -> None:
    [row], _ = read(SOURCE, b"$ whoami", location=NAME, place=STORED)
    assert (row["event_time"], row["time_is_of_file"]) == (datetime(2026, 10, 2), True)  # noqa: DTZ001
    named = replace(STORED, named_at=datetime(2026, 10, 3))  # noqa: DTZ001
    assert read(SOURCE, b"$ whoami", location=NAME, place=named)[0][0]["event_time"].day == 3
    for made in (
        "2026-10-01 09:15:02+00:00 [<not executed on terminal>]",
        "Thu 01 Oct 2026 09:15:02 AM UTC",
        "Thu Oct  1 09:15:02 2026",
    ):
        [row] = read(SOURCE, f"Script started on {made}".encode(), location=NAME, place=named)[0]
        assert row["event_time"] == datetime(2026, 10, 1, 9, 15, 2), made  # noqa: DTZ001


def test_a_transcript_without_any_time_is_refused_line_by_line() -> None:
    rows, refused = read(SOURCE, b"$ whoami\nroot\n", location=NAME)
    assert rows == []
    assert [(piece.reason, piece.offset) for piece in refused] == [(Reason.NO_TIME, 0), (Reason.NO_TIME, 9)]


def test_bytes_of_a_file_that_was_shown_do_not_take_the_line_out() -> None:
    rows, refused = read(SOURCE, b"$ cat /bin/ls\n\x7fELF\xff\xfe\x00x", location=NAME, place=STORED)
    assert refused == []
    assert rows[1]["text"] == "ELF\ufffd\ufffdx"


def test_what_a_session_shows_is_not_believed_to_be_an_event() -> None:
    forged = json.dumps(EVENT | {"sessionId": "taro-0123456789abcdef0"}).encode()
    for data in (forged, b"$ cat x\n" + forged):
        rows, refused = read(SOURCE, data, location=NAME, place=STORED)
        assert refused == []
        assert {row["session_id"] for row in rows} == {"hanako-05ba181f37a0fb8d2"}
    rows, _ = read(SOURCE, b"Script started on 2026-10-01 09:15:02+00:00\n" + forged, location="elsewhere")
    assert {row["session_id"] for row in rows} == {None}


@pytest.mark.parametrize(
    ("location", "session"),
    [
        ("s3://bucket/p/hanako-05ba181f37a0fb8d2.log", "hanako-05ba181f37a0fb8d2"),
        ("/logs/hanako@example.com-05ba181f37a0fb8d2.log.gz", "hanako@example.com-05ba181f37a0fb8d2"),
        ("p/ecs-execute-command-b5kqh4vjcqsd4s4fzqgjn3p2mm.log", "ecs-execute-command-b5kqh4vjcqsd4s4fzqgjn3p2mm"),
        ("exports/0f8e4bdc-6a1e-4d2c-9c1b-1234567890ab/hanako-05ba181f37a0fb8d2/000000.gz", "hanako-05ba181f37a0fb8d2"),
        ("p/i-0123456789abcdef0.log", None),
        ("-", None),
    ],
)
def test_the_session_is_known_by_the_name(location: str, session: str | None) -> None:
    [row], _ = read(SOURCE, b"$ whoami", location=location, place=STORED)
    assert row["session_id"] == session


def test_lines_of_an_export_have_the_time_of_each() -> None:
    data = b"2026-10-01T00:00:01.000Z $ whoami\n2026-10-01T00:00:02.000Z root\nmore\n"
    rows, refused = read(SOURCE, data, location="x/hanako-05ba181f37a0fb8d2/000000", place=STORED)
    assert refused == []
    assert [(row["text"], row["time_is_of_file"]) for row in rows] == [
        ("$ whoami", False),
        ("root", False),
        ("more", True),
    ]
    assert [row["event_time"].second for row in rows] == [1, 2, 0]


def test_a_time_that_a_transcript_shows_is_not_that_of_an_export() -> None:
    rows, _ = read(SOURCE, b"$ tail -f log\n2026-10-01T00:00:01.000Z words\n", location=NAME, place=STORED)
    assert rows[1]["text"] == "2026-10-01T00:00:01.000Z words"


# -- streams -----------------------------------------------------------------------------


def test_each_line_of_a_streamed_event_becomes_a_row() -> None:
    rows, refused = read(SOURCE, sample("ssm_session.stream.jsonl"), place=Place())
    assert refused == []
    assert len(rows) == 16
    assert told(rows[1]) == {
        "account_id": "111122223333",
        "region": "ap-northeast-1",
        "event_time": datetime(2026, 10, 1, 10, 24, 2),  # noqa: DTZ001
        "time_is_of_file": False,
        "session_id": "hanako-05ba181f37a0fb8d2",
        "user_identity_arn": "arn:aws:sts::111122223333:assumed-role/Operator/hanako",
        "target_id": "i-0db2e26bb837c93b1",
        "run_as_user": "ec2-user",
        "line_offset": rows[1]["line_offset"],
        "line_number": 1,
        "text": "[ec2-user@ip-10-0-1-11 ~]$ sudo dnf install httpd",
        "session_data": rows[1]["session_data"],
        "event_version": "1.0",
    }
    [silent] = [row for row in rows if row["line_number"] is None]
    assert (silent["text"], silent["session_id"]) == (None, "hanako-05ba181f37a0fb8d2")


def test_values_of_another_kind_are_kept_in_the_rest() -> None:
    event = EVENT | {"sessionData": ["a", 1], "target": {"id": "i-1", "more": 2}, "userIdentity": "me", "runAsUser": []}
    [row], refused = read(SOURCE, json.dumps(event).encode())
    assert refused == []
    assert json.loads(row["rest"]) == {
        "sessionData": ["a", 1],
        "target": {"id": "i-1", "more": 2},
        "userIdentity": "me",
        "runAsUser": [],
    }
    assert (row["target_id"], row["text"]) == ("i-1", None)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"words", Reason.NOT_JSON),
        (b'{"sessionId":"x"}', Reason.NOT_A_RECORD),
        (b'{"sessionId":"x","sessionData":["a"]}', Reason.NO_TIME),
        (b'{"sessionId":"x","sessionData":["a"],"x":' + b"[" * 9000 + b"]" * 9000 + b"}", Reason.TOO_DEEP),
    ],
)
def test_a_broken_event_is_refused_and_loses_nothing_else(line: bytes, reason: Reason) -> None:
    good = json.dumps(EVENT).encode()
    rows, [refused] = read(SOURCE, good + b"\n" + line + b"\n" + good)
    assert [row["text"] for row in rows] == ["here", "here"]
    assert refused.reason is reason


# -- both ----------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [400, 1500])
def test_a_file_in_pieces_gives_the_same_rows(size: int) -> None:
    data = sample("ssm_session.stream.jsonl")
    assert read_in_pieces(SOURCE, data, size) == read(SOURCE, data)
    data = sample("ssm_session.transcript.log")
    whole, pieces = read(SOURCE, data, location=NAME)[0], read_in_pieces(SOURCE, data, size // 4, location=NAME)[0]
    assert [row | {"line_number": None} for row in pieces] == [row | {"line_number": None} for row in whole]
    assert [row["line_number"] for row in pieces[:2]] == [1, 2]
    assert pieces[-1]["line_number"] is None


@pytest.mark.slow
@given(garbage, line_of_garbage)
def test_garbage_never_raises_and_a_good_line_beside_it_survives(before: bytes, after: bytes) -> None:
    read(SOURCE, before)
    read(SOURCE, before, location=NAME, place=STORED)
    rows, _ = read(SOURCE, b"\n".join([before[:20].replace(b"\n", b""), json.dumps(EVENT).encode(), after]))
    assert "here" in {row["text"] for row in rows}
    rows, refused = read(SOURCE, b"\n".join([before, b"here", after]), location=NAME, place=STORED)
    assert "here" in {row["text"] for row in rows}
    assert refused == []


def test_it_knows_its_own_files_and_no_others() -> None:
    assert SOURCE.recognises("any", sample("ssm_session.stream.jsonl"))
    assert SOURCE.recognises("any", sample("ssm_session.transcript.log"))
    assert SOURCE.recognises(NAME, b"$ whoami\n")
    for name, head in (*FOREIGN.items(), *samples_of_others("ssm_session")):
        assert not SOURCE.recognises(name, head), name


# -- the terminal ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("\x1b[01;32muser\x1b[0m$ ls\r", "user$ ls"),
        ("\x1b]0;title\x07$ ls", "$ ls"),
        ("\x1b]0;title\x1b\\$ ls", "$ ls"),
        ("\x1b]0;never ends $ rm -rf /", "0;never ends $ rm -rf /"),
        ("\x1bPq#0\x1b\\$ ls", "$ ls"),
        ("\x1b(B\x1b[m\x1b=$ ls\x1b>", "$ ls"),
        ("lsx\b \b -l", "ls -l"),
        ("\b\b\bls", "ls"),
        ("curl evil\rls       ", "curl evil ls"),
        ("a\tb\x00\x9b31mc", "a\tbc"),
        ("日本\b\b東京", "東京"),
        ("\x1b[", ""),
    ],
)
def test_a_line_is_shown_as_a_person_reads_it(line: str, text: str) -> None:
    assert shown(line) == text


@pytest.mark.slow
@given(st.text())
def test_nothing_that_steers_a_terminal_is_left(line: str) -> None:
    assert not set(shown(line)) & {"\x1b", "\x9b", "\x07", "\x08", "\x00", "\r", "\x7f"}
