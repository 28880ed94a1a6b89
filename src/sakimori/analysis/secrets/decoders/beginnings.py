"""The first bytes of what can be opened. Imported on its own by whoever only asks whether there is something to open.

A hook asks it on each commit, so it imports nothing.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final

NOT_OPENED: Final = (
    b"7z\xbc\xaf", b"Rar!", b"\xed\xab\xee\xdb", b"MSCF\0\0\0\0", b"\x04\x22\x4d\x18", b"\x1f\x9d\x90", b"LZIP\x01",
    b"xar!\0", b"hsqs", b"PACK\0\0\0\x02", b"# v2 git bundle\n", b"# v3 git bundle\n", b"0707010", b"0707020",
    b"]\0\0\x80\0", b"PAR1", b"Obj\x01", b"ARROW1\0\0", b"\xff\x06\0\0sNaPpY", b"MSWIM\0\0\0",
)  # fmt: skip
"""7z, RAR, RPM, CAB, LZ4, compress, lzip, xar, squashfs, packs and bundles of git, cpio, LZMA, Parquet, Avro, Arrow, Snappy, WIM: known to be packed, and so told."""
_MAGIC: Final = (
    b"\x1f\x8b\x08", b"PK\x03\x04", b"PK\x05\x06", b"BZh", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd", b"!<arch>\n",
    b"SQLite format 3", b"\xff\xfe", b"\xfe\xff", b"From ", b"%PDF-",
    b"Received: ", b"Return-Path: ", b"Delivered-To: ", b"MIME-Version: ", b"X-Mozilla-Status: ", *NOT_OPENED,
)  # fmt: skip
_FIRST: Final = frozenset(magic[0] for magic in _MAGIC) | frozenset(b"{")
LARGEST_NOTEBOOK: Final = 256 << 20
_NOTEBOOK: Final = b'"nbformat"'
"""Of all that begins with a brace only a notebook is opened."""
_TAR_AT: Final = 257
_TAR_HEADER: Final = 512
_TAR_SUM: Final = slice(148, 156)
_OCTAL: Final = b"01234567"
_ZLIB: Final = (b"x\x01", b"x\x5e", b"x\x9c", b"x\xda")
_OBJECTS: Final = (b"blob ", b"tree ", b"commit ", b"tag ")
_DISKS: Final = (b"KDMV", b"QFI\xfb", b"vhdxfile", b"conectix")
"""VMDK, QCOW, VHDX, VHD. Others say it further in: ISO 9660, GPT and ext, or at their end, as a fixed VHD and the DMG of macOS."""
_FIRST_OF_TEXT: Final = 9
_ISO_AT: Final = 32_769
_GPT_AT: Final = 512
_EXT_AT: Final = 1_024
_EXT_BLOCK: Final = 84
_EXT_SIZES, _EXT_REVISIONS = range(7), range(2)
_WRAPPED: Final = rb"\s{0,4}[A-Za-z0-9+/]{60,76}\r?\n[A-Za-z0-9+/]{2,76}={0,2}\r?(?:\n|$)"
_INDENT: Final = 4
_FULL_LINE: Final = 60
_ALPHABET: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def begins_container(data: Any) -> bool:
    """Whether the first bytes are those of something that can be opened."""
    if not data:
        return False
    head = bytes(data[:160])
    if head[0] in _FIRST and (head.startswith(_MAGIC) or (head[0] == ord("{") and _is_notebook(data))):
        return True
    return (
        data[_TAR_AT : _TAR_AT + 5] == b"ustar"
        or _is_wrapped(head)
        or is_disk(data)
        or is_loose_object(head)
        or is_orc(head)
        or (head[154:156] in {b"\0 ", b" \0"} and is_old_tar(bytes(data[:_TAR_HEADER])))
    )


def is_disk(data: Any) -> bool:
    """Whether it is the image of a disk: its files lie in it as they are, and what is packed among them is not looked for."""
    try:
        return (
            data[:8].startswith(_DISKS)
            or data[_ISO_AT : _ISO_AT + 5] == b"CD001"
            or data[_GPT_AT : _GPT_AT + 8] == b"EFI PART"
            or data[-512:-504] in {b"koly\0\0\0\4", b"conectix"}
            or _is_ext(data[_EXT_AT : _EXT_AT + _EXT_BLOCK])
        )
    except OSError:  # a file that became shorter: whoever reads it from its beginning tells of it
        return False


def is_orc(head: bytes) -> bool:
    """Whether it is a file of ORC, whose three letters a text may begin with too: bytes that no text has come soon behind them."""
    return head.startswith(b"ORC") and any(byte < _FIRST_OF_TEXT for byte in head[3:32])


def is_brotli(name: str, head: bytes) -> bool:
    """Whether it is packed with brotli, which has no mark of its own: by its name, unless it is a text."""
    if not name.endswith(".br") or not head:
        return False
    try:
        head.decode()
    except UnicodeDecodeError as error:
        # A character may be cut where the head ends.
        return error.start < len(head) - 3
    return False


def _is_ext(block: bytes) -> bool:
    """Whether it is the superblock of ext2, ext3 or ext4: its mark, and a size of blocks, a state and a revision that there are."""
    return (
        len(block) == _EXT_BLOCK
        and block[56:58] == b"\x53\xef"
        and block[24] in _EXT_SIZES
        and block[25:28] == bytes(3)
        and block[59] == 0
        and block[76] in _EXT_REVISIONS
    )


def is_old_tar(head: bytes) -> bool:
    """Whether it is the header of a tar from before it had a word of its own: its sum is right."""
    told = head[_TAR_SUM][:6].strip(b"\0 ")
    if len(head) < _TAR_HEADER or not told or told.translate(None, _OCTAL):
        return False
    return int(told, 8) == sum(head[:_TAR_HEADER]) - sum(head[_TAR_SUM]) + 8 * ord(" ")


def is_loose_object(head: bytes) -> bool:
    """Whether it is an object of git in a file of its own, as a repository within an image has them."""
    if not head.startswith(_ZLIB):
        return False
    import zlib  # noqa: PLC0415 - hardly ever reached

    try:
        return zlib.decompressobj().decompress(head, 8).startswith(_OBJECTS)
    except zlib.error:
        return False


def _is_wrapped(head: bytes) -> bool:
    """Whether they are a full line of base64 and the beginning of the next one."""
    if len(head) <= _FULL_LINE or head[_INDENT:_FULL_LINE].translate(None, _ALPHABET):
        return False
    import re  # noqa: PLC0415 - hardly ever reached

    return re.match(_WRAPPED, head) is not None


def _is_notebook(data: Any) -> bool:
    return len(data) <= LARGEST_NOTEBOOK and _NOTEBOOK in data[:]
