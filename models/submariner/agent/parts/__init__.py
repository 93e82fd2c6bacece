"""What differs between releases of the agent, each in a small file: a handler asks its release for the part."""
