"""Pushes images into a simulated registry through the API, as docker does."""

import hashlib
import io
import json
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

MANIFEST: Final = "application/vnd.oci.image.manifest.v1+json"
INDEX: Final = "application/vnd.oci.image.index.v1+json"
CONFIG: Final = "application/vnd.oci.image.config.v1+json"
LAYER: Final = "application/vnd.oci.image.layer.v1.tar+gzip"
_PART: Final = 10 << 20


@dataclass(frozen=True)
class Registry:
    """One repository, made when it is first spoken of."""

    client: Any
    name: str

    def __post_init__(self) -> None:
        self.client.create_repository(repositoryName=self.name)

    def layer(self, content: bytes) -> str:
        """Push bytes; their digest. Those that are there already stay."""
        digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
        known = self.client.batch_check_layer_availability(repositoryName=self.name, layerDigests=[digest])["layers"]
        if known:
            return digest
        upload = self.client.initiate_layer_upload(repositoryName=self.name)["uploadId"]
        for at in range(0, len(content), _PART):
            part = content[at : at + _PART]
            self.client.upload_layer_part(
                repositoryName=self.name, uploadId=upload, partFirstByte=at, partLastByte=at + len(part) - 1, layerPartBlob=part
            )  # fmt: skip
        self.client.complete_layer_upload(repositoryName=self.name, uploadId=upload, layerDigests=[digest])
        return digest

    def part(self, content: bytes, media_type: str = LAYER) -> Mapping[str, Any]:
        """Push bytes; what a manifest says of them."""
        return {"mediaType": media_type, "digest": self.layer(content), "size": len(content)}

    def image(self, config: bytes, layers: Sequence[bytes | Mapping[str, Any]], *, tag: str = "", **more: Any) -> str:
        """Push an image of these layers (or of what a manifest is to say of them); its digest."""
        parts = [self.part(each) if isinstance(each, bytes) else each for each in layers]
        manifest = {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": self.part(config, CONFIG),
            "layers": parts,
            **more,
        }
        return self.put(json.dumps(manifest), tag)["image"]["imageId"]["imageDigest"]

    def index(self, digests: Sequence[str], *, tag: str = "") -> str:
        """Push an index of images; its digest."""
        listed = [{"mediaType": MANIFEST, "digest": each, "size": 1} for each in digests]
        return self.put(json.dumps({"schemaVersion": 2, "manifests": listed}), tag, INDEX)["image"]["imageId"][
            "imageDigest"
        ]

    def put(self, manifest: str, tag: str = "", media_type: str = MANIFEST, **more: Any) -> Mapping[str, Any]:
        """Push a manifest as it is."""
        tagged = {"imageTag": tag} if tag else {}
        return self.client.put_image(
            repositoryName=self.name, imageManifest=manifest, imageManifestMediaType=media_type, **tagged, **more
        )

    def described(self) -> Sequence[Mapping[str, Any]]:
        """What the registry says of its images."""
        pages = self.client.get_paginator("describe_images").paginate(repositoryName=self.name)
        return [each for page in pages for each in page["imageDetails"]]


def tarred(files: Mapping[str, bytes]) -> bytes:
    """A tar of these files."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return stream.getvalue()
