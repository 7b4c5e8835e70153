"""ENAS's macro space (arXiv 1802.03268, §2.3) by hand: the network of the search and the final one.

An arc holds, layer after layer, an operation and one bit for the stem and for each earlier layer but the one just before.
What the sources leave open, and how it is here: the released final network does nothing for the two poolings; as in the
network of the search they stand after the 1x1 convolution. As in the released code everything is halved, also what nobody
reads afterwards; the platform leaves that out, so the two compare only where an arc reads all of it.
"""
from collections import OrderedDict

import torch
from torch import nn
from torch.nn import functional as F

import rebuild
from enas import FactorizedReduction, conv, conv_norm, norm

NAMES = ["conv_3x3", "sep_conv_3x3", "conv_5x5", "sep_conv_5x5", "avg_pool_3x3", "max_pool_3x3"]


class SearchLayer(nn.Module):
    """1x1 convolution, norm, ReLU, the operation; what is joined is added, then normalised."""

    def __init__(self, operation, bits, channels):
        super().__init__()
        self.operation, self.bits = operation, bits
        size = 5 if operation in (2, 3) else 3
        branch = OrderedDict({"in": conv_norm(channels, channels, 1)})
        if operation in (0, 2):
            branch["out"] = conv_norm(channels, channels, size)
        elif operation in (1, 3):
            branch["out"] = nn.Sequential(OrderedDict(
                depthwise=conv(channels, channels, size, groups=channels), pointwise=conv(channels, channels, 1), norm=norm(channels)))
        self.add_module(NAMES[operation], nn.ModuleDict(branch))
        if bits:
            self.skip = nn.ModuleDict({"norm": norm(channels)})

    def forward(self, outputs):
        branch = getattr(self, NAMES[self.operation])
        x = F.relu(branch["in"](outputs[-1]))
        if self.operation == 4:
            x = F.avg_pool2d(x, 3, 1, 1, count_include_pad=False)
        elif self.operation == 5:
            x = F.max_pool2d(x, 3, 1, 1)
        else:
            x = F.relu(branch["out"](x))
        if not self.bits:
            return x
        return self.skip["norm"](x + sum(output for output, bit in zip(outputs, self.bits) if bit))


class FinalLayer(nn.Module):
    """ReLU, 1x1 convolution, norm, and the same with the full convolution of the operation's size; what is joined is concatenated and brought back."""

    def __init__(self, operation, bits, channels):
        super().__init__()
        self.operation, self.bits = operation, bits
        branch = OrderedDict({"in": conv_norm(channels, channels, 1)})
        if operation < 4:
            branch["out"] = conv_norm(channels, channels, [3, 3, 5, 5][operation])
        self.add_module(NAMES[operation], nn.ModuleDict(branch))
        if bits:
            self.skip = conv_norm(channels * (sum(bits) + 1), channels, 1)

    def forward(self, outputs):
        branch = getattr(self, NAMES[self.operation])
        x = branch["in"](F.relu(outputs[-1]))
        if self.operation == 4:
            x = F.avg_pool2d(x, 3, 1, 1, count_include_pad=False)
        elif self.operation == 5:
            x = F.max_pool2d(x, 3, 1, 1)
        else:
            x = branch["out"](F.relu(x))
        if not self.bits:
            return x
        joined = [output for output, bit in zip(outputs, self.bits) if bit]
        return self.skip(F.relu(torch.cat(joined + [x], 1)))


class Network(nn.Module):
    def __init__(self, arc, layers, channels, final, image_channels, classes):
        super().__init__()
        self.stem = conv_norm(image_channels, channels, 3)
        self.layers = layers
        numbers = [int(word) for word in arc.split()]
        for number in range(1, layers + 1):
            operation, *bits = numbers[:number]
            numbers = numbers[number:]
            layer = (FinalLayer if final else SearchLayer)(operation, bits, channels)
            # Below a third and two thirds, everything so far is halved: the stem's output, and this and each earlier layer's.
            if number in (layers // 3, 2 * (layers // 3)):
                wider = 2 * channels if final else channels
                layer.pool = nn.ModuleDict({f"from{output}": FactorizedReduction(channels, wider) for output in range(number + 1)})
                channels = wider
            self.add_module(f"layer{number}", layer)
        assert not numbers, f"{len(numbers)} numbers too many in the arc"
        self.classifier = nn.ModuleDict({"linear": nn.Linear(channels, classes, bias=False)})

    def forward(self, x):
        outputs = [self.stem(x)]
        for number in range(1, self.layers + 1):
            layer = getattr(self, f"layer{number}")
            outputs.append(layer(outputs))
            if hasattr(layer, "pool"):
                outputs = [layer.pool[f"from{index}"](output) for index, output in enumerate(outputs)]
        return self.classifier["linear"](outputs[-1].mean((2, 3)))


rebuild.run(lambda genotype, settings, channels, classes: Network(
    genotype, int(settings["layers"]), int(settings["channels"]), settings["network"] == "final", channels, classes))
