using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace NasPlatform.Tests.Torch;

public sealed class AutogradTests : TorchTest
{
    [Fact]
    public void Backward_adds_up_gradients_in_the_leaves()
    {
        Tensor x = tensor(new float[] { 1, 2, 3 }, requires_grad: true);
        (x * x).sum().backward();
        Near.Equal([2, 4, 6], x.grad!);
        (x * 3).sum().backward();
        Near.Equal([5, 7, 9], x.grad!);
        x.grad = null;
        Assert.Null(x.grad);
    }

    [Fact]
    public void Grad_gives_gradients_and_leaves_the_leaves_alone()
    {
        Tensor x = tensor(new double[] { 2 }, requires_grad: true);
        Tensor y = tensor(new double[] { 5 }, requires_grad: true);
        Tensor first = autograd.grad([x.pow(3) * y], [x], create_graph: true)[0];
        Near.Equal([60], first);
        Near.Equal([60], autograd.grad([first], [x])[0]);
        Assert.Null(x.grad);
        IList<Tensor> partial = autograd.grad([x * 2], [x, y], allow_unused: true);
        Near.Equal([2], partial[0]);
        Assert.True(partial[1].IsInvalid);
        Assert.Throws<ExternalException>(() => autograd.grad([x * 2], [x, y]));
    }

    [Fact]
    public void Modes_are_put_back_when_they_end()
    {
        Assert.True(is_grad_enabled());
        Tensor x = ones(2, requires_grad: true);
        using (no_grad())
        {
            Assert.False((x * 2).requires_grad);
            using (enable_grad()) Assert.True((x * 2).requires_grad);
            Assert.False(is_grad_enabled());
        }
        using (set_grad_enabled(false)) Assert.False(is_grad_enabled());
        using (inference_mode())
        {
            Assert.True(is_inference_mode_enabled());
            Assert.False((x * 2).requires_grad);
        }
        Assert.True(is_grad_enabled());
        Assert.True((x * 2).requires_grad);
    }

    [Fact]
    public void A_kept_gradient_of_an_inner_tensor_is_there_and_detached_tensors_have_no_history()
    {
        Tensor x = ones(2, requires_grad: true);
        Tensor y = x * 2;
        y.retain_grad();
        Assert.False(y.is_leaf);
        y.sum().backward();
        Near.Equal([1, 1], y.grad!);
        Assert.True(y.detach().is_leaf);
        Assert.False(y.detach().requires_grad);
    }

    [Fact]
    public void Backward_from_a_vector_without_gradient_is_refused()
    {
        Tensor x = ones(2, requires_grad: true);
        var failure = Assert.Throws<ExternalException>(() => (x * 2).backward());
        Assert.Equal("grad can be implicitly created only for scalar outputs", failure.Message);
    }

    public static TheoryData<string> Layers => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(Layers))]
    public void Gradients_agree_with_finite_differences(string layer)
    {
        Func<Tensor, Tensor, Tensor> function = Cases[layer];
        using Generator generator = new(7);
        Tensor input = randn([2, 4, 6, 6], ScalarType.Float64, generator: generator).requires_grad_();
        Tensor weight = randn([4, 4, 3, 3], ScalarType.Float64, generator: generator).requires_grad_();
        Tensor direction = randn_like(input);
        Tensor weights = (function(input, weight).detach() * 0).uniform_(-1, 1, generator);
        Tensor Loss(Tensor at) => (function(at, weight) * weights).sum();

        Loss(input).backward();
        const double step = 1e-6;
        double numeric = (Loss(input + direction * step) - Loss(input - direction * step)).ToDouble() / (2 * step);
        double analytic = (input.grad! * direction).sum().ToDouble();
        Assert.Equal(numeric, analytic, 1e-5 * Math.Max(1, Math.Abs(numeric)));
    }

    private static readonly Dictionary<string, Func<Tensor, Tensor, Tensor>> Cases = new()
    {
        ["convolution"] = (x, w) => functional.conv2d(x, w, strides: [2, 1], padding: [1]),
        ["dilated convolution"] = (x, w) => functional.conv2d(x, w, padding: [2], dilation: [2]),
        ["depthwise convolution"] = (x, w) => functional.conv2d(x, w.narrow(1, 0, 1), padding: [1], groups: 4),
        ["batch norm"] = (x, _) => functional.batch_norm(x, null, null, training: true),
        ["layer norm"] = (x, _) => functional.layer_norm(x, [6, 6]),
        ["max pool"] = (x, _) => functional.max_pool2d(x, 3, 2, 1),
        ["average pool"] = (x, _) => functional.avg_pool2d(x, 3, 1, 1, count_include_pad: false),
        ["adaptive pool"] = (x, _) => functional.adaptive_avg_pool2d(x, 2),
        ["gelu"] = (x, _) => functional.gelu(x),
        ["silu"] = (x, _) => functional.silu(x),
        ["hardswish"] = (x, _) => functional.hardswish(x),
        ["elu"] = (x, _) => functional.elu(x, 1.5),
        ["softmax"] = (x, _) => functional.softmax(x, 1),
        ["linear"] = (x, w) => functional.linear(x, w.reshape(24, 6)),
        ["interpolation"] = (x, _) => functional.interpolate(x, [9, 9], mode: InterpolationMode.Bilinear),
        ["reflected padding"] = (x, _) => functional.pad(x, (1, 2, 3, 0), PaddingModes.Reflect),
    };
}
