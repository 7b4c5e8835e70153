using NasPlatform.Search.Networks;

namespace NasPlatform.Search.Spaces.NasBenchGraph;

/// <summary>
/// The space of NAS-Bench-Graph (Qin et al. 2022, arXiv 2206.09166): four nodes, each with an operation on one earlier node or the raw input, in one of nine patterns of links; nodes that no
/// other reads go to the output. The platform does not train graph neural networks: these architectures are known by the benchmark's tables.
/// </summary>
public sealed class NasBenchGraphSpace : SearchSpace
{
    private const int Nodes = 4;
    private const string Skip = "skip";

    /// <summary>Which earlier node each node reads, 0 for the raw input; in the order of the benchmark's hash.</summary>
    public static readonly Choice Links = new("links", ["0000", "0001", "0011", "0012", "0013", "0111", "0112", "0122", "0123"]);

    /// <summary>The operations in the order of the benchmark's hash.</summary>
    public static readonly Choice Operation = new("operation", ["gat", "gcn", "gin", "cheb", "sage", "arma", "graph", "fc", Skip]);

    public NasBenchGraphSpace(Settings settings)
    {
        settings.RefuseUnknown();
        Settings = settings.Effective;
    }

    public override string Name => "nasbenchgraph";

    public override string Summary => "Four graph operations in one of nine patterns (Qin et al. 2022); for tables only";

    public override IReadOnlyDictionary<string, string> Settings { get; }

    /// <summary>None: see the class.</summary>
    public override IReadOnlyList<TaskKind> Tasks => [];

    public override string TextForm =>
        $"what the four nodes read ({string.Join(", ", Links.Options)}), then their operations with '-' between ({string.Join(", ", Operation.Options)}), such as '0122 fc-gat-gcn-graph'";

    /// <exception cref="UserErrorException">Always: see the class.</exception>
    public override LayerGraph Build(IChoices choices, TaskShape task) =>
        throw new UserErrorException($"Space '{Name}' is of graph neural networks, which are not trained here; what its architectures are worth is in the tables of NAS-Bench-Graph (nas benchmark).");

    /// <summary>All but the skips that lead from the input to the output with nothing between.</summary>
    public override bool IsValid(Genotype genotype) => genotype.Decisions.Any(decision => decision.Choice == Operation && decision.Option != Skip);

    public override string Format(Genotype genotype) =>
        $"{genotype.Decisions[0].Option} {string.Join('-', genotype.Decisions.Skip(1).Select(decision => decision.Option))}";

    /// <summary>The key of the canonical form by which the benchmark has 26,206 different architectures.</summary>
    public override ArchitectureKey Key(Genotype genotype) => ArchitectureKey.OfText($"{Name} {CanonicalForm(genotype)}");

    /// <summary>
    /// The number of skips that stand for nothing, then the tree of what reads what, siblings sorted. A skip stands for nothing if it is read, if it is its node's only reader, or if it passes on
    /// the raw input; the benchmark writes those first.
    /// </summary>
    public static string CanonicalForm(Genotype genotype)
    {
        var operations = genotype.Decisions.Skip(1).Select(decision => decision.Option).ToArray();
        var links = genotype.Decisions[0].Option.Select(digit => digit - '0').ToArray();
        var nodes = Enumerable.Range(1, Nodes).ToList();
        while (nodes.Find(StandsForNothing) is var node and > 0)
        {
            foreach (var reader in nodes.Where(reader => links[reader - 1] == node))
            {
                links[reader - 1] = links[node - 1];
            }

            nodes.Remove(node);
        }

        return $"{Nodes - nodes.Count}{Tree(0)}";

        bool StandsForNothing(int node) => operations[node - 1] == Skip
            && (links[node - 1] == 0 || nodes.Any(other => links[other - 1] == node) || !nodes.Any(other => other != node && links[other - 1] == links[node - 1]));

        string Tree(int node) =>
            $"({string.Concat(nodes.Where(reader => links[reader - 1] == node).Select(reader => operations[reader - 1] + Tree(reader)).Order(StringComparer.Ordinal))})";
    }

    public override void Decide(IChoices choices)
    {
        choices.Choose("links", Links);
        for (var node = 1; node <= Nodes; node++)
        {
            choices.Choose(OperationName(node), Operation);
        }
    }

    protected override Dictionary<string, int> ParseDecisions(string text)
    {
        if (text.Split(' ', StringSplitOptions.RemoveEmptyEntries) is not [var links, var operations])
        {
            throw NotAGenotype($"'{text}' is not the links and the operations with a blank between");
        }

        var names = operations.Split('-');
        if (names.Length != Nodes)
        {
            throw NotAGenotype($"'{operations}' has {names.Length} operations, not {Nodes}");
        }

        var values = new Dictionary<string, int> { ["links"] = Place(Links, links) };
        foreach (var (place, name) in names.Index())
        {
            values[OperationName(place + 1)] = Place(Operation, name);
        }

        return values;

        int Place(Choice choice, string option) => choice.Options.IndexOf(option) is var place and >= 0
            ? place
            : throw NotAGenotype($"'{option}' is none of its {choice.Kind} ({string.Join(", ", choice.Options)})");
    }

    private static string OperationName(int node) => $"node{node}/operation";
}
