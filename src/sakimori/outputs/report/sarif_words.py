"""What SARIF and its readers call a severity: one scale for findings of accounts and for secrets in files.

Sources: OASIS SARIF 2.1.0 (level: 3.27.10) and GitHub's "SARIF support for code scanning" (security-severity).
"""

from typing import Final

from sakimori.model.words import Severity

SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
LEVEL: Final = {
    Severity.CRITICAL: "error", Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "note",
    Severity.INFORMATIONAL: "note",
}  # fmt: skip
SCORE: Final = {
    Severity.CRITICAL: "9.5", Severity.HIGH: "8.0", Severity.MEDIUM: "5.5", Severity.LOW: "2.0",
    Severity.INFORMATIONAL: "0.1",
}  # fmt: skip
"""GitHub reads over 9.0 as critical, from 7.0 as high, from 4.0 as medium, from 0.1 as low."""
