"""What the two glyph classifiers share: data of a seed, training on fresh samples, the card."""

import numpy as np
import torch
from torch import nn

import common
import fonts
import glyph_data

SEED = 20240503
EVALUATION, CALIBRATION, EPOCH = 5040, 360, 36_000


def held_out_data():
    """The (calibration, evaluation) samples, the same for both models: training and held-out fonts."""
    rng = np.random.default_rng(SEED)
    evaluation = glyph_data.draw(rng, EVALUATION, held_out=True)
    return glyph_data.draw(rng, CALIBRATION, held_out=False), evaluation


def normalized(x):
    """The card's preprocessing, (x / 255 - 0.5) / 0.5, in PyTorch."""
    return (torch.from_numpy(x.astype(np.float32)) / 255 - 0.5) / 0.5


def train(model, seed, epochs, rate, decay, batch=128):
    """Train in place with AdamW and a one-cycle rate; every epoch draws fresh samples of the training fonts."""
    rng = np.random.default_rng(seed)
    plain = [p for p in model.parameters() if p.ndim < 2]
    weights = [p for p in model.parameters() if p.ndim >= 2]
    optimizer = torch.optim.AdamW(
        [{"params": weights, "weight_decay": decay}, {"params": plain, "weight_decay": 0}], lr=rate)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, rate, total_steps=epochs * -(-EPOCH // batch), pct_start=0.15)
    for epoch in range(epochs):
        model.train()
        x, y = glyph_data.draw(rng, EPOCH, held_out=False)
        pixels, labels, hits = normalized(x), torch.from_numpy(y), 0
        for rows in torch.arange(EPOCH).split(batch):
            logits = model(pixels[rows])
            optimizer.zero_grad()
            nn.functional.cross_entropy(logits, labels[rows], label_smoothing=0.02).backward()
            optimizer.step()
            schedule.step()
            hits += int((logits.argmax(1) == labels[rows]).sum())
        print(f"epoch {epoch + 1} of {epochs}: {hits / EPOCH:.4f} of the fresh samples", flush=True)


def card(name, title, description, script, seed, epochs, optimizer, evaluation):
    """The card of a glyph classifier without its metrics."""
    return {
        "name": name, "title": title, "description": description, "license": "Apache-2.0",
        "task": {"kind": "classification", "metric": "top-1", "classes": list(glyph_data.CLASSES)},
        "input": {"name": "input", "layout": "NCHW", "scale": 1 / 255, "mean": [0.5], "std": [0.5]},
        "output": {"name": "logits"},
        "data": {"calibration": "calibration.npz", "evaluation": evaluation},
        "training": {
            "script": script, "seed": seed, "epochs": epochs, "optimizer": optimizer,
            "train_samples": epochs * EPOCH,
            "source": "28x28 glyphs rendered from open fonts with seeded rotation, shear, scale, shift, elastic "
            "distortion, thickness, contrast and noise; every training sample is shown once. Evaluation uses only "
            f"font families held out from training ({', '.join(fonts.names(held_out=True))}), calibration fresh "
            "samples of the training fonts. Upright 0 and O, and 1 and I, are told apart by proportion alone in "
            "many fonts, which bounds what is possible.",
            "attribution": f"Fonts as packaged by Debian 12: {fonts.attribution()}. No font data are shipped.",
        },
    }
