"""glyphs-lenet: a LeNet with about a million weights, far more than the task needs."""

import torch
from torch import nn

import common
import glyph_training as training

NAME, SEED, EPOCHS = "glyphs-lenet", 20240504, 20


class LeNet(nn.Module):
    """After Y. LeCun et al., Proc. IEEE 1998, doi:10.1109/5.726791, with ReLU and wider layers."""

    def __init__(self):
        super().__init__()
        self.conv1, self.relu1, self.pool1 = nn.Conv2d(1, 24, 5), nn.ReLU(), nn.MaxPool2d(2)
        self.conv2, self.relu2, self.pool2 = nn.Conv2d(24, 48, 5), nn.ReLU(), nn.MaxPool2d(2)
        self.flatten = nn.Flatten()
        self.fc1, self.relu3 = nn.Linear(48 * 4 * 4, 1024), nn.ReLU()
        self.fc2, self.relu4 = nn.Linear(1024, 192), nn.ReLU()
        self.fc3 = nn.Linear(192, 36)

    def forward(self, x):
        x = self.pool1(self.relu1(self.conv1(x)))
        x = self.pool2(self.relu2(self.conv2(x)))
        x = self.relu3(self.fc1(self.flatten(x)))
        return self.fc3(self.relu4(self.fc2(x)))


def main():
    common.seed_everything(SEED)
    directory, model = common.folder(NAME), LeNet()
    calibration, evaluation = training.held_out_data()
    common.save_samples(directory / "calibration.npz", *calibration)
    common.save_samples(directory / "evaluation.npz", *evaluation)
    training.train(model, SEED, EPOCHS, rate=2e-3, decay=2e-2)
    common.export(model, torch.zeros(1, 1, 28, 28), directory / "model.onnx", opset=13)
    common.write_card(directory, training.card(
        NAME, "LeNet on rendered glyphs",
        "A LeNet-style network (two 5x5 convolutions with pooling, three fully connected layers) that reads "
        "digits and capital letters. Over-parameterized on purpose: most of its weights can go.",
        "Scripts/samples/glyphs_lenet.py", SEED, EPOCHS,
        "AdamW, one-cycle learning rate up to 2e-3, weight decay 2e-2, label smoothing 0.02, batch 128",
        "evaluation.npz"))


if __name__ == "__main__":
    main()
