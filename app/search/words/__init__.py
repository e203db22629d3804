"""What a reader's words find: parsed, widened to other names, looked up in the full text, explained by marks."""
