"""The trial page. Its modules shape one stored document, read as a record, for the reader."""
