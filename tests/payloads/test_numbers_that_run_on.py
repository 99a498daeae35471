"""What follows a number or a constant without a space does not hide what is wrong with it."""

import pytest

from sftc import payloads


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[1e400x]", "the number 1e400 is outside the range of a double"),
        ('["a", 1e400"b"]', "the number 1e400 is outside the range of a double"),
        ("[-1.5e+999-]", "the number -1.5e+999 is outside the range of a double"),
        ("[18446744073709551616.]", "the integer 18446744073709551616 is beyond 64 bits"),
        ("[99999999999999999999é]", "the integer 99999999999999999999 is beyond 64 bits"),
        ("[NaNs]", "NaN is not a JSON value"),
        ("[-Infinity-]", "-Infinity is not a JSON value"),
    ],
)
def test_the_number_is_named(text: str, reason: str) -> None:
    with pytest.raises(payloads.UnreadableError) as refused:
        payloads.parsed(text)
    assert refused.value.reason == reason
    shown = next(word for word in reason.split() if word in text)
    assert refused.value.place == text.index(shown)
