import gzip
import json
import shutil
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.ingest.doors import denied
from tests.ingest.signed_trail import (
    ACCOUNT,
    BUCKET,
    HOUR,
    START,
    Trail,
    fingerprint,
    public_key,
    rewrite,
    write_keys,
)

from sakimori.app.verify_trail import Verified, VerifyRequest, read_keys, verify_trail
from sakimori.aws.door import Door
from sakimori.aws.refusal import Refusal
from sakimori.ingest.cloudtrail.digest_chain import Fault, State
from sakimori.ingest.cloudtrail.digests import Chain, DigestError, Signature, check_signature, hash_of, read_digest
from sakimori.ingest.cloudtrail.table import TABLE
from sakimori.lake.coverage import coverage_of
from sakimori.lake.coverage_days import DayState
from sakimori.lake.log_proofs import proofs
from sakimori.lake.log_reader import EVERYWHERE, LogReader
from sakimori.lake.manifest import Manifest
from sakimori.lake.validations import validations
from sakimori.model.account import Account
from sakimori.model.errors import AccessError, UsageError

NOW = datetime(2026, 11, 1, tzinfo=UTC)


class FakeBucket:
    """A door to a bucket that holds the files of a folder, with the metadata that CloudTrail gives its digests."""

    def __init__(self, trail: Trail, *, keys: Mapping[str, bytes] | None = None) -> None:
        self.account = Account(id=ACCOUNT, partition="aws", regions=("us-east-1",), selected=("us-east-1",))
        self.refusals: tuple[Refusal, ...] = ()
        self.refused: set[str] = set()
        self.asked: list[tuple[str, str, Mapping[str, object]]] = []
        self._trail = trail
        self._keys = {fingerprint(): public_key()} if keys is None else keys

    def call(self, operation: str, region: str, parameters: Mapping[str, object]) -> Mapping[str, Any]:
        self._ask(operation, region, parameters)
        key = str(parameters.get("Key"))
        if operation == "s3:GetObject":
            return {"Body": self._trail.path_of(key).read_bytes()}
        if operation == "s3:HeadObject":
            return {
                "Metadata": {"signature": self._trail.signatures.get(key, ""), "signature-algorithm": "SHA256withRSA"}
            }
        return {"BucketRegion": "us-east-1"}

    def pages(self, operation: str, region: str, parameters: Mapping[str, object]) -> Iterator[Mapping[str, Any]]:
        self._ask(operation, region, parameters)
        if operation == "cloudtrail:ListPublicKeys":
            yield {"PublicKeyList": [{"Fingerprint": name, "Value": key} for name, key in self._keys.items()]}
            return
        files = sorted(path for path in self._trail.folder.rglob("*") if path.is_file())
        keys = [str(path.relative_to(self._trail.folder)) for path in files]
        prefix = str(parameters["Prefix"])
        chosen = [(key, path) for key, path in zip(keys, files, strict=True) if key.startswith(prefix)]
        yield {
            "Contents": [
                {"Key": key, "Size": path.stat().st_size, "ETag": '"e"', "LastModified": NOW} for key, path in chosen
            ]
        }

    def _ask(self, operation: str, region: str, parameters: Mapping[str, object]) -> None:
        self.asked.append((operation, region, parameters))
        if operation in self.refused:
            raise denied(operation)


def verify(trail: Trail, home: Path, *, keys: Path | None = None, door: Door | None = None, **more: Any) -> Verified:
    source = more.pop("source", None) or (f"s3://{BUCKET}/AWSLogs/" if door else str(trail.folder))
    return verify_trail(VerifyRequest(home=home, source=source, keys=keys, **more), door, clock=lambda: NOW)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    return write_keys(tmp_path / "keys.json")


@pytest.fixture
def trail(tmp_path: Path) -> Trail:
    return Trail(tmp_path / "copy").hours(0, 4)


def faults_of(found: Verified) -> list[tuple[str, str]]:
    return [(each.fault, each.location.rpartition("/")[2]) for chain in found.chains for each in chain.findings]


# -- a folder of copies ---------------------------------------------------------------


def test_in_a_copy_every_digest_but_the_last_is_verified_by_the_next_one(trail: Trail, home: Path, keys: Path) -> None:
    found = verify(trail, home, keys=keys)
    [chain] = found.chains
    assert chain.chain == Chain(account=ACCOUNT, region="us-east-1", trail="main", home="us-east-1", is_backfill=False)
    assert (found.state, chain.findings) == (State.PARTIAL, ())
    assert (chain.digest_count, chain.signed_count, dict(chain.reasons)) == (4, 3, {Signature.NO_SIGNATURE: 1})
    assert (chain.log_count, chain.matched_count, chain.verified_count) == (4, 4, 3)
    assert (chain.first_at, chain.last_at) == (START, START + 4 * HOUR)


def test_without_keys_hashes_and_the_chain_are_checked(trail: Trail, home: Path) -> None:
    [chain] = verify(trail, home).chains
    assert (chain.state, chain.matched_count, chain.verified_count) == (State.PARTIAL, 4, 0)
    assert dict(chain.reasons) == {Signature.NO_KEY: 3, Signature.NO_SIGNATURE: 1}


def test_without_the_library_the_signatures_are_told_as_not_run(
    trail: Trail, home: Path, keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "cryptography.exceptions", None)
    [chain] = verify(trail, home, keys=keys).chains
    assert (chain.state, dict(chain.reasons)) == (State.PARTIAL, {Signature.NO_LIBRARY: 4})


def test_keys_of_another_region_verify_nothing_and_break_nothing(trail: Trail, home: Path, tmp_path: Path) -> None:
    [chain] = verify(trail, home, keys=write_keys(tmp_path / "other.json", 1)).chains
    assert (chain.state, chain.signed_count, chain.matched_count) == (State.PARTIAL, 0, 4)


def test_a_folder_without_digests_is_not_run(home: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    found = verify(Trail(tmp_path / "empty"), home)
    assert (found.state, found.chains) == (State.NOT_RUN, ())
    assert not home.exists()


def test_unpacked_copies_and_moved_folders_are_the_same_files(
    trail: Trail, home: Path, keys: Path, tmp_path: Path
) -> None:
    flat = tmp_path / "flat"
    flat.mkdir()
    for path in (*trail.logs, *trail.digests):
        (flat / path.name.removesuffix(".gz")).write_bytes(gzip.decompress(path.read_bytes()))
    found = verify(trail, home, keys=keys, source=str(flat))
    assert (found.state, found.verified_count, faults_of(found)) == (State.PARTIAL, 3, [])


def test_a_changed_log_file_is_named(trail: Trail, home: Path, keys: Path) -> None:
    content = gzip.decompress(trail.logs[1].read_bytes())
    trail.logs[1].write_bytes(gzip.compress(content.replace(b"198.51.100.7", b"198.51.100.8")))
    found = verify(trail, home, keys=keys)
    assert found.state is State.FAILED
    assert faults_of(found) == [(Fault.LOG_MODIFIED, trail.logs[1].name)]
    assert found.verified_count == 2


def test_a_log_file_that_is_packed_otherwise_is_the_same(trail: Trail, home: Path, keys: Path) -> None:
    trail.logs[1].write_bytes(gzip.compress(gzip.decompress(trail.logs[1].read_bytes()), compresslevel=1, mtime=7))
    assert faults_of(verify(trail, home, keys=keys)) == []


@pytest.mark.parametrize("harm", [b"", b"\x1f\x8bnonsense", b"plain"])
def test_a_log_file_that_is_damaged_is_named(trail: Trail, home: Path, keys: Path, harm: bytes) -> None:
    trail.logs[2].write_bytes(harm)
    assert faults_of(verify(trail, home, keys=keys)) == [(Fault.LOG_MODIFIED, trail.logs[2].name)]


def test_a_log_file_that_is_gone_is_named(trail: Trail, home: Path, keys: Path) -> None:
    trail.logs[0].unlink()
    assert faults_of(verify(trail, home, keys=keys)) == [(Fault.LOG_MISSING, trail.logs[0].name)]


def test_a_digest_that_is_gone_from_the_middle_is_named(trail: Trail, home: Path, keys: Path) -> None:
    trail.digests[1].unlink()
    found = verify(trail, home, keys=keys)
    assert faults_of(found) == [(Fault.DIGEST_MISSING, trail.digests[1].name)]
    # The one before it has lost the digest that told its signature.
    assert found.chains[0].signed_count == 1


def test_digests_before_the_first_one_at_hand_are_not_missing(trail: Trail, home: Path, keys: Path) -> None:
    trail.digests[0].unlink()
    assert faults_of(verify(trail, home, keys=keys)) == []


def test_a_changed_digest_is_found_by_the_next_one_without_any_key(trail: Trail, home: Path) -> None:
    rewrite(trail.digests[1], logFiles=[])
    assert faults_of(verify(trail, home)) == [(Fault.DIGEST_MODIFIED, trail.digests[1].name)]


def test_a_changed_digest_is_found_by_its_signature_too(trail: Trail, home: Path, keys: Path) -> None:
    rewrite(trail.digests[1], logFiles=[])
    assert faults_of(verify(trail, home, keys=keys)) == [(Fault.DIGEST_MODIFIED, trail.digests[1].name)]


def test_a_forged_chain_with_right_hashes_fails_by_its_signatures(tmp_path: Path, home: Path, keys: Path) -> None:
    forged = Trail(tmp_path / "forged", key=1).hours(0, 3)
    said = [gzip.decompress(path.read_bytes()) for path in forged.digests]
    assert all(fingerprint(1).encode() in each for each in said)
    # The forger names CloudTrail's key, for which he has not the other half, and makes the hashes fit again.
    previous: dict[str, Any] = {}
    for path in forged.digests:
        content = json.loads(gzip.decompress(path.read_bytes()))
        content.update(digestPublicKeyFingerprint=fingerprint(), **previous)
        packed = json.dumps(content).encode()
        path.write_bytes(gzip.compress(packed))
        previous = {"previousDigestHashValue": hash_of(packed)}
    found = verify(forged, home, keys=keys)
    assert [fault for fault, _ in faults_of(found)] == [Fault.SIGNATURE_INVALID] * 2


def test_a_forged_digest_behind_a_true_one_does_not_discredit_it(trail: Trail, home: Path, keys: Path) -> None:
    forged = trail.digests[3]
    rewrite(forged, previousDigestHashValue="0" * 64)
    found = verify(trail, home, keys=keys)
    assert found.chains[0].signed_count == 3
    assert found.verified_count == 3


def test_a_renamed_digest_is_named(trail: Trail, home: Path, keys: Path) -> None:
    target = trail.digests[1].with_name(trail.digests[1].name.replace("T02", "T09"))
    trail.digests[1].rename(target)
    assert (Fault.DIGEST_MOVED, target.name) in faults_of(verify(trail, home, keys=keys))


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"{}", b'{"logFiles": 1}', b'{"logFiles": [1]}', b"\x1f\x8b\x08", b"[" * 100_000, b"\xff\xfe"],
)
def test_a_digest_that_cannot_be_read_is_named_and_loses_no_other(
    trail: Trail, home: Path, keys: Path, content: bytes
) -> None:
    trail.digests[1].write_bytes(content)
    found = verify(trail, home, keys=keys)
    assert faults_of(found) == [(Fault.DIGEST_UNREADABLE, trail.digests[1].name)]
    assert found.chains[0].digest_count == 4
    assert found.verified_count == 1


def test_a_pause_of_the_validation_is_told_and_is_no_fault(tmp_path: Path, home: Path, keys: Path) -> None:
    trail = Trail(tmp_path / "copy").hours(0, 2)
    trail.digest(START + 10 * HOUR, [trail.log(START + 9 * HOUR)], first=True)
    trail.hours(10, 12)
    found = verify(trail, home, keys=keys)
    assert faults_of(found) == []
    assert found.chains[0].gaps == ((START + 2 * HOUR, START + 9 * HOUR),)


def test_a_file_that_no_digest_lists_is_shown(trail: Trail, home: Path, keys: Path) -> None:
    trail.log(START + 2 * HOUR)
    [extra] = trail.logs[4:]
    found = verify(trail, home, keys=keys)
    assert found.unlisted == (str(extra.resolve()),)
    assert found.state is State.PARTIAL


def test_files_newer_than_the_last_digest_are_waited_for(trail: Trail, home: Path, keys: Path) -> None:
    trail.log(START + 4 * HOUR)
    assert verify(trail, home, keys=keys).unlisted == ()


def test_every_trail_and_region_is_a_chain_of_its_own(tmp_path: Path, home: Path, keys: Path) -> None:
    folder = tmp_path / "copy"
    Trail(folder).hours(0, 2)
    Trail(folder, region="eu-west-1").hours(0, 3)
    Trail(folder, name="second_trail").hours(0, 2)
    Trail(folder, name="main", backfill=True).digest(START + HOUR)
    found = verify(Trail(folder), home, keys=keys)
    assert [(each.chain.region, each.chain.trail, each.chain.is_backfill, each.digest_count) for each in found.chains] == [
        ("eu-west-1", "main", False, 3),
        ("us-east-1", "main", False, 2),
        ("us-east-1", "main", True, 1),
        ("us-east-1", "second_trail", False, 2),
    ]  # fmt: skip


def test_only_the_digests_of_the_time_asked_for_are_checked(trail: Trail, home: Path, keys: Path) -> None:
    trail.logs[0].unlink()
    found = verify(trail, home, keys=keys, since=START + 2 * HOUR, until=START + 4 * HOUR)
    assert (found.chains[0].digest_count, faults_of(found)) == (2, [])


# -- a bucket -----------------------------------------------------------------------


def test_in_s3_the_metadata_sign_the_last_digest_and_all_is_verified(trail: Trail, home: Path) -> None:
    door = FakeBucket(trail)
    found = verify(trail, home, door=door)
    assert (found.state, found.verified_count, found.log_count) == (State.VERIFIED, 4, 4)
    assert sum(operation == "s3:HeadObject" for operation, _, _ in door.asked) == 1


def test_the_keys_are_those_of_the_region_and_time_of_the_digests(trail: Trail, home: Path) -> None:
    door = FakeBucket(trail)
    verify(trail, home, door=door)
    [(region, given)] = [asked[1:] for asked in door.asked if asked[0] == "cloudtrail:ListPublicKeys"]
    assert region == "us-east-1"
    assert given == {"StartTime": START - HOUR, "EndTime": NOW}


def test_keys_that_are_refused_leave_hashes_and_chain_and_are_told(trail: Trail, home: Path) -> None:
    door = FakeBucket(trail)
    door.refused = {"cloudtrail:ListPublicKeys"}
    found = verify(trail, home, door=door)
    assert (found.state, found.keys_refused) == (State.PARTIAL, "cloudtrail:ListPublicKeys AccessDenied")
    assert found.chains[0].matched_count == 4
    assert sum(operation == "s3:HeadObject" for operation, _, _ in door.asked) == 1


def test_a_log_that_cannot_be_read_is_no_log_that_is_gone(trail: Trail, home: Path) -> None:
    class Refusing(FakeBucket):
        def call(self, operation: str, region: str, parameters: Mapping[str, object]) -> Mapping[str, Any]:
            if operation == "s3:GetObject" and "_CloudTrail_" in str(parameters["Key"]):
                raise denied(operation)
            return super().call(operation, region, parameters)

    found = verify(trail, home, door=Refusing(trail))
    assert {fault for fault, _ in faults_of(found)} == {Fault.LOG_UNREADABLE}


def test_a_bucket_that_cannot_be_listed_is_an_error(trail: Trail, home: Path) -> None:
    door = FakeBucket(trail)
    door.refused = {"s3:ListObjectsV2"}
    with pytest.raises(AccessError) as refused:
        verify(trail, home, door=door)
    assert refused.value.text == "lake_verbs.not_listed"


def test_logs_outside_the_prefix_are_not_told_missing(trail: Trail, home: Path) -> None:
    door = FakeBucket(trail)
    found = verify(trail, home, door=door, source=f"s3://{BUCKET}/AWSLogs/{ACCOUNT}/CloudTrail-Digest/")
    assert (found.state, found.chains[0].unchecked_count, faults_of(found)) == (State.PARTIAL, 4, [])


def test_a_digest_in_another_place_of_the_bucket_is_named(trail: Trail, home: Path) -> None:
    other = trail.digests[0].parent.parent / "02"
    shutil.move(trail.digests[0].parent, other)
    assert {fault for fault, _ in faults_of(verify(trail, home, door=FakeBucket(trail)))} == {Fault.DIGEST_MOVED}


def test_s3_without_a_door_is_an_error_of_usage(trail: Trail, home: Path) -> None:
    with pytest.raises(UsageError):
        verify(trail, home, source=f"s3://{BUCKET}/")


# -- keys -----------------------------------------------------------------------------


def test_keys_come_from_the_answer_of_the_aws_cli(keys: Path) -> None:
    assert read_keys(keys) == {fingerprint(): public_key()}


@pytest.mark.parametrize(
    "content", ["", "{}", "[]", '{"PublicKeyList": [{"Value": "%", "Fingerprint": "x"}]}', "[" * 9999]
)
def test_a_file_that_holds_no_keys_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "bad.json").write_text(content)
    with pytest.raises(UsageError, match="keys_malformed"):
        read_keys(tmp_path / "bad.json")
    with pytest.raises(UsageError, match="keys_unreadable"):
        read_keys(tmp_path / "none.json")


@pytest.mark.parametrize("form", [PublicFormat.PKCS1, PublicFormat.SubjectPublicKeyInfo])
def test_both_forms_of_public_keys_verify(trail: Trail, form: PublicFormat) -> None:
    path = trail.digests[0]
    digest = read_digest(str(path), path.read_bytes())
    signature = trail.signatures[digest.key]
    assert check_signature(digest, signature, {fingerprint(): public_key(0, form)}) is Signature.VALID
    assert check_signature(digest, signature, {fingerprint(): public_key(1, form)}) is Signature.INVALID
    assert check_signature(digest, "zz", {fingerprint(): public_key(0, form)}) is Signature.INVALID
    assert check_signature(digest, signature, {fingerprint(): b"no key"}) is Signature.NO_KEY


@pytest.mark.slow
@settings(deadline=None)
@given(st.binary(max_size=300) | st.recursive(st.none() | st.text() | st.integers(), st.lists).map(lambda x: json.dumps(x).encode()))  # fmt: skip
def test_any_bytes_are_a_digest_or_refused(content: bytes) -> None:
    with pytest.raises(DigestError):
        read_digest("x", content)


# -- what the lake keeps of it -----------------------------------------------------------


@pytest.mark.slow
def test_hours_without_an_event_are_proven_quiet(tmp_path: Path, home: Path, keys: Path) -> None:
    trail = Trail(tmp_path / "copy").hours(0, 60, quiet=[range(10, 52)])
    verify(trail, home, keys=keys)
    verify(trail, home, keys=keys)
    manifest = Manifest(home / "lake" / "manifest.db")
    found = proofs(manifest, TABLE.name)
    manifest.close()
    assert {(each.account, each.region, each.kind) for each in found} == {(ACCOUNT, "us-east-1", "digest")}
    longest = max(found, key=lambda each: each.last_at - each.first_at)
    begin, end = (datetime.fromtimestamp(each / 1e6, UTC) for each in longest.span)
    assert begin == START + timedelta(hours=9, minutes=20, seconds=1)
    assert end - (START + timedelta(hours=52, minutes=20)) < timedelta(seconds=1)


@pytest.mark.slow
def test_a_day_that_is_proven_quiet_is_no_hole(tmp_path: Path, home: Path, keys: Path) -> None:
    trail = Trail(tmp_path / "copy").hours(0, 80, quiet=[range(20, 52)])
    verify(trail, home, keys=keys)
    reader = LogReader(home)
    [place] = coverage_of(reader, TABLE.name, EVERYWHERE, NOW, ("cloudtrail",)).places
    reader.close()
    assert place.state_on(date(2026, 10, 2)) is DayState.QUIET
    assert place.hole_count == 0


@pytest.mark.slow
@pytest.mark.parametrize("harm", ["no keys", "digest gone", "log gone", "backfilled"])
def test_nothing_is_proven_quiet_by_what_is_not_verified(tmp_path: Path, home: Path, keys: Path, harm: str) -> None:
    trail = Trail(tmp_path / "copy").hours(0, 80, quiet=[range(20, 36), range(37, 52)])
    if harm == "digest gone":
        trail.digests[30].unlink()
    if harm == "log gone":
        next(path for path in trail.logs if "20261002T12" in path.name).unlink()
    if harm == "backfilled":
        late = Trail(trail.folder, backfill=True)
        late.digest(START + 40 * HOUR, [late.log(START + 39 * HOUR)])
    verify(trail, home, keys=None if harm == "no keys" else keys)
    reader = LogReader(home)
    places = coverage_of(reader, TABLE.name, EVERYWHERE, NOW, ("cloudtrail",)).places
    reader.close()
    assert not any(place.state_on(date(2026, 10, 2)) is DayState.QUIET for place in places)


def test_what_was_delivered_in_the_last_hour_may_be_in_the_next_digest(tmp_path: Path, home: Path, keys: Path) -> None:
    trail = Trail(tmp_path / "copy").hours(0, 3, quiet=[range(3)])
    verify(trail, home, door=FakeBucket(trail))
    manifest = Manifest(home / "lake" / "manifest.db")
    [proof] = proofs(manifest, TABLE.name)
    manifest.close()
    assert datetime.fromtimestamp((proof.last_at + 1) / 1e6, UTC) == START + 2 * HOUR


def test_how_a_validation_ended_is_kept_with_the_lake(trail: Trail, home: Path, keys: Path) -> None:
    verify(trail, home)
    verify(trail, home, keys=keys)
    manifest = Manifest(home / "lake" / "manifest.db")
    [kept] = validations(manifest)
    manifest.close()
    assert (kept.account, kept.region, kept.trail) == (ACCOUNT, "us-east-1", "main")
    assert (kept.state, kept.verified_count, kept.listed_count, kept.at) == ("partial", 3, 4, NOW)


def state_kept(home: Path) -> tuple[str, int, int, datetime]:
    manifest = Manifest(home / "lake" / "manifest.db")
    [kept] = validations(manifest)
    manifest.close()
    return kept.state, kept.verified_count, kept.listed_count, kept.at


LATER = NOW + timedelta(days=3)


def verify_later(trail: Trail, home: Path, **more: Any) -> Verified:
    return verify_trail(VerifyRequest(home=home, source=str(trail.folder), **more), None, clock=lambda: LATER)


def test_whoever_has_no_key_later_takes_no_proof_away(trail: Trail, home: Path, keys: Path) -> None:
    verify(trail, home, keys=keys)
    before = state_kept(home)
    [standing] = verify_later(trail, home).standing
    assert state_kept(home) == before == ("partial", 3, 4, NOW)
    assert (standing.verified_count, standing.at) == (3, NOW)
    verify_later(trail, home, since=START + 2 * HOUR, until=START + 4 * HOUR)
    assert state_kept(home)[1:] == before[1:]


def test_a_file_that_changed_since_ends_an_earlier_proof(trail: Trail, home: Path, keys: Path) -> None:
    verify(trail, home, keys=keys)
    trail.logs[1].write_bytes(gzip.compress(b"{}"))
    assert verify_later(trail, home).standing == ()
    assert state_kept(home) == ("failed", 0, 4, LATER)
    assert verify_later(trail, home, since=START + 2 * HOUR, until=START + 4 * HOUR).standing == ()


def test_digests_that_were_written_anew_are_proven_by_nothing_earlier(tmp_path: Path, home: Path, keys: Path) -> None:
    verify(Trail(tmp_path / "true").hours(0, 4), home, keys=keys)
    forged = Trail(tmp_path / "forged", key=1).hours(0, 3)
    verify_later(forged, home)
    state, verified, listed, at = state_kept(home)
    assert (state, at) == ("partial", NOW)
    assert listed > verified


def test_who_proves_all_again_gives_the_proof_its_time(trail: Trail, home: Path, keys: Path) -> None:
    verify(trail, home, keys=keys)
    assert verify_later(trail, home, keys=keys).standing == ()
    assert state_kept(home) == ("partial", 3, 4, LATER)


def restored(path: Path) -> None:
    path.write_bytes(path.with_suffix(".before").read_bytes())


def spoiled(path: Path) -> None:
    path.with_suffix(".before").write_bytes(path.read_bytes())
    path.write_bytes(gzip.compress(b"{}"))


def test_a_narrower_look_that_passes_takes_no_failure_away(trail: Trail, home: Path, keys: Path) -> None:
    spoiled(trail.logs[0])
    verify(trail, home, keys=keys)
    assert state_kept(home)[0] == "failed"
    narrow = verify_later(trail, home, keys=keys, since=START + 3 * HOUR, until=START + 5 * HOUR)
    assert narrow.state is not State.FAILED
    [standing] = narrow.standing
    assert (standing.state, standing.standing_faults, standing.at) == ("failed", 1, NOW)
    assert state_kept(home)[0] == "failed"


def test_a_file_that_is_read_again_and_right_ends_its_failure(trail: Trail, home: Path, keys: Path) -> None:
    spoiled(trail.logs[0])
    verify(trail, home, keys=keys)
    restored(trail.logs[0])
    assert verify_later(trail, home, keys=keys).standing == ()
    assert state_kept(home)[0] == "partial"


def test_a_look_without_a_key_ends_no_failure_that_a_signature_proved(trail: Trail, home: Path, keys: Path) -> None:
    spoiled(trail.logs[0])
    verify(trail, home, keys=keys)
    restored(trail.logs[0])
    verify_later(trail, home)
    assert state_kept(home)[0] == "failed"


def test_a_failure_found_without_a_key_ends_when_the_same_hash_fits_again(trail: Trail, home: Path) -> None:
    spoiled(trail.logs[0])
    verify(trail, home)
    assert state_kept(home)[0] == "failed"
    restored(trail.logs[0])
    verify_later(trail, home)
    assert state_kept(home)[0] == "partial"


def test_a_digest_that_is_gone_stays_gone_for_whoever_looks_past_it(trail: Trail, home: Path, keys: Path) -> None:
    trail.digests[1].unlink()
    verify(trail, home, keys=keys)
    verify_later(trail, home, keys=keys, since=START + 3 * HOUR, until=START + 5 * HOUR)
    assert state_kept(home)[0] == "failed"


def test_of_more_faults_than_are_kept_by_name_the_number_stands(
    trail: Trail, home: Path, keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sakimori.lake.validations._MOST_FAULTS", 1)
    for path in trail.logs[:2]:
        spoiled(path)
    verify(trail, home, keys=keys)
    restored(trail.logs[0])
    [standing] = verify_later(trail, home, keys=keys, since=START + 3 * HOUR, until=START + 5 * HOUR).standing
    assert (standing.state, standing.standing_faults) == ("failed", 2)


@pytest.mark.parametrize("name", ["x.json", "x.json.gz", "{name}"])
def test_a_forged_file_among_the_true_ones_is_told_whatever_its_name(
    name: str, trail: Trail, home: Path, keys: Path
) -> None:
    true = trail.logs[1]
    folder = true.parents[2] / "09/09"
    folder.mkdir(parents=True)
    forged = folder / name.format(name=true.name)
    forged.write_bytes(gzip.compress(b'{"Records":[]}'))
    found = verify(trail, home, keys=keys)
    assert found.state is State.FAILED or str(forged.resolve()) in found.unlisted
