"""Engines for multi-cluster export state. No Kubernetes here; models are found by name."""
