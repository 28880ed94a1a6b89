"""Where files arrive: a bucket of the simulated account on loopback, or a folder."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol, Self

import boto3

_REGION = "ap-northeast-1"
_BUCKET = "example-trail-logs"


class Place(Protocol):
    """Where files are put, and how `sakimori watch` is told of it."""

    source: str

    def put(self, key: str, body: bytes) -> None:
        """Returns once the file is there."""
        ...

    def environment(self) -> Mapping[str, str]:
        """What a process needs to read it."""
        ...


class Folder:
    """A folder on disk."""

    def __init__(self, path: Path) -> None:
        self.source = str(path)
        self._path = path
        path.mkdir(parents=True)

    def put(self, key: str, body: bytes) -> None:
        """See `Place`; nobody sees half of it."""
        place = self._path / key
        place.parent.mkdir(parents=True, exist_ok=True)
        passing = place.with_suffix(".passing")
        passing.write_bytes(body)
        passing.rename(place)

    def environment(self) -> Mapping[str, str]:
        """See `Place`."""
        return {}


class Bucket:
    """A bucket of the simulated account, which is a process of its own while the context lasts."""

    def __init__(self) -> None:
        self.source = f"s3://{_BUCKET}"
        command = (sys.executable, "-m", "sakimori.simulate", "--no-iam")
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._account: dict[str, str] = {}
        self._client: Any = None

    def __enter__(self) -> Self:
        assert self._process.stdout is not None  # noqa: S101 - it was opened as a pipe
        self._account = json.loads(self._process.stdout.readline())
        self._client = boto3.session.Session().client(
            "s3", endpoint_url=self._account["endpoint_url"], region_name=_REGION,
            aws_access_key_id=self._account["access_key_id"], aws_secret_access_key=self._account["secret_access_key"],
        )  # fmt: skip
        self._client.create_bucket(Bucket=_BUCKET, CreateBucketConfiguration={"LocationConstraint": _REGION})
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()

    def put(self, key: str, body: bytes) -> None:
        """See `Place`."""
        self._client.put_object(Bucket=_BUCKET, Key=key, Body=body)

    def environment(self) -> Mapping[str, str]:
        """See `Place`."""
        return {
            "AWS_ENDPOINT_URL": self._account["endpoint_url"],
            "AWS_ACCESS_KEY_ID": self._account["access_key_id"],
            "AWS_SECRET_ACCESS_KEY": self._account["secret_access_key"],
            "AWS_DEFAULT_REGION": _REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
            "HOME": os.environ.get("HOME", "/"),
        }
