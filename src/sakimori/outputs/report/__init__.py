"""Reports of an assessment: for people (terminal, HTML, workbook, Markdown) and for machines (JSON, CSV and the formats of others)."""
