"""What kernels run before the first cell of a tested lesson, by PYTHONSTARTUP: the libraries' first words are theirs.

On another machine a library may log a line while it is imported or used for the first time (torch's CUDA build without
a GPU, matplotlib building its font cache). Said here, before any cell, such a line belongs to no cell, and strict
comparison does not see it. What a lesson itself writes to stderr is compared as before.
"""


def _use_libraries() -> None:
    import anywidget  # noqa: F401
    import babel  # noqa: F401
    import ipywidgets  # noqa: F401
    import matplotlib.backends.backend_svg  # noqa: F401
    import matplotlib.pyplot as plt
    import pandas  # noqa: F401
    import sacrebleu.significance  # noqa: F401
    import safetensors.torch  # noqa: F401
    import seaborn  # noqa: F401
    import sentencepiece  # noqa: F401
    import torch.utils.benchmark
    import torch.utils.flop_counter
    import tqdm.auto  # noqa: F401

    device = "cuda" if torch.cuda.is_available() else "cpu"
    torch.nn.LSTM(2, 2, device=device)(torch.ones(3, 1, 2, device=device))[0].sum().backward()
    figure = plt.figure()
    figure.text(0, 0, "x")
    figure.canvas.draw()
    plt.close(figure)


_use_libraries()
del _use_libraries
