"""What a hunt looks at: small configurations, symptoms at rest, and the names of causes. No search lives here."""
