"""What the rebuilds of published networks share.

A rebuild is a script beside this file that makes a plain torch.nn.Module from a genotype's text by the rules of its paper. Its
submodules have the names of the platform's layers, so that state_dict() has the names of the platform's weights.

Argument of a script: a folder with case.json ({genotype, settings, channels, classes}; of a text no channels, and a vocabulary for
classes), weights.safetensors and images.safetensors (one tensor, "images": whatever the examples are). The script writes the logits, float32, to the file "logits" in it.
"""

import array
import json
import math
import struct
import sys
from pathlib import Path

import torch
from torch import nn


def read_safetensors(path):
    """All tensors of a file by name; only float32 ones are known."""
    data = bytearray(path.read_bytes())
    (length,) = struct.unpack_from("<Q", data)
    header = json.loads(data[8:8 + length])
    header.pop("__metadata__", None)
    tensors = {}
    for name, tensor in header.items():
        assert tensor["dtype"] == "F32", f"{name} is {tensor['dtype']}"
        begin, _ = tensor["data_offsets"]
        values = torch.frombuffer(data, dtype=torch.float32, count=math.prod(tensor["shape"]), offset=8 + length + begin)
        tensors[name] = values.view(tensor["shape"])
    return tensors


def run(build):
    """Runs build(genotype, settings, channels, classes), a module, on the case that the command line names."""
    torch.set_num_threads(1)
    folder = Path(sys.argv[1])
    case = json.loads((folder / "case.json").read_text(encoding="utf-8"))
    module = build(case["genotype"], case["settings"], case["channels"], case["classes"])
    load(module, read_safetensors(folder / "weights.safetensors"))
    module.eval()
    with torch.no_grad():
        logits = module(read_safetensors(folder / "images.safetensors")["images"])
    (folder / "logits").write_bytes(array.array("f", logits.flatten().tolist()).tobytes())


def load(module, weights):
    """Puts every weight into the module; neither side may have one more, and shapes must agree."""
    missing, unexpected = module.load_state_dict(weights, strict=False)
    missing = [name for name in missing if not name.endswith("num_batches_tracked")]
    if missing or unexpected:
        sys.exit(f"The module's weights that the network lacks: {missing}\nThe network's that the module lacks: {unexpected}")


class Named(nn.Module):
    """Modules one after the other, given as (name, module); a name with slashes lies in submodules."""

    def __init__(self, *parts):
        super().__init__()
        self.steps = []  # in order, and not a submodule: the names have the nesting
        for name, module in parts:
            put(self, name, module)
            self.steps.append(module)

    def forward(self, x):
        for step in self.steps:
            x = step(x)
        return x


def put(parent, name, module):
    """Makes a module a submodule under a name with slashes; gives it back."""
    *folders, last = name.split("/")
    for folder in folders:
        if not hasattr(parent, folder):
            parent.add_module(folder, nn.Module())
        parent = getattr(parent, folder)
    assert not hasattr(parent, last), f"{name} is there already"
    parent.add_module(last, module)
    return module


def convolution(inputs, outputs, kernel, stride=1, dilation=1, groups=1):
    """Without bias, zeros on both sides alike, so that stride 1 keeps the size: the platform's choice where a paper says "same"."""
    height, width = (kernel, kernel) if isinstance(kernel, int) else kernel
    padding = (dilation * (height - 1) // 2, dilation * (width - 1) // 2)
    return nn.Conv2d(inputs, outputs, (height, width), stride, padding, dilation, groups, bias=False)


def conv_norm(inputs, outputs, kernel, stride=1):
    return Named(("conv", convolution(inputs, outputs, kernel, stride)), ("norm", nn.BatchNorm2d(outputs)))


def relu_conv_norm(inputs, outputs, kernel, stride=1):
    return Named(("relu", nn.ReLU()), ("conv", convolution(inputs, outputs, kernel, stride)), ("norm", nn.BatchNorm2d(outputs)))


def conv_norm_relu(inputs, outputs, kernel, stride=1):
    return Named(("conv", convolution(inputs, outputs, kernel, stride)), ("norm", nn.BatchNorm2d(outputs)), ("relu", nn.ReLU()))


def separable_once(inputs, outputs, kernel, stride=1, dilation=1):
    """ReLU, depthwise, pointwise, batch norm."""
    return Named(
        ("relu", nn.ReLU()),
        ("depthwise", convolution(inputs, inputs, kernel, stride, dilation, groups=inputs)),
        ("pointwise", convolution(inputs, outputs, 1)),
        ("norm", nn.BatchNorm2d(outputs)))


def separable_twice(inputs, outputs, kernel, stride=1, between=None):
    """The separable convolution that is applied twice, the stride in the first; darts keeps the input's channels between the two."""
    between = between or outputs
    return Named(("first", separable_once(inputs, between, kernel, stride)), ("second", separable_once(between, outputs, kernel)))


class FactorisedReduction(nn.Module):
    """Two 1x1 convolutions of stride 2, one of them a pixel further down and right, joined; one batch norm.

    What the shift uncovers at the far edge is zero, as in slim and ENAS; at an even size no convolution sees it, so it is darts's too.
    """

    def __init__(self, inputs, outputs, relu):
        super().__init__()
        self.relu = nn.ReLU() if relu else nn.Identity()
        self.straight = convolution(inputs, outputs // 2, 1, 2)
        self.shifted = convolution(inputs, outputs // 2, 1, 2)
        self.norm = nn.BatchNorm2d(outputs)

    def forward(self, x):
        x = self.relu(x)
        shifted = nn.functional.pad(x, (0, 1, 0, 1))[:, :, 1:, 1:]
        return self.norm(torch.cat([self.straight(x), self.shifted(shifted)], 1))


class Classifier(nn.Module):
    """The mean of every channel, then a full layer."""

    def __init__(self, channels, classes):
        super().__init__()
        self.linear = nn.Linear(channels, classes)

    def forward(self, x):
        return self.linear(x.mean((2, 3)))
