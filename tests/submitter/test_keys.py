"""The idempotency key, to the letter: another one would submit a job twice after an update."""

from sftc.submitter.requests import idempotency_key

IDENTITY = "the digests of a payload and its data"
FIRST = "9531f98be20a8d1c5205e5601d86146595b130b6e03468d043dbf6a7ba33a62d"
AGAIN = "4e8dc1e831f1ac196c9f82c10478b285ef35651dd6425d0f7a05a34047f6e2b8"


def test_the_key_of_a_submission_never_changes() -> None:
    first = idempotency_key(IDENTITY, "")
    assert first == "sftc-" + FIRST
    assert idempotency_key(IDENTITY, "again") == "sftc-" + AGAIN
    assert idempotency_key(f"{IDENTITY} again", "") != idempotency_key(IDENTITY, "again")
