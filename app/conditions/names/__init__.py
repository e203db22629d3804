"""Names of conditions in free text: which spellings are one name, and which concepts a phrase names. No database."""
