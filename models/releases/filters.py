"""What the reconcile R-c takes for a copy of an aggregate: the filter that #3188 is about (docs/FACTS.md C14)."""

from models.kube.objects import ServiceImport


def without_label(found: ServiceImport) -> bool:
    """Everything without the service-name label; the aggregates, which carry it as an annotation, pass as well."""
    return not found.label


def without_label_or_annotation(found: ServiceImport) -> bool:
    """Everything that carries the service-name neither as label nor as annotation (lighthouse PR #1675)."""
    return not found.label and not found.annotation
