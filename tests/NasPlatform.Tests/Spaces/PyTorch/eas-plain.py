"""EAS's plain networks (Cai et al. 2018, arXiv 1707.04873; han-cai/EAS models/convnet.py): conv-<filters>-<kernel>, pool and fc-<units> in a row."""

from torch import nn

from rebuild import Named, convolution, put, run


class Plain(nn.Module):
    def __init__(self, genotype, settings, image_channels, classes):
        super().__init__()
        self.steps = []
        width, block, layer, pools = image_channels, 1, 1, genotype.split("_").count("pool")
        for word in genotype.split("_"):
            kind, *numbers = word.split("-")
            name = f"block{block}/layer{layer}"
            if kind == "pool":
                # The last one takes the mean of all that is left.
                self.steps.append(nn.MaxPool2d(2, 2) if block < pools else nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()))
                block, layer = block + 1, 1
                continue
            before, width = width, int(numbers[0])
            if kind == "conv":
                step = Named(("conv", convolution(before, width, int(numbers[1]))), ("norm", nn.BatchNorm2d(width)), ("relu", nn.ReLU()))
            else:
                step = Named(("linear", nn.Linear(before, width, bias=False)), ("norm", nn.BatchNorm1d(width)), ("relu", nn.ReLU()))
            self.steps.append(put(self, name, step))
            layer += 1
        self.classifier = Named(("linear", nn.Linear(width, classes)))

    def forward(self, x):
        for step in self.steps:
            x = step(x)
        return self.classifier(x)


if __name__ == "__main__":
    run(Plain)
