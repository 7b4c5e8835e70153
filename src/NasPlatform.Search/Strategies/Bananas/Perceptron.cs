using NasPlatform.Search.Strategies.Controllers;

namespace NasPlatform.Search.Strategies.Bananas;

/// <summary>A multi-layer perceptron from an encoding to one number, with ReLU between its full layers; trained by Adam on the squared error.</summary>
internal sealed class Perceptron
{
    private const int BatchSize = 32;

    private readonly Layer[] _layers;

    /// <param name="inputs">Numbers of an encoding.</param>
    /// <param name="hidden">Hidden layers.</param>
    /// <param name="width">Units of each.</param>
    /// <param name="random">For the weights, uniform in ± 1/√(inputs of the layer), as libtorch draws them.</param>
    public Perceptron(int inputs, int hidden, int width, RandomSource random)
    {
        _layers = [.. Enumerable.Range(0, hidden + 1).Select(place => new Layer($"layer{place}", place == 0 ? inputs : width, place == hidden ? 1 : width, random))];
    }

    /// <summary>Trains on all examples for some epochs, in another order each.</summary>
    /// <param name="encodings">Row by row.</param>
    /// <param name="targets">One for each row.</param>
    public void Fit(float[][] encodings, float[] targets, int epochs, double learningRate, RandomSource random)
    {
        var adam = new Adam<float>(_layers.SelectMany(layer => layer.Parameters), learningRate);
        var order = Enumerable.Range(0, targets.Length).ToArray();
        for (var epoch = 0; epoch < epochs; epoch++)
        {
            random.Shuffle<int>(order);
            foreach (var batch in order.Chunk(BatchSize))
            {
                var outputs = Forward([.. batch.Select(row => encodings[row])]);
                var gradient = new float[outputs.Length];
                for (var row = 0; row < batch.Length; row++)
                {
                    gradient[row * _layers[^1].Stride] = 2 * (outputs[row * _layers[^1].Stride] - targets[batch[row]]) / batch.Length;
                }

                for (var place = _layers.Length - 1; place >= 0; place--)
                {
                    gradient = _layers[place].Backward(gradient, batch.Length, rectified: place < _layers.Length - 1, needsInput: place > 0);
                }

                adam.Step();
            }
        }
    }

    /// <summary>What it gives for each encoding.</summary>
    public float[] Predict(float[][] encodings)
    {
        var outputs = Forward(encodings);
        return [.. Enumerable.Range(0, encodings.Length).Select(row => outputs[row * _layers[^1].Stride])];
    }

    private float[] Forward(float[][] encodings)
    {
        var values = _layers[0].Gather(encodings);
        foreach (var (place, layer) in _layers.Index())
        {
            values = layer.Forward(values, encodings.Length, rectified: place < _layers.Length - 1);
        }

        return values;
    }

    /// <summary>A full layer, its weights turned: a row for each input.</summary>
    private sealed class Layer
    {
        private readonly Parameter<float> _weight;
        private readonly Parameter<float> _bias;
        private readonly int _inputStride;
        private float[] _inputs = [];
        private float[] _outputs = [];

        public Layer(string name, int inputs, int outputs, RandomSource random)
        {
            _inputStride = Vectors.Padded<float>(inputs);
            _weight = new($"{name}.weight", _inputStride, outputs); // rows that no input feeds stay without gradients
            _bias = new($"{name}.bias", 1, outputs);
            var range = 1 / Math.Sqrt(inputs);
            _weight.Draw(random.Split(_weight.Name), range, 0, inputs);
            _bias.Draw(random.Split(_bias.Name), range);
        }

        public IReadOnlyList<Parameter<float>> Parameters => [_weight, _bias];

        /// <summary>From one row of outputs to the next.</summary>
        public int Stride => _weight.Stride;

        /// <summary>Rows next to each other, filled up with zeros to whole vectors.</summary>
        public float[] Gather(float[][] rows)
        {
            var values = new float[rows.Length * _inputStride];
            foreach (var (place, row) in rows.Index())
            {
                row.CopyTo(values, place * _inputStride);
            }

            return values;
        }

        public float[] Forward(float[] inputs, int rows, bool rectified)
        {
            var outputs = new float[rows * Stride];
            for (var row = 0; row < rows; row++)
            {
                _bias.Values.CopyTo(outputs, row * Stride);
            }

            MatrixProduct.Add<float>(inputs, _inputStride, 1, _weight.Values, outputs, Stride);
            for (var place = 0; rectified && place < outputs.Length; place++)
            {
                outputs[place] = Math.Max(outputs[place], 0);
            }

            (_inputs, _outputs) = (inputs, outputs);
            return outputs;
        }

        /// <summary>Adds to the parameters' gradients, and gives the inputs' gradient, or nothing where nobody needs it.</summary>
        public float[] Backward(float[] gradient, int rows, bool rectified, bool needsInput)
        {
            for (var place = 0; rectified && place < gradient.Length; place++)
            {
                gradient[place] = _outputs[place] > 0 ? gradient[place] : 0;
            }

            for (var row = 0; row < rows; row++)
            {
                Vectors.AddScaled<float>(_bias.Gradient, 1, gradient.AsSpan(row * Stride, Stride));
            }

            MatrixProduct.Add<float>(_inputs, 1, _inputStride, gradient, _weight.Gradient, Stride);
            if (!needsInput)
            {
                return [];
            }

            var turned = new float[Stride * _inputStride];
            for (var input = 0; input < _inputStride; input++)
            {
                for (var output = 0; output < Stride; output++)
                {
                    turned[(output * _inputStride) + input] = _weight.Values[(input * Stride) + output];
                }
            }

            var ofInputs = new float[rows * _inputStride];
            MatrixProduct.Add<float>(gradient, Stride, 1, turned, ofInputs, _inputStride);
            return ofInputs;
        }
    }
}
