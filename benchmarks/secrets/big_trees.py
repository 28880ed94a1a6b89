"""Big inputs for the measurement of speed: a tree of files, a long generated history, a history of a real package.

Their text is drawn from pools of generated pieces: as fast to make as it must be, and as dull as most of a tree is.
"""

import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from filler import FILLERS, noun, path
from kinds_aws import key_id, secret_key
from making import Maker, checked

SHARES: Final[Mapping[str, float]] = {
    "py": 0.22, "js": 0.20, "java": 0.14, "go": 0.10, "yaml": 0.06, "tf": 0.04, "json": 0.05, "lock.json": 0.04,
    "md": 0.03, "csv": 0.02, "log": 0.02, "png": 0.06, "so": 0.02,
}  # fmt: skip
"""By the end of the name: the share of the bytes."""
_FILLS: Final = {
    "py": "python", "js": "javascript", "java": "java", "go": "go", "yaml": "yaml", "tf": "terraform", "json": "json",
    "lock.json": "lock", "md": "prose", "csv": "csv", "log": "log",
}  # fmt: skip
_HEADS: Final = {"png": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "so": b"\x7fELF\x02\x01\x01\0"}
_BYTES_A_FILE: Final = 9_000
_POOL: Final = 1_500


class Pools:
    """Pieces of each kind of file, made once."""

    def __init__(self, seed: str) -> None:
        self.make = Maker(f"pools {seed}")
        self._pieces = {end: [FILLERS[kind](self.make) for _ in range(_POOL)] for end, kind in _FILLS.items()}

    def content(self, end: str, size: int) -> bytes:
        if end in _HEADS:
            return _HEADS[end] + self.make.bytes(size)
        pieces, told, length = self._pieces[end], [], 0
        while length < size:
            told.append(piece := self.make.one_of(pieces))
            length += len(piece)
        return "".join(told).encode()

    def planted(self) -> tuple[tuple[str, ...], bytes]:
        """An access key and a token, as code has them; what must be found, and the lines."""
        key, secret, token = key_id(self.make), secret_key(self.make), checked(self.make, "ghp_")
        lines = f'AWS_ACCESS_KEY_ID = "{key}"\nAWS_SECRET_ACCESS_KEY = "{secret}"\nGITHUB_TOKEN = "{token}"\n'
        return (secret, token), lines.encode()


def write_tree(root: Path, seed: str, megabytes: int, planted: int) -> tuple[str, ...]:
    """A tree of that size; every so many files, code holds a pair of keys and a token. Gives the secrets."""
    pools, secrets = Pools(seed), []
    files = tuple(_files(pools, megabytes))
    every = max(1, sum(1 for _, end, _ in files if end in ("py", "js", "yaml")) // planted)
    eligible = 0
    for name, end, size in files:
        content = pools.content(end, size)
        if end in ("py", "js", "yaml"):
            eligible += 1
            if eligible % every == 0:
                strings, lines = pools.planted()
                secrets += strings
                content = (
                    content[: len(content) // 2].rpartition(b"\n")[0] + b"\n" + lines + content[len(content) // 2 :]
                )
        target = root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return tuple(secrets)


def _files(pools: Pools, megabytes: int) -> Iterator[tuple[str, str, int]]:
    make, at = pools.make, 0
    for end, share in SHARES.items():
        left = share * megabytes * 1e6
        while left > 0:
            size = min(int(make.random.lognormvariate(0, 1.1) * _BYTES_A_FILE), 2_000_000)
            at, left = at + 1, left - size
            yield f"{path(make)}/{noun(make)}_{at}.{end}", end, size


def write_history(root: Path, seed: str, commits: int, planted: int) -> tuple[str, ...]:
    """A repository of so many commits, each of which changes a few files; keys come with one commit and go with the next."""
    pools, secrets = Pools(seed), []
    make = pools.make
    files = {
        f"{path(make)}/{noun(make)}_{at}.{end}": pools.content(end, 8_000)
        for at in range(60)
        for end in ("py", "go", "yaml", "js")
    }
    names = tuple(files)
    _git(root, "init", "--quiet", "--initial-branch=main")
    stream = subprocess.Popen(("/usr/bin/env", "git", "fast-import", "--quiet"), cwd=root, stdin=subprocess.PIPE)
    assert stream.stdin  # noqa: S101 - it was asked for
    removed: str | None = None
    for at in range(commits):
        changed = names if at == 0 else [*make.random.sample(names, 3), *((removed,) if removed else ())]
        removed = None
        stream.stdin.write(
            b"commit refs/heads/main\ncommitter ops <ops@shop.internal> %d +0900\n" % (1_700_000_000 + 600 * at)
        )
        stream.stdin.write(_data(f"change {at} of {noun(make)}".encode()))
        for name in changed:
            if at:
                files[name] = _edited(pools, name, files[name])
            content = files[name]
            if at and name == changed[0] and at % max(1, commits // planted) == 1:
                strings, lines = pools.planted()
                secrets += strings
                removed, content = name, content + lines
            stream.stdin.write(b"M 644 inline %s\n" % name.encode() + _data(content))
    stream.stdin.close()
    if stream.wait():
        raise RuntimeError("git fast-import failed")
    _git(root, "checkout", "--quiet", "main")
    _git(root, "repack", "-a", "-d", "--quiet")
    return tuple(secrets)


def _edited(pools: Pools, name: str, content: bytes) -> bytes:
    """A few new lines in the middle, about as many gone."""
    lines = content.split(b"\n")
    at = pools.make.random.randrange(max(1, len(lines) - 12))
    fresh = pools.content(name.rpartition(".")[2], 400).rstrip(b"\n").split(b"\n")
    return b"\n".join((*lines[:at], *fresh, *lines[at + 10 :]))


def _data(content: bytes) -> bytes:
    return b"data %d\n" % len(content) + content + b"\n"


def write_package_history(root: Path, downloads: Path, package: str, versions: Sequence[str]) -> int:
    """The wheels of a package's versions, unpacked and committed one over the other. Gives the bytes of all blobs."""
    root.mkdir(parents=True, exist_ok=True)
    _git(root, "init", "--quiet", "--initial-branch=main")
    for version in versions:
        place = downloads / version
        subprocess.run(
            (
                sys.executable,
                "-m",
                "pip",
                "download",
                "--quiet",
                "--no-deps",
                "--only-binary",
                ":all:",
                "--dest",
                place,
                f"{package}=={version}",
            ),
            check=True,
        )
        _git(root, "rm", "-r", "--quiet", "--ignore-unmatch", ".")
        for wheel in place.glob("*.whl"):
            zipfile.ZipFile(wheel).extractall(root)
        _git(root, "add", "--all", "--force")
        _git(root, "commit", "--quiet", "--message", f"{package} {version}")
    _git(root, "repack", "-a", "-d", "--quiet")
    told = _git(root, "cat-file", "--batch-all-objects", "--batch-check=%(objecttype) %(objectsize)")
    return sum(int(line.split()[1]) for line in told.splitlines() if line.startswith("blob"))


def _git(root: Path, *words: str) -> str:
    root.mkdir(parents=True, exist_ok=True)
    who = ("-c", "user.name=ops", "-c", "user.email=ops@shop.internal", "-c", "core.fsync=none")
    done = subprocess.run(("/usr/bin/env", "git", *who, *words), cwd=root, check=True, capture_output=True, text=True)
    return done.stdout
