"""ClinicalTrials.gov: fetch its documents, read them as trials. Provenance and quirks: README.md."""
