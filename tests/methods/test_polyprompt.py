"""PolyPrompt: the model's own loss, greedy answers, and one stream of all tasks."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from accelerate import Accelerator

from tests.conftest import GetBackbone
from tests.tiny import Built, examples, task
from xbench.encoding.formulation import IGNORED
from xbench.metrics.compute import compute
from xbench.runner.grid import plan_grid
from xbench.runner.prediction import predict_rows
from xbench.runner.request import EvalRequest
from xbench.runner.stage_data import StageData
from xbench.runner.training import rows_of_step


def test_the_loss_is_the_models_own_times_the_target_tokens(backbone: GetBackbone) -> None:
    built = Built("polyprompt", backbone("mt5"), task("xnli"))
    batch = built.batch()
    tokens = int((batch["target_ids"] != IGNORED).sum())
    assert tokens == batch.count > len(batch)
    whole = built.backbone.fresh()
    mean = whole(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"], labels=batch["target_ids"]).loss
    found = built.method.loss(built.model(), batch)
    assert float(found.detach()) == pytest.approx(float(mean.detach()) * tokens, rel=1e-5)
    # Equation 3 from the logits, token by token.
    logits = whole(
        input_ids=batch["input_ids"], attention_mask=batch["attention_mask"], labels=batch["target_ids"]
    ).logits
    by_hand = -sum(
        float(logits[row, place].detach().double().log_softmax(-1)[target])
        for row in range(len(batch))
        for place, target in enumerate(batch["target_ids"][row].tolist())
        if target != IGNORED
    )
    assert float(found.detach()) == pytest.approx(by_hand, rel=1e-5)


def test_answers_are_greedy(backbone: GetBackbone) -> None:
    built = Built("polyprompt", backbone("mt5"))
    batch = built.batch()
    model: Any = built.model()
    whole = model.model
    whole.decoder.final_layer_norm.weight.data.mul_(0.2)  # scores near one another, so that a beam would find others
    found = built.method.predict(model, batch)
    length = int(str(batch.context["answer_length"]))
    assert found.shape[1] <= length + 1
    pad, end = built.backbone.tokenizer.pad_token_id, built.backbone.tokenizer.eos_token_id
    for row in range(len(batch)):
        answer = [pad]
        while len(answer) <= length and answer[-1] != end:
            real = batch["attention_mask"][row].bool()
            with torch.no_grad():
                logits = whole(
                    input_ids=batch["input_ids"][row][real][None], decoder_input_ids=torch.tensor([answer])
                ).logits
            answer.append(int(logits[0, -1].argmax()))
        assert found[row].tolist()[: len(answer)] == answer
        assert set(found[row].tolist()[len(answer) :]) <= {pad}


def test_an_answer_that_is_no_label_is_none_and_wrong(backbone: GetBackbone) -> None:
    built = Built("polyprompt", backbone("mt5"))
    formulation = built.formulation
    given = examples(formulation.task)
    good = built.backbone.tokenizer("Good")["input_ids"]
    bad = built.backbone.tokenizer("Goodish")["input_ids"]
    answers = [good, bad] * 4
    longest = max(map(len, answers))
    output = torch.tensor([[0, *answer, *[0] * (longest - len(answer))] for answer in answers])
    built.method.predict = lambda model, batch: output[list(batch.indices)]  # type: ignore[method-assign]
    batches = [
        lambda which=which: formulation.batch([formulation.encode(given).rows[i] for i in which], "en")
        for which in ([3, 1, 0, 6], [2, 4, 5, 7])
    ]  # type: ignore[misc]
    found = predict_rows(built.method, built.model(), formulation, batches, Accelerator(cpu=True))
    predictions = [found.predictions[number] for number in range(8)]
    assert predictions == ["4", None] * 4
    assert compute(("accuracy",), list(given.gold), predictions) == {"accuracy": 0.0}
    gold = ["4"] * 8
    assert compute(("accuracy",), gold, predictions) == {"accuracy": 0.5}


def test_all_tasks_train_in_one_stream(backbone: GetBackbone) -> None:
    """Joint: one model; batches hold rows of several tasks, each with its own template and answers."""
    request = EvalRequest(methods=("polyprompt",), tasks=("marc", "xnli"), shots=("4",), seeds=(1,))
    (plan,) = plan_grid(request).cells
    built = Built("polyprompt", backbone("mt5"), *plan.train_tasks)
    (stream,) = StageData(plan, ()).streams(built.fit, built.formulations, built.backbone)
    assert len(stream.rows) == 4 * 5 + 4 * 3
    tokenizer = built.backbone.tokenizer
    both = 0
    for step in range(4):
        rows = rows_of_step(stream, step, 8, seed=1)
        batch = stream.batch(rows)
        texts = tokenizer.batch_decode(batch["input_ids"], skip_special_tokens=True)
        reviews = sum("Review" in text or "review" in text for text in texts)
        both += 0 < reviews < len(texts)
        loss = built.method.loss(built.model(), batch)
        assert loss.isfinite()
    assert both >= 3
