using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using static TorchSharp.torch.optim;

namespace NasPlatform.Tests.Torch;

public sealed class OptimizerTests : TorchTest
{
    private static readonly Dictionary<string, Func<Parameter[], OptimizerHelper>> Optimisers = new()
    {
        ["SGD"] = p => SGD(p, 0.1),
        ["SGD momentum"] = p => SGD(p, 0.1, momentum: 0.9),
        ["SGD dampening"] = p => SGD(p, 0.1, momentum: 0.9, dampening: 0.3, weight_decay: 0.05),
        ["SGD nesterov"] = p => SGD(p, 0.1, momentum: 0.9, weight_decay: 0.05, nesterov: true),
        ["SGD maximize"] = p => SGD(p, 0.01, momentum: 0.5, weight_decay: 0.05, maximize: true),
        ["Adam"] = p => Adam(p, 0.05),
        ["Adam decay"] = p => Adam(p, 0.05, 0.8, 0.95, 1e-6, 0.1),
        ["Adam amsgrad"] = p => Adam(p, 0.05, amsgrad: true),
        ["Adam maximize"] = p => Adam(p, 0.01, maximize: true),
        ["AdamW"] = p => AdamW(p, 0.05, weight_decay: 0.1),
        ["AdamW amsgrad"] = p => AdamW(p, 0.05, weight_decay: 0.1, amsgrad: true),
        ["RMSProp"] = p => RMSProp(p, 0.01),
        ["RMSProp momentum"] = p => RMSProp(p, 0.01, momentum: 0.9, weight_decay: 0.1),
        ["RMSProp centered"] = p => RMSProp(p, 0.01, 0.9, centered: true),
        ["RMSProp centered momentum"] = p => RMSProp(p, 0.01, 0.9, centered: true, momentum: 0.5),
    };

    public static TheoryData<string> Names => [.. Optimisers.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Twenty_steps_end_where_PyTorchs_do(string name)
    {
        // float32 goes through the fused loop, float64 through foreach operators.
        Near.Equal(GoldenFile.Values.Optimisers[name]["float32"], Optimised(Optimisers[name], ScalarType.Float32), 1e-6);
        Near.Equal(GoldenFile.Values.Optimisers[name]["float64"], Optimised(Optimisers[name], ScalarType.Float64), 1e-12);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_order_of_elements_in_memory_changes_nothing(string name)
    {
        Near.Equal(GoldenFile.Values.Optimisers[name]["float32"], Optimised(Optimisers[name], ScalarType.Float32, transposed: true), 1e-6);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_state_carried_over_goes_on_as_if_nothing_had_happened(string name)
    {
        Parameter here = new(full(5, 0.5)), there = new(full(5, 0.5));
        using OptimizerHelper first = Optimisers[name]([here]);
        Learn(first, here, 3);
        there.detach().copy_(here.detach());
        using OptimizerHelper second = Optimisers[name]([there]);
        second.load_state_dict(first.state_dict());
        Assert.True(second.state_dict().State[0].ApproximatelyEquals(first.state_dict().State[0]));
        Learn(first, here, 3);
        Learn(second, there, 3);
        Near.Equal(here, there, 1e-7);
    }

    [Fact]
    public void Groups_have_their_own_options()
    {
        Parameter slow = new(ones(2)), fast = new(ones(2));
        using SGD sgd = SGD([new SGD.ParamGroup([slow], lr: 0.1), new SGD.ParamGroup { Parameters = [fast] }], 1);
        (slow.sum() + fast.sum()).backward();
        sgd.step();
        Near.Equal([0.9, 0.9], slow);
        Near.Equal([0, 0], fast);
        Assert.Equal([0.1, 1], sgd.ParamGroups.Select(group => group.LearningRate));
        sgd.zero_grad();
        Near.Equal([0, 0], slow.grad!);
        sgd.step(() =>
        {
            Tensor loss = slow.sum();
            loss.backward();
            return loss;
        });
        Near.Equal([0.8, 0.8], slow);
    }

    [Fact]
    public void Parameters_without_gradient_stay_and_bad_options_are_refused()
    {
        Parameter parameter = new(ones(2));
        using Adam adam = Adam([parameter], 0.1);
        adam.step();
        Near.Equal([1, 1], parameter);
        Assert.Throws<ArgumentException>(() => SGD([parameter], 0.1, nesterov: true));
        Assert.Throws<ArgumentException>(() => SGD([parameter], -1));
        Assert.Throws<ArgumentException>(() => Adam([parameter], beta1: 1));
        Assert.Throws<ArgumentException>(() => SGD([parameter, parameter], 0.1));
    }

    [Fact]
    public void A_step_on_many_threads_is_the_same_as_on_one()
    {
        Parameter one = new(linspace(0, 1, 100_003)), many = new(linspace(0, 1, 100_003));
        using Adam first = Adam([one], 0.1), second = Adam([many], 0.1);
        Learn(first, one, 2);
        set_num_threads(3);
        Learn(second, many, 2);
        Assert.True(one.Equals(many));
    }

    private static readonly Dictionary<string, Func<Optimizer, lr_scheduler.LRScheduler>> Schedules = new()
    {
        ["StepLR"] = o => lr_scheduler.StepLR(o, 3, 0.5),
        ["MultiStepLR"] = o => lr_scheduler.MultiStepLR(o, [2, 5, 5, 9], 0.3),
        ["ExponentialLR"] = o => lr_scheduler.ExponentialLR(o, 0.9),
        ["CosineAnnealingLR"] = o => lr_scheduler.CosineAnnealingLR(o, 5, 0.01),
        ["LambdaLR"] = o => lr_scheduler.LambdaLR(o, epoch => 1.0 / (1 + epoch)),
        ["ConstantLR"] = o => lr_scheduler.ConstantLR(o, 0.25, 4),
        ["LinearLR"] = o => lr_scheduler.LinearLR(o, 0.2, 0.8, 6),
        ["SequentialLR"] = o => lr_scheduler.SequentialLR(o,
            [lr_scheduler.LinearLR(o, 0.1, total_iters: 4), lr_scheduler.CosineAnnealingLR(o, 6), lr_scheduler.ExponentialLR(o, 0.5)], [4, 10]),
    };

    public static TheoryData<string> ScheduleNames => [.. Schedules.Keys];

    [Theory]
    [MemberData(nameof(ScheduleNames))]
    public void Schedules_set_the_rates_that_PyTorchs_set(string name)
    {
        using SGD sgd = SGD([new SGD.ParamGroup { Parameters = [new Parameter(zeros(1))] }, new SGD.ParamGroup([new Parameter(zeros(1))], lr: 0.02)], 0.1);
        lr_scheduler.LRScheduler schedule = Schedules[name](sgd);
        foreach (double[] rates in GoldenFile.Values.Schedules[name])
        {
            double[] mine = [.. sgd.ParamGroups.Select(group => group.LearningRate)];
            Assert.Equal(rates[0], mine[0], 1e-12);
            Assert.Equal(rates[1], mine[1], 1e-12);
            schedule.step();
        }
    }

    [Fact]
    public void A_schedule_can_go_to_a_step()
    {
        using SGD sgd = SGD([new Parameter(zeros(1))], 1);
        lr_scheduler.LRScheduler cosine = lr_scheduler.CosineAnnealingLR(sgd, 10);
        cosine.step(5);
        Assert.Equal(0.5, cosine.get_last_lr().Single(), 1e-12);
        cosine.step();
        Assert.Equal((1 + Math.Cos(Math.PI * 0.6)) / 2, cosine.get_last_lr().Single(), 1e-12);
    }

    /// <summary>What golden.py's `optimise` does.</summary>
    private static Tensor Optimised(Func<Parameter[], OptimizerHelper> make, ScalarType type, bool transposed = false)
    {
        Tensor Sequence(Func<int, double> element, long count) => tensor([.. Enumerable.Range(0, (int)count).Select(element)], type);
        Tensor Grid(Func<int, double> element) => Sequence(element, 12).reshape(3, 4);
        Tensor start = Grid(i => 0.1 * (i + 1));
        Parameter x = new(transposed ? start.t().contiguous().t() : start), late = new(Sequence(_ => 0.7, 1));
        Tensor a = Grid(i => 0.3 * (i % 5) - 0.4), b = Grid(i => 0.5 - 0.1 * i);
        using OptimizerHelper optimiser = make([x, late]);
        for (int step = 0; step < 20; step++)
        {
            x.grad = null;
            late.grad = null;
            Tensor loss = (a * x - b).pow(2).sum();
            if (step >= 5) loss = loss + (late - 2).pow(2).sum();
            loss.backward();
            if (transposed && step % 2 == 1) x.grad = x.grad!.contiguous();
            optimiser.step();
        }
        return cat([x.detach().flatten(), late.detach()]);
    }

    private static void Learn(OptimizerHelper optimiser, Parameter parameter, int steps)
    {
        for (int step = 0; step < steps; step++)
        {
            optimiser.zero_grad();
            (parameter - 2).pow(2).sum().backward();
            optimiser.step();
        }
    }
}
