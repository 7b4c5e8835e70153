namespace NasPlatform.Search.Networks;

/// <summary>Groups of primitives that the cell spaces share, as their papers and released code have them.</summary>
public static class Composites
{
    extension(LayerGraphBuilder graph)
    {
        /// <summary>ReLU, convolution, batch norm.</summary>
        public Layer ReluConvNorm(string name, Layer input, int channels, Extent kernel, int stride = 1, Extent? dilation = null) =>
            graph.ConvNorm(name, graph.Relu($"{name}/relu", input), channels, kernel, stride, dilation);

        /// <summary>Convolution, batch norm.</summary>
        public Layer ConvNorm(string name, Layer input, int channels, Extent kernel, int stride = 1, Extent? dilation = null, int groups = 1) =>
            graph.BatchNorm($"{name}/norm", graph.Conv($"{name}/conv", input, channels, kernel, stride, dilation, groups));

        /// <summary>Convolution, batch norm, ReLU or its like.</summary>
        public Layer ConvNormRelu(string name, Layer input, int channels, Extent kernel, int stride = 1, ActivationKind activation = ActivationKind.Relu) =>
            graph.Add($"{name}/relu", new Op.Activation(activation), graph.ConvNorm(name, input, channels, kernel, stride));

        /// <summary>ReLU, depthwise convolution, pointwise convolution, batch norm: nothing stands between the two convolutions.</summary>
        public Layer SeparableOnce(string name, Layer input, int channels, int kernel, int stride = 1, int dilation = 1) =>
            graph.SeparableNorm(name, graph.Relu($"{name}/relu", input), channels, kernel, stride, dilation);

        /// <summary>Depthwise convolution, pointwise convolution, batch norm, ReLU: nothing stands between the two convolutions.</summary>
        public Layer SeparableNormRelu(string name, Layer input, int channels, int kernel, int stride = 1) =>
            graph.Relu($"{name}/relu", graph.SeparableNorm(name, input, channels, kernel, stride));

        /// <summary>Depthwise convolution, pointwise convolution, batch norm.</summary>
        public Layer SeparableNorm(string name, Layer input, int channels, int kernel, int stride = 1, int dilation = 1)
        {
            var depthwise = graph.Conv($"{name}/depthwise", input, input.Shape.Channels, kernel, stride, dilation, groups: input.Shape.Channels);
            return graph.BatchNorm($"{name}/norm", graph.Conv($"{name}/pointwise", depthwise, channels, 1));
        }

        /// <summary>
        /// The separable convolution that is applied twice (Zoph et al. 2018, appendix A), the stride in the first. Parameters for <c>a</c> to <c>b</c> channels:
        /// <c>k²a + a·m + 2m + k²m + m·b + 2b</c>, with <c>m</c> the channels between.
        /// </summary>
        /// <param name="between">Channels between the two: <paramref name="channels"/> in NASNet and ENAS, the input's in DARTS.</param>
        public Layer SeparableTwice(string name, Layer input, int channels, int kernel, int stride, int between) =>
            graph.SeparableOnce($"{name}/second", graph.SeparableOnce($"{name}/first", input, between, kernel, stride), channels, kernel);

        /// <summary>
        /// MobileNetV2's block (Sandler et al. 2018): a 1×1 convolution to <paramref name="expansion"/> times the channels (none for 1), a depthwise one, a 1×1 one, each with batch norm, the first two
        /// with an activation. The input is added where it has the output's shape.
        /// </summary>
        /// <param name="squeezed">Features between the two full layers of a squeeze-and-excitation after the depthwise convolution; 0 for none.</param>
        /// <param name="skips">False never adds the input.</param>
        public Layer InvertedResidual(
            string name,
            Layer input,
            int channels,
            int kernel,
            int expansion,
            int stride = 1,
            ActivationKind activation = ActivationKind.Relu,
            int squeezed = 0,
            bool skips = true)
        {
            var hidden = expansion * input.Shape.Channels;
            var x = expansion == 1 ? input : Activate("expand", graph.ConvNorm($"{name}/expand", input, hidden, 1));
            x = Activate("depthwise", graph.ConvNorm($"{name}/depthwise", x, hidden, kernel, stride, groups: hidden));
            x = graph.ConvNorm($"{name}/project", squeezed == 0 ? x : graph.SqueezeExcite($"{name}/squeeze", x, squeezed), channels, 1);
            return skips && stride == 1 && input.Shape.Channels == channels ? graph.Sum($"{name}/sum", [input, x]) : x;

            Layer Activate(string part, Layer layer) => graph.Add($"{name}/{part}/activation", new Op.Activation(activation), layer);
        }

        /// <summary>
        /// Half the size without losing every other pixel: two 1×1 convolutions of stride 2, the second on the image shifted by one pixel, each to half of the channels, joined; one batch
        /// norm. Parameters: <c>a·b + 2b</c>. There is no ReLU in it.
        /// </summary>
        /// <param name="channels">An even number.</param>
        public Layer FactorizedReduction(string name, Layer input, int channels)
        {
            if (channels % 2 != 0)
            {
                throw new InvalidArchitectureException(name, $"a factorised reduction gives an even number of channels, was asked for {channels}.");
            }

            var straight = graph.Conv($"{name}/straight", input, channels / 2, 1, 2);
            var padded = graph.Add($"{name}/pad", new Op.Pad(0, 0, 1, 1), input);
            var shifted = graph.Conv($"{name}/shifted", graph.Add($"{name}/shift", new Op.Crop(1, 1, 0, 0), padded), channels / 2, 1, 2);
            return graph.BatchNorm($"{name}/norm", graph.Add($"{name}/join", new Op.Concat(), straight, shifted));
        }

        /// <summary>Squeeze-and-excitation: each channel times a gate, made of the channels' means by two full layers, ReLU after the first, sigmoid after the second.</summary>
        public Layer SqueezeExcite(string name, Layer input, int squeezed)
        {
            var means = graph.Add($"{name}/mean", new Op.GlobalAvgPool(), input);
            var reduced = graph.Relu($"{name}/relu", graph.Add($"{name}/reduce", new Op.Linear(squeezed), means));
            var gate = graph.Add($"{name}/gate", new Op.Activation(ActivationKind.Sigmoid), graph.Add($"{name}/expand", new Op.Linear(input.Shape.Channels), reduced));
            return graph.Add($"{name}/scale", new Op.Scale(), input, gate);
        }
    }
}
