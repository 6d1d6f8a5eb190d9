"""Results as files: tables, charts, reports."""
