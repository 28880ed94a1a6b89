"""What a scanner finds, where it says that it is, and how it meets hostile bytes."""

import base64
import gzip
import io
import json
import random
import string
import tarfile
import zipfile
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sakimori.analysis.secrets.engines import PlainEngine
from sakimori.analysis.secrets.found import mask_secret
from sakimori.analysis.secrets.kinds import load_kinds
from sakimori.analysis.secrets.recipe import key_id
from sakimori.analysis.secrets.scanner import Scanner
from sakimori.model.words import Confidence

KEY = key_id("123456789012")
SECRET = "".join(random.Random(7).choices(string.ascii_letters + string.digits + "+/", k=40))  # noqa: S311 - visibly nobody's
BOTH = f"[default]\naws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n"


@cache
def scanner() -> Scanner:
    return Scanner(load_kinds())


@cache
def plain() -> Scanner:
    return Scanner(load_kinds(), engine=PlainEngine(scanner().sought()))


def secrets_in(data: bytes, name: str = "") -> set[str]:
    return {each.secret for each in scanner().scan(data, name)}


def test_a_pair_knows_its_other_half_and_its_account() -> None:
    by_kind = {each.kind: each for each in scanner().scan(BOTH.encode())}
    key, secret = by_kind["aws.access-key-id"], by_kind["aws.secret-access-key"]
    assert (key.secret, key.account_id, key.line, key.column) == (KEY, "123456789012", 2, 21)
    assert (secret.secret, secret.line) == (SECRET, 3)
    assert key.pair is not None
    assert key.pair.secret == SECRET
    assert secret.pair is not None
    assert secret.pair.account_id == "123456789012"


def test_no_repr_shows_a_secret() -> None:
    for each in scanner().scan(BOTH.encode()):
        assert each.secret not in repr(each)
        assert each.secret not in each.masked
    assert SECRET not in mask_secret(SECRET)


def test_column_counts_characters_and_not_bytes() -> None:
    [found] = scanner().scan(f"説明 {KEY}\n".encode())
    assert (found.line, found.column, found.offset) == (1, 4, 7)


def test_the_example_of_the_manual_is_ranked_down_and_not_hidden() -> None:
    [found] = scanner().scan(b"AKIAIOSFODNN7" + b"EXAMPLE")
    assert (found.confidence, found.because) == (Confidence.LOW, ("placeholder",))


_CALLER = '{"userIdentity": {"type": "IAMUser", "principalId": "AIDAEXAMPLE", "accountId": "111122223333", "accessKeyId": "%s"'


@pytest.mark.parametrize("event", [_CALLER, json.dumps({"CloudTrailEvent": _CALLER})])
def test_key_of_who_called_in_a_log_of_cloudtrail_is_ranked_down_and_not_hidden(event: str) -> None:
    [found] = scanner().scan((event % KEY).encode(), "events.json")
    assert (found.confidence, found.because) == (Confidence.LOW, ("trail",))


def test_key_with_its_secret_beside_it_is_one_whatever_stands_before_it() -> None:
    leaked = f'{_CALLER % KEY}, "secretAccessKey": "{SECRET}"'
    found = [each for each in scanner().scan(leaked.encode()) if each.secret == KEY]
    assert [(each.confidence, each.because, each.pair is None) for each in found] == [(Confidence.HIGH, (), False)]


def test_key_of_a_file_of_settings_is_none_of_a_log() -> None:
    [found] = scanner().scan(f'{{"accountId": "111122223333", "accessKeyId": "{KEY}"}}'.encode())
    assert found.confidence is Confidence.HIGH


def test_a_test_file_lowers_the_confidence_by_one_step() -> None:
    [found] = scanner().scan(f"{KEY}\n".encode(), "tests/test_login.py")
    assert (found.confidence, found.because) == (Confidence.MEDIUM, ("test_path",))


@pytest.mark.parametrize(
    "line",
    [
        "sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        'token_id = "3f2504e0-4f89-11d3-9a0c-0305e82c3301"',
        'password = "${DB_PASSWORD}"',
        'password_field = "user_password_input"',
        'api_key = os.environ["API_KEY"]',
        'secret = "<your secret here>"',
        'password = "changeme-please"',
        "private_key: x25519.X25519PrivateKey",
        'NextToken = "abc123DEF456ghi789JKL"',
    ],
)
def test_what_is_no_secret_is_not_told(line: str) -> None:
    assert [each for each in scanner().scan(line.encode()) if each.confidence is not Confidence.LOW] == []


@pytest.mark.slow
def test_an_inline_reason_allows_and_a_bare_mark_does_not() -> None:
    [allowed] = scanner().scan(f"key = {KEY}  # sakimori:allow fixture of the parser\n".encode())
    [bare] = scanner().scan(f"key = {KEY}  # sakimori:allow\n".encode())
    [above] = scanner().scan(f"# sakimori:allow made up\nkey = {KEY}\n".encode())
    assert (allowed.allowed, bare.allowed, above.allowed) == ("fixture of the parser", "", "made up")


def test_a_layer_of_an_image_is_opened() -> None:
    layer, image = io.BytesIO(), io.BytesIO()
    with tarfile.open(fileobj=layer, mode="w:gz") as archive:
        add(archive, "root/.aws/credentials", BOTH.encode())
    with tarfile.open(fileobj=image, mode="w") as archive:
        add(archive, "manifest.json", b"[]")
        add(archive, "blobs/sha256/aaaa", layer.getvalue())
    found = scanner().scan(image.getvalue(), "image.tar")
    assert SECRET in {each.secret for each in found}
    assert {each.inside for each in found} == {"blobs/sha256/aaaa!root/.aws/credentials"}


def add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    archive.addfile(info, io.BytesIO(content))


@pytest.mark.parametrize("shift", range(3))
def test_base64_is_opened_wherever_a_group_begins(shift: int) -> None:
    assert SECRET in secrets_in(b"x: " + base64.b64encode(b"#" * shift + BOTH.encode()))


def test_base64_in_lines_and_in_base64_is_opened() -> None:
    assert SECRET in secrets_in(base64.encodebytes(BOTH.encode() * 3))
    assert SECRET in secrets_in(b"x: " + base64.b64encode(base64.b64encode(BOTH.encode())))


def test_a_line_within_escapes_is_told_as_the_file_has_it() -> None:
    text = "a\nb\n" + '{"k": "aws_secret_access_key\\u003d' + SECRET.replace("/", "\\/") + '"}\n'
    lines = {each.line for each in scanner().scan(text.encode()) if each.secret == SECRET}
    assert lines == {3}


def test_a_decompression_bomb_ends_in_a_note(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sakimori.analysis.secrets.decoders.containers.FREE", 1 << 20)
    packed = gzip.compress(b"\0" * (8 << 20))
    assert secrets_in(packed, "bomb.gz") == set()
    assert {each.reason for each in scanner().take_unread()} == {"bomb"}


def test_archives_within_archives_end_in_a_note() -> None:
    content = BOTH.encode()
    for _ in range(12):
        outer = io.BytesIO()
        with zipfile.ZipFile(outer, "w") as archive:
            archive.writestr("inner.zip", content)
        content = outer.getvalue()
    scanner().scan(content, "deep.zip")
    assert {each.reason for each in scanner().take_unread()} == {"too_deep"}


def test_a_damaged_archive_is_told_and_its_beginning_is_read() -> None:
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w") as archive:
        add(archive, "a.env", BOTH.encode())
        add(archive, "b.bin", b"\1" * 50_000)
    assert SECRET in secrets_in(whole.getvalue()[:20_000], "cut.tar")
    assert {each.reason for each in scanner().take_unread()} == {"damaged"}


def test_an_encrypted_member_is_told() -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.env", BOTH)
    raw = bytearray(content.getvalue())
    raw[6] |= 1
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    assert secrets_in(bytes(raw), "locked.zip") == set()
    assert {each.reason for each in scanner().take_unread()} == {"encrypted"}


def test_files_looked_at_together_are_told_apart() -> None:
    items = [(b"nothing", "a"), (BOTH.encode(), "b"), (b"", "c"), (f"x={KEY}".encode(), "d")]
    found = {(number, each.secret) for number, each in scanner().scan_many(iter(items))}
    assert found == {(1, KEY), (1, SECRET), (3, KEY)}


WORDS = st.sampled_from(
    ["password", "secret", "token", " = ", ": ", '"', "'", "\n", "AKIA", KEY, SECRET, "://u:", "@host", "パスワード：",
     "x9Kp2vQ7mZ4t", "aws_secret_access_key=", "\\u003d", "%3D", "-----BEGIN ", "PRIVATE KEY-----", "eyJhbGci.", "\0", "sk_live_"]
)  # fmt: skip


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(st.lists(WORDS | st.text(max_size=6), max_size=24))
def test_both_engines_find_the_same_in_any_text(pieces: list[str]) -> None:
    data = "".join(pieces).encode()
    assert scanner().scan(data) == plain().scan(data)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300), st.sampled_from([b"", b"\x1f\x8b\x08", b"PK\x03\x04", b"SQLite format 3\0", b"%PDF-", b"From ", b"\xff\xfe", b"BZh9", b"\xfd7zXZ\0"]))  # fmt: skip
def test_no_bytes_break_a_scan(data: bytes, magic: bytes) -> None:
    scanner().scan(magic + data)
    scanner().take_unread()


@pytest.mark.parametrize(
    ("comment", "reason", "is_bare"),
    [
        ("# sakimori:allow nobody's", "nobody's", False),
        ("# sakimori:allow", "", True),
        ("# sakimori:allow:", "", True),
        ("<!-- sakimori:allow -->", "", True),
        ("<!-- sakimori:allow: 説明用 -->", "説明用", False),
        ("/* sakimori:allow (for the manual) */", "for the manual", False),
        ("/* sakimori:allow */", "", True),
        ("# sakimori:allowed", "", False),
        ("", "", False),
    ],
)
def test_an_allowance_without_a_reason_allows_nothing_and_is_known(comment: str, reason: str, is_bare: bool) -> None:
    (found,) = scanner().scan(f"k = {KEY}  {comment}\nnext = line\n".encode())
    assert (found.allowed, found.bare_allow) == (reason, is_bare)


def test_a_text_that_was_met_before_is_found_again_at_its_own_place() -> None:
    padding = "# an ordinary line of settings\n" * 40
    first, second = f"{padding}{BOTH}{padding}", f"{padding}{padding}{BOTH}{padding}"
    for text in (first, second, first):
        found = {each.kind: each.offset for each in scanner().scan(text.encode())}
        assert found == {"aws.access-key-id": text.index(KEY), "aws.secret-access-key": text.index(SECRET)}


def test_the_same_text_cut_short_is_looked_at_anew() -> None:
    """At the end of a text a value is whole; with more letters behind it, it is another one."""
    token = "ghp_" + "a1B2" * 9
    assert secrets_in(f"t = {token}".encode()) == secrets_in(f"t = {token}\n".encode())
    assert token not in secrets_in(f"t = {token}x9\n".encode())
