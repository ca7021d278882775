r"""Ask a T5 which of some labels fits a text best: by likelihood, not by letting it write.

An encoder-decoder is asked how likely each label is, token by token and with its end, given the text:

.. math:: \log p(l \mid x) = \sum_t \log p(l_t \mid l_{<t}, x)

and the score of a label is its share, the softmax of these over all labels: the probability that the model writes
this label, given that it writes one of them. So an answer is always one of the labels, whatever the text, and a score
says how clearly it stands out among them, not whether any of them fits. Of a sequence classifier the scores are the
softmax of its outputs.

The encoder, nearly all of the work, runs once a text; what the decoder makes of its output is kept for all labels.
"""

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

from songscape.config import EmotionParams
from songscape.errors import ParameterError, ResourceError
from songscape.lyrics.answer import Answer
from songscape.lyrics.model import Located, device_of, libraries, load
from songscape.threads import thread_count


class Classifier:
    """A model that chooses among labels.

    Parameters
    ----------
    located : Located
        From `songscape.lyrics.model.locate`.
    labels : sequence of str
        What it chooses among; of a sequence classifier, some of its classes.
    params : EmotionParams
        ``max_tokens``, ``prefix``, ``device``.

    Raises
    ------
    InputError
        If the model cannot be loaded.
    ParameterError
        If it cannot tell the labels apart, or does not know them, or there is no such device.
    """

    def __init__(self, located: Located, labels: Sequence[str], params: EmotionParams) -> None:
        self._torch, self._transformers = libraries()
        self.device = device_of(self._torch, params.device)
        self._tokenizer, model = load(located)
        self._model = model.to(self.device)
        self._labels, self._params = list(labels), params
        self._classes: list[int] | None = None
        self._targets: list[Any] = []
        if located.is_sequence_classifier:
            self._classes = [located.classes.index(label) for label in labels]
        else:
            self._targets = self._label_tokens()

    def __call__(self, texts: Sequence[str]) -> list[Answer]:
        """Return an answer for each text; it does not depend on the others."""
        texts = [self._params.prefix + text for text in texts]
        most = self._params.max_tokens
        lengths = [len(tokens) for tokens in self._tokenizer(texts, verbose=False)["input_ids"]]
        batch = self._tokenizer(texts, truncation=True, max_length=most, padding=True, return_tensors="pt")
        with self._torch.inference_mode(), _threads(self._torch), self._told():
            logs = self._logs(batch.to(self.device))
            scores, places = logs.double().softmax(dim=1).max(dim=1)
        answers = zip(places.tolist(), scores.tolist(), lengths, strict=True)
        return [Answer(self._labels[place], score, length > most) for place, score, length in answers]

    def _label_tokens(self) -> list[Any]:
        """Return the tokens of each label, its end among them: int64, shape (1, n_tokens)."""
        tokens = [self._tokenizer(label, return_tensors="pt")["input_ids"] for label in self._labels]
        seen: dict[tuple[int, ...], str] = {}
        for label, found in zip(self._labels, tokens, strict=True):
            other = seen.setdefault(tuple(found[0].tolist()), label)
            if other != label:
                raise ParameterError(f"The model's tokenizer does not tell the labels '{other}' and '{label}' apart.")
        return [found.to(self.device) for found in tokens]

    def _logs(self, batch: Any) -> Any:
        """Return what `softmax` makes scores of: shape (n_texts, n_labels)."""
        mask = batch["attention_mask"]
        if self._classes is not None:
            return self._model(**batch).logits[:, self._classes]
        encoded = self._model.get_encoder()(input_ids=batch["input_ids"], attention_mask=mask)
        text_cache = self._transformers.DynamicCache()
        logs = [self._log_likelihood(target, encoded, mask, text_cache) for target in self._targets]
        return self._torch.stack(logs, dim=1)

    def _log_likelihood(self, target: Any, encoded: Any, mask: Any, text_cache: Any) -> Any:
        """Return the log-probability of one label for each text; the first fills `text_cache` for the others."""
        begun = self._model.prepare_decoder_input_ids_from_labels(labels=target)
        cache = self._transformers.EncoderDecoderCache(self._transformers.DynamicCache(), text_cache)
        logits = self._model(
            encoder_outputs=encoded,
            attention_mask=mask,
            decoder_input_ids=begun.expand(len(mask), -1),
            past_key_values=cache,
            use_cache=True,
        ).logits
        chosen = target.expand(len(mask), -1).unsqueeze(2)
        return logits.log_softmax(dim=2).gather(2, chosen).sum(dim=(1, 2))

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except self._torch.OutOfMemoryError:
            raise ResourceError(
                f"The memory of the device '{self.device}' is used up by lyrics of {self._params.max_tokens} tokens,"
                f" {self._params.batch_size} at once. Lower --batch-size; what was found is kept."
            ) from None


@contextlib.contextmanager
def _threads(torch: Any) -> Iterator[None]:
    """Hold PyTorch to the threads of `songscape.threads.use_threads`."""
    before = torch.get_num_threads()
    torch.set_num_threads(thread_count())
    try:
        yield
    finally:
        torch.set_num_threads(before)


def labels_of(located: Located, asked: Sequence[str] | None, usual: Sequence[str]) -> list[str]:
    """Return what a model chooses among: the labels asked for, its own classes, or the usual ones.

    Raises
    ------
    ParameterError
        If a sequence classifier does not have a label.
    """
    if not located.is_sequence_classifier:
        return list(asked or usual)
    unknown = [label for label in asked or () if label not in located.classes]
    if unknown:
        raise ParameterError(
            f"The model '{located.name}' has no class '{unknown[0]}'. Its classes: {', '.join(located.classes)}."
        )
    return list(asked or located.classes)
