using NasPlatform.Benchmarks;
using NasPlatform.Benchmarks.Accuracy;
using NasPlatform.Benchmarks.Measuring;
using NasPlatform.Benchmarks.Searches;
using NasPlatform.Search;
using NasPlatform.Search.Spaces;
using NasPlatform.Search.Training;

// The step of each case, or a whole search, by our code and by plain PyTorch; what bfloat16 costs in accuracy; what architectures of the spaces take. See benchmarks/README.md.
try
{
    switch (args)
    {
        case [OwnSide.Command, var name, var folder, var threads, var precision]:
            OwnSide.Serve(name, folder, int.Parse(threads), Enum.Parse<Precision>(precision));
            break;
        case ["spaces", .. var spaces]:
            SpaceTable.Write(spaces.Length > 0 ? spaces : SearchSpaceCatalog.Names);
            break;
        case ["precision", .. var rest]:
            PrecisionBenchmark.Run(PrecisionBenchmarkOptions.Parse(rest));
            break;
        case ["search", .. var rest]:
            SearchBenchmark.Run(SearchBenchmarkOptions.Parse(rest));
            break;
        default:
            StepBenchmark.Run(BenchmarkOptions.Parse(args));
            break;
    }

    return 0;
}
catch (UserErrorException error)
{
    Console.Error.WriteLine(error.Message);
    return 2;
}
