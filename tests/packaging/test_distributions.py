"""What is shipped: an sdist that builds anywhere, and wheels with the package and nothing else.

``sdist.txt`` and ``wheel.txt`` list the files. A line ``FOLDER/*.py`` stands for exactly the
modules that git knows in that folder, so adding a module changes no golden, and adding a package
or a data file does. ``SFTC_REWRITE=1`` rewrites them.
"""

import email
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterable
from functools import cache
from pathlib import Path, PurePosixPath

import pytest
import tomli

import sftc
from sftc.datasets.rows.accelerator import chosen, sift_none

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
COMPILER = shutil.which("cc") or shutil.which("gcc")
ACCELERATOR = "sftc/datasets/rows/_accelerator.abi3.so"
ROW = '{"messages": [{"role": "user", "content": "2+2"}, {"role": "assistant", "content": "4"}]}\n'
INSTALLED = """
import sys
import sftc
from sftc.datasets import measure
from sftc.datasets.rows import accelerator
assert sftc.__file__.startswith(sys.path[1]), sftc.__file__
fast = accelerator.chosen("") is not accelerator.sift_none
print(sftc.__version__, fast, measure("d.jsonl").rows)
"""


@cache
def tracked() -> list[str]:
    listed = subprocess.check_output(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, text=True
    )
    return [name for name in listed.splitlines() if (ROOT / name).is_file()]


def build(kind: str, source: Path, **variables: str) -> Path:
    """Build an sdist or a wheel with the build backend alone, without a network."""
    folder = source.with_name(f"{kind}-{len(list(source.parent.iterdir()))}")
    folder.mkdir()
    shutil.rmtree(source / "build", ignore_errors=True)  # what another build has left
    program = f"import setuptools.build_meta as b; b.build_{kind}({str(folder)!r})"
    environment = {**os.environ, **variables}
    if "SFTC_PURE" not in variables:
        environment.pop("SFTC_PURE", None)
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=source, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (built,) = folder.iterdir()
    return built


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = tmp_path_factory.mktemp("built") / "source"
    for name in tracked():
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, copy / name)
    return build("sdist", copy)


@pytest.fixture(scope="module")
def source(sdist: Path) -> Path:
    """Return what an sdist holds, unpacked: wheels are built from it, as pip does."""
    with tarfile.open(sdist) as archive:
        archive.extractall(sdist.parent.parent, filter="data")
    return sdist.parent.parent / f"sftc-{sftc.__version__}"


@pytest.fixture(scope="module")
def pure(source: Path) -> Path:
    return build("wheel", source, SFTC_PURE="1")


def listed(names: Iterable[str], prefix: str) -> list[str]:
    """Return names with one line for the modules of a folder, if all of them are there."""
    names = {name.replace(sftc.__version__, "VERSION") for name in names}
    kept, folders = [], {str(PurePosixPath(name).parent) for name in names}
    for folder in sorted(folders):
        here = {name for name in names if str(PurePosixPath(name).parent) == folder}
        modules = {PurePosixPath(name).name for name in here if name.endswith(".py")}
        own = (ROOT / folder.removeprefix(prefix).lstrip("/")).resolve()
        known = {
            PurePosixPath(name).name
            for name in tracked()
            if name.endswith(".py") and (ROOT / name).parent == own and name != "setup.py"
        }
        if known and known == modules - {"setup.py"}:
            here = {name for name in here if PurePosixPath(name).name not in known}
            kept.append(f"{folder}/*.py")
        kept += here
    return sorted(kept)


def assert_golden(name: str, lines: list[str]) -> None:
    golden = HERE / name
    if os.environ.get("SFTC_REWRITE"):
        golden.write_text("\n".join(lines) + "\n", "utf-8")
    assert lines == golden.read_text("utf-8").splitlines()


def test_the_sdist_has_what_a_build_needs(sdist: Path) -> None:
    with tarfile.open(sdist) as archive:
        names = [member.name for member in archive.getmembers() if member.isfile()]
    assert_golden("sdist.txt", listed(names, "sftc-VERSION"))


def test_the_wheel_has_the_package_alone(pure: Path) -> None:
    assert pure.name == f"sftc-{sftc.__version__}-py3-none-any.whl"
    assert_golden("wheel.txt", listed(zipfile.ZipFile(pure).namelist(), "sftc"))


def test_the_version_has_one_place(pure: Path) -> None:
    metadata = zipfile.ZipFile(pure).read(f"sftc-{sftc.__version__}.dist-info/METADATA")
    headers = email.message_from_bytes(metadata)
    assert headers["Version"] == sftc.__version__
    assert re.fullmatch(r"\d+\.\d+\.\d+(\.dev\d+|rc\d+)?", sftc.__version__)
    stated = [
        name
        for name in tracked()
        if name.endswith((".py", "pyproject.toml", ".json"))
        and not name.startswith(("benchmarks/", "tests/", "tools/"))
        and f'"{sftc.__version__}"' in (ROOT / name).read_text("utf-8")
    ]
    assert stated == ["_version.py"]


def test_the_metadata(pure: Path) -> None:
    metadata = zipfile.ZipFile(pure).read(f"sftc-{sftc.__version__}.dist-info/METADATA")
    headers = email.message_from_bytes(metadata)
    assert headers["License-Expression"] == "MIT"
    assert headers["License-File"] == "LICENSE"
    assert headers["Description-Content-Type"] == "text/markdown"
    assert headers["Requires-Python"] == ">=3.11"
    assert headers.get_payload(decode=True) == (ROOT / "README.md").read_bytes()
    with (ROOT / "pyproject.toml").open("rb") as file:
        extras = set(tomli.load(file)["project"]["optional-dependencies"])
    assert set(headers.get_all("Provides-Extra", [])) == extras


def installed(wheel: Path, folder: Path) -> str:
    """Unpack a wheel, as an installation does, and return what a program says of it."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")  # noqa: S202 - it was built here
    (folder / "d.jsonl").write_text(ROW)
    program = f"import sys; sys.path.insert(1, {str(folder / 'site')!r})\n{INSTALLED}"
    environment = {key: value for key, value in os.environ.items() if key != "SFTC_PURE"}
    return subprocess.check_output(
        [sys.executable, "-c", program], cwd=folder, env=environment, text=True
    ).strip()


@pytest.mark.skipif(not COMPILER, reason="there is no C compiler")
def test_with_a_compiler_the_accelerator_is_in_it(source: Path, pure: Path, tmp_path: Path) -> None:
    wheel = build("wheel", source)
    assert re.fullmatch(r"sftc-[\w.]+-cp311-abi3-\w+\.whl", wheel.name)
    names = set(zipfile.ZipFile(wheel).namelist())
    assert names - set(zipfile.ZipFile(pure).namelist()) == {ACCELERATOR}
    assert installed(wheel, tmp_path) == f"{sftc.__version__} True 1"


def test_no_compiler_is_needed(source: Path, tmp_path: Path) -> None:
    wheel = build("wheel", source, CC="/bin/false")
    assert ACCELERATOR not in zipfile.ZipFile(wheel).namelist()
    assert installed(wheel, tmp_path) == f"{sftc.__version__} False 1"


def test_a_pure_wheel_works(pure: Path, tmp_path: Path) -> None:
    assert installed(pure, tmp_path) == f"{sftc.__version__} False 1"


def test_the_accelerator_can_be_switched_off() -> None:
    assert chosen(pure="1") is sift_none
