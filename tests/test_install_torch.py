"""Which build of torch is installed: by the machine, by wish, and where PyTorch's own index is out of reach."""

import install_torch
import pytest


class Pip:
    """Stands for pip: notes what was asked of it, and fails for the indexes that are out of reach."""

    def __init__(self, *unreachable: str):
        self.unreachable, self.calls = unreachable, []

    def __call__(self, options: list[str]) -> bool:
        self.calls.append(options)
        return not any(index in options for index in self.unreachable)


@pytest.mark.parametrize(
    ("system", "nvidia", "index"),
    [
        ("Linux", False, install_torch.CPU_BUILDS),
        ("Linux", True, None),
        ("Darwin", False, None),
        ("Windows", True, None),
    ],
)
def test_only_linux_without_a_card_needs_another_index(system, nvidia, index):
    assert install_torch.choose_index("", system, nvidia) == index


def test_without_a_card_the_cpu_build_comes_and_the_reason_is_said():
    pip = Pip()
    said = install_torch.install("", "Linux", False, pip)
    assert [call[:2] for call in pip.calls] == [["--index-url", install_torch.CPU_BUILDS]]
    assert "no NVIDIA card" in said


def test_an_index_out_of_reach_is_given_up_soon_and_the_package_index_serves():
    pip = Pip(install_torch.CPU_BUILDS)
    said = install_torch.install("", "Linux", False, pip)
    assert [call[:1] for call in pip.calls] == [["--index-url"], []]
    assert "--retries" in pip.calls[0] and "could not be reached" in said


@pytest.mark.parametrize(
    ("wanted", "options"), [("https://here/cu130", ["--index-url", "https://here/cu130"]), ("default", [])]
)
def test_a_wish_is_followed_whatever_the_machine(wanted, options):
    for nvidia in (False, True):
        pip = Pip()
        install_torch.install(wanted, "Linux", nvidia, pip)
        assert pip.calls == [options]


def test_a_wish_that_cannot_be_met_is_an_error_and_nothing_else_is_installed():
    pip = Pip("https://here/cu130")
    with pytest.raises(SystemExit, match="https://here/cu130"):
        install_torch.install("https://here/cu130", "Linux", True, pip)
    assert len(pip.calls) == 1


def test_no_torch_at_all_is_an_error():
    with pytest.raises(SystemExit, match="package index"):
        install_torch.install("", "Darwin", False, lambda options: False)
