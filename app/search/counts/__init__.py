"""What is counted of trials and kept in memory: postings, orders, the values of each trial, all of one revision."""
