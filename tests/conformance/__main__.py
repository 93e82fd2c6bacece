"""The page on conformance: ``python -m tests.conformance`` prints docs/CONFORMANCE.md."""

from tests.conformance.page import page

print(page(), end="")  # noqa: T201
