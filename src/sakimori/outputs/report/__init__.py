"""Reports of an assessment: for people (terminal, HTML) and for machines (JSON, CSV, OCSF)."""
