"""A T5 of a few thousand weights, made and trained on the spot, in a folder as a true one lies in."""

import json
import random
from pathlib import Path

CUES = {
    "joy": "dance smile sunshine laugh party",
    "sadness": "tears cry alone goodbye grave",
    "anger": "rage hate fight burn scream",
    "love": "kiss darling heart embrace honey",
    "fear": "dark shiver hide monster dread",
    "surprise": "sudden gasp wonder unexpected astonished",
}
FILLERS = "the and in my your night day song we you all again time road home"


def lyrics_of(label: str, rng: random.Random, n_words: int) -> str:
    """Words of an emotion among words of none."""
    words = [rng.choice(CUES[label].split() if rng.random() < 0.5 else FILLERS.split()) for _ in range(n_words)]
    return " ".join([rng.choice(CUES[label].split()), *words])


def _examples() -> list[tuple[str, str]]:
    rng = random.Random(0)
    return [(lyrics_of(label, rng, rng.randrange(2, 14)), label) for _ in range(40) for label in CUES]


def _make_tokenizer(folder: Path) -> None:
    """Train a SentencePiece model with T5's special tokens, and leave the files that old T5 models have."""
    import sentencepiece

    texts = [f"{text} {label}" for text, label in _examples()]
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(texts), model_prefix=str(folder / "spiece"), vocab_size=200, hard_vocab_limit=False,
        pad_id=0, eos_id=1, unk_id=2, bos_id=-1, minloglevel=2, num_threads=1,
    )  # fmt: skip
    (folder / "spiece.vocab").unlink()
    told = {"tokenizer_class": "T5Tokenizer", "extra_ids": 0, "model_max_length": 512}
    (folder / "tokenizer_config.json").write_text(json.dumps(told))


def make_model(folder: Path, kind: str = "T5ForConditionalGeneration", **config: object) -> tuple[object, object]:
    """Return tokenizer and model of a few thousand weights, drawn at random, and save the model."""
    import torch
    import transformers

    folder.mkdir(parents=True, exist_ok=True)
    _make_tokenizer(folder)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    torch.manual_seed(0)
    sizes = {"d_model": 32, "d_kv": 16, "d_ff": 64, "num_layers": 2, "num_heads": 2, "dropout_rate": 0.0}
    model = getattr(transformers, kind)(
        transformers.T5Config(vocab_size=len(tokenizer), decoder_start_token_id=0, **sizes, **config)
    )
    model.save_pretrained(folder)
    return tokenizer, model


def train(tokenizer, model) -> None:
    import torch

    torch.set_num_threads(1)
    examples = _examples()
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    rng = random.Random(1)
    model.train()
    for _ in range(80):
        batch = rng.sample(examples, 32)
        read = tokenizer([text for text, _ in batch], padding=True, return_tensors="pt")
        written = tokenizer([label for _, label in batch], padding=True, return_tensors="pt")["input_ids"]
        loss = model(**read, labels=written.masked_fill(written == 0, -100)).loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
