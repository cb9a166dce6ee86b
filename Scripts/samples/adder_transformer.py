"""adder-transformer: a small decoder-only transformer that adds two numbers of up to four digits."""

import math

import numpy as np
import torch
from torch import nn

import common

NAME, SEED = "adder-transformer", 20240502
DIGITS, ANSWER = 4, 5
START = 2 * DIGITS + 1  # the position of "=", whose logits predict the first answer digit
LENGTH = START + ANSWER  # prompt, then all answer digits but the last
VOCABULARY, PLUS, EQUALS = 12, 10, 11
WIDTH, HEADS, BLOCKS = 96, 4, 2
STEPS, BATCH, WARMUP, RATE = 2000, 256, 200, 2e-3
EVALUATION, CALIBRATION = 2000, 256


class Attention(nn.Module):
    """Causal self-attention with separate projections."""

    def __init__(self):
        super().__init__()
        self.q, self.k, self.v = (nn.Linear(WIDTH, WIDTH) for _ in range(3))
        self.proj = nn.Linear(WIDTH, WIDTH)
        future = torch.triu(torch.ones(LENGTH, LENGTH, dtype=torch.bool), diagonal=1)
        self.register_buffer("future", future, persistent=False)

    def forward(self, x):
        def heads(y):
            return y.reshape(-1, LENGTH, HEADS, WIDTH // HEADS).transpose(1, 2)

        q, k, v = heads(self.q(x)), heads(self.k(x)), heads(self.v(x))
        scores = q @ k.transpose(2, 3) * (1 / math.sqrt(WIDTH // HEADS))
        weights = scores.masked_fill(self.future, -1e9).softmax(-1)
        return self.proj((weights @ v).transpose(1, 2).reshape(-1, LENGTH, WIDTH))


class Block(nn.Module):
    """Pre-norm attention and a GELU perceptron, each with a residual."""

    def __init__(self):
        super().__init__()
        self.ln1, self.attn = nn.LayerNorm(WIDTH), Attention()
        self.ln2, self.fc1 = nn.LayerNorm(WIDTH), nn.Linear(WIDTH, 4 * WIDTH)
        self.gelu, self.fc2 = nn.GELU(), nn.Linear(4 * WIDTH, WIDTH)

    def forward(self, x):
        x = x + self.attn(self.ln1(x))
        return x + self.fc2(self.gelu(self.fc1(self.ln2(x))))


class Adder(nn.Module):
    """Token ids [batch, 14] to logits [batch, 14, 12]."""

    def __init__(self):
        super().__init__()
        self.token = nn.Embedding(VOCABULARY, WIDTH)
        self.position = nn.Parameter(torch.randn(LENGTH, WIDTH) * 0.02)
        for index in range(BLOCKS):
            setattr(self, f"block{index}", Block())
        self.ln, self.head = nn.LayerNorm(WIDTH), nn.Linear(WIDTH, VOCABULARY)

    def forward(self, ids):
        x = self.token(ids) + self.position
        for index in range(BLOCKS):
            x = getattr(self, f"block{index}")(x)
        return self.head(self.ln(x))


def encode(pairs):
    """Token ids [N, 14] and targets [N, 5] of pairs [N, 2]; answer digits run from the units upwards."""
    a, b = pairs.T
    down, up = 10 ** np.arange(DIGITS - 1, -1, -1), 10 ** np.arange(ANSWER)
    targets = (a + b)[:, None] // up % 10
    plus, equals = np.full((len(a), 1), PLUS), np.full((len(a), 1), EQUALS)
    first, second = a[:, None] // down % 10, b[:, None] // down % 10
    ids = np.concatenate([first, plus, second, equals, targets[:, :-1]], axis=1)
    return ids.astype(np.int64), targets.astype(np.int64)


def draw(rng, count):
    """Random pairs: half uniform below 10000, half with the number of digits drawn first."""
    uniform = rng.integers(0, 10**DIGITS, size=(count, 2))
    short = rng.integers(0, 10 ** rng.integers(1, DIGITS + 1, size=(count, 2)))
    return np.where(rng.random((count, 1)) < 0.5, uniform, short)


def keys(pairs):
    """One integer per unordered pair, so that b + a counts as seen where a + b is."""
    return pairs.max(axis=1) * 10**DIGITS + pairs.min(axis=1)


def held_out(rng):
    """Distinct pairs for evaluation and calibration, and the sorted keys that training must avoid."""
    pairs = draw(rng, 4 * (EVALUATION + CALIBRATION))
    _, first = np.unique(keys(pairs), return_index=True)
    pairs = pairs[np.sort(first)][:EVALUATION + CALIBRATION]
    return pairs[:EVALUATION], pairs[EVALUATION:], np.sort(keys(pairs))


def train(rng, reserved):
    """The trained model and how many pairs it was shown."""
    model, shown = Adder(), 0
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, betas=(0.9, 0.98), weight_decay=0.01)
    for step in range(STEPS):
        fade = 0.5 * (1 + math.cos(math.pi * step / STEPS))
        optimizer.param_groups[0]["lr"] = RATE * min(1, (step + 1) / WARMUP) * (0.01 + 0.99 * fade)
        pairs = draw(rng, BATCH)
        pairs = pairs[~np.isin(keys(pairs), reserved)]
        ids, targets = (torch.from_numpy(v) for v in encode(pairs))
        answer = model(ids)[:, START:]
        loss = nn.functional.cross_entropy(answer.flatten(0, 1), targets.flatten())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        shown += len(pairs)
        if step % 250 == 0:
            exact = (answer.argmax(-1) == targets).all(1).float().mean()
            print(f"step {step}: loss {loss:.4f}, exact {exact:.3f}", flush=True)
    return model, shown


def main():
    common.seed_everything(SEED)
    directory, rng = common.folder(NAME), np.random.default_rng(SEED)
    evaluation, calibration, reserved = held_out(rng)
    model, shown = train(rng, reserved)
    common.export(model, torch.zeros(1, LENGTH, dtype=torch.int64), directory / "model.onnx", opset=17)
    common.save_samples(directory / "calibration.npz", *encode(calibration))
    common.save_samples(directory / "evaluation.npz", *encode(evaluation))
    common.write_card(directory, {
        "name": NAME,
        "title": "Transformer that adds",
        "description": f"A decoder-only transformer ({BLOCKS} blocks, width {WIDTH}, {HEADS} heads, learned "
        "positions) that adds two numbers of up to four digits. The 14 token ids are aaaa+bbbb= (numbers padded "
        "with zeros; + is 10, = is 11) and the first four answer digits, units first. The logits at positions 9 "
        "to 13 predict the five answer digits, units first; y holds these targets [N, 5]. A sample counts when "
        "all five arg max digits are right (exact match). The true answer digits are fed (teacher forcing), yet "
        "the score is that of greedy decoding: each fed digit is the one a decoder would have written itself "
        "until its first mistake, and with a mistake the sample is lost in both.",
        "license": "Apache-2.0",
        "task": {"kind": "sequence", "metric": "exact-match",
                 "classes": [*(str(d) for d in range(10)), "+", "="]},
        "input": {"name": "input"},
        "output": {"name": "logits"},
        "sequence": {"answer_start": START, "answer_length": ANSWER},
        "data": {"calibration": "calibration.npz", "evaluation": "evaluation.npz"},
        "training": {
            "script": "Scripts/samples/adder_transformer.py", "seed": SEED, "epochs": 1,
            "optimizer": f"AdamW, {STEPS} steps of {BATCH} fresh pairs, learning rate {RATE:g} with {WARMUP} steps "
            "of warm-up and cosine decay, weight decay 0.01, gradient norm clipped at 1",
            "train_samples": shown,
            "source": "Random pairs: half uniform below 10000, half with the number of digits of each drawn "
            "first. No pair of the evaluation or calibration data, in either order, is trained on.",
            "attribution": "Generated by the script.",
        },
    })


if __name__ == "__main__":
    main()
