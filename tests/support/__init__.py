"""What several tests use, and is no test."""
