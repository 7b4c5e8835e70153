namespace NasPlatform.Search.Strategies.Bananas;

/// <summary>Several perceptrons that start differently and learn the same, so that where they disagree nothing is known.</summary>
internal sealed class Ensemble
{
    private readonly Perceptron[] _members;
    private readonly double _mean;
    private readonly double _deviation;

    /// <summary>Trains on examples; one at least.</summary>
    /// <param name="encodings">Row by row.</param>
    /// <param name="scores">One for each row; they are learnt in deviations from their mean.</param>
    /// <param name="shape">How large the members are and how long they learn.</param>
    /// <param name="random">Of each member a child stream.</param>
    public Ensemble(float[][] encodings, double[] scores, Shape shape, RandomSource random)
    {
        _mean = scores.Average();
        _deviation = Math.Sqrt(scores.Average(score => (score - _mean) * (score - _mean)));
        _deviation = _deviation > 0 ? _deviation : 1;
        float[] targets = [.. scores.Select(score => (float)((score - _mean) / _deviation))];
        _members = new Perceptron[shape.Members];
        for (var member = 0; member < _members.Length; member++)
        {
            var own = random.Split("member", member);
            _members[member] = new(encodings[0].Length, shape.Layers, shape.Width, own.Split("init"));
            _members[member].Fit(encodings, targets, shape.Epochs, shape.LearningRate, own.Split("order"));
        }
    }

    /// <summary>Of each encoding the members' mean and deviation.</summary>
    public (double Mean, double Deviation)[] Predict(float[][] encodings)
    {
        var predictions = _members.Select(member => member.Predict(encodings)).ToArray();
        return [.. Enumerable.Range(0, encodings.Length).Select(row =>
        {
            var mean = predictions.Average(member => (double)member[row]);
            var variance = predictions.Average(member => (member[row] - mean) * (member[row] - mean));
            return (_mean + (_deviation * mean), _deviation * Math.Sqrt(variance));
        })];
    }

    /// <param name="Members">Perceptrons.</param>
    /// <param name="Layers">Hidden layers of each.</param>
    /// <param name="Width">Units of each layer.</param>
    /// <param name="Epochs">Passes over the examples.</param>
    /// <param name="LearningRate">Adam's.</param>
    public sealed record Shape(int Members, int Layers, int Width, int Epochs, double LearningRate);
}
