using NasPlatform.Tests.Support;
using NasPlatform.Torch;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace NasPlatform.Tests.Torch;

[Collection(Alone.Name)]
public sealed class NormSumKernelTests : TorchTest
{
    /// <summary>Which parts a term has.</summary>
    private sealed record Form(bool Norm, bool Affine, bool Share);

    [Theory]
    [InlineData(Instructions.Portable)]
    [InlineData(Instructions.Avx2)]
    [InlineData(Instructions.Avx512)]
    public void It_is_what_batch_norms_products_additions_and_relu_of_libtorch_give(Instructions instructions)
    {
        using var _ = new Limit(instructions);
        var check = new KernelCheck(1);
        for (int i = 0; i < 60; i++)
        {
            ScalarType type = i % 4 == 0 ? ScalarType.Float64 : ScalarType.Float32;
            (Form[] forms, bool training, bool relu) = AnyCase(check);
            long n = check.Between(2, 5), c = check.Between(1, 40), h = check.Between(1, 17), w = check.Between(1, 17);
            Layout layout = check.AnyLayout();
            bool vectors = i % 7 == 3;
            Tensor[] inputs = [.. forms.SelectMany(_ => Inputs(check, vectors ? check.Numbers([n, c], type) : check.Images(n, c, h, w, type, layout), c))];
            set_num_threads(check.Between(1, 2));
            check.Agrees($"{(vectors ? "" : $"{layout} ")}[{n}, {c}, {h}, {w}] {type}, {string.Join(" + ", forms.AsEnumerable())}, training {training}, relu {relu}", inputs,
                given => Ours(given, forms, training, relu), given => Libtorch(given, forms, training, relu), type == ScalarType.Float64 ? 1e-10 : 2e-5);
        }
    }

    [Fact]
    public void Gradients_are_slopes_and_so_are_their_gradients()
    {
        var check = new KernelCheck(2);
        for (int i = 0; i < 24; i++)
        {
            (Form[] forms, bool training, bool relu) = AnyCase(check);
            Tensor[] inputs = [.. forms.SelectMany(_ => Inputs(check, check.Images(2, 3, 4, 5, ScalarType.Float64, check.AnyLayout()), 3))];
            string what = $"{string.Join(" + ", forms.AsEnumerable())}, training {training}, relu {relu}";
            check.GradientsAreSlopes(what, inputs, given => Ours(given, forms, training, relu), 1e-6);
            if (i % 3 == 0) check.SecondGradientsAreSlopes(what, inputs, given => Ours(given, forms, training, relu), 1e-5);
        }
    }

    [Fact]
    public void One_tensor_may_be_two_terms()
    {
        var check = new KernelCheck(7);
        Tensor images = check.Images(2, 3, 4, 5, ScalarType.Float64, Layout.ChannelsLast), share = check.Numbers([1], ScalarType.Float64).squeeze(0);
        static Tensor Twice(Tensor[] given) => Kernels.norm_sum(
            [new(given[0], new(zeros(3, ScalarType.Float64), ones(3, ScalarType.Float64), null, null, 1e-3, 0.1), given[1]), new(given[0], Share: given[1]), new(given[0])], training: true, relu: false);
        check.GradientsAreSlopes("twice", [images, share], Twice);
        check.SecondGradientsAreSlopes("twice", [images, share], Twice);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Its_gradient_may_be_some_of_the_channels_of_a_wider_one(bool relu)
    {
        var check = new KernelCheck(8);
        Form[] forms = [new(true, true, false), new(false, false, true)];
        foreach (ScalarType type in (ScalarType[])[ScalarType.Float32, ScalarType.Float64])
        {
            // Of a concatenation, whose gradient is cut into parts that stay where they lie; with pixels enough for several blocks.
            Tensor[] inputs = [.. forms.SelectMany(_ => Inputs(check, check.Images(3, 12, 20, 19, type, Layout.ChannelsLast), 12))];
            Tensor other = check.Images(3, 5, 20, 19, type, Layout.ChannelsLast);
            check.Agrees($"{type}", inputs, given => Joined(Ours(given, forms, training: true, relu), other), given => Joined(Libtorch(given, forms, training: true, relu), other.to(ScalarType.Float64)), type == ScalarType.Float64 ? 1e-10 : 2e-5);
        }

        static Tensor Joined(Tensor sum, Tensor other) => cat([other, sum, other], 1);
    }

    [Fact]
    public void Running_statistics_move_as_libtorchs_do()
    {
        var check = new KernelCheck(3);
        Tensor images = check.Images(3, 7, 5, 6, ScalarType.Float32, Layout.ChannelsLast) + 100; // far from 0, where squares alone would lose everything
        Tensor[] ours = [zeros(7), ones(7)], theirs = [zeros(7), ones(7)];
        Kernels.norm_sum([new(images, new(ours[0], ours[1], null, null, 1e-5, 0.3))], training: true, relu: false);
        functional.batch_norm(images, theirs[0], theirs[1], null, null, true, 0.3, 1e-5);
        Near.Equal(theirs[0], ours[0], 1e-4);
        Near.Equal(theirs[1], ours[1], 1e-4);
    }

    [Fact]
    public void The_result_lies_channels_last_and_is_the_same_with_any_number_of_threads()
    {
        var check = new KernelCheck(4);
        Form[] forms = [new(true, true, false), new(true, false, true), new(false, false, false)];
        Tensor[] inputs = [.. forms.SelectMany(_ => Inputs(check, check.Images(9, 20, 33, 34, ScalarType.Float32, Layout.ChannelsLast), 20))];
        KernelCheck.SameWithAnyThreads(inputs, leaves => Ours(leaves, forms, training: true, relu: true), memory_format.channels_last);
    }

    [Fact]
    public void Bfloat16_is_computed_in_float32_and_statistics_stay_float32()
    {
        var check = new KernelCheck(5);
        Form[] forms = [new(true, true, false), new(false, false, false)];
        Tensor[] inputs = [.. forms.SelectMany(_ => Inputs(check, check.Images(4, 12, 9, 9, ScalarType.Float32, Layout.ChannelsLast), 12))];
        Tensor[] narrow = [.. inputs.Select((input, place) => (place == 0 ? input.to(ScalarType.BFloat16) : input).detach().requires_grad_())];
        Tensor output = Ours(narrow, forms, training: true, relu: true);
        Assert.Equal(ScalarType.BFloat16, output.dtype);
        Tensor[] wide = [.. inputs.Select((input, place) => (place % 4 == 0 ? input.to(ScalarType.BFloat16) : input).to(ScalarType.Float64).detach().requires_grad_())];
        Tensor expected = Libtorch(wide, forms, training: true, relu: true);
        KernelCheck.Near("output", expected, output, 0.005);
        output.sum().backward();
        expected.sum().backward();
        Assert.Equal(ScalarType.BFloat16, narrow[0].grad!.dtype);
        Assert.Equal(ScalarType.Float32, narrow[1].grad!.dtype);
        KernelCheck.Near("gradient", wide[0].grad!, narrow[0].grad!, 0.01);
        KernelCheck.Near("gradient of the weight", wide[1].grad!, narrow[1].grad!, 0.01);
    }

    [Fact]
    public void Numbers_that_are_none_stay_none()
    {
        Tensor images = full([2, 3, 4, 4], float.NaN);
        Assert.True(isnan(Kernels.norm_sum([new(images), new(images)], training: true, relu: true)).all().item<bool>());
    }

    [Fact]
    public void What_it_does_not_cover_is_libtorchs()
    {
        var check = new KernelCheck(6);
        Tensor sequences = check.Numbers([2, 5, 3], ScalarType.Float32);
        Near.Equal((sequences + sequences).relu(), Kernels.norm_sum([new(sequences), new(sequences)], training: true, relu: true), 0);
        Assert.Equal([0, 3, 4, 4], Kernels.norm_sum([new(zeros(0, 3, 4, 4)), new(zeros(0, 3, 4, 4))], training: false, relu: true).shape);
    }

    private static (Form[] Forms, bool Training, bool Relu) AnyCase(KernelCheck check)
    {
        Form[] forms = [.. Enumerable.Range(0, check.Between(1, 4)).Select(_ => new Form(check.Between(0, 2) > 0, check.Between(0, 1) > 0, check.Between(0, 2) == 0))];
        return (forms, check.Between(0, 3) > 0, check.Between(0, 1) > 0);
    }

    /// <summary>Value, weight, bias and share, of which a form takes what it has.</summary>
    private static Tensor[] Inputs(KernelCheck check, Tensor value, long c) =>
        [value, check.Numbers([c], value.dtype), check.Numbers([c], value.dtype), check.Numbers([1], value.dtype).squeeze(0)];

    private static Tensor Ours(Tensor[] given, Form[] forms, bool training, bool relu) => Kernels.norm_sum(
        [
            .. forms.Select((form, k) => new NormTerm(
                given[4 * k],
                form.Norm ? new(zeros_like(Channels(given, k)) + 0.2, ones_like(Channels(given, k)) * 1.5, form.Affine ? given[4 * k + 1] : null, form.Affine ? given[4 * k + 2] : null, 1e-3, 0.1) : null,
                form.Share ? given[4 * k + 3] : null)),
        ],
        training,
        relu) + Unused(given, forms);

    private static Tensor Libtorch(Tensor[] given, Form[] forms, bool training, bool relu)
    {
        Tensor sum = forms.Select((form, k) =>
        {
            Tensor term = given[4 * k];
            if (form.Norm) term = functional.batch_norm(term, zeros_like(Channels(given, k)) + 0.2, ones_like(Channels(given, k)) * 1.5, form.Affine ? given[4 * k + 1] : null, form.Affine ? given[4 * k + 2] : null, training, 0.1, 1e-3);
            return form.Share ? term * given[4 * k + 3] : term;
        }).Aggregate((left, right) => left + right);
        return (relu ? sum.relu() : sum) + Unused(given, forms);
    }

    private static Tensor Channels(Tensor[] given, int k) => given[4 * k + 1].detach();

    /// <summary>Zero, of the inputs that a form leaves alone, so that every input has a gradient.</summary>
    private static Tensor Unused(Tensor[] given, Form[] forms) => forms.Select((form, k) =>
        0 * ((form is { Norm: true, Affine: true } ? 0 : 1) * (given[4 * k + 1].sum() + given[4 * k + 2].sum()) + (form.Share ? 0 : 1) * given[4 * k + 3])).Aggregate((left, right) => left + right);
}
