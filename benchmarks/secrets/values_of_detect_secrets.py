"""Run in the environment of detect-secrets: `python values_of_detect_secrets.py DIRECTORY` prints what it finds, with values.

Its own report holds hashes only, and a hash cannot tell a secret that was found with a quote too many. All of its
plugins and filters are on, but the one that asks vendors; files are those of `detect-secrets scan --all-files`.
"""

import json
import logging
import sys

from detect_secrets import SecretsCollection
from detect_secrets.core.scan import get_files_to_scan
from detect_secrets.settings import default_settings, get_settings

logging.disable(logging.CRITICAL)
root = sys.argv[1]
with default_settings():
    get_settings().disable_filters("detect_secrets.filters.common.is_ignored_due_to_verification_policies")
    found = SecretsCollection()
    found.scan_files(*get_files_to_scan(root, should_scan_all_files=True))
    told = [
        {"file": file, "line": secret.line_number, "rule": secret.type, "string": secret.secret_value or ""}
        for file, secret in found
    ]
json.dump(told, sys.stdout)
