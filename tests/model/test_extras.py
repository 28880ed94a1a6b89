import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from sakimori.model.errors import UsageError
from sakimori.model.extras import DETECT, EXTRA_OF, ensure_libraries, missing_import
from sakimori.texts.sentences import say_error

PROJECT = Path(__file__).parents[2] / "pyproject.toml"


def declared() -> set[tuple[str, str]]:
    """(extra, distribution), without what development needs and the extras that stand in others."""
    extras = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    names = {(extra, re.split(r"[>=\[;]", each)[0]) for extra, wanted in extras.items() for each in wanted}
    return {(extra, name) for extra, name in names if extra not in {"all", "dev"} and name != "sakimori"}


def test_every_library_is_of_the_extra_that_the_project_declares() -> None:
    distributions = {module: [name.lower() for name in names] for module, names in packages_distributions().items()}
    ours = {(extra, name) for module, extra in EXTRA_OF.items() for name in distributions[module]}
    # cryptography comes with two extras.
    assert declared() - ours == {("simulate", "cryptography")}
    assert ours <= declared()


@pytest.mark.parametrize("language", ["en", "ja"])
def test_what_lacks_is_named_at_once_with_the_command_that_brings_it(
    monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    for name in ("sigma", "pyarrow"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(UsageError) as caught:
        ensure_libraries(*DETECT)
    told = say_error(caught.value, language)
    assert "-m pip install -e '.[detect,lake]'" in told
    assert "sigma" in told
    assert "pyarrow" in told
    assert "numpy" not in told


def test_a_module_of_no_extra_that_is_missing_is_a_defect() -> None:
    assert missing_import(ModuleNotFoundError(name="sakimori.no_such_module")) is None
    assert missing_import(ModuleNotFoundError(name="re2")) is not None


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments", [["detect"], ["watch", "logs"], ["detect", "replay", "x"], ["verify", "alerts", "--simulate"]]
)
def test_a_command_whose_library_lacks_says_so_instead_of_calling_it_a_defect(
    arguments: list[str], tmp_path: Path
) -> None:
    code = "import sys; sys.modules['sigma'] = None; from sakimori.cli.main import main; main(sys.argv[1:])"
    command = [sys.executable, "-c", code, "--home", str(tmp_path), "--lang", "en", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "'.[detect]'" in done.stderr
