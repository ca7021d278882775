"""Answers are likelihoods: beside the plain sum of log-probabilities, whatever else is in the batch."""

import itertools
import math
import random

import pytest
from tiny_t5 import CUES, lyrics_of, make_model

from songscape.catalog.schema import EMOTIONS
from songscape.config import EmotionParams
from songscape.errors import ParameterError, ResourceError
from songscape.lyrics.classifier import Classifier, labels_of
from songscape.lyrics.model import load, locate
from songscape.threads import use_threads

LABELS = list(EMOTIONS)
TEXTS = [
    "tears cry alone", "dance smile party all night", "rage", "sudden gasp the road home " * 12, "ужас, 夜, dread",
    "kiss darling " * 40, "?",
]  # fmt: skip


@pytest.fixture(scope="module")
def classifier(model):
    return Classifier(locate(str(model)), LABELS, EmotionParams(device="cpu"))


@pytest.fixture(scope="module")
def untrained(tmp_path_factory):
    """Where nothing was learned all labels are about as likely, and small differences show."""
    folder = tmp_path_factory.mktemp("untrained")
    make_model(folder)
    return Classifier(locate(str(folder)), LABELS, EmotionParams(device="cpu"))


def alone(classifier, texts):
    return [classifier([text])[0] for text in texts]


def close(one, two, tolerance=1e-5):
    return all(
        (a.label, a.is_cut) == (b.label, b.is_cut) and abs(a.score - b.score) < tolerance
        for a, b in zip(one, two, strict=True)
    )


def plain_answer(folder, text, labels, prefix=""):
    """Label by label, token by token, each from a forward pass of its own, and without batches or caches."""
    import torch

    tokenizer, model = load(locate(str(folder)))
    read = tokenizer(prefix + text, return_tensors="pt")
    logs = []
    for label in labels:
        tokens = tokenizer(label)["input_ids"]
        begun, total = [model.config.decoder_start_token_id], 0.0
        for token in tokens:
            with torch.no_grad():
                logits = model(**read, decoder_input_ids=torch.tensor([begun])).logits[0, -1].double()
            total += float(logits.log_softmax(0)[token])
            begun.append(token)
        logs.append(total)
    top = max(logs)
    shares = [math.exp(log - top) for log in logs]
    return labels[logs.index(top)], max(shares) / sum(shares)


@pytest.mark.parametrize("text", TEXTS[:5])
def test_beside_the_plain_sum_of_log_probabilities(classifier, model, text):
    (found,) = classifier([text])
    label, score = plain_answer(model, text, LABELS)
    assert found.label == label
    assert found.score == pytest.approx(score, abs=1e-6)


def test_labels_of_several_lengths(model):
    """More tokens make a label less likely, not more; none is padded."""
    labels = ["joy", "tears of joy", "cry alone in the dark night"]
    asked = Classifier(locate(str(model)), labels, EmotionParams(device="cpu"))
    for text in TEXTS[:4]:
        label, score = plain_answer(model, text, labels)
        (found,) = asked([text])
        assert (found.label, found.score) == (label, pytest.approx(score, abs=1e-6))


def test_it_has_learned_what_it_was_taught(classifier):
    rng = random.Random(5)
    new = [(lyrics_of(label, rng, rng.randrange(3, 60)), label) for _ in range(10) for label in CUES]
    right = [answer.label == label for answer, (_, label) in zip(classifier([t for t, _ in new]), new, strict=True)]
    assert sum(right) / len(right) > 0.9
    assert [answer.label for answer in classifier(["tears cry alone", "dance smile"])] == ["sadness", "joy"]


def test_one_that_was_taught_nothing_does_not(untrained):
    rng = random.Random(5)
    new = [(lyrics_of(label, rng, 9), label) for _ in range(10) for label in CUES]
    right = [answer.label == label for answer, (_, label) in zip(untrained([t for t, _ in new]), new, strict=True)]
    assert sum(right) / len(right) < 0.4


@pytest.mark.parametrize("kind", ["classifier", "untrained"])
def test_the_batch_does_not_matter(kind, request):
    asked = request.getfixturevalue(kind)
    assert close(asked(TEXTS), alone(asked, TEXTS))


def test_the_order_does_not_matter(untrained):
    for order in itertools.islice(itertools.permutations(range(len(TEXTS))), 0, 5000, 1250):
        answers = untrained([TEXTS[at] for at in order])
        assert close(answers, [alone(untrained, [TEXTS[at]])[0] for at in order])


def test_padding_without_a_mask_would_be_seen(untrained, monkeypatch):
    """The negative control of the two tests above."""
    logs = Classifier._logs

    def unmasked(self, batch):
        batch["attention_mask"] = batch["attention_mask"].fill_(1)
        return logs(self, batch)

    monkeypatch.setattr(Classifier, "_logs", unmasked)
    assert not close(untrained(TEXTS), alone(untrained, TEXTS))


def test_threads_do_not_matter_and_are_given_back(classifier):
    import torch

    before = torch.get_num_threads()
    with use_threads(1):
        one = classifier(TEXTS[:2])
    with use_threads(2):
        assert close(one, classifier(TEXTS[:2]))
    assert torch.get_num_threads() == before


def test_an_answer_is_one_of_the_labels_and_scores_are_shares(model):
    both = [Classifier(locate(str(model)), pair, EmotionParams(device="cpu")) for pair in (["joy", "fear"],) * 2]
    for answer in both[0](TEXTS):
        assert answer.label in ("joy", "fear")
        assert 0.5 <= answer.score <= 1.0


def test_what_is_too_long_is_cut_and_told(model):
    short = Classifier(locate(str(model)), LABELS, EmotionParams(device="cpu", max_tokens=16))
    long = "dance smile " * 3 + "tears cry alone " * 50
    answers = short(["dance smile", long])
    assert [answer.is_cut for answer in answers] == [False, True]
    assert answers[1].label == "joy"  # what is said after the cut is not read
    whole = Classifier(locate(str(model)), LABELS, EmotionParams(device="cpu", max_tokens=1000))([long])[0]
    assert (whole.label, whole.is_cut) == ("sadness", False)


def test_the_cut_keeps_the_end_that_the_model_knows(model):
    tokenizer, _ = load(locate(str(model)))
    cut = tokenizer(["smile " * 99], truncation=True, max_length=8)["input_ids"][0]
    assert (len(cut), cut[-1]) == (8, tokenizer.eos_token_id)


def test_words_before_the_lyrics(model):
    prefixed = Classifier(locate(str(model)), LABELS, EmotionParams(device="cpu", prefix="tears "))
    assert prefixed(["night"])[0].score == pytest.approx(plain_answer(model, "night", LABELS, "tears ")[1], abs=1e-6)
    assert prefixed(["night"])[0].label == "sadness"


def test_labels_that_the_tokenizer_does_not_know(model):
    with pytest.raises(ParameterError, match="does not tell the labels '夜' and '昼' apart"):
        Classifier(locate(str(model)), ["joy", "夜", "昼"], EmotionParams(device="cpu"))


def test_the_memory_of_the_device_is_used_up(classifier, monkeypatch):
    import torch

    def refuse(self, batch):
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(Classifier, "_logs", refuse)
    with pytest.raises(ResourceError, match=r"memory of the device 'cpu' is used up .* Lower --batch-size"):
        classifier(TEXTS)


CLASSES = ("joy", "fear", "love")


@pytest.fixture(scope="module")
def located(tmp_path_factory):
    folder = tmp_path_factory.mktemp("classes")
    make_model(folder, "T5ForSequenceClassification", id2label=dict(enumerate(CLASSES)))
    return locate(str(folder))


class TestSequenceClassifier:
    def test_scores_are_the_softmax_of_its_outputs(self, located):
        import torch

        tokenizer, model = load(located)
        asked = Classifier(located, CLASSES, EmotionParams(device="cpu"))
        for text, answer in zip(TEXTS, asked(TEXTS), strict=True):
            with torch.no_grad():
                shares = model(**tokenizer(text, return_tensors="pt")).logits[0].softmax(0)
            assert answer.label == CLASSES[int(shares.argmax())]
            assert answer.score == pytest.approx(float(shares.max()), abs=1e-5)

    def test_some_of_its_classes(self, located):
        asked = Classifier(located, ["love", "joy"], EmotionParams(device="cpu"))
        assert {answer.label for answer in asked(TEXTS)} <= {"love", "joy"}
        assert all(answer.score >= 0.5 for answer in asked(TEXTS))

    def test_its_labels(self, located, model):
        assert labels_of(located, None, EMOTIONS) == list(CLASSES)
        assert labels_of(located, ("love", "joy"), EMOTIONS) == ["love", "joy"]
        with pytest.raises(ParameterError, match=r"has no class 'rage'. Its classes: joy, fear, love."):
            labels_of(located, ("joy", "rage"), EMOTIONS)
        assert labels_of(locate(str(model)), None, EMOTIONS) == LABELS
        assert labels_of(locate(str(model)), ("one", "two"), EMOTIONS) == ["one", "two"]
