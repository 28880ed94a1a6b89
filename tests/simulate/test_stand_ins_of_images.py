"""Images are pushed and pulled through the API as docker does it, and what docker may not do is refused as ECR refuses it."""

import hashlib
import json
import urllib.request
from typing import Any

import pytest
from tests.simulate.pushing import INDEX, MANIFEST, Registry

from sakimori.simulate.server import SimulatedAccount


@pytest.fixture
def registry(account: SimulatedAccount) -> Registry:
    return Registry(account.client("ecr"), "shop")


def test_what_was_pushed_is_pulled_byte_for_byte(account: SimulatedAccount, registry: Registry) -> None:
    pushed = registry.image(b'{"config": {}}', [b"one", b"two"], tag="v1")
    ecr = registry.client
    (got,) = ecr.batch_get_image(repositoryName="shop", imageIds=[{"imageTag": "v1"}])["images"]
    assert got["imageId"] == {"imageDigest": pushed, "imageTag": "v1"}
    assert got["imageManifestMediaType"] == MANIFEST
    assert f"sha256:{hashlib.sha256(got['imageManifest'].encode()).hexdigest()}" == pushed
    contents = []
    for part in json.loads(got["imageManifest"])["layers"]:
        url = ecr.get_download_url_for_layer(repositoryName="shop", layerDigest=part["digest"])["downloadUrl"]
        assert url.startswith(account.endpoint_url)
        with urllib.request.urlopen(url) as answer:  # noqa: S310 - loopback
            contents.append(answer.read())
    assert contents == [b"one", b"two"]


def test_an_image_of_several_platforms_is_listed_with_those_it_is_made_of(registry: Registry) -> None:
    small, large = registry.image(b"{}", [b"a"]), registry.image(b"{}", [b"b" * 100])
    both = registry.index([small, large], tag="latest")
    listed = {each["imageDigest"]: each for each in registry.described()}
    assert set(listed) == {small, large, both}
    assert listed[both]["imageManifestMediaType"] == INDEX
    assert listed[both]["imageSizeInBytes"] == listed[large]["imageSizeInBytes"] == 102


def test_a_listing_comes_in_pages(registry: Registry) -> None:
    pushed = {registry.image(b"{}", [b"%d" % number]) for number in range(5)}
    pages = registry.client.get_paginator("describe_images").paginate(
        repositoryName="shop", PaginationConfig={"PageSize": 2}
    )
    listed = [[each["imageDigest"] for each in page["imageDetails"]] for page in pages]
    assert [len(page) for page in listed] == [2, 2, 1]
    assert {each for page in listed for each in page} == pushed
    archived = registry.client.describe_images(repositoryName="shop", filter={"imageStatus": "ARCHIVED"})
    assert archived["imageDetails"] == []


def test_an_upload_that_is_none_is_refused(registry: Registry, refusal_of: Any) -> None:
    ecr, missing = registry.client, f"sha256:{'0' * 64}"

    def begun(*parts: bytes) -> str:
        upload = ecr.initiate_layer_upload(repositoryName="shop")["uploadId"]
        at = 0
        for part in parts:
            ecr.upload_layer_part(
                repositoryName="shop",
                uploadId=upload,
                partFirstByte=at,
                partLastByte=at + len(part) - 1,
                layerPartBlob=part,
            )
            at += len(part)
        return upload

    def refused(upload: str, digest: str) -> str:
        return refusal_of(ecr.complete_layer_upload, repositoryName="shop", uploadId=upload, layerDigests=[digest])[0]

    assert refused(begun(), missing) == "EmptyUploadException"
    assert refused(begun(b"x"), missing) == "InvalidLayerException"
    assert refused("none", missing) == "UploadNotFoundException"
    digest = registry.layer(b"x")
    assert refused(begun(b"x"), digest) == "LayerAlreadyExistsException"
    half = {
        "repositoryName": "shop",
        "uploadId": begun(b"x"),
        "partFirstByte": 1,
        "partLastByte": 1,
        "layerPartBlob": b"y",
    }
    assert refusal_of(ecr.upload_layer_part, **half)[0] == "LayerPartTooSmallException"
    asked = {"repositoryName": "shop", "layerDigest": digest}
    assert refusal_of(ecr.get_download_url_for_layer, **asked)[0] == "LayerInaccessibleException"
    asked["layerDigest"] = missing
    assert refusal_of(ecr.get_download_url_for_layer, **asked)[0] == "LayersNotFoundException"
    asked["repositoryName"] = "none"
    assert refusal_of(ecr.get_download_url_for_layer, **asked)[0] == "RepositoryNotFoundException"


def test_a_manifest_of_what_was_not_pushed_is_refused(registry: Registry, refusal_of: Any) -> None:
    missing = f"sha256:{'0' * 64}"
    layer = {"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "digest": missing, "size": 1}
    foreign = {**layer, "mediaType": "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"}

    def refused(manifest: str, **more: str) -> str:
        return refusal_of(registry.put, manifest=manifest, **more)[0]

    assert refused(json.dumps({"layers": [layer]})) == "LayersNotFoundException"
    assert refused(json.dumps({"manifests": [{"digest": missing}]})) == "ReferencedImagesNotFoundException"
    assert refused("no JSON") == refused("[1]") == refused('{"layers": [1]}') == "InvalidParameterException"
    assert refused(json.dumps({"layers": []}), imageDigest=missing) == "ImageDigestDoesNotMatchException"
    assert registry.put(json.dumps({"layers": [foreign]}))["image"]["imageId"]["imageDigest"].startswith("sha256:")


def test_each_image_that_is_not_there_is_a_failure_of_its_own(registry: Registry) -> None:
    digest = registry.image(b"{}", [b"a"], tag="v1")
    wanted: list[dict[str, str]] = [
        {"imageDigest": digest}, {"imageTag": "v2"}, {"imageDigest": "none"},
        {"imageDigest": f"sha256:{'0' * 64}"}, {"imageDigest": digest, "imageTag": "v2"}, {},
    ]  # fmt: skip
    told = registry.client.batch_get_image(repositoryName="shop", imageIds=wanted)
    assert len(told["images"]) == 1
    assert [(each["imageId"], each["failureCode"]) for each in told["failures"]] == list(
        zip(wanted[1:], ["ImageNotFound", "InvalidImageDigest", "ImageNotFound", "ImageTagDoesNotMatchDigest", "MissingDigestAndTag"], strict=True)
    )  # fmt: skip
