"""Other ways to sign in, all off unless configured, all ending in the same session. See docs/sign-in.md."""
