"""Images of containers in ECR: their manifests, their configuration (environment, history) and the files of their layers.

Of each repository the newest images are looked at; what images share is read once. One part that cannot be read is told,
and the others are read on: whoever pushes an image writes its manifest, and must not hide the next one by it.
Sources: ECR API reference, BatchGetImage, DescribeImages and GetDownloadUrlForLayer; ECR User Guide, "Container image manifest
format support"; OCI image specification, manifest, index and descriptor (`urls`); Docker's manifest V2, schemas 1 and 2.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from heapq import nlargest
from typing import Any, Final

from sakimori.aws.masking import mask
from sakimori.aws.refusal import Refusal
from sakimori.collect.declaration import Context, Record, call
from sakimori.collect.secret_places.place import Place, Reach, Sampled, Text, of_part
from sakimori.model.words import GapKind

_DESCRIBE: Final = "ecr:DescribeImages"
_GET: Final = "ecr:BatchGetImage"
_LAYER: Final = "ecr:GetDownloadUrlForLayer"
_IMAGES: Final = 5
_MANIFESTS: Final = 32
"""Of one image: of eight platforms, each with its attestation, and more."""
_LISTED: Final = _IMAGES * (_MANIFESTS + 1)
"""An index and the images in it are listed one by one, and are one image to look at."""
_PARTS: Final = 512
"""Of one image; docker itself makes no more than 127 layers."""
_TYPES: Final = [
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.docker.distribution.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v1+prettyjws",
]
_LOST: Final = 3
"""Layers whose connection failed, each after a minute or more: the others of the repository are then left."""
_INACTIVE: Final = ("ARCHIVED", "ACTIVATING")
"""Images that a listing leaves out unless it is asked for them, and that ECR gives to nobody before they are restored."""
_ELSEWHERE: Final = ("foreign", "nondistributable")
_ENCRYPTED: Final = "encrypted"
_DIGEST: Final = re.compile(r"[a-zA-Z0-9-_+.]{1,32}:[a-fA-F0-9]{1,128}")
_SHORT: Final = 19
_FOR_ALL: Final = frozenset((GapKind.DENIED, GapKind.DENIED_BY_ORGANIZATION, GapKind.CREDENTIALS))
"""What is refused for these reasons is refused for every other image of the repository too."""

Told = Text | Sampled | Refusal


def _images(record: Record, _context: Context, reach: Reach) -> Iterator[Told]:
    repository = _Repository(reach, str(record["repositoryName"]))
    left = _IMAGES
    listed = list(nlargest(_LISTED + 1, repository.listed(), key=_age))
    for at, image in enumerate(listed):
        if str(image["imageDigest"]) in repository.read:
            continue
        if not left or at == _LISTED:
            yield Sampled()
            break
        left -= 1
        yield from repository.image(image)
    yield from repository.archived()


def _age(image: Mapping[str, Any]) -> tuple[str, bool]:
    """An index is pushed after the images in it, and has the tag."""
    return str(image.get("imagePushedAt", "")), bool(image.get("imageTags"))


@dataclass(frozen=True, slots=True)
class _Part:
    """The configuration or a layer, by the word of whoever pushed it."""

    digest: str
    size: int
    media_type: str = ""
    is_config: bool = False
    is_elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class _Repository:
    """One repository, and what of it was read: by digest, manifests and parts."""

    reach: Reach
    name: str
    read: set[str] = field(default_factory=set[str])
    lost: list[str] = field(default_factory=list[str])
    """Layers that did not come, by the fault of the connection."""

    def listed(self) -> Iterator[Mapping[str, Any]]:
        for page in self.reach.pages(_DESCRIBE, repositoryName=self.name, maxResults=1000):
            yield from page.get("imageDetails") or ()

    def archived(self) -> Iterator[Refusal]:
        """What lies in the archive: it is there, and not to be read."""
        for status in _INACTIVE:
            try:
                asked = {"repositoryName": self.name, "maxResults": 1, "filter": {"imageStatus": status}}
                found = self.reach.call(_DESCRIBE, **asked).get("imageDetails") or ()
            except Refusal as refusal:
                if refusal.code == "InvalidParameterException":
                    continue  # an endpoint without an archive
                raise
            if any(each.get("imageStatus") == status for each in found):
                yield _refusal(
                    _DESCRIBE, status.capitalize(), "images that ECR gives to nobody before they are restored"
                )

    def image(self, image: Mapping[str, Any]) -> Iterator[Told]:
        """The texts of an image: its manifests, then its parts, the configuration first and then the small ones."""
        label = str((image.get("imageTags") or [image.get("imageDigest")])[0])
        parts: dict[str, _Part] = {}
        for each in self._manifests(str(image["imageDigest"])):
            if not isinstance(each, str):
                yield each
                continue
            yield Text(name=f"{label} manifest", data=each.encode("utf-8", "surrogatepass"))
            try:
                parts.update((part.digest, part) for part in _parts_of(json.loads(each)))
            except Refusal as refusal:
                yield refusal
        new = [part for part in parts.values() if part.digest not in self.read]
        new.sort(key=lambda part: (not part.is_config, part.size))
        left = self.reach.most_bytes
        for part in new[:_PARTS]:
            if part.size > left:
                yield Sampled()
                continue
            for told in self._part(label, part, left):
                if isinstance(told, Text):
                    left -= len(told.data)
                    self.read.add(part.digest)
                yield told
        if len(new) > _PARTS:
            yield Sampled()

    def _part(self, label: str, part: _Part, most: int) -> Iterator[Told]:
        name = f"{label} {'config ' if part.is_config else ''}{part.digest[:_SHORT]}"
        if _ENCRYPTED in part.media_type:
            # It may say so of what is not: the bytes are looked at all the same.
            yield _refusal(_LAYER, _ENCRYPTED, f"for the holder of a key: {name}", GapKind.MALFORMED)
        try:
            url = str(self.reach.call(_LAYER, repositoryName=self.name, layerDigest=part.digest).get("downloadUrl", ""))
            data = self.reach.fetched(_LAYER, url, most)
        except Refusal as refusal:
            self.lost.extend([refusal.code] * (refusal.kind is GapKind.UNREACHABLE))
            if (refusal.kind in _FOR_ALL and refusal.call == _LAYER) or len(self.lost) >= _LOST:
                raise
            yield _unread(refusal, part, name)
            return
        if not _is_of(part.digest, data):
            yield _refusal(_LAYER, "OtherDigest", f"other bytes than those of its digest: {name}", GapKind.MALFORMED)
        yield Text(name=name, data=data)

    def _manifests(self, digest: str) -> Iterator[str | Sampled | Refusal]:
        """The manifest of the digest; where that is an index, those that it lists too, as many as are looked at; Sampled where there are more."""
        waiting, asked = [digest], 0
        while waiting and asked < _MANIFESTS:
            wanted = waiting.pop(0)
            if wanted in self.read:
                continue
            self.read.add(wanted)
            asked += 1
            try:
                manifest = self._manifest(wanted)
                listed = _listed_by(manifest)
            except Refusal as refusal:
                if refusal.kind in _FOR_ALL:
                    raise
                yield refusal
                continue
            waiting.extend(dict.fromkeys(listed))
            yield manifest
        if set(waiting) - self.read:
            yield Sampled()

    def _manifest(self, digest: str) -> str:
        wanted = [{"imageDigest": digest}]
        answer = self.reach.call(_GET, repositoryName=self.name, imageIds=wanted, acceptedMediaTypes=_TYPES)
        for failure in answer.get("failures") or ():
            reason = f"{mask(str(failure.get('failureReason', '')))}: {digest[:_SHORT]}"
            raise _refusal(_GET, str(failure.get("failureCode", "")), reason)
        for image in answer.get("images") or ():
            return str(image["imageManifest"])
        raise _refusal(_GET, "NoManifest", f"no answer: {digest[:_SHORT]}", GapKind.MALFORMED)


def _refusal(operation: str, code: str, message: str, kind: GapKind = GapKind.REFUSED) -> Refusal:
    return Refusal(call=operation, kind=kind, code=code, message=message)


def _unread(refusal: Refusal, part: _Part, name: str) -> Refusal:
    """Why a part was not read, with its name. What lies where only the manifest says so is fetched from nowhere."""
    if part.is_elsewhere and refusal.call == _LAYER:
        return _refusal(_LAYER, "ForeignLayer", f"not in this registry, and fetched from nowhere else: {name}")
    return of_part(refusal, name)


def _is_of(digest: str, data: bytes) -> bool:
    algorithm, _, told = digest.partition(":")
    return algorithm not in {"sha256", "sha384", "sha512"} or hashlib.new(algorithm, data).hexdigest() == told.lower()


def _listed_by(manifest: str) -> list[str]:
    """The digests of the manifests that an index lists; Refusal where it is no manifest at all."""
    try:
        document = json.loads(manifest)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise _no_manifest("not an object of JSON")
    return [_digest(each) for each in _objects(document.get("manifests"))]


def _parts_of(document: Mapping[str, Any]) -> Iterator[_Part]:
    """The parts that a manifest names; Refusal at the first that is none, after those before it."""
    if config := document.get("config"):
        yield from (_part(each, is_config=True) for each in _objects([config]))
    yield from (_part(each) for each in _objects(document.get("layers")))
    # Of an artifact of OCI's first draft, and of docker's first schema.
    yield from (_part(each) for each in _objects(document.get("blobs")))
    for each in _objects(document.get("fsLayers")):
        yield _Part(_digest({"digest": each.get("blobSum")}), 0)


def _part(described: Mapping[str, Any], *, is_config: bool = False) -> _Part:
    """A part, by its descriptor: one of less than no bytes would lend others more than is lent."""
    size, media_type = described.get("size", 0), str(described.get("mediaType", ""))
    if not isinstance(size, int) or size < 0:
        raise _refusal(_GET, "NoSize", "a layer of less than no bytes", GapKind.MALFORMED)
    is_elsewhere = bool(described.get("urls")) or any(word in media_type for word in _ELSEWHERE)
    return _Part(_digest(described), size, media_type, is_config, is_elsewhere)


def _digest(described: Mapping[str, Any]) -> str:
    found = described.get("digest")
    if not isinstance(found, str) or not _DIGEST.fullmatch(found):
        raise _no_manifest("a part without a digest")
    return found


def _objects(listed: object) -> Iterable[Mapping[str, Any]]:
    """The objects of a list that may be missing."""
    found = [] if listed is None else listed
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise _no_manifest("a list of another form")
    return found


def _no_manifest(words: str) -> Refusal:
    return _refusal(_GET, "NoManifest", words, GapKind.MALFORMED)


PLACES = (
    Place(id="ecr-image", resource_type="AWS::ECR::Repository", arn=lambda record, _: record["repositoryArn"], texts=_images,
          rows=(call("ecr:DescribeRepositories", "repositories", maxResults=1000),), asks=(_DESCRIBE, _GET, _LAYER)),
)  # fmt: skip
