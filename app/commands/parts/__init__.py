"""Parts that several commands share: readiness of the database, loading of sources, terminal output."""
