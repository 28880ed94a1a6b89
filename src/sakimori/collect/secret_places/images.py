"""Images of containers in ECR: their configuration (environment, history) and the files of their layers.

Of each repository the newest images are looked at; layers that images share are read once.
Source: ECR API reference, BatchGetImage and GetDownloadUrlForLayer; OCI image specification, manifest and index.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from sakimori.aws.masking import mask
from sakimori.aws.refusal import Refusal
from sakimori.collect.declaration import Context, Record, call
from sakimori.collect.secret_places.place import Place, Reach, Sampled, Text
from sakimori.model.words import GapKind

_DESCRIBE: Final = "ecr:DescribeImages"
_GET: Final = "ecr:BatchGetImage"
_LAYER: Final = "ecr:GetDownloadUrlForLayer"
_IMAGES: Final = 5
_MANIFESTS: Final = 32
"""Of one image: of eight platforms, each with its attestation, and more."""
_TYPES: Final = [
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
]


def _layers(record: Record, _context: Context, reach: Reach) -> Iterator[Text | Sampled]:
    repository = str(record["repositoryName"])
    listed = [
        each for page in reach.pages(_DESCRIBE, repositoryName=repository) for each in page.get("imageDetails") or ()
    ]
    listed.sort(key=lambda each: str(each.get("imagePushedAt", "")), reverse=True)
    seen: set[str] = set()
    left = reach.most_bytes
    is_whole = len(listed) <= _IMAGES
    for image in listed[:_IMAGES]:
        label = str((image.get("imageTags") or [image.get("imageDigest")])[0])
        for manifest in _manifests(reach, repository, str(image["imageDigest"])):
            if isinstance(manifest, Sampled):
                is_whole = False
                continue
            for part in (manifest.get("config") or {}, *(manifest.get("layers") or ())):
                digest, size = str(part.get("digest", "")), _size(part)
                if not digest or digest in seen:
                    continue
                if size > left:
                    is_whole = False
                    continue
                seen.add(digest)
                left -= size
                url = str(reach.call(_LAYER, repositoryName=repository, layerDigest=digest).get("downloadUrl", ""))
                yield Text(name=f"{label} {digest[:19]}", data=reach.fetched(_LAYER, url, size or left))
    if not is_whole:
        yield Sampled()


def _size(part: Mapping[str, Any]) -> int:
    """The bytes of a layer, by the word of whoever pushed it: one of less than none would lend others more than is lent."""
    size = int(part.get("size") or 0)
    if size < 0:
        raise Refusal(call=_GET, kind=GapKind.MALFORMED, code="NoSize", message="a layer of less than no bytes")
    return size


def _manifests(reach: Reach, repository: str, digest: str) -> Iterator[Mapping[str, Any] | Sampled]:
    """The manifest of the digest; where that is an index, those that it lists, as many as are looked at; Sampled where there are more."""
    waiting, asked = [digest], set[str]()
    while waiting and len(asked) < _MANIFESTS:
        wanted = waiting.pop(0)
        if wanted in asked:
            continue
        asked.add(wanted)
        answer = reach.call(
            _GET, repositoryName=repository, imageIds=[{"imageDigest": wanted}], acceptedMediaTypes=_TYPES
        )
        for failure in answer.get("failures") or ():
            code = str(failure.get("failureCode", ""))
            raise Refusal(
                call=_GET, kind=GapKind.REFUSED, code=code, message=mask(str(failure.get("failureReason", "")))
            )
        for image in answer.get("images") or ():
            try:
                manifest = json.loads(image["imageManifest"])
                waiting.extend(str(each["digest"]) for each in manifest.get("manifests") or ())
            except (KeyError, TypeError, AttributeError, ValueError) as error:
                raise Refusal(
                    call=_GET, kind=GapKind.MALFORMED, code="NoManifest", message="a manifest of another form"
                ) from error
            if "layers" in manifest or "config" in manifest:
                yield manifest
    if set(waiting) - asked:
        yield Sampled()


PLACES = (
    Place(id="ecr-image", resource_type="AWS::ECR::Repository", arn=lambda record, _: record["repositoryArn"], texts=_layers,
          rows=(call("ecr:DescribeRepositories", "repositories", maxResults=1000),), asks=(_DESCRIBE, _GET, _LAYER)),
)  # fmt: skip
