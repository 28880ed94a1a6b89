"""The data beside this code: who works at the company, what a call looks like, who calls what."""

from functools import cache
from pathlib import Path
from typing import Any

from sakimori.texts.bounded_yaml import parse_yaml


@cache
def data_of(name: str) -> Any:
    """What `data/<name>.yaml` holds."""
    path = Path(__file__).parent / "data" / f"{name}.yaml"
    return parse_yaml(path.read_text(encoding="utf-8"), path.name).data
