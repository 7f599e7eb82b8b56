"""The look shared by every door: language, tokens, components. Knows nothing of health rules or of HTTP."""
