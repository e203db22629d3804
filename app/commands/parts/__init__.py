"""What several commands share: readiness of the database, sources opened one after the other, words on the terminal."""
