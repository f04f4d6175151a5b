"""A translator of one's own text: recipe, training that goes on, texts translated, a folder saved and read."""

import json
import os
import signal

import pytest
import torch

from course_utils.datasets.corpus import Translations
from course_utils.experiments import own_text
from course_utils.experiments.own_text import Recipe
from course_utils.measure.translation import Translator
from course_utils.models import training

WORDS = ["one", "two", "three", "four", "five"]
SMALL = Recipe(hidden_size=24, dropout=0.0, epochs=30, patience=30, batch_size=8, learning_rate=2e-2)
# The kinds of model: each is trained, interrupted, saved and loaded by the same tests.
RECIPES = {
    "attention": SMALL,
    "tied": SMALL._replace(tied=True, window=2),
    "transformer": SMALL._replace(model="transformer", learning_rate=1e-2, warm_up=10, label_smoothing=0.1),
}


@pytest.fixture(scope="module", params=[None, 60], ids=["words", "subwords"])
def data(request, tmp_path_factory):
    """Numbers in words and their Korean names, in reverse order: small enough to learn in seconds."""
    names = ["하나", "둘", "셋", "넷", "다섯"]
    rows = [(f"{WORDS[a]} {WORDS[b]}.", f"{names[b]} {names[a]}.") for a in range(5) for b in range(5)]
    path = tmp_path_factory.mktemp("own") / "own.tsv"
    path.write_text("".join("\t".join(row) + "\n" for row in rows), encoding="utf-8")
    return Translations.read(path, valid=path, test=path, source_language="english", target_language="korean",
                             subwords=request.param)  # fmt: skip


@pytest.fixture(scope="module", params=RECIPES)
def recipe(request):
    return RECIPES[request.param]


@pytest.fixture(scope="module")
def trained(data, recipe):
    return own_text.train(data, recipe)


def test_a_small_text_is_learned_and_translated_as_text(trained):
    translator, history = trained
    assert history.ended == "finished" and history.best == max(value for _, value in history.metric)
    texts = own_text.translate_texts(translator, ["one two.", "", "  five   four. "])
    assert texts == ["둘 하나.", "", "넷 다섯."]
    assert own_text.translate_texts(translator, ["", " "]) == ["", ""]


def test_texts_of_any_length_are_translated_a_few_at_a_time(trained, monkeypatch):
    translator, _ = trained
    texts = ["one two.", "five four three two one " * 20, "", "three.", "four five."]
    one_by_one = [own_text.translate_texts(translator, [text])[0] for text in texts]
    assert own_text.translate_texts(translator, texts) == one_by_one
    monkeypatch.setattr(own_text, "TEXTS_AT_ONCE", 2)
    assert own_text.translate_texts(translator, texts) == one_by_one
    with pytest.raises(ValueError, match=r"text 2 has [\d,]+ tokens.*500 at most: split it"):
        own_text.translate_texts(translator, ["one.", "one two " * 50_000])


def test_a_saved_translator_is_the_same_one(trained, recipe, tmp_path):
    translator, _ = trained
    own_text.save(translator, recipe, tmp_path / "mine")
    loaded, its = own_text.load(tmp_path / "mine")
    assert its == recipe and not loaded.model.training
    assert (loaded.source_language, loaded.target_language) == ("english", "korean")
    assert loaded.source_words.tokens == translator.source_words.tokens
    for mine, its in zip(loaded.model.parameters(), translator.model.parameters(), strict=True):
        assert torch.equal(mine, its)
    texts = ["three one.", "unheard-of words."]
    assert own_text.translate_texts(loaded, texts) == own_text.translate_texts(translator, texts)
    assert {path.suffix for path in (tmp_path / "mine").iterdir()} <= {".json", ".safetensors", ".subwords"}
    own_text.save(loaded, recipe, tmp_path / "mine")  # over itself
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_a_full_disk_leaves_the_old_folder(trained, recipe, tmp_path, monkeypatch):
    translator, _ = trained
    own_text.save(translator, recipe, tmp_path / "mine")
    before = {path.name: path.read_bytes() for path in (tmp_path / "mine").iterdir()}
    calls = iter([None, OSError(28, "No space left on device")])

    def full(descriptor):
        error = next(calls)
        if error:
            raise error

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        own_text.save(translator, recipe._replace(seed=1), tmp_path / "mine")
    assert {path.name: path.read_bytes() for path in (tmp_path / "mine").iterdir()} == before
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_a_folder_that_is_no_translator_is_refused(trained, recipe, tmp_path):
    folder = tmp_path / "mine"
    with pytest.raises(ValueError, match="no translator is saved here"):
        own_text.load(folder)
    own_text.save(trained[0], recipe, folder)
    whole = {path.name: path.read_bytes() for path in folder.iterdir()}
    settings = json.loads(whole["settings.json"])
    other = settings | {"recipe": settings["recipe"] | {"hidden_size": 8}}
    wrong = {
        "settings.json": [b"", b"[]", json.dumps(other).encode(), b"\xff"],
        "weights.safetensors": [b"", whole["weights.safetensors"][:-9]],
    }
    if "source.subwords" in whole:
        wrong["source.subwords"] = [b"nonsense"]
    for name, contents in wrong.items():
        for content in contents:
            (folder / name).write_bytes(content)
            with pytest.raises(ValueError, match="mine: the saved translator is damaged"):
                own_text.load(folder)
        (folder / name).write_bytes(whole[name])
    own_text.load(folder)
    (folder / "settings.json").write_text(json.dumps(settings | {"format": "course-translator-1"}), encoding="utf-8")
    with pytest.raises(ValueError, match=r"mine: something else .*another version wrote this.*train again"):
        own_text.load(folder)
    (folder / "settings.json").write_bytes(whole["settings.json"])
    (folder / "weights.safetensors").unlink()
    with pytest.raises(ValueError, match="damaged"):
        own_text.load(folder)


def test_a_tokeniser_of_ones_own_cannot_be_saved(tmp_path):
    path = tmp_path / "own.tsv"
    path.write_text("你好\thello\n", encoding="utf-8")
    data = Translations.read(path, valid=path, test=path, tokenise=list)
    model = own_text.build(SMALL, len(data.source_words), len(data.target_words))
    with pytest.raises(ValueError, match="cannot be saved"):
        own_text.save(Translator(model, data), SMALL, tmp_path / "mine")
    assert not (tmp_path / "mine").exists()


@pytest.mark.parametrize("real", [False, True], ids=["raised between steps", "a signal within a step"])
@pytest.mark.parametrize("options", [{}, {"dropout": 0.3, "warm_up": 3}, {"cooldown": 0.5}], ids=str)
def test_an_interrupted_training_goes_on(data, recipe, options, real, tmp_path, monkeypatch, interrupts):
    file, fit = tmp_path / "run.safetensors", training.fit
    recipe = recipe._replace(epochs=4, **options)
    whole, _ = own_text.train(data, recipe)

    def interrupted(model, batches, loss, **options):
        calls = iter(range(6))

        def stopping(*arguments):
            if next(calls, None) is not None:
                return loss(*arguments)
            if not real:
                raise KeyboardInterrupt
            value = loss(*arguments)
            signal.raise_signal(signal.SIGINT)
            return value

        return fit(model, batches, stopping, **options)

    with monkeypatch.context() as patch:
        patch.setattr(training, "fit", interrupted)
        assert own_text.train(data, recipe, checkpoint=file)[1].ended == "interrupted"
    translator, history = own_text.train(data, recipe, checkpoint=file)
    assert history.ended == "finished" and not file.exists()
    for mine, its in zip(translator.model.parameters(), whole.model.parameters(), strict=True):
        assert torch.equal(mine, its)


def test_training_sorts_as_many_batches_together_as_the_recipe_says(tmp_path):
    path = tmp_path / "own.tsv"
    path.write_text("".join(f"{'one ' * size}.\t{'하나 ' * size}.\n" for size in range(1, 33)), encoding="utf-8")
    data = Translations.read(path, valid=path, test=path)
    losses = [own_text.train(data, SMALL._replace(epochs=1, window=window))[1].loss for window in (1, 4, 4)]
    assert losses[0] != losses[1] == losses[2]


def test_a_recipe_follows_the_size_of_the_text():
    class Text:
        def __init__(self, count):
            self.train = range(count)

    recipes = [own_text.recipe_for(Text(count)) for count in (50, 2_000, 5_000, 15_000, 29_000, 1_000_000)]
    assert [recipe.hidden_size for recipe in recipes] == [128, 128, 160, 256, 256, 256]
    assert [recipe.cooldown > 0 for recipe in recipes] == [False, False, False, True, True, True]
    assert [recipe.tied for recipe in recipes] == [recipe.window > 50 for recipe in recipes] == 3 * [False] + 3 * [True]
    for count in (50, 2_000, 29_000):
        recipe = own_text.recipe_for(Text(count), "transformer")
        steps = recipe.epochs * -(-count // recipe.batch_size)
        assert (
            recipe.model == "transformer"
            and not recipe.tied
            and 0 < recipe.warm_up <= steps // 5
            and recipe.hidden_size % 4 == 0
        )
    with pytest.raises(ValueError, match="no model 'gpt'; choose one of: attention, transformer"):
        own_text.recipe_for(Text(50), "gpt")
    epochs = [recipe.epochs for recipe in recipes]
    assert epochs == sorted(epochs, reverse=True) and epochs[0] == 40 and epochs[-1] == 4
