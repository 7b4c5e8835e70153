using System.CommandLine;
using System.Globalization;
using NasPlatform.Search;
using NasPlatform.Search.Datasets;
using NasPlatform.Search.Experiments;
using NasPlatform.Search.Export.Onnx;
using NasPlatform.Search.Networks;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Training;
using NasPlatform.Torch;
using NasPlatform.Web.Commands.Searching;

namespace NasPlatform.Web.Commands;

/// <summary><c>nas search</c>: from a dataset to a trained and exported model.</summary>
internal static class SearchCommand
{
    public static Command Create(Terminal terminal)
    {
        var options = new SearchOptions();
        var output = Options.Text("--out", "folder", "The run's folder (default runs/<date-time>)");
        var resume = Options.Flag("--resume", "Go on with the experiment in --out; only --trials and --minutes may grow");
        var json = Options.Json();
        var command = new DocumentedCommand("search", "Searches for a network, trains the winner in full, tests it once and exports it", $"""
            On a terminal the search is shown live; in a pipe, a line tells of each trial;
            with --json, every event is a JSON object on a line. Ctrl-C stops cleanly and
            keeps what was found; --resume goes on from there. A second one ends at once.

            Examples:
              nas search --dataset fashion-mnist --minutes 20
              nas search --dataset digits --no-flip --trials 20 --seed 1 --out runs/first
              nas search --dataset photos --space nasbench201 --set cells=1 \
                --strategy evolution --trials 50 --epochs 2 --final-epochs 30
              nas search --resume --out runs/first --trials 40

            {ExitCode.Notes}
            """);
        options.AddTo(command);
        command.Options.Add(output);
        command.Options.Add(resume);
        command.Options.Add(json);
        command.Validators.Add(result =>
        {
            if (result.GetValue(resume) ? result.GetValue(output) is null : result.GetValue(options.Dataset) is null)
            {
                result.AddError(result.GetValue(resume)
                    ? "--resume goes on with the experiment in a folder; name it with --out."
                    : "Give the dataset with --dataset; nas dataset list shows what there is.");
            }
        });
        command.SetAction(async (parsed, cancellation) =>
        {
            var isResumed = parsed.GetValue(resume);
            var path = terminal.FullPath(parsed.GetValue(output) ?? DefaultFolder(terminal));
            var name = isResumed ? ExperimentFolder.ReadSpec(path).Dataset : parsed.GetRequiredValue(options.Dataset)!; // not null: validated
            using var dataset = DataFolder.Open(name, terminal, cancellation);
            using var folder = isResumed
                ? ExperimentFolder.Resume(path, stored => options.Resumed(parsed, stored, dataset))
                : Begin(path, options.New(parsed, dataset, Environment.ProcessorCount), dataset.Task);
            foreach (var advice in Advice(folder.Spec))
            {
                terminal.Complain(advice);
            }

            return await RunAsync(folder, dataset, terminal, parsed.GetValue(json), cancellation);
        });
        return command;
    }

    private static IEnumerable<string> Advice(ExperimentSpec spec)
    {
        foreach (var advice in RuntimeFacts.Read().Advice)
        {
            yield return advice;
        }

        if (spec.Training.Precision != spec.Training.On(new(spec.Device)).Precision)
        {
            yield return $"bfloat16 is not faster on {spec.Device} here; everything is computed in float32.";
        }

        if (spec.Threads > Environment.ProcessorCount)
        {
            yield return $"{Figures.Many(spec.Threads, "thread")} are more than the {Figures.Many(Environment.ProcessorCount, "core")} here; fewer are faster.";
        }
    }

    private static ExperimentFolder Begin(string path, ExperimentSpec spec, TaskKind task)
    {
        // Before anything is on disk.
        spec.Validate();
        spec.CreateSpace().Demand(task);
        return ExperimentFolder.Create(path, spec);
    }

    private static async Task<int> RunAsync(ExperimentFolder folder, Dataset dataset, Terminal terminal, bool json, CancellationToken cancellation)
    {
        var shown = terminal.Shown(folder.Path);
        await using var recorder = SearchRecorder.Start(DataFolder.Settings(terminal), folder, terminal);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation, recorder.Stop);
        try
        {
            ExperimentResult result;
            if (json)
            {
                result = await RunAsync(new JsonEvents(terminal));
            }
            else if (terminal.IsLive)
            {
                var finalExamples = dataset.Indices(Split.Train).Length + dataset.Indices(Split.Validation).Length;
                await using var display = new LiveDisplay(terminal, SearchView.Of(folder.Spec, finalExamples, folder.Trials.Values, dataset.Task), stop.Token);
                result = await RunAsync(display);
            }
            else
            {
                terminal.Output.WriteLine($"run: {shown}");
                result = await RunAsync(new PlainLines(terminal.Output, dataset.Task));
            }

            if (!json)
            {
                foreach (var line in SearchSummary.Lines(folder.Spec, result, shown, dataset.Task))
                {
                    terminal.Output.WriteLine(line);
                }
            }

            return ExitCode.Done;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            recorder.Stopped();
            var ended = folder.Trials.Values.Count(trial => trial.Evaluation is not null);
            terminal.Complain($"Stopped{(cancellation.IsCancellationRequested ? "" : " from the browser or by nas experiment")}; {Figures.Many(ended, "trial")} {(ended == 1 ? "is" : "are")} kept in {shown}.");
            terminal.Complain($"To go on: nas search --resume --out {SearchSummary.Quoted(shown)}");
            return ExitCode.Interrupted;
        }
        catch (DivergedException error)
        {
            recorder.Failed($"The final training failed. {error.Message}");
            throw new NothingCompletedException($"The final training failed. {error.Message} The trials are kept in {shown}.");
        }
        catch (Exception error)
        {
            recorder.Failed(error.Message);
            throw;
        }

        Task<ExperimentResult> RunAsync(IProgress<ExperimentEvent> display)
        {
            var parity = new ParityCheck(DataFolder.Settings(terminal).ModulesFolder, terminal.Time);
            var runner = new ExperimentRunner(folder, dataset, parity, new Both(display, recorder), terminal.Time);
            recorder.Follow(runner);
            return runner.RunAsync(stop.Token);
        }
    }

    private sealed class Both(IProgress<ExperimentEvent> first, IProgress<ExperimentEvent> second) : IProgress<ExperimentEvent>
    {
        public void Report(ExperimentEvent value)
        {
            first.Report(value);
            second.Report(value);
        }
    }

    private static string DefaultFolder(Terminal terminal) =>
        Path.Join("runs", terminal.Time.GetLocalNow().ToString("yyyy-MM-dd-HHmmss", CultureInfo.InvariantCulture));
}
