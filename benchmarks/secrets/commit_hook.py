"""How long a commit waits: git alone, with the hook of sakimori, and with that of git-secrets where it is installed.

    python benchmarks/secrets/commit_hook.py [COMMITS]

Real commits in a repository of its own, in alternation; wall and CPU milliseconds of the whole `git commit`, children and all.
"""

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from sakimori.app.git_hooks import install

LINES = "def total(items):\n    return sum(item.price for item in items)\n\n\n"


def git(path: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=path, check=True, capture_output=True)  # noqa: S607


def prepared(root: Path, name: str) -> Path:
    path = root / name
    path.mkdir()
    git(path, "init", "-q", "-b", "main")
    if name == "sakimori":
        install(path, "en")
    if name == "git-secrets":
        git(path, "secrets", "--install")
        git(path, "secrets", "--register-aws")
    return path


def commit(path: Path, number: int) -> tuple[float, float]:
    for file in range(5):
        (path / f"module_{file}.py").write_text(LINES * 50 + f"VERSION = {number}\n")
    git(path, "add", ".")
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    git(path, "commit", "-qm", f"version {number}")
    wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    commits = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    names = ["git alone", "sakimori", *(["git-secrets"] if shutil.which("git-secrets") else [])]
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary)
        os.environ.update(
            GIT_CONFIG_GLOBAL=str(root / "gitconfig"), GIT_CONFIG_NOSYSTEM="1", SAKIMORI_CACHE=str(root / "cache"),
            GIT_AUTHOR_NAME="a", GIT_AUTHOR_EMAIL="a@example.com", GIT_COMMITTER_NAME="a", GIT_COMMITTER_EMAIL="a@example.com",
        )  # fmt: skip
        paths = {name: prepared(root, name) for name in names}
        for path in paths.values():
            commit(path, -1)  # compiles the search
        found: dict[str, list[tuple[float, float]]] = {name: [] for name in names}
        for number in range(commits):
            for name, path in paths.items():
                found[name].append(commit(path, number))
    for name, costs in found.items():
        walls, cpus = (sorted(each) for each in zip(*costs, strict=True))
        middle = len(walls) // 2
        print(
            f"{name:12} wall best {walls[0] * 1e3:6.1f} median {walls[middle] * 1e3:6.1f} ms"
            f"   cpu best {cpus[0] * 1e3:6.1f} median {cpus[middle] * 1e3:6.1f} ms"
        )


if __name__ == "__main__":
    main()
