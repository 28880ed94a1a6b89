"""botocore's data files, read with a faster parser than its own.

They are the largest thing that a run reads (EC2's model alone is ten megabytes of JSON): parsed into
plain dictionaries they take half the time and three quarters of the memory of botocore's ordered ones.
"""

import gzip
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import IO, Any

import msgspec
from botocore.loaders import JSONFileLoader, Loader, create_loader


@cache
def data_loader() -> Loader:
    """botocore's loader, one for all sessions; what it finds and where stays botocore's affair."""
    loader = create_loader()
    loader.file_loader = _Reader()
    return loader


class _Reader(JSONFileLoader):
    def _load_file(self, full_path: str, open_method: Callable[..., IO[bytes]]) -> Any:
        path = Path(full_path)
        if not path.is_file():
            return None
        content = path.read_bytes()
        return msgspec.json.decode(gzip.decompress(content) if open_method is gzip.open else content)
