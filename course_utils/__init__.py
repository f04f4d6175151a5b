"""The helper package of the course. This is the map: which lesson teaches what, and in which file it is.

Lesson 1, the recurrent network
    the step and the loop, a classifier of sequences        models/rnn.py
    the training loop of every lesson                       models/training.py
    words and their languages                               datasets/words.py
    delayed recall                                          datasets/tasks.py
    vanishing and exploding gradients, clipping             measure/gradients.py
    what the last state remembers                           measure/probes.py

Lesson 2, the LSTM
    gates, update and step of the LSTM; the GRU             models/lstm.py
    gates over time, the cell path, a gate that is held     measure/gates.py
    recall and the adding problem, by recipe and table      experiments/memory.py

Lesson 3, sequence to sequence
    encoder, decoder, and the model of both                 models/seq2seq.py
    greedy and beam search                                  models/decoding.py
    sentences, vocabularies, batches                        datasets/corpus.py, datasets/text.py
    losses, the translator, exact match and BLEU            measure/translation.py
    decoding and training steps timed                       measure/timing.py
    the bottleneck, by recipe and table                     experiments/bottleneck.py
    an output beside its reference, word by word            measure/differences.py

Lesson 4, attention
    scores, weights, and decoders that look back            models/attention.py
    links and the alignment error rate                      measure/alignment.py
    attention changed on purpose                            measure/interventions.py
    designs compared, by recipe and table                   experiments/designs.py

Lesson 5, the Transformer
    positions, heads, layers, and the models of them        models/transformer.py
    two positions compared, hand by hand                    measure/positions.py
    the same words in another order                         measure/order.py
    what one layer adds to each word's stream               measure/layer.py
    a sentence read head by head                            measure/reading.py
    links by head, heads silenced                           measure/alignment.py, measure/interventions.py
    multiplications, and what a cache saves                 measure/timing.py
    designs compared, by recipe and table                   experiments/transformer.py

Lesson 6, your own text
    files read, cleaned, and what was left out              datasets/parallel.py, datasets/cleaning.py
    JupyterLab's messages, a small real text                datasets/interface.py
    words and subwords                                      datasets/subwords.py
    lengths, vocabulary, coverage                           datasets/coverage.py
    a recipe, training that goes on, a saved folder         experiments/own_text.py
    scores of texts, and two baselines                      measure/text_scores.py
    the same from the command line                          translate.py

Every lesson begins with `setup` (runtime.py; measure/parity.py compares devices) and a drawing of its machine
(explorers/drawings.py), asks for `predictions` (predictions/cards.py), shows `figures` and `explorers`, and ends with
`exercises`. Explorers move the pictures of `views` in the browser; whatever people read comes from `messages`.
CONTRIBUTING.md shows which room may import which.
"""
