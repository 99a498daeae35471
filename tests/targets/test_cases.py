"""The folder is the case: a config in all systems' formats; a system's config as one of ours."""

import os
from pathlib import Path

import pytest

from sftc import report, targets
from sftc.compiler import lint_config
from sftc.report import Format
from sftc.workspace.porting import Ported, compile_for, lift_from

HERE = Path(__file__).parent
CASES = sorted((HERE / "cases").iterdir())
ENDINGS = {"yaml": (".yaml", ".yml"), "toml": (".source.toml",), "json": (".json",)}
SOURCES = sorted(
    path
    for folder in (HERE / "sources").iterdir()
    if folder.is_dir()
    for path in folder.iterdir()
    if path.name.endswith(ENDINGS[targets.load(folder.name).form])
)


def require(path: Path, text: str | None) -> None:
    """Compare a golden file, or write it again."""
    if os.environ.get("SFTC_REWRITE"):
        path.unlink(missing_ok=True)
        if text is not None:
            path.write_text(text, "utf-8")
    assert text == (path.read_text("utf-8") if path.exists() else None)


def said(ported: Ported) -> str:
    return report.render(Format.CONCISE, ported.diagnostics, {})


@pytest.mark.parametrize("name", targets.names())
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_config_in_the_format_of_a_system(case: Path, name: str) -> None:
    target = targets.load(name)
    ported = compile_for(target, (case / "config.toml").read_bytes(), filename="config.toml")
    require(case / f"{name}.{target.form}", ported.text)
    require(case / f"{name}.findings.txt", said(ported))


@pytest.mark.slow_but_first
@pytest.mark.parametrize("source", SOURCES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_the_config_of_a_system_as_one_of_ours(source: Path) -> None:
    target = targets.load(source.parent.name)
    gpu = None if target.is_manifest else "H100"
    ported = lift_from(source.read_bytes(), target, name=source.name, gpu_type=gpu)
    stem = source.stem.removesuffix(".source")
    require(source.with_name(f"{stem}.toml"), ported.text)
    require(source.with_name(f"{stem}.findings.txt"), said(ported))
    if ported.text is not None:
        errors = [d for d in lint_config(ported.text) if d.severity == "error"]
        assert errors == []


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_system_is_recognised_by_its_keys(source: Path) -> None:
    found = targets.recognised(source.read_bytes(), name=source.name)
    if source.name == "example_config.yaml":  # five keys that several trainers have
        assert not isinstance(found, targets.Target)
    else:
        assert isinstance(found, targets.Target)
        assert found.name == source.parent.name
