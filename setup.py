"""The C accelerator of ``sftc data``, which pyproject.toml cannot describe in stable terms.

It is optional: without a C compiler the package installs without it. ``SFTC_PURE=1`` builds a
wheel without it on purpose, for every platform.
"""

import os

from setuptools import Extension, setup

accelerator = Extension(
    "sftc.datasets.rows._accelerator",
    ["datasets/rows/_accelerator.c"],
    optional=True,
    py_limited_api=True,
)
pure = bool(os.environ.get("SFTC_PURE"))

setup(
    script_name="setup.py",  # else it would be shipped: the root folder is the package
    ext_modules=[] if pure else [accelerator],
    # One wheel for CPython 3.11 and later, by the stable ABI.
    options={} if pure else {"bdist_wheel": {"py_limited_api": "cp311"}},
)
