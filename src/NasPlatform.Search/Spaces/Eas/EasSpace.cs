using System.Collections.Immutable;
using System.Numerics;
using NasPlatform.Search.Networks;
using TorchSharp;

namespace NasPlatform.Search.Spaces.Eas;

/// <summary>
/// What widening and deepening reach from a small network (Cai, Chen, Zhang, Yu &amp; Wang, "Efficient Architecture Search by Network Transformation" 2018, arXiv 1707.04873; released code, whose lists
/// of levels and text form are used): blocks between poolings, each of at least one layer. Decisions are the layers of each block and the level of each layer's width. An edit makes a
/// layer wider by one level, or puts a layer in; the trained network of an architecture becomes that of an edited one without changing what it computes (<see cref="Transform"/>).
/// </summary>
public abstract class EasSpace : SearchSpace
{
    /// <summary>What a new layer is called until it has its place.</summary>
    private protected const string New = "new";

    /// <summary>Layers and poolings that EAS's encoder reads at most.</summary>
    private protected const int EncoderSteps = 50;

    /// <summary>What each block may be.</summary>
    public abstract ImmutableArray<EasBlock> Blocks { get; }

    /// <summary>Every block's size by the others'; too long encodings are among them.</summary>
    public override BigInteger Size => Blocks.Aggregate(BigInteger.One, (size, block) => size * block.Size);

    /// <summary>What stands between the texts of layers.</summary>
    private protected abstract string LayerSeparator { get; }

    /// <summary>What stands between the texts of blocks.</summary>
    private protected abstract string BlockSeparator { get; }

    /// <summary>What stands before the first block's text and after the last's.</summary>
    private protected abstract (string Before, string After) Ends { get; }

    /// <summary>Most layers, with the poolings and transitions among them.</summary>
    private protected abstract int MostSteps { get; }

    /// <summary>Whether the encoder can read it: it may have so many layers and poolings.</summary>
    public override bool IsValid(Genotype genotype) => Steps(Read(genotype)) <= MostSteps;

    public override LayerGraph Build(IChoices choices, TaskShape task)
    {
        var blocks = Read(choices);
        var steps = Steps(blocks);
        return steps <= MostSteps
            ? Build(blocks, task)
            : throw new InvalidArchitectureException(BlockName(blocks.Length - 1), $"with it there are {steps} layers and poolings, and {MostSteps} are the most; leave some out.");
    }

    public override string Format(Genotype genotype) => Format(Read(genotype));

    /// <summary>EAS's edits, wider and deeper: all that keep the architecture in the space and can be made of its trained network.</summary>
    public virtual IEnumerable<EasEdit> Edits(Genotype genotype) => Changes(genotype).Where(edit => edit is EasEdit.Wider or EasEdit.Deeper);

    /// <summary>All edits, RENA's too, that keep the architecture in the space; for some of them its network must be trained anew.</summary>
    public IEnumerable<EasEdit> Changes(Genotype genotype)
    {
        var blocks = Read(genotype);
        var hasRoom = Steps(blocks) < MostSteps;
        for (var block = 0; block < blocks.Length; block++)
        {
            for (var layer = 0; layer < blocks[block].Length; layer++)
            {
                if (blocks[block][layer].Width < Blocks[block].Widest)
                {
                    yield return new EasEdit.Wider(block, layer);
                }

                for (var kernel = 0; kernel < Blocks[block].Kernels && hasRoom && blocks[block].Length < Blocks[block].MostLayers; kernel++)
                {
                    yield return new EasEdit.Deeper(block, layer, kernel);
                }

                if (blocks[block][layer].Width > 0)
                {
                    yield return new EasEdit.Narrower(block, layer);
                }

                for (var kernel = 0; kernel < Blocks[block].Kernels; kernel++)
                {
                    if (kernel != blocks[block][layer].Kernel)
                    {
                        yield return new EasEdit.Reshaped(block, layer, kernel);
                    }
                }

                if (blocks[block].Length > 1)
                {
                    yield return new EasEdit.Shallower(block, layer);
                }
            }
        }
    }

    /// <summary>The edited architecture.</summary>
    public Genotype Apply(Genotype genotype, EasEdit edit)
    {
        var blocks = Read(genotype);
        var layers = blocks[edit.Block];
        var place = layers[edit.Layer];
        var edited = edit switch
        {
            EasEdit.Deeper deeper => layers.Insert(edit.Layer + 1, place with { Kernel = deeper.Kernel }),
            EasEdit.Wider => layers.SetItem(edit.Layer, place with { Width = place.Width + 1 }),
            EasEdit.Narrower => layers.SetItem(edit.Layer, place with { Width = place.Width - 1 }),
            EasEdit.Reshaped reshaped => layers.SetItem(edit.Layer, place with { Kernel = reshaped.Kernel }),
            EasEdit.Shallower => layers.RemoveAt(edit.Layer),
            _ => throw new ArgumentException($"Edit {edit} is not known.", nameof(edit)),
        };
        return FromValues(Values(blocks.SetItem(edit.Block, edited)));
    }

    /// <summary>The layers of each block.</summary>
    internal ImmutableArray<ImmutableArray<EasLayer>> Layers(Genotype genotype) => Read(genotype);

    /// <summary>
    /// The architectures from one to another that was made of it by widening layers and then putting some in, each one edit from the one before, without the first.
    /// </summary>
    /// <exception cref="UserErrorException">There is no such way.</exception>
    public IReadOnlyList<Genotype> Way(Genotype parent, Genotype child)
    {
        var (from, to) = (Read(parent), Read(child));
        var kept = from.Zip(to, (before, after) => Kept(before, after, 0, 0)).ToList();
        var way = new List<Genotype>();
        if (kept.TrueForAll(places => places is not null))
        {
            for (var block = 0; block < from.Length; block++)
            {
                foreach (var (layer, place) in kept[block]!.Index()) // not null: see above
                {
                    for (var width = from[block][layer].Width; width < to[block][place].Width; width++)
                    {
                        way.Add(Apply(way.LastOrDefault(parent), new EasEdit.Wider(block, layer)));
                    }
                }
            }

            var missing = to.SelectMany((layers, block) => Enumerable.Range(0, layers.Length).Except(kept[block]!).Select(place => (block, place))).ToList(); // not null: see above
            if (PutIn(way.LastOrDefault(parent), to, missing) is { } deeper)
            {
                return [.. way, .. deeper];
            }
        }

        throw new UserErrorException($"Space '{Name}': '{Format(child)}' cannot be made of '{Format(parent)}' by widening layers and putting some in.");
    }

    /// <summary>
    /// The edit that made an architecture of another one. Where several would, as between equal layers, the last of them.
    /// </summary>
    /// <exception cref="UserErrorException">None did; the message says why.</exception>
    public EasEdit EditBetween(Genotype parent, Genotype child) =>
        Edits(parent).LastOrDefault(edit => Apply(parent, edit).Equals(child))
        ?? throw new UserErrorException(
            $"Space '{Name}': '{Format(child)}' is not one edit from '{Format(parent)}', so that network cannot be made of this one without changing what it computes: {WhyNot(Read(parent), Read(child))}.");

    /// <summary>
    /// One of EAS's edits: wider or deeper with equal chance, then a layer that can be widened, or a block with room, a layer in it and a kernel, each uniform (as the released code's
    /// random search draws the places). Nothing is narrower or shallower afterwards; an architecture that can grow no more stays as it is.
    /// </summary>
    public override Genotype Mutate(Genotype parent, RandomSource random)
    {
        var edits = Edits(parent).ToList();
        if (edits.Count == 0)
        {
            return parent;
        }

        var kind = One(edits.GroupBy(edit => edit is EasEdit.Deeper));
        IEnumerable<EasEdit> places = kind.Key ? One(kind.GroupBy(edit => edit.Block)) : kind;
        return Apply(parent, One(places));

        T One<T>(IEnumerable<T> among)
        {
            T[] all = [.. among];
            return all[random.Next(all.Length)];
        }
    }

    /// <summary>
    /// The trained network of an architecture one edit away: what it gives, in evaluation, is what the parent's gives. Layers that move by one place take their weights along.
    /// </summary>
    /// <param name="network">The parent's network.</param>
    /// <param name="parent">An architecture of this space.</param>
    /// <param name="child">One edit away.</param>
    /// <param name="random">Which units are copied, and the noise.</param>
    /// <param name="exact">No noise, so that outputs stay as they were; else EAS's, which lets copies learn to differ.</param>
    /// <param name="images">
    /// A batch, normalised, <c>[batch, channels, height, width]</c>, for the batch norm of a new layer, which then begins as the identity in training too; EAS takes 64. Null: mean 0,
    /// variance 1.
    /// </param>
    /// <exception cref="UserErrorException">The child is not one edit away, or the network is not the parent's.</exception>
    public TrainedNetwork Transform(TrainedNetwork network, Genotype parent, Genotype child, RandomSource random, bool exact = false, torch.Tensor? images = null)
    {
        var task = network.Graph.Task;
        if (!Weighted(network.Graph).SequenceEqual(Weighted(Build(parent, task))))
        {
            throw new UserErrorException($"Space '{Name}': the network is not that of '{Format(parent)}'; transform the network that was trained for it.");
        }

        var edit = EditBetween(parent, child);
        var graph = Build(child, task);
        var edited = edit is EasEdit.Deeper deeper
            ? Deepened(network, deeper, graph, random, exact, images)
            : Widened(network, (EasEdit.Wider)edit, graph, random, exact);

        // The layers after a new one are called by their new places.
        var names = edited.Graph.Layers.SelectMany(WeightSpec.Of).Zip(graph.Layers.SelectMany(WeightSpec.Of), (was, now) => (was, now));
        return new(graph, names.ToDictionary(pair => pair.now.Name, pair => edited.Weights[pair.was.Name]));

        static IEnumerable<(string, string)> Weighted(LayerGraph graph) =>
            graph.Layers.SelectMany(WeightSpec.Of).Select(spec => (spec.Name, string.Join(',', spec.Shape)));
    }

    /// <summary>A number an option of each place of each block: 1 for the chosen ones, zeros for places without a layer. As long for every architecture.</summary>
    public override double[] Encode(Genotype genotype)
    {
        var blocks = Read(genotype);
        return
        [
            .. Blocks.Zip(blocks).SelectMany(pair => Enumerable.Range(0, pair.First.MostLayers).SelectMany(place =>
                Hot(pair.First.Kernel?.Options.Length ?? 0, place < pair.Second.Length ? pair.Second[place].Kernel : -1)
                    .Concat(Hot(pair.First.Width.Options.Length, place < pair.Second.Length ? pair.Second[place].Width : -1)))),
        ];

        static IEnumerable<double> Hot(int options, int chosen) => Enumerable.Range(0, options).Select(option => option == chosen ? 1.0 : 0.0);
    }

    public override void Decide(IChoices choices) => Read(choices);

    /// <summary>The network of layers that are known to be few enough.</summary>
    private protected abstract LayerGraph Build(ImmutableArray<ImmutableArray<EasLayer>> blocks, TaskShape task);

    /// <summary>The network with the layer widened, and all that depends on its width.</summary>
    /// <param name="network">The parent's.</param>
    /// <param name="edit">Which layer.</param>
    /// <param name="child">The child's layers, for their widths.</param>
    /// <param name="random">As for <see cref="Transform"/>.</param>
    /// <param name="exact">As for <see cref="Transform"/>.</param>
    private protected abstract TrainedNetwork Widened(TrainedNetwork network, EasEdit.Wider edit, LayerGraph child, RandomSource random, bool exact);

    /// <summary>The network with a layer put in, whatever its name is, and what depends on it as in <paramref name="child"/>.</summary>
    private protected abstract TrainedNetwork Deepened(TrainedNetwork network, EasEdit.Deeper edit, LayerGraph child, RandomSource random, bool exact, torch.Tensor? images);

    private protected static string BlockName(int block) => $"block{block + 1}";

    /// <summary>What the layers of a block's layer are called by, before a slash.</summary>
    private protected static string LayerName(int block, int layer) => $"{BlockName(block)}/layer{layer + 1}";

    /// <summary>Wider with EAS's noise, or without.</summary>
    private protected static TrainedNetwork Wider(TrainedNetwork network, string layer, int width, RandomSource random, bool exact) =>
        Net2Net.Wider(network, layer, width, random.Split(layer), exact ? 0 : Net2Net.WiderNoise);

    /// <summary>Noise on a new layer, or none.</summary>
    private protected static TrainedNetwork Noisy(TrainedNetwork network, string layer, double noise, RandomSource random, bool exact) =>
        exact ? network : Net2Net.Perturbed(network, layer, 0, noise, random.Split(layer));

    private protected static Choice Numbers(string kind, IEnumerable<int> values) => new(kind, [.. values.Select(value => $"{value}")]);

    private protected ImmutableArray<ImmutableArray<EasLayer>> Read(Genotype genotype) => Read(Replay(genotype.ToDictionary()));

    /// <summary>The texts of published architectures that have only levels of this space.</summary>
    private protected Dictionary<string, string> Known(params (string Name, string Text)[] published) =>
        published.Where(one => Read(one.Text, out _) is not null).ToDictionary(one => one.Name, one => one.Text);

    protected override Dictionary<string, int> ParseDecisions(string text) => Read(text, out var problem) is { } blocks ? Values(blocks) : throw NotAGenotype(problem);

    private ImmutableArray<ImmutableArray<EasLayer>> Read(IChoices choices) =>
        [.. Blocks.Select((block, number) => Enumerable.Range(0, choices.Choose(CountName(number), block.Count) + 1).Select(layer => Read(choices, block, number, layer)).ToImmutableArray())];

    private static EasLayer Read(IChoices choices, EasBlock block, int number, int layer)
    {
        var kernel = block.Kernel is { } sides ? choices.Choose(DecisionName(number, layer, sides), sides) : 0;
        return new(choices.Choose(DecisionName(number, layer, block.Width), block.Width), kernel);
    }

    private Dictionary<string, int> Values(ImmutableArray<ImmutableArray<EasLayer>> blocks)
    {
        var values = new Dictionary<string, int>();
        for (var number = 0; number < blocks.Length; number++)
        {
            var block = Blocks[number];
            values[CountName(number)] = blocks[number].Length - 1;
            for (var layer = 0; layer < blocks[number].Length; layer++)
            {
                values[DecisionName(number, layer, block.Width)] = blocks[number][layer].Width;
                if (block.Kernel is { } sides)
                {
                    values[DecisionName(number, layer, sides)] = blocks[number][layer].Kernel;
                }
            }
        }

        return values;
    }

    private string Format(ImmutableArray<ImmutableArray<EasLayer>> blocks) =>
        Ends.Before + string.Join(BlockSeparator, blocks.Select((layers, number) => string.Join(LayerSeparator, layers.Select(layer => Format(Blocks[number], layer))))) + Ends.After;

    private static string Format(EasBlock block, EasLayer layer)
    {
        var word = $"{block.Word}{block.Width.Options[layer.Width]}";
        return block.Kernel is { } sides ? $"{word}-{sides.Options[layer.Kernel]}" : word;
    }

    /// <summary>The layers that a text tells; null with the reason where it tells none of this space.</summary>
    private ImmutableArray<ImmutableArray<EasLayer>>? Read(string text, out string problem)
    {
        problem = "";
        if (text.Length < Ends.Before.Length + Ends.After.Length || !text.StartsWith(Ends.Before, StringComparison.Ordinal) || !text.EndsWith(Ends.After, StringComparison.Ordinal))
        {
            problem = $"'{text}' does not begin with '{Ends.Before}' and end with '{Ends.After}'";
            return null;
        }

        var texts = text[Ends.Before.Length..^Ends.After.Length].Split(BlockSeparator);
        if (texts.Length != Blocks.Length)
        {
            problem = $"it has {texts.Length} blocks with '{BlockSeparator}' between, not {Blocks.Length}";
            return null;
        }

        var blocks = ImmutableArray.CreateBuilder<ImmutableArray<EasLayer>>();
        for (var number = 0; number < texts.Length; number++)
        {
            var words = texts[number].Split(LayerSeparator);
            if (words.Length > Blocks[number].MostLayers)
            {
                problem = $"block {number + 1} has {words.Length} layers, and {Blocks[number].MostLayers} are the most";
                return null;
            }

            var layers = words.Select(word => Read(Blocks[number], word)).ToList();
            if (layers.IndexOf(null) is var wrong and >= 0)
            {
                problem = $"layer {wrong + 1} of block {number + 1} is '{words[wrong]}', not {Describe(Blocks[number])}";
                return null;
            }

            blocks.Add([.. layers.OfType<EasLayer>()]);
        }

        return blocks.ToImmutable();

        static string Describe(EasBlock block) =>
            $"'{block.Word}' with one of {string.Join(", ", block.Width.Options)}{(block.Kernel is { } sides ? $", '-' and one of {string.Join(", ", sides.Options)}" : "")}";
    }

    private static EasLayer? Read(EasBlock block, string word)
    {
        if (!word.StartsWith(block.Word, StringComparison.Ordinal))
        {
            return null;
        }

        var (width, kernel) = (word[block.Word.Length..].Split('-'), block.Kernel) switch
        {
            ([var one], null) => (block.Width.Options.IndexOf(one), 0),
            ([var one, var side], { } sides) => (block.Width.Options.IndexOf(one), sides.Options.IndexOf(side)),
            _ => (-1, -1),
        };
        return width >= 0 && kernel >= 0 ? new(width, kernel) : null;
    }

    // What comes of putting missing layers in, in an order in which each keeps the architecture in the space; null where there is none.
    private List<Genotype>? PutIn(Genotype genotype, ImmutableArray<ImmutableArray<EasLayer>> to, List<(int Block, int Place)> missing)
    {
        if (missing.Count == 0)
        {
            return [];
        }

        var edits = Edits(genotype).ToHashSet();
        foreach (var (block, place) in missing)
        {
            var before = place - missing.Count(other => other.Block == block && other.Place < place);
            var edit = new EasEdit.Deeper(block, before - 1, to[block][place].Kernel);
            if (edits.Contains(edit) && PutIn(Apply(genotype, edit), to, [.. missing.Where(other => other != (block, place))]) is { } rest)
            {
                return [Apply(genotype, edit), .. rest];
            }
        }

        return null;
    }

    // Which of the layers afterwards are those before, the others being as wide as the one that they follow; null where that cannot be.
    private static List<int>? Kept(ImmutableArray<EasLayer> from, ImmutableArray<EasLayer> to, int layer, int place)
    {
        if (place == to.Length)
        {
            return layer == from.Length ? [] : null;
        }

        if (layer < from.Length && from[layer].Kernel == to[place].Kernel && from[layer].Width <= to[place].Width && Kept(from, to, layer + 1, place + 1) is { } rest)
        {
            return [place, .. rest];
        }

        return place > 0 && to[place].Width == to[place - 1].Width ? Kept(from, to, layer, place + 1) : null;
    }

    private string WhyNot(ImmutableArray<ImmutableArray<EasLayer>> parent, ImmutableArray<ImmutableArray<EasLayer>> child)
    {
        var changed = Enumerable.Range(0, parent.Length).Where(block => !parent[block].SequenceEqual(child[block])).ToList();
        if (changed is not [var only])
        {
            return changed.Count == 0 ? "they are the same" : $"blocks {string.Join(" and ", changed.Select(block => block + 1))} differ";
        }

        var (before, after) = (parent[only], child[only]);
        if (after.Length < before.Length)
        {
            return $"block {only + 1} has fewer layers";
        }

        if (after.Length > before.Length + 1)
        {
            return $"block {only + 1} has {after.Length - before.Length} more layers, and an edit puts in one";
        }

        if (after.Length > before.Length)
        {
            return WhyNotIn(only, before, after);
        }

        var layers = Enumerable.Range(0, before.Length).Where(layer => before[layer] != after[layer]).ToList();
        return layers is not [var one] ? $"layers {string.Join(" and ", layers.Select(layer => layer + 1))} of block {only + 1} differ"
            : before[one].Kernel != after[one].Kernel ? $"layer {one + 1} of block {only + 1} has another kernel"
            : after[one].Width < before[one].Width ? $"layer {one + 1} of block {only + 1} is narrower"
            : $"layer {one + 1} of block {only + 1} is wider by more than one level";
    }

    /// <summary>Why a layer more in a block cannot be put in.</summary>
    private protected virtual string WhyNotIn(int block, ImmutableArray<EasLayer> before, ImmutableArray<EasLayer> after) =>
        $"the new layer of block {block + 1} does not follow one of its width with all others as they were";

    private int Steps(ImmutableArray<ImmutableArray<EasLayer>> blocks) => blocks.Sum(layers => layers.Length) + Poolings;

    /// <summary>Poolings and transitions in a text.</summary>
    private protected abstract int Poolings { get; }

    private static string CountName(int block) => $"{BlockName(block)}/layers";

    private static string DecisionName(int block, int layer, Choice choice) => $"{LayerName(block, layer)}/{choice.Kind}";
}
