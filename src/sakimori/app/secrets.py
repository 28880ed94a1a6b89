"""Looks for secrets in files, folders, repositories and images: what was found, and what could not be looked at.

Stable (others build on it): `Order` and `scan(order, progress) -> Report`. What another place has found is ranked,
allowed and compared with a baseline by `sakimori.analysis.secrets.report.settled`.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sakimori.analysis.secrets.found import Unread
from sakimori.analysis.secrets.places.folder import FileOnDisk, RepositoryOnDisk, WorktreeOnDisk, files_under
from sakimori.analysis.secrets.places.git_command import Repository, repository_at
from sakimori.analysis.secrets.places.git_objects import GitObject, objects_of
from sakimori.analysis.secrets.places.git_origin import origins_of
from sakimori.analysis.secrets.places.piece import Located
from sakimori.analysis.secrets.report import Allowance, Fingerprint, Report, settled
from sakimori.app.secrets_work import Share, Told, Worker, known_kinds, placed, shares_of, staged
from sakimori.model.errors import UsageError

if TYPE_CHECKING:
    # AWS's libraries are loaded only where a bucket is looked at.
    from sakimori.aws.door import Door

_BUCKET: Final = "s3://"
_TRIED_SECONDS: Final = 1.0
"""CPU seconds after which it is known how long the rest takes."""
_WORTH_SECONDS: Final = 4.0
"""CPU seconds of work for which another process is worth its start: that takes a third of one."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What to look at, and how."""

    sources: tuple[str, ...]
    kinds_dirs: tuple[Path, ...] = ()
    allowances: tuple[Allowance, ...] = ()
    baseline: frozenset[Fingerprint] = frozenset()
    history: bool = False
    staged: bool = False
    door: "Callable[[], Door] | None" = None
    """Opens the account with whose credentials `s3://bucket/prefix` is read."""
    workers: int = field(default_factory=lambda: min(8, os.cpu_count() or 1))


class _Gathered:
    """What is found on the way."""

    def __init__(self) -> None:
        self.located: list[Located] = []
        self.unread: list[Unread] = []
        self.pieces = self.bytes_read = 0
        self.repositories = 0

    def add(self, told: Told) -> None:
        self.located.extend(told[0])
        self.unread.extend(told[1])

    def report(self, order: Order) -> Report:
        is_open, allowed, known = settled(self.located, order.allowances, order.baseline, order.sources)
        return Report(
            located=tuple(is_open), allowed=tuple(allowed), known=tuple(known), unread=tuple(dict.fromkeys(self.unread)),
            kinds={kind.id: kind for kind in known_kinds(order.kinds_dirs)}, bytes_read=self.bytes_read,
            pieces=self.pieces, sources=order.sources, repositories=self.repositories, history=order.history,
        )  # fmt: skip


def scan(order: Order, progress: Progress | None = None) -> Report:
    """Look at every source of the order."""
    gathered = _Gathered()
    if order.staged:
        for source in order.sources:
            _scan_staged(order, source, gathered)
        return gathered.report(order)
    files: list[FileOnDisk] = []
    repositories: dict[str, Repository] = {}
    for source in order.sources:
        if source.startswith(_BUCKET):
            _scan_bucket(order, source, gathered, progress)
        else:
            _list(order, source, files, repositories, gathered)
    gathered.repositories = len(repositories)
    listed = {
        path: objects_of(each, gathered.unread)
        for path, each in repositories.items()
        if order.history and each.answers(gathered.unread)
    }
    shares = list(shares_of(files, listed))
    gathered.pieces += len(files) + sum(map(len, listed.values()))
    total = sum(share.size for share in shares)
    gathered.bytes_read += total
    done = 0
    for share, told in _told_of(order, shares):
        gathered.add(told)
        done += share.size
        if progress:
            progress(done, total)
    for path, objects in listed.items():
        _trace(repositories[path], objects, gathered)
    return gathered.report(order)


def _scan_bucket(order: Order, uri: str, gathered: _Gathered, progress: Progress | None) -> None:
    from sakimori.app.secrets_bucket import look_at_bucket  # noqa: PLC0415 - AWS's libraries, only where they are used

    if order.door is None:
        raise UsageError("secrets.no_door", source=uri)
    worker, done, before = Worker(order.kinds_dirs), 0, gathered.pieces
    for told, size in look_at_bucket(order.door(), uri, worker):
        gathered.add(told)
        gathered.pieces += 1
        gathered.bytes_read += size
        done += size
        if progress:
            # How much lies there is known only at the end of the listing.
            progress(done, done)
    if gathered.pieces == before and uri.removeprefix(_BUCKET).partition("/")[2]:
        gathered.unread.append(Unread(name=uri, reason="empty_prefix"))


def _list(
    order: Order, source: str, files: list[FileOnDisk], repositories: dict[str, Repository], gathered: _Gathered
) -> None:
    has_history = False
    for each in files_under(source, with_history=order.history):
        if isinstance(each, FileOnDisk):
            files.append(each)
        elif isinstance(each, RepositoryOnDisk):
            path = os.path.realpath(each.path)
            repositories[path] = Repository(path)
            has_history = True
        elif isinstance(each, WorktreeOnDisk):
            if order.history and _add_repository_of(each.path, repositories):
                has_history = True
            elif order.history:
                gathered.unread.append(Unread(name=each.path, reason="no_history"))
        else:
            gathered.unread.append(each)
    own_places = (os.path.realpath(source), os.path.realpath(f"{source}/.git"))
    is_met = not repositories.keys().isdisjoint(own_places)
    # A folder within a repository, or a worktree: its git directory lies elsewhere.
    is_within = not is_met and os.path.isdir(source) and _add_repository_of(source, repositories)  # noqa: PTH112
    if order.history and not has_history and not is_within and os.path.exists(source):  # noqa: PTH110
        gathered.unread.append(Unread(name=source, reason="no_history"))


def _add_repository_of(folder: str, repositories: dict[str, Repository]) -> bool:
    """Add the repository that the folder belongs to; whether there is one."""
    own = repository_at(folder)
    if own is None:
        return False
    common = own.text(["rev-parse", "--path-format=absolute", "--git-common-dir"]) or own.git_dir
    repositories.setdefault(os.path.realpath(common), Repository(os.path.realpath(common)))
    return True


def _trace(repository: Repository, objects: Sequence[GitObject], gathered: _Gathered) -> None:
    """Give the hits of a repository their commits and paths."""
    commits = [each.oid for each in objects if each.kind == "commit"]
    mine = {
        each.provenance.blob
        for each in gathered.located
        if each.provenance.resource == repository.git_dir and each.provenance.blob
    }
    origins = origins_of(repository, mine, commits, gathered.unread)
    gathered.located = [placed(each, origins, repository.git_dir) for each in gathered.located]


def _scan_staged(order: Order, source: str, gathered: _Gathered) -> None:
    repository = repository_at(source)
    if repository is None:
        raise UsageError("secrets.no_repository", folder=source)
    if not repository.answers(gathered.unread):
        return
    told, pieces, size = staged(repository, order.kinds_dirs)
    gathered.add(told)
    gathered.pieces += pieces
    gathered.bytes_read += size
    gathered.repositories += 1


def _told_of(order: Order, shares: Sequence[Share]) -> Iterator[tuple[Share, Told]]:
    """What each share tells: looked at here, until it is known that the rest is work for several processes."""
    worker, spent, seen = Worker(order.kinds_dirs), _cpu_seconds(), 0
    left = sum(share.size for share in shares)
    for at, share in enumerate(shares):
        used = _cpu_seconds() - spent
        workers = min(order.workers, len(shares) - at, int(used / max(1, seen) * left / _WORTH_SECONDS) + 1)
        if used >= _TRIED_SECONDS and workers > 1:
            yield from _told_by_many(order, shares[at:], workers)
            return
        yield share, worker.look(share)
        seen += share.size
        left -= share.size


def _cpu_seconds() -> float:
    """What this process has taken, and the git that it has asked."""
    taken = os.times()
    return taken.user + taken.system + taken.children_user + taken.children_system


def _told_by_many(order: Order, shares: Sequence[Share], workers: int) -> Iterator[tuple[Share, Told]]:
    import multiprocessing  # noqa: PLC0415 - a scan that is done sooner needs none of it
    from concurrent.futures import ProcessPoolExecutor, as_completed  # noqa: PLC0415
    from concurrent.futures.process import BrokenProcessPool  # noqa: PLC0415

    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_start, initargs=(order.kinds_dirs,)) as pool:
        waiting = {pool.submit(_look, share): share for share in shares}
        for future in as_completed(waiting):
            share = waiting[future]
            try:
                yield share, future.result()
            except BrokenProcessPool:
                # The system has ended a process, most often for want of memory: what it was looking at is not known.
                yield share, ([], [Unread(name=share.name, reason="worker_lost")])


_workers: list[Worker] = []


def _start(kinds_dirs: tuple[Path, ...]) -> None:
    import threading  # noqa: PLC0415 - in a worker alone

    threading.Thread(target=_leave_with_parent, daemon=True).start()
    _workers.append(Worker(kinds_dirs))


def _leave_with_parent() -> None:
    """End this worker once its parent is gone: who is killed tells nobody, and it would wait for work for ever."""
    from multiprocessing import parent_process  # noqa: PLC0415

    if (parent := parent_process()) is not None:
        parent.join()
        os._exit(1)


def _look(share: Share) -> Told:
    return _workers[0].look(share)
