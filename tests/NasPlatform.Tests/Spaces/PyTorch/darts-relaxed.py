"""The search network of DARTS (Liu, Simonyan & Yang 2019, arXiv 1806.09055; quark0/darts cnn/model_search.py): every edge mixes eight operations."""

import sys
from pathlib import Path

import torch
from torch import nn

from rebuild import Classifier, FactorisedReduction, Named, conv_norm, put, read_safetensors, relu_conv_norm, run, separable_once, separable_twice

ALPHAS = read_safetensors(Path(sys.argv[1]) / "alphas.safetensors")


class Nothing(nn.Module):
    def __init__(self, stride):
        super().__init__()
        self.stride = stride

    def forward(self, x):
        return x[:, :, ::self.stride, ::self.stride] * 0


def operations(channels, stride):
    """In the order of the rows, by the names of the layers."""
    return {
        "none": Nothing(stride),
        "max_pool_3x3": Named(("pool", nn.MaxPool2d(3, stride, 1)), ("norm", nn.BatchNorm2d(channels))),
        "avg_pool_3x3": Named(("pool", nn.AvgPool2d(3, stride, 1, count_include_pad=False)), ("norm", nn.BatchNorm2d(channels))),
        "skip_connect": nn.Identity() if stride == 1 else FactorisedReduction(channels, channels, relu=True),
        "sep_conv_3x3": separable_twice(channels, channels, 3, stride),
        "sep_conv_5x5": separable_twice(channels, channels, 5, stride),
        "dil_conv_3x3": separable_once(channels, channels, 3, stride, dilation=2),
        "dil_conv_5x5": separable_once(channels, channels, 5, stride, dilation=2),
    }


class Cell(nn.Module):
    def __init__(self, nodes, older, newer, channels, halves, older_is_larger):
        super().__init__()
        self.kind = "reduction" if halves else "normal"
        self.older = FactorisedReduction(older, channels, relu=True) if older_is_larger else relu_conv_norm(older, channels, 1)
        self.newer = relu_conv_norm(newer, channels, 1)
        self.edges = [
            [[put(self, f"node{node}/edge{place}/{name}", module) for name, module in operations(channels, 2 if halves and place < 2 else 1).items()] for place in range(node)]
            for node in range(2, 2 + nodes)]
        self.channels = channels * nodes

    def forward(self, older, newer):
        places = [self.older(older), self.newer(newer)]
        for node, edges in enumerate(self.edges, 2):
            total = 0
            for place, mixed in enumerate(edges):
                shares = torch.softmax(ALPHAS[f"{self.kind}/node{node}/edge{place}"], 0)
                total = total + sum(share * operation(places[place]) for share, operation in zip(shares, mixed))
            places.append(total)
        return torch.cat(places[2:], 1)


class Relaxed(nn.Module):
    def __init__(self, genotype, settings, image_channels, classes):
        super().__init__()
        cells, channels, nodes = (int(settings[name]) for name in ("cells", "channels", "nodes"))
        self.stem = conv_norm(image_channels, 3 * channels, 3)
        older = newer = 3 * channels
        self.cells = []
        older_is_larger = False
        for number in range(cells):
            halves = number in (cells // 3, 2 * cells // 3)
            channels *= 2 if halves else 1
            cell = put(self, f"cell{number + 1}", Cell(nodes, older, newer, channels, halves, older_is_larger))
            # In search, batch norms of cells have no scale and shift.
            for norm in [norm for norm in cell.modules() if isinstance(norm, nn.BatchNorm2d)]:
                norm.affine, norm.weight, norm.bias = False, None, None
            self.cells.append(cell)
            older, newer, older_is_larger = newer, cell.channels, halves
        self.classifier = Classifier(newer, classes)

    def forward(self, x):
        older = newer = self.stem(x)
        for cell in self.cells:
            older, newer = newer, cell(older, newer)
        return self.classifier(newer)


if __name__ == "__main__":
    run(Relaxed)
