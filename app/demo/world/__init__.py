"""What exists before any trial does: diseases and how they are treated, places, sponsors, people. Data and names."""
