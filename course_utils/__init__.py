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

Lesson 4, attention
    scores, weights, and decoders that look back            models/attention.py
    links and the alignment error rate                      measure/alignment.py
    attention changed on purpose                            measure/interventions.py
    designs compared, by recipe and table                   experiments/designs.py

Every lesson begins with `setup` (runtime.py), shows `figures` and `explorers`, and ends with `exercises`. Explorers
move the pictures of `views` in the browser; whatever people read comes from `messages`. CONTRIBUTING.md shows which
room may import which.
"""
