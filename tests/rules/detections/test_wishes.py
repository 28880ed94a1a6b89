"""What writers of rules may say in an example, and quote in a message."""

from pathlib import Path
from typing import Any

import pytest
from sakimori.rules.detections.check import check_detections
from sakimori.texts.template import parse_template, placeholders
from tests.rules.detections.files import load, only, rule, words_of
