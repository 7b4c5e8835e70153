using System.Globalization;
using NasPlatform.LoadBenchmarks;

// What the platform bears. The server is a process of its own; what it uses is read from the system.
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
switch (args)
{
    case ["server", var data, var url]:
        await MeasuredServer.ServeAsync(data, url);
        return 0;
    case ["hub", .. var rest]:
        await HubCase.RunAsync(rest is [var subscribers, ..] ? int.Parse(subscribers, CultureInfo.InvariantCulture) : 500);
        return 0;
    case ["lists", .. var rest]:
        await ListCase.RunAsync(rest is [var trials, ..] ? int.Parse(trials, CultureInfo.InvariantCulture) : 10_000);
        return 0;
    case ["upload", .. var rest]:
        await UploadCase.RunAsync(rest is [var mebibytes, ..] ? long.Parse(mebibytes, CultureInfo.InvariantCulture) << 20 : 2L << 30);
        return 0;
    default:
        Console.Error.WriteLine("hub [subscribers] | lists [trials] | upload [MiB]");
        return 2;
}
