"""Names and namespaces.

Source: lighthouse ``service_import.go:brokerAggregatedServiceImportName``, ``agent.go:getObjectNameWithClusterID``.
"""

from __future__ import annotations

OPERATOR_NAMESPACE = "submariner-operator"
BROKER_NAMESPACE = "submariner-k8s-broker"


def aggregate_name(service_key: str) -> str:
    """``<service>-<namespace>``, the name of the aggregate on the broker; ambiguous, as upstream's is (FACTS R8)."""
    namespace, name = service_key.split("/")
    return f"{name}-{namespace}"


def second_aggregate_name(service_key: str) -> str:
    """``<service>.<namespace>``: what ``level`` calls an aggregate whose first name another service has (FACTS R8).
    Neither part has a dot, so that no two services have one such name.
    """
    namespace, name = service_key.split("/")
    return f"{name}.{namespace}"


def local_import_name(service_key: str, cluster: str) -> str:
    """``<service>-<namespace>-<cluster>``, the name of the local ServiceImport, and of the legacy one on the broker."""
    return f"{aggregate_name(service_key)}-{cluster}"
