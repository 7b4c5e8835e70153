using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Npgsql;

[assembly: AssemblyFixture(typeof(NasPlatform.Tests.Support.PostgresServer))]

namespace NasPlatform.Tests.Support;

/// <summary>
/// A PostgreSQL server of the tests' own, in a temporary folder and on a free port, started when the first test asks for it and gone after the last. Tests that need
/// it skip where there is none on the machine.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private const string Account = "postgres";

    private static readonly string? Binaries = Find();

    private readonly SemaphoreSlim _starting = new(1, 1);
    private string? _folder;
    private int _port;
    private int _databases;

    /// <summary>The one of this run.</summary>
    public static async Task<PostgresServer> RequireAsync()
    {
        Assert.SkipWhen(Binaries is null, "needs PostgreSQL (apt-get install postgresql)");
        Assert.SkipUnless(Environment.UserName != "root" || ExternalTool.Succeeds("id", Account), $"needs the account {Account}, since PostgreSQL does not run as root");
        var server = await TestContext.Current.GetFixture<PostgresServer>() ?? throw new InvalidOperationException("The assembly has no PostgresServer.");
        await server._starting.WaitAsync();
        try
        {
            if (server._folder is null)
            {
                server.Create();
            }
        }
        finally
        {
            server._starting.Release();
        }

        return server;
    }

    /// <summary>A server that one test may stop and start.</summary>
    public static async Task<PostgresServer> RequireOwnAsync()
    {
        await RequireAsync();
        var server = new PostgresServer();
        server.Create();
        return server;
    }

    /// <summary>Makes an empty database.</summary>
    /// <returns>Its connection string.</returns>
    public async Task<string> CreateDatabaseAsync()
    {
        var name = $"nas{Interlocked.Increment(ref _databases)}";
        await using var connection = new NpgsqlConnection(Connection("postgres"));
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand($"CREATE DATABASE {name}", connection);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        return Connection(name);
    }

    public void Start() => Control("start", "-o", $"\"-p {_port} -k {_folder} -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=200\"", "-l", $"{_folder}/log");

    /// <summary>Stops it at once; who is connected is thrown out.</summary>
    public void Stop() => Control("stop", "-m", "immediate");

    public ValueTask DisposeAsync()
    {
        if (_folder is { } folder)
        {
            if (File.Exists($"{folder}/data/postmaster.pid"))
            {
                Stop();
            }

            Directory.Delete(folder, recursive: true);
        }

        _starting.Dispose();
        return ValueTask.CompletedTask;
    }

    private static string? Find() =>
        !Directory.Exists("/usr/lib/postgresql")
            ? null
            : Directory.GetDirectories("/usr/lib/postgresql").Select(version => Path.Join(version, "bin")).LastOrDefault(bin => File.Exists(Path.Join(bin, "initdb")));

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private void Create()
    {
        _folder = Directory.CreateTempSubdirectory("nas-pg-").FullName;
        _port = FreePort();
        if (Environment.UserName == "root")
        {
            ExternalTool.Run("chown", Account, _folder);
        }

        Run($"{Binaries}/initdb -D {_folder}/data -U {Account} -A trust -E UTF8 --no-sync");
        Start();
    }

    private void Control(params string[] arguments) => Run($"{Binaries}/pg_ctl -D {_folder}/data -w -t 60 {string.Join(' ', arguments)}");

    private void Run(string line)
    {
        // With its output in a file: the server that it starts would keep a pipe open.
        line = $"{line} >>{_folder}/control 2>&1";
        var start = Environment.UserName == "root" ? new ProcessStartInfo("su", [Account, "-s", "/bin/sh", "-c", line]) : new ProcessStartInfo("/bin/sh", ["-c", line]);
        start.WorkingDirectory = _folder!; // not null: made first
        using var process = Process.Start(start)!; // not null: without a shell a process is always started
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{line} ended with {process.ExitCode}: {File.ReadAllText($"{_folder}/control")}");
    }

    private string Connection(string database) => $"Host=127.0.0.1;Port={_port};Username={Account};Database={database};Include Error Detail=true";
}
