"""Text search: a reader's words are parsed, widened to other names, looked up in the full text, and marked there."""
