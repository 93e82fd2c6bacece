"""The world of the incident: Kubernetes, nodes, Submariner. Knows the language of sim.core and no engine."""
