using System.Numerics;
using NasPlatform.Search.Networks;

namespace NasPlatform.Search.Spaces;

/// <summary>
/// The set of architectures that can be proposed, written once as a function from choices to a layer graph. Sampling, counting,
/// enumerating, mutating and storing come from the decisions, for every space alike.
/// </summary>
public abstract class SearchSpace
{
    /// <summary>The name in <see cref="SearchSpaceCatalog"/>.</summary>
    public abstract string Name { get; }

    /// <summary>One line for people: what is searched and where it was published.</summary>
    public abstract string Summary { get; }

    /// <summary>Settings as <c>name=value</c>, all of them: with the name they make the space again.</summary>
    public abstract IReadOnlyDictionary<string, string> Settings { get; }

    /// <summary>The form of a text, for messages and help.</summary>
    public abstract string TextForm { get; }

    /// <summary>What its networks can learn.</summary>
    public virtual IReadOnlyList<TaskKind> Tasks => [TaskKind.ImageClassification];

    /// <summary>The task for which its paper prints sizes; used where an architecture is looked at and no dataset is named.</summary>
    public virtual TaskShape Typical => TaskShape.Cifar10;

    /// <summary>Settings that make something known: the paper's search network, its final one, small ones for two cores.</summary>
    public virtual IReadOnlyList<SpacePreset> Presets => [];

    /// <summary>Published architectures by name, as texts that <see cref="Parse"/> reads.</summary>
    public virtual IReadOnlyDictionary<string, string> Published => new Dictionary<string, string>();

    /// <summary>The size that the paper prints, with its formula, where that is not <see cref="Size"/>; null where it is, or none is printed.</summary>
    public virtual string? PrintedSize => null;

    /// <summary>
    /// The space whose network is trained in full with the decisions that were found in this one: larger, with drop path, as the paper has it. This space itself where the paper makes
    /// no difference.
    /// </summary>
    public virtual SearchSpace Final => this;

    /// <summary>The layer graph that the answers denote.</summary>
    /// <exception cref="InvalidArchitectureException">It does not fit the task's images; the message names the layer.</exception>
    public abstract LayerGraph Build(IChoices choices, TaskShape task);

    /// <summary>The text form; <see cref="Parse"/> reads it back.</summary>
    public abstract string Format(Genotype genotype);

    /// <exception cref="UserErrorException">The text is not a genotype of this space; the message says where and shows the form.</exception>
    public Genotype Parse(string text)
    {
        var values = ParseDecisions(text.Trim());
        return FromValues(values);
    }

    /// <summary>The published architecture of that name, else the genotype that the text is.</summary>
    /// <exception cref="UserErrorException">As for <see cref="Parse"/>.</exception>
    public Genotype Find(string nameOrText) => Parse(Published.GetValueOrDefault(nameOrText.Trim(), nameOrText));

    /// <summary>The genotype of recorded decisions, by name.</summary>
    /// <exception cref="UserErrorException">A decision is missing, unknown or out of range.</exception>
    public Genotype FromValues(IReadOnlyDictionary<string, int> values)
    {
        var answerer = new ReplayAnswerer(values, (name, choice) => throw NotAGenotype(values.TryGetValue(name, out var value)
            ? $"'{name}' has {choice.Options.Length} options ({string.Join(", ", choice.Options)}), so {value} is out of range"
            : $"nothing is decided for '{name}'"));
        var genotype = Holding(values).Walk(answerer);
        if (genotype.Decisions.Length < values.Count)
        {
            var known = genotype.ToDictionary();
            throw NotAGenotype($"the space does not ask for '{values.Keys.First(name => !known.ContainsKey(name))}'");
        }

        return genotype;
    }

    /// <summary>The space as it is when the n-th architecture is proposed, 1-based: one may grow while it is searched. Genotypes of any time can be read, built and shown by the space itself.</summary>
    public virtual SearchSpace At(int proposal) => this;

    /// <summary>The space as it was when these decisions were made, by the names of their places.</summary>
    public virtual SearchSpace Holding(IReadOnlyDictionary<string, int> values) => this;

    /// <summary>Whether an encoding denotes a network at all. Where some do not, the class tells the rule, and <see cref="Build(Genotype, TaskShape)"/> the reason.</summary>
    public virtual bool IsValid(Genotype genotype) => true;

    /// <summary>Every decision uniform and independent, all drawn again until they are valid: a uniform draw of valid encodings, not of distinct networks.</summary>
    public virtual Genotype Sample(RandomSource random)
    {
        while (true)
        {
            var drawn = Walk(new UniformAnswerer(random));
            if (IsValid(drawn))
            {
                return drawn;
            }
        }
    }

    /// <summary>
    /// One decision, chosen uniformly, is changed to another of its options, chosen uniformly. What it makes newly necessary is drawn
    /// uniformly. Both are drawn again until the child is valid.
    /// </summary>
    public virtual Genotype Mutate(Genotype parent, RandomSource random)
    {
        var open = parent.Decisions.Where(decision => decision.Choice.Options.Length > 1).ToList();
        if (open.Count == 0)
        {
            return parent;
        }

        while (true)
        {
            var changed = open[random.Next(open.Count)];
            var other = random.Next(changed.Choice.Options.Length - 1);
            var values = parent.ToDictionary();
            values[changed.Name] = other < changed.Value ? other : other + 1;
            var child = Walk(new ReplayAnswerer(values, (_, choice) => random.Next(choice.Options.Length)));
            if (IsValid(child))
            {
                return child;
            }
        }
    }

    /// <summary>
    /// A uniform crossover: each decision is that of one parent or the other, with equal chance; what neither decides is drawn uniformly. Where chance does not make a valid child in a hundred draws,
    /// it is the first parent.
    /// </summary>
    public virtual Genotype Cross(Genotype first, Genotype second, RandomSource random)
    {
        var (one, other) = (first.ToDictionary(), second.ToDictionary());
        for (var draw = 0; draw < 100; draw++)
        {
            var values = new Dictionary<string, int>();
            foreach (var name in one.Keys.Union(other.Keys))
            {
                var (likely, unlikely) = random.Next(2) == 0 ? (one, other) : (other, one);
                values[name] = likely.TryGetValue(name, out var value) ? value : unlikely[name];
            }

            var child = Walk(new ReplayAnswerer(values, (_, choice) => random.Next(choice.Options.Length)));
            if (IsValid(child))
            {
                return child;
            }
        }

        return first;
    }

    /// <summary>All valid genotypes that differ in one decision; decisions that become newly necessary take their first option.</summary>
    public IEnumerable<Genotype> Neighbours(Genotype genotype)
    {
        foreach (var decision in genotype.Decisions)
        {
            for (var value = 0; value < decision.Choice.Options.Length; value++)
            {
                if (value != decision.Value)
                {
                    var values = genotype.ToDictionary();
                    values[decision.Name] = value;
                    var neighbour = Walk(new ReplayAnswerer(values, (_, _) => 0));
                    if (IsValid(neighbour))
                    {
                        yield return neighbour;
                    }
                }
            }
        }
    }

    /// <summary>Every genotype once, the last decision moving fastest. Look at <see cref="Size"/> first.</summary>
    /// <param name="points">How many options of each decision are gone through, evenly spaced: a coarse grid.</param>
    public IEnumerable<Genotype> Enumerate(int points = int.MaxValue)
    {
        var odometer = new Odometer(points);
        do
        {
            yield return Walk(odometer.Walk());
        }
        while (odometer.Advance());
    }

    /// <summary>
    /// One genotype of each different network, by a way that does not look at every genotype; null where the space knows none, so that only <see cref="Enumerate"/> and
    /// <see cref="Key"/> tell.
    /// </summary>
    public virtual IEnumerable<Genotype>? EnumerateDistinct() => null;

    /// <summary>How many genotypes there are, valid or not: the product over the decisions, when no decision depends on another's value.</summary>
    public virtual BigInteger Size
    {
        get
        {
            var size = BigInteger.One;
            foreach (var decision in Walk(new Odometer().Walk()).Decisions)
            {
                size *= decision.Choice.Options.Length;
            }

            return size;
        }
    }

    /// <summary>The layer graph of a genotype.</summary>
    /// <exception cref="UserErrorException">The space makes no networks for such a task.</exception>
    /// <exception cref="InvalidArchitectureException">The network does not fit it; the message names the layer.</exception>
    public LayerGraph Build(Genotype genotype, TaskShape task)
    {
        Demand(task.Kind);
        var values = genotype.ToDictionary();
        return Holding(values).Build(Replay(values), task);
    }

    /// <exception cref="UserErrorException">The space makes no networks for such a task.</exception>
    public virtual void Demand(TaskKind task)
    {
        if (!Tasks.Contains(task))
        {
            throw new UserErrorException(Tasks.Count == 0
                ? $"Space '{Name}' makes no networks that can be trained; take one that does: {string.Join(", ", SearchSpaceCatalog.For(task))}."
                : $"Space '{Name}' makes networks for {string.Join(", ", Tasks.Select(kind => kind.Words))}, not for {task.Words}; "
                + $"take one that does: {string.Join(", ", SearchSpaceCatalog.For(task))}.");
        }
    }

    /// <summary>
    /// The network in which every choice keeps all its branches, mixed by architecture parameters (<see cref="Op.Mix"/>), for searches by gradient: the space's supernet. Its mixtures' rows are
    /// <see cref="LayerGraph.Alphas"/>; <see cref="Discretise"/> reads a genotype off them. Null where the space, at these settings, has none.
    /// </summary>
    /// <exception cref="UserErrorException">The space makes no networks for such a task.</exception>
    /// <exception cref="InvalidArchitectureException">It does not fit it; the message names the layer.</exception>
    public LayerGraph? Relaxed(TaskShape task)
    {
        Demand(task.Kind);
        return Relax(task);
    }

    /// <summary>Whether all networks of the space, at its settings, may share weights by name: under one name each has the same primitive, of the same shape.</summary>
    public virtual bool SharesByName => false;

    /// <summary>What a row of architecture parameters of <see cref="Relaxed"/> weighs, in the order of its numbers.</summary>
    /// <exception cref="NotSupportedException">The space has no relaxed network.</exception>
    public virtual IReadOnlyList<string> MixtureOf(string row) => throw new NotSupportedException($"Space '{Name}' has no relaxed network.");

    /// <summary>The genotype that architecture parameters of <see cref="Relaxed"/> stand for.</summary>
    /// <param name="alphas">Each row by its name, before the softmax.</param>
    /// <exception cref="ArgumentException">A row is missing or has another length.</exception>
    /// <exception cref="NotSupportedException">The space has no relaxed network.</exception>
    public virtual Genotype Discretise(IReadOnlyDictionary<string, double[]> alphas) => throw new NotSupportedException($"Space '{Name}' has no relaxed network.");

    /// <summary>A genotype as numbers for a predictor: each decision as one number an option, 1 for the chosen one. Spaces whose paper states an encoding use that.</summary>
    public virtual double[] Encode(Genotype genotype) =>
        [.. genotype.Decisions.SelectMany(decision => Enumerable.Range(0, decision.Choice.Options.Length).Select(option => option == decision.Value ? 1.0 : 0.0))];

    /// <summary>The identity of the computation. Spaces whose paper states a canonical form use that.</summary>
    public virtual ArchitectureKey Key(Genotype genotype) => ArchitectureKey.Of(Build(genotype, Typical));

    /// <summary>The parts of an architecture that its decisions make, as the paper draws them; none where only the whole network can be shown.</summary>
    public virtual IReadOnlyList<Sketch> Sketches(Genotype genotype) => [];

    /// <summary>As for <see cref="Relaxed"/>, for a task that suits.</summary>
    protected virtual LayerGraph? Relax(TaskShape task) => null;

    /// <summary>The named values that a text denotes.</summary>
    protected abstract Dictionary<string, int> ParseDecisions(string text);

    /// <summary>Asks for every decision and builds nothing: as <see cref="Build(IChoices, TaskShape)"/> asks.</summary>
    public abstract void Decide(IChoices choices);

    /// <summary>Gives recorded decisions again, by name; one that is missing is an error.</summary>
    protected ReplayAnswerer Replay(IReadOnlyDictionary<string, int> values) => new(values, (name, _) => throw NotAGenotype($"nothing is decided for '{name}'"));

    /// <summary>An error about a genotype of this space.</summary>
    protected UserErrorException NotAGenotype(string reason) =>
        new($"Not a genotype of space '{Name}': {reason}. The form is {TextForm}");

    /// <summary>A row of architecture parameters.</summary>
    private protected static double[] RowOf(IReadOnlyDictionary<string, double[]> alphas, string name, int options) =>
        alphas.TryGetValue(name, out var row) && row.Length == options
            ? row
            : throw new ArgumentException($"The row '{name}' of architecture parameters must have {options} numbers, and {(row is null ? "is missing" : $"has {row.Length}")}.", nameof(alphas));

    private Genotype Walk(Answerer answerer)
    {
        Decide(answerer);
        return answerer.Recorded;
    }
}
