"""Suggestions of the search box while a reader types, and corrections of mistyped words."""
