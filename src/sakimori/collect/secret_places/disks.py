"""Disks that were copied: snapshots of EBS, those of machine images among them, read block by block without a machine.

The blocks are looked at as they lie, whatever file system is on them; what is compressed or encrypted within is not seen.
Sources: Amazon EBS User Guide, "Use EBS direct APIs to access the contents of an EBS snapshot"; EBS direct APIs reference,
GetSnapshotBlock (its sum is SHA-256 in base64).
"""

import hashlib
from base64 import b64encode
from collections.abc import Iterator, Mapping
from typing import Any, Final

from sakimori.aws.door import Door
from sakimori.aws.refusal import Refusal
from sakimori.collect.declaration import Context, Reader, Record
from sakimori.collect.secret_places.place import Place, Reach, Sampled, Text
from sakimori.model.words import GapKind

_SNAPSHOTS: Final = "ec2:DescribeSnapshots"
_IMAGES: Final = "ec2:DescribeImages"
_LIST: Final = "ebs:ListSnapshotBlocks"
_GET: Final = "ebs:GetSnapshotBlock"
_PIECE_BYTES: Final = 8 << 20
"""So much is looked at as one."""
_OVERLAP: Final = 4096


def _snapshots(door: Door, region: str) -> Iterator[Record]:
    """The account's own snapshots, those of its images first, then the newest."""
    images: dict[str, list[str]] = {}
    for page in door.pages(_IMAGES, region, {"Owners": ["self"]}):
        for image in page.get("Images", ()):
            for mapping in image.get("BlockDeviceMappings") or ():
                snapshot = (mapping.get("Ebs") or {}).get("SnapshotId")
                if snapshot:
                    images.setdefault(str(snapshot), []).append(str(image.get("ImageId")))
    found = [each for page in door.pages(_SNAPSHOTS, region, {"OwnerIds": ["self"], "MaxResults": 1000})
             for each in page.get("Snapshots", ())]  # fmt: skip
    found.sort(key=lambda each: str(each.get("StartTime", "")), reverse=True)
    for each in sorted(found, key=lambda one: one.get("SnapshotId") not in images):
        yield {**each, "images": sorted(images.get(str(each.get("SnapshotId")), ()))}


def _arn(record: Record, context: Context) -> str:
    return f"arn:{context.partition}:ec2:{context.region}::snapshot/{record['SnapshotId']}"


def _blocks(record: Record, _context: Context, reach: Reach) -> Iterator[Text | Sampled]:
    """Neighbouring blocks together, so that a text that goes over the edge of one is seen whole."""
    snapshot = str(record["SnapshotId"])
    name = " ".join((*record["images"], "block"))
    left = reach.most_bytes
    piece = b""
    first = last = -1
    for block in _listed(snapshot, reach):
        if left <= 0:
            yield Sampled()
            break
        index = int(block["BlockIndex"])
        is_next = index == last + 1
        if piece and (not is_next or len(piece) >= _PIECE_BYTES):
            yield Text(name=f"{name} {first}", data=piece)
            # The end of the last block stays, so that no text is cut in two.
            piece, first = (piece[-_OVERLAP:] if is_next else b""), index
        first = index if first < 0 else first
        content = _whole(reach.call(_GET, SnapshotId=snapshot, BlockIndex=index, BlockToken=block["BlockToken"]))
        piece += content
        left -= len(content)
        last = index
    if piece:
        yield Text(name=f"{name} {first}", data=piece)


def _whole(answer: Mapping[str, Any]) -> bytes:
    """The bytes of a block; a Refusal where they are not those that AWS has summed up."""
    content = bytes(answer["BlockData"])
    if answer.get("Checksum") != b64encode(hashlib.sha256(content).digest()).decode():
        raise Refusal(call=_GET, kind=GapKind.MALFORMED, code="OtherChecksum", message="a block with another sum")
    return content


def _listed(snapshot: str, reach: Reach) -> Iterator[Record]:
    for page in reach.pages(_LIST, SnapshotId=snapshot, MaxResults=1000):
        yield from page.get("Blocks") or ()


PLACES = (
    Place(id="ebs-snapshot", resource_type="AWS::EC2::Snapshot", rows=Reader(function=_snapshots, operations=(_SNAPSHOTS, _IMAGES)),
          arn=_arn, texts=_blocks, asks=(_LIST, _GET)),
)  # fmt: skip
