"""What a request may ask for and how long it may take; costly ones wait here for their turn."""
