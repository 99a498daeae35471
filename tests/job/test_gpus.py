"""A GPU is known under the names that people, clouds and drivers give it."""

import json
from pathlib import Path

import pytest

from sftc.job import gpus

TABLE = json.loads(Path(gpus.__file__).with_name("gpus.json").read_bytes())

SPELLINGS = {
    "H100": ("H100 SXM", 80),
    "h100-80gb": ("H100 SXM", 80),
    "NVIDIA H100 80GB HBM3": ("H100 SXM", 80),
    "nvidia-h100-mega-80gb": ("H100 SXM", 80),
    "H100-SXM5": ("H100 SXM", 80),
    "H100:8": ("H100 SXM", 80),
    "8xH100": ("H100 SXM", 80),
    "H100 x8": ("H100 SXM", 80),
    "H100 PCIe": ("H100 PCIe", 80),
    "NVIDIA H100 NVL": ("H100 NVL", 94),
    "H100-94GB": ("H100 NVL", 94),
    "H200": ("H200 SXM", 141),
    "A100-SXM4-80GB": ("A100 80GB", 80),
    "NVIDIA A100-PCIE-40GB": ("A100 40GB", 40),
    "a100_40gb": ("A100 40GB", 40),
    "A100 80G": ("A100 80GB", 80),
    "RTX4090": ("RTX 4090", 24),
    "rtx-4090": ("RTX 4090", 24),
    "NVIDIA GeForce RTX 4090": ("RTX 4090", 24),
    "GeForce RTX 3090 Ti": ("RTX 3090 Ti", 24),
    "RTX 4060 Ti 16GB": ("RTX 4060 Ti 16GB", 16),
    "L4": ("L4", 24),
    "nvidia-l40": ("L40", 48),
    "L40S": ("L40S", 48),
    "A10G": ("A10G", 24),
    "nvidia-tesla-t4": ("T4", 16),
    "NVIDIA_TESLA_T4": ("T4", 16),
    "V100-SXM2-32GB": ("V100 32GB", 32),
    "Tesla P100-PCIE-16GB": ("P100 16GB", 16),
    "A6000": ("RTX A6000", 48),
    "NVIDIA RTX A6000": ("RTX A6000", 48),
    "NVIDIA RTX 6000 Ada Generation": ("RTX 6000 Ada", 48),
    "RTX PRO 6000 Blackwell Server Edition": ("RTX PRO 6000 Blackwell", 96),
    "GTX 1080 Ti": ("GTX 1080 Ti", 11),
    "B200-192GB": ("B200", 180),
    "GB200": ("GB200", 186),
    "B100": ("B100", None),
    "AMD Instinct MI300X OAM": ("MI300X", 192),
    "MI250X": ("MI250X", 64),
    "Intel Gaudi 3": ("Gaudi 3", 128),
    "TPU v5e": ("TPU v5e", 16),
}


@pytest.mark.parametrize(("name", "meant"), SPELLINGS.items())
def test_spellings(name: str, meant: tuple[str, int | None]) -> None:
    for spelled in (name, name.upper(), name.lower(), f" {name} "):
        gpu = gpus.lookup(spelled)
        assert gpu is not None, spelled
        assert ((gpu.name, gpu.memory_gib), gpu.ambiguous) == (meant, False)


@pytest.mark.parametrize(
    ("name", "least", "bf16"),
    [
        ("A100", 40, True),
        ("V100", 16, False),
        ("GH200", 96, True),
        ("RTX 3060", 8, True),
        ("MI300", 128, True),
        ("RTX 6000", 24, None),  # one of Turing or of Ada Lovelace
    ],
)
def test_of_several_the_smallest_is_meant(name: str, least: int, *, bf16: bool | None) -> None:
    gpu = gpus.lookup(name)
    assert gpu is not None
    assert (gpu.memory_gib, gpu.bf16, gpu.ambiguous) == (least, bf16, True)


@pytest.mark.parametrize(
    "name",
    [
        *(
            "",
            "x8",
            "H",
            "GPU",
            "nvidia",
            "80GB",
            "p3.2xlarge",
            "Standard_NC24ads_A100_v4",
            "M3 Max",
        ),
        *("1g.10gb", "a100-mig-1g.5gb", "RTX 4090 Laptop GPU", "A100-60GB", "H1000", "any", "cpu"),
    ],
)
def test_another_name_is_no_gpu(name: str) -> None:
    assert gpus.lookup(name) is None


@pytest.mark.parametrize(
    ("names", "native"),
    [
        ("K80 P100 P40 P4 V100 T4 RTX2060 RTX2080Ti TitanRTX GTX1080 GTX1660", False),
        ("A100 A10 A10G A16 A30 A40 A2 RTX3090 RTX4090 RTX5090 L4 L40 L40S H100 H200 H20", True),
        ("GH200 B100 B200 B300 GB200 GB300 MI100 MI210 MI250 MI250X MI300X MI325X MI355X", True),
        ("Gaudi2 Gaudi3 tpu-v4 tpu-v5e tpu-v5p tpu-v6e", True),
    ],
)
def test_bfloat16_is_native_from_ampere_and_cdna_on(names: str, *, native: bool) -> None:
    for name in names.split():
        gpu = gpus.lookup(name)
        assert gpu is not None, name
        assert gpu.bf16 is native, name


def test_each_entry_is_found_under_each_of_its_names() -> None:
    for entry in TABLE:
        for name in (entry["name"], *entry["names"]):
            gpu = gpus.lookup(name)
            assert gpu is not None, name
            assert gpu.name == entry["name"] or entry["name"] not in name, name


def test_a_figure_has_a_source() -> None:
    """A model that no table confirms has only what its architecture says."""
    for entry in TABLE:
        figures = entry["memory_gib"], entry["bandwidth"], entry["tflops"]
        assert entry["source"] or figures == (None, None, None), entry["name"]


@pytest.mark.parametrize(
    ("name", "asked", "expected"),
    [
        ("NVIDIA A100-SXM4-40GB", "A100", True),
        ("NVIDIA A100-SXM4-40GB", "A100 80GB", False),
        ("NVIDIA H100 80GB HBM3", "H100", True),
        ("NVIDIA H100 NVL", "H100", True),
        ("RTX 3090", "RTX 3080", False),
        ("rtx3080", "NVIDIA GeForce RTX 3080", True),
        ("Some GPU", "some gpu ", True),
        ("Some GPU", "H100", False),
    ],
)
def test_a_gpu_is_what_is_asked_for(name: str, asked: str, *, expected: bool) -> None:
    assert gpus.is_meant(name, asked) is expected
