"""Images of a registry: what of them is read, and that nothing in one hides another."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import pytest
from tests.collect.reading_places import read

from sakimori.aws.refusal import Refusal
from sakimori.collect.secret_places.reading import PlaceReading
from sakimori.model.words import GapKind


def digest_of(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


CONFIG, LAYER, CIPHER = b'{"config": {"Env": ["TOKEN=S3CRET-env"]}}', b"S3CRET-layer", b"\x9f\x02\xe1"
BLOBS = {digest_of(each): each for each in (CONFIG, LAYER, CIPHER)}
OF_CONFIG, OF_LAYER, OF_CIPHER = ({"digest": digest, "size": len(content)} for digest, content in BLOBS.items())
OF_BIG = {"digest": f"sha256:{'b' * 64}", "size": 10**9}
MANIFEST = {"config": OF_CONFIG, "layers": [OF_LAYER, OF_BIG]}
WHOLE = {"config": OF_CONFIG, "layers": [OF_LAYER]}


def registry(manifests: Mapping[str, object], *listed: str) -> Mapping[str, Any]:
    """A repository whose images are the first of the manifests, or those that are named, the newest first."""

    def image(parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        digest = parameters["imageIds"][0]["imageDigest"]
        if digest not in manifests:
            return {"images": [], "failures": [{"failureCode": "ImageNotFound", "failureReason": "no image"}]}
        found = manifests[digest]
        return {"images": [{"imageManifest": found if isinstance(found, str) else json.dumps(found)}], "failures": []}

    images = [
        {"imageDigest": each, "imageTags": [f"v{each[-1]}"], "imagePushedAt": f"{9 - at}"}
        for at, each in enumerate(listed or [next(iter(manifests))])
    ]
    return {
        "ecr:DescribeRepositories": {"repositories": [{"repositoryArn": "arn:r", "repositoryName": "r"}]},
        "ecr:DescribeImages": {"imageDetails": images},
        "ecr:BatchGetImage": image,
        "ecr:GetDownloadUrlForLayer": lambda parameters: (
            {"downloadUrl": f"https://x/{parameters['layerDigest']}"}
            if parameters["layerDigest"] in BLOBS
            else "LayersNotFoundException"
        ),
    }


def layer(url: str, most: int) -> bytes:
    return BLOBS[url.removeprefix("https://x/")]


def parts_of(found: PlaceReading) -> list[str]:
    return sorted(str(hit["part"]) for hit in found.exposed)


BOTH = sorted((f"v1 config {digest_of(CONFIG)[:19]}", f"v1 {digest_of(LAYER)[:19]}"))


def test_an_images_configuration_and_layers_are_looked_at_and_a_large_layer_is_left_out_and_said() -> None:
    found = read("ecr-image", registry({"sha256:1": MANIFEST}), fetch=layer)
    assert parts_of(found) == BOTH
    assert [row["is_whole"] for row in found.searched] == [False]
    assert not found.gaps


def test_an_index_leads_to_its_images_and_one_that_leads_to_itself_ends() -> None:
    index = {"manifests": [{"digest": "sha256:1"}, {"digest": "sha256:2"}]}
    found = read("ecr-image", registry({"sha256:1": index, "sha256:2": MANIFEST}), fetch=layer)
    assert parts_of(found) == BOTH
    assert [row["is_whole"] for row in found.searched] == [False]


def test_an_index_of_more_images_than_are_looked_at_is_said() -> None:
    many = {f"sha256:{number}": {"config": OF_CONFIG, "layers": []} for number in range(2, 60)}
    index = {"manifests": [{"digest": digest} for digest in many]}
    found = read("ecr-image", registry({"sha256:1": index, **many}), fetch=layer)
    assert [row["is_whole"] for row in found.searched] == [False]
    few = {"manifests": [{"digest": digest} for digest in list(many)[:16]]}
    found = read("ecr-image", registry({"sha256:1": few, **many}), fetch=layer)
    assert [row["is_whole"] for row in found.searched] == [True]


def test_an_index_and_its_images_are_one_of_the_newest_five() -> None:
    platforms = {f"sha256:{number}": {"config": OF_CONFIG, "layers": []} for number in range(2, 8)}
    index = {"manifests": [{"digest": digest} for digest in platforms]}
    manifests = {"sha256:1": index, **platforms, "sha256:a": {"layers": [OF_LAYER]}}
    found = read("ecr-image", registry(manifests, *manifests), fetch=layer)
    assert len(found.exposed) == 2
    assert [row["is_whole"] for row in found.searched] == [True]


def test_of_many_images_the_newest_are_looked_at_and_that_is_said() -> None:
    manifests = {f"sha256:{number:x}": {"config": OF_CONFIG} for number in range(1, 8)}
    found = read("ecr-image", registry(manifests, *manifests), fetch=layer)
    assert [row["is_whole"] for row in found.searched] == [False]


def test_small_parts_are_looked_at_though_a_large_one_stands_before_them() -> None:
    heavy = {"digest": f"sha256:{'c' * 64}", "size": 60}
    found = read(
        "ecr-image", registry({"sha256:1": {**MANIFEST, "layers": [heavy, OF_LAYER]}}), fetch=layer, most_bytes=80
    )
    assert parts_of(found) == BOTH
    assert [row["is_whole"] for row in found.searched] == [False]


UNREADABLE = {
    "NoSize": {"layers": [{**OF_BIG, "size": -(10**12)}]},
    "NoManifest": ["nothing"],
    "ImageNotFound": {"manifests": [{"digest": "sha256:404"}]},
    "LayersNotFoundException": {"layers": [{**OF_BIG, "size": 1}]},
    "ForeignLayer": {"layers": [{**OF_BIG, "size": 1, "urls": ["http://169.254.169.254/latest/meta-data/"]}]},
    "encrypted": {"layers": [{**OF_CIPHER, "mediaType": "application/vnd.oci.image.layer.v1.tar+gzip+encrypted"}]},
}


@pytest.mark.parametrize("code", UNREADABLE)
def test_what_cannot_be_read_of_one_image_is_told_and_the_next_is_looked_at(code: str) -> None:
    found = read(
        "ecr-image", registry({"sha256:2": UNREADABLE[code], "sha256:1": WHOLE}, "sha256:2", "sha256:1"), fetch=layer
    )
    assert parts_of(found) == BOTH
    assert [gap.code for gap in found.gaps] == [code]
    assert [(row["secret_count"], row["is_whole"]) for row in found.searched] == [(2, False)]


@pytest.mark.parametrize("code", UNREADABLE)
def test_where_nothing_was_found_beside_what_was_not_read_the_count_is_unknown(code: str) -> None:
    found = read("ecr-image", registry({"sha256:2": UNREADABLE[code]}), fetch=layer)
    assert [row["secret_count"] for row in found.searched] == [None]


@pytest.mark.parametrize(
    "manifest",
    ["", "no JSON", "[" * 100_000, "7", '{"manifests": {"digest": "sha256:1"}}', '{"manifests": [["sha256:1"]]}',
     '{"layers": "sha256:1"}', '{"layers": ["sha256:1"]}', '{"layers": [{"digest": 1}]}', '{"config": ["sha256:1"]}',
     '{"layers": [{"digest": "sha256:1", "size": NaN}]}', '{"fsLayers": [{"blobSum": null}]}',
     '{"layers": [{"digest": "' + "a" * 10_000 + ':1"}]}', '{"layers": [{"size": ' + "9" * 5_000 + "}]}"],
)  # fmt: skip
def test_a_manifest_of_another_form_is_a_gap(manifest: str) -> None:
    found = read("ecr-image", registry({"sha256:2": manifest, "sha256:1": WHOLE}, "sha256:2", "sha256:1"), fetch=layer)
    assert {gap.code for gap in found.gaps} <= {"NoManifest", "NoSize"}
    assert found.gaps
    assert parts_of(found) == BOTH


def test_an_image_of_dockers_first_schema_is_looked_at() -> None:
    history = json.dumps({"container_config": {"Cmd": ["export T=S3CRET-history "]}})
    old = {"schemaVersion": 1, "fsLayers": [{"blobSum": OF_LAYER["digest"]}], "history": [{"v1Compatibility": history}]}
    found = read("ecr-image", registry({"sha256:1": old}), fetch=layer)
    assert {str(hit["part"]) for hit in found.exposed} == {"v1 manifest", f"v1 {digest_of(LAYER)[:19]}"}


def test_bytes_of_another_digest_are_looked_at_and_told() -> None:
    found = read("ecr-image", registry({"sha256:1": WHOLE}), fetch=lambda _url, _most: b"S3CRET-other")
    assert {hit["sha256"] for hit in found.exposed} == {"S3CRET-other"}
    assert {gap.code for gap in found.gaps} == {"OtherDigest"}


def test_images_in_the_archive_are_told() -> None:
    answers = dict(registry({"sha256:1": WHOLE}))
    active = answers["ecr:DescribeImages"]

    def described(parameters: Mapping[str, Any]) -> Any:
        status = parameters.get("filter", {}).get("imageStatus", "ACTIVE")
        if status == "ACTIVATING":
            return {"imageDetails": []}
        return active if status == "ACTIVE" else {"imageDetails": [{"imageDigest": "sha256:9", "imageStatus": status}]}

    answers["ecr:DescribeImages"] = described
    found = read("ecr-image", answers, fetch=layer)
    assert [gap.code for gap in found.gaps] == ["Archived"]


def test_an_image_of_endless_layers_ends() -> None:
    asked: list[str] = []

    def fetch(url: str, most: int) -> bytes:
        asked.append(url)
        return b""

    answers = dict(registry({"sha256:1": {"layers": [{"digest": f"sha256:{number:x}"} for number in range(10_000)]}}))
    answers["ecr:GetDownloadUrlForLayer"] = {"downloadUrl": "https://x/"}
    found = read("ecr-image", answers, fetch=fetch)
    assert len(asked) < 1_000
    assert [row["is_whole"] for row in found.searched] == [False]


def test_where_no_layer_comes_the_rest_is_not_waited_for() -> None:
    asked: list[str] = []

    def fetch(url: str, _most: int) -> bytes:
        asked.append(url)
        raise Refusal(call="https:GET", kind=GapKind.UNREACHABLE, code="TooSlow", message="")

    answers = dict(registry({"sha256:1": {"layers": [{"digest": f"sha256:{number:x}"} for number in range(100)]}}))
    answers["ecr:GetDownloadUrlForLayer"] = {"downloadUrl": "https://x/"}
    found = read("ecr-image", answers, fetch=fetch)
    assert len(asked) == 3
    assert [gap.code for gap in found.gaps] == ["TooSlow"] * 3
    assert [row["is_whole"] for row in found.searched] == [None]


def test_more_secrets_than_a_resource_may_hold_are_told() -> None:
    listed = "\n".join(f"S3CRET-{number}" for number in range(6_000)).encode()
    answers = registry({"sha256:1": WHOLE})
    found = read("ecr-image", answers, fetch=lambda _url, _most: listed)
    assert len(found.exposed) == 5_000
    assert "too_many" in {gap.code for gap in found.gaps}
