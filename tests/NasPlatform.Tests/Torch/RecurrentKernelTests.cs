using System.Runtime.InteropServices;
using NasPlatform.Tests.Support;
using NasPlatform.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace NasPlatform.Tests.Torch;

[Collection(Alone.Name)]
public sealed class RecurrentKernelTests : TorchTest
{
    [Theory]
    [InlineData(Instructions.Portable)]
    [InlineData(Instructions.Avx2)]
    [InlineData(Instructions.Avx512)]
    public void A_cell_computes_what_libtorchs_operators_do(Instructions instructions)
    {
        using var _ = new Limit(instructions);
        var check = new KernelCheck(1);
        for (int i = 0; i < 60; i++)
        {
            var cell = new AnyCell(check, isSmooth: false);
            ScalarType type = i % 4 == 0 ? ScalarType.Float64 : ScalarType.Float32;
            set_num_threads(check.Between(1, 2));
            check.Agrees($"cell {i}, {type}", cell.Inputs(check, check.Between(1, 20), check.Between(2, 5), type), cell.Ours, cell.ByOperators, type == ScalarType.Float64 ? 1e-12 : 1e-5);
        }
    }

    [Fact]
    public void Gradients_are_slopes_and_so_are_their_gradients()
    {
        var check = new KernelCheck(2);
        for (int i = 0; i < 12; i++)
        {
            var cell = new AnyCell(check, isSmooth: true);
            Tensor[] inputs = cell.Inputs(check, 3, 3, ScalarType.Float64);
            check.GradientsAreSlopes($"cell {i}", inputs, cell.Ours, 1e-6);
            if (i % 3 == 0) check.SecondGradientsAreSlopes($"cell {i}", inputs, cell.Ours, 1e-5);
        }
    }

    [Fact]
    public void Results_are_the_same_with_any_number_of_threads_and_without_a_way_back()
    {
        var check = new KernelCheck(3);
        var cell = new AnyCell(check, isSmooth: false);
        Tensor[] inputs = cell.Inputs(check, 37, 4, ScalarType.Float32);
        Tensor output = KernelCheck.SameWithAnyThreads(inputs, cell.Ours)[0];
        Tensor alone = cell.Ours(inputs);
        Assert.False(alone.requires_grad);
        Near.Equal(output, alone, 0);
    }

    [Fact]
    public void A_graph_that_is_retained_gives_the_same_gradients_again()
    {
        var check = new KernelCheck(4);
        var cell = new AnyCell(check, isSmooth: false);
        Tensor[] leaves = [.. cell.Inputs(check, 5, 4, ScalarType.Float32).Select(input => input.requires_grad_())];
        Tensor sum = cell.Ours(leaves).sum();
        IList<Tensor> first = autograd.grad([sum], leaves, retain_graph: true);
        foreach (bool retain in (bool[])[true, false])
        {
            IList<Tensor> again = autograd.grad([sum], leaves, retain_graph: retain);
            for (int i = 0; i < leaves.Length; i++) Near.Equal(first[i], again[i], 0);
        }
    }

    [Fact]
    public void Only_the_gradients_asked_for_are_computed_and_none_flow_through_the_last_states()
    {
        var check = new KernelCheck(5);
        var cell = new AnyCell(check, isSmooth: false);
        Tensor[] inputs = cell.Inputs(check, 2, 3, ScalarType.Float32);
        inputs[1].requires_grad_();
        (Tensor output, Tensor[] after) = cell.Run(inputs);
        Assert.All(after, state => Assert.False(state.requires_grad));
        output.sum().backward();
        Tensor expected = autograd.grad([cell.ByOperators(inputs).sum()], [inputs[1]])[0];
        Near.Equal(expected, inputs[1].grad!, 1e-4);
        Assert.All(inputs.Where((_, place) => place != 1), input => Assert.Null(input.grad));
    }

    [Fact]
    public void The_last_states_are_those_from_which_the_next_steps_go_on()
    {
        var check = new KernelCheck(6);
        var cell = new AnyCell(check, isSmooth: false);
        Tensor[] inputs = cell.Inputs(check, 3, 6, ScalarType.Float64);
        Tensor whole = cell.Ours(inputs);
        Tensor[] first = [inputs[0].narrow(1, 0, 2), .. inputs[1..]], rest = [inputs[0].narrow(1, 2, 4), .. inputs[1..]];
        (Tensor begun, Tensor[] after) = cell.Run(first);
        Near.Equal(whole, cat([begun, cell.Run(rest, after).Sequence], 1), 1e-12);
    }

    [Fact]
    public void What_does_not_fit_is_said_and_what_is_not_covered_told_before()
    {
        var check = new KernelCheck(7);
        var cell = new AnyCell(check, isSmooth: false);
        Tensor[] inputs = cell.Inputs(check, 2, 3, ScalarType.Float32);
        Assert.Contains("numbers a step", Said([inputs[0].repeat(1, 1, 2), .. inputs[1..]]), StringComparison.Ordinal);
        Assert.Contains("weight must be", Said([inputs[0], inputs[1].repeat(2, 1), .. inputs[2..]]), StringComparison.Ordinal);
        Assert.True(Kernels.covers_recurrent(inputs[0]));
        Assert.False(Kernels.covers_recurrent(inputs[0].to(ScalarType.BFloat16)));
        Assert.False(Kernels.covers_recurrent(inputs[0].narrow(1, 0, 0)));
        using var _ = new Autocast(DeviceType.CPU, ScalarType.BFloat16);
        Assert.False(Kernels.covers_recurrent(inputs[0]));

        string Said(Tensor[] given) => Assert.Throws<ExternalException>(() => cell.Ours(given)).Message;
    }

    /// <summary>A cell of random nodes, as a program and as libtorch's operators.</summary>
    private sealed class AnyCell
    {
        private readonly CellProgram _program;
        private readonly List<Func<Tensor[], Tensor[], Tensor[], Tensor>> _nodes = [];
        private readonly List<long> _widths = [];
        private readonly HashSet<int> _read = [];
        private readonly List<long[]> _weights = [];
        private readonly List<long> _masks = [];
        private readonly int[] _after;
        private Tensor[] _states = [];
        private Tensor[] _maskValues = [];

        public AnyCell(KernelCheck check, bool isSmooth)
        {
            long[] states = check.Between(1, 2) == 1 ? [check.Between(1, 40)] : [check.Between(1, 40), check.Between(1, 9)];
            _widths.AddRange([check.Between(1, 20), .. states]);
            _program = new CellProgram(_widths[0], states);
            int Any() => check.Random.Next(_widths.Count);
            int AnyOf(long width) => Enumerable.Range(0, _widths.Count).Where(value => _widths[value] == width).OrderBy(_ => check.Random.NextDouble()).First();

            // The way that most cells go: a sum of full layers, cut in two, a curve of each half.
            int sum = Add([Linear(0, 2 * states[0]), Linear(1, 2 * states[0])]);
            int gate = Curve(CellCurve.Sigmoid, Slice(sum, 0, states[0])), value = Curve(CellCurve.Tanh, Slice(sum, states[0], states[0]));
            int node = Lerp(gate, 1, value);
            for (int i = 0; i < 12; i++)
            {
                int first = Any();
                long width = _widths[first];
                int[] several = [first, .. Enumerable.Range(0, check.Between(0, 2)).Select(_ => AnyOf(width))];
                _ = check.Random.Next(9) switch
                {
                    0 => Linear(first, check.Between(1, 50)),
                    1 => Curve(AnyCurve(), first),
                    2 => Add(several),
                    3 => Multiply(first, AnyOf(width)),
                    4 => Lerp(Curve(CellCurve.Sigmoid, first), AnyOf(width), AnyOf(width)),
                    5 => Mean(several),
                    6 => Concat([first, Any()]),
                    7 => SliceOf(first),
                    _ => Mask(first),
                };
            }

            // All that nobody has read yet has a part in the states.
            int rest = Concat([.. Enumerable.Range(0, _widths.Count).Where(number => !_read.Contains(number))]);
            _after = [Mean([node, Curve(CellCurve.Tanh, Linear(rest, states[0]))]), .. states.Skip(1).Select(width => Curve(CellCurve.Tanh, Linear(rest, width)))];
            _program.Finish(_after);

            CellCurve AnyCurve() => isSmooth ? (CellCurve)((int)CellCurve.Sigmoid + check.Random.Next(3)) : (CellCurve)check.Random.Next(7);

            int SliceOf(int input)
            {
                long start = check.Between(0, (int)_widths[input] - 1);
                return Slice(input, start, check.Between(1, (int)(_widths[input] - start)));
            }

            int Linear(int input, long outputs)
            {
                int weight = _weights.Count;
                bool hasBias = check.Between(0, 1) == 1;
                _weights.Add([outputs, _widths[input]]);
                if (hasBias) _weights.Add([outputs]);
                return New([input], outputs, _program.Linear(input, outputs, weight, hasBias ? weight + 1 : -1), (values, weights, _) => nn.functional.linear(values[input], weights[weight], hasBias ? weights[weight + 1] : null));
            }

            int Curve(CellCurve curve, int input) => New([input], _widths[input], _program.Curve(curve, input), (values, _, _) => curve switch
            {
                CellCurve.Relu => values[input].relu(),
                CellCurve.LeakyRelu => nn.functional.leaky_relu(values[input], 0.1),
                CellCurve.Relu6 => nn.functional.relu6(values[input]),
                CellCurve.Sigmoid => values[input].sigmoid(),
                CellCurve.Tanh => values[input].tanh(),
                CellCurve.Silu => nn.functional.silu(values[input]),
                CellCurve.HardSwish => nn.functional.hardswish(values[input]),
            });

            int Add(int[] inputs) => New(inputs, _widths[inputs[0]], _program.Add(inputs), (values, _, _) => inputs.Select(input => values[input]).Aggregate((left, right) => left + right));
            int Multiply(int left, int right) => New([left, right], _widths[left], _program.Multiply(left, right), (values, _, _) => values[left] * values[right]);
            int Lerp(int by, int from, int to) => New([by, from, to], _widths[by], _program.Lerp(by, from, to), (values, _, _) => values[from].lerp(values[to], values[by]));
            int Mean(int[] inputs) => New(inputs, _widths[inputs[0]], _program.Mean(inputs), (values, _, _) => inputs.Select(input => values[input]).Aggregate((left, right) => left + right) / inputs.Length);
            int Concat(int[] inputs) => New(inputs, inputs.Sum(input => _widths[input]), _program.Concat(inputs), (values, _, _) => cat([.. inputs.Select(input => values[input])], 1));
            int Slice(int input, long start, long count) => New([input], count, _program.Slice(input, start, count), (values, _, _) => values[input].narrow(1, start, count));

            int Mask(int input)
            {
                int mask = _masks.Count;
                _masks.Add(_widths[input]);
                return New([input], _widths[input], _program.Mask(input, mask), (values, _, masks) => values[input] * masks[mask]);
            }

            int New(int[] inputs, long width, int number, Func<Tensor[], Tensor[], Tensor[], Tensor> node)
            {
                Assert.Equal(_widths.Count, number);
                _read.UnionWith(inputs);
                _widths.Add(width);
                _nodes.Add(node);
                return number;
            }
        }

        /// <summary>A sequence and weights; states and masks are drawn anew.</summary>
        public Tensor[] Inputs(KernelCheck check, long batch, long steps, ScalarType type)
        {
            _states = [.. _widths[1..(1 + _after.Length)].Select(width => check.Numbers([batch, width], ScalarType.Float64))];
            _maskValues = [.. _masks.Select(width => check.Numbers([batch, width], ScalarType.Float64).gt(0).to(ScalarType.Float64) * 2)];
            Tensor sequence = check.Between(0, 1) == 0 ? check.Numbers([batch, steps, _widths[0]], type) : check.Numbers([steps, _widths[0], batch], type).permute(2, 0, 1);
            return [sequence, .. _weights.Select(shape => (shape is [var outputs, var features] && check.Between(0, 2) == 0 ? check.Numbers([features, outputs], type).t() : check.Numbers(shape, type)) / Math.Sqrt(shape[^1]))];
        }

        public Tensor Ours(Tensor[] inputs) => Run(inputs).Sequence;

        public (Tensor Sequence, Tensor[] States) Run(Tensor[] inputs, Tensor[]? states = null) =>
            Kernels.recurrent(_program, inputs[0], Typed(states ?? _states, inputs[0]), inputs[1..], Typed(_maskValues, inputs[0]));

        public Tensor ByOperators(Tensor[] inputs)
        {
            Tensor[] states = Typed(_states, inputs[0]), masks = Typed(_maskValues, inputs[0]);
            List<Tensor> outputs = [];
            for (long step = 0; step < inputs[0].shape[1]; step++)
            {
                List<Tensor> values = [inputs[0].select(1, step), .. states];
                foreach (var node in _nodes) values.Add(node([.. values], inputs[1..], masks));
                states = [.. _after.Select(value => values[value])];
                outputs.Add(states[0]);
            }
            return stack(outputs, 1);
        }

        private static Tensor[] Typed(Tensor[] tensors, Tensor like) => [.. tensors.Select(tensor => tensor.to(like.dtype))];
    }
}
