"""Data about trials of one revision, kept in memory for counting: postings, orders, the values of each trial."""
