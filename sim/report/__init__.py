"""Reports: text and figures."""
