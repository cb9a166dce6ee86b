"""digits-mlp: a multilayer perceptron on the 8x8 digits that scikit-learn bundles."""

import numpy as np
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn

import common

NAME, SEED, EPOCHS, BATCH = "digits-mlp", 20240501, 120, 64
EVALUATION, CALIBRATION = 540, 180


class DigitsMLP(nn.Module):
    """64 pixels to 10 logits through two hidden layers."""

    def __init__(self):
        super().__init__()
        self.fc1, self.relu1 = nn.Linear(64, 256), nn.ReLU()
        self.fc2, self.relu2 = nn.Linear(256, 128), nn.ReLU()
        self.fc3 = nn.Linear(128, 10)

    def forward(self, x):
        return self.fc3(self.relu2(self.fc2(self.relu1(self.fc1(x)))))


def splits():
    """Stratified, disjoint (train, calibration, evaluation), each a pair of uint8 pixels 0-16 and labels."""
    digits = load_digits()
    x, y = digits.data.astype(np.uint8), digits.target
    x, xe, y, ye = train_test_split(x, y, test_size=EVALUATION, stratify=y, random_state=SEED)
    x, xc, y, yc = train_test_split(x, y, test_size=CALIBRATION, stratify=y, random_state=SEED)
    return (x, y), (xc, yc), (xe, ye)


def shifted(x, rng):
    """Each 8x8 image moved by at most one pixel, zeros coming in: the only augmentation."""
    padded = np.pad(x.reshape(-1, 8, 8), ((0, 0), (1, 1), (1, 1)))
    moves = rng.choice([0, 1, 1, 2], size=(len(x), 2))
    return np.stack([p[a:a + 8, b:b + 8] for p, (a, b) in zip(padded, moves)]).reshape(-1, 64)


def train(x, y):
    model, rng = DigitsMLP(), np.random.default_rng(SEED)
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, EPOCHS)
    labels = torch.from_numpy(y)
    for _ in range(EPOCHS):
        pixels = torch.from_numpy(shifted(x, rng).astype(np.float32) / 16)
        for rows in torch.from_numpy(rng.permutation(len(x))).split(BATCH):
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(pixels[rows]), labels[rows]).backward()
            optimizer.step()
        schedule.step()
    return model


def main():
    common.seed_everything(SEED)
    directory = common.folder(NAME)
    (x, y), calibration, evaluation = splits()
    common.export(train(x, y), torch.zeros(1, 64), directory / "model.onnx", opset=13)
    common.save_samples(directory / "calibration.npz", *calibration)
    common.save_samples(directory / "evaluation.npz", *evaluation)
    common.write_card(directory, {
        "name": NAME,
        "title": "MLP on handwritten digits",
        "description": "A 64-256-128-10 perceptron with ReLU that reads 8x8 handwritten digits: the smallest "
        "sample, where every knob answers at once.",
        "license": "Apache-2.0 (model); CC-BY-4.0 (data)",
        "task": {"kind": "classification", "metric": "top-1", "classes": [str(d) for d in range(10)]},
        "input": {"name": "input", "scale": 1 / 16},
        "output": {"name": "logits"},
        "data": {"calibration": "calibration.npz", "evaluation": "evaluation.npz"},
        "training": {
            "script": "Scripts/samples/digits_mlp.py", "seed": SEED, "epochs": EPOCHS,
            "optimizer": "AdamW, learning rate 2e-3 with cosine decay, weight decay 1e-2, batch 64",
            "train_samples": len(x),
            "source": "The 1797 8x8 digits bundled with scikit-learn (load_digits), the test part of the UCI set. "
            "Train, calibration and evaluation are a seeded, stratified, disjoint split; the same writers occur in "
            "all three. Training images are also moved by up to one pixel.",
            "attribution": "E. Alpaydin, C. Kaynak: Optical Recognition of Handwritten Digits. UCI Machine "
            "Learning Repository, 1998. https://doi.org/10.24432/C50P49 (CC BY 4.0)",
        },
    })


if __name__ == "__main__":
    main()
