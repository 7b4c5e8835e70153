"""What the networks of both of ENAS's spaces are made of."""
from collections import OrderedDict

import torch
from torch import nn
from torch.nn import functional as F


def norm(channels):
    return nn.BatchNorm2d(channels, eps=1e-3)


def conv(inputs, outputs, size, groups=1):
    return nn.Conv2d(inputs, outputs, size, padding=size // 2, groups=groups, bias=False)


def conv_norm(inputs, outputs, size):
    return nn.Sequential(OrderedDict(conv=conv(inputs, outputs, size), norm=norm(outputs)))


class FactorizedReduction(nn.Module):
    """Half the pixels to half the channels each: those of even rows and columns, and those of odd ones with a zero beyond the edge."""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.straight = nn.Conv2d(inputs, outputs // 2, 1, bias=False)
        self.shifted = nn.Conv2d(inputs, outputs // 2, 1, bias=False)
        self.norm = norm(outputs)

    def forward(self, x):
        even = x[:, :, ::2, ::2]
        odd = F.pad(x, (0, 1, 0, 1))[:, :, 1::2, 1::2]
        return self.norm(torch.cat([self.straight(even), self.shifted(odd)], 1))
