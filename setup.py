"""What pyproject.toml has no settled words for: the accelerator of ``sftc data``.

It is optional: where it cannot be compiled, the installation goes on without it.
"""

from setuptools import Extension, setup

setup(
    script_name="setup.py",  # else it would be shipped: the root folder is the package
    ext_modules=[
        Extension(
            "sftc.datasets.rows._accelerator",
            ["datasets/rows/_accelerator.c"],
            optional=True,
            py_limited_api=True,
        )
    ],
    options={"bdist_wheel": {"py_limited_api": "cp311"}},  # one wheel for 3.11 and later
)
