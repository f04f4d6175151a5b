"""Lesson 1's exercises: their results, and the inputs that tell mistakes apart."""

import torch

from course_utils.exercises import edges
from course_utils.exercises.exercise import Case, exercise
from course_utils.messages import say


@exercise(1, ("states", "step", "sequence", "unit"), ("last", "sequence", "unit"), gradient=True)
def padded_rnn(device):
    """The unrolled loop over a padded batch."""
    for about, (T, B, E, H), options in edges.sizes(device, 0, T=5, B=3, E=3, H=3):
        for longest in {T, max(T - 2, 1)}:
            lengths = [max(longest - step, 1) for step in (0, 3, 1, 2)][:B]
            x = edges.draw(T, B, E, **options)  # padding is not zero here
            args = x, torch.tensor(lengths), *edges.weights(1, E, H, **options | {"seed": options["seed"] + 1})
            yield Case(say("{sizes}, lengths {lengths}", sizes=about, lengths=lengths), args)


@exercise(1, ("states", "step", "sequence", "unit"), gradient=True)
def bidirectional_rnn(device):
    """A bidirectional pass."""
    for about, (T, B, E, H), options in edges.sizes(device, 100, T=3, B=3, E=3, H=3):
        ways = (edges.weights(1, E, H, **options | {"seed": options["seed"] + at}) for at in (1, 5))
        yield Case(about, (edges.draw(T, B, E, **options), *ways))


@exercise(1, ("clipped",), fresh=True)
def clip_gradients(device):
    """Clipping by norm."""

    def case(about, shapes, scale, limit, seed, dtype=torch.float64):
        return Case(about, (list(edges.draw_each(*shapes, seed=seed, scale=scale, device=device, dtype=dtype)), limit))

    both = [torch.tensor(entries, device=device, dtype=torch.float64) for entries in ([1.2, -0.9], [1.0, 0.8, -0.6])]
    yield case(say("3 tensors whose norm is far above the limit"), [(4, 3), (4, 4), (4,)], 2.0, 1.5, 200)
    yield case(say("3 tensors whose norm is below the limit"), [(2, 3), (2, 2), (2,)], 0.1, 5.0, 210)
    yield Case(say("2 tensors of which only both together are above the limit"), (both, 2.0))
    yield case(say("one tensor, float32"), [(5, 2)], 3.0, 0.5, 230, torch.float32)
    yield case(say("tensors of the shapes (), (0, 2) and (2, 1, 3)"), [(), (0, 2), (2, 1, 3)], 2.0, 1.0, 240)
    yield case(say("one number, and a limit that is an int"), [()], 2.0, 1, 250)
    yield Case(say("one tensor of zeros"), ([torch.zeros(2, 3, device=device, dtype=torch.float64)], 1.0))


@exercise(1, ("lag",), reads=True)
def longest_lag(device):
    """The longest lag that a probe can read."""

    def case(about, lengths, held, seed, level=0.9, share=1.0, spare=0, width=0):
        """Return states that hold the tokens `held` steps back, a `share` of those beyond the last; `spare` rows."""
        generator = torch.Generator().manual_seed(seed)
        T, B, classes = max(lengths) + spare, len(lengths), 5
        over = torch.arange(T).unsqueeze(1) >= torch.tensor(lengths)
        x = torch.randint(1, classes, (T, B), generator=generator, device="cpu").masked_fill(over, 0)
        before = torch.randint(1, classes, (T, B), generator=generator, device="cpu")  # no probe should be asked for it
        one_hot = torch.nn.functional.one_hot(torch.cat([before, x]), classes + width).double()
        known = torch.rand(T, B, 1, generator=generator, device="cpu") < share
        parts = [one_hot[T - k : 2 * T - k] * (known if k else 1) for k in held]
        noise = 0.1 * torch.randn(T, B, 2, generator=generator, dtype=torch.float64, device="cpu")
        states = torch.cat([*parts, noise], dim=-1).masked_fill(over.unsqueeze(-1), 0.0)
        about = say("{states}; level {level}, T = {T}, the longest of {longest}", states=about, level=level, T=T,
                    longest=max(lengths))  # fmt: skip
        return Case(about, (states.to(device), x.to(device), torch.tensor(lengths), classes + width, level))

    mixed, all_of = [3 + at % 5 for at in range(120)], say("states that hold all tokens, so that every lag can be read")
    last_only = say("states that hold the last token, and the others in 6 of 10 sequences")
    yield case(say("states that hold the last 3 tokens, and by chance the first"), [6] * 100, (0, 1, 2, 5), 1)
    yield case(say("states that hold the last 2 tokens of sequences of 3 to 7"), mixed, (0, 1), 2)
    yield case(say("states that hold two tokens, but not the last one"), [5] * 100, (1, 2), 3)
    yield case(all_of, [4] * 100, range(4), 4)
    yield case(all_of, mixed, range(7), 5, spare=2)
    yield case(all_of, [n + 1 for n in mixed], range(8), 9, level=1.0)
    yield case(last_only, [4] * 200, range(3), 10, share=0.6)
    yield case(last_only, [4] * 200, range(3), 10, share=0.6, level=0.5, width=4)
    yield case(all_of, [1] * 60, [0], 11)
