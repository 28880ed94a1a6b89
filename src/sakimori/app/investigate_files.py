"""Log files as a lake that goes away again."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import chain
from pathlib import Path

from sakimori.app.passing_home import passing_home
from sakimori.ingest.engine import IngestRequest, ingest
from sakimori.ingest.objects import local_objects


@contextmanager
def lake_of_files(paths: Sequence[Path], now: datetime) -> Generator[Path]:
    """A home whose lake holds the CloudTrail events of these files and folders; it is removed at the end."""
    with passing_home() as home:
        objects = chain.from_iterable(local_objects(str(path)) for path in paths)
        ingest(IngestRequest(home=home, kind="cloudtrail"), objects, clock=lambda: now)
        yield home
