"""Untrained models through PyTorch's two exporters; needs torch, torchvision and onnxscript."""


def torch_models():
    """(name, module, inputs) of untrained models; imported only when asked for."""
    import torch
    import torchvision as tv
    torch.manual_seed(0)
    nn = torch.nn

    class Tagger(nn.Module):
        def __init__(self):
            super().__init__()
            self.embed, self.rnn = nn.Embedding(50, 16), nn.LSTM(16, 12, batch_first=True, bidirectional=True)
            self.head = nn.Linear(24, 5)

        def forward(self, tokens):
            return self.head(self.rnn(self.embed(tokens))[0])

    class Gru(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn, self.head = nn.GRU(8, 10, num_layers=2, batch_first=True), nn.Linear(10, 3)

        def forward(self, x):
            return self.head(self.rnn(x)[0][:, -1])

    class Unet(nn.Module):
        def __init__(self):
            super().__init__()
            self.down = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8), nn.SiLU())
            self.mid = nn.Sequential(nn.MaxPool2d(2), nn.Conv2d(8, 16, 3, padding=1), nn.GroupNorm(4, 16), nn.GELU())
            self.up, self.head = nn.ConvTranspose2d(16, 8, 2, 2), nn.Conv2d(16, 2, 1)

        def forward(self, x):
            down = self.down(x)
            return self.head(torch.cat([self.up(self.mid(down)), down], 1))

    class Whisper(nn.Module):
        def __init__(self):
            super().__init__()
            self.front = nn.Sequential(nn.Conv1d(20, 32, 3, padding=1), nn.GELU(),
                                       nn.Conv1d(32, 32, 3, stride=2, padding=1), nn.GELU())
            self.encoder = nn.TransformerEncoder(
                nn.TransformerEncoderLayer(32, 4, 64, batch_first=True, norm_first=True), 2, enable_nested_tensor=False)
            self.decoder = nn.TransformerDecoder(nn.TransformerDecoderLayer(32, 4, 64, batch_first=True), 1)
            self.embed, self.head = nn.Embedding(40, 32), nn.Linear(32, 40)

        def forward(self, mel, tokens):
            memory = self.encoder(self.front(mel).transpose(1, 2))
            mask = torch.triu(torch.full((tokens.shape[1],) * 2, float("-inf")), 1)
            return self.head(self.decoder(self.embed(tokens), memory, tgt_mask=mask, tgt_is_causal=True))

    class Gpt(nn.Module):
        def __init__(self):
            super().__init__()
            self.tokens, self.places = nn.Embedding(50, 32), nn.Embedding(24, 32)
            self.norm1, self.norm2, self.norm = nn.LayerNorm(32), nn.LayerNorm(32), nn.LayerNorm(32)
            self.qkv, self.out = nn.Linear(32, 96), nn.Linear(32, 32)
            self.mlp = nn.Sequential(nn.Linear(32, 64), nn.GELU(approximate="tanh"), nn.Linear(64, 32))

        def forward(self, ids):
            x = self.tokens(ids) + self.places(torch.arange(ids.shape[1]))
            parts = self.qkv(self.norm1(x)).view(ids.shape[0], ids.shape[1], 3, 4, 8).permute(2, 0, 3, 1, 4)
            y = nn.functional.scaled_dot_product_attention(parts[0], parts[1], parts[2], is_causal=True)
            x = x + self.out(y.transpose(1, 2).reshape(ids.shape[0], ids.shape[1], 32))
            x = x + self.mlp(self.norm2(x))
            return self.norm(x) @ self.tokens.weight.T

    class Detector(nn.Module):
        def __init__(self):
            super().__init__()
            self.body, self.head = nn.Conv2d(3, 8, 3, stride=4, padding=1), nn.Conv2d(8, 5, 1)

        def forward(self, x):
            found = self.head(torch.relu(self.body(x)))[0].flatten(1).t()
            corner = found[:, :2].sigmoid() * 30
            boxes = torch.cat([corner, corner + 5], 1)
            keep = tv.ops.nms(boxes, found[:, 4], 0.4)
            return boxes[keep], found[keep, 4]

    image = torch.randn(1, 3, 64, 64)
    small = {"weights": None, "num_classes": 10}
    yield "resnet18", tv.models.resnet18(**small), (image,)
    yield "mobilenet_v2", tv.models.mobilenet_v2(width_mult=0.35, **small), (image,)
    yield "mobilenet_v3", tv.models.mobilenet_v3_small(**small), (image,)
    yield "efficientnet", tv.models.efficientnet_b0(**small), (image,)
    yield "densenet", tv.models.densenet121(**small), (image,)
    yield "shufflenet", tv.models.shufflenet_v2_x0_5(**small), (image,)
    yield "squeezenet", tv.models.squeezenet1_1(**small), (image,)
    yield "convnext", tv.models.convnext_tiny(**small), (image,)
    yield "vit", tv.models.VisionTransformer(32, 8, 2, 4, 32, 64, num_classes=10), (torch.randn(1, 3, 32, 32),)
    yield "swin", tv.models.SwinTransformer([4, 4], 16, [2, 2], [2, 4], [4, 4], num_classes=10), (image,)
    yield "deeplab", tv.models.segmentation.lraspp_mobilenet_v3_large(
        weights=None, weights_backbone=None, num_classes=4), (image,)
    yield "unet", Unet(), (image,)
    yield "lstm_tagger", Tagger(), (torch.randint(0, 50, (1, 9)),)
    yield "gru", Gru(), (torch.randn(1, 7, 8),)
    yield "whisper", Whisper(), (torch.randn(1, 20, 24), torch.randint(0, 40, (1, 6)))
    yield "gpt", Gpt(), (torch.randint(0, 50, (2, 7)),)
    yield "detector", Detector(), (image,)


def from_torch(folder, wanted):
    """Write every PyTorch model with both exporters; yields (name, path, feeds)."""
    import warnings

    import torch
    warnings.filterwarnings("ignore")
    for name, module, inputs in torch_models():
        for dynamo in (False, True):
            case = f"torch_{name}_{'dynamo' if dynamo else 'script'}"
            if wanted and case not in wanted:
                continue
            path = folder / f"{case}.onnx"
            names = [f"input{i}" for i in range(len(inputs))]
            try:
                torch.onnx.export(module.eval(), inputs, str(path), input_names=names, dynamo=dynamo,
                                  opset_version=18 if dynamo else 17)
            except Exception as error:  # noqa: BLE001 (what PyTorch cannot export is no fault of ours)
                print(f"skip  {case:44} not exported: {str(error).splitlines()[0][:80]}", flush=True)
                continue
            yield case, path, dict(zip(names, (i.numpy() for i in inputs)))
