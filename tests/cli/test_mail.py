"""`sakimori mail` as a person types it."""

import io
import json
import sys
from pathlib import Path

import pytest
from tests.app.imap_server import imap_server
from tests.cli.running import Sakimori
from tests.findings.mail import samples


@pytest.fixture
def eml(tmp_path: Path) -> Path:
    path = tmp_path / "mail.eml"
    path.write_bytes(samples.genuine())
    return path


@pytest.mark.parametrize(("lang", "words"), [
    ("en", ["GENUINE", "Critical", "an access key is public", "DKIM", samples.KEY, "2026-11-28 05:10 UTC", "Now", "1 new, 0 known", f"$ sakimori ask who-did {samples.KEY}"]),
    ("ja", ["本物", "重大", "アクセスキーの漏えい", "DKIM", samples.KEY, "2026-11-28 14:10 JST", "今すべきこと", "新規 1 件"]),
])  # fmt: skip
def test_the_first_screen_says_what_whose_by_when_and_what_to_do(
    sakimori: Sakimori, eml: Path, lang: str, words: list[str]
) -> None:
    done = sakimori("mail", "parse", str(eml), lang=lang)
    assert (done.code, done.err) == (0, "")
    assert [word for word in words if word not in done.out] == []
    assert "0 new, 1 known" in sakimori("mail", "parse", str(eml)).out


@pytest.mark.parametrize(("lang", "word"), [("en", "LIKELY PHISHING"), ("ja", "フィッシングの疑い")])
def test_a_forgery_is_said_loudly_and_its_links_cannot_be_followed(
    sakimori: Sakimori, tmp_path: Path, lang: str, word: str
) -> None:
    path = tmp_path / "mail.eml"
    path.write_bytes(samples.phishing())
    done = sakimori("mail", "parse", str(path), lang=lang)
    assert done.code == 0
    assert done.out.lstrip().startswith(word)
    assert "https://" not in done.out
    assert "sakimori detect" not in done.out


def test_json_is_for_machines(sakimori: Sakimori, eml: Path) -> None:
    told = json.loads(sakimori("mail", "parse", str(eml), "--format", "json").out)
    (mail,) = told["mails"]
    assert told["schema"] == "sakimori.mail/1"
    assert (mail["kind"], mail["severity"], mail["key_ids"], mail["users"]) == (
        "key-exposed",
        "critical",
        [samples.KEY],
        ["s3-manager"],
    )
    assert mail["authenticity"]["verdict"] == "authentic"
    assert mail["authenticity"]["reasons"][0]["name"] == "dkim_passes"
    assert (mail["deadline"]["at"], mail["deadline"]["set_by"]) == ("2026-11-28T05:10:00Z", "span")
    assert told["new"] == [mail["finding"]]
    shown = json.loads(sakimori("findings", "list", "--format", "json").out)
    assert samples.KEY in json.dumps(shown)


def test_standard_input_and_only_looking(sakimori: Sakimori, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(samples.genuine_ja(results=None))))
    done = sakimori("mail", "parse", "-", "--no-record", lang="ja")
    assert done.code == 0
    assert "未検証" in done.out
    assert not (sakimori.home / "state.db").exists()


def test_what_cannot_be_read_is_told_with_its_place_and_leaves_with_code_3(sakimori: Sakimori, eml: Path) -> None:
    empty = eml.with_name("empty.eml")
    empty.write_bytes(b"")
    done = sakimori("mail", "parse", str(empty), str(eml))
    assert done.code == 3
    assert f"{empty}, mail 1: there is no mail in it" in done.err
    assert "GENUINE" in done.out


@pytest.mark.slow
def test_a_mailbox_is_read_with_a_password_from_the_environment(
    sakimori: Sakimori, monkeypatch: pytest.MonkeyPatch
) -> None:
    with imap_server(m1=samples.genuine()) as box:
        monkeypatch.setenv("SAKIMORI_IMAP_PASSWORD", box.password)
        address = f"imap://root@127.0.0.1:{box.port}/INBOX"
        assert "1 new, 0 known" in sakimori("mail", "parse", address).out
        assert "0 mails read" in sakimori("mail", "parse", address).out


@pytest.mark.parametrize(("arguments", "words"), [
    ((), "sakimori mail parse mail.eml"), (("imaps://root:hunter2@mail.example.com/",), "must not stand in the address"),
    (("imaps://root@mail.example.com/",), "SAKIMORI_IMAP_PASSWORD"), (("no-such-file",), "no-such-file"),
])  # fmt: skip
def test_wrong_usage_is_2_and_names_the_cure(
    sakimori: Sakimori, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], words: str
) -> None:
    monkeypatch.delenv("SAKIMORI_IMAP_PASSWORD", raising=False)
    done = sakimori("mail", "parse", *arguments)
    assert done.code == 2
    assert words in done.err
    assert "hunter2" not in done.err + done.out


def test_what_a_stranger_wrote_does_not_move_the_terminal(sakimori: Sakimori, tmp_path: Path) -> None:
    path = tmp_path / "mail.eml"
    raw = b"From: AWS <x@evil.example>\r\nSubject: Your AWS account is compromised \x1b[2J \xe2\x80\xae [red]\r\n\r\nIAM user: [bold]x\x1b]0;t\x07"
    path.write_bytes(raw)
    for form in ("terminal", "json"):
        done = sakimori("mail", "parse", str(path), "--format", form)
        assert done.code == 0
        assert not {"\x1b", "\x07", "\u202e"} & set(done.out)
