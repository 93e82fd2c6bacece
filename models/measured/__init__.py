"""What was measured with the real agent, as data, with its source."""
