using NasPlatform.Search.Networks;

namespace NasPlatform.Web.Commands;

/// <summary>A training plan for people and programs: <c>nas inspect --plan</c>.</summary>
internal static class PlanTable
{
    public static void Write(Plan plan, bool json, Terminal terminal)
    {
        var pass = plan.Training;
        if (json)
        {
            foreach (var step in pass.Steps)
            {
                terminal.WriteJson(new
                {
                    step.Result.Name,
                    Does = Does(step),
                    Layers = step.Layers.Select(layer => layer.Name),
                    Reads = step.Reads.Select(layer => layer.Name),
                    Shape = step.Result.Shape.Dimensions,
                });
            }

            return;
        }

        var table = Tables.New(["step", "does", "layers", "reads", "output"], numbers: [2]);
        foreach (var step in pass.Steps)
        {
            table.Row(step.Result.Name, Does(step), Figures.Exact(step.Layers.Length), string.Join(", ", step.Reads.Select(layer => layer.Name)), $"{step.Result.Shape}");
        }

        terminal.Show(table);
        terminal.Say($"{Figures.Many(plan.Graph.Layers.Length - 1, "layer")} in {Figures.Many(pass.Steps.Length, "step")}, images with the channels {(plan.IsChannelsLast ? "last" : "first")}.");
        Tell("changes nothing and is left out", "change nothing and are left out", pass.LeftOut);
        Tell("gives what an earlier one gives, and is not done again", "give what earlier ones give, and are not done again", pass.Repeated);

        void Tell(string one, string many, IReadOnlyList<Layer> layers)
        {
            if (layers.Count > 0)
            {
                terminal.Say($"{Figures.Many(layers.Count, "layer")} {(layers.Count == 1 ? one : many)}: {string.Join(", ", layers.Take(5).Select(layer => layer.Name))}{(layers.Count > 5 ? ", ..." : "")}.");
            }
        }
    }

    private static string Does(PlanStep step)
    {
        if (step.Reduction is not null)
        {
            return "factorized_reduction";
        }

        if (step.Sum is not { } sum)
        {
            return OpText.Of(step.Result.Op) + (step.MayOverwrite ? ", in place" : "");
        }

        var norms = sum.Terms.Count(term => term.Norm is not null);
        var rows = sum.Terms.Select(term => term.Share?.Alphas).OfType<string>().Distinct().Count();
        string[] parts =
        [
            norms == 0 ? "" : norms == 1 ? "batch_norm" : $"{norms} batch_norms",
            rows == 0 ? "" : rows == 1 ? "mix" : $"{rows} mixes",
            rows == 1 || sum.Terms.Length == 1 ? "" : "add",
            sum.Relu ? "relu" : "",
        ];
        return string.Join(" + ", parts.Where(part => part.Length > 0));
    }
}
