"""Why there is no tokenizer to count with: a matter of what was asked for, not of the data."""


class TokenizerError(ValueError):
    """A tokenizer or its chat template cannot be used; the message is for people."""
