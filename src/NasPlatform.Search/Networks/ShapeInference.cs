using System.Collections.Immutable;
using System.Diagnostics;

namespace NasPlatform.Search.Networks;

/// <summary>The output shape of a primitive, or the reason why it cannot be applied.</summary>
internal static class ShapeInference
{
    /// <exception cref="InvalidArchitectureException">The inputs do not suit the primitive.</exception>
    public static Shape Infer(string layer, Op op, ImmutableArray<Layer> inputs)
    {
        return op switch
        {
            Op.Input => throw new UnreachableException("an input's shape is the task's"),
            Op.Conv2d conv => Conv(conv),
            Op.BatchNorm => Single() is { Kind: not ShapeKind.Sequence } shape ? shape : throw Fail("takes images and vectors, not a sequence."),
            Op.Activation or Op.Zero or Op.Dropout or Op.DropPath => Single(),
            Op.MaxPool pool => Pool(pool.Kernel, pool.Stride, pool.Padding),
            Op.AvgPool pool => Pool(pool.Kernel, pool.Stride, pool.Padding),
            Op.GlobalAvgPool => Shape.Vector(Image().Channels),
            Op.Linear linear => Linear(linear),
            Op.Add => Add(),
            Op.Concat => Concat(),
            Op.Pad pad => Pad(pad),
            Op.Crop crop => Crop(crop),
            Op.Slice slice => Slice(slice),
            Op.Flatten => Image().Count is var count and <= int.MaxValue ? Shape.Vector((int)count) : throw Fail("gives more features than can be counted."),
            Op.Scale => Scale(),
            Op.Embedding embedding => Embed(embedding),
            Op.TiedLinear => TiedLinear(),
            Op.ToSequence => ToSequence(),
            Op.LastStep => Shape.Vector(Sequence().Channels),
            Op.Multiply or Op.Mean => Alike("two or more", inputs.Length >= 2),
            Op.Lerp => Alike("three", inputs.Length == 3),
            Op.Recurrent recurrent => Recurrent(recurrent.Cell),
            Op.Mix => Alike("two or more", inputs.Length >= 2),
            Op.HighwayMix => Alike("an even number of", inputs.Length >= 2 && inputs.Length % 2 == 0) is { IsVector: true } shape ? shape : throw Fail("takes vectors."),
            _ => throw new UnreachableException(op.GetType().Name),
        };

        Shape Single() => inputs.Length == 1 ? inputs[0].Shape : throw Fail($"takes one input, was given {inputs.Length}.");

        Shape Image()
        {
            var shape = Single();
            return shape.Kind == ShapeKind.Image ? shape : throw Fail($"takes an image or a series, was given a {shape.Kind.ToString().ToLowerInvariant()} of {shape}.");
        }

        Shape Conv(Op.Conv2d conv)
        {
            var image = Image();
            if (conv.OutChannels < 1 || conv.Groups < 1)
            {
                throw Fail($"needs at least one output channel and one group, was given {conv.OutChannels} and {conv.Groups}.");
            }

            if (image.Channels % conv.Groups != 0 || conv.OutChannels % conv.Groups != 0)
            {
                throw Fail($"{conv.Groups} groups do not divide {image.Channels} input and {conv.OutChannels} output channels.");
            }

            var (height, width) = Slide(image, conv.Kernel, conv.Stride, conv.Padding, conv.Dilation);
            return Shape.Image(conv.OutChannels, height, width);
        }

        Shape Pool(Extent kernel, Extent stride, Extent padding)
        {
            var image = Image();
            if (padding.Height * 2 > kernel.Height || padding.Width * 2 > kernel.Width)
            {
                throw Fail($"a padding of {padding} is more than half of the {kernel} window.");
            }

            var (height, width) = Slide(image, kernel, stride, padding, Extent.One);
            return Shape.Image(image.Channels, height, width);
        }

        (int Height, int Width) Slide(Shape image, Extent kernel, Extent stride, Extent padding, Extent dilation)
        {
            var height = Side(image.Height, kernel.Height, stride.Height, padding.Height, dilation.Height);
            var width = Side(image.Width, kernel.Width, stride.Width, padding.Width, dilation.Width);
            return height >= 1 && width >= 1
                ? (height, width)
                : throw Fail($"a {kernel} window does not fit an image of {image.Height}×{image.Width}; use larger images or fewer strided layers.");
        }

        static int Side(int side, int kernel, int stride, int padding, int dilation)
        {
            var room = side + (2 * padding) - (dilation * (kernel - 1)) - 1;
            return room < 0 ? 0 : (room / stride) + 1;
        }

        Shape Linear(Op.Linear linear)
        {
            var shape = Single();
            if (shape.Kind == ShapeKind.Image)
            {
                throw Fail($"takes a vector or a sequence of them, was given an image of {shape}.");
            }

            return linear.OutFeatures >= 1 ? shape.WithChannels(linear.OutFeatures) : throw Fail("needs at least one output.");
        }

        Shape Add()
        {
            if (inputs.Length < 2)
            {
                throw Fail($"adds two or more inputs, was given {inputs.Length}.");
            }

            var first = inputs[0].Shape;
            return inputs.All(input => input.Shape == first)
                ? first
                : throw Fail($"cannot add different shapes: {string.Join(", ", inputs.Select(input => input.Shape))}.");
        }

        Shape Concat()
        {
            if (inputs.Length < 2)
            {
                throw Fail($"joins two or more inputs, was given {inputs.Length}.");
            }

            var first = inputs[0].Shape;
            if (inputs.Any(input => input.Shape.Kind != first.Kind || input.Shape.Height != first.Height || input.Shape.Width != first.Width))
            {
                throw Fail($"cannot join different heights or widths: {string.Join(", ", inputs.Select(input => input.Shape))}.");
            }

            return first.WithChannels(inputs.Sum(input => input.Shape.Channels));
        }

        Shape Pad(Op.Pad pad)
        {
            var image = Image();
            return pad is { Top: >= 0, Left: >= 0, Bottom: >= 0, Right: >= 0 }
                ? Shape.Image(image.Channels, image.Height + pad.Top + pad.Bottom, image.Width + pad.Left + pad.Right)
                : throw Fail("padding cannot be negative.");
        }

        Shape Crop(Op.Crop crop)
        {
            var image = Image();
            var (height, width) = (image.Height - crop.Top - crop.Bottom, image.Width - crop.Left - crop.Right);
            return crop is { Top: >= 0, Left: >= 0, Bottom: >= 0, Right: >= 0 } && height >= 1 && width >= 1
                ? Shape.Image(image.Channels, height, width)
                : throw Fail($"leaves nothing of an image of {image.Height}×{image.Width}.");
        }

        Shape Slice(Op.Slice slice)
        {
            var shape = Single();
            return slice is { Start: >= 0, Count: >= 1 } && slice.Start + (long)slice.Count <= shape.Channels
                ? shape.WithChannels(slice.Count)
                : throw Fail($"takes channels {slice.Start} to {slice.Start + (long)slice.Count - 1} of {shape.Channels}.");
        }

        Shape Scale() =>
            inputs is [{ Shape: { Kind: ShapeKind.Image } image }, { Shape: { IsVector: true } gate }] && gate.Channels == image.Channels
                ? image
                : throw Fail($"takes an image and a vector with one number a channel, was given {string.Join(", ", inputs.Select(input => input.Shape))}.");

        Shape Sequence()
        {
            var shape = Single();
            return shape.Kind == ShapeKind.Sequence ? shape : throw Fail($"takes a sequence, was given a {shape.Kind.ToString().ToLowerInvariant()} of {shape}.");
        }

        Shape Embed(Op.Embedding embedding)
        {
            var tokens = Single();
            return tokens.IsVector && embedding is { Count: >= 1, Size: >= 1, DropProbability: >= 0 and < 1 }
                ? Shape.Sequence(tokens.Channels, embedding.Size)
                : throw Fail($"takes a vector of token numbers, and needs at least one token and one number a token; was given {tokens}.");
        }

        Shape TiedLinear() => inputs is [{ Shape: { Kind: not ShapeKind.Image } shape }, { Op: Op.Embedding embedding }] && shape.Channels == embedding.Size
            ? shape.WithChannels(embedding.Count)
            : throw Fail($"takes a sequence or a vector and the embedding whose size it has, was given {string.Join(", ", inputs.Select(input => $"{input.Name} of {input.Shape}"))}.");

        Shape ToSequence()
        {
            var series = Image();
            return series.Height == 1 ? Shape.Sequence(series.Width, series.Channels) : throw Fail($"takes an image of one row, was given one of {series.Height}×{series.Width}.");
        }

        Shape Alike(string count, bool isCounted)
        {
            var first = isCounted ? inputs[0].Shape : throw Fail($"takes {count} inputs, was given {inputs.Length}.");
            return inputs.All(input => input.Shape == first)
                ? first
                : throw Fail($"takes inputs of one shape, was given {string.Join(", ", inputs.Select(input => input.Shape))}.");
        }

        Shape Recurrent(RecurrentCell cell)
        {
            var sequence = Sequence();
            return sequence.Channels == cell.Input.Shape.Channels
                ? sequence.WithChannels(cell.Output.Shape.Channels)
                : throw Fail($"its cell takes {cell.Input.Shape.Channels} numbers a step, was given {sequence.Channels}.");
        }

        InvalidArchitectureException Fail(string reason) => new(layer, $"{OpText.Of(op)}: {reason}");
    }
}
