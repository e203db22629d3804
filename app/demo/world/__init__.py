"""The data behind the trials: diseases and their treatments, places, sponsors, and invented names."""
