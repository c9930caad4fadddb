"""Discord: each cog parses what a person did, names the actor, calls one use case and shows its result."""
