"""glyphs-mobile: a MobileNetV2 in small, with batch normalization kept as nodes of its own."""

import torch
from torch import nn

import common
import glyph_training as training

NAME, SEED, EPOCHS = "glyphs-mobile", 20240505, 9


class ConvBN(nn.Module):
    """Convolution without bias, batch normalization and, unless `linear`, ReLU6."""

    def __init__(self, inputs, outputs, size=1, stride=1, groups=1, linear=False):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, size, stride, size // 2, groups=groups, bias=False)
        self.bn = nn.BatchNorm2d(outputs)
        self.act = nn.Identity() if linear else nn.ReLU6()

    def forward(self, x):
        return self.act(self.bn(self.conv(x)))


class InvertedResidual(nn.Module):
    """Expand (unless by 1), filter by depth, project; the input is added where the shape is kept.

    M. Sandler et al., CVPR 2018, doi:10.1109/CVPR.2018.00474.
    """

    def __init__(self, inputs, outputs, stride, expansion=4):
        super().__init__()
        hidden = inputs * expansion
        self.expand = ConvBN(inputs, hidden) if expansion > 1 else nn.Identity()
        self.depthwise = ConvBN(hidden, hidden, size=3, stride=stride, groups=hidden)
        self.project = ConvBN(hidden, outputs, linear=True)
        self.residual = stride == 1 and inputs == outputs

    def forward(self, x):
        y = self.project(self.depthwise(self.expand(x)))
        return x + y if self.residual else y


class Mobile(nn.Module):
    """28x28 to 14x14 in the stem, to 7x7 in block1, then global average pooling."""

    def __init__(self):
        super().__init__()
        self.stem = ConvBN(1, 16, size=3, stride=2)
        self.block0 = InvertedResidual(16, 16, stride=1, expansion=1)
        self.block1 = InvertedResidual(16, 32, stride=2)
        self.block2 = InvertedResidual(32, 32, stride=1)
        self.block3 = InvertedResidual(32, 48, stride=1)
        self.block4 = InvertedResidual(48, 48, stride=1)
        self.head = ConvBN(48, 160)
        self.pool, self.flatten = nn.AdaptiveAvgPool2d(1), nn.Flatten()
        self.fc = nn.Linear(160, 36)

    def forward(self, x):
        x = self.block1(self.block0(self.stem(x)))
        x = self.head(self.block4(self.block3(self.block2(x))))
        return self.fc(self.flatten(self.pool(x)))


def main():
    common.seed_everything(SEED)
    directory, model = common.folder(NAME), Mobile()
    calibration, _ = training.held_out_data()
    common.save_samples(directory / "calibration.npz", *calibration)
    # The last-channel layout halves the time of depthwise convolutions on a CPU; the export does not see it.
    model = model.to(memory_format=torch.channels_last)
    training.train(model, SEED, EPOCHS, rate=6e-3, decay=1e-2)
    common.export(model, torch.zeros(1, 1, 28, 28), directory / "model.onnx", opset=13)
    common.write_card(directory, training.card(
        NAME, "Small MobileNet on rendered glyphs",
        "Depthwise separable convolutions with batch normalization, ReLU6 and inverted residuals, MobileNetV2 in "
        "small: little is redundant here, so compression is felt early. Evaluated on the data of glyphs-lenet.",
        "Scripts/samples/glyphs_mobile.py", SEED, EPOCHS,
        "AdamW, one-cycle learning rate up to 6e-3, weight decay 1e-2, label smoothing 0.02, batch 128",
        "../glyphs-lenet/evaluation.npz"))


if __name__ == "__main__":
    main()
