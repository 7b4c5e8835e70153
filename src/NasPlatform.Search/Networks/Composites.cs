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
        public Layer ConvNorm(string name, Layer input, int channels, Extent kernel, int stride = 1, Extent? dilation = null) =>
            graph.BatchNorm($"{name}/norm", graph.Conv($"{name}/conv", input, channels, kernel, stride, dilation));

        /// <summary>Convolution, batch norm, ReLU.</summary>
        public Layer ConvNormRelu(string name, Layer input, int channels, Extent kernel, int stride = 1) =>
            graph.Relu($"{name}/relu", graph.ConvNorm(name, input, channels, kernel, stride));

        /// <summary>ReLU, depthwise convolution, pointwise convolution, batch norm: nothing stands between the two convolutions.</summary>
        public Layer SeparableOnce(string name, Layer input, int channels, int kernel, int stride = 1, int dilation = 1)
        {
            var depthwise = graph.Conv(
                $"{name}/depthwise", graph.Relu($"{name}/relu", input), input.Shape.Channels, kernel, stride, dilation, groups: input.Shape.Channels);
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
    }
}
