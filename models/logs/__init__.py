"""Logs of the API calls of real agents, as lines that a model can be held against."""
