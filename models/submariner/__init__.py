"""Submariner: the lighthouse agent, gateways, route agents and the DNS server."""
