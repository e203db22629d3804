"""What the service tells its administrator: a line and a count for each request, metrics, a number to quote."""
