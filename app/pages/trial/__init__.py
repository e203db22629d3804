"""The trial page: one stored document, read as a record, shaped for the reader by the modules here."""
