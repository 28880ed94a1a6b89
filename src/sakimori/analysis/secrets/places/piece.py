"""One piece of data to look at: a file, an object of a repository, a member of an archive.

Stable (others build on it): `Piece` and `Provenance`. A place is a function that yields pieces and tells an
`Unread` for each thing that it could not read.
"""

from dataclasses import dataclass, field

from sakimori.analysis.secrets.found import Found


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where a piece comes from: `source` is the word of the place (`file`, `git`, `image`, `mail`, `s3`, an AWS resource's type)."""

    source: str
    file: str = ""
    """The path within the place: a file's, or the path of a blob in its commit."""
    commit: str = ""
    blob: str = ""
    resource: str = ""
    """An ARN or URL, where the piece belongs to one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A name that a person recognises, the bytes, and where they come from."""

    name: str
    data: bytes = field(repr=False)
    provenance: Provenance


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """A secret that was found, and where it comes from."""

    found: Found
    provenance: Provenance
