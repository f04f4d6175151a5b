"""Lesson 3's explorers in a real browser: what a student reads after a move is what the table or the model says."""

import pytest
from playwright.sync_api import expect

from course_utils.datasets import corpus
from course_utils.datasets.text import join
from course_utils.experiments import bottleneck

SETUP = """from course_utils import explorers, runtime
from course_utils.datasets.corpus import Translations
from course_utils.measure import translation
from course_utils.models import training
device = runtime.setup(seed=0)
data = Translations.course("french", device=device)
few = [pair for pair in data.train if len(pair.target) <= 5][:600]
model = translation.new_model(data, 32)
history = training.fit(model, data.batches(few), translation.batch_loss, epochs=3)"""
GRID = 'explorers.bottleneck_explorer("french", length="5–6")'
TYPED = "explorers.translation_explorer(translation.Translator(model, data), {!r}, [{!r}])"


@pytest.fixture(scope="module")
def sentences():
    """Two sentences of the corpus that the small model has read the words of."""
    first, second, *_ = (p for p in corpus.load_translations("french") if len(p.target) <= 5)
    return join(first.source), join(second.source)


@pytest.fixture(scope="module")
def notebook(open_notebook, write_notebook, sentences):
    opened = open_notebook(write_notebook("seq2seq.ipynb", [SETUP, GRID, TYPED.format(*sentences)]))
    opened.run_all()
    assert opened.tracebacks() == []
    yield opened
    opened.page.context.close()


def test_the_grid_says_what_the_table_says(notebook, screenshot):
    explorer = notebook.explorer("bottleneck_explorer")
    table = bottleneck.task_runs("french")
    exact, bleu = (bottleneck.by_length(table, measure)[1] for measure in ("exact", "bleu"))
    size = min(exact)
    length = explorer.root.get_by_role("slider", name="length (tokens)")
    for _ in range(3):
        length.press("ArrowRight")
    said = f"{size} units, 11–12 tokens: "
    expect(explorer.status).to_contain_text(said + f"{100 * exact[size][:, 4].mean():.0f} % right")
    explorer.choose("measure", "BLEU")
    expect(explorer.status).to_contain_text(said + f"BLEU {bleu[size][:, 4].mean():.0f}")
    length.press("End")
    expect(explorer.status).to_contain_text("this is extrapolation")
    screenshot(explorer.root, "seq2seq-bottleneck_explorer")
    explorer.reset()
    expect(explorer.status).to_contain_text("5–6 tokens")


def test_every_control_of_the_grid_moves_the_picture(notebook):
    assert notebook.explorer("bottleneck_explorer").sweep() == 3


def test_a_typed_sentence_is_translated_and_an_unknown_word_refused(notebook, sentences, screenshot):
    explorer = notebook.explorer("translation_explorer")
    before = explorer.picture()
    explorer.type("sentence", sentences[1])
    explorer.expect_change(before, "a second sentence")
    screenshot(explorer.root, "seq2seq-translation_explorer")
    explorer.type("sentence", "zzz")
    expect(explorer.status).to_contain_text("zzz")
    explorer.reset()
    explorer.expect_picture(before)
    assert notebook.tracebacks() == [] and notebook.errors == []


def test_every_control_of_the_translation_explorer_moves_the_picture(notebook):
    assert notebook.explorer("translation_explorer").sweep() == 2
