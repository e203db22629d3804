"""Names of conditions in free text: what makes two of them one, and which concepts a phrase names. No database here."""
