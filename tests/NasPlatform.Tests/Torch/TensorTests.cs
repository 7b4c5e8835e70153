using System.Runtime.InteropServices;
using NasPlatform.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace NasPlatform.Tests.Torch;

public sealed class TensorTests : TorchTest
{
    [Fact]
    public void Arithmetic_broadcasts_and_promotes_types()
    {
        Tensor a = tensor(new float[,] { { 1, 2 }, { 3, 4 } });
        Tensor b = tensor(new float[] { 10, 20 });
        Near.Equal([11, 22, 13, 24], a + b);
        Near.Equal([-9, -18, -7, -16], a - b);
        Near.Equal([10, 40, 30, 80], a * b);
        Near.Equal([0.1, 0.1, 0.3, 0.2], a / b);
        Near.Equal([2, 4, 6, 8], 2 * a);
        Near.Equal([9, 8, 7, 6], 10 - a);
        Near.Equal([12, 6, 4, 3], 12.0 / a);
        Near.Equal([1, 0, 1, 0], a % 2);
        Near.Equal([-1, -2, -3, -4], -a);
        Assert.Equal(ScalarType.Float64, (a + tensor(new double[] { 1, 1 })).dtype);
        Assert.Equal(ScalarType.Float32, (tensor(new long[] { 1, 2 }) / 2).dtype);
    }

    [Fact]
    public void In_place_operations_change_the_tensor_and_return_it()
    {
        Tensor a = ones(3);
        Assert.Same(a, a.add_(2).mul_(3).sub_(1).div_(2));
        Near.Equal([4, 4, 4], a);
        a.addcmul_(tensor(new float[] { 1, 2, 3 }), tensor(new float[] { 1, 1, 2 }), 0.5);
        Near.Equal([4.5, 5, 7], a);
        a.addcdiv_(tensor(new float[] { 2, 2, 2 }), tensor(new float[] { 1, 2, 4 }), -1);
        Near.Equal([2.5, 4, 6.5], a);
    }

    [Fact]
    public void Elementwise_functions_have_their_mathematical_values()
    {
        double[] x = [-2, -0.5, 0.25, 3];
        Tensor t = tensor(x);
        Near.Equal([.. x.Select(Math.Exp)], t.exp());
        Near.Equal([.. x.Select(Math.Tanh)], t.tanh());
        Near.Equal([.. x.Select(Math.Abs)], t.abs());
        Near.Equal([.. x.Select(v => (double)Math.Sign(v))], t.sign());
        Near.Equal([.. x.Select(v => 1 / (1 + Math.Exp(-v)))], t.sigmoid());
        Near.Equal([.. x.Select(v => Math.Max(v, 0))], t.relu());
        Near.Equal([.. x.Select(v => Math.Log(Math.Abs(v)))], t.abs().log());
        Near.Equal([.. x.Select(v => 1 / Math.Sqrt(Math.Abs(v)))], t.abs().rsqrt());
        Near.Equal([.. x.Select(v => v * v)], t.pow(2));
        Near.Equal([.. x.Select(v => Math.Clamp(v, -1, 1))], t.clamp(-1, 1));
        Near.Equal([.. x.Select(v => Math.Max(v, 0))], t.clamp_min(0));
        Near.Equal([-2, -0.5, 0.25, 1], t.minimum(tensor(1.0)));
        double[] e = [.. x.Select(Math.Exp)];
        Near.Equal([.. e.Select(v => v / e.Sum())], t.softmax(0));
        Near.Equal([.. e.Select(v => Math.Log(v / e.Sum()))], t.log_softmax(0));
        Near.Equal([Math.Log(e.Sum())], t.logsumexp(0));
    }

    [Fact]
    public void Reductions_work_over_all_or_some_dimensions()
    {
        Tensor t = tensor(new double[,] { { 1, 2, 6 }, { 4, 5, 0 } });
        Near.Equal([18], t.sum());
        Near.Equal([5, 7, 6], t.sum(dim: 0));
        Near.Equal([9, 9], t.sum([1L]));
        Assert.Equal([2, 1], t.sum(1, keepdim: true).shape);
        Near.Equal([3], t.mean());
        Near.Equal([3, 3], t.mean([1]));
        Near.Equal([7, 7], t.var(1));
        Near.Equal([14 / 3.0, 14 / 3.0], t.var(1, unbiased: false));
        Near.Equal([Math.Sqrt(7), Math.Sqrt(7)], t.std(1));
        Near.Equal([Math.Sqrt(82)], t.norm());
        (Tensor values, Tensor indexes) = t.max(1);
        Near.Equal([6, 5], values);
        Near.Equal([2, 1], indexes);
        Near.Equal([2, 1], t.argmax(1));
        Near.Equal([2], t.argmax());
        (Tensor top, Tensor at) = t.topk(2);
        Near.Equal([6, 2, 5, 4], top);
        Near.Equal([2, 1, 1, 0], at);
        (Tensor sorted, Tensor order) = t[1].sort(descending: true);
        Near.Equal([5, 4, 0], sorted);
        Near.Equal([1, 0, 2], order);
        Near.Equal([1, 3, 9], t[0].cumsum(0));
        Assert.False(t.all().item<bool>());
        Assert.True(t.any().item<bool>());
    }

    [Fact]
    public void Shapes_change_without_copying_where_a_view_is_enough()
    {
        Tensor t = arange(24, ScalarType.Float32).reshape(2, 3, 4);
        Assert.Equal([2, 12], t.flatten(1).shape);
        Assert.Equal([4, 2, 3], t.permute(2, 0, 1).shape);
        Assert.Equal([2, 1, 3, 4], t.unsqueeze(1).shape);
        Assert.Equal([2, 3, 4], t.unsqueeze(1).squeeze(1).shape);
        Assert.Equal([12, 1, 4], t.transpose(1, 2).stride());
        Assert.Equal([2, 3, 2, 2], t.unflatten(2, 2, 2).shape);
        Assert.Equal([5, 2], t[0, 0, 0].expand(5, 2).shape);
        t.view(24).fill_(7);
        Near.Equal([7], t[1, 2, 3]);
        Assert.Equal([.. Enumerable.Repeat(1L, 3)], t.chunk(3, 1).Select(part => part.size(1)));
        Assert.Equal([1, 3], t.split([1L, 3L], 2).Select(part => part.size(2)));
        Assert.Equal([4, 3, 4], cat([t, t]).shape);
        Assert.Equal([2, 2, 3, 4], stack([t, t], 1).shape);
    }

    [Fact]
    public void Indexing_reads_and_writes_numbers_slices_and_tensors()
    {
        Tensor t = arange(12).reshape(3, 4);
        Assert.Equal(6, t[1, 2].item<long>());
        Near.Equal([4, 5, 6, 7], t[1]);
        Near.Equal([1, 5, 9], t[TensorIndex.Colon, TensorIndex.Single(1)]);
        Near.Equal([9, 11], t[TensorIndex.Single(-1), TensorIndex.Slice(1, null, 2)]);
        Near.Equal([8, 9, 10, 11, 0, 1, 2, 3], t[tensor(new long[] { 2, 0 })]);
        t[1] = tensor(-1L);
        Near.Equal([-1, -1, -1, -1], t[1]);
        t[TensorIndex.Ellipsis, TensorIndex.Single(0)] = zeros(3, ScalarType.Int64);
        Near.Equal([0, 0, 0], t.select(1, 0));
        Near.Equal([1, 10], t.gather(1, tensor(new long[,] { { 1 }, { 0 }, { 2 } })).index_select(0, tensor(new long[] { 0, 2 })));
        Near.Equal([2, 3], t.narrow(1, 2, 2)[0]);
        Near.Equal([9, 1, 2, 3], where(t[0] == 0, tensor(9L), t[0]));
        Near.Equal([5, 1, 2, 3], t[0].masked_fill(t[0] == 0, 5));
    }

    [Fact]
    public void Comparisons_and_logic_give_booleans()
    {
        Tensor t = tensor(new float[] { 1, float.NaN, float.PositiveInfinity, 2 });
        Near.Equal([0, 1, 0, 0], t.isnan());
        Near.Equal([1, 0, 0, 1], t.isfinite());
        Near.Equal([0, 0, 1, 1], t > 1);
        Near.Equal([1, 0, 0, 0], t <= 1);
        Near.Equal([1, 1, 1, 0], t.ne(2));
        Near.Equal([0, 0, 0, 1], (t > 1).logical_and(t.isfinite()));
        Near.Equal([1, 1, 0, 0], (t > 1).logical_not());
        Near.Equal([1, 1, 0, 0], ~(t > 1));
    }

    [Fact]
    public void Products_of_matrices_have_their_values()
    {
        Tensor a = tensor(new float[,] { { 1, 2 }, { 3, 4 } });
        Tensor b = tensor(new float[,] { { 5, 6 }, { 7, 8 } });
        double[] product = [19, 22, 43, 50];
        Near.Equal(product, a.matmul(b));
        Near.Equal(product, a.mm(b));
        Near.Equal(product, a.unsqueeze(0).bmm(b.unsqueeze(0)));
        Near.Equal(product, einsum("ij,jk->ik", a, b));
        Near.Equal([.. product.Select(v => 2 * v + 3)], full(2, 2, 1.0).addmm(a, b, beta: 3, alpha: 2));
    }

    [Fact]
    public void Elements_are_read_whatever_their_order_in_memory()
    {
        Tensor t = arange(6).reshape(2, 3).t();
        Assert.Equal([0, 3, 1, 4, 2, 5], t.data<long>().ToArray());
        Assert.Equal(4, t.data<long>()[1, 1]);
        t.data<long>()[2, 0] = 70;
        Assert.Equal(70, t[2, 0].item<long>());
        Assert.Equal([1, 0, 0, 0, 2, 0, 0, 0], tensor(new[] { 1, 2 }).bytes.ToArray());
        Assert.Equal(3.0f, tensor(3L).ToSingle());
        Assert.Equal(2, (int)tensor(2.9));
        Assert.Equal([2.5f, 1f], tensor(new float[] { 2.5f, 1f }).data<float>());
    }

    [Fact]
    public void A_buffer_is_shared_with_the_array_it_was_made_of()
    {
        float[] array = [1, 2, 3, 4];
        Tensor t = frombuffer(array, ScalarType.Float32, count: 2, offset: 1);
        array[1] = 20;
        Near.Equal([20, 3], t);
        t[1] = 30;
        Assert.Equal([1, 20, 30, 4], array);
    }

    [Fact]
    public void A_file_is_mapped_as_a_tensor()
    {
        using TemporaryFolder folder = new();
        string path = folder["values.bin"];
        File.WriteAllBytes(path, [1, 0, 2, 0, 3, 0]);
        Near.Equal([1, 2, 3], from_file(path, size: 3, dtype: int16));
        from_file(path, shared: true, size: 6, dtype: uint8)[5] = 1;
        Assert.Equal(1, File.ReadAllBytes(path)[5]);
        Assert.Throws<ExternalException>(() => from_file(path + ".absent", size: 3));
    }

    [Fact]
    public void Creation_follows_the_asked_type_and_the_default()
    {
        Assert.Equal(ScalarType.Float32, zeros(2, 3).dtype);
        Assert.Equal(ScalarType.Int64, arange(5).dtype);
        Near.Equal([1, 1.5, 2, 2.5], arange(1.0, 3.0, 0.5));
        Near.Equal([0, 0.5, 1], linspace(0, 1, 3));
        Near.Equal([1, 0, 0, 1], eye(2));
        Near.Equal([4, 4], full(2, 4, dtype: ScalarType.Int32));
        Assert.Equal(ScalarType.Int64, full(2, 4).dtype);
        Assert.Equal(ScalarType.Byte, zeros(1, dtype: uint8).dtype);
        Assert.Equal("[2x3], type = Float32, device = cpu", zeros(2, 3).ToString());
        Assert.Equal("[], type = Int64, device = cpu, value = 7", tensor(7L).ToString());
    }

    [Fact]
    public void A_failure_carries_libtorchs_message()
    {
        var shapes = Assert.Throws<ExternalException>(() => ones(2, 3).matmul(ones(2, 3)));
        Assert.Equal("mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3)", shapes.Message);
        var range = Assert.Throws<ExternalException>(() => ones(2).index_select(0, tensor(new long[] { 5 })));
        Assert.Contains("index out of range", range.Message, StringComparison.Ordinal);
        var dim = Assert.Throws<ExternalException>(() => ones(2).size(3));
        Assert.Contains("Dimension out of range", dim.Message, StringComparison.Ordinal);
        Assert.Throws<ExternalException>(() => ones(3).split([1L, 1L]));
        Assert.Throws<ExternalException>(() => ones(3).max(4));
        Assert.Throws<ArgumentException>(() => ones(3).data<double>());
        Assert.Throws<ArgumentException>(() => device("gpu"));
    }

    [Fact]
    public void A_disposed_tensor_is_refused()
    {
        Tensor t = ones(3);
        t.Dispose();
        Assert.True(t.IsInvalid);
        Assert.Equal("Tensor invalid -- empty handle.", Assert.Throws<InvalidOperationException>(() => t.sum()).Message);
        t.Dispose();
    }
}
