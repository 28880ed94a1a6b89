"""A page as PDF, printed by a browser that is installed already: the page is made for print, and a browser sets Japanese well.

No library for it is worth its weight here; without a browser on this machine the page is printed from any other.
"""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from sakimori.model.errors import ActionError, UsageError
from sakimori.outputs.report.formats import file_at

BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge")
_SECONDS: Final = 120
_ALONE: Final = (
    "--headless", "--disable-gpu", "--disable-extensions", "--disable-dev-shm-usage", "--no-first-run", "--no-pdf-header-footer",
    "--host-resolver-rules=MAP * ~NOTFOUND",
)  # fmt: skip
"""It asks nobody for anything; the page holds no script, and what came from logs stands in it as text."""


def write_pdf(page: Path, output: Path) -> None:
    """Print a page of HTML. UsageError where there is no browser, ActionError where it does not print."""
    browser = next((found for each in BROWSERS if (found := shutil.which(each))), None)
    if browser is None:
        raise UsageError("respond.no_browser", known=BROWSERS)
    # As root a browser refuses to start inside its own walls.
    walls = ("--no-sandbox",) if hasattr(os, "geteuid") and os.geteuid() == 0 else ()
    with tempfile.TemporaryDirectory() as profile:
        made = Path(profile) / "page.pdf"
        command = [
            browser,
            *_ALONE,
            *walls,
            f"--user-data-dir={profile}",
            f"--print-to-pdf={made}",
            page.resolve().as_uri(),
        ]
        try:
            done = subprocess.run(command, capture_output=True, timeout=_SECONDS, check=False)  # noqa: S603 - a browser by its own name
        except (OSError, subprocess.TimeoutExpired) as error:
            raise ActionError("respond.not_printed", browser=browser, reason=type(error).__name__) from error
        if done.returncode or not made.is_file():
            raise ActionError("respond.not_printed", browser=browser, reason=f"exit {done.returncode}")
        # As the page itself: it names people, and appears whole.
        with file_at(output) as stream:
            stream.write(made.read_bytes())
