"""Tables with a row for each trial, or for each of its sponsors, interventions and countries."""
