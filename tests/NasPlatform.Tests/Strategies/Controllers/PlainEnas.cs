using NasPlatform.Search.Strategies.Controllers;

namespace NasPlatform.Tests.Strategies.Controllers;

/// <summary>ENAS's controllers as loops over an arc, as search-methods-rl.md §5.5 tells them: what the product's are compared with. Of one layer.</summary>
/// <param name="parameters">The product's.</param>
/// <param name="units">Of the LSTM.</param>
/// <param name="cap">The tanh constant.</param>
/// <param name="temperature">What logits are divided by.</param>
internal sealed class PlainEnas(IReadOnlyList<Parameter<double>> parameters, int units, double cap, double temperature)
{
    private double[] _hidden = new double[units];
    private double[] _cell = new double[units];

    /// <summary>log P of an arc: for each layer an operation, then a 0 or 1 for each earlier one.</summary>
    public double Macro(int[] arc, int layers)
    {
        var anchors = new List<double[]>();
        var (total, next) = (0.0, 0);
        var input = Row("inputs", 0);
        for (var layer = 0; layer < layers; layer++)
        {
            total += LogSoftmax(Times("operation_softmax.weight", Step(input)).Select(logit => Shaped(logit, cap)))[arc[next]];
            var hidden = Step(Row("inputs", 1 + arc[next++]));
            var chosen = new List<double[]>();
            foreach (var anchor in anchors)
            {
                var logit = Pointed(anchor, hidden);
                total += LogSoftmax([Shaped(-logit, cap), Shaped(logit, cap)])[arc[next]];
                chosen.AddRange(arc[next++] == 1 ? [anchor] : []);
            }

            input = layer == 0 ? Row("inputs", 0) : [.. Enumerable.Range(0, units).Select(unit => chosen.Sum(anchor => anchor[unit]) / (1 + chosen.Count))];
            anchors.Add(hidden);
        }

        return total;
    }

    /// <summary>log P of an arc: two cells, for each node (place, operation, place, operation).</summary>
    public double Micro(int[] arc, int nodes)
    {
        var total = 0.0;
        foreach (var (cell, isFirst) in new[] { (arc[..(arc.Length / 2)], true), (arc[(arc.Length / 2)..], false) })
        {
            var input = Row("inputs", 0);
            List<double[]> keys = [Step(input), Step(input)];
            List<double[]> states = [new double[units], new double[units]];
            for (var node = 0; node < nodes; node++)
            {
                foreach (var place in new[] { cell[4 * node], cell[(4 * node) + 2] })
                {
                    var query = Step(input);
                    total += LogSoftmax(keys.Select(key => Shaped(Pointed(key, query), cap)))[place];
                    input = states[place];
                }

                foreach (var operation in new[] { cell[(4 * node) + 1], cell[(4 * node) + 3] })
                {
                    var logits = Times("operation_softmax.weight", Step(input)).Select((logit, option) =>
                        Shaped(logit + Row("operation_softmax.bias", 0)[option], cap / 2.5) + (isFirst ? option < 2 ? 0.25 : -0.25 : 0));
                    total += LogSoftmax(logits)[operation];
                    input = Row("inputs", 1 + operation);
                }

                keys.Add(Step(input));
                states.Add(keys[^1]);
                input = Row("inputs", 0);
            }
        }

        return total;
    }

    /// <summary>log P of an arc of the corrected code: for each node (place, function).</summary>
    public double Recurrent(int[] arc)
    {
        var total = 0.0;
        var input = Row("inputs", 0);
        List<double[]> anchors = [new double[units]];
        for (var node = 1; node <= arc.Length / 2; node++)
        {
            var (place, function) = (arc[(2 * node) - 2], arc[(2 * node) - 1]);
            var hidden = Step(input);
            total += LogSoftmax(anchors.Select((anchor, index) => Shaped(Pointed(anchor, hidden), cap) - ((node - index) * (node - index) / 6.0)))[place];
            input = [.. anchors[place].Select(value => value / (0.1 + node - place))];
            anchors.Add(hidden);
            var state = Step(input);
            total += LogSoftmax(Enumerable.Range(0, 4).Select(option => Shaped(Dot(state, Row("inputs", 1 + option)), cap)))[function];
            input = Row("inputs", 1 + function);
        }

        return total;
    }

    private static double Dot(double[] left, double[] right) => left.Zip(right).Sum(pair => pair.First * pair.Second);

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    private static double[] LogSoftmax(IEnumerable<double> logits)
    {
        var all = logits.ToArray();
        var total = Math.Log(all.Sum(Math.Exp));
        return Array.ConvertAll(all, logit => logit - total);
    }

    private double Shaped(double logit, double constant) => constant * Math.Tanh(logit / temperature);

    private double Pointed(double[] anchor, double[] query)
    {
        var (earlier, current) = (Through("anchor_earlier", anchor), Through("anchor_current", query));
        return Dot(Row("anchor_vector", 0), [.. earlier.Zip(current, (left, right) => Math.Tanh(left + right))]);
    }

    private double[] Step(double[] input)
    {
        var gates = Through("lstm0.weight_ih", input).Zip(Through("lstm0.weight_hh", _hidden), (left, right) => left + right).ToArray();
        _cell = [.. Enumerable.Range(0, units).Select(unit => (Sigmoid(Gate(1, unit)) * _cell[unit]) + (Sigmoid(Gate(0, unit)) * Math.Tanh(Gate(2, unit))))];
        return _hidden = [.. Enumerable.Range(0, units).Select(unit => Sigmoid(Gate(3, unit)) * Math.Tanh(_cell[unit]))];

        double Gate(int gate, int unit) => gates[(gate * units) + unit];
    }

    // A vector times a matrix of [vector, result].
    private double[] Through(string name, double[] vector)
    {
        var matrix = Named(name);
        return [.. Enumerable.Range(0, matrix.Columns).Select(column => vector.Select((value, row) => value * matrix.Values[matrix.Place(row, column)]).Sum())];
    }

    // A matrix of [result, vector] times a vector.
    private double[] Times(string name, double[] vector) => [.. Enumerable.Range(0, Named(name).Rows).Select(row => Dot(Row(name, row), vector))];

    private double[] Row(string name, int row)
    {
        var matrix = Named(name);
        return [.. Enumerable.Range(0, matrix.Columns).Select(column => matrix.Values[matrix.Place(row, column)])];
    }

    private Parameter<double> Named(string name) => parameters.Single(parameter => parameter.Name == name);
}
