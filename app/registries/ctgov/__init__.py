"""ClinicalTrials.gov: fetches its documents and reads them as trials. README.md has provenance and quirks."""
