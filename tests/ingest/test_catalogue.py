import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.ingest.trail import deliver, document, event
from tests.ingest.web_logs import LOCATIONS

from sakimori.ingest import engine
from sakimori.ingest.catalogue import AUTO, named_beside, source_named, source_of, source_whatever_it_holds, sources
from sakimori.ingest.engine import IngestRequest, ingest
from sakimori.ingest.objects import local_objects
from sakimori.model.errors import UsageError

NOW = datetime(2026, 11, 1, tzinfo=UTC)
SAMPLES = Path(__file__).with_name("samples")


@pytest.mark.parametrize("path", sorted(SAMPLES.iterdir()), ids=lambda path: path.name)
def test_a_sample_is_recognised_by_what_it_holds(path: Path) -> None:
    found = source_of("somewhere/renamed", path.read_bytes()[: 64 << 10])
    # A transcript of a session is any text: only its name tells what it is.
    found = found or source_of(str(path), path.read_bytes()[: 64 << 10])
    assert found is not None
    assert found.name.replace("-", "_") == path.name.split(".")[0].replace("-", "_")


def test_every_source_but_a_trail_has_a_sample() -> None:
    shown = {path.name.split(".")[0].replace("_", "-") for path in SAMPLES.iterdir()}
    assert set(sources()) - {"cloudtrail"} <= shown


def test_the_document_of_a_trail_is_recognised() -> None:
    found = source_of("x", document([event(1)]))
    assert found is not None
    assert found.name == "cloudtrail"


def test_a_file_of_a_trail_is_told_by_its_place_and_not_opened_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = deliver(tmp_path, "a", [event(1)])
    for path in SAMPLES.iterdir():
        # Whatever else it may look like.
        assert source_of(str(place), path.read_bytes()[: 64 << 10]) is source_whatever_it_holds(str(place))
    monkeypatch.setattr(engine, "_beginning", lambda each: pytest.fail(f"{each.location} was opened"))
    request = IngestRequest(home=tmp_path / "home", kind=AUTO, workers=1)
    assert ingest(request, local_objects(str(place)), clock=lambda: NOW).rows == 1


def test_connection_logs_beside_access_logs_are_read_as_what_they_are() -> None:
    assert named_beside("alb", LOCATIONS["alb-connection.log"]) == "alb-connection"
    assert named_beside("alb", LOCATIONS["alb.log"]) == "alb"
    assert named_beside("alb", "renamed.log") == "alb"


def test_what_nobody_knows_is_nobodys() -> None:
    assert source_of("x", b"hello\n") is None
    assert source_of("x", b"") is None


def test_a_misspelt_kind_names_the_nearest() -> None:
    with pytest.raises(UsageError) as raised:
        source_named("cloudtrial")
    assert raised.value.values["near"] == "cloudtrail"


def test_a_source_has_the_name_that_it_is_asked_for_by() -> None:
    assert {name: source.name for name, source in sources().items()} == {name: name for name in sources()}


def test_who_wants_one_source_imports_no_other() -> None:
    code = (
        "import sys; from sakimori.ingest.catalogue import source_named; source_named('waf');"
        "print(*(name for name in sys.modules if name.startswith('sakimori.ingest.') and 'cloudtrail' in name))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout == "\n"
