"""A config where a payload is wanted: recognised, so that a command can say what to run instead."""


def is_config(name: str, text: str) -> bool:
    """Whether what ought to be a payload is a config, by its name or by what it holds."""
    if text.lstrip("\ufeff \t\r\n").startswith("{"):
        return False
    return name.endswith(".toml") or _is_toml(text)


def _is_toml(text: str) -> bool:
    """Whether a text is TOML and has something in it."""
    from tomli import TOMLDecodeError, loads  # only what is no JSON is looked at

    try:
        return bool(loads(text))
    except (TOMLDecodeError, RecursionError):
        return False
