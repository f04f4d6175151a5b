"""Whether a device computes what the CPU computes: each of the course's networks, in value, gradient and words."""

from copy import deepcopy

import torch
from torch import Tensor, nn

from course_utils.datasets.special_tokens import EOS, PAD, SOS
from course_utils.measure.translation import sequence_loss
from course_utils.models.attention import build_seq2seq
from course_utils.models.decoding import greedy, teacher_forced
from course_utils.models.rnn import SequenceClassifier, classification_loss
from course_utils.models.transformer import DecoderOnly, Transformer, TransformerDecoder, TransformerEncoder

# Far above what another order of summing does to float32, far below what a wrong mask or a wrong length does.
TOLERANCE = 1e-4
_IDS, _WIDTH = 12, 8
_LENGTHS = torch.tensor([4, 2, 3])
_SOURCE = torch.tensor([[4, 7, 9], [5, 8, 4], [6, PAD, 11], [7, PAD, PAD]])  # (S, B), as long as _LENGTHS says
_TARGET = torch.tensor([[SOS, SOS, SOS], [6, 4, 10], [9, EOS, 5], [EOS, PAD, EOS]])  # (T, B)
_CLASSES = torch.tensor([0, 2, 1])


def _networks() -> dict[str, nn.Module]:
    """Return one small network of each kind on the CPU, always the same."""
    sizes = _IDS, _WIDTH, 2, 1, 16, 0.0
    with torch.random.fork_rng(devices=[]), torch.device("cpu"):
        torch.manual_seed(0)
        classifiers = {
            f"classifier ({cell})": SequenceClassifier(_IDS, 4, _WIDTH, 3, cell) for cell in ("rnn", "lstm", "gru")
        }
        return classifiers | {
            "LSTM translator": build_seq2seq(_WIDTH, _IDS, _IDS),
            "attention translator": build_seq2seq(_WIDTH, _IDS, _IDS, attention=True),
            "Transformer": Transformer(TransformerEncoder(*sizes), TransformerDecoder(*sizes)),
            "decoder-only Transformer": DecoderOnly(_IDS, *sizes),
        }


def _computed(network: nn.Module, device: torch.device) -> list[Tensor]:
    """Return a network's loss, gradients and, of a translator, the words it writes, brought to the CPU."""
    network = deepcopy(network).to(device)
    if isinstance(network, SequenceClassifier):
        loss, words = classification_loss(network, (_SOURCE.to(device), _LENGTHS, _CLASSES.to(device))), []
    else:
        source, target = _SOURCE.to(device), _TARGET.to(device)
        loss = sequence_loss(teacher_forced(network, source, target, _LENGTHS)[0], target)
        words = [greedy(network, source, _LENGTHS, max_length=6)]
    loss.backward()
    gradients = [weight.grad for weight in network.parameters() if weight.grad is not None]
    return [tensor.detach().cpu() for tensor in (loss, *gradients, *words)]


def faults(device: torch.device) -> list[str]:
    """Return one line for each of the course's networks that a device cannot run, or runs otherwise than the CPU.

    Loss and every gradient may differ by `TOLERANCE`, absolute and relative; the words of greedy search may not.
    The global generator is left as it was.

    Args:
        device: any, such as `torch.device("mps")`.

    Returns:
        Lines such as `"Transformer: Tensor-likes are not close!"`; empty for a device that agrees.
    """
    found = []
    for name, network in _networks().items():
        try:
            torch.testing.assert_close(
                _computed(network, device), _computed(network, torch.device("cpu")), rtol=TOLERANCE, atol=TOLERANCE
            )
        except (AssertionError, RuntimeError, TypeError) as error:
            found.append(f"{name}: {next(iter(str(error).splitlines()), type(error).__name__)}")
    return found
