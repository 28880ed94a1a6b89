"""Images of a simulated registry, looked at from the command line: what lies in layers and configuration, and what is hostile."""

import gzip
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from moto.ecr.models import ecr_backends
from tests.app.planted_account import REGION, lines, secret_key
from tests.cli.running import Done, Sakimori
from tests.simulate.pushing import LAYER, Registry, tarred

from sakimori.model.exit_codes import BLIND, COMPLETED, FOUND
from sakimori.simulate.faults import Fault, Kind
from sakimori.simulate.server import SimulatedAccount

FIRST = gzip.compress(tarred({"etc/shop/prod.env": lines("layer").encode()}))
WHITED_OUT = gzip.compress(tarred({"etc/shop/.wh.prod.env": b""}))
CONFIG = json.dumps({
    "config": {"Env": ["PATH=/bin", f"AWS_SECRET_ACCESS_KEY={secret_key('environment')}"]},
    "history": [{"created_by": f"RUN export AWS_SECRET_ACCESS_KEY={secret_key('history')} && deploy"}],
}).encode()  # fmt: skip


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[SimulatedAccount]:
    with SimulatedAccount() as made:
        for name, value in made.environment("owner").items():
            if name.startswith("AWS_") or name.lower().endswith("_proxy"):
                monkeypatch.setenv(name, value)
        yield made


@pytest.fixture
def registry(account: SimulatedAccount) -> Registry:
    return Registry(account.client("ecr", region=REGION), "shop/web")


@pytest.fixture
def sakimori(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Sakimori:
    return Sakimori(tmp_path / "home", monkeypatch, capsys)


def scan(sakimori: Sakimori, *more: str, lang: str = "en") -> Done:
    return sakimori("secrets", "scan", "--account", "--region", REGION, "--place", "ecr-image", *more, lang=lang)


def told(sakimori: Sakimori, *more: str) -> tuple[int, Mapping[str, Any]]:
    done = scan(sakimori, "--format", "json", *more)
    return done.code, json.loads(done.out)


def parts(found: Mapping[str, Any]) -> set[str]:
    return {each["part"] for each in found["findings"] if each["kind"] == "aws.secret-access-key"}


@pytest.mark.slow
def test_what_a_later_layer_deletes_and_what_the_configuration_says_is_found(
    sakimori: Sakimori, account: SimulatedAccount, registry: Registry
) -> None:
    """Slow: two searches from the command line."""
    config, first = registry.part(CONFIG)["digest"], registry.part(FIRST)["digest"]
    registry.image(CONFIG, [FIRST, WHITED_OUT], tag="v1.2")
    code, found = told(sakimori, "--fail-on", "high")
    assert code == FOUND
    assert found["gaps"] == []
    arn = f"arn:aws:ecr:{REGION}:{account.account_id}:repository/shop/web"
    assert {each["resource_arn"] for each in found["findings"]} == {arn}
    assert parts(found) == {f"v1.2 config {config[:19]}", f"v1.2 {first[:19]}: etc/shop/prod.env"}
    secrets = [each for each in found["findings"] if each["kind"] == "aws.secret-access-key"]
    assert len(secrets) == 3
    assert [row["is_whole"] for row in found["searched"]] == [True]
    assert not any(secret_key(each) in json.dumps(found) for each in ("layer", "environment", "history"))
    shown = scan(sakimori, lang="ja")
    assert shown.code == COMPLETED
    assert f"v1.2 {first[:19]}: etc/shop/prod.env:2" in shown.out


@pytest.mark.slow
def test_every_platform_of_an_image_is_looked_at(sakimori: Sakimori, registry: Registry) -> None:
    """Slow: a search from the command line."""
    arm = gzip.compress(tarred({"arm.env": lines("arm").encode()}))
    registry.index([registry.image(b"{}", [FIRST]), registry.image(b"{}", [arm])], tag="latest")
    _, found = told(sakimori)
    assert {each.partition(": ")[2] for each in parts(found)} == {"etc/shop/prod.env", "arm.env"}
    assert all(each.startswith("latest ") for each in parts(found))


@pytest.mark.slow
def test_a_hostile_image_is_told_and_hides_nothing(
    sakimori: Sakimori, account: SimulatedAccount, registry: Registry
) -> None:
    """Slow: two searches from the command line."""
    registry.image(CONFIG, [FIRST], tag="honest")
    inside = {**registry.part(b"x"), "digest": f"sha256:{'0' * 64}"}
    foreign = {**inside, "mediaType": "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
               "urls": ["http://169.254.169.254/latest/meta-data/"]}  # fmt: skip
    cipher = registry.part(b"\x93\x11\xfe" * 50, f"{LAYER}+encrypted")
    registry.image(b"{}", [foreign, cipher], tag="odd")
    registry.image(b'{"a": 1}', [b"7z\xbc\xaf\x27\x1c" + b"\x81" * 50], tag="packed")
    registry.image(b'{"b": 1}', [b"y"], tag="evil")
    backend: Any = ecr_backends[account.account_id][REGION].repositories["shop/web"]
    backend.images[-1].image_tags[:] = ["\x1b[31m\u202eevil\n! all is well"]
    backend.images[-1].image_manifest = '{"layers": {"digest": "sha256:1"}}'
    code, found = told(sakimori)
    assert code == BLIND
    assert {each["code"] for each in found["gaps"]} == {"ForeignLayer", "encrypted", "unsupported", "NoManifest"}
    assert {each.partition(" ")[0] for each in parts(found)} == {"honest"}
    assert [row["is_whole"] for row in found["searched"]] == [False]
    shown = scan(sakimori)
    assert "\x1b" not in shown.out
    assert "\u202e" not in shown.out
    assert not [line for line in shown.out.splitlines() if line.startswith("! all is well")]


@pytest.mark.slow
def test_a_repository_that_refuses_is_unknown_and_the_others_are_looked_at(
    sakimori: Sakimori, account: SimulatedAccount, registry: Registry
) -> None:
    """Slow: two searches from the command line."""
    registry.image(CONFIG, [FIRST], tag="v1")
    account.faults.add(Fault(kind=Kind.DENY, match="ecr:BatchGetImage"))
    code, found = told(sakimori)
    assert code == BLIND
    assert [(row["secret_count"], row["is_whole"]) for row in found["searched"]] == [(None, None)]
    account.faults.clear()
    account.faults.add(Fault(kind=Kind.DENY, match="ecr:GetDownloadUrlForLayer"))
    code, found = told(sakimori)
    assert code == BLIND
    assert [row["secret_count"] for row in found["searched"]] == [None]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("lang", "words"),
    [("en", ["It is packed in a form that is not opened"]), ("ja", ["未対応の圧縮形式です", "検索は不完全です"])],
)
def test_what_was_not_opened_is_said_with_its_place_and_a_way_to_look(
    sakimori: Sakimori, registry: Registry, lang: str, words: list[str]
) -> None:
    """Slow: a search from the command line."""
    layer = gzip.compress(tarred({"opt/old.rar": b"Rar!" + b"\x81" * 50}))
    registry.image(b"{}", [layer], tag="v1")
    shown = scan(sakimori, lang=lang)
    assert shown.code == BLIND
    assert all(each in shown.out for each in words)
    assert "opt/old.rar" in shown.out
    assert "permissions --for secrets" not in shown.out, "no permission would help"
