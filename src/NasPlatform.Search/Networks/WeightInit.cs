using NasPlatform.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace NasPlatform.Search.Networks;

/// <summary>
/// Initial weights: convolutions normal with deviation √(2 / fan-out) (He et al. 2015, for ReLU), full layers uniform in ±1/√(fan-in), embeddings
/// in ±1/√(size), as the full layer that may be tied to them, batch norm scale 1 and shift 0. Drawn from our own generator, so that a seed gives the same weights on every device and thread.
/// </summary>
internal static class WeightInit
{
    public static Tensor Draw(WeightSpec spec, RandomSource random, Device device, bool channelsLast)
    {
        switch (spec.Holder.Op, spec.Part)
        {
            case (Op.BatchNorm, "weight" or "running_var"):
                return ones(spec.Shape, device: device);
            case (Op.BatchNorm, _):
                return zeros(spec.Shape, device: device);
            case (Op.Conv2d conv, "weight"):
                var deviation = Math.Sqrt(2.0 * conv.Groups / ((double)conv.OutChannels * conv.Kernel.Height * conv.Kernel.Width));
                var weight = Fill(spec, device, random, source => source.NextGaussian() * deviation);
                if (!channelsLast)
                {
                    return weight;
                }

                using (weight)
                {
                    return weight.contiguous(memory_format.channels_last);
                }

            case (Op.Conv2d or Op.TiedLinear, _):
                return zeros(spec.Shape, device: device);
            case (Op.Embedding embedding, _):
                return Uniform(embedding.Size);
            default:
                return Uniform(spec.Holder.Inputs[0].Shape.Channels);
        }

        Tensor Uniform(int fanIn)
        {
            var range = 1 / Math.Sqrt(fanIn);
            return Fill(spec, device, random, source => ((2 * source.NextDouble()) - 1) * range);
        }
    }

    private static Tensor Fill(WeightSpec spec, Device device, RandomSource random, Func<RandomSource, double> draw)
    {
        var source = random.Split(spec.Name);
        var values = new float[spec.Shape.Aggregate(1L, (product, side) => product * side)];
        for (var index = 0; index < values.Length; index++)
        {
            values[index] = (float)draw(source);
        }

        return tensor(values, spec.Shape, device: device);
    }
}
