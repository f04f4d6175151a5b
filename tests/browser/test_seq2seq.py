"""Lesson 3's explorers in a real browser: what a student reads after a move is what the table or the model says."""

import ast

from playwright.sync_api import expect

from course_utils.experiments import bottleneck
from course_utils.messages.numbers import percent

SETUP = """from course_utils import explorers, runtime
from course_utils.datasets.corpus import Translations
from course_utils.datasets.text import join
from course_utils.measure import translation
from course_utils.models import training
device = runtime.setup(seed=0)
data = Translations.course("french", device=device)
few = [pair for pair in data.train if len(pair.target) <= 5][:600]
model = translation.new_model(data, 32)
history = training.fit(model, data.batches(few), translation.batch_loss, epochs=3)"""
GRID = 'explorers.bottleneck_explorer("french", length="5–6")'
TYPED = """first, second = (join(pair.source) for pair in few[:2])
explorers.translation_explorer(translation.Translator(model, data), first, [second])"""
CELLS = [SETUP, GRID, TYPED]


def test_the_grid_says_what_the_table_says(bench, screenshot):
    explorer = bench.explorer("bottleneck_explorer")
    table = bottleneck.task_runs("french")
    exact, bleu = (bottleneck.by_length(table, measure)[1] for measure in ("exact", "bleu"))
    size = min(exact)
    length = explorer.root.get_by_role("slider", name="length (tokens)")
    for _ in range(3):
        length.press("ArrowRight")
    said = f"{size} units, 11–12 tokens: "
    expect(explorer.status).to_contain_text(said + f"{percent(exact[size][:, 4].mean())} right")
    explorer.choose("measure", "BLEU")
    expect(explorer.status).to_contain_text(said + f"BLEU {bleu[size][:, 4].mean():.0f}")
    length.press("End")
    expect(explorer.status).to_contain_text("this is extrapolation")
    screenshot(explorer.root, "seq2seq-bottleneck_explorer")
    explorer.reset()
    expect(explorer.status).to_contain_text("5–6 tokens")


def test_a_typed_sentence_is_translated_and_an_unknown_word_refused(bench, screenshot):
    explorer = bench.explorer("translation_explorer")
    before = explorer.picture()
    explorer.type("sentence", ast.literal_eval(bench.evaluate("second")))
    explorer.expect_change(before, "a second sentence")
    screenshot(explorer.root, "seq2seq-translation_explorer")
    explorer.type("sentence", "zzz")
    expect(explorer.status).to_contain_text("zzz")
    explorer.reset()
    explorer.expect_picture(before)
