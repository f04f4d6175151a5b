"""Ids of the special tokens, the same in every vocabulary and task of the course."""

PAD, SOS, EOS, UNK = range(4)
SPECIAL = ["<pad>", "<sos>", "<eos>", "<unk>"]
