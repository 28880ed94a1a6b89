"""A kill at any moment: nothing half-read becomes readable, and the same command goes on where it stopped."""

import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.app.company import open_company, use_credentials

from sakimori.app.assess import AssessRequest, assess
from sakimori.app.clock import utc_now
from sakimori.app.collecting import CollectRequest, collect_snapshot
from sakimori.collect.catalogue import declarations
from sakimori.lake.facts import Facts
from sakimori.lake.snapshot import Lake
from sakimori.model.errors import LakeError, UsageError
from sakimori.simulate.faults import Fault, Kind
from sakimori.simulate.server import SimulatedAccount

REGIONS = ("us-east-1", "ap-northeast-1")
TABLES = tuple(
    name for name in sorted(declarations()) if name.startswith(("aws_ec2", "aws_s3", "aws_iam_user", "aws_guardduty"))
)
CHILD = """
import sys
from pathlib import Path
from sakimori.app.access import AccessRequest, open_doors
from sakimori.app.clock import utc_now
from sakimori.app.collecting import CollectRequest, collect_snapshot
url, home, regions, tables = sys.argv[1], Path(sys.argv[2]), tuple(sys.argv[3].split(",")), tuple(sys.argv[4].split(","))
doors = open_doors(AccessRequest(endpoint_url=url, regions=regions))
print("begins", flush=True)
collect_snapshot(CollectRequest(home=home, tables=tables), doors, clock=utc_now)
"""


def collect_here(company: SimulatedAccount, home: Path) -> str:
    return collect_snapshot(
        CollectRequest(home=home, tables=TABLES), open_company(company, regions=REGIONS), clock=utc_now
    )


def facts_of(home: Path, snapshot: str) -> Facts:
    lake = Lake(home)
    try:
        return lake.open(snapshot)
    finally:
        lake.close()


def content(facts: Facts) -> dict[str, list[str]]:
    """Parts are named by what they hold."""
    return {table: sorted(path.name for path in paths) for table, paths in facts.parts.items()}


def kill_after(company: SimulatedAccount, home: Path, seconds: float) -> bool:
    """Start a collection and kill it so long after it began to read; whether it was still running."""
    command = [sys.executable, "-c", CHILD, company.endpoint_url, str(home), ",".join(REGIONS), ",".join(TABLES)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=dict(os.environ)) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "begins\n"
        time.sleep(seconds)
        is_running = process.poll() is None
        process.kill()
    return is_running


@pytest.fixture
def undisturbed(as_owner: SimulatedAccount, tmp_path: Path) -> tuple[dict[str, list[str]], int, float]:
    """What a whole run holds, how many calls it makes, and how long it takes."""
    home = tmp_path / "undisturbed"
    as_owner.faults.add(Fault(kind=Kind.DELAY, seconds=0.03))
    as_owner.forget_calls()
    began = time.monotonic()
    snapshot = collect_here(as_owner, home)
    return content(facts_of(home, snapshot)), len(as_owner.calls), time.monotonic() - began


@pytest.mark.slow
def test_a_kill_at_any_moment_loses_nothing_and_shows_nothing_half_read(
    as_owner: SimulatedAccount, undisturbed: tuple[dict[str, list[str]], int, float], tmp_path: Path
) -> None:
    """Slow by number: fifteen kills, each with a run that goes on after it."""
    whole, _, seconds = undisturbed
    moments = random.Random(7)  # noqa: S311 - moments, no secrets
    struck = 0
    for number in range(15):
        home = tmp_path / str(number)
        was_running = kill_after(as_owner, home, moments.random() * seconds)
        lake = Lake(home)
        begun = lake.snapshots()
        if was_running and not any(line.is_complete for line in begun):
            with pytest.raises(UsageError, match="no_such_snapshot"):
                lake.find("latest")
        lake.close()
        snapshot = collect_here(as_owner, home)
        if begun and not begun[0].is_complete:
            assert snapshot == begun[0].id
            struck += 1
        facts = facts_of(home, snapshot)
        assert content(facts) == whole
        assert all(not unit.gaps for unit in facts.units.values())
        assert not list((home / "lake").glob(".writing-*"))
        shutil.rmtree(home)
    assert struck >= 5


@pytest.mark.slow
def test_a_run_that_was_killed_late_is_finished_with_few_calls(
    as_owner: SimulatedAccount, undisturbed: tuple[dict[str, list[str]], int, float], tmp_path: Path
) -> None:
    """Slow: the whole company is read."""
    whole, calls, _ = undisturbed
    home = tmp_path / "home"
    doors = open_company(as_owner, regions=REGIONS)

    class Stop(Exception):  # noqa: N818 - the test's own way out
        pass

    class Late:
        def __init__(self) -> None:
            self.left = 0

        def total(self, tasks: int) -> None:
            self.left = tasks

        def done(self, *_task: object) -> None:
            self.left -= 1
            if self.left == 1:
                raise Stop

    with pytest.raises(Stop):
        collect_snapshot(CollectRequest(home=home, tables=TABLES), doors, clock=utc_now, progress=Late())
    as_owner.forget_calls()
    snapshot = collect_here(as_owner, home)
    assert len(as_owner.calls) < calls / 2
    assert content(facts_of(home, snapshot)) == whole


# -- a full disk ---------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of a few pages, where we may make one."""
    place = tmp_path / "small"
    place.mkdir()
    mount, umount = shutil.which("mount"), shutil.which("umount")
    made = mount and os.geteuid() == 0 and subprocess.run([mount, "-t", "tmpfs", "-o", "size=768k", "tmpfs", place], check=False, capture_output=True)  # fmt: skip
    if not made or made.returncode:
        pytest.skip("needs the right to mount a file system")
    yield place
    subprocess.run([str(umount), place], check=True)


@pytest.mark.slow
def test_a_full_disk_is_a_sentence_and_what_was_there_before_stays_readable(
    company: SimulatedAccount, monkeypatch: pytest.MonkeyPatch, small_disk: Path
) -> None:
    use_credentials(company, "owner", monkeypatch)
    home = small_disk / "home"
    doors = open_company(company, regions=("us-east-1",))
    few = CollectRequest(home=home, tables=("aws_account",))
    first = collect_snapshot(few, doors, clock=utc_now)
    (small_disk / "filler").write_bytes(
        b"x" * (os.statvfs(small_disk).f_bavail * os.statvfs(small_disk).f_frsize - 12_288)
    )
    with pytest.raises(LakeError) as caught:
        collect_snapshot(CollectRequest(home=home, tables=TABLES), doors, clock=utc_now)
    assert caught.value.text in {"lake.not_writable", "lake.manifest_failed", "lake.manifest_unreadable"}
    assert caught.value.exit_code == 1
    (small_disk / "filler").unlink()
    lake = Lake(home)
    assert lake.find("latest") == first
    assert [line.id for line in lake.snapshots() if line.is_complete] == [first]
    assert lake.open(first).parts.keys() == {"aws_account"}
    lake.close()


@pytest.mark.slow
def test_assess_on_a_full_disk_records_nothing_half(
    company: SimulatedAccount, monkeypatch: pytest.MonkeyPatch, small_disk: Path, tmp_path: Path
) -> None:
    """The lake has its snapshot, and then there is no room for the findings."""
    use_credentials(company, "owner", monkeypatch)
    home = small_disk / "home"
    rules = ("aws.s3.bucket-public-access-blocked",)
    doors = open_company(company, regions=("ap-northeast-1",))
    needed = ("aws_s3_account_public_access", "aws_s3_bucket", "aws_account")
    collect_snapshot(
        CollectRequest(home=home, tables=tuple(name for name in needed if name in declarations())), doors, clock=utc_now
    )
    (small_disk / "filler").write_bytes(b"x" * (os.statvfs(small_disk).f_bavail * os.statvfs(small_disk).f_frsize))
    request = AssessRequest(home=home, rules=rules, snapshot="latest")
    with pytest.raises((LakeError, UsageError)) as caught:
        assess(request, (), clock=utc_now)
    assert caught.value.text != "lake.no_such_snapshot"
    (small_disk / "filler").unlink()
    assert assess(request, (), clock=utc_now).assessment.verdicts
