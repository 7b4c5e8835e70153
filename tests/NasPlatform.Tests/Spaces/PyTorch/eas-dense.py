"""EAS's densely connected networks (Cai et al. 2018, arXiv 1707.04873; han-cai/EAS models/dense_net.py): DenseNet-BC, g<growth> a layer, t a transition."""

import torch
from torch import nn

from rebuild import Named, convolution, put, run


def norm_relu_conv(channels, filters, kernel):
    return Named(("norm", nn.BatchNorm2d(channels)), ("relu", nn.ReLU()), ("conv", convolution(channels, filters, kernel)))


class Dense(nn.Module):
    def __init__(self, genotype, settings, image_channels, classes):
        super().__init__()
        blocks = [[int(layer[1:]) for layer in block.split("-")] for block in genotype[len("t_"):-len("_t")].split("_t_")]
        growths = sum(blocks, [])
        width = int(sum(growths) / len(growths) * 2)
        self.stem = Named(("conv", convolution(image_channels, width, 3)))
        self.steps = []
        for number, block in enumerate(blocks, 1):
            for place, growth in enumerate(block, 1):
                name = f"block{number}/layer{place}"
                narrow = put(self, f"{name}/bottleneck", norm_relu_conv(width, 4 * growth, 1))
                parts = {part: put(self, f"{name}/{part}", module) for part, module in (
                    ("norm", nn.BatchNorm2d(4 * growth)), ("conv", convolution(4 * growth, growth, 3)))}
                self.steps.append((narrow, parts))
                width += growth
            if number < len(blocks):
                self.steps.append(put(self, f"transition{number}", norm_relu_conv(width, int(width * 0.5), 1)))
                width = int(width * 0.5)
        put(self, "classifier/norm", nn.BatchNorm2d(width))
        put(self, "classifier/linear", nn.Linear(width, classes))

    def forward(self, x):
        x = self.stem(x)
        for step in self.steps:
            if isinstance(step, tuple):
                narrow, parts = step
                x = torch.cat([x, parts["conv"](torch.relu(parts["norm"](narrow(x))))], 1)
            else:
                x = nn.functional.avg_pool2d(step(x), 2)
        return self.classifier.linear(torch.relu(self.classifier.norm(x)).mean((2, 3)))


if __name__ == "__main__":
    run(Dense)
