"""Kubernetes: objects, API servers, informers, work queues, CreateOrUpdate."""
