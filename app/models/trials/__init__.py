"""Tables with one row for each trial, or for each of its sponsors, interventions and countries."""
