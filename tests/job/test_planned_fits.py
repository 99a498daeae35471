"""Whether a job fits, as a condition."""

import pytest

from sftc.job.planned import Fits


@pytest.mark.parametrize("fits", list(Fits))
def test_only_what_surely_fits_is_true(fits: Fits) -> None:
    assert bool(fits) is (fits is Fits.FITS)
