import subprocess
import sys
from pathlib import Path

import pytest
from tests.ingest.trail import document, event
from tests.ingest.web_logs import LOCATIONS

from sakimori.ingest.catalogue import named_beside, source_named, source_of, sources
from sakimori.model.errors import UsageError

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
