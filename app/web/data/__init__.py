"""The database that pages are served from: how it is opened, how its replacement is noticed, and whether it is fit."""
