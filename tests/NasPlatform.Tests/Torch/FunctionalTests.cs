using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace NasPlatform.Tests.Torch;

public sealed class FunctionalTests : TorchTest
{
    [Fact]
    public void A_convolution_sums_its_window()
    {
        Tensor image = arange(16, ScalarType.Float32).reshape(1, 1, 4, 4);
        Near.Equal([45, 54, 81, 90], functional.conv2d(image, ones(1, 1, 3, 3)));
        Assert.Equal([1, 1, 2, 2], functional.conv2d(image, ones(1, 1, 3, 3), strides: [2], padding: [1]).shape);
        Assert.Equal([1, 1, 4, 4], functional.conv2d_padding(image, ones(1, 1, 3, 3), padding: Padding.Same).shape);
        Near.Equal([3, 6, 9], functional.conv1d(tensor(new float[,,] { { { 0, 1, 2, 3, 4 } } }), ones(1, 1, 3)));
        Near.Equal([10 + 1, 20 + 2], functional.conv2d(tensor(new float[] { 10, 20 }, [1, 2, 1, 1]), ones(2, 1, 1, 1), tensor(new float[] { 1, 2 }), groups: 2));
    }

    [Fact]
    public void Pools_count_padding_only_when_told_to()
    {
        Tensor image = tensor(new float[,] { { 1, 2 }, { 3, 4 } }).reshape(1, 1, 2, 2);
        Near.Equal([4], functional.max_pool2d(image, 2));
        Near.Equal([2.5], functional.avg_pool2d(image, 2));
        Near.Equal([10 / 9.0, 10 / 9.0, 10 / 9.0, 10 / 9.0], functional.avg_pool2d(image, 3, 1, 1));
        Near.Equal([2.5, 2.5, 2.5, 2.5], functional.avg_pool2d(image, 3, 1, 1, count_include_pad: false));
        Near.Equal([2.5], functional.adaptive_avg_pool2d(image, 1));
        (Tensor values, Tensor indices) = functional.max_pool2d_with_indices(image, [2]);
        Near.Equal([4], values);
        Near.Equal([3], indices);
    }

    [Fact]
    public void Batch_norm_normalises_and_moves_the_running_statistics()
    {
        Tensor input = tensor(new float[,] { { 1 }, { 3 } });
        Tensor mean = zeros(1), variance = ones(1);
        Near.Equal([-1, 1], functional.batch_norm(input, mean, variance, training: true), 1e-4);
        Near.Equal([0.2], mean);
        Near.Equal([0.9 + 0.1 * 2], variance);
        Near.Equal([(1 - 0.2) / Math.Sqrt(1.1), (3 - 0.2) / Math.Sqrt(1.1)], functional.batch_norm(input, mean, variance), 1e-4);
    }

    [Fact]
    public void Losses_have_their_closed_forms()
    {
        Tensor logits = tensor(new double[,] { { 1, 2, 3 }, { 0, 0, 0 } });
        Tensor target = tensor(new long[] { 2, 0 });
        double first = Math.Log(Math.Exp(1) + Math.Exp(2) + Math.Exp(3)) - 3, second = Math.Log(3);
        Near.Equal([(first + second) / 2], functional.cross_entropy(logits, target));
        Near.Equal([first, second], functional.cross_entropy(logits, target, reduction: Reduction.None));
        Near.Equal([first], functional.cross_entropy(logits, tensor(new long[] { 2, 7 }), ignore_index: 7));
        double smooth = 0.9 * first + 0.1 / 3 * ((first + 2) + (first + 1) + first);
        Near.Equal([smooth], functional.cross_entropy(logits[0].unsqueeze(0), tensor(new long[] { 2 }), label_smoothing: 0.1));
        Near.Equal([(first + second) / 2], functional.nll_loss(logits.log_softmax(1), target));
        Near.Equal([2.5], functional.mse_loss(tensor(new double[] { 1, 2 }), tensor(new double[] { 2, 4 })));
        Near.Equal([Math.Log(1 + Math.Exp(-2))], functional.binary_cross_entropy_with_logits(tensor(new double[] { 2 }), tensor(new double[] { 1 })));
    }

    [Fact]
    public void Dropout_keeps_the_expectation_and_is_off_outside_training()
    {
        manual_seed(1);
        Tensor input = ones(10_000);
        Tensor dropped = functional.dropout(input, 0.25);
        Assert.Equal(1, dropped.mean().ToDouble(), 0.05);
        Near.Equal([0, 4 / 3.0], stack([dropped.min(), dropped.max()]));
        Near.Equal(input, functional.dropout(input, 0.25, training: false));
        Tensor channels = functional.dropout2d(ones(64, 8, 2, 2), 0.5).flatten(2);
        Near.Equal(channels.amax(2), channels.amin(2));
    }

    [Fact]
    public void Rows_of_classes_become_one_hot_and_padding_surrounds()
    {
        Near.Equal([0, 1, 0, 1, 0, 0], functional.one_hot(tensor(new long[] { 1, 0 }), 3));
        Near.Equal([9, 1, 2, 9, 9], functional.pad(tensor(new float[] { 1, 2 }), (1, 2), value: 9));
        Near.Equal([1, 1, 2, 2, 1, 1, 2, 2], functional.interpolate(tensor(new float[] { 1, 2 }, [1, 1, 1, 2]), scale_factor: [2, 2]));
    }

    [Fact]
    public void Activations_done_in_place_change_their_input()
    {
        Tensor x = tensor(new float[] { -1, 8 });
        Near.Equal([0, 6], functional.relu6(x));
        Near.Equal([-0.1, 8], functional.leaky_relu(x, 0.1));
        functional.relu(x, inplace: true);
        Near.Equal([0, 8], x);
    }
}
