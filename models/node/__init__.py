"""Nodes: hosts, kubelet, containers, kernel tables."""
