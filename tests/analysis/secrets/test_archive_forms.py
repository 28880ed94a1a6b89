"""Archives of less common forms, and images: each is opened, or it is told that it was not; a hit names its member."""

import gzip
import io
import json
import random
import struct
import tarfile
import zipfile
import zlib
from functools import cache

import pyarrow as pa
import pytest
from pyarrow import orc
from tests.effort import is_done_within

from sakimori.analysis.secrets.found import Found, Unread, mask_secret
from sakimori.analysis.secrets.kinds import load_kinds
from sakimori.analysis.secrets.recipe import key_id
from sakimori.analysis.secrets.scanner import Scanner

KEY = key_id("123456789012")
OTHER = key_id("210987654321")
LEAK = f"first line\nkey = {KEY}\n".encode()
NOISE = random.Random(7).randbytes(3_000)  # noqa: S311 - noise


@cache
def scanner() -> Scanner:
    return Scanner(load_kinds())


def looked(data: bytes) -> tuple[list[Found], list[Unread]]:
    return list(scanner().scan(data, "a")), list(scanner().take_unread())


def tar(members: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, content in members.items():
            about = tarfile.TarInfo(name)
            about.size = len(content)
            archive.addfile(about, io.BytesIO(content))
    return stream.getvalue()


def zipped(members: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


def image(*, with_layer: bool) -> bytes:
    layer = gzip.compress(tar({"app/.env": LEAK}))
    manifest = {"schemaVersion": 2, "config": {"digest": "sha256:cc"}, "layers": [{"digest": "sha256:11"}]}
    index = {"schemaVersion": 2, "manifests": [{"digest": "sha256:aa"}]}
    members = {"blobs/sha256/aa": json.dumps(manifest).encode(), "blobs/sha256/cc": b"{}", "oci-layout": b"{}"}
    if with_layer:
        members["blobs/sha256/11"] = layer
    return tar(members | {"index.json": json.dumps(index).encode()})


def test_a_layer_that_an_image_names_and_has_not_is_told() -> None:
    found, unread = looked(image(with_layer=True))
    assert [(each.secret, each.inside) for each in found] == [(KEY, "blobs/sha256/11!app/.env")]
    assert unread == []
    found, [gap] = looked(image(with_layer=False))
    assert (found, gap.reason, gap.detail) == ([], "image_incomplete", "1: blobs/sha256/11")


def test_a_layer_of_docker_that_is_not_there_is_told() -> None:
    named = [{"Config": "c.json", "RepoTags": ["a:1"], "Layers": ["one/layer.tar", "two/layer.tar"]}]
    members = {"manifest.json": json.dumps(named).encode(), "c.json": b"{}", "one/layer.tar": tar({"x": b""})}
    assert [each.detail for each in looked(tar(members))[1]] == ["1: two/layer.tar"]


@pytest.mark.parametrize(
    "content", [b"[" * 100_000, b'{"schemaVersion": 2, "layers": [1, null]}', b'[{"Layers": 3}]', b"{"]
)
def test_a_list_of_another_form_is_no_image(content: bytes) -> None:
    assert looked(tar({"manifest.json": content, "index.json": content})) == ([], [])


def test_a_hit_in_a_tar_names_its_member_and_the_line_there_each_time() -> None:
    found, _ = looked(tar({"one.env": LEAK, "two.txt": b"x\n" * 50, "three.env": LEAK}))
    assert [(each.inside, each.line) for each in found] == [("one.env", 2), ("three.env", 2)]


@pytest.mark.parametrize("before", [b"#!/usr/bin/env python3\n", b"MZ" + NOISE, b"Cr24" + bytes(12)])
def test_a_zip_behind_something_else_is_opened(before: bytes) -> None:
    [found], unread = looked(before + zipped({"app.env": LEAK}))
    assert (found.secret, found.inside, unread) == (KEY, "app.env", [])


def test_a_zip_whose_list_leaves_its_members_out_is_told() -> None:
    whole = zipped({"app.env": LEAK})
    hidden = whole[: whole.find(b"PK\x01\x02")] + b"PK\x05\x06" + bytes(18)
    assert [each.reason for each in looked(hidden)[1]] == ["damaged"]


@pytest.mark.parametrize(
    "behind", [b"a comment of the archive", b"\0" * 300, NOISE, zipped({"b.txt": b"nothing"}), NOISE * 30]
)
@pytest.mark.parametrize("before", [b"", b"MZ" + NOISE])
def test_a_zip_is_opened_whatever_stands_behind_it(before: bytes, behind: bytes) -> None:
    whole = zipped({"app.env": LEAK})
    if behind.startswith(b"a comment"):
        whole = whole[:-2] + struct.pack("<H", len(behind))
    found, unread = looked(before + whole + behind)
    assert ([each.secret for each in found] == [KEY]) or unread
    assert found or not before


def test_a_member_that_the_list_of_a_zip_leaves_out_is_told() -> None:
    one, two = zipped({"app.env": LEAK}), zipped({"b.txt": b"nothing"})
    members, rest = one[: one.find(b"PK\x01\x02")], bytearray(two)
    assert [each.reason for each in looked(members + two)[1]] == ["damaged"]
    # The same with a list that knows its place in the file: the member before it is only in its way.
    offset = rest.rfind(b"PK\x05\x06")
    listed = rest.find(b"PK\x01\x02")
    rest[listed + 42 : listed + 46] = struct.pack("<I", len(members))
    rest[offset + 16 : offset + 20] = struct.pack("<I", listed + len(members))
    assert [each.reason for each in looked(members + bytes(rest))[1]] == ["damaged"]


@pytest.mark.parametrize("method", [9, 93, 98])
def test_a_way_of_packing_that_is_not_known_is_no_damage(method: int) -> None:
    whole = bytearray(zipped({"app.env": LEAK}))
    for mark, place in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        at = whole.find(mark) + place
        whole[at : at + 2] = struct.pack("<H", method)
    assert [each.reason for each in looked(bytes(whole))[1]] == ["unsupported"]


@pytest.mark.parametrize(
    "disk", [b"KDMV" + NOISE, b"QFI\xfb" + NOISE, bytes(32_769) + b"CD001" + NOISE, bytes(512) + b"EFI PART" + NOISE,
             bytes(1_024) + bytes(56) + b"\x53\xef" + bytes(1_200), NOISE + b"koly\0\0\0\4" + bytes(504)],
)  # fmt: skip
def test_the_image_of_a_disk_is_looked_at_as_it_lies_there_and_told(disk: bytes) -> None:
    whole = disk[:-600] + b"\n" + LEAK + zipped({"app.env": LEAK.replace(KEY.encode(), OTHER.encode())}) + disk[-600:]
    found, unread = looked(whole)
    assert {each.secret for each in found} == {KEY, OTHER}
    assert [each.reason for each in unread] == ["disk_image"]


@pytest.mark.parametrize("codec", ["utf-32", "utf-32-le", "utf-32-be"])
def test_a_text_of_four_bytes_a_character_is_read(codec: str) -> None:
    found, unread = looked(LEAK.decode().encode(codec))
    assert ([each.secret for each in found], unread) == ([KEY], [])


def test_a_crowd_of_ends_of_zips_is_looked_at_in_the_time_of_its_bytes() -> None:
    listed = struct.pack("<4s6H3I5H2I", b"PK\1\2", 20, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    one = listed + struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 1, 1, len(listed), 0, 0)
    assert is_done_within(1.0, lambda: looked(b"x" + one * 2_000))


def test_a_package_of_debian_is_opened() -> None:
    def member(name: str, content: bytes) -> bytes:
        return f"{name:<16}{'0':<12}{'0':<6}{'0':<6}{'100644':<8}{len(content):<10}`\n".encode() + content + b"\n" * (len(content) % 2)  # fmt: skip

    package = b"!<arch>\n" + member("debian-binary", b"2.0\n") + member("data.tar.gz", gzip.compress(tar({"etc/a": LEAK})))  # fmt: skip
    [found], unread = looked(package)
    assert (found.secret, found.inside, unread) == (KEY, "data.tar.gz!etc/a", [])
    assert [each.reason for each in looked(package[:-200])[1]] == ["damaged"]
    assert [each.reason for each in looked(package.replace(b"4         `", b"-4        `"))[1]] == ["damaged"]


def test_a_tar_of_the_oldest_form_is_opened() -> None:
    old = bytearray(tar({"a.gz": gzip.compress(LEAK)}))
    old[257:265] = bytes(8)
    old[148:156] = b"%06o\0 " % (sum(old[:148]) + sum(old[156:512]) + 8 * 32)
    [found], unread = looked(bytes(old))
    assert (found.secret, found.inside, unread) == (KEY, "a.gz", [])


def test_a_repository_within_an_archive_gives_its_objects_and_its_packs_are_told() -> None:
    loose = zlib.compress(b"blob %d\0" % len(LEAK) + LEAK, 1)
    found, unread = looked(
        tar({"app/.git/objects/ab/cd": loose, "app/.git/objects/pack/p.pack": b"PACK\0\0\0\2" + NOISE})
    )
    assert [each.inside for each in found] == ["app/.git/objects/ab/cd"]
    assert [(each.reason, each.name) for each in unread] == [("unsupported", "a!app/.git/objects/pack/p.pack")]


def test_an_archive_of_lists_of_keys_is_cut_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sakimori.analysis.secrets.scanner._MOST", 5)
    found, unread = looked(zipped({f"{number}.txt": LEAK for number in range(20)}))
    assert len(found) == 5
    assert [each.reason for each in unread] == ["too_many"]


def test_streams_of_a_pdf_that_are_damaged_encrypted_or_of_an_older_form_are_told() -> None:
    packed = zlib.compress(NOISE + LEAK)
    for pdf, reason in (
        (b"stream\n" + packed[:2_000] + b"\xff" * 300, "damaged"),
        (b"<< /Encrypt 5 0 R >>\nstream\n" + packed, "encrypted"),
        (b"<< /Filter /LZWDecode >>\nstream\n" + NOISE, "unsupported"),
    ):
        assert [each.reason for each in looked(b"%PDF-1.4\n" + pdf)[1]] == [reason]
    wrong_sum = packed[:-4] + b"\0\0\0\0"
    found, unread = looked(b"%PDF-1.4\nstream\n" + wrong_sum)
    assert ([each.secret for each in found], unread) == ([KEY], [])


def test_a_zip_that_names_the_same_bytes_again_and_again_ends_soon() -> None:
    packed = zipped({"a": bytes(8 << 20)})
    entry = packed[packed.find(b"PK\x01\x02") : packed.find(b"PK\x05\x06")]
    count, start = 2_000, packed.find(b"PK\x01\x02")
    listed = entry * count
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, count, count, len(listed), start, 0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sakimori.analysis.secrets.decoders.budget.FREE_TOGETHER", 32 << 20)
        assert is_done_within(5, lambda: looked(packed[:start] + listed + end))
        assert [each.reason for each in looked(packed[:start] + listed + end)[1]] == ["bomb"]


@pytest.mark.parametrize(
    "secret", ["hunter2", "correct12345", "p\x1bassword-of-many-letters", "two lines\nof a secret, the second long"]
)
def test_a_masked_secret_shows_less_than_half_of_it(secret: str) -> None:
    shown = mask_secret(secret).replace("…", "")
    assert len(shown) < len(secret) / 3


@pytest.mark.parametrize("compression", ["uncompressed", "zlib", "zstd"])
def test_a_file_of_orc_is_told_wherever_it_lies_and_a_text_of_its_letters_is_read(compression: str) -> None:
    stream = io.BytesIO()
    orc.write_table(pa.table({"a": ["a word"] * 9}), stream, compression=compression)
    assert [each.reason for each in looked(stream.getvalue())[1]] == ["unsupported"]
    assert [each.name for each in looked(tar({"b.orc": stream.getvalue()}))[1]] == ["a!b.orc"]
    found, unread = looked(b"ORC\n" + LEAK)
    assert (len(found), unread) == (1, [])


def test_what_is_packed_with_brotli_is_told_by_its_name_and_a_text_of_such_a_name_is_read() -> None:
    packed = bytes(pa.Codec("brotli").compress(NOISE + LEAK))
    assert [each.name for each in looked(tar({"app.js.br": packed, "b": packed}))[1]] == ["a!app.js.br"]
    scanner().scan(packed, "site/app.css.br")
    assert [each.reason for each in scanner().take_unread()] == ["unsupported"]
    assert list(scanner().scan_many([(packed, "x.br"), (LEAK, "y.br")]))
    assert [each.name for each in scanner().take_unread()] == ["x.br"]
    assert [len(each) for each in looked(tar({"notes.br": "ぶらじる\n".encode() * 90 + LEAK}))] == [1, 0]
