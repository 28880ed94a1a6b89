"""Images as docker pushes and pulls them: moto counts the bytes of a layer and drops them, and takes any manifest.

Sources: ECR API reference, the errors of CompleteLayerUpload, PutImage, BatchGetImage, GetDownloadUrlForLayer and
DescribeImages; the OCI image specification (a digest is the hash of the bytes themselves). Of what BatchGetImage makes of
`acceptedMediaTypes` nothing is claimed: an image is given by digest in the form in which it was pushed.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from moto.ecr.models import Repository, ecr_backends

from sakimori.simulate.call import Answer, ServiceError
from sakimori.simulate.stand_ins.form import Desk, StandIn

_SUCCESS: Final = 300
_PAGE: Final = 100
_DIGEST: Final = re.compile(r"[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+")
_LEAST_PART: Final = 5 << 20
_ELSEWHERE: Final = ("foreign", "nondistributable")
"""Layers of these media types lie where their `urls` say, and are not pushed."""


def complete_upload(desk: Desk) -> Answer:
    """Moto's answer; the bytes are kept, and must be those of the digest that is told."""
    asked = desk.parameters()
    repository = _repository(desk)
    upload = repository.uploads.get(str(asked["uploadId"]))
    if upload is None:
        return desk.moto()
    content = bytes(upload.layer_parts)
    if not content:
        raise ServiceError("EmptyUploadException", f"Upload {upload.upload_id} has no layer part{_within(repository)}")
    digest = _sum(content)
    if digest not in asked["layerDigests"]:
        told = ", ".join(map(str, asked["layerDigests"]))
        raise ServiceError("InvalidLayerException", f"The digest of the layer is {digest}, and not {told}")
    if digest in repository.layers:
        raise ServiceError("LayerAlreadyExistsException", f"The layer {digest} exists already{_within(repository)}")
    answer = desk.moto()
    desk.state.layers[repository.arn, digest] = content
    return answer


def upload_part(desk: Desk) -> Answer:
    """Moto's answer; every part but the last is of five MiB or more, which shows when another follows."""
    asked = desk.parameters()
    upload = _repository(desk).uploads.get(str(asked["uploadId"]))
    before = len(upload.layer_parts) if upload else 0
    if before and asked["partFirstByte"] == before and before < _LEAST_PART:
        raise ServiceError("LayerPartTooSmallException", "Layer parts must be at least 5 MiB in size")
    return desk.moto()


def download_url(desk: Desk) -> Mapping[str, Any]:
    """Where a layer lies, or the configuration of an image, which is a layer like any other here."""
    digest = str(desk.parameters()["layerDigest"])
    repository = _repository(desk)
    content = desk.state.layers.get((repository.arn, digest)) if digest in repository.layers else None
    if content is None:
        raise ServiceError("LayersNotFoundException", f"The layer {digest} does not exist{_within(repository)}")
    if not any(digest in each.get_image_manifest() for each in repository.images):
        raise ServiceError("LayerInaccessibleException", f"The layer {digest} is of no image{_within(repository)}")
    return {"downloadUrl": desk.address_of(content), "layerDigest": digest}


def put_image(desk: Desk) -> Answer:
    """Moto's answer, of a manifest whose layers and images were pushed before; its digest is that of its bytes."""
    asked = dict(desk.parameters())
    repository = _repository(desk)
    manifest = str(asked["imageManifest"])
    document = _parsed(manifest)
    if missing := [each for each in _layers_of(document) if each not in repository.layers]:
        told = ", ".join(missing)
        raise ServiceError(
            "LayersNotFoundException", f"The layers {told} of the image do not exist{_within(repository)}"
        )
    pushed = {each.get_image_digest() for each in repository.images}
    if missing := [each for each in _digests(document.get("manifests")) if each not in pushed]:
        told = ", ".join(missing)
        raise ServiceError("ReferencedImagesNotFoundException", f"The images {told} do not exist{_within(repository)}")
    digest = _sum(manifest.encode())
    if asked.get("imageDigest", digest) != digest:
        raise ServiceError("ImageDigestDoesNotMatchException", f"The digest of the image is {digest}")
    body = json.dumps({**asked, "imageDigest": digest}).encode()
    return desk.ask_moto(replace(desk.call, body=body))


def get_images(desk: Desk) -> Mapping[str, Any]:
    """The manifests as they were pushed, and a failure for each that is not there."""
    asked = desk.parameters()
    repository = _repository(desk)
    told: dict[str, list[Any]] = {"images": [], "failures": []}
    for wanted in asked["imageIds"]:
        found = _failure_of(wanted, repository)
        if isinstance(found, str):
            told["failures"].append(
                {"imageId": wanted, "failureCode": found, "failureReason": "Requested image not found"}
            )
        else:
            tag = wanted.get("imageTag") or found.image_tag
            told["images"].append({
                "registryId": repository.registry_id, "repositoryName": repository.name,
                "imageId": {"imageDigest": found.get_image_digest(), **({"imageTag": tag} if tag else {})},
                "imageManifest": found.get_image_manifest(), "imageManifestMediaType": found.image_manifest_media_type,
            })  # fmt: skip
    return told


def describe_images(desk: Desk) -> Answer | Mapping[str, Any]:
    """Moto's answer in pages, the size of an image that of its parts; none is archived here."""
    asked = desk.parameters()
    repository = _repository(desk)
    if asked.get("filter", {}).get("imageStatus", "ACTIVE") != "ACTIVE":
        return {"imageDetails": []}
    answer = desk.moto()
    if answer.status >= _SUCCESS:
        return answer
    documents = {each.get_image_digest(): _parsed(each.get_image_manifest()) for each in repository.images}
    start, size = int(asked.get("nextToken") or 0), int(asked.get("maxResults") or _PAGE)
    told = json.loads(answer.body)
    shown = told["imageDetails"][start : start + size]
    for each in shown:
        each["imageSizeInBytes"] = _size(each["imageDigest"], documents, repository)
    page = {"imageDetails": shown}
    if start + size < len(told["imageDetails"]) and "imageIds" not in asked:
        page["nextToken"] = str(start + size)
    return replace(answer, body=json.dumps(page).encode())


STAND_INS: Final[Mapping[str, StandIn]] = {
    "ecr:BatchGetImage": get_images,
    "ecr:CompleteLayerUpload": complete_upload,
    "ecr:DescribeImages": describe_images,
    "ecr:GetDownloadUrlForLayer": download_url,
    "ecr:PutImage": put_image,
    "ecr:UploadLayerPart": upload_part,
}


def _repository(desk: Desk) -> Repository:
    asked = desk.parameters()
    name, account = str(asked["repositoryName"]), desk.state.account_id
    found = ecr_backends[account][desk.call.region].repositories.get(name)
    if found is None or asked.get("registryId", account) != account:
        where = f"in the registry with id '{asked.get('registryId', account)}'"
        raise ServiceError("RepositoryNotFoundException", f"The repository with name '{name}' does not exist {where}")
    return found


def _within(repository: Repository) -> str:
    return f" in the repository with name '{repository.name}' in the registry with id '{repository.registry_id}'"


def _sum(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def _parsed(manifest: str) -> Mapping[str, Any]:
    try:
        document = json.loads(manifest)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise ServiceError("InvalidParameterException", "Invalid parameter at 'ImageManifest': Invalid JSON syntax")
    return document


def _layers_of(document: Mapping[str, Any]) -> list[str]:
    listed = [document["config"]] if "config" in document else []
    layers = document.get("layers")
    held = [each for each in _objects(layers) if not any(word in str(each.get("mediaType")) for word in _ELSEWHERE)]
    return [*_digests(listed), *_digests(held)]


def _digests(listed: object) -> list[str]:
    return [str(each.get("digest")) for each in _objects(listed)]


def _objects(listed: object) -> Iterator[Mapping[str, Any]]:
    """The objects of a list; anything else is no part of an image."""
    for each in listed if isinstance(listed, list) else ():
        if not isinstance(each, dict):
            raise ServiceError("InvalidParameterException", "Invalid parameter at 'ImageManifest'")
        yield each


def _failure_of(wanted: Mapping[str, str], repository: Repository) -> Any:
    """The image, or the code of what is wrong with the wish for it."""
    tag, digest = wanted.get("imageTag"), wanted.get("imageDigest")
    if not tag and not digest:
        return "MissingDigestAndTag"
    if digest and not _DIGEST.fullmatch(digest):
        return "InvalidImageDigest"
    of_digest = [each for each in repository.images if not digest or each.get_image_digest() == digest]
    found = next((each for each in of_digest if not tag or tag in each.image_tags), None)
    return found or ("ImageTagDoesNotMatchDigest" if tag and digest and of_digest else "ImageNotFound")


def _size(digest: str, documents: Mapping[str, Mapping[str, Any]], repository: Repository) -> int:
    """The bytes of an image's parts; of an index those of the largest image in it."""
    listed = (digest, *(each for each in _digests(documents[digest].get("manifests")) if each in documents))
    return max(sum(repository.layers.get(part, 0) for part in _layers_of(documents[each])) for each in listed)
